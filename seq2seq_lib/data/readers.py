"""What people bring, files, files side by side, folders, DataFrames, datasets: each goes to the reader for its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from seq2seq_lib.data.columns import Reading, language_called
from seq2seq_lib.data.lines import ending_of, lines_of, opened
from seq2seq_lib.data.objects import json_rows, rows_of_table
from seq2seq_lib.data.pairs import CorpusError, Row
from seq2seq_lib.data.tables import csv_rows, rows_between_tabs

TABLES, JSON_LINES = (".tsv", ".csv", ".txt", ".tab"), (".jsonl", ".json", ".ndjson")
SPLIT_NAMES = {
    "train": "train", "training": "train",
    "valid": "valid", "val": "valid", "validation": "valid", "dev": "valid",
    "test": "test", "testing": "test",
}  # fmt: skip
KINDS = "a .tsv, .csv, .txt or .jsonl file, two files side by side, or a folder of such (.gz, .bz2 and .xz too)"


def rows_of_file(path: Path, reading: Reading) -> Iterator[Row]:
    """The rows of one file, whose name says what it is.

    Raises:
        CorpusError: for what is no such file, or not laid out like one.
    """
    suffix = ending_of(path)
    if not path.exists() or suffix not in (*TABLES, *JSON_LINES):
        raise CorpusError(_no_corpus(path, suffix))
    with opened(path) as file:
        lines, where = lines_of(file, str(path), reading.skipped, reading.encoding), str(path)
        if suffix in JSON_LINES:
            yield from json_rows(lines, where, reading)
        elif suffix == ".csv":
            yield from csv_rows(lines, where, reading)
        else:
            yield from rows_between_tabs(lines, where, reading)


def _no_corpus(path: Path, suffix: str) -> str:
    if path.exists() and (twins := [p for p in path.parent.glob(f"{path.name.split('.')[0]}.*") if p != path]):
        other = next((p for p in twins if language_called(p.suffix[1:])), None)
        if other and language_called(suffix[1:]):
            return f"{path} is one side of a corpus: give both, as in load_corpus(({path.name!r}, {other.name!r}))"
    if not path.exists() and suffix in (*TABLES, *JSON_LINES):
        return f"{path} cannot be read (no such file): check the path and your rights to it"
    return f"no corpus is called {str(path)!r}: known are grammar and multi30k; else give {KINDS}"


def rows_of_sides(paths: Sequence[Path], reading: Reading) -> Iterator[Row]:
    """Line n of one file with line n of the other; their endings name the languages where the caller does not."""
    called = [language_called(ending_of(path)[1:]) for path in paths]
    if reading.languages is None and all(called) and called[0] != called[1]:
        reading.languages = (called[0], called[1])
        if reading.languages != ("en", "fr"):
            reading.say(f"languages {called[0]} and {called[1]}, by the files' names")
    elif reading.languages is not None and called == [*reversed(reading.languages)]:
        paths = paths[::-1]
        reading.say(f"{paths[0].name} is the source, by its name")
    counts = [0, 0]
    with opened(paths[0]) as first, opened(paths[1]) as second:
        sides = [
            lines_of(file, str(path), reading.skipped, reading.encoding)
            for file, path in zip((first, second), paths, strict=True)
        ]
        for source, target in zip_longest(*sides):
            counts[0] += source is not None
            counts[1] += target is not None
            if source is not None and target is not None:
                yield Row(source, target)
    if counts[0] != counts[1]:
        raise CorpusError(
            f"{paths[0].name} has {counts[0]:,} lines and {paths[1].name} has {counts[1]:,}: line n of one must "
            "translate line n of the other"
        )


# Pieces: what is split already stays so


def pieces_of(source: Any) -> dict[str, Any]:
    """What a corpus consists of: {"train": all of it}, or its splits as a folder's files or a mapping's keys name them.

    Args:
        source: a path, two paths, a folder, a DataFrame, a dataset, a mapping from splits to these, or rows.

    Raises:
        CorpusError: for a folder or a mapping without a training split.
    """
    if isinstance(source, Mapping):
        pieces = {
            SPLIT_NAMES[str(name).lower()]: part for name, part in source.items() if str(name).lower() in SPLIT_NAMES
        }
        if "train" not in pieces:
            raise CorpusError(f"of {', '.join(map(repr, source))} none is a training split: call it 'train'")
        return pieces
    if isinstance(source, Path) and source.is_dir():
        return _pieces_of_folder(source)
    return {"train": source}


def _pieces_of_folder(folder: Path) -> dict[str, Any]:
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        suffix = ending_of(path)
        if path.is_file() and (suffix in (*TABLES, *JSON_LINES) or language_called(suffix[1:])):
            files.setdefault(path.name.split(".")[0], []).append(path)
    whole = {stem: parts[0] if len(parts) == 1 else tuple(parts) for stem, parts in files.items() if len(parts) <= 2}
    split = {SPLIT_NAMES[stem.lower()]: part for stem, part in whole.items() if stem.lower() in SPLIT_NAMES}
    if "train" in split:
        return split
    if len(whole) == len(files) == 1:
        return {"train": next(iter(whole.values()))}
    raise CorpusError(f"{folder} is a folder with {len(files)} corpora and no train file: give the path of one")


def rows_of(piece: Any, reading: Reading) -> Iterator[Row]:
    """The rows of one piece."""
    if isinstance(piece, str | Path):
        return rows_of_file(Path(piece), reading)
    if isinstance(piece, tuple) and len(piece) == 2 and all(isinstance(part, str | Path) for part in piece):
        return rows_of_sides([Path(part).expanduser() for part in piece], reading)
    if not isinstance(piece, Iterable):
        raise CorpusError(
            f"a {type(piece).__name__} is no corpus: give {KINDS}, a DataFrame, a dataset or a list of pairs"
        )
    return rows_of_table(piece, reading, type(piece).__name__)
