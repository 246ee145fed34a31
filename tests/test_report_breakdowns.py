"""Breakdowns draw what the records hold."""

import pytest

from seq2seq_lib.experiments import dataframes
from seq2seq_lib.report.breakdowns import by_length, by_phenomenon, quality_against_parameters
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
    assert shown == list(made.records[0]["test"]["by_length"]), "short sources first, as in the record"


def tag_of(label):
    return label.get_text().rsplit(" (")[0]


def test_by_phenomenon_has_a_row_a_tag_and_a_dot_a_variant(made):
    tags = sorted(dataframes.by_tag(made.records)["tag"].unique())
    axes = by_phenomenon(made, ["baseline", "bilstm-mean"], tags).axes[0]
    assert sorted(map(tag_of, axes.get_yticklabels())) == tags
    means = dataframes.by_tag(made.records).groupby(["variant", "tag"])["token_accuracy"].mean()
    gains = [means["bilstm-mean", tag] - means["baseline", tag] for tag in map(tag_of, axes.get_yticklabels())]
    assert gains == sorted(gains)
    dots = [collection for collection in axes.collections if len(collection.get_offsets()) == len(tags)]
    assert len(dots) >= 2


@pytest.mark.parametrize(("pairs", "rows"), [(9, 1), (10, 2)])
def test_by_phenomenon_leaves_out_what_fewer_than_ten_sentences_show(made, pairs, rows):
    for record in made.records:
        record["test"]["by_tag"]["agreement 0-1"]["pairs"] = 50
        record["test"]["by_tag"]["clitic"]["pairs"] = pairs
    assert len(by_phenomenon(made, ["baseline", "bilstm-mean"]).axes[0].get_yticklabels()) == rows


def test_quality_names_each_variant_with_its_perplexity(made):
    texts = [text.get_text() for text in quality_against_parameters(made).axes[0].texts]
    assert texts == ["2.86  Lab's model", "2.34  BiLSTM, averaged"]
    named = quality_against_parameters(made, ["bilstm-mean"]).axes[0]
    assert [text.get_text() for text in named.texts] == texts[1:]
    assert len(named.collections) == 4, "the others' points and ranges stay, in grey"
