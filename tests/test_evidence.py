"""Planted differences and planted ties get the right verdicts, and noise is called noise."""

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from seq2seq_lib.analysis.claims import CLAIMS, COUNTED, Claim
from seq2seq_lib.analysis.statistics import FEWEST, LEVEL, holm, interval, p_beyond, p_within
from seq2seq_lib.analysis.verdicts import (
    MARGIN,
    Verdict,
    bleu_difference,
    changed_without,
    paired_differences,
    verdicts,
)
from seq2seq_lib.config import ConfigError
from seq2seq_lib.evaluation.significance import count_matches, pack
from seq2seq_lib.experiments.records import RecordError
from seq2seq_lib.experiments.studies import recorded_study
from seq2seq_lib.models.variants import SECTIONS, VARIANTS
from tests.made_up import record, study

BETTER = Claim("better", "encoder", "ours", "BiLSTM is better", "bilstm-mean", "baseline")
WORSE = Claim("worse", "encoder", "ours", "BiLSTM is worse", "bilstm-mean", "baseline", "higher")
EQUAL = Claim("equal", "encoder", "ours", "They are equal", "bilstm-mean", "baseline", "equal")
NONE = Verdict("no pairs")
BASE = (2.0, 2.4, 1.6, 2.05, 1.95, 2.2, 2.1, 1.8)


def shifted(by, noise=0.001, seeds=8):
    """The baseline's losses, which differ widely, each moved by `by` and a little noise."""
    return {"baseline": BASE[:seeds], "bilstm-mean": [b + by + noise * (-1) ** n for n, b in enumerate(BASE[:seeds])]}


def judged(claim, losses):
    return verdicts(study(losses), [claim])[claim.key]


@pytest.mark.parametrize(
    ("claim", "by", "word"),
    [
        (BETTER, -0.1, "supported"),
        (BETTER, +0.1, "contradicted"),
        (BETTER, 0.0, "equal"),
        (WORSE, +0.1, "supported"),
        (WORSE, -0.1, "contradicted"),
        (WORSE, 0.0, "equal"),
        (EQUAL, 0.0, "supported"),
        (EQUAL, 0.1, "contradicted"),
        (EQUAL, -0.1, "contradicted"),
        (EQUAL, math.log1p(MARGIN), "undecided"),
    ],
)
def test_planted_differences_and_ties(claim, by, word):
    result = judged(claim, shifted(by))
    assert result.word == word
    assert result.effect == pytest.approx(math.expm1(by), abs=1e-3)
    assert result.low <= result.effect <= result.high
    assert result.pairs == 8
    assert result.agreeing == (8 if abs(by) > 0.001 else 4)


def test_pairing_removes_what_the_seeds_share():
    made = shifted(-0.01)
    assert judged(BETTER, made).word == "supported"
    unpaired = {**made, "bilstm-mean": sorted(made["bilstm-mean"])}
    assert judged(BETTER, unpaired).word == "undecided"


@pytest.mark.parametrize("seeds", range(1, FEWEST))
def test_few_pairs_are_never_a_verdict(seeds):
    result = judged(BETTER, shifted(-1.0, seeds=seeds))
    assert result.word == "too few pairs"
    assert math.isnan(result.p)
    assert result.effect == pytest.approx(math.expm1(-1), abs=1e-3)
    assert (result.low, result.high) == (-1.0, math.inf)


def test_six_seeds_decide_a_clear_claim_among_sixty():
    """Where an exact test, with 2 / 2⁶ at best, could not decide any of them."""
    generator = random.Random(1)
    crowd = [replace(BETTER, key=f"{n}", second="gru") for n in range(59)]
    base = BASE[:6]
    losses = {
        "baseline": base,
        "bilstm-mean": [loss - 0.5 + generator.gauss(0, 0.05) for loss in base],
        "gru": [loss - 0.5 + generator.gauss(0, 0.5) for loss in base],
    }
    found = verdicts(study(losses), [BETTER, *crowd])
    assert found["better"].word == "supported"
    assert found["better"].corrected == pytest.approx(60 * found["better"].p)
    assert {found[claim.key].word for claim in crowd} == {"undecided"}


