"""Lines that a grey print keeps apart, names where they end, and logarithmic axes that say so in plain numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.legend import Legend
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

#: Dash and marker of one line after the other: the first five share neither, and no two of the first 45 share both.
STROKES = plt.cycler(ls=["-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1))] * 9) + plt.cycler(marker="osD^vPX<>" * 5)
#: Steps of a logarithmic axis within a decade, from many to few.
STEPS = (
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9),
    (1, 1.2, 1.5, 2, 3, 5, 7),
    (1, 1.5, 2, 3, 5, 7),
    (1, 2, 3, 5),
    (1, 2, 5),
    (1,),
)
#: More numbers than these on one axis are more than a reader needs.
MOST = 9


class PlainLocator(LogLocator):
    """As many round numbers as there is room for; in a range with fewer than two, those of a linear axis."""

    def tick_values(self, vmin: float, vmax: float) -> np.ndarray:
        low, high = sorted((vmin, vmax))
        across = self.axis.axis_name == "x"
        # matplotlib counts how many ticks fit by giving each as much as two letters' heights, or three on the x axis
        room = self.axis.get_tick_space() * (3 if across else 2)
        for ticks in self._choices(low, high):
            shown = ticks[(low <= ticks) & (ticks <= high)]
            need = 0.5 + 0.65 * max((len(f"{tick:g}") for tick in shown), default=0) if across else 1.3
            if 1 < len(shown) <= MOST and np.log(shown[1:] / shown[:-1]).min() * room >= need * np.log(high / low):
                break
        return ticks

    def nonsingular(self, v0: float, v1: float) -> tuple[float, float]:
        """A tenth of room on either side of a value that stands alone, where matplotlib would show a decade."""
        if 0 <= v1 - v0 <= 1e-9 * v1:
            return v0 / 1.1, v1 * 1.1
        return super().nonsingular(v0, v1)

    def _choices(self, low: float, high: float) -> Iterator[np.ndarray]:
        for steps in STEPS:
            self.set_params(subs=steps)
            yield super().tick_values(low, high)
        for number in (6, 4, 2, 1):
            yield MaxNLocator(number).tick_values(low, high)


def log_scale(axes: plt.Axes, *which: str) -> None:
    """Makes the axes that are named, "x" or "y", logarithmic, with plain numbers, and says so in their labels."""
    for name in which:
        axes.set(**{f"{name}scale": "log"})
        axis = getattr(axes, f"{name}axis")
        axis.set_major_locator(PlainLocator())
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter("{x:g}")
        label = axis.get_label_text()
        axis.set_label_text(f"{label[:-1]}, log scale)" if label.endswith(")") else f"{label} (log scale)")


def name_ends(axes: plt.Axes, ends: Sequence[tuple[Artist, float]], size: float = 8) -> None:
    """Names to the right of the axes, each with a piece of its line, as high as its line ends or as near as they fit.

    Names that do not fit beside the axes all at once stand in a legend, in the order in which the lines end.

    Args:
        axes: with all their lines, and with the vertical scale that they keep.
        ends: of each line that has a label: itself, and where it ends in the units of the vertical axis.
        size: of the letters, in points.
    """
    if not ends:
        return
    lines, heights = zip(*sorted(ends, key=lambda end: end[1]), strict=True)
    fitted = apart(heights_of(axes, heights), 1.4 * size / 72 * axes.figure.dpi / axes.bbox.height)
    names = [line.get_label() for line in lines]
    style = {"loc": "center left", "handlelength": 3, "borderpad": 0, "frameon": False, "fontsize": size}
    if fitted is None:
        axes.legend(lines[::-1], names[::-1], bbox_to_anchor=(1, 0.5), **style)
        return
    for line, name, place in zip(lines, names, fitted, strict=True):
        shown = axes.add_artist(Legend(axes, [line], [name], bbox_to_anchor=(1, place), **style))
        shown.set_clip_on(False)  # else the layout leaves no room for it


def heights_of(axes: plt.Axes, values: Sequence[float]) -> np.ndarray:
    """Where values of the vertical axis stand between its ends, which are 0 and 1."""
    axes.autoscale_view()
    points = axes.transData.transform([(1, value) for value in values])
    return axes.transAxes.inverted().transform(points)[:, 1]


def apart(places: np.ndarray, gap: float) -> np.ndarray | None:
    """Ascending places from 0 to 1 moved until neighbours are `gap` apart, as little as may be; None without room."""
    steps = gap * np.arange(len(places))
    if steps[-1] > 1:
        return None
    rest = places - steps
    up, down = np.maximum.accumulate(rest), np.minimum.accumulate(rest[::-1])[::-1]
    return ((up + down) / 2).clip(0, 1 - steps[-1]) + steps
