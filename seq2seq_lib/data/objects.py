"""Objects as rows: JSON lines, mappings from columns to texts, pairs, DataFrames and datasets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from seq2seq_lib.data.columns import Reading, choose_columns, say_columns
from seq2seq_lib.data.pairs import CorpusError, Row


def json_rows(lines: Iterable[str], where: str, reading: Reading) -> Iterator[Row]:
    """One JSON value a line, or one array of them."""
    numbered = _not_blank(lines, reading)
    number, first = next(numbered, (1, ""))
    if _opens_an_array(first):
        text = "\n".join([first, *(line for _, line in numbered)])
        values = ((f"{where}, item {n}", value) for n, value in enumerate(_parsed(text, where), start=1))
    else:
        places = ((f"{where}, line {number}", line) for number, line in chain([(number, first)], numbered))
        values = ((place, _parsed(line, place)) for place, line in places)
    yield from rows_of_objects(values, reading)


def _not_blank(lines: Iterable[str], reading: Reading) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        if line.strip(" "):
            yield number, line
        else:
            reading.skipped["blank"] += 1


def _opens_an_array(line: str) -> bool:
    """Whether the line begins an array of rows, rather than being the array that one row is."""
    if not line.lstrip().startswith("["):
        return False
    try:
        return not all(isinstance(part, str) for part in json.loads(line))
    except (ValueError, RecursionError):
        return True


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f'{place}: no JSON ({error}); a line is one object, such as {{"en": …, "fr": …}}') from None


def rows_of_objects(objects: Iterable[tuple[str, Any]], reading: Reading) -> Iterator[Row]:
    """Rows of (place, object): a mapping from column to text, one whose "translation" is such, or a pair of texts."""
    chosen: tuple[str, str] | None = None
    for place, item in objects:
        if isinstance(item, Mapping):
            inner = item.get("translation")
            record = inner if isinstance(inner, Mapping) else item
            if chosen is None:
                names = [str(name) for name in record]
                source, target, reading.languages = choose_columns(names, place, reading.languages, reading.columns)
                say_columns(names, source, target, reading)
                chosen = names[source], names[target]
            sides = [record.get(name) for name in chosen]
        elif isinstance(item, Sequence) and not isinstance(item, str) and len(item) >= 2:
            sides = list(item[:2])
        else:
            raise CorpusError(f"{place}: neither an object nor a pair of sentences")
        if not all(isinstance(side, str | None) for side in sides):
            raise CorpusError(
                f"{place}: a side is no text but {next(s for s in sides if not isinstance(s, str))!r:.40}"
            )
        yield Row(*(side or "" for side in sides))


def rows_of_table(table: Any, reading: Reading, where: str) -> Iterator[Row]:
    """Rows of a DataFrame, a dataset, or any iterable of objects as in `rows_of_objects`."""
    if hasattr(table, "itertuples"):  # a DataFrame
        names = [str(name) for name in table.columns]
        rows = table.astype(object).where(table.notna(), None).itertuples(index=False, name=None)
        items = (dict(zip(names, row, strict=True)) for row in rows)
    else:
        items = iter(table)
    yield from rows_of_objects(((f"{where}, row {n}", item) for n, item in enumerate(items, start=1)), reading)
