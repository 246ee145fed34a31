"""Claims -> verdicts over paired seeds.

Runs of one seed form a pair: they share the order of the data and the coins of teacher forcing. Where two variants do
not differ, each pair's difference is as likely negative as positive, and that alone gives the test: of all 2ⁿ ways to
sign n differences, what share has a mean as far out as the measured one? No distribution is assumed. The smallest p
that n pairs can give is 2 / 2ⁿ, so five pairs can never reach 0.05 and six can.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from seq2seq_lib.claims import CLAIMS, Claim
from seq2seq_lib.significance import PairedBLEU, paired_bleu, unpack
from seq2seq_lib.studies import Study

#: The share of studies without any difference in which any verdict at all may say otherwise.
LEVEL = 0.05
#: Largest difference that still counts as "about equal", as a fraction.
MARGIN = 0.03
#: The fewest pairs whose test can reach LEVEL.
FEWEST = 6
#: Up to so many pairs every way to sign them is counted; beyond, RESAMPLES random ones are drawn.
EXACT_UP_TO, RESAMPLES = 13, 9_999
#: Metrics that are read off the model, the same for every seed: compared, not tested.
COUNTED = ("parameters", "decoder_parameters")
#: Metrics whose difference is given in points; that of all others is a ratio.
IN_POINTS = ("bleu", "chrf")


class Verdict(NamedTuple):
    """What the pairs say about a claim.

    Attributes:
        word: "supported", "contradicted", "within noise", "too few pairs" or "no pairs".
        effect: from `second` to `first`, as a fraction (-0.05: 5 % lower) or in points (see `IN_POINTS`).
        low, high: 95 % interval of the effect for this claim by itself; infinite with fewer pairs than FEWEST.
        agreeing: pairs whose difference has the sign of the effect.
        pairs: seeds that both variants have.
        p: of the sign-flip test for this claim by itself.
        corrected: p after Holm's correction for all claims tested on the study; the word rests on it.
    """

    word: str
    effect: float = math.nan
    low: float = math.nan
    high: float = math.nan
    agreeing: int = 0
    pairs: int = 0
    p: float = math.nan
    corrected: float = math.nan


def verdicts(study: Study, claims: Iterable[Claim] = CLAIMS) -> dict[str, Verdict]:
    """A verdict on every claim that the study's training is long enough for, by the claim's key.

    Args:
        study: best of all sections, since the correction counts the claims that can be tested on it.
        claims: all that are to share one correction.
    """
    judged = [claim for claim in claims if claim.epochs <= study.profile.schedule.epochs]
    found = {claim.key: _tested(claim, paired_differences(claim, study)) for claim in judged}
    corrected = holm({key: verdict.p for key, verdict in found.items() if not math.isnan(verdict.p)})
    return {
        claim.key: _with_word(claim, found[claim.key], corrected.get(claim.key, math.nan))
        for claim in judged
    }  # fmt: skip


def paired_differences(claim: Claim, study: Study) -> tuple[float, ...]:
    """What `first` has beyond `second` with each seed that both have: log-ratios, or points (see `IN_POINTS`)."""
    runs = study.runs.pivot(index="seed", columns="variant", values=claim.metric)
    if claim.first not in runs or (claim.is_paired and claim.second not in runs):
        return ()
    second = runs[claim.second] if claim.is_paired else claim.second
    pairs = zip(*np.broadcast_arrays(runs[claim.first], second), strict=True)
    present = [(float(one), float(other)) for one, other in pairs if not np.isnan(one + other)]
    return tuple(one - other if claim.metric in IN_POINTS else math.log(one / other) for one, other in present)


def _tested(claim: Claim, differences: tuple[float, ...]) -> Verdict:
    if not differences:
        return Verdict("no pairs")
    mean, size = math.fsum(differences) / len(differences), _scale(claim)
    low, high = interval(differences)
    p = math.nan
    if claim.metric not in COUNTED and len(differences) >= FEWEST:
        p = _p_equal(differences, mean) if claim.relation == "equal" else _p_different(differences)
    agreeing = sum(difference * mean > 0 for difference in differences)
    return Verdict("", size(mean), size(low), size(high), agreeing, len(differences), p)


def _scale(claim: Claim):
    return float if claim.metric in IN_POINTS else lambda value: math.inf if value == math.inf else math.expm1(value)


def _with_word(claim: Claim, verdict: Verdict, corrected: float) -> Verdict:
    if verdict.word:
        return verdict
    if claim.metric in COUNTED:
        return verdict._replace(word="supported" if _is_as_said(claim, verdict.effect) else "contradicted")
    if verdict.pairs < FEWEST:
        return verdict._replace(word="too few pairs")
    word = "supported" if _is_as_said(claim, verdict.effect) else "contradicted"
    return verdict._replace(word=word if corrected <= LEVEL else "within noise", corrected=corrected)


def _is_as_said(claim: Claim, effect: float) -> bool:
    """Whether the effect itself, noise aside, is what the claim says."""
    if claim.relation == "equal":
        return abs(math.log1p(effect)) <= math.log1p(MARGIN)
    return effect < 0 if claim.relation == "lower" else effect > 0


def _p_different(differences: Sequence[float]) -> float:
    """Two-sided: either direction would be a finding."""
    above, below = p_above_zero(tuple(differences)), p_above_zero(tuple(-value for value in differences))
    return min(1.0, 2 * min(above, below))


def _p_equal(differences: Sequence[float], mean: float) -> float:
    """Of "within the margin" (two one-sided tests, both must hold) or, where the mean is outside, of "beyond it".

    Source: Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach".
    """
    margin = math.log1p(MARGIN)
    below = p_above_zero(tuple(margin - value for value in differences))
    above = p_above_zero(tuple(value + margin for value in differences))
    if abs(mean) <= margin:
        return max(below, above)
    outside = tuple(abs(mean) / mean * value - margin for value in differences)
    return min(1.0, 2 * p_above_zero(outside))


@lru_cache(maxsize=4096)
def p_above_zero(differences: tuple[float, ...]) -> float:
    """One-sided sign-flip test that the mean difference is above 0: exact up to EXACT_UP_TO pairs.

    Source: Fisher (1935), "The Design of Experiments", section 21.
    """
    from scipy.stats import permutation_test

    resamples = np.inf if len(differences) <= EXACT_UP_TO else RESAMPLES
    found = permutation_test(
        (np.array(differences),), np.mean, permutation_type="samples", vectorized=True, alternative="greater",
        n_resamples=resamples, random_state=0,
    )  # fmt: skip
    return float(found.pvalue)


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """The means that the two-sided sign-flip test does not reject at LEVEL; infinite with fewer pairs than FEWEST.

    The means of all subsets of n differences cut the line into 2ⁿ stretches, each of which holds the true centre with
    the same probability; LEVEL / 2 of them are cut off at either end.

    Source: Hartigan (1969), "Using Subsample Values as Typical Values".
    """
    count = len(differences)
    if count <= EXACT_UP_TO:
        subsets = np.array(list(product((0, 1), repeat=count)))[1:]
    else:
        subsets = np.random.default_rng(0).integers(2, size=(RESAMPLES, count))
        subsets = subsets[subsets.any(axis=1)]
    outside = math.floor(LEVEL / 2 * (len(subsets) + 1))
    if outside == 0:
        return -math.inf, math.inf
    means = np.sort(subsets @ np.array(differences) / subsets.sum(axis=1))
    return float(means[outside - 1]), float(means[-outside])


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Corrected p values: the chance of even one false finding among all of them stays at or below each level.

    Source: Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure".
    """
    corrected, largest = {}, 0.0
    for place, key in enumerate(sorted(p_values, key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[key]))
        corrected[key] = largest
    return corrected


def bleu_over_sentences(claim: Claim, study: Study) -> PairedBLEU | None:
    """sacrebleu's paired test on the test sentences of all shared seeds together; None where no record counted them."""
    counts = {(record["variant"], record["seed"]): record["test"].get("counts") for record in study.records}
    seeds = [seed for name, seed in counts if name == claim.first and counts.get((claim.second, seed))]
    seeds = [seed for seed in seeds if counts[claim.first, seed]]
    if not seeds:
        return None
    return paired_bleu(
        *(np.concatenate([unpack(counts[name, seed]) for seed in seeds]) for name in (claim.first, claim.second))
    )
