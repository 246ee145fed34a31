"""Tables of models say what the models themselves say."""

from dataclasses import replace

import pytest
import torch

from seq2seq_lib.config import PROFILES, Sizes
from seq2seq_lib.data.batches import collate
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.models.variants import VARIANTS, build_model
from seq2seq_lib.report.anatomy import (
    attention_focus,
    handed_over,
    layer_counts,
    model_summary,
    parameter_counts,
    shapes,
    training_memory,
)
from tests.test_variants import LAB_SHAPES, REPORT_SHAPES


def test_shapes_are_measured_at_the_reports_sizes():
    table = shapes(["baseline", "bilstm-concat"])
    for name, row in table.iterrows():
        outputs, encoder_state, decoder_state = REPORT_SHAPES.get(name, LAB_SHAPES)
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


def test_a_shared_weight_counts_once_and_where_it_stands_first():
    table = layer_counts(build_model("tied", 8290, 11847).decoder)
    assert sum(int(count.replace(",", "")) for count in table["parameters"]) == 6_842_368
    assert table.loc["embedding", "parameters"] == f"{11_847 * 256:,}"
    assert table.loc["output"].tolist() == ["0", "0%"]
    assert "dropout" not in table.index


def test_the_memory_of_training_is_as_predicted():
    table = training_memory(["tied"])
    assert table.loc["tied", "predicted"] == pytest.approx(16 * 12_642_816 / 1e6, abs=0.1)
    assert table.loc["tied", "measured"] == pytest.approx(table.loc["tied", "predicted"], abs=0.2)


def test_padding_wipes_out_what_the_lab_hands_over(tiny_data):
    profile = replace(PROFILES["smoke"], schedule=replace(PROFILES["smoke"].schedule, pad_to=40))
    table = handed_over(["baseline", "packed"], tiny_data, profile)
    apart = table["distance from the mean state"]
    assert apart["baseline"] < apart["packed"] / 3


def test_what_is_handed_over_is_the_hidden_state(tiny_data):
    """Not the cell, which is wider spread before its output gate."""
    profile = replace(PROFILES["smoke"], seeds=(1,))
    model = RunSpec("packed", VARIANTS["packed"], profile, 1).build(tiny_data).eval()
    batch = collate(tiny_data.valid[:64], profile.schedule.pad_to)
    with torch.inference_mode():
        _, state = model.encode(batch.src, batch.src_lengths)
    row = handed_over(["packed"], tiny_data, profile).loc["packed"]
    whole, cell = (part.transpose(0, 1).flatten(1).norm(dim=-1).mean().item() for part in state)
    assert row["norm"] == pytest.approx(whole, abs=0.006)
    assert row["norm"] != pytest.approx(cell, abs=0.006)


def test_what_is_handed_over_does_not_hang_on_how_many_layers_share_it(tiny_data):
    """Four layers of the deep decoder, or two of twice the width: the same numbers."""
    table = handed_over(["bilstm-deep-decoder", "bilstm-concat"], tiny_data, PROFILES["smoke"])
    assert table["L'"].to_dict() == {"bilstm-deep-decoder": 4, "bilstm-concat": 2}
    assert table["norm"].nunique() == table["distance from the mean state"].nunique() == 1


def test_the_focus_of_attention(tiny_data):
    models = {
        name: build_model(name, 60, 60, Sizes(6, 8, 2, 0)) for name in ("attention-dot", "attention-dot-unmasked")
    }
    table = attention_focus(models, tiny_data, 20)
    assert table.loc["attention-dot", "weight on PAD"] == "0.0%"
    assert float(table.loc["attention-dot-unmasked", "weight on PAD"].rstrip("%")) > 30
    assert (table["spread over positions"] >= 1).all()
    for model in models.values():
        for parameter in model.parameters():
            torch.nn.init.zeros_(parameter)  # all scores are equal: the weight is spread evenly
    lengths = [len(example.source) for example in tiny_data.valid]
    table = attention_focus(models, tiny_data, 20)
    assert table.loc["attention-dot-unmasked", "spread over positions"] == 20
    assert min(lengths) <= table.loc["attention-dot", "spread over positions"] <= max(lengths)
