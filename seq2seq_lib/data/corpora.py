"""Sentence pairs: the embedded grammar corpus, Multi30k, or a TSV/CSV file of your own.

What every side of every pair goes through: UTF-8, Unicode NFC (so that "é" is one character however it was typed),
white space at its ends removed. In the grammar corpus and in your own files each run of white space inside becomes one
space; Multi30k keeps its text as published, because its well-known vocabulary of 5,893 English types counts the token
that one double space leaves. Nothing is left out in silence: `load_corpus` prints what it skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from seq2seq_lib.data import multi30k
from seq2seq_lib.data.columns import Columns, Reading
from seq2seq_lib.data.lines import lines_of
from seq2seq_lib.data.pairs import (
    SPLITS,
    CorpusError,
    Languages,
    Split,
    clean,
    count_twins,
    distinct,
    fold,
    split_pairs,
)
from seq2seq_lib.data.readers import pieces_of, rows_of
from seq2seq_lib.data.tables import tsv_rows

NAMED = ("grammar", "multi30k")


@dataclass(frozen=True, repr=False)
class Corpus:
    """Pairs in three splits; equal corpora have equal fingerprints."""

    name: str  # "grammar", "multi30k" or a file's name without its folder
    source_language: str  # ISO 639-1, as spaCy names its tokenizers
    target_language: str
    train: Split
    valid: Split
    test: Split
    skipped: Mapping[str, int] = field(default_factory=dict, hash=False)  # reason -> how many; read-only
    found: tuple[str, ...] = field(default=(), compare=False)  # what was found out about its layout rather than told

    def __post_init__(self) -> None:
        object.__setattr__(self, "skipped", MappingProxyType(dict(self.skipped)))

    def __reduce__(self) -> tuple:  # a read-only mapping cannot be pickled, and worker processes need the corpus
        languages = (self.source_language, self.target_language)
        return Corpus, (self.name, *languages, self.train, self.valid, self.test, dict(self.skipped), self.found)

    def __repr__(self) -> str:
        return f"Corpus({self.source_language}→{self.target_language}, {self.summary()})"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of both language codes and of every pair's split, source and target; tags do not count."""
        digest = hashlib.sha256(json.dumps([self.source_language, self.target_language]).encode())
        for split in SPLITS:
            for pair in getattr(self, split):
                digest.update(json.dumps([split, pair.source, pair.target]).encode())
        return digest.hexdigest()

    def summary(self) -> str:
        """One line: the sizes of the splits, and what was skipped and why."""
        sizes = {split: len(getattr(self, split)) for split in SPLITS}
        parts = ", ".join(f"{split} {size:,}" for split, size in sizes.items())
        said = Reading(skipped=Counter(self.skipped), found=list(self.found)).summary()
        return f"{self.name}: {sum(sizes.values()):,} pairs ({parts}){said}"


