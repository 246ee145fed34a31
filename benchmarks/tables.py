"""Measurements as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.gemm import Limit
from benchmarks.steps import Measured
from benchmarks.ways import LOOP, WAYS

MISSING = "–"


@dataclass(frozen=True)
class Result:
    """One variant.

    Args:
        variant: its name.
        tokens: real target tokens a batch, on average.
        measured: way -> its timed steps and its peaks.
        gigaflop: part of the model -> 10⁹ operations a batch.
        limits: "float32" and "bfloat16" -> seconds that its products take by themselves.
    """

    variant: str
    tokens: float
    measured: Mapping[str, Measured]
    gigaflop: Mapping[str, float]
    limits: Mapping[str, Limit]

    def seconds(self, way: str) -> float:
        """Median of its timed steps."""
        return statistics.median(self.measured[way].seconds)

    def middle_half(self, way: str) -> tuple[float, float]:
        """First and third quartile of its timed steps."""
        seconds = self.measured[way].seconds
        low, _, high = statistics.quantiles(seconds * 2 if len(seconds) < 2 else seconds, n=4, method="inclusive")
        return low, high

    def limit(self, way: str) -> Limit | None:
        """Of the type in which the way multiplies; None for a model with another arithmetic."""
        return None if way == "joeynmt" else self.limits["bfloat16" if WAYS[way].bfloat16 else "float32"]


@dataclass(frozen=True)
class Growth:
    """One axis.

    Args:
        axis: what varies, a key of growth's AXES.
        values: that were measured, ascending.
        measured: way -> one measurement a value.
        expected_time, expected_memory: way -> one number a value, in any unit.
    """

    axis: str
    values: tuple[int, ...]
    measured: Mapping[str, Sequence[Measured]]
    expected_time: Mapping[str, Sequence[float]]
    expected_memory: Mapping[str, Sequence[float]]

    def seconds(self, way: str) -> list[float]:
        """Median step at each value."""
        return [statistics.median(one.seconds) for one in self.measured[way]]

    def peaks(self, way: str) -> list[int]:
        """Bytes of tensors at each value."""
        return [one.peak for one in self.measured[way]]


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A table that is aligned in the text too: the first `words` columns to the left, the numbers to the right."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        placed = enumerate(zip(cells, widths, strict=True))
        return f"| {' | '.join(cell.ljust(w) if n < words else cell.rjust(w) for n, (cell, w) in placed)} |"

    ruler = ["-" * width if place < words else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    return "\n".join([line(columns), line(ruler), *map(line, rows)])


def steps_table(results: Sequence[Result]) -> str:
    """A row for each variant and way."""
    columns = (
        "variant", "way", "s a batch", "middle half", "tokens/s", "peak MiB", "process MiB", "loop ÷ time",
        "memory ÷ loop", "of GEMM limit", "of torch.mm limit",
    )  # fmt: skip
    return markdown(columns, [_step_row(result, way) for result in results for way in result.measured], words=2)


def _step_row(result: Result, way: str) -> list[str]:
    measured, seconds, limit = result.measured[way], result.seconds(way), result.limit(way)
    peak, loops = measured.peak, result.measured.get(LOOP)
    return [
        result.variant,
        WAYS[way].title,
        f"{seconds:.3f}",
        "–".join(f"{bound:.3f}" for bound in result.middle_half(way)),
        f"{result.tokens / seconds:,.0f}",
        f"{peak / 2**20:,.0f}",
        MISSING if measured.resident is None else f"{measured.resident / 2**20:,.0f}",
        f"{result.seconds(LOOP) / seconds:.2f}" if loops else MISSING,
        f"{peak / loops.peak:.2f}" if loops else MISSING,
        MISSING if limit is None else f"{limit.fastest / seconds:.0%}",
        MISSING if limit is None else f"{limit.mm / seconds:.0%}",
    ]


def arithmetic_table(results: Sequence[Result]) -> str:
    """A row for each variant: operations by part, and the seconds that they take at least."""
    columns = (
        "variant", *(f"{part} GFLOP" for part in results[0].gigaflop), "together", "GEMM limit s", "torch.mm limit s",
        "bf16 GEMM limit s", "bf16 torch.mm limit s",
    )  # fmt: skip
    rows = []
    for result in results:
        operations = [*result.gigaflop.values(), sum(result.gigaflop.values())]
        seconds = [number for kind in ("float32", "bfloat16") for number in reversed(result.limits[kind])]
        rows.append([
            result.variant, *(f"{number:.2f}" for number in operations), *(f"{number:.3f}" for number in seconds)
        ])  # fmt: skip
    return markdown(columns, rows)
