"""Matplotlib figures over the tidy frame of a study. Each function returns a Figure and shows nothing."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from seq2seq_lib.config import Profile
from seq2seq_lib.experiments.records import ROOT
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variant import Widened
from seq2seq_lib.models.variants import VARIANTS, WITH_ONE_VOCABULARY, title_of

if TYPE_CHECKING:
    import pandas as pd

DPI = 110
METRICS = {
    "train_loss": "training loss (nats a token, coins at 0.5)",
    "valid_loss": "validation loss (nats a token, teacher-forced)",
    "valid_perplexity": "validation perplexity (teacher-forced)",
}
AXES = {"step": "training step", "epoch": "epoch"}
#: Over each function that writes names or words of a corpus: to matplotlib, `$` in them begins no formula.
no_formulas = plt.rc_context({"text.parse_math": False})


def colour_of(name: str) -> str:
    """The variant's colour; one that has none yet gets one by its place in the catalogue, or by its name."""
    known = VARIANTS | WITH_ONE_VOCABULARY
    if name in known and known[name].colour:
        return known[name].colour
    place = list(VARIANTS).index(name) if name in VARIANTS else zlib.crc32(name.encode())
    return plt.get_cmap("tab20").colors[place % 20]


def line_of(name: str) -> str:
    """The variant's line style: dashed for a model that differs from another by its size alone."""
    return "--" if isinstance(VARIANTS.get(name), Widened) else "-"


def label_of(name: str) -> str:
    """The variant's title for a legend, which leaves out what begins with `_`: a mark of no width stands first."""
    title = title_of(name)
    return f"\u200b{title}" if title.startswith("_") else title


@no_formulas
def curves(
    study: Study,
    metric: str = "valid_perplexity",
    variants: Sequence[str] | None = None,
    *,
    log: bool = True,
    by: str = "step",
    smoothing: int = 1,
    each_seed: bool = False,
    highlighted: Sequence[str] | None = None,
    behind: Study | None = None,
    axes: plt.Axes | None = None,
) -> Figure:
    """A metric against training steps: the mean over seeds as a line, the range from lowest to highest seed as a band.

    Args:
        study: whose frame is drawn.
        metric: a key of `METRICS`.
        variants: by default all of the study.
        log: whether the vertical axis is logarithmic.
        by: the horizontal axis, "step" or "epoch".
        smoothing: each point is the mean of so many, itself and those before it; 1 leaves them as they are.
        each_seed: a line for each seed instead of mean and band.
        highlighted: the variants in colour and in the legend, all others in grey; by default every one in colour.
        behind: another study, such as the stored one, whose bands lie pale below the lines of the same colour.
        axes: to draw into; by default a new figure's.

    Raises:
        ValueError: for a metric that no run records, another axis, or a smoothing below 1.
    """
    if metric not in METRICS:
        raise ValueError(f"The metric is {metric!r}; choose one of {', '.join(METRICS)}.")
    if by not in AXES:
        raise ValueError(f"The horizontal axis is {by!r}; choose one of {', '.join(AXES)}.")
    if smoothing < 1:
        raise ValueError(f"The smoothing is {smoothing}; give a whole number from 1 up (1 is none).")
    figure, axes = (axes.figure, axes) if axes else new_axes((7.4, 4.2))
    last, names = {}, chosen(study, variants)
    in_colour = names if highlighted is None else [name for name in names if name in highlighted]
    for name in names:
        runs = _runs(study, name, metric, by, smoothing)
        if name not in in_colour:
            axes.plot(runs.index, runs.mean(axis=1), color="#bbbbbb", lw=0.8, zorder=1)
            continue
        if behind is not None and name in behind.variants:
            stored = _runs(behind, name, metric, by, smoothing)
            axes.fill_between(
                stored.index, stored.min(axis=1), stored.max(axis=1), color=colour_of(name), alpha=0.2, lw=0
            )
        _draw_runs(axes, name, runs, each_seed)
        last[label_of(name)] = runs.mean(axis=1).iloc[-1]
    axes.set(xlabel=AXES[by], ylabel=METRICS[metric])
    if log:
        axes.set_yscale("log")
        plain_numbers(axes.yaxis)
    _legend_in_order(axes, last)
    return figure


def _runs(study: Study, name: str, metric: str, by: str, smoothing: int) -> pd.DataFrame:
    """One variant's values of a metric: a row a point, a column a seed."""
    drawn = study.frame[(study.frame["metric"] == metric) & (study.frame["variant"] == name)]
    return drawn.pivot_table(index=by, columns="seed", values="value").rolling(smoothing, min_periods=1).mean()