def load_corpus(
    source: Any,
    *,
    source_language: str | None = None,
    target_language: str | None = None,
    columns: tuple[str, str] | tuple[int, int] | None = None,
    encoding: str | None = None,
    seed: int = 0,
    cache: str | os.PathLike[str] | None = None,
    test_set: str = "test_2016_flickr",
    quiet: bool = False,
) -> Corpus:
    """Reads a corpus and prints one line about it, which also says what was found out about its layout.

    Args:
        source: "grammar" (ships with the project), "multi30k" (captions: Elliott et al. 2016, 2017; fetched once), or
            a corpus of your own: the path of a table (.tsv, .csv, .txt) or of JSON lines (.jsonl); two paths of files
            whose lines belong together; a DataFrame; an object of the `datasets` library; an iterable of pairs or of
            mappings; a folder or a mapping with train, valid and test. Files may be compressed (.gz, .bz2, .xz).
            What is not split yet is split 90/5/5 by a hash of each source sentence, so that all its translations and
            twins (other case, punctuation or white space) lie in one split; pairs that occur twice are dropped.
        source_language, target_language: ISO 639-1; by default what the columns or files are called by, or else "en"
            and "fr". The two named corpora take ("en", "fr") or ("fr", "en").
        columns: source and target: two names, or two numbers from 1 of a table without a header. By default "source"
            and "target", or those that name the languages; of a table without a header the first two. Further columns
            are ignored.
        encoding: of files that are not UTF-8, such as "cp1252".
        cache: folder of Multi30k's .gz files; default: the variable SEQ2SEQ_CACHE, or else the user's cache folder.
            With the files there no network is needed, and the folder may be read-only. Without them they come from
            the address in the variable SEQ2SEQ_MIRROR, or else from Multi30k's own, through the proxies in HTTP_PROXY,
            HTTPS_PROXY and NO_PROXY; a file that does not arrive is tried three times.
        seed: varies which sentences are held out.
        test_set: Multi30k's: test_2016_flickr, test_2017_flickr, test_2017_mscoco or test_2018_flickr.
        quiet: prints neither the line nor a progress bar.

    Raises:
        CorpusError: the name is unknown, or a file is missing, damaged or not laid out as described.
    """
    given = (source_language or "en", target_language or "fr")
    reading = Reading(given if source_language or target_language else None, columns, encoding)
    if not (isinstance(source, str) and source in NAMED):
        name, splits = _read_own(source, reading, seed)
    else:
        _check_named(source, given, columns)
        name, reading.languages = source, given
        if source == "grammar":
            splits = _read_grammar(_grammar_folder(), given, reading.skipped)
        else:
            splits = multi30k.read(multi30k.cache_folder(cache), given, test_set, reading.skipped, not quiet)
    languages = reading.languages or ("en", "fr")
    corpus = Corpus(name, *languages, *splits, reading.skipped, tuple(reading.found))
    if not quiet:
        print(corpus.summary())
    return corpus


def _read_own(source: Any, reading: Reading, seed: int) -> tuple[str, list[Split]]:
    """Name and splits of a corpus of one's own."""
    if isinstance(source, str | os.PathLike):
        source = Path(source).expanduser()
    name = _name_of(source)
    pieces = {
        split: distinct(clean(rows_of(piece, reading), fold, reading.skipped), reading.skipped)
        for split, piece in pieces_of(source).items()
    }
    missing = [split for split in ("test", "valid") if split not in pieces]
    if missing:
        if len(missing) == 1:
            reading.say(f"no {missing[0]} split, so it was held out of train")
        pieces |= split_pairs(
            pieces["train"], seed, str(source) if isinstance(source, Path) else name, reading.skipped, missing
        )
    for split in SPLITS:
        if not pieces[split]:
            raise CorpusError(f"{name}: its {split} split holds no pair{reading.summary()}")
    if len(missing) < 2 and (twins := count_twins(pieces)):
        reading.say(f"as split; {twins:,} held-out sources have a twin in train")
    return name, [pieces[split] for split in SPLITS]


def _name_of(source: Any) -> str:
    """What a corpus is called: its file's name, what two files' names have in common, or the kind of object."""
    if isinstance(source, Path):
        return source.name or str(source)
    if isinstance(source, tuple) and source and isinstance(source[0], str | os.PathLike):
        return Path(source[0]).name.split(".")[0]
    return type(source).__name__


def _check_named(name: str, languages: Languages, columns: Columns) -> None:
    if columns is not None:
        raise CorpusError(f"{name} takes no columns: they are for a file of your own")
    if set(languages) != {"en", "fr"}:
        raise CorpusError(
            f"{name} is English and French: the languages are 'en' and 'fr', in either order, not {languages}"
        )


# The two named corpora


def _grammar_folder() -> Path:
    return Path(__file__).resolve().parent.parent.parent / "data" / "grammar"


def _read_grammar(folder: Path, languages: Languages, skipped: Counter[str]) -> list[Split]:
    """Lines `English<TAB>French<TAB>tags`, tags separated by spaces, in one file a split."""
    columns = (1, 2, 3) if languages[0] == "en" else (2, 1, 3)
    splits = []
    for split in SPLITS:
        path = folder / f"{split}.tsv"
        if not path.is_file():
            raise CorpusError(
                f"{path} is missing: the grammar corpus lies in data/grammar beside the package, so work in a copy of "
                "the project and install it from there with pip install -e ."
            )
        with path.open("rb") as file:
            lines = lines_of(file, str(path), skipped)
            pairs = tuple(clean(tsv_rows(lines, str(path), columns, skipped), fold, skipped))
        if not pairs:
            raise CorpusError(f"{path} holds no pair: restore it from the project")
        splits.append(pairs)
    return splits
