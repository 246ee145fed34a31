"""Breakdowns draw what the records hold."""

import math

import pytest
from matplotlib.colors import to_hex, to_rgb

from seq2seq_lib.experiments import dataframes
from seq2seq_lib.report.breakdowns import by_learning_rate, by_length, quality_against_parameters
from seq2seq_lib.report.figures import colour_of
from tests.made_up import study


@pytest.fixture
def made():
    return study({"baseline": (1.0, 1.1), "bilstm-mean": (0.8, 0.9)})


def test_by_length(made):
    axes = by_length(made, metric="token_accuracy").axes[0]
    scores = dataframes.by_length(made.records)
    wanted = scores[scores["variant"] == "baseline"].groupby("length", sort=False)["token_accuracy"].mean()
    assert axes.lines[0].get_ydata() == pytest.approx(wanted.tolist())
    assert len(axes.lines) == 2
    shown = axes.lines[0].get_xdata().tolist()
    assert shown == made.records[0]["test"]["by_length"]["length"], "short sources first, as in the record"
    assert axes.get_yscale() == "linear"
    assert by_length(made).axes[0].get_yscale() == "log", "else what is near 1 is one flat line"


def test_quality_names_each_variant_with_its_perplexity(made):
    texts = [text.get_text() for text in quality_against_parameters(made).axes[0].texts]
    assert texts == ["2.86  Lab's model", "2.34  BiLSTM, averaged"]
    named = quality_against_parameters(made, ["bilstm-mean"]).axes[0]
    assert [text.get_text() for text in named.texts] == texts, "no dot without a name"
    grey, coloured = (to_hex(points.get_facecolor()[0]) for points in named.collections[1::2])
    assert coloured == colour_of("bilstm-mean")
    assert len({*to_rgb(grey)}) == 1, "what is not asked for"


def test_a_line_a_variant_over_the_rates_that_have_it():
    studies = {0.1: study({"baseline": (1.0, 1.2)}), 0.01: study({"baseline": (2.0,), "tied": (1.5,)})}
    axes = by_learning_rate(studies, ["baseline", "tied"]).axes[0]
    lab, tied = axes.lines
    assert lab.get_xdata().tolist() == [0.01, 0.1]
    assert lab.get_ydata() == pytest.approx([math.exp(2.0), math.exp(1.0)]), "the seed that both rates have"
    (_, of_both), _ = (bars.get_segments() for bars in axes.collections)
    assert of_both[:, 1] == pytest.approx([math.exp(1.0), math.exp(1.2)]), "from the lowest seed to the highest"
    assert tied.get_xdata().tolist() == [0.01]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.01", "0.1"]
