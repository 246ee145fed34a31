"""BLEU's counts of each sentence, packed for a record, and what differences in BLEU are worth.

A record holds the counts instead of the translations: they are smaller, and the interval needs no reference, so that
it is found where the corpus is not.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sacrebleu.metrics import BLEU

#: Draws of the bootstrap.
TRIALS = 1_000
#: BLEU looks at 1- to 4-grams.
ORDERS = 4
#: Counts of a sentence: length of translation and reference, matches of n-grams, n-grams in the translation.
COUNTS = 2 + ORDERS + ORDERS


def words_of(language: str) -> str:
    """How sacrebleu cuts a language into what BLEU counts: its 13a, or characters where there are no spaces."""
    return {"zh": "zh", "ja": "char", "th": "char", "lo": "char", "km": "char", "my": "char"}.get(language, "13a")


def count_matches(translations: Sequence[str], references: Sequence[str], language: str = "en") -> np.ndarray:
    """What corpus BLEU adds up: [sentences, COUNTS] whole numbers, without case."""
    # effective_order silences advice about single sentences
    metric = BLEU(lowercase=True, tokenize=words_of(language), effective_order=True)
    scored = [metric.sentence_score(text, [wanted]) for text, wanted in zip(translations, references, strict=True)]
    rows = [[score.sys_len, score.ref_len, *score.counts, *score.totals] for score in scored]
    return np.array(rows, dtype=np.int64).reshape(-1, COUNTS)


def pack(counts: np.ndarray) -> str:
    """The counts as text for a JSON file: what the lengths do not tell, two bytes each, compressed, in base 64.

    All low bytes of a column lie side by side and the high ones, which are 0, after them: so they take least room.

    Raises:
        ValueError: when a sentence has more words than two bytes can count.
    """
    if counts.max(initial=0) > np.iinfo(np.uint16).max:
        raise ValueError(f"A sentence of {counts.max():,} words cannot be recorded: cut what the model may write.")
    columns = counts[:, : COUNTS - ORDERS].T.astype("<u2").reshape(-1)
    low_then_high = columns.view(np.uint8).reshape(-1, 2).T
    return base64.b64encode(zlib.compress(low_then_high.tobytes(), level=9)).decode("ascii")


def unpack(text: str) -> np.ndarray:
    """The counts that `pack` packed, [sentences, COUNTS]."""
    low_then_high = np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=np.uint8).reshape(2, -1)
    columns = np.ascontiguousarray(low_then_high.T).view("<u2").reshape(COUNTS - ORDERS, -1).astype(np.int64)
    totals = np.maximum(columns[0] - np.arange(ORDERS)[:, None], 0)  # n words have n - 1 pairs, n - 2 triples, …
    return np.concatenate([columns, totals]).T


def repacked(text: str) -> str:
    """What records of format 2 held, all counts of a sentence side by side, as `pack` writes it."""
    counts = np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype="<u2").reshape(-1, COUNTS)
    return pack(counts)


class JointBLEU(NamedTuple):
    """`difference` in BLEU points from `second` to `first` with its 95 % interval over sentences and seeds at once."""

    difference: float
    low: float
    high: float


def joint_bleu(first: np.ndarray, second: np.ndarray, trials: int = TRIALS) -> JointBLEU:
    """What other sentences and other seeds together would have given: seeds and sentences are both drawn anew.

    A bootstrap of both ways of a crossed table at once, which errs on the side of width.

    Source: Owen & Eckles (2012), "Bootstrapping data arrays of arbitrary order".

    Args:
        first, second: counts of the same seeds and sentences in the same order, [seeds, sentences, COUNTS].
        trials: draws.
    """
    generator = np.random.default_rng(0)
    seeds, sentences = first.shape[:2]
    both = np.stack([first, second]).astype(np.float64)  # [2, seeds, sentences, COUNTS]
    of_seeds, of_sentences = (
        generator.multinomial(count, np.full(count, 1 / count), size=trials) for count in (seeds, sentences)
    )
    by_seed = np.tensordot(of_sentences, both, axes=(1, 2))  # [trials, 2, seeds, COUNTS]
    drawn = [_difference(sums) for sums in np.einsum("ts,tmsc->tmc", of_seeds, by_seed)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return JointBLEU(_difference(both.sum((1, 2))), float(low), float(high))


def _difference(sums: np.ndarray) -> float:
    """BLEU of the first row of summed counts less that of the second, [2, COUNTS]."""
    scores = [
        BLEU.compute_bleu(correct=row[2:6], total=row[6:10], sys_len=row[0], ref_len=row[1], smooth_method="exp").score
        for row in sums.round().astype(int).tolist()
    ]
    return scores[0] - scores[1]
