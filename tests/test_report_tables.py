"""Tables say what the models and the records say."""

import pandas as pd
import pytest
import torch

from seq2seq_lib.config import Sizes
from seq2seq_lib.report.prose import say
from seq2seq_lib.report.tables import comparison, model_summary, parameter_counts, readable, shapes, translations
from seq2seq_lib.variants import build_model
from tests.made_up import record, study
from tests.test_variants import REPORT_SHAPES


@pytest.fixture
def three_seeds():
    return study({"baseline": (1.0, 1.1, 0.9), "bilstm-mean": (0.8, 0.9, 0.7)})


def test_shapes_are_measured_at_the_reports_sizes():
    table = shapes(["baseline", "bilstm-concat"])
    for name, row in table.iterrows():
        outputs, encoder_state, decoder_state = REPORT_SHAPES[name]
        assert tuple(row["encoder outputs"]) == outputs
        assert tuple(row["encoder hidden, cell"]) == encoder_state
        assert tuple(row["decoder hidden, cell"]) == decoder_state
        assert row["logits of a step"] == [1, 64, 11847]


def test_parameter_counts_at_the_reports_sizes():
    table = parameter_counts(["baseline", "bilstm-mean"])
    assert table.loc["baseline", "decoder"] == "12,788,551"
    assert table.loc["baseline", "against baseline"] == "+0%"
    assert table.loc["bilstm-mean", "decoder"] == "12,788,551"


def test_the_summary_ends_with_the_true_count():
    model = build_model("baseline", 50, 60, Sizes(4, 5, 1, 0.0))
    model.encoder.embedding = torch.nn.Embedding(60, 4)
    model.decoder.embedding.weight = model.encoder.embedding.weight  # shared: torchinfo counts it twice
    shared = model.encoder.embedding.weight.numel()
    lines = model_summary(model).splitlines()
    unique = sum(parameter.numel() for parameter in model.parameters())
    assert lines[-1] == f"Unique parameters: {unique:,}"
    total = next(line for line in lines if line.startswith("Total params"))
    assert total == f"Total params: {unique + shared:,}"


def test_comparison_shows_mean_and_spread(three_seeds):
    table = comparison(three_seeds)
    assert list(table.index) == ["baseline", "bilstm-mean"]
    assert table["seeds"].tolist() == [3, 3]
    assert table.loc["baseline", "valid PPL"] == "2.73 ± 0.27"
    assert table.loc["baseline", "vs baseline"] == "+0.0%"
    assert table.loc["bilstm-mean", "vs baseline"] == "-18.1%"
    assert table.loc["baseline", "parameters"] == "3.00 M"


def test_a_single_run_shows_no_spread():
    assert "±" not in comparison(study({"baseline": (1.0,)})).loc["baseline", "valid PPL"]


def test_translations_stand_beside_source_and_reference(three_seeds):
    table = translations(three_seeds)
    assert table.columns.tolist() == ["source", "reference", "baseline", "bilstm-mean"]
    assert table.loc[1, "bilstm-mean"] == "bilstm-mean dort."


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
    assert text.startswith("2.73 ± 0.27; 18.1% lower; **supported** (-18.1%, 95 % interval")
    assert text.endswith("; bilstm-mean; 3; 12.0 ± 1.0; 3.0 M; 2.0 ± 0.0")


def test_prose_about_what_was_not_run_fails(three_seeds):
    with pytest.raises(KeyError):
        say("{ppl:reversed}", three_seeds)
    with pytest.raises(KeyError):
        say("{verdict:no-such-claim}", three_seeds)


def test_the_table_of_an_unpaired_record():
    made = study({"bilstm-mean": (1.0, 1.2)})
    assert comparison(made).loc["bilstm-mean", "vs baseline"] == "–"
    assert record()["variant"] == "baseline"
