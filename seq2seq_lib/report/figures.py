"""Matplotlib figures over the tidy frame of a study. Each function returns a Figure and shows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure

from seq2seq_lib.batches import pad
from seq2seq_lib.config import Sizes
from seq2seq_lib.records import ROOT
from seq2seq_lib.studies import Study
from seq2seq_lib.variants import VARIANTS, title_of

DPI = 110
METRICS = {
    "train_loss": "training loss (nats a token, coins at 0.5)",
    "valid_loss": "validation loss (nats a token, teacher-forced)",
    "valid_perplexity": "validation perplexity (teacher-forced)",
}
#: One colour a variant in every notebook: joins of the BiLSTM in blues, greens and violet, reversals in warm colours.
COLOURS = {
    "baseline": "#333333",
    "bilstm-concat": "#08519c",
    "bilstm-mean": "#4292c6",
    "bilstm-sum": "#41b6c4",
    "bilstm-linear": "#238b45",
    "bilstm-deep-decoder": "#7a4fb5",
    "reversed": "#d95f02",
    "reversed-tokens": "#e6a817",
    "reversed-batch": "#b2182b",
}
#: Backgrounds that tell the sentences of a small batch apart.
TINTS = ("#cfe3f5", "#fde0c5", "#d5ecd4", "#eadcf3")


def colour_of(name: str) -> str:
    """The variant's colour; one that has none yet gets one by its place in the catalogue."""
    if name in COLOURS:
        return COLOURS[name]
    place = list(VARIANTS).index(name) if name in VARIANTS else len(VARIANTS)
    return plt.get_cmap("tab20").colors[place % 20]


def curves(
    study: Study,
    metric: str = "valid_perplexity",
    variants: Sequence[str] | None = None,
    *,
    log: bool = True,
    axes: plt.Axes | None = None,
) -> Figure:
    """A metric against training steps: the mean over seeds as a line, the range from lowest to highest seed as a band.

    Args:
        study: whose frame is drawn.
        metric: a key of `METRICS`.
        variants: by default all of the study.
        log: whether the vertical axis is logarithmic.
        axes: to draw into; by default a new figure's.

    Raises:
        ValueError: for a metric that no run records.
    """
    if metric not in METRICS:
        raise ValueError(f"The metric is {metric!r}; choose one of {', '.join(METRICS)}.")
    figure, axes = _axes(axes, (7.4, 4.2))
    drawn = study.frame[study.frame["metric"] == metric]
    names = _chosen(study, variants)
    last = {}
    for name in names:
        seeds = drawn[drawn["variant"] == name].groupby("step")["value"].agg(["mean", "min", "max"])
        marker = "o" if len(seeds) < 12 else None
        axes.plot(seeds.index, seeds["mean"], color=colour_of(name), label=title_of(name), marker=marker, ms=4)
        axes.fill_between(seeds.index, seeds["min"], seeds["max"], color=colour_of(name), alpha=0.15, lw=0)
        last[title_of(name)] = seeds["mean"].iloc[-1]
    axes.set(xlabel="training step", ylabel=METRICS[metric])
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    _legend_in_order(axes, last)
    return figure


