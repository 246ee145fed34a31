"""Figures of what a score hangs on: source length, parameters, learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from seq2seq_lib.experiments import dataframes
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.figures import chosen, colour_of, label_of, legend_beside, new_axes, no_formulas, plain_numbers


@no_formulas
def by_length(study: Study, variants: Sequence[str] | None = None, metric: str = "perplexity") -> Figure:
    """A test score against source length: mean over seeds, and the range from lowest to highest seed.

    Args:
        study: whose records hold scores by length.
        variants: by default all of the study.
        metric: `perplexity`, `token_accuracy`, `bleu` or `chrf`.
    """
    scores = dataframes.by_length(study.records)
    lengths = list(dict.fromkeys(scores["length"]))
    figure, axes = new_axes((7.4, 3.8))
    for name in chosen(study, variants):
        seeds = scores[scores["variant"] == name].groupby("length")[metric].agg(["mean", "min", "max"])
        seeds = seeds.reindex(lengths)
        axes.plot(lengths, seeds["mean"], color=colour_of(name), marker="o", ms=4, label=label_of(name))
        axes.fill_between(lengths, seeds["min"], seeds["max"], color=colour_of(name), alpha=0.15, lw=0)
    axes.set(xlabel="source tokens with EOS", ylabel=f"test {metric.replace('_', ' ')}")
    legend_beside(axes, *axes.get_legend_handles_labels())
    axes.grid(alpha=0.25)
    return figure


@no_formulas
def quality_against_parameters(study: Study, labelled: Sequence[str] | None = None) -> Figure:
    """Test perplexity against the number of parameters, on axes of the logarithm: further down and left is better.

    Args:
        study: of any section, or of all.
        labelled: the variants in colour and with their names, by default all; the others are grey.
    """
    runs = study.runs.groupby("variant")
    quality = runs["test_perplexity"].agg(["mean", "min", "max"]).sort_values("mean", ascending=False)
    quality["size"] = runs["parameters"].first() / 1e6
    shown = [name for name in quality.index if labelled is None or name in labelled]
    figure, axes = new_axes((9.4, max(4.4, 0.24 * len(shown) + 1.6)))
    axes.set(xscale="log", yscale="log", xlabel="parameters (millions)", ylabel="test perplexity (teacher-forced)")
    axes.set_ylim(quality["min"].min() / 1.08, quality["max"].max() * 1.08)
    for name, point in quality.iterrows():
        colour = colour_of(name) if name in shown else "#b5b5b5"
        axes.vlines(point["size"], point["min"], point["max"], color=colour, lw=1.2, alpha=0.6)
        axes.scatter(point["size"], point["mean"], color=colour, s=34, zorder=3 if name in shown else 2)
    place = 1 + 1 / len(shown)
    for name in shown:  # each name as high as its point, or as far below the last as a line of text needs
        point, colour = quality.loc[name], colour_of(name)
        height = axes.transAxes.inverted().transform(axes.transData.transform((point["size"], point["mean"])))[1]
        place = min(place - 0.27 / figure.get_figheight(), height)
        axes.annotate(
            f"{point['mean']:.2f}  {title_of(name)}", (point["size"], point["mean"]), (1.06, place),
            textcoords="axes fraction", fontsize=9, va="center",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8, "relpos": (0, 0.5)},
        )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        plain_numbers(axis)
    axes.tick_params(which="both", labelsize=8)
    axes.grid(alpha=0.25, which="both")
    return figure


@no_formulas
def by_learning_rate(studies: Mapping[float, Study], variants: Sequence[str]) -> Figure:
    """Test perplexity against the learning rate: the mean over seeds, and the range from lowest to highest.

    Args:
        studies: learning rate -> study at it, alike in everything else.
        variants: a line each; what one of the studies lacks has no point there.
    """
    runs = pd.concat({rate: study.runs for rate, study in studies.items()}, names=["rate"])
    seeds = runs.groupby(["variant", "rate"])["test_perplexity"].agg(["mean", "min", "max"])
    figure, axes = new_axes((7.4, 3.4))
    for name, marker in zip(variants, cycle("osD^vP"), strict=False):  # a marker each, for colours that look alike
        found = seeds.loc[name]
        ends = found[["min", "max"]].sub(found["mean"], axis=0).abs().to_numpy().T
        axes.errorbar(
            found.index, found["mean"], ends, color=colour_of(name), marker=marker, ms=5, label=label_of(name)
        )
    axes.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="test perplexity")
    axes.set_xticks(sorted(studies), [f"{rate:g}" for rate in sorted(studies)])
    axes.xaxis.set_minor_locator(NullLocator())
    plain_numbers(axes.yaxis)
    legend_beside(axes, *axes.get_legend_handles_labels())
    axes.grid(alpha=0.25)
    return figure
