"""Files of sentence pairs: lines, TSV and CSV rows, cleaned pairs, three splits; every oddity is named or counted."""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SPLITS = ("train", "valid", "test")
MAX_WORDS, MAX_CHARACTERS = 1_000, 10_000  # a side; longer ones are skipped: no sentence, and hours of decoding
HELD_OUT = 0.05  # share of a file's pairs that goes to valid, and again to test
EMPTY = "with an empty side"
LONG = f"longer than {MAX_WORDS:,} words or {MAX_CHARACTERS:,} characters"


Languages = tuple[str, str]  # source, target
Columns = Sequence[str | int] | None


class CorpusError(ValueError):
    """What is wrong with a corpus, where (file and line), and what to do about it, in one sentence."""


class Pair(NamedTuple):
    """A sentence, its translation, and the grammatical phenomena it shows (the grammar corpus alone has tags)."""

    source: str
    target: str
    tags: tuple[str, ...] = ()


class Row(NamedTuple):
    """Two sides as a file holds them, before they are cleaned."""

    source: str
    target: str
    tags: str = ""


Split = tuple[Pair, ...]


def list_skipped(skipped: Mapping[str, int]) -> str:
    """ "; skipped 3: 2 blank, 1 header", or nothing."""
    listed = ", ".join(f"{count:,} {reason}" for reason, count in skipped.items())
    return f"; skipped {sum(skipped.values()):,}: {listed}" if skipped else ""


def read_file(path: Path, languages: Languages, columns: Columns, seed: int, skipped: Counter[str]) -> list[Split]:
    """A .tsv or .csv file, cleaned, without repeated pairs, split."""
    suffix = path.suffix.lower()
    if path.is_dir():
        raise CorpusError(f"{path} is a folder: give the path of a .tsv or .csv file in it")
    if suffix not in (".tsv", ".csv"):
        raise CorpusError(
            f"no corpus is called {str(path)!r}: known are grammar and multi30k; a file's path must end in .tsv or .csv"
        )
    read = _read_tsv if suffix == ".tsv" else _read_csv
    distinct: dict[Pair, None] = {}
    repeated = 0
    try:
        with path.open("rb") as file:
            rows = read(lines_of(file, str(path), skipped), str(path), languages, columns, skipped)
            for pair in clean(rows, fold, skipped):
                repeated += pair in distinct
                distinct[pair] = None
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}): check the path and your rights to it") from None
    if repeated:
        skipped["repeated"] = repeated
    return _split(tuple(distinct), seed, str(path), skipped)


def lines_of(file: Iterable[bytes], where: str, skipped: Counter[str]) -> Iterator[str]:
    """The lines of a UTF-8 text, one after the other; `file` is open for reading bytes.

    Only LF and CR LF end a line: str.splitlines would cut at U+2028, U+0085 and others too, and shift all that follows.
    """
    before, number = 0, 0
    for number, read in enumerate(file, start=1):
        try:
            line = read.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CorpusError(
                f"{where}, line {number}: byte {before + error.start + 1} of the file, 0x{read[error.start]:02x}, is "
                "not UTF-8; save the file as UTF-8"
            ) from None
        before += len(read)
        if number == 1 and line.startswith("\ufeff"):
            skipped["byte order mark"] += 1
            line = line[1:]
            number = 1 if line else 0
        if number == 0:
            break
        line = line.removesuffix("\n").removesuffix("\r")
        for character, what in (("\0", "a NUL byte"), ("\r", "a carriage return in mid-line")):
            if character in line:
                raise CorpusError(f"{where}, line {number}: {what}; save the file as text with LF or CR LF line ends")
        yield line
    if number == 0:
        raise CorpusError(f"{where} is empty: it should hold sentence pairs")


def _read_tsv(
    lines: Iterable[str], where: str, languages: Languages, columns: Columns, skipped: Counter[str]
) -> Iterator[Row]:
    """Rows of a .tsv; quotation marks mean themselves."""
    numbers = (1, 2) if columns is None else tuple(columns)
    if len(set(numbers)) != 2 or not all(isinstance(number, int) and number > 0 for number in numbers):
        raise CorpusError(f"{where}: columns of a .tsv are two different numbers from 1, such as (1, 2), not {columns}")
    rows = words = 0
    for count, row in enumerate(tsv_rows(lines, where, numbers, skipped)):
        if count == 0 and tuple(side.strip().lower() for side in row[:2]) in (("source", "target"), languages):
            skipped["header"] += 1
            continue
        rows += 1
        words += not row.source.strip().isdecimal()
        yield row
    if columns is None and rows and not words:
        raise CorpusError(
            f"{where}: the first column holds numbers alone, as in Tatoeba's exports with sentence ids; choose the "
            "columns of the two sentences, for example columns=(2, 4)"
        )


