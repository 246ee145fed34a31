"""Tables as rows: columns between tabs, or between what their first row shows, with quotes."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from seq2seq_lib.data.columns import Columns, Reading, choose_columns, is_header, say_columns
from seq2seq_lib.data.pairs import CorpusError, Languages, Row

DELIMITERS = ",;\t|"


def rows_between_tabs(lines: Iterable[str], where: str, reading: Reading) -> Iterator[Row]:
    """Rows of two or more columns between tabs; quotation marks mean themselves."""
    columns, assumed = reading.columns, reading.languages or ("en", "fr")
    lines = iter(lines)
    first = next(lines, "")
    cells = first.split("\t")
    named = is_header(cells[:2], assumed) or _holds_columns(cells, columns, assumed)
    if named:
        reading.skipped["header"] += 1
        if columns is None or all(isinstance(column, str) for column in columns):
            source, target, reading.languages = choose_columns(cells, f"{where}, line 1", reading.languages, columns)
            columns = (source + 1, target + 1)
            if columns != (1, 2):
                reading.say(f"columns {cells[source].strip()!r} and {cells[target].strip()!r}")
    numbers = (1, 2) if columns is None else tuple(columns)
    if len(set(numbers)) != 2 or not all(isinstance(number, int) and number > 0 for number in numbers):
        raise CorpusError(
            f"{where}: columns of a table without a header are two different numbers from 1, such as (1, 2), not "
            f"{columns}"
        )
    rows = words = 0
    for row in tsv_rows(lines if named else chain([first], lines), where, numbers, reading.skipped, 1 + named):
        rows += 1
        words += not row.source.strip().isdecimal()
        yield row
    if reading.columns is None and rows and not words:
        raise CorpusError(
            f"{where}: the first column holds numbers alone, as in Tatoeba's exports with sentence ids; choose the "
            "columns of the two sentences, for example columns=(2, 4)"
        )


def _holds_columns(cells: Sequence[str], columns: Columns, languages: Languages) -> bool:
    """Whether a first row holds both names that the caller gave, or both languages among further columns."""
    names = [cell.strip() for cell in cells]
    lower = [name.lower() for name in names]
    if columns is None:
        return len(cells) > 2 and all(lower.count(language) == 1 for language in languages)
    return all(isinstance(column, str) and column in names for column in columns)


def tsv_rows(
    lines: Iterable[str], where: str, numbers: Sequence[int], skipped: Counter[str], first: int = 1
) -> Iterator[Row]:
    """The cells of each line at the column `numbers`: source, target and, if there is a third number, tags."""
    for count, line in enumerate(lines, first):
        cells = line.split("\t")
        if not line.strip(" "):
            skipped["blank"] += 1
        elif len(cells) == 1:
            raise CorpusError(f"{where}, line {count}: no tab; a line is a sentence, a tab and its translation")
        elif len(cells) < max(numbers):
            raise CorpusError(f"{where}, line {count}: {len(cells)} columns, but column {max(numbers)} is asked for")
        else:
            yield Row(*(cells[number - 1] for number in numbers))


def csv_rows(lines: Iterable[str], where: str, reading: Reading) -> Iterator[Row]:
    """Rows of a file with quotes (RFC 4180) whose first row names its columns; what stands between them is found."""
    previous = 0
    limit = csv.field_size_limit(2**31 - 1)
    try:  # a long field is skipped and counted like a long line, so csv's own limit steps aside meanwhile
        lines = iter(lines)
        first = next(lines, "")
        delimiter = _delimiter(first)
        reader = csv.reader((line + "\n" for line in chain([first], lines)), strict=True, delimiter=delimiter)
        header = next(reader)
        source, target, reading.languages = choose_columns(
            header, f"{where}, line 1", reading.languages, reading.columns
        )
        if delimiter != ",":
            reading.say(f"columns separated by {delimiter!r}")
        say_columns([name.strip() for name in header], source, target, reading)
        previous = reader.line_num
        for cells in reader:
            if len(cells) < len(header) and not "".join(cells).strip(" "):
                reading.skipped["blank"] += 1
            elif len(cells) != len(header):
                raise CorpusError(
                    f"{where}, line {previous + 1}: {len(cells)} columns where the first line names {len(header)}; "
                    f"put a sentence that holds {delimiter!r} in double quotes"
                )
            else:
                yield Row(cells[source], cells[target])
            previous = reader.line_num
    except csv.Error as error:
        raise CorpusError(
            f"{where}, line {previous + 1}: the row that begins here is not CSV ({error}); check its double quotes"
        ) from None
    finally:
        csv.field_size_limit(limit)


def _delimiter(header: str) -> str:
    try:
        return csv.Sniffer().sniff(header, DELIMITERS).delimiter
    except csv.Error:  # a single column, or nothing
        return ","
