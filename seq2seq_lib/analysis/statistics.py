"""Exact statistics of paired differences: sign-flip tests, the interval that belongs to them, Holm's correction.

Where two variants do not differ, each pair's difference is as likely negative as positive, and that alone gives the
test: of all 2ⁿ ways to sign n differences, what share has a mean as far out as the measured one? The smallest p that n
pairs can give is 2 / 2ⁿ, so five pairs can never reach 0.05 and six can; among m claims it must be m times less.
Intervals, bounds and "about equal" assume besides that differences are symmetric about their centre.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product

import numpy as np

#: The largest chance that any of the claims tested together finds a difference where there is none.
LEVEL = 0.05
#: The fewest pairs whose test can reach LEVEL, for one claim by itself.
FEWEST = 6
#: Up to so many pairs every way to sign them is counted; beyond, RESAMPLES random ones are drawn.
EXACT_UP_TO, RESAMPLES = 16, 9_999


@lru_cache(maxsize=4096)
def p_above_zero(differences: tuple[float, ...]) -> float:
    """One-sided sign-flip test that the centre of the differences is above 0: exact up to EXACT_UP_TO pairs.

    Source: Fisher (1935), "The Design of Experiments", section 21.
    """
    from scipy.stats import permutation_test

    resamples = np.inf if len(differences) <= EXACT_UP_TO else RESAMPLES
    found = permutation_test(
        (np.array(differences),), np.mean, permutation_type="samples", vectorized=True, alternative="greater",
        n_resamples=resamples, random_state=0,
    )  # fmt: skip
    return float(found.pvalue)


def p_different(differences: Sequence[float]) -> float:
    """Two-sided: either direction would be a finding."""
    above, below = p_above_zero(tuple(differences)), p_above_zero(tuple(-value for value in differences))
    return min(1.0, 2 * min(above, below))


def p_equal(differences: Sequence[float], margin: float) -> float:
    """Of "within the margin" (two one-sided tests, both must hold) or, where the mean is outside, of "beyond it".

    Whatever the truth, only one of the two can be wrong.

    Source: Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach".
    """
    mean = math.fsum(differences) / len(differences)
    if abs(mean) <= margin:
        below = p_above_zero(tuple(margin - value for value in differences))
        above = p_above_zero(tuple(value + margin for value in differences))
        return max(below, above)
    outside = tuple(math.copysign(1, mean) * value - margin for value in differences)
    return min(1.0, 2 * p_above_zero(outside))


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """The centres that the two-sided sign-flip test does not reject at LEVEL; infinite with fewer pairs than FEWEST.

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


def pairs_needed(claims: int) -> int:
    """The fewest pairs with which the clearest of so many claims can pass Holm's correction."""
    return max(FEWEST, math.ceil(math.log2(2 * max(claims, 1) / LEVEL)))
