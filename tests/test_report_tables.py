"""Tables say what the records say."""

import pandas as pd
import pytest

from seq2seq_lib.analysis.claims import CLAIMS
from seq2seq_lib.experiments import dataframes
from seq2seq_lib.report.prose import DriftError, say
from seq2seq_lib.report.tables import comparison, how_judged, readable, side_by_side, translations, verdict_table
from tests.made_up import record, study


@pytest.fixture
def three_seeds():
    return study({"baseline": (1.0, 1.1, 0.9), "bilstm-mean": (0.8, 0.9, 0.7)})


def test_comparison_shows_mean_and_spread(three_seeds):
    table = comparison(three_seeds)
    assert list(table.index) == ["baseline", "bilstm-mean"]
    assert table["seeds"].tolist() == [3, 3]
    assert table.loc["baseline", "valid PPL"] == "2.7 ± 0.3"
    assert table.loc["baseline", "vs baseline"] == "+0.0%"
    assert table.loc["bilstm-mean", "vs baseline"] == "-18.1%"
    assert table.loc["baseline", "parameters"] == "3.00 M"


def test_a_single_run_shows_no_spread():
    assert "±" not in comparison(study({"baseline": (1.0,)})).loc["baseline", "valid PPL"]


def test_a_model_is_set_against_the_baseline_over_the_seeds_that_both_have():
    table = comparison(study({"baseline": (1.0, 3.0), "tied": (0.9,)}))
    assert table["vs baseline"].tolist() == ["+0.0%", "-9.5%"]
    assert comparison(study({"tied": (0.9,)}))["vs baseline"].tolist() == ["–"]


def test_translations_stand_beside_source_and_reference(three_seeds):
    table = translations(three_seeds)
    assert table.index.tolist() == ["source", "reference", "baseline", "bilstm-mean"]
    assert table.loc["bilstm-mean", 1] == "bilstm-mean dort."


def test_a_readable_table_keeps_long_texts_whole_and_escapes_them():
    text = "word " * 30 + "<b>"
    shown = readable(pd.DataFrame({"claim": [text], "pairs": [3]})).to_html()
    assert "word " * 30 in shown
    assert "<b>" not in shown


def test_prose_takes_its_numbers_from_the_records(three_seeds):
    text = say(
        "{ppl:baseline}; {change:bilstm-mean/baseline}; {verdict:mean-helps}; {effect:mean-helps}; {word:mean-helps}; "
        "{best:encoder}; {pairs:}; "
        "{bleu:baseline}; {parameters:baseline}; {seconds:baseline}",
        three_seeds,
    ).data
    assert text.startswith("2.7 ± 0.3; 18.1% lower; **too few pairs** (-18.1%, 3 of 3 pairs); -18.1%; too few")
    assert text.endswith("; bilstm-mean; 3; 12.0 ± 1.0; 3.00 M; 2.0 ± 0.0")


def test_prose_says_interval_and_pairs_where_there_are_enough():
    losses = [0.9, 1.0, 1.1, 0.8, 1.2, 1.0, 0.95, 1.05, 1.15, 0.85]
    made = study({"baseline": losses, "bilstm-mean": [loss - 0.1 for loss in losses]})
    text = say("{verdict:mean-helps}", made).data
    assert text == "**supported** (-9.5% [-9.5%, -9.5%], 10 of 10 pairs)"
    assert say("{verdict:gru-like-lstm}", made).data == "**no pairs**"


def test_the_verdict_table_has_a_row_for_each_claim_of_the_section(three_seeds):
    for section in ("encoder", "decoder", "enc_dec"):
        wanted = [claim.text for claim in CLAIMS if claim.section == section and claim.epochs <= 4]
        assert verdict_table(three_seeds, section)["claim"].tolist() == wanted
    table = verdict_table(three_seeds).set_index("claim")
    row = table.loc["Two directions, averaged, beat the lab's model"]
    assert row.drop(["who", "metric"]).tolist() == ["-18.1%", "–", "3 of 3", "–", "–", "too few pairs", "–"]
    assert table.loc["Flipping the batch leaves translations below 1 BLEU", "verdict"] == "no pairs"


def test_how_verdicts_come_about_is_said(three_seeds):
    assert "needs 6 pairs" in how_judged(three_seeds)
    enough = study({"baseline": [1.0] * 7, "bilstm-mean": [0.9] * 7, "gru": [1.0] * 7})
    assert "Holm's correction for 2 claims" in how_judged(enough)


def test_prose_can_speak_of_lengths_and_tags(three_seeds):
    scores = dataframes.by_length(three_seeds.records)
    length = scores["length"].iloc[0]
    mean = scores[(scores["variant"] == "baseline") & (scores["length"] == length)]["perplexity"].mean()
    tag, accuracy = dataframes.by_tag(three_seeds.records)[["tag", "token_accuracy"]].iloc[0]
    text = say(
        f"{{length:baseline/{length}}}; {{length_change:baseline/baseline/{length}}}; {{accuracy:baseline/{tag}}}; "
        f"{{sentences:{length}}}",
        three_seeds,
    )
    assert text.data == f"{mean:.1f}; 0.0% lower; {accuracy:.0%}; 6"
    assert say("{accuracy:baseline}", three_seeds).data.endswith("%")


def test_conditions_leave_nothing_in_the_text(three_seeds):
    text = "A{holds:test_perplexity bilstm-mean < baseline < 3.5}{each:valid_perplexity bilstm-mean < 0.9*baseline}"
    assert say(text + "{is:mean-helps too few pairs}.", three_seeds).data == "A."
    groups = "{holds:accuracy/agreement_0-1 0.7 < baseline < 0.8}{holds:length/16+ 7 < bilstm-mean < 9}"
    assert say(groups, three_seeds).data == ""


@pytest.mark.parametrize(
    "condition",
    [
        "{holds:test_perplexity baseline < bilstm-mean}",
        "{holds:test_perplexity bilstm-mean < 0.5*baseline}",
        "{holds:parameters baseline < bilstm-mean}",
        "{each:test_perplexity bilstm-mean < 2.3}",
        "{is:mean-helps supported}",
    ],
)
def test_a_text_that_the_records_do_not_bear_out_fails(three_seeds, condition):
    with pytest.raises(DriftError, match="rewrite it"):
        say(condition, three_seeds)


def test_studies_stand_side_by_side(three_seeds):
    other = study({"gru": (1.0,), "baseline": (2.0,)})
    table = side_by_side({"here": three_seeds, "there": other})
    assert table.index.tolist() == ["baseline", "bilstm-mean", "gru"]
    assert table["here"].tolist() == ["2.7 ± 0.3", "2.2 ± 0.2", "–"]
    assert table["there"].tolist() == ["7.4", "–", "2.7"]


def test_prose_about_what_was_not_run_fails(three_seeds):
    with pytest.raises(KeyError):
        say("{ppl:reversed}", three_seeds)
    with pytest.raises(KeyError):
        say("{verdict:no-such-claim}", three_seeds)
    with pytest.raises(KeyError):
        say("{holds:bleu gru < baseline}", three_seeds)


def test_the_table_of_an_unpaired_record():
    made = study({"bilstm-mean": (1.0, 1.2)})
    assert comparison(made).loc["bilstm-mean", "vs baseline"] == "–"
    assert record()["variant"] == "baseline"
