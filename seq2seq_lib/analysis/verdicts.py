"""Claims -> verdicts over paired seeds.

Runs of one seed form a pair: they share the order of the data and the coins of teacher forcing. What the pairs say,
they say of other seeds on the same training and test sentences.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from seq2seq_lib.analysis.claims import CLAIMS, COUNTED, IN_POINTS, TIMED, Claim
from seq2seq_lib.analysis.statistics import FEWEST, LEVEL, holm, interval, p_beyond, p_within
from seq2seq_lib.evaluation.significance import JointBLEU, joint_bleu, unpack
from seq2seq_lib.experiments.records import RecordError
from seq2seq_lib.experiments.studies import Study

#: Largest difference that still counts as "about equal", as a fraction.
MARGIN = 0.03


class Verdict(NamedTuple):
    """What the pairs say about a claim.

    Attributes:
        word: "supported"; "contradicted"; "equal", where a difference was claimed and none beyond MARGIN is there;
            "undecided"; "too few pairs" (see `statistics.FEWEST`); "no pairs"; or "not judged" for a time.
        effect: from `second` to `first`, as a fraction (-0.05: 5 % lower; the geometric mean over the pairs) or in
            points (see `claims.IN_POINTS`).
        low, high: 95 % interval of the effect for this claim by itself; infinite with fewer than FEWEST pairs.
        agreeing: pairs whose difference has the sign of the effect.
        pairs: seeds that both variants have.
        p: of what was claimed, for this claim by itself.
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
    epochs = study.profile.schedule.epochs
    judged = {claim: paired_differences(claim, study) for claim in claims if claim.epochs <= epochs}
    p_values = {
        claim.key: _p(claim, differences)
        for claim, differences in judged.items()
        if claim.metric not in (*COUNTED, *TIMED) and len(differences) >= FEWEST
    }
    corrected = holm(p_values)
    return {
        claim.key: _verdict(claim, differences, p_values.get(claim.key), corrected)
        for claim, differences in judged.items()
    }


def changed_without(study: Study, claims: Sequence[Claim] = CLAIMS) -> dict[int, dict[str, str]]:
    """What hangs on a single seed: for each, the decided claims whose word is another without its runs, and that word.

    Decided is every claim that is tested and not "undecided"; all `claims` share one correction, as in `verdicts`.
    """
    words = {key: verdict.word for key, verdict in tested(verdicts(study, claims)).items()}
    changed = {}
    for seed in sorted({record["seed"] for record in study.records}):
        left = replace(study, records=tuple(record for record in study.records if record["seed"] != seed))
        found = verdicts(left, claims)
        changed[seed] = {
            key: found[key].word for key, word in words.items() if word != "undecided" and found[key].word != word
        }
    return changed


def tested(found: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Those that rest on a test: no counts, no times, pairs enough."""
    return {key: verdict for key, verdict in found.items() if not math.isnan(verdict.corrected)}


def with_pairs(found: Mapping[str, Verdict]) -> set[str]:
    """The keys of the claims that runs speak to."""
    return {key for key, verdict in found.items() if verdict.pairs}


def verdicts_of_section(
    study: Study, section: str | None, claims: Sequence[Claim], but_not: Study | None = None
) -> dict[Claim, Verdict]:
    """The verdicts on a section's claims that runs of the study speak to, and runs of `but_not` do not.

    All `claims` share one correction; the section is by default the study's.
    """
    found, section = verdicts(study, claims), section or study.section
    shown = with_pairs(found) - (with_pairs(verdicts(but_not, claims)) if but_not else set())
    return {claim: found[claim.key] for claim in claims if claim.key in shown and section in (claim.section, "all")}


def _p(claim: Claim, differences: tuple[float, ...]) -> float:
    """Of "different"; where "equal" is claimed, of that, or beyond the margin of more than that: one can be wrong."""
    if claim.relation != "equal":
        return p_beyond(differences)
    margin = math.log1p(MARGIN)
    inside = abs(math.fsum(differences) / len(differences)) <= margin
    return p_within(differences, margin) if inside else p_beyond(differences, margin)


def paired_differences(claim: Claim, study: Study) -> tuple[float, ...]:
    """What `first` has beyond `second` with each seed that both have: log-ratios, or points (see `claims.IN_POINTS`).

    Raises:
        RecordError: a measured value is no finite number.
    """
    values = study.runs.set_index(["variant", "seed"])[claim.metric]
    if wrong := [key for key, value in values.items() if not math.isfinite(value)]:
        raise RecordError(f"{wrong[0][0]} with seed {wrong[0][1]} has no finite {claim.metric}: run it again.")
    ours = {seed: value for (name, seed), value in values.items() if name == claim.first}
    others = {seed: value for (name, seed), value in values.items() if name == claim.second}
    if not claim.is_paired:
        others = dict.fromkeys(ours, claim.second)
    pairs = [(value, others[seed]) for seed, value in ours.items() if seed in others]
    return tuple(float(one - other if claim.metric in IN_POINTS else math.log(one / other)) for one, other in pairs)


def _verdict(claim: Claim, differences: tuple[float, ...], p: float | None, corrected: Mapping[str, float]) -> Verdict:
    if not differences:
        return Verdict("no pairs")
    mean, scaled = math.fsum(differences) / len(differences), float if claim.metric in IN_POINTS else math.expm1
    low, high = map(scaled, interval(differences) if len(differences) >= FEWEST else (-math.inf, math.inf))
    agreeing = sum(difference * mean > 0 for difference in differences)
    as_said = "supported" if _is_as_said(claim, mean) else "contradicted"
    found = Verdict(as_said, scaled(mean), low, high, agreeing, len(differences))
    if claim.metric in TIMED:
        return found._replace(word="not judged")
    if claim.metric in COUNTED:
        return found
    if p is None:
        return found._replace(word="too few pairs")
    found = found._replace(p=p, corrected=corrected[claim.key])
    if found.corrected <= LEVEL:
        return found
    # a second kind of error, with a level of its own: that what differs by more than the margin is called equal
    may_be_equal = claim.relation != "equal" and claim.metric not in IN_POINTS
    if may_be_equal and len(corrected) * p_within(differences, math.log1p(MARGIN)) <= LEVEL:
        return found._replace(word="equal")
    return found._replace(word="undecided")


def _is_as_said(claim: Claim, mean: float) -> bool:
    """Whether the mean difference itself, noise aside, is what the claim says."""
    if claim.relation == "equal":
        return abs(mean) <= math.log1p(MARGIN)
    return mean < 0 if claim.relation == "lower" else mean > 0


def bleu_difference(claim: Claim, study: Study) -> JointBLEU | None:
    """BLEU from `second` to `first` over the seeds that both have, with an interval over sentences and seeds at once.

    None where the claim has a bound for a second, or no record counted sentences.
    """
    tests = {(record["variant"], record["seed"]): record["test"] for record in study.records}
    counts = {run: test["counts"] for run, test in tests.items() if test.get("counts")}
    seeds = [seed for name, seed in counts if name == claim.first and (claim.second, seed) in counts]
    if not seeds:
        return None
    first, second = (np.stack([unpack(counts[name, seed]) for seed in seeds]) for name in (claim.first, claim.second))
    return joint_bleu(first, second)
