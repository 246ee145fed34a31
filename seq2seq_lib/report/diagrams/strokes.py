"""Boxes, arrows and words of a diagram in two manners: grey and thin, or in the variant's colour and thick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from seq2seq_lib.report.diagrams.facts import Part
from seq2seq_lib.report.figures import DPI, Described
from seq2seq_lib.report.fonts import HANGUL, drawable, with_korean

LINE, FILL, INK, PALE = "#8c8c8c", "#f1f1f1", "#2b2b2b", "#6a6a6a"
SIZE = 8.0
Point = tuple[float, float]


@dataclass(frozen=True)
class Pen:
    """Draws on axes whose unit is an inch, the `changed` parts in the colour `accent`."""

    axes: plt.Axes
    accent: str
    changed: frozenset[Part]

    def differs(self, part: Part | None) -> bool:
        """Whether the part is drawn in colour."""
        return part in self.changed

    def box(
        self, centre: Point, size: Point, part: Part | None = None, *, words: str = "", ghost: bool = False
    ) -> None:
        """A box of `size`, with words inside; a ghost is an empty, dotted one: nothing is computed there."""
        differs = self.differs(part) and not ghost
        (x, y), (wide, high) = centre, size
        self.axes.add_patch(
            FancyBboxPatch(
                (x - wide / 2, y - high / 2), wide, high, boxstyle=f"round,pad=0,rounding_size={min(0.07, high / 3)}",
                facecolor="none" if ghost else tint(self.accent) if differs else FILL,
                edgecolor=self.accent if differs else "#c8c8c8" if ghost else LINE,
                lw=2.0 if differs else 0.9, ls=":" if ghost else "-", zorder=3,
            )
        )  # fmt: skip
        if words:
            self.words((x, y), words, bold=differs)

    def frame(self, centre: Point, size: Point, *, ghost: bool = False) -> None:
        """A faint box around boxes that take and give as one."""
        (x, y), (wide, high) = centre, size
        style = {"facecolor": "none" if ghost else "#fbfbfb", "edgecolor": "#c8c8c8", "ls": ":" if ghost else "-"}
        shape = "round,pad=0,rounding_size=0.08"
        self.axes.add_patch(
            FancyBboxPatch((x - wide / 2, y - high / 2), wide, high, boxstyle=shape, lw=0.7, zorder=1, **style)
        )

    def line(self, points: Sequence[Point], part: Part | None = None) -> None:
        """An arrow through points, with a white margin where it crosses others."""
        differs = self.differs(part)
        width = 1.9 if differs else 0.9
        self.axes.add_patch(
            FancyArrowPatch(
                path=Path(points), arrowstyle="-|>,head_length=4,head_width=2.1", mutation_scale=1,
                color=self.accent if differs else LINE, lw=width, zorder=2.5 if differs else 2,
                joinstyle="round", capstyle="butt", shrinkA=0, shrinkB=0,
                path_effects=[withStroke(linewidth=width + 2.2, foreground="white")],
            )
        )  # fmt: skip

    def double(self, points: Sequence[Point], part: Part) -> None:
        """A double line: what it joins is one and the same."""
        colour = self.accent if self.differs(part) else LINE
        for width, shade, order in ((5.0, colour, 2.6), (2.0, "white", 2.7)):
            self.axes.plot(*zip(*points, strict=True), color=shade, lw=width, solid_capstyle="butt", zorder=order,
                           solid_joinstyle="miter")  # fmt: skip

    def link(self, start: Point, end: Point, part: Part | None = None, *, dotted: bool = False) -> None:
        """A plain stroke, above boxes."""
        differs = self.differs(part)
        self.axes.plot(
            *zip(start, end, strict=True), color=self.accent if differs else LINE, lw=1.9 if differs else 0.9,
            ls=(0, (1, 1.2)) if dotted else "-", zorder=3.5, solid_capstyle="butt",
        )  # fmt: skip

    def words(
        self, place: Point, text: str, *, bold: bool = False, pale: bool = False, align: str = "center",
        size: float = SIZE, halo: bool = False,
    ) -> None:  # fmt: skip
        """Dark words, which are legible whatever the colour of what they name: what differs is bold.

        With `halo` a line below them stops short of them.
        """
        text = "\n".join(map(drawable, text.split("\n")))
        korean = bool(HANGUL.search(text))  # matplotlib finds no bold ones, and says so
        written = self.axes.text(
            *place, text, ha=align, va="center", fontsize=size, color=PALE if pale else INK, zorder=5,
            fontweight="bold" if bold and not korean else "normal", linespacing=1.25,
            path_effects=[withStroke(linewidth=2.5, foreground="white")] if halo else None,
        )  # fmt: skip
        if korean:
            with_korean(written)


def tint(colour: str) -> tuple[float, ...]:
    """A pale background of the colour."""
    return tuple(1 - 0.16 * (1 - channel) for channel in to_rgb(colour))


def page(wide: float, high: float) -> Described:
    """An empty figure of that many inches, made by pyplot, whose backend a notebook shows it with, and closed there."""
    figure = plt.figure(figsize=(wide, high), dpi=DPI, FigureClass=Described)
    plt.close(figure)
    return figure


def canvas(axes: plt.Axes, wide: float, high: float) -> None:
    """Makes the unit of the axes an inch."""
    axes.set(xlim=(0, wide), ylim=(0, high))
    axes.axis("off")
