"""BLEU's counts of each sentence, and the interval of a difference."""

from __future__ import annotations

import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from seq2seq_lib.evaluation.significance import COUNTS, count_matches, joint_bleu, pack, unpack

REFERENCES = [f"le chat {n} dort sur le lit de ma tante" for n in range(40)]
GOOD = [text.replace("tante", "soeur") for text in REFERENCES]
BAD = [text.replace("dort sur", "mange un") for text in REFERENCES]


def test_the_counts_are_what_corpus_bleu_adds_up():
    counts = count_matches([text.upper() for text in GOOD], REFERENCES)
    assert counts.shape == (40, COUNTS)
    found = BLEU(lowercase=True).corpus_score(GOOD, [REFERENCES])
    total = counts.sum(0).tolist()
    assert total == [found.sys_len, found.ref_len, *found.counts, *found.totals]


def test_packing_loses_nothing():
    counts = count_matches([*GOOD, ""], [*REFERENCES, "un mot " * 300])
    assert np.array_equal(unpack(pack(counts)), counts)


def test_a_sentence_too_long_to_be_counted_is_refused():
    with pytest.raises(ValueError, match="70,000 words"):
        pack(count_matches(["mot " * 70_000], ["un mot"]))


def test_no_sentences_are_no_counts():
    assert unpack(pack(count_matches([], []))).shape == (0, COUNTS)


def test_the_joint_interval_is_wider_than_either_alone_and_holds_what_it_promises():
    counts = {name: count_matches(texts, REFERENCES) for name, texts in (("good", GOOD), ("bad", BAD))}
    apart = joint_bleu(np.stack([counts["good"]] * 4), np.stack([counts["bad"]] * 4), trials=20)
    good, bad = (BLEU(lowercase=True).corpus_score(texts, [REFERENCES]).score for texts in (GOOD, BAD))
    assert apart.difference == pytest.approx(good - bad, abs=1e-6)
    assert joint_bleu(*[np.stack([counts["good"]] * 4)] * 2, trials=20) == (0, 0, 0)
    generator, misses = np.random.default_rng(1), 0

    def drawn(*means):  # seeds that differ among themselves
        shares = np.clip(generator.normal(means, 0.15, size=(6, 2)), 0, 1).T
        picks = generator.random((2, 6, len(REFERENCES))) < shares[..., None]
        return joint_bleu(*np.where(picks[..., None], counts["good"], counts["bad"]), trials=200)

    for _ in range(100):
        found = drawn(0.5, 0.5)
        misses += not found.low <= 0 <= found.high
    assert misses <= 10
    found = drawn(0.9, 0.2)
    assert 0 < found.low < found.difference < found.high
