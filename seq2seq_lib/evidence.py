"""Claims -> verdicts over paired seeds.

A claim compares two variants by a metric. Runs of one seed form a pair: they share data order and coins. The verdict
comes from the 95 % interval of the mean difference over the pairs, never from a single run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from seq2seq_lib.claims import CLAIMS, Claim
from seq2seq_lib.studies import Study

LEVEL = 0.95
#: Largest difference in perplexity that still counts as "about equal".
MARGIN = 0.03


class Verdict(NamedTuple):
    """`effect` is the change of perplexity from `second` to `first` (-0.05: 5 % lower), with its 95 % interval."""

    word: str
    effect: float
    low: float
    high: float
    pairs: int


def verdict(claim: Claim, study: Study, metric: str = "valid_perplexity") -> Verdict:
    """Tests a claim on the seeds that both variants share.

    The difference of log-perplexities is averaged over the pairs; its interval is Student's, which takes the
    differences as normally distributed. One pair alone has no interval and proves nothing.

    Args:
        claim: what is said.
        study: with records of both variants.
        metric: a perplexity of `Study.runs`.

    Returns:
        `supported`, `contradicted` or `within noise` (for "equal": whether the whole interval lies within, or
        outside, ± MARGIN), or `one run only`; `no run` where the study lacks a variant,
        and `no shared seed` where no pair is left.
    """
    runs = study.runs.pivot(index="seed", columns="variant", values=metric)
    if claim.first not in runs or claim.second not in runs:
        return Verdict("no run", math.nan, math.nan, math.nan, 0)
    pairs = runs[[claim.first, claim.second]].dropna()
    differences = [math.log(first / second) for first, second in pairs.to_numpy()]
    if not differences:
        return Verdict("no shared seed", math.nan, math.nan, math.nan, 0)
    mean, low, high = interval(differences)
    if len(differences) < 2:
        return Verdict("one run only", math.expm1(mean), math.nan, math.nan, len(differences))
    word = _better(low, high) if claim.relation == "better" else _equal(low, high)
    return Verdict(word, math.expm1(mean), math.expm1(low), math.expm1(high), len(differences))


def interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Mean of paired differences and its 95 % interval by Student's t with n - 1 degrees of freedom."""
    from scipy import stats

    count = len(differences)
    mean = sum(differences) / count
    if count < 2:
        return mean, math.nan, math.nan
    variance = sum((difference - mean) ** 2 for difference in differences) / (count - 1)
    half = stats.t.ppf((1 + LEVEL) / 2, count - 1) * math.sqrt(variance / count)
    return mean, mean - half, mean + half


def _better(low: float, high: float) -> str:
    if high < 0:
        return "supported"
    return "contradicted" if low > 0 else "within noise"


def _equal(low: float, high: float) -> str:
    margin = math.log1p(MARGIN)
    if -margin < low and high < margin:
        return "supported"
    return "contradicted" if low > margin or high < -margin else "within noise"


def verdict_table(study: Study, claims: Sequence[Claim] = CLAIMS, metric: str = "valid_perplexity"):
    """The claims of the study's section with their verdicts, as a DataFrame."""
    import pandas as pd

    rows = []
    for claim in (claim for claim in claims if study.section in (claim.section, "all")):
        word, effect, low, high, pairs = verdict(claim, study, metric)
        between = f"[{low:+.1%}, {high:+.1%}]" if pairs > 1 else "–"
        rows.append((claim.who, claim.text, f"{effect:+.1%}" if pairs else "–", between, pairs, word))
    columns = ["who", "claim", "perplexity", "95 % interval", "pairs", "verdict"]
    return pd.DataFrame(rows, columns=columns, index=range(1, len(rows) + 1))