def test_what_hangs_on_a_single_seed_is_found():
    """A verdict that holds by little is lost with a seed that speaks for it; a clear or an open one with none."""
    noise = {"gru": 0.001, "bilstm-mean": 0.06, "tied": 0.3}  # of each model whose lead is 0.1
    losses = {name: shifted(-0.1, by, 6)["bilstm-mean"] for name, by in noise.items()}
    claims = [replace(BETTER, key=name, first=name) for name in noise]
    made = study({"baseline": BASE[:6], **losses})
    assert [found.word for found in verdicts(made, claims).values()] == ["supported", "supported", "undecided"]
    leads = [before - loss for before, loss in zip(BASE, losses["bilstm-mean"], strict=False)]
    speaking_for_it = {seed for seed, lead in enumerate(leads, start=1) if lead > 0.1}
    assert changed_without(made, claims) == {
        seed: {"bilstm-mean": "undecided"} if seed in speaking_for_it else {} for seed in range(1, 7)
    }


def test_only_shared_seeds_count():
    made = study({"baseline": (2.0, 2.1), "bilstm-mean": (1.9, 2.0, 5.0)})
    assert verdicts(made, [BETTER])["better"].pairs == 2


@pytest.mark.parametrize("losses", [{"baseline": (2.0, 2.1)}, {"bilstm-mean": (2.0, 2.1)}])
def test_a_missing_variant_is_said(losses):
    assert judged(BETTER, losses).word == "no pairs"


def test_no_shared_seed_is_said():
    made = study({"baseline": (2.0,), "bilstm-mean": (1.9, 1.8)})
    apart = replace(made, records=tuple(r for r in made.records if (r["variant"], r["seed"]) != ("bilstm-mean", 1)))
    assert verdicts(apart, [BETTER])["better"].word == "no pairs"


def test_a_claim_about_long_training_is_not_judged_by_a_short_one():
    later = replace(EQUAL, epochs=10)
    assert verdicts(study(shifted(0.0)), [EQUAL, replace(later, key="later")]).keys() == {"equal"}


def test_a_bound_is_compared_with_every_run():
    low, high = (Claim(f"{bound}", "encoder", "ours", "", "bilstm-mean", bound) for bound in (2.0, 200.0))
    found = verdicts(study(shifted(0.0)), [low, high])
    assert (found["2.0"].word, found["200.0"].word) == ("contradicted", "supported")
    assert found["200.0"].effect == pytest.approx(np.exp(np.mean(np.array(shifted(0.0)["bilstm-mean"]))) / 200 - 1)


def test_points_are_subtracted():
    claim = Claim("bleu", "encoder", "ours", "", "baseline", 100.0, "lower", "bleu")
    found = judged(claim, {"baseline": BASE[:6]})  # made-up BLEU is 10 + seed
    assert found.effect == pytest.approx(13.5 - 100)
    assert found.word == "supported"


@pytest.mark.parametrize(("decoder", "word"), [(2_000_000, "contradicted"), (1_000_000, "supported")])
def test_what_is_counted_needs_no_test(decoder, word):
    smaller = Claim("small", "decoder", "original", "", "tied", "baseline", "lower", COUNTED[1])
    sizes = {"encoder": 0, "bridge": 0, "decoder": decoder, "total": decoder}
    made = replace(study({}), records=(record(), record("tied", parameters=sizes)), variants=("baseline", "tied"))
    found = verdicts(made, [smaller])["small"]
    assert (found.word, found.pairs) == (word, 1)
    assert math.isnan(found.p)


