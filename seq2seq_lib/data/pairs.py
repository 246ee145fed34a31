"""Rows to sentence pairs to three splits; what is left out is counted, what cannot work is one sentence."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

SPLITS = ("train", "valid", "test")
MAX_WORDS, MAX_CHARACTERS = 1_000, 10_000  # a side; longer ones are skipped: no sentence, and hours of decoding
HELD_OUT = 0.05  # share of a file's pairs that goes to valid, and again to test
EMPTY = "with an empty side"
LONG = f"longer than {MAX_WORDS:,} words or {MAX_CHARACTERS:,} characters"

Languages = tuple[str, str]  # source, target


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


def distinct(pairs: Iterable[Pair], skipped: Counter[str]) -> Split:
    """The pairs in their order, each once; repeats are counted in `skipped`."""
    kept: dict[Pair, None] = {}
    repeated = 0
    for pair in pairs:
        repeated += pair in kept
        kept[pair] = None
    if repeated:
        skipped["repeated"] += repeated
    return tuple(kept)


def twin_key(sentence: str) -> str:
    """What twins have in common: letters, marks and digits, without case, punctuation and white space."""
    folded = unicodedata.normalize("NFKC", sentence).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LMN") or folded


def split_pairs(
    pairs: Sequence[Pair],
    seed: int,
    where: str,
    skipped: Mapping[str, int],
    held_out: Sequence[str] = ("test", "valid"),
) -> dict[str, Split]:
    """Train and what is held out of it, in the pairs' order; all pairs whose sources are twins stay together.

    Sources are taken in the order of their SHA-256 for as long as they fit, so that neither the machine nor the order
    of the lines decides, and a few added lines move few sentences.
    """
    keys = [twin_key(pair.source) for pair in pairs]
    sizes, needed = Counter(keys), len(held_out) + 1
    if len(sizes) < needed:
        raise CorpusError(
            f"{where}: {len(pairs)} pairs with {len(sizes)} different source sentences found{list_skipped(skipped)}; "
            f"at least {needed} different ones are needed, one each for {', '.join(('train', *reversed(held_out)))}"
        )
    order = sorted(sizes, key=lambda source: hashlib.sha256(f"{seed}\n{source}".encode()).digest())
    home: dict[str, str] = {}
    for number, split in enumerate(held_out):
        spare = len(held_out) - number  # sources that the splits still to fill need
        free = [source for source in order if source not in home]
        quota = room = max(1, round(HELD_OUT * len(pairs)))
        for source in free:
            if sizes[source] <= room and len(sizes) - len(home) > spare:
                home[source] = split
                room -= sizes[source]
        if room == quota:  # every source has more translations than the quota
            home[min(free, key=sizes.__getitem__)] = split
    homes = [home.get(key, "train") for key in keys]
    return {
        split: tuple(pair for pair, own in zip(pairs, homes, strict=True) if own == split)
        for split in ("train", *held_out)
    }


def count_twins(splits: Mapping[str, Split]) -> int:
    """How many held-out sources have a twin in train."""
    known = {twin_key(pair.source) for pair in splits["train"]}
    return sum(twin_key(pair.source) in known for split in ("valid", "test") for pair in splits[split])
