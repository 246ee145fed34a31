"""The catalogue, and the report's shapes and sizes at its own dimensions."""

import pytest
import torch

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.models.bridges import JoinDirections, ProjectDirections, concatenate
from seq2seq_lib.models.encoders import LSTMEncoder, StateShape
from seq2seq_lib.training import count_parameters
from seq2seq_lib.variants import VARIANTS, Variant, build_model, find_variant, variants_of
from tests.reference import random_batch, reverse_real_tokens

ENCODER_SECTION = (
    "baseline", "bilstm-concat", "bilstm-mean", "bilstm-sum", "bilstm-linear", "bilstm-deep-decoder",
    "reversed", "reversed-tokens", "reversed-batch",
)  # fmt: skip

#: encoder outputs, encoder hidden and cell, decoder hidden and cell at the report's sizes
REPORT_SHAPES = {
    "baseline": ((30, 64, 512), (2, 64, 512), (2, 64, 512)),
    "bilstm-concat": ((30, 64, 1024), (4, 64, 512), (2, 64, 1024)),
    "bilstm-mean": ((30, 64, 1024), (4, 64, 512), (2, 64, 512)),
    "bilstm-sum": ((30, 64, 1024), (4, 64, 512), (2, 64, 512)),
    "bilstm-linear": ((30, 64, 1024), (4, 64, 512), (2, 64, 512)),
    "bilstm-deep-decoder": ((30, 64, 1024), (4, 64, 512), (4, 64, 512)),
    "reversed": ((30, 64, 512), (2, 64, 512), (2, 64, 512)),
    "reversed-tokens": ((30, 64, 512), (2, 64, 512), (2, 64, 512)),
    "reversed-batch": ((30, 64, 512), (2, 64, 512), (2, 64, 512)),
}


def test_the_encoder_section_is_complete():
    assert variants_of("encoder") == ENCODER_SECTION
    assert set(REPORT_SHAPES) == set(VARIANTS)


@pytest.mark.parametrize("name", sorted(REPORT_SHAPES))
def test_shapes_at_the_reports_sizes(name):
    model = build_model(name, src_vocab_size=8290, tgt_vocab_size=11847).eval()
    src, src_lengths, tgt = random_batch(8290, 11847, batch=64, longest=29, pad_to=30)
    with torch.inference_mode():
        memory = model.encoder(src, src_lengths)
        state = model.bridge(memory.hidden, memory.cell)
        logits = model(src, src_lengths, tgt[:3])
    outputs, encoder_state, decoder_state = REPORT_SHAPES[name]
    assert memory.outputs.shape == outputs
    assert memory.hidden.shape == memory.cell.shape == encoder_state
    assert state.hidden.shape == state.cell.shape == decoder_state
    assert memory.mask.shape == (30, 64)
    assert logits.shape == (2, 64, 11847)
    layers, width = model.bridge.state_shape[:2]
    assert (layers, 64, width) == decoder_state


def test_the_reports_parameter_counts():
    model = build_model("baseline", src_vocab_size=8290, tgt_vocab_size=11847)
    assert count_parameters(model.decoder) == 12_788_551
    assert round(count_parameters(model.encoder) / 1e6, 1) == 5.8


def test_reading_orders():
    src, src_lengths, _ = random_batch(50, 50, batch=4, seed=1)
    readings = {name: VARIANTS[name].encoder(50, Sizes(4, 4, 1, 0)).reading for name in ENCODER_SECTION}
    assert readings["baseline"](src, src_lengths) is src
    assert torch.equal(readings["reversed"](src, src_lengths)[-1], src[0])
    assert torch.equal(readings["reversed-tokens"](src, src_lengths), reverse_real_tokens(src))
    assert torch.equal(readings["reversed-batch"](src, src_lengths)[:, 0], src[:, -1])


@pytest.mark.parametrize("name", ENCODER_SECTION)
def test_the_mask_follows_the_order_of_reading(name):
    model = build_model(name, 50, 50, Sizes(4, 4, 1, 0))
    src, src_lengths, _ = random_batch(50, 50, batch=4, seed=1)
    read = model.encoder.reading(src, src_lengths)
    memory = model.encoder(src, src_lengths)
    assert torch.equal(memory.mask, read != 0)


def twins(first, second):
    """Two variants with the same weights."""
    sizes = Sizes(5, 6, 2, 0)
    models = [build_model(name, 40, 40, sizes).eval() for name in (first, second)]
    models[1].load_state_dict(models[0].state_dict())
    return models


def test_reversed_batch_of_one_sentence_is_the_baseline():
    baseline, flipped = twins("baseline", "reversed-batch")
    one, two = random_batch(40, 40, batch=1), random_batch(40, 40, batch=2)
    assert torch.equal(baseline(*one, 1.0), flipped(*one, 1.0))
    assert not torch.allclose(baseline(*two, 1.0), flipped(*two, 1.0))


def test_reversed_tokens_of_a_reversed_sentence_is_the_baseline():
    baseline, reverse = twins("baseline", "reversed-tokens")
    src, src_lengths, tgt = random_batch(40, 40)
    assert torch.equal(baseline(src, src_lengths, tgt, 1.0), reverse(reverse_real_tokens(src), src_lengths, tgt, 1.0))


@pytest.mark.parametrize("name", ENCODER_SECTION)
def test_one_token_in_a_batch_of_one(name):
    model = build_model(name, 40, 40, Sizes(5, 6, 2, 0.1))
    src, tgt = torch.tensor([[3]]), torch.tensor([[2], [3]])
    assert model(src, torch.tensor([1]), tgt).shape == (1, 1, 40)
    assert model.loss(src, torch.tensor([1]), tgt).isfinite()


@pytest.mark.parametrize("name", [name for name in ENCODER_SECTION if name != "reversed-batch"])
def test_sentences_do_not_see_their_neighbours(name):
    model = build_model(name, 40, 40, Sizes(5, 6, 2, 0)).eval()
    src, src_lengths, tgt = random_batch(40, 40)
    alone = model(src[:, 1:2], src_lengths[1:2], tgt[:, 1:2], 1.0)
    torch.testing.assert_close(model(src, src_lengths, tgt, 1.0)[:, 1:2], alone)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_join_gives_the_shape_it_promises(layers):
    encoder = LSTMEncoder(20, Sizes(4, 5, layers, 0), bidirectional=True)
    memory = encoder(*random_batch(20, 20)[:2])
    for bridge in (JoinDirections(encoder.state_shape, join=concatenate), ProjectDirections(encoder.state_shape)):
        state = bridge(memory.hidden, memory.cell)
        assert state.hidden.shape == (bridge.state_shape.layers, 5, bridge.state_shape.hidden)


def test_a_join_wants_two_directions():
    with pytest.raises(ValueError, match="bidirectional=True"):
        ProjectDirections(StateShape(2, 8))


def test_wrong_names_say_what_there_is():
    with pytest.raises(ConfigError, match="baseline"):
        find_variant("bilstm")
    with pytest.raises(ConfigError, match="enc_dec"):
        variants_of("attention")
    with pytest.raises(ConfigError, match="section"):
        Variant("encoders", "", "")
