"""What encoder and decoder have alike: words in columns, tables across them, layers unrolled over them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from seq2seq_lib.report.diagrams.facts import Blueprint, Part, Row
from seq2seq_lib.report.diagrams.plan import BAR, BOX
from seq2seq_lib.report.diagrams.strokes import Pen


def shape_of(facts: Blueprint, what: str) -> str:
    """A shape as it stands in the picture."""
    return f"[{', '.join(map(str, facts.shapes[what]))}]"


def words_in_columns(pen: Pen, words: Sequence[str], columns: Sequence[float], y: float, part: Part, up: float) -> None:
    """The words in their columns, with arrows from them up to `up`, or from there to them when it is lower."""
    for x, word in zip(columns, words, strict=True):
        pen.box((x, y), (0.51, 0.23), part, words=word)
        pen.line([(x, y + 0.115), (x, up)] if up > y else [(x, up), (x, y - 0.115)])


def bar(pen: Pen, columns: Sequence[float], y: float, sides: tuple[int, int], part: Part) -> None:
    """A table that serves all positions."""
    across = " × " if "embedding" in part[0] else " → "
    middle, wide = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0] + 0.56
    pen.box((middle, y), (wide, BAR), part, words=across.join(f"{side:,}" for side in sides))


def unrolled(pen: Pen, row: Row, place: tuple[float, float], columns: Sequence[float], reads: Sequence[bool]) -> None:
    """A box at each position, and the state going from one to the next."""
    y, high = place
    half = BOX[0] / 2
    for x, real in zip(columns, reads, strict=True):
        pen.box((x, y), (BOX[0], high), row.part, ghost=not real)
    real = [x for x, real in zip(columns, reads, strict=True) if real]
    for left, right in pairwise(real):
        ends = [(left + half, y), (right - half, y)]
        pen.line(ends[::-1] if row.backward else ends, row.part)