def loss_and_perplexity(study: Study, variants: Sequence[str] | None = None) -> Figure:
    """Training loss and validation perplexity side by side, as the report's panels."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.2), dpi=DPI, layout="constrained")
    plt.close(figure)
    curves(study, "train_loss", variants, log=False, axes=left)
    curves(study, "valid_perplexity", variants, axes=right)
    left.get_legend().remove()
    return figure


def spread(study: Study, metric: str = "valid_perplexity", variants: Sequence[str] | None = None) -> Figure:
    """Every seed as a dot, one row a variant, with its mean: differences within the dots' width are noise.

    Args:
        study: whose runs are drawn.
        metric: a column of `Study.runs`, such as `valid_perplexity`, `test_perplexity` or `bleu`.
        variants: by default all of the study.
    """
    names = _chosen(study, variants)
    figure, axes = _axes(None, (7.4, 0.42 * len(names) + 1.1))
    runs = study.runs.groupby("variant")[metric]
    for row, name in enumerate(reversed(names)):
        values = runs.get_group(name)
        axes.plot(values, [row] * len(values), "o", color=colour_of(name), alpha=0.55, ms=7, mec="none")
        axes.plot(values.mean(), row, "|", color=colour_of(name), ms=20, mew=2.5)
    if "baseline" in names:
        axes.axvline(runs.get_group("baseline").mean(), color=colour_of("baseline"), lw=0.8, ls=":")
    axes.set_yticks(range(len(names)), [title_of(name) for name in reversed(names)])
    axes.set_xlabel(f"{metric.replace('_', ' ')} at the best epoch (dots: seeds, bars: means)")
    axes.grid(axis="x", alpha=0.25)
    return figure


def reading_orders(pairs: Sequence[tuple[str, str]], variants: Sequence[str]) -> Figure:
    """What each encoder reads at each time step, and which target it is paired with; one colour a sentence.

    The grids are computed by the variants' own reading orders, not drawn by hand.

    Args:
        pairs: up to four (source, target) of a small batch, words separated by spaces.
        variants: whose encoders have a `reading`.
    """
    sources = [source.split() for source, _ in pairs]
    steps = max(map(len, sources)) + 1
    # word w of sentence b has the id steps·b + w + 1, so that an id tells its owner and 0 stays PAD
    columns = [[steps * b + w + 1 for w in range(len(words))] for b, words in enumerate(sources)]
    src, lengths = pad(columns, steps), torch.tensor([len(words) for words in sources])
    figure, panels = plt.subplots(1, len(variants), figsize=(3.3 * len(variants), 0.42 * steps + 1.5), dpi=DPI)
    plt.close(figure)
    for axes, name in zip(panels, variants, strict=True):
        encoder = VARIANTS[name].encoder(steps * (len(pairs) + 1), Sizes(1, 1, 1, 0.0))
        for step, row in enumerate(encoder.reading(src, lengths).tolist()):
            for column, word in enumerate(row):
                owner, place = divmod(word - 1, steps)
                text = sources[owner][place] if word else "PAD"
                _cell(axes, column, step, text, TINTS[owner % 4] if word else "#f4f4f4")
            axes.text(-0.08, step + 0.45, f"{step + 1}", ha="right", va="center", fontsize=8, color="#666666")
        for column, (_, target) in enumerate(pairs):
            _cell(axes, column, steps + 0.6, target.replace(" ", "\n"), TINTS[column % 4], height=1.7)
        axes.text(len(pairs) / 2, steps + 0.3, "has to become", ha="center", va="center", fontsize=8, color="#666666")
        axes.set(xlim=(-0.3, len(pairs)), ylim=(steps + 2.4, 0), title=title_of(name))
        axes.title.set_fontsize(9.5)
        axes.axis("off")
    figure.tight_layout()
    return figure


def _cell(axes: plt.Axes, column: float, step: float, text: str, tint: str, height: float = 0.92) -> None:
    axes.add_patch(plt.Rectangle((column, step), 0.95, height, color=tint, lw=0))
    colour = "#aaaaaa" if text == "PAD" else "black"
    axes.text(column + 0.475, step + height / 2, text, ha="center", va="center", fontsize=8, color=colour)


def save(figure: Figure, name: str, study: Study, folder: Path = ROOT / "figures") -> Figure:
    """Writes `figures/<name>.png` and returns the figure; a smoke run draws too little to be kept."""
    if study.profile.name != "smoke":
        folder.mkdir(exist_ok=True)
        figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})
    return figure


def _axes(axes: plt.Axes | None, size: tuple[float, float]) -> tuple[Figure, plt.Axes]:
    """The given axes, or those of a new figure that pyplot does not show by itself."""
    if axes is not None:
        return axes.figure, axes
    figure, axes = plt.subplots(figsize=size, dpi=DPI, layout="constrained")
    plt.close(figure)
    return figure, axes


def _chosen(study: Study, variants: Sequence[str] | None) -> list[str]:
    """The study's variants, or those of them that are named, in the study's order."""
    return [name for name in study.variants if variants is None or name in variants]


def _legend_in_order(axes: plt.Axes, last: dict[str, float]) -> None:
    """A legend beside the axes, in the order in which the curves end."""
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = sorted(last, key=last.get, reverse=True)
    axes.legend(
        [handles[label] for label in labels], labels, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False,
        fontsize=8,
    )  # fmt: skip
    axes.grid(alpha=0.25, which="both")