def test_times_are_not_judged():
    slower = Claim("slow", "decoder", "original", "", "tied", "baseline", "higher", "seconds_per_epoch")
    made = study({"baseline": BASE, "tied": BASE})
    found = verdicts(made, [slower, BETTER])["slow"]
    assert (found.word, found.pairs) == ("not judged", 8)
    assert math.isnan(found.p)


def test_a_measurement_that_is_no_number_is_not_left_out_in_silence():
    made = study(shifted(-0.1))
    broken = record("bilstm-mean", seed=3, test={**record()["test"], "perplexity": math.nan})
    others = tuple(r for r in made.records if (r["variant"], r["seed"]) != ("bilstm-mean", 3))
    with pytest.raises(RecordError, match="bilstm-mean with seed 3 has no finite test_perplexity"):
        verdicts(replace(made, records=(*others, broken)), [BETTER])


def exact_p(differences):
    """The share of all ways to sign the differences with a mean as far out: no assumption, p of 2 / 2ⁿ at best."""
    signs = np.array(list(itertools.product((-1, 1), repeat=len(differences))))
    means = signs @ np.array(differences)
    return np.mean(np.abs(means) >= abs(sum(differences)) - 1e-12)


def test_on_twelve_stored_seeds_an_exact_test_gives_every_claim_the_same_verdict():
    """Claims with six seeds stay away: with those no exact test reaches the level after a correction."""
    stored = recorded_study("all", "short")
    found = verdicts(stored)
    judged = [claim for claim in CLAIMS if not math.isnan(found.get(claim.key, NONE).p)]
    tested = [claim for claim in judged if found[claim.key].pairs == 12]
    exact = {claim.key: exact_p(paired_differences(claim, stored)) for claim in tested if claim.relation != "equal"}
    corrected = holm({claim.key: exact.get(claim.key, found[claim.key].p) for claim in tested})
    assert len(exact) > 35
    for claim in tested:
        assert (corrected[claim.key] <= LEVEL) == (found[claim.key].corrected <= LEVEL), claim.key


def noise_study(generator, names, seeds, true_difference=0.0):
    """Losses that differ by seed and by noise, the same skewed one for all, and from the baseline's on average."""
    shared = [generator.gauss(2.0, 0.3) for _ in range(seeds)]
    return {
        name: [loss + generator.expovariate(20) + (0 if name == "baseline" else true_difference) for loss in shared]
        for name in ("baseline", *names)
    }


@pytest.mark.parametrize(
    ("relation", "true_difference", "wrong"),
    [
        ("lower", 0.0, {"supported", "contradicted"}),
        ("lower", math.log1p(MARGIN), {"equal", "supported"}),
        ("equal", math.log1p(MARGIN), {"supported", "contradicted"}),
    ],
)
def test_false_verdicts_on_noise_are_as_rare_as_stated(relation, true_difference, wrong):
    names = ("bilstm-mean", "bilstm-sum", "gru", "reversed")
    claims = [Claim(name, "encoder", "ours", "", name, "baseline", relation) for name in names]
    generator, studies, any_wrong, any_uncorrected = random.Random(0), 1_000, 0, 0
    for _ in range(studies):
        found = verdicts(study(noise_study(generator, names, 6, true_difference)), claims).values()
        any_wrong += any(verdict.word in wrong for verdict in found)
        any_uncorrected += any(verdict.p <= LEVEL for verdict in found)
    assert any_wrong / studies <= LEVEL
    assert any_uncorrected / studies > LEVEL  # the studies are noisy enough to deceive who does not correct


def test_a_true_tie_is_hardly_ever_contradicted():
    generator = np.random.default_rng(0)
    margin = math.log1p(MARGIN)
    ties = [tuple(generator.normal(margin, 0.05, 8)) for _ in range(1_000)]  # as far apart as "equal" may be
    assert np.mean([p_beyond(tie, margin) <= LEVEL for tie in ties]) <= LEVEL
    assert np.mean([p_within(tie, margin) <= LEVEL for tie in ties]) <= LEVEL