def _draw_runs(axes: plt.Axes, name: str, runs: pd.DataFrame, each_seed: bool) -> None:
    """One variant's lines: `runs` has a row a point and a column a seed."""
    style = {"color": colour_of(name), "ls": line_of(name), "marker": "o" if len(runs) < 12 else None, "ms": 4}
    if each_seed:
        lines = axes.plot(runs.index, runs, lw=1, alpha=0.8, **style)
        lines[0].set_label(label_of(name))
        return
    axes.plot(runs.index, runs.mean(axis=1), label=label_of(name), **style)
    low, high = runs.min(axis=1), runs.max(axis=1)
    axes.fill_between(runs.index, low, high, color=colour_of(name), alpha=0.15, lw=0)


def loss_and_perplexity(
    study: Study,
    variants: Sequence[str] | None = None,
    highlighted: Sequence[str] | None = None,
    behind: Study | None = None,
) -> Figure:
    """Training loss and validation perplexity side by side; the arguments are those of `curves`."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.9), dpi=DPI, layout="constrained")
    plt.close(figure)
    chosen_lines = {"highlighted": highlighted, "behind": behind}
    curves(study, "train_loss", variants, log=False, axes=left, **chosen_lines)
    curves(study, "valid_perplexity", variants, axes=right, **chosen_lines)
    left.get_legend().remove()
    return figure


@no_formulas
def spread(study: Study, metric: str = "test_perplexity", variants: Sequence[str] | None = None) -> Figure:
    """Every seed as a dot, one row a variant, with its mean: differences within the dots' width are noise.

    Args:
        study: whose runs are drawn.
        metric: a column of `Study.runs`, such as `valid_perplexity`, `test_perplexity` or `bleu`.
        variants: by default all of the study.
    """
    names = chosen(study, variants)
    figure, axes = new_axes((7.4, 0.42 * len(names) + 1.1))
    runs = study.runs.groupby("variant")[metric]
    for row, name in enumerate(reversed(names)):
        values = runs.get_group(name)
        axes.plot(values, [row] * len(values), "o", color=colour_of(name), alpha=0.55, ms=7, mec="none", clip_on=False)
        axes.plot(values.mean(), row, "|", color=colour_of(name), ms=20, mew=2.5, clip_on=False)
    if "baseline" in names:
        axes.axvline(runs.get_group("baseline").mean(), color=colour_of("baseline"), lw=0.8, ls=":")
    axes.set_yticks(range(len(names)), [title_of(name) for name in reversed(names)])
    axes.set_xlabel(f"{metric.replace('_', ' ')} at the best epoch (dots: seeds, bars: means)")
    axes.grid(axis="x", alpha=0.25)
    return figure


def save(figure: Figure, name: str, profile: Profile, folder: Path = ROOT / "figures") -> Figure:
    """Writes `figures/<name>.png` and returns the figure; a smoke run draws too little to be kept."""
    if profile.name != "smoke":
        folder.mkdir(exist_ok=True)
        figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})
    return figure


class Described(Figure):
    """A figure whose picture in a notebook goes with what it shows in words, for those who cannot see it."""

    words = ""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        bundle = {"image/png": base64.b64encode(png_of(self)).decode(), "text/plain": self.words}
        display(bundle, metadata={"image/png": {"alt": self.words}}, raw=True)


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def new_axes(size: tuple[float, float]) -> tuple[Figure, plt.Axes]:
    """A figure of `size` inches with one panel, which pyplot does not show by itself."""
    figure, axes = plt.subplots(figsize=size, dpi=DPI, layout="constrained")
    plt.close(figure)
    return figure, axes


def legend_beside(axes: plt.Axes, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """A legend to the right of the axes, where it covers no curve."""
    axes.legend(handles, labels, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)


def plain_numbers(axis: Axis) -> None:
    """Numbers instead of powers of ten on a logarithmic axis, and few enough between them to be read."""
    axis.set_minor_locator(LogLocator(subs=(2, 3, 5, 7)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter("{x:g}")


def chosen(study: Study, variants: Sequence[str] | None) -> list[str]:
    """The study's variants, or those of them that are named, in the study's order."""
    return [name for name in study.variants if variants is None or name in variants]


def _legend_in_order(axes: plt.Axes, last: dict[str, float]) -> None:
    """A legend beside the axes, in the order in which the curves end."""
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = sorted(last, key=last.get, reverse=True)
    legend_beside(axes, [handles[label] for label in labels], labels)
    axes.grid(alpha=0.25, which="both")
