"""Scores of translations; sacrebleu does the counting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class BLEU(NamedTuple):
    """`score` from 0 to 100 and the signature that says how it was counted."""

    score: float
    signature: str


def bleu(translations: Sequence[str], references: Sequence[str]) -> BLEU:
    """Corpus BLEU, case-insensitive because the models are trained on lower-cased text.

    Source: Post (2018), "A Call for Clarity in Reporting BLEU Scores".
    """
    from sacrebleu.metrics import BLEU as Metric

    metric = Metric(lowercase=True)
    score = metric.corpus_score(list(translations), [list(references)]).score
    return BLEU(score, str(metric.get_signature()))
