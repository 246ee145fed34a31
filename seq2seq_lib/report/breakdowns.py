"""Figures of what a score hangs on: source length, parameters, learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from seq2seq_lib.experiments import dataframes
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.figures import SCORES, chosen, colour_of, draw_runs, label_of, new_axes, no_formulas, strokes_of
from seq2seq_lib.report.lines import apart, heights_of, log_scale, name_ends


@no_formulas
def by_length(study: Study, variants: Sequence[str] | None = None, metric: str = "perplexity") -> Figure:
    """A test score against source length: mean over seeds, and the range from lowest to highest seed.

    The axis of the perplexity is logarithmic: models near 1 would else lie on each other.

    Args:
        study: whose records hold scores by length.
        variants: by default all of the study.
        metric: `perplexity`, `token_accuracy`, `bleu` or `chrf`.
    """
    scores = dataframes.by_length(study.records)
    lengths = list(dict.fromkeys(scores["length"]))
    figure, axes = new_axes((7.4, 3))
    ends = []
    for name, stroke in strokes_of(chosen(study, variants)).items():
        found = scores[scores["variant"] == name]
        runs = found.pivot_table(index="length", columns="seed", values=metric).reindex(lengths)
        ends.append((draw_runs(axes, name, runs, stroke), runs.mean(axis=1).ffill().iloc[-1]))
    axes.set(xlabel="source tokens with EOS", ylabel=SCORES.get(metric, f"test {metric.replace('_', ' ')}"))
    if metric == "perplexity":
        log_scale(axes, "y")
    name_ends(axes, ends)
    axes.grid(alpha=0.25)
    return figure


@no_formulas
def quality_against_parameters(study: Study, labelled: Sequence[str] | None = None) -> Figure:
    """Test perplexity against the number of parameters, on axes of the logarithm: further down and left is better.

    Every dot has its name, in grey as well: one without would be there for nobody.

    Args:
        study: of any section, or of all.
        labelled: the variants in colour, by default all; the others are grey.
    """
    runs = study.runs.groupby("variant")
    quality = runs["test_perplexity"].agg(["mean", "min", "max"]).sort_values("mean", ascending=False)
    quality["size"] = runs["parameters"].first() / 1e6
    line = 0.175  # inches a name takes, which the figure has room for
    high = max(3.4, line * len(quality) + 0.7)
    figure, axes = new_axes((8.6, high))
    axes.set(xlabel="parameters (millions)", ylabel="test perplexity (teacher-forced)")
    log_scale(axes, "x", "y")
    axes.set_ylim(max(1, quality["min"].min() / 1.12), quality["max"].max() * 1.08)
    places = apart(heights_of(axes, quality["mean"])[::-1], line / (high - 0.65))[::-1]
    for (name, point), place in zip(quality.iterrows(), places, strict=True):
        is_shown = labelled is None or name in labelled
        colour = colour_of(name) if is_shown else "#b5b5b5"
        axes.vlines(point["size"], point["min"], point["max"], color=colour, lw=1.2, alpha=0.6)
        axes.scatter(point["size"], point["mean"], color=colour, s=34, zorder=3 if is_shown else 2)
        axes.annotate(
            f"{point['mean']:.2f}  {title_of(name)}", (point["size"], point["mean"]), (1.06, place),
            textcoords="axes fraction", fontsize=9, va="center", color="black" if is_shown else "#666666",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8, "relpos": (0, 0.5)},
        )  # fmt: skip
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    return figure


@no_formulas
def by_learning_rate(studies: Mapping[float, Study], variants: Sequence[str]) -> Figure:
    """Test perplexity against the learning rate: a line through the runs of the same seeds, and the range of all.

    A rate may have more seeds than others. The line is the mean over those that the variant has at every rate, so that
    no seed's luck looks like a rate's; a bar reaches from the lowest of all seeds to the highest.

    Args:
        studies: learning rate -> study at it, alike in everything else.
        variants: a line each; what one of the studies lacks has no point there.
    """
    runs = pd.concat({rate: study.runs for rate, study in studies.items()}, names=["rate"])
    seeds = runs.pivot_table("test_perplexity", ["variant", "rate"], "seed")
    figure, axes = new_axes((7.4, 2.8))
    ends = []
    for name, stroke in strokes_of(variants).items():
        found = seeds.loc[name]
        line = found.dropna(axis="columns").mean(axis="columns")
        axes.vlines(found.index, found.min(axis="columns"), found.max(axis="columns"), color=colour_of(name), lw=1.2)
        ends.append((axes.plot(line, color=colour_of(name), ms=5, label=label_of(name), **stroke)[0], line.iloc[-1]))
    axes.set(xlabel="learning rate", ylabel="test perplexity")
    log_scale(axes, "x", "y")
    axes.set_xticks(sorted(studies), [f"{rate:g}" for rate in sorted(studies)])
    name_ends(axes, ends)
    axes.grid(alpha=0.25)
    return figure
