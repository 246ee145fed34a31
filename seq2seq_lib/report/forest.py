"""The forest plot: every claim about perplexity with effect, interval and verdict, where one looks first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from seq2seq_lib.analysis.claims import CLAIMS, COUNTED, IN_POINTS, TIMED, Claim
from seq2seq_lib.analysis.verdicts import MARGIN, Verdict, verdicts, verdicts_of_section
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.report.figures import new_axes, no_formulas


class Look(NamedTuple):
    """How a verdict is drawn: its colour, and a shape that tells it without colour."""

    colour: str
    marker: str
    word: str


#: Okabe and Ito's colours, which those who see red and green alike tell apart.
LOOKS = {
    "supported": Look("#0072b2", "o", "supported"),
    "contradicted": Look("#d55e00", "X", "contradicted"),
    "equal": Look("#009e73", "s", "equal, where a difference was claimed"),
    "undecided": Look("#8c8c8c", "D", "undecided"),
    "too few pairs": Look("#8c8c8c", "P", "too few pairs to judge"),
}
#: How the effects of other studies are drawn, by the order in which they are named; in sight on what is filled.
HOLLOW, BESIDE = "o^s", {"mfc": "none", "mec": "#555555", "ms": 6, "mew": 1, "lw": 0, "zorder": 3}
#: Changes of perplexity that get a tick, where they are in sight.
TICKS = (-0.9, -0.8, -0.7, -0.5, -0.3, -0.1, 0, 0.1, 0.3, 0.5, 1, 2, 5, 10)


@no_formulas
def forest(
    study: Study,
    section: str | None = None,
    beside: Mapping[str, Study] | None = None,
    but_not: Study | None = None,
    claims: Sequence[Claim] = CLAIMS,
) -> Figure:
    """One row a claim: the change in test perplexity from the second model to the first, and its 95 % interval.

    Shape and colour are the verdict's, which rests on the correction for all claims of the study; the grey strip is
    what counts as equal. The horizontal axis is that of the logarithm, on which halving is as far as doubling. What the
    original said stands in bold letters.

    Args:
        study: of all sections, since its claims share one correction.
        section: whose claims are shown; by default the study's.
        beside: heading -> another study, whose effects are drawn hollow and without a verdict; up to three.
        but_not: a study whose claims, where it has pairs for them, are left out.
        claims: that share the correction.

    Raises:
        ValueError: when no pair of runs speaks to any of the claims.
    """
    found = verdicts_of_section(study, section, claims, but_not)
    others = {heading: verdicts(other, claims) for heading, other in (beside or {}).items()}
    rows = [claim for claim in found if claim.metric not in (*COUNTED, *TIMED, *IN_POINTS)]
    if not rows:
        section = section or study.section
        raise ValueError(f"There is no pair of runs for any claim of section {section!r} in {study.profile.name!r}.")
    rows.sort(key=lambda claim: found[claim].effect, reverse=True)
    figure, axes = new_axes((9.4, 0.19 * len(rows) + 1.1))
    axes.axvspan(-math.log1p(MARGIN), math.log1p(MARGIN), color="#ececec", lw=0)
    axes.axvline(0, color="#555555", lw=0.8)
    for row, claim in enumerate(rows):
        _draw(axes, row, found[claim])
        for marker, other in zip(HOLLOW, others.values(), strict=False):
            if (verdict := other.get(claim.key)) and verdict.pairs:
                axes.plot(math.log1p(verdict.effect), row, marker, **BESIDE)
    axes.set_yticks(range(len(rows)), [claim.text for claim in rows], fontsize=8)
    for label, claim in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if claim.who == "original" else "normal")
    axes.set_ylim(-0.7, len(rows) - 0.3)
    _label_effects(axes)
    _legend(axes, {found[claim].word for claim in rows}, others)
    return figure


def _draw(axes: plt.Axes, row: int, verdict: Verdict) -> None:
    look, place = LOOKS[verdict.word], math.log1p(verdict.effect)
    if math.isfinite(verdict.high):
        axes.plot([math.log1p(verdict.low), math.log1p(verdict.high)], [row, row], color=look.colour, lw=1.8)
    axes.plot(place, row, look.marker, color=look.colour, ms=6)


def _label_effects(axes: plt.Axes) -> None:
    low, high = axes.get_xlim()
    ticks: list[float] = []
    for tick in sorted(TICKS, key=abs):  # from 0 outwards, and none whose text would touch another's
        place = math.log1p(tick)
        if low <= place <= high and all(abs(place - math.log1p(other)) > 0.07 * (high - low) for other in ticks):
            ticks.append(tick)
    labels = [f"{tick:+.0%}" if tick else "0" for tick in ticks]
    axes.set_xticks([math.log1p(tick) for tick in ticks], labels, fontsize=8)
    axes.set_xlabel("change in test perplexity (log scale)\nto the left, the model named first is better")
    axes.grid(axis="x", alpha=0.25)


def _legend(axes: plt.Axes, words: set[str], others: Iterable[str]) -> None:
    """The verdicts that occur, in the order of `LOOKS`, and the studies beside."""
    handles = [
        plt.Line2D([], [], color=look.colour, marker=look.marker, lw=0, label=look.word)
        for word, look in LOOKS.items()
        if word in words
    ]
    handles += [
        plt.Line2D([], [], marker=mark, label=name, **BESIDE) for mark, name in zip(HOLLOW, others, strict=False)
    ]
    axes.figure.legend(handles=handles, loc="outside upper right", ncols=len(handles), frameon=False, fontsize=8)
