"""Matplotlib figures over the tidy frame of a study. Each function returns a Figure and shows nothing."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from seq2seq_lib.config import Profile
from seq2seq_lib.experiments.records import ROOT
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variants import VARIANTS, WITH_ONE_VOCABULARY, title_of
from seq2seq_lib.report.lines import STROKES, log_scale, name_ends

if TYPE_CHECKING:
    import pandas as pd

DPI = 110
METRICS = {
    "train_loss": "training loss (nats a token, coins at 0.5)",
    "valid_loss": "validation loss (nats a token, teacher-forced)",
    "valid_perplexity": "validation perplexity (teacher-forced)",
}
#: What a run has one of, measured at its best epoch: drawn as dots, a seed each.
SCORES = {"test_perplexity": "test perplexity", "bleu": "test BLEU", "chrf": "test chrF"}
AXES = {"step": "update", "epoch": "epoch"}
#: Over each function that writes names or words of a corpus: to matplotlib, `$` in them begins no formula.
no_formulas = plt.rc_context({"text.parse_math": False})


def colour_of(name: str) -> str:
    """The variant's colour; one that has none yet gets one by its place in the catalogue, or by its name."""
    known = VARIANTS | WITH_ONE_VOCABULARY
    if name in known and known[name].colour:
        return known[name].colour
    place = list(VARIANTS).index(name) if name in VARIANTS else zlib.crc32(name.encode())
    return plt.get_cmap("tab20").colors[place % 20]


def label_of(name: str) -> str:
    """The variant's title for a legend, which leaves out what begins with `_`: a mark of no width stands first."""
    title = title_of(name)
    return f"\u200b{title}" if title.startswith("_") else title


def strokes_of(names: Sequence[str]) -> dict[str, dict[str, object]]:
    """Dash and marker of each variant, no two alike in a figure; the lab's model has the same in all of them."""
    return dict(zip(sorted(names, key="baseline".__ne__), STROKES(), strict=False))


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

    Each line has a dash and a marker of its own, and a name where it ends, or where what lies `behind` it ends.

    Args:
        study: whose frame is drawn.
        metric: a key of `METRICS`.
        variants: by default all of the study.
        log: whether the vertical axis is logarithmic.
        by: the horizontal axis, "step" or "epoch".
        smoothing: each point is the mean of so many, itself and those before it; 1 leaves them as they are.
        each_seed: a line for each seed instead of mean and band.
        highlighted: the variants in colour and with their names, all others in grey; by default every one in colour.
        behind: another study, such as the stored one, whose models lie below as thin lines on pale bands, in the same
            colours; those that `study` lacks lie there as well.
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
    figure, axes = (axes.figure, axes) if axes else new_axes((7.4, 3.2))
    studies = [one for one in (behind, study) if one is not None]
    ends, names = [], list(dict.fromkeys(name for one in studies for name in chosen(one, variants)))
    strokes = strokes_of(names if highlighted is None else [name for name in names if name in highlighted])
    for name in names:
        drawn = [(one, _runs(one, name, metric, by, smoothing)) for one in studies if name in one.variants]
        mean = max((runs for _, runs in drawn), key=len).mean(axis=1)
        if name not in strokes:
            axes.plot(mean.index, mean, color="#bbbbbb", lw=0.8, zorder=1)
            continue
        for one, runs in drawn:
            if one is behind:
                line = _draw_behind(axes, name, runs)
            else:
                line = draw_runs(axes, name, runs, strokes[name], each_seed)
        ends.append((line, mean.iloc[-1]))
    axes.set(xlabel=AXES[by], ylabel=METRICS[metric].replace(" (", "\n("))
    axes.grid(alpha=0.25)
    if log:
        log_scale(axes, "y")
    name_ends(axes, ends)
    return figure


def _runs(study: Study, name: str, metric: str, by: str, smoothing: int) -> pd.DataFrame:
    """One variant's values of a metric: a row a point, a column a seed."""
    drawn = study.frame[(study.frame["metric"] == metric) & (study.frame["variant"] == name)]
    return drawn.pivot_table(index=by, columns="seed", values="value").rolling(smoothing, min_periods=1).mean()


