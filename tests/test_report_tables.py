"""Tables say what the records say."""

import pandas as pd
import pytest

from seq2seq_lib import records
from seq2seq_lib.report.prose import say
from seq2seq_lib.report.tables import comparison, readable, translations
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
        "{ppl:baseline}; {change:bilstm-mean/baseline}; {verdict:bilstm-mean-helps}; {best:encoder}; {pairs:}; "
        "{bleu:baseline}; {parameters:baseline}; {seconds:baseline}",
        three_seeds,
    ).data
    assert text.startswith("2.7 ± 0.3; 18.1% lower; **supported** (-18.1%, 95 % interval")
    assert text.endswith("; bilstm-mean; 3; 12.0 ± 1.0; 3.00 M; 2.0 ± 0.0")


def test_prose_can_speak_of_lengths_and_tags(three_seeds):
    scores = records.by_length(three_seeds.records)
    length = scores["length"].iloc[0]
    mean = scores[(scores["variant"] == "baseline") & (scores["length"] == length)]["perplexity"].mean()
    tag, accuracy = records.by_tag(three_seeds.records)[["tag", "token_accuracy"]].iloc[0]
    text = say(
        f"{{length:baseline/{length}}}; {{length_change:baseline/baseline/{length}}}; {{accuracy:baseline/{tag}}}",
        three_seeds,
    )
    assert text.data == f"{mean:.1f}; 0.0% lower; {accuracy:.0%}"
    assert say("{accuracy:baseline}", three_seeds).data.endswith("%")


def test_prose_about_what_was_not_run_fails(three_seeds):
    with pytest.raises(KeyError):
        say("{ppl:reversed}", three_seeds)
    with pytest.raises(KeyError):
        say("{verdict:no-such-claim}", three_seeds)


def test_the_table_of_an_unpaired_record():
    made = study({"bilstm-mean": (1.0, 1.2)})
    assert comparison(made).loc["bilstm-mean", "vs baseline"] == "–"
    assert record()["variant"] == "baseline"
