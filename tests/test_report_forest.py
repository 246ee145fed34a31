"""The forest plot: what a claim's row shows, and what says so without colour."""

import math
from itertools import pairwise

import matplotlib.pyplot as plt
import pytest

from seq2seq_lib.analysis.claims import Claim
from seq2seq_lib.analysis.verdicts import verdicts
from seq2seq_lib.report.forest import LOOKS, forest
from seq2seq_lib.report.tables import verdict_table
from tests.made_up import study

HELPS = Claim("helps", "encoder", "original", "The mean helps", "bilstm-mean", "baseline")
HURTS = Claim("hurts", "encoder", "ours", "The lab's model is better", "baseline", "bilstm-mean")
SMALLER = Claim("small", "encoder", "ours", "It is smaller", "bilstm-mean", "baseline", "lower", "parameters")
CLAIMS = (HURTS, HELPS, SMALLER)
NOISE = (0.0, 0.01, -0.01, 0.02, -0.02, 0.005)


@pytest.fixture
def six_pairs():
    return study({
        "baseline": [2.0 + noise for noise in NOISE], "bilstm-mean": [1.5 + noise / 2 for noise in NOISE],
    })  # fmt: skip


def markers(axes, shape):
    return [line for line in axes.lines if line.get_marker() == shape]


def test_a_row_shows_effect_interval_and_verdict(six_pairs):
    axes = forest(six_pairs, claims=CLAIMS).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [HURTS.text, HELPS.text], (
        "what is counted has none"
    )
    assert [label.get_fontweight() for label in axes.get_yticklabels()] == ["normal", "bold"], "the original's is bold"
    (supported,), (contradicted,) = (markers(axes, LOOKS[word].marker) for word in ("supported", "contradicted"))
    found = verdicts(six_pairs, CLAIMS)["helps"]
    assert supported.get_xdata() == pytest.approx([math.log1p(found.effect)])
    assert supported.get_ydata() == [1], "what lowers perplexity most stands at the top"
    assert contradicted.get_color() == LOOKS["contradicted"].colour
    ends = [
        line.get_xdata()
        for line in axes.lines
        if line.get_color() == LOOKS["supported"].colour and not line.get_marker().strip("None")
    ]
    assert ends[0] == pytest.approx([math.log1p(found.low), math.log1p(found.high)])
    assert plt.get_fignums() == []


def test_too_few_pairs_have_no_interval(six_pairs):
    figure = forest(study({"baseline": (2.0, 2.1), "bilstm-mean": (1.5, 1.5)}), claims=[HELPS])
    (line,) = [line for line in figure.axes[0].lines if line.get_color() == LOOKS["too few pairs"].colour]
    assert len(line.get_xdata()) == 1
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [LOOKS["too few pairs"].word]


def test_captions_are_hollow_dots(six_pairs):
    figure = forest(six_pairs, beside={"captions": study({"baseline": (2.0,), "bilstm-mean": (1.9,)})}, claims=[HELPS])
    (hollow,) = [line for line in figure.axes[0].lines if line.get_markerfacecolor() == "none"]
    assert hollow.get_xdata() == pytest.approx([-0.1])


def test_ticks_are_percent_and_do_not_touch():
    axes = forest(study({"baseline": (2.0,), "bilstm-mean": (4.5,)}), claims=CLAIMS).axes[0]
    places, (low, high) = sorted(axes.get_xticks()), axes.get_xlim()
    assert 0 in places
    assert all(b - a > 0.06 * (high - low) for a, b in pairwise(places))
    assert {label.get_text().strip("+-%0123456789") for label in axes.get_xticklabels()} == {""}
    assert "log scale" in axes.get_xlabel()


def test_a_section_without_pairs_is_said(six_pairs):
    with pytest.raises(ValueError, match="no pair of runs for any claim of section 'decoder'"):
        forest(six_pairs, "decoder", claims=CLAIMS)


def test_claims_that_another_study_speaks_to_are_left_out(six_pairs):
    other = Claim("other", "encoder", "ours", "The sum helps", "bilstm-sum", "baseline")
    both = study({"baseline": (2.0, 2.1), "bilstm-mean": (1.5, 1.6), "bilstm-sum": (1.4, 1.5)})
    (label,) = forest(both, but_not=six_pairs, claims=[HELPS, other]).axes[0].get_yticklabels()
    assert label.get_text() == other.text
    assert verdict_table(both, claims=[HELPS, other], but_not=six_pairs)["claim"].tolist() == [other.text]