def test_a_real_difference_of_the_noises_size_is_found():
    generator = random.Random(0)
    claim = Claim("gru", "encoder", "ours", "", "gru", "baseline")
    found = [judged(claim, noise_study(generator, ["gru"], 12, -0.1)).word for _ in range(50)]
    assert found.count("supported") > 40
    assert "contradicted" not in found


@pytest.mark.parametrize("count", [2, 6, 12])
def test_test_and_interval_are_students(count):
    differences = np.random.default_rng(count).normal(0.2, 1, count)
    students = stats.ttest_1samp(differences, 0)
    assert p_beyond(differences) == pytest.approx(students.pvalue)
    assert interval(differences) == pytest.approx(tuple(students.confidence_interval(0.95)))


def test_differences_without_any_spread():
    assert p_beyond([0.1] * 6) < 1e-9
    assert p_beyond([0.0] * 6) == 1.0
    assert interval([0.1] * 6) == pytest.approx((0.1, 0.1))


def test_the_interval_covers_as_often_as_it_says():
    generator = random.Random(0)
    intervals = [interval([generator.gauss(0.3, 1.0) for _ in range(6)]) for _ in range(2_000)]
    assert 0.93 < sum(low <= 0.3 <= high for low, high in intervals) / 2_000 < 0.97


def test_holms_correction():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.5, "b": 0.9}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


def test_bleu_is_compared_over_the_sentences_of_all_shared_seeds():
    references = [f"un chat {n} dort sur le lit" for n in range(30)]
    good, bad = (pack(count_matches(texts, references)) for texts in (references, [t[:9] for t in references]))

    def made(name, seed, counts):
        return record(name, seed, test={**record()["test"], "counts": counts})

    records = [made("baseline", seed, bad) for seed in (1, 2)] + [made("bilstm-mean", seed, good) for seed in (1, 2, 3)]
    found = bleu_difference(BETTER, replace(study({}), records=tuple(records)))
    assert 50 < found.low <= found.difference <= found.high
    itself = replace(BETTER, first="baseline")
    assert bleu_difference(itself, replace(study({}), records=tuple(records))) == (0, 0, 0)
    assert bleu_difference(BETTER, study(shifted(0.0))) is None  # made before sentences were counted
    assert bleu_difference(replace(BETTER, second=1.0), replace(study({}), records=tuple(records))) is None


def test_seeds_of_one_sentence_do_not_count_as_sentences_of_their_own():
    references = [f"le chat {n} dort sur le lit" for n in range(12)]
    worse = ["un chien mange" if n < 4 else text for n, text in enumerate(references)]

    def width_of(seeds):
        made = [
            record(name, seed, test={**record()["test"], "counts": pack(count_matches(texts, references))})
            for seed in range(1, seeds + 1)
            for name, texts in (("bilstm-mean", references), ("baseline", worse))
        ]
        found = bleu_difference(BETTER, replace(study({}), records=tuple(made)))
        return found.high - found.low

    assert width_of(12) == pytest.approx(width_of(1), rel=0.1)


def test_every_claim_names_variants_of_the_catalogue_and_has_a_key_of_its_own():
    assert len({claim.key for claim in CLAIMS}) == len(CLAIMS)
    for claim in CLAIMS:
        assert {claim.first, *([claim.second] if claim.is_paired else [])} <= set(VARIANTS)
        assert claim.section in SECTIONS
        assert claim.who in ("original", "ours")
        assert claim.metric in study(shifted(0.0)).runs


def test_every_variant_is_in_a_claim():
    assert {name for claim in CLAIMS for name in (claim.first, claim.second)} >= set(VARIANTS)


def test_a_relation_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="lower, higher, equal"):
        replace(BETTER, relation="better")
    with pytest.raises(ConfigError, match="no margin"):
        replace(EQUAL, metric="bleu")
