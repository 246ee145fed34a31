"""Figures of the measurements. Each function returns a Figure and shows nothing; only this file knows matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from benchmarks.tables import Growth, Result
from benchmarks.ways import WAYS

DPI = 110  # as in seq2seq_lib.report.figures, which needs more packages than a bare machine has


def steps_figure(results: Sequence[Result], title: str) -> Figure:
    """Seconds a batch with the GEMM limit as a mark on each bar, and peak memory beside it.

    Args:
        results: one a variant; all measured in the same ways.
        title: machine and sizes.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 0.95 * len(results) + 1.9), dpi=DPI, layout="constrained")
    plt.close(figure)
    ways = [way for way in WAYS if any(way in result.measured for result in results)]
    height = 0.84 / len(ways)
    for place, way in enumerate(ways):
        rows = [(row + place * height, result) for row, result in enumerate(results) if way in result.measured]
        _time_bars(left, way, rows, height)
        _memory_bars(right, way, rows, height)
    for axes in (left, right):
        axes.set_yticks([row + 0.42 - height / 2 for row in range(len(results))], [one.variant for one in results])
        axes.invert_yaxis()
        axes.grid(axis="x", alpha=0.25)
        axes.set_axisbelow(True)
    left.plot([], [], "|", color="black", ms=9, mew=1.8, label="its products alone (GEMM limit)")
    left.set_xlabel("seconds a batch: median, and the middle half of the steps")
    right.set_xlabel("peak memory of a step (MiB)")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=9)
    return figure


def _time_bars(axes: Axes, way: str, rows: Sequence[tuple[float, Result]], height: float) -> None:
    places, seconds = [place for place, _ in rows], [result.seconds(way) for _, result in rows]
    axes.barh(places, seconds, height, color=WAYS[way].colour, label=WAYS[way].title)
    for place, result in rows:
        low, high = result.middle_half(way)
        axes.plot([low, high], [place, place], color="#444444", lw=0.8)
        if (limit := result.limit(way)) is not None:
            axes.plot(limit.fastest, place, "|", color="black", ms=9, mew=1.8)


def _memory_bars(axes: Axes, way: str, rows: Sequence[tuple[float, Result]], height: float) -> None:
    peaks = [one.measured[way].peak / 2**20 for _, one in rows]
    axes.barh([place for place, _ in rows], peaks, height, color=WAYS[way].colour)


def growth_figure(growth: Growth, title: str, machine: str) -> Figure:
    """Seconds and peak memory against what grows, both axes logarithmic; dashed: what was expected.

    The expectation is scaled to the largest value, for it knows how a cost grows and not how large it is.

    Args:
        growth: one axis.
        title: of what grows.
        machine: for the heading.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.9), dpi=DPI, layout="constrained")
    plt.close(figure)
    for way in growth.measured:
        _curve(left, way, growth.values, growth.seconds(way), growth.expected_time[way])
        peaks = [peak / 2**20 for peak in growth.peaks(way)]
        _curve(right, way, growth.values, peaks, growth.expected_memory[way])
    for axes, cost in ((left, "seconds a step"), (right, "peak memory of a step (MiB)")):
        axes.set(xscale="log", yscale="log", xlabel=title, ylabel=cost)
        axes.set_xticks(growth.values, [f"{value:,}" for value in growth.values])
        axes.minorticks_off()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(alpha=0.25, which="both")
    left.plot([], [], "--", color="black", lw=1, label="expected, scaled to the largest value")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    figure.suptitle(machine, fontsize=9)
    return figure


def _curve(axes: Axes, way: str, values: Sequence[int], costs: Sequence[float], expected: Sequence[float]) -> None:
    axes.plot(values, costs, "o-", color=WAYS[way].colour, ms=4, label=WAYS[way].title)
    scale = costs[-1] / expected[-1]
    axes.plot(values, [scale * cost for cost in expected], "--", color=WAYS[way].colour, lw=1)


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG in which nothing changes but what is drawn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150, metadata={"Software": None})
