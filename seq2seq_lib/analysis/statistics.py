"""Statistics of paired differences: Student's t, its interval, and a correction for many claims.

A study has few seeds, and most of its effects are many times what seeds differ by. An exact test that assumes nothing
about the differences cannot say so: of the 2ⁿ ways to sign n differences it gives at best p = 2 / 2ⁿ, which with six
seeds and fifty claims is never enough. Student's test assumes that the differences of log perplexity are normal, and
then six are plenty. On the stored study with twelve seeds both tests give every claim the same verdict, and a thousand
simulated studies of skewed noise are wrong no more often than they may be (tests/test_evidence.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

#: The largest chance that any of the claims tested together gets a wrong verdict.
LEVEL = 0.05
#: The fewest pairs that are judged: with fewer, nobody can tell whether their differences are near normal.
FEWEST = 5


def p_above(differences: Sequence[float], bound: float) -> float:
    """One-sided test that the centre of the differences is above the bound.

    Source: Student (1908), "The Probable Error of a Mean".
    """
    from scipy.stats import t

    mean, error, freedom = _mean_and_error(differences)
    if error == 0:
        return 0.0 if mean > bound else 1.0
    return float(t.sf((mean - bound) / error, freedom))


def p_within(differences: Sequence[float], margin: float) -> float:
    """That the centre lies within ± margin: two one-sided tests, both of which must hold.

    Source: Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach".
    """
    negative = [-value for value in differences]
    return max(p_above(differences, -margin), p_above(negative, -margin))


def p_beyond(differences: Sequence[float], margin: float = 0.0) -> float:
    """That the centre lies beyond ± margin: two-sided, since either direction would be a finding."""
    negative = [-value for value in differences]
    return min(1.0, 2 * min(p_above(differences, margin), p_above(negative, margin)))


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """The centres that the two-sided test does not reject at LEVEL; infinite with a single pair."""
    from scipy.stats import t

    if len(differences) < 2:
        return -math.inf, math.inf
    mean, error, freedom = _mean_and_error(differences)
    reach = float(t.ppf(1 - LEVEL / 2, freedom)) * error
    return mean - reach, mean + reach


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Corrected p values: the chance of even one false finding among all of them stays at or below each level.

    Source: Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure".
    """
    corrected, largest = {}, 0.0
    for place, key in enumerate(sorted(p_values, key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[key]))
        corrected[key] = largest
    return corrected


def _mean_and_error(differences: Sequence[float]) -> tuple[float, float, int]:
    """Mean, standard error of the mean and degrees of freedom."""
    count = len(differences)
    mean = math.fsum(differences) / count
    variance = math.fsum((value - mean) ** 2 for value in differences) / (count - 1)
    return mean, math.sqrt(variance / count), count - 1
