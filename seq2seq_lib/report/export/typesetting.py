"""Tables as a reader wants them: one heading row, numbers to the right, columns as wide as what they hold."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator

from seq2seq_lib.report.export.pandoc import Block, changed, plain_text

#: What is set as a number: a sign, digits, and what may stand with them (%, ±, M, ×, intervals), but no other words.
NUMBER = re.compile(r"[-+−±<>~]?\s?\d[\d,.\s%±×+−-]*( ?(M|k|MiB|MB|s|points))?|–|nan|")
#: Characters of a text that is not broken where this leaves others their share of the line.
SHORT, EASY = 18, 0.88

DIGIT = re.compile(r"\d")

#: Sizes of type that tables are set in, and how many characters of it fill the line.
TABLE_SIZES = {"9pt": 115, "8pt": 129, "7pt": 148, "6.4pt": 163}

LINES = 3
FEW_ROWS, THEIR_LINES = 6, 6
#: Longer runs without a place to break may not fit on the line.
LONGEST = {"CodeBlock": 88, "Code": 40, "Str": 40}
BREAK = "\u200b"


def tidy(table: Block) -> None:
    """Changes a table in place: pandas' second heading row, with the index's name alone, joins the first one, and
    columns that hold numbers alone are set to the right, unless the source says where they go.
    """
    _, _, columns, head, bodies, _ = table["c"]
    _join_index_name(head[1])
    for number, (alignment, _) in enumerate(columns):
        if alignment["t"] == "AlignDefault":
            texts = [_words(row[1][number]) for body in bodies for row in body[3] if number < len(row[1])]
            right = any(map(DIGIT.search, texts)) and all(NUMBER.fullmatch(text) for text in texts)
            alignment["t"] = "AlignRight" if right else "AlignLeft"
    for row in rows_of(table):
        for cell in row[1]:
            cell[1] = {"t": "AlignDefault"}  # the column's: pandas sets all to the right, or texts to the left


def _join_index_name(rows: list) -> None:
    if len(rows) != 2 or any(cell[2:4] != [1, 1] for row in rows for cell in row[1]):
        return
    first, second = rows[0][1], rows[1][1]
    if len(first) != len(second) or any(_words(a) and _words(b) for a, b in zip(first, second, strict=True)):
        return
    for number, (upper, lower) in enumerate(zip(first, second, strict=True)):
        first[number] = lower if _words(lower) else upper
    del rows[1]


def _words(cell: list) -> str:
    return plain_text(cell).strip()


def rows_of(table: Block) -> Iterator[list]:
    """Every row, headings among them, as pandoc's [attributes, cells]."""
    _, _, _, head, bodies, foot = table["c"]
    yield from head[1]
    for body in bodies:
        yield from body[2]
        yield from body[3]
    yield from foot[1]


def widths(table: Block, room: int) -> list[int] | None:
    """Characters for each of a table's columns, or None where no line of it needs breaking.

    Each column gets its longest word or number, where there is room also its longest short text; the rest goes, one by
    one, to the column whose longest cell has most lines.

    Args:
        table: without cells that span.
        room: characters that fit on the line, two between columns among them.
    """
    texts = _texts_by_column(table)
    whole = [max(map(len, column), default=1) + 2 for column in texts]
    if sum(whole) <= room:
        return None
    found = _least(texts, SHORT if keeps_short(table, room) else 0)
    for _ in range(room - sum(found)):
        found[max(range(len(found)), key=lambda column: whole[column] / found[column])] += 1
    return found


def keeps_short(table: Block, room: int) -> bool:
    """Whether short texts stay on one line, and the longer ones have their share of it."""
    return sum(_least(_texts_by_column(table), SHORT)) <= EASY * room


def lines(table: Block, room: int) -> float:
    """How many lines the tallest cell takes; infinite where words do not fit."""
    found = widths(table, room)
    if found is None:
        return 1
    texts = _texts_by_column(table)
    if sum(found) > room:
        return math.inf
    cells = [(text, width - 2) for column, width in zip(texts, found, strict=True) for text in column]
    return max(len(textwrap.wrap(text, width)) for text, width in cells)


def _texts_by_column(table: Block) -> list[list[str]]:
    columns: list[list[str]] = [[] for _ in table["c"][2]]
    for row in rows_of(table):
        for column, cell in zip(columns, row[1], strict=False):
            column.append(_words(cell))
    return columns


def _least(texts: list[list[str]], short: int) -> list[int]:
    return [max((len(part) for text in column for part in _unbroken(text, short)), default=1) + 2 for column in texts]


def _unbroken(text: str, short: int) -> list[str]:
    """What stays on one line: short texts, numbers with what belongs to them, and words, but for very long ones."""
    if len(text) <= short or NUMBER.fullmatch(text):
        return [text]
    words = re.findall(r"(?:\S|\xa0)+", text)  # which str.split would break at
    return [part for word in words for part in (re.findall(r"[^-]+-?|-", word) if len(word) > 24 else [word])]


def length(table: Block) -> int:
    """Rows below the heading."""
    return sum(len(body[3]) for body in table["c"][4])


def fit(table: Block) -> None:
    """For paper: the largest type in which no cell takes more than a few lines, and columns by what they hold."""
    most = THEIR_LINES if length(table) <= FEW_ROWS else LINES
    sizes = [size for size, room in TABLE_SIZES.items() if lines(table, room) <= most] or [*TABLE_SIZES][-1:]
    size = next((size for size in sizes[:2] if keeps_short(table, TABLE_SIZES[size])), sizes[0])
    table["c"][0][2] = [["typst:text:size", size]]
    room, found = TABLE_SIZES[size], widths(table, TABLE_SIZES[size])
    for number, column in enumerate(table["c"][2]):
        share = {"t": "ColWidth", "c": round(found[number] / sum(found), 4)} if found else {"t": "ColWidthDefault"}
        column[1] = share
    if found and sum(found) > room:  # some words are longer than what is left to their column
        for row in rows_of(table):
            for cell, width in zip(row[1], found, strict=False):
                longest = max(int(width / sum(found) * room) - 3, 1)
                cell[4] = changed(cell[4], lambda node, longest=longest: with_breaks(node, longest))


def with_breaks(node: dict, longest: int) -> dict | None:
    """A piece of text with invisible places to break in runs that are longer than so many characters."""
    if node["t"] not in LONGEST:
        return None
    every = min(longest, 8)

    def broken(words: str) -> str:
        return re.sub(rf"\S{{{longest},}}", lambda run: BREAK.join(re.findall(f".{{1,{every}}}", run[0])), words)

    return {**node, "c": broken(node["c"]) if node["t"] == "Str" else [node["c"][0], broken(node["c"][1])]}
