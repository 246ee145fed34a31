"""Planted differences and planted ties get the right verdicts, and noise is called noise."""

import math
from dataclasses import replace

import pytest

from seq2seq_lib.claims import CLAIMS, Claim
from seq2seq_lib.evidence import MARGIN, interval, verdict, verdict_table
from seq2seq_lib.variants import VARIANTS
from tests.made_up import study

BETTER = Claim("a", "encoder", "ours", "BiLSTM is better", "bilstm-mean", "baseline")
EQUAL = Claim("b", "encoder", "ours", "They are equal", "bilstm-mean", "baseline", "equal")
BASE = (2.0, 2.1, 1.9, 2.05, 1.95, 2.0)


def shifted(by, noise=0.001):
    """The baseline's losses, each moved by `by` and a little noise."""
    return {"baseline": BASE, "bilstm-mean": [b + by + noise * (-1) ** n for n, b in enumerate(BASE)]}


@pytest.mark.parametrize(
    ("claim", "by", "word"),
    [
        (BETTER, -0.1, "supported"),
        (BETTER, +0.1, "contradicted"),
        (BETTER, 0.0, "within noise"),
        (EQUAL, 0.0, "supported"),
        (EQUAL, 0.1, "contradicted"),
        (EQUAL, -0.1, "contradicted"),
        (EQUAL, math.log1p(MARGIN), "within noise"),
    ],
)
def test_planted_differences(claim, by, word):
    result = verdict(claim, study(shifted(by)))
    assert result.word == word
    assert result.effect == pytest.approx(math.expm1(by), abs=1e-3)
    assert result.low <= result.effect <= result.high
    assert result.pairs == 6


def test_pairing_removes_what_the_seeds_share():
    # the seeds differ far more than the variants do, but each pair differs alike
    spread_out = {"baseline": (1.0, 2.0, 3.0), "bilstm-mean": (0.9, 1.899, 2.901)}
    assert verdict(BETTER, study(spread_out)).word == "supported"


def test_one_run_proves_nothing():
    result = verdict(BETTER, study({"baseline": (2.0,), "bilstm-mean": (1.0,)}))
    assert result.word == "one run only"
    assert math.isnan(result.low)


def test_only_shared_seeds_count():
    uneven = {"baseline": (2.0, 2.1), "bilstm-mean": (1.9, 2.0, 5.0)}
    assert verdict(BETTER, study(uneven)).pairs == 2


def test_no_shared_seed_is_said():
    made = study({"baseline": (2.0,), "bilstm-mean": (1.9, 1.8)})
    apart = replace(made, records=tuple(r for r in made.records if (r["variant"], r["seed"]) != ("bilstm-mean", 1)))
    assert verdict(BETTER, apart).word == "no shared seed"


def test_a_missing_variant_is_said():
    assert verdict(BETTER, study({"baseline": (2.0, 2.1)})).word == "no run"


def test_the_interval_is_students():
    # for (1, 2, 3): mean 2, standard error 1/sqrt(3), and 4.3027 is the 97.5 % point of t with 2 degrees of freedom
    mean, low, high = interval([1.0, 2.0, 3.0])
    assert mean == 2
    assert (high - mean, mean - low) == pytest.approx((4.30265 / math.sqrt(3),) * 2, abs=1e-4)


def test_the_interval_covers_as_often_as_it_says():
    import random

    generator = random.Random(0)
    hits = 0
    for _ in range(2_000):
        _, low, high = interval([generator.gauss(0.3, 1.0) for _ in range(3)])
        hits += low <= 0.3 <= high
    assert 0.93 < hits / 2_000 < 0.97


def test_every_claim_names_variants_of_the_catalogue_and_has_a_key_of_its_own():
    assert len({claim.key for claim in CLAIMS}) == len(CLAIMS)
    for claim in CLAIMS:
        assert {claim.first, claim.second} <= set(VARIANTS)
        assert claim.relation in ("better", "equal")


def test_the_table_has_a_row_for_each_claim_of_the_section():
    table = verdict_table(study(shifted(-0.1)), [BETTER, EQUAL])
    assert table["verdict"].tolist() == ["supported", "contradicted"]
    assert table["pairs"].tolist() == [6, 6]


def test_the_table_of_a_section_holds_its_claims_alone():
    made = study(shifted(-0.1))
    wanted = [claim.text for claim in CLAIMS if claim.section == "encoder"]
    assert verdict_table(made)["claim"].tolist() == wanted
    assert verdict_table(replace(made, section="all"))["claim"].tolist() == [claim.text for claim in CLAIMS]