def tsv_rows(lines: Iterable[str], where: str, numbers: Sequence[int], skipped: Counter[str]) -> Iterator[Row]:
    """The cells of each line at the column `numbers`: source, target and, if there is a third number, tags."""
    for count, line in enumerate(lines, 1):
        cells = line.split("\t")
        if not line.strip(" "):
            skipped["blank"] += 1
        elif len(cells) == 1:
            raise CorpusError(f"{where}, line {count}: no tab; a line is a sentence, a tab and its translation")
        elif len(cells) < max(numbers):
            raise CorpusError(f"{where}, line {count}: {len(cells)} columns, but column {max(numbers)} is asked for")
        else:
            yield Row(*(cells[number - 1] for number in numbers))


def _read_csv(
    lines: Iterable[str], where: str, languages: Languages, columns: Columns, skipped: Counter[str]
) -> Iterator[Row]:
    """Rows of a comma-separated file (RFC 4180) whose first row names its columns."""
    previous = 0
    limit = csv.field_size_limit(2**31 - 1)
    try:  # a long field is skipped and counted like a long line, so csv's own limit steps aside meanwhile
        reader = csv.reader((line + "\n" for line in lines), strict=True)
        header = [name.strip() for name in next(reader)]
        source, target = _csv_columns(header, where, languages, columns)
        previous = reader.line_num
        for cells in reader:
            if len(cells) < len(header) and not "".join(cells).strip(" "):
                skipped["blank"] += 1
            elif len(cells) != len(header):
                raise CorpusError(
                    f"{where}, line {previous + 1}: {len(cells)} columns where the first line names {len(header)}; "
                    "put a sentence that holds a comma in double quotes"
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


def _csv_columns(header: Sequence[str], where: str, languages: Languages, columns: Columns) -> tuple[int, int]:
    """Positions of the source and the target column."""
    wishes = [("source", "target"), languages] if columns is None else [tuple(columns)]
    for wish in wishes:
        if len(set(wish)) == 2 and all(header.count(name) == 1 for name in wish):
            return header.index(wish[0]), header.index(wish[1])
    wanted = " or ".join(repr(wish) for wish in wishes)
    hint = "; columns must be separated by commas" if len(header) == 1 else ""
    raise CorpusError(
        f"{where}, line 1: the two columns {wanted} are not there once each; found are {', '.join(map(repr, header))}; "
        f"the first line names the columns, and columns=(source, target) chooses two{hint}"
    )


# Rows to pairs to splits


def fold(side: str) -> str:
    """`side` with each run of white space, line ends in a CSV field included, as one space, and none at its ends."""
    return " ".join(side.split())


def clean(rows: Iterable[Row], tidy: Callable[[str], str], skipped: Counter[str]) -> Iterator[Pair]:
    """Rows as pairs; those with an empty or an overlong side are counted in `skipped` instead."""
    for row in rows:
        sides = [tidy(unicodedata.normalize("NFC", side)) for side in (row.source, row.target)]
        if not all(any(c.isprintable() and c != " " for c in side) for side in sides):
            skipped[EMPTY] += 1
        elif any(len(side) > MAX_CHARACTERS or len(side.split()) > MAX_WORDS for side in sides):
            skipped[LONG] += 1
        else:
            yield Pair(*sides, tuple(row.tags.split()))


def _split(pairs: Sequence[Pair], seed: int, where: str, skipped: Mapping[str, int]) -> list[Split]:
    """Train, valid and test, in the file's order; all pairs whose sources differ in case at most stay together.

    Sources are taken in the order of their SHA-256 for as long as they fit, so that neither the machine nor the order
    of the lines decides, and a few added lines move few sentences.
    """
    sizes = Counter(pair.source.lower() for pair in pairs)
    if len(sizes) < len(SPLITS):
        raise CorpusError(
            f"{where}: {len(pairs)} pairs with {len(sizes)} different source sentences found{list_skipped(skipped)}; "
            f"at least {len(SPLITS)} different ones are needed, one each for {', '.join(SPLITS)}"
        )
    order = sorted(sizes, key=lambda source: hashlib.sha256(f"{seed}\n{source}".encode()).digest())
    home: dict[str, str] = {}
    for split, spare in (("test", 2), ("valid", 1)):  # spare: sources that the splits still to fill need
        free = [source for source in order if source not in home]
        quota = room = max(1, round(HELD_OUT * len(pairs)))
        for source in free:
            if sizes[source] <= room and len(sizes) - len(home) > spare:
                home[source] = split
                room -= sizes[source]
        if room == quota:  # every source has more translations than the quota
            home[min(free, key=sizes.__getitem__)] = split
    return [tuple(pair for pair in pairs if home.get(pair.source.lower(), "train") == split) for split in SPLITS]