def draw_runs(
    axes: plt.Axes, name: str, runs: pd.DataFrame, stroke: Mapping[str, object], each_seed: bool = False
) -> plt.Line2D:
    """One variant's mean in a band, or its lines, the first of which is returned.

    `runs` has a row a point and a column a seed; `stroke` is one of `strokes_of`.
    """
    markers = {"ms": 4, "markevery": None if len(runs) < 12 else 0.12}  # of many points, a few along the line
    style = {"color": colour_of(name), **stroke, **markers}
    if each_seed:
        line, *_ = axes.plot(runs.index, runs, lw=1, alpha=0.8, **style)
        line.set_label(label_of(name))
        return line
    _draw_band(axes, name, runs, 0.15)
    (line,) = axes.plot(runs.index, runs.mean(axis=1), label=label_of(name), **style)
    return line


def _draw_behind(axes: plt.Axes, name: str, runs: pd.DataFrame) -> plt.Line2D:
    """One variant of the study behind: a thin line, which is returned, on its band."""
    _draw_band(axes, name, runs, 0.2)
    (line,) = axes.plot(runs.index, runs.mean(axis=1), color=colour_of(name), lw=0.9, alpha=0.7, label=label_of(name))
    return line


def _draw_band(axes: plt.Axes, name: str, runs: pd.DataFrame, alpha: float) -> None:
    low, high = runs.min(axis=1), runs.max(axis=1)
    axes.fill_between(runs.index, low, high, color=colour_of(name), alpha=alpha, lw=0)


def loss_and_perplexity(
    study: Study,
    variants: Sequence[str] | None = None,
    highlighted: Sequence[str] | None = None,
    behind: Study | None = None,
) -> Figure:
    """Training loss and validation perplexity side by side, with one column of names; the arguments as in `curves`."""
    figure, (left, right) = new_axes((8.6, 3), 1, 2)
    chosen_lines = {"highlighted": highlighted, "behind": behind}
    curves(study, "train_loss", variants, log=False, axes=left, **chosen_lines)
    curves(study, "valid_perplexity", variants, axes=right, **chosen_lines)
    for names in left.findobj(Legend):
        names.remove()
    return figure


@no_formulas
def spread(study: Study, metric: str = "test_perplexity", variants: Sequence[str] | None = None) -> Figure:
    """Every seed as a dot, one row a variant, with its mean: differences within the dots' width are noise.

    The axis of a perplexity is logarithmic, so that models near 1 stay apart.

    Args:
        study: whose runs are drawn.
        metric: a column of `Study.runs`, such as `valid_perplexity`, `test_perplexity` or `bleu`.
        variants: by default all of the study.
    """
    names = chosen(study, variants)
    figure, axes = new_axes((7.4, 0.26 * len(names) + 0.95))
    runs = study.runs.groupby("variant")[metric]
    for row, name in enumerate(reversed(names)):
        values = runs.get_group(name)
        axes.plot(values, [row] * len(values), "o", color=colour_of(name), alpha=0.55, ms=7, mec="none", clip_on=False)
        axes.plot(values.mean(), row, "|", color=colour_of(name), ms=20, mew=2.5, clip_on=False)
    marks = "dots: seeds, bars: means"
    if "baseline" in names:
        axes.axvline(runs.get_group("baseline").mean(), color=colour_of("baseline"), lw=0.8, ls=":")
        marks += f", dotted line: {title_of('baseline')}"
    axes.set_yticks(range(len(names)), [title_of(name) for name in reversed(names)])
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_xlabel(f"{SCORES.get(metric, metric.replace('_', ' '))} at the best epoch")
    if "perplexity" in metric:
        log_scale(axes, "x")
        axes.set_xlim(left=1 if axes.get_xlim()[0] < 1.2 else None)  # the least there is, where it is near
    axes.set_xlabel(f"{axes.get_xlabel()}\n{marks}")
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

        bundle = {"image/png": png_of(self), "text/plain": self.words}
        display(bundle, metadata={"image/png": {"alt": self.words}}, raw=True)


def png_of(figure: Figure) -> str:
    """The figure as a PNG file in base 64."""
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return base64.b64encode(file.getvalue()).decode()


def new_axes(size: tuple[float, float], *grid: int, **options: object) -> tuple[Figure, plt.Axes]:
    """A figure of `size` inches with one panel, or a `grid` of rows and columns; pyplot does not show it by itself.

    The `options` are those of `plt.subplots`.
    """
    figure, axes = plt.subplots(*grid, figsize=size, dpi=DPI, **{"layout": "constrained", **options})
    plt.close(figure)
    return figure, axes


def chosen(study: Study, variants: Sequence[str] | None) -> list[str]:
    """The study's variants, or those of them that are named, in the study's order."""
    return [name for name in study.variants if variants is None or name in variants]
