"""BLEU's counts of each sentence, and the paired test on them."""

from __future__ import annotations

import numpy as np
import pytest
from sacrebleu.metrics import BLEU
from sacrebleu.significance import PairedTest

from seq2seq_lib.evaluation.significance import COUNTS, TRIALS, count_matches, joint_bleu, pack, paired_bleu, unpack

REFERENCES = [f"le chat {n} dort sur le lit de ma tante" for n in range(40)]
GOOD = [text.replace("tante", "soeur") for text in REFERENCES]
BAD = [text.replace("dort sur", "mange un") for text in REFERENCES]


def test_the_counts_are_what_corpus_bleu_adds_up():
    counts = count_matches([text.upper() for text in GOOD], REFERENCES)
    assert counts.shape == (40, COUNTS)
    found = BLEU(lowercase=True).corpus_score(GOOD, [REFERENCES])
    total = counts.sum(0).tolist()
    assert total == [found.sys_len, found.ref_len, *found.counts, *found.totals]


def test_identical_systems_do_not_differ():
    counts = count_matches(GOOD, REFERENCES)
    assert paired_bleu(counts, counts.copy()) == (0.0, 1.0)


def test_random_small_differences_are_rarely_significant():
    generator = np.random.default_rng(0)
    both = np.stack([count_matches(texts, REFERENCES) for texts in (GOOD, BAD)])
    found = []
    for _ in range(200):
        draws = generator.integers(2, size=(2, 400)), generator.integers(len(REFERENCES), size=400)
        first, second = both[draws[0][0], draws[1]], both[draws[0][1], draws[1]]
        found.append(paired_bleu(first, second, trials=200).p)
    assert np.mean(np.array(found) <= 0.05) <= 0.1


def test_packing_loses_nothing():
    counts = count_matches([*GOOD, ""], [*REFERENCES, "un mot " * 300])
    assert np.array_equal(unpack(pack(counts)), counts)


def test_no_sentences_are_no_counts():
    assert unpack(pack(count_matches([], []))).shape == (0, COUNTS)


def test_the_paired_test_is_sacrebleus_own_on_the_texts():
    ours = paired_bleu(count_matches(GOOD, REFERENCES), count_matches(BAD, REFERENCES))
    systems = [("bad", BAD), ("good", GOOD)]
    _, theirs = PairedTest(systems, {"BLEU": BLEU(lowercase=True)}, [REFERENCES], "ar", TRIALS)()
    bad, good = theirs["BLEU"]
    assert ours.difference == pytest.approx(good.score - bad.score)
    assert ours.p == good.p_value < 0.01


def test_two_systems_that_share_their_errors_evenly_are_not_told_apart():
    first = [good if n % 2 else bad for n, (good, bad) in enumerate(zip(GOOD, BAD, strict=True))]
    second = [bad if n % 2 else good for n, (good, bad) in enumerate(zip(GOOD, BAD, strict=True))]
    found = paired_bleu(count_matches(first, REFERENCES), count_matches(second, REFERENCES))
    assert found.difference == pytest.approx(0)
    assert found.p > 0.5


def test_the_joint_interval_is_wider_than_either_alone_and_holds_what_it_promises():
    counts = {name: count_matches(texts, REFERENCES) for name, texts in (("good", GOOD), ("bad", BAD))}
    apart = joint_bleu(np.stack([counts["good"]] * 4), np.stack([counts["bad"]] * 4), trials=20)
    assert apart.difference == pytest.approx(paired_bleu(counts["good"], counts["bad"], trials=20).difference, abs=1e-6)
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
