"""The catalogue, and the report's shapes and sizes at its own dimensions."""

import re
from collections import Counter
from dataclasses import asdict
from functools import partial

import pytest
import torch

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.experiments.spec import fingerprint
from seq2seq_lib.experiments.weights import load_trained, write_weights
from seq2seq_lib.models.attention import DotAttention, GeneralAttention, MultiHeadAttention
from seq2seq_lib.models.bridges import (
    FitLayers,
    JoinDirections,
    ProjectDirections,
    ProjectLayers,
    average,
    concatenate,
    fill_with_zeros,
    keep_last,
    repeat,
)
from seq2seq_lib.models.encoders import (
    LSTMEncoder,
    Memory,
    PackedLSTMEncoder,
    StateShape,
    reversed_batch,
    reversed_padded,
    reversed_tokens,
)
from seq2seq_lib.models.seq2seq import count_parameters
from seq2seq_lib.models.variant import Widened
from seq2seq_lib.models.variants import VARIANTS, Variant, build_model, find_variant, variants_of
from tests.made_up import record
from tests.reference import random_batch, reverse_real_tokens

SECTIONS = {
    "encoder": (
        "baseline", "bilstm-concat", "bilstm-mean", "bilstm-sum", "bilstm-linear", "bilstm-deep-decoder",
        "reversed", "reversed-tokens", "reversed-batch", "reversed-packed", "forget-bias", "gru",
        "conv-encoder", "transformer-encoder",
    ),
    "decoder": ("baseline", "tied", "untied", "packed", "all-layers"),
    "enc_dec": (
        "baseline", "attention-dot", "attention-dot-unmasked", "attention-general", "attention-additive",
        "attention-qkv", "attention-qkv-unscaled", "attention-dot-value", "attention-multihead",
        "attention-multihead-plain", "attention-bahdanau", "conv-attention", "transformer-attention", "enc4-dec2",
        "enc4-dec2-mean", "enc4-dec2-linear", "enc2-dec4", "enc2-dec4-zeros", "together", "together-small",
    ),
    "size": ("baseline", "wide-mean", "wide-concat", "wide-deep", "wide-attention", "wide-layers"),
}  # fmt: skip
READING = ("baseline", "reversed", "reversed-tokens", "reversed-batch")
ATTENDING = tuple(name for name, variant in VARIANTS.items() if "ttention" in repr(variant.decoder))

LAB_SHAPES = ((30, 64, 512), (2, 64, 512), (2, 64, 512))
#: encoder outputs, encoder hidden and cell, decoder hidden and cell at the report's sizes, where not the lab's
REPORT_SHAPES = {
    "bilstm-concat": ((30, 64, 1024), (4, 64, 512), (2, 64, 1024)),
    "bilstm-mean": ((30, 64, 1024), (4, 64, 512), (2, 64, 512)),
    "bilstm-sum": ((30, 64, 1024), (4, 64, 512), (2, 64, 512)),
    "bilstm-linear": ((30, 64, 1024), (4, 64, 512), (2, 64, 512)),
    "bilstm-deep-decoder": ((30, 64, 1024), (4, 64, 512), (4, 64, 512)),
    "enc4-dec2": ((30, 64, 512), (4, 64, 512), (2, 64, 512)),
    "enc4-dec2-mean": ((30, 64, 512), (4, 64, 512), (2, 64, 512)),
    "enc4-dec2-linear": ((30, 64, 512), (4, 64, 512), (2, 64, 512)),
    "enc2-dec4": ((30, 64, 512), (2, 64, 512), (4, 64, 512)),
    "enc2-dec4-zeros": ((30, 64, 512), (2, 64, 512), (4, 64, 512)),
    "together": ((30, 64, 1024), (4, 64, 512), (2, 64, 1024)),
    "together-small": ((30, 64, 710), (4, 64, 355), (2, 64, 710)),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_sections_are_complete(section):
    assert variants_of(section) == SECTIONS[section]


def test_no_variant_stands_outside_the_sections():
    assert set(VARIANTS) == {name for names in SECTIONS.values() for name in names}


@pytest.mark.parametrize("name", sorted(set(VARIANTS) - set(SECTIONS["size"][1:])))
def test_shapes_at_the_reports_sizes(name):
    model = build_model(name, src_vocab_size=8290, tgt_vocab_size=11847).eval()
    src, src_lengths, tgt = random_batch(8290, 11847, batch=64, longest=29, pad_to=30)
    with torch.inference_mode():
        memory = model.encoder(src, src_lengths)
        state = model.bridge(memory.hidden, memory.cell)
        logits = model(src, src_lengths, tgt[:3])
    outputs, encoder_state, decoder_state = REPORT_SHAPES.get(name, LAB_SHAPES)
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
    tied = build_model("tied", src_vocab_size=8290, tgt_vocab_size=11847)
    assert count_parameters(tied.decoder) == 6_842_368


@pytest.mark.parametrize("sizes", [Sizes(), Sizes(embedding=64, hidden=64, layers=2)])
@pytest.mark.parametrize("name", [name for name in VARIANTS if name.startswith("wide")])
def test_a_widened_model_is_the_labs_with_as_many_parameters_as_the_other(name, sizes):
    with torch.device("meta"):
        lab, wide, like = (
            variant.build(5893, 6400, sizes) for variant in (VARIANTS["baseline"], VARIANTS[name], VARIANTS[name].like)
        )
    assert re.sub(r"\d+", "", repr(wide)) == re.sub(r"\d+", "", repr(lab))
    assert wide.encoder.rnn.hidden_size > sizes.hidden
    assert count_parameters(wide) == pytest.approx(count_parameters(like), rel=0.01)


def test_together_at_the_labs_size_has_the_labs_number_of_parameters():
    with torch.device("meta"):
        small, lab = (VARIANTS[name].build(8290, 11847, Sizes()) for name in ("together-small", "baseline"))
    assert count_parameters(small) == pytest.approx(count_parameters(lab), rel=0.01)
    assert small.decoder.output.weight is small.decoder.embedding.weight


def test_an_open_forget_gate_is_the_labs_encoder_with_more_bias():
    """The same draws, and 1 more on the forget gate of each layer."""
    models = {}
    for name in ("baseline", "forget-bias"):
        torch.manual_seed(1)
        models[name] = build_model(name, 40, 40, Sizes(6, 8, 2, 0))
    wanted = dict(models["baseline"].named_parameters())
    for path, parameter in models["forget-bias"].named_parameters():
        more = torch.zeros_like(parameter)
        if path.startswith("encoder.rnn.bias_ih"):
            more[8:16] = 1
        torch.testing.assert_close(parameter, wanted[path] + more, msg=path)


def test_the_untied_model_starts_as_the_tied_one_and_shares_nothing():
    models = {}
    for name in ("tied", "untied"):
        torch.manual_seed(1)
        models[name] = build_model(name, 40, 40, Sizes(6, 8, 2, 0))
    batch = random_batch(40, 40)
    assert torch.equal(models["tied"](*batch, 1.0), models["untied"](*batch, 1.0))
    decoder = models["untied"].decoder
    assert decoder.output.weight is not decoder.embedding.weight
    assert count_parameters(models["untied"]) == count_parameters(models["tied"]) + 40 * 6


def test_a_model_can_be_narrowed_as_well():
    narrow = Widened("encoder", "Narrow", "", like=VARIANTS["tied"])
    model, tied = (variant.build(500, 500, Sizes(16, 32)) for variant in (narrow, narrow.like))
    assert model.encoder.rnn.hidden_size < 32
    assert count_parameters(model) == pytest.approx(count_parameters(tied), rel=0.05)


def test_reading_orders():
    src, src_lengths, _ = random_batch(50, 50, batch=4, seed=1)
    readings = {name: VARIANTS[name].encoder(50, Sizes(4, 4, 1, 0)).reading for name in READING}
    assert readings["baseline"](src, src_lengths) is src
    assert torch.equal(readings["reversed"](src, src_lengths)[-1], src[0])
    assert torch.equal(readings["reversed-tokens"](src, src_lengths), reverse_real_tokens(src))
    assert torch.equal(readings["reversed-batch"](src, src_lengths)[:, 0], src[:, -1])


@pytest.mark.parametrize("name", READING)
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


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_one_token_in_a_batch_of_one(name):
    model = build_model(name, 40, 40, Sizes(6, 8, 2, 0.1))
    src, tgt = torch.tensor([[3]]), torch.tensor([[2], [3]])
    assert model(src, torch.tensor([1]), tgt).shape == (1, 1, 40)
    assert model.loss(src, torch.tensor([1]), tgt).isfinite()


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "reversed-batch"])
def test_sentences_do_not_see_their_neighbours(name):
    model = build_model(name, 40, 40, Sizes(6, 8, 2, 0)).eval()
    src, src_lengths, tgt = random_batch(40, 40)
    alone = model(src[:, 1:2], src_lengths[1:2], tgt[:, 1:2], 1.0)
    torch.testing.assert_close(model(src, src_lengths, tgt, 1.0)[:, 1:2], alone)


@pytest.mark.parametrize(
    "name", ["packed", "reversed-packed", "conv-encoder", "transformer-encoder", "conv-attention", "together"]
)
def test_more_padding_changes_nothing_for_an_encoder_that_ignores_it(name):
    model = build_model(name, 40, 40, Sizes(6, 8, 2, 0)).eval()
    src, src_lengths, tgt = random_batch(40, 40)
    padded = torch.cat([src, torch.zeros(5, src.size(1), dtype=torch.long)])
    torch.testing.assert_close(model(padded, src_lengths, tgt, 1.0), model(src, src_lengths, tgt, 1.0))
    baseline = build_model("baseline", 40, 40, Sizes(6, 8, 2, 0)).eval()
    assert not torch.allclose(baseline(padded, src_lengths, tgt, 1.0), baseline(src, src_lengths, tgt, 1.0))


def looked_up(name):
    """A model's attention with a batch's queries and memory."""
    model = build_model(name, 40, 40, Sizes(6, 8, 2, 0)).eval()
    src, src_lengths, tgt = random_batch(40, 40)
    memory, state = model.encode(src, src_lengths)
    return model, memory, state, tgt


@pytest.mark.parametrize("name", ATTENDING)
def test_attention_weights_sum_to_one_and_are_zero_on_pad(name):
    model, memory, state, tgt = looked_up(name)
    weights = model.decoder.attend(tgt[:-1], state, memory)
    assert weights.shape == (tgt.size(1), len(tgt) - 1, len(memory.mask))
    torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:2]))
    on_pad = weights.masked_select(~memory.mask.t().unsqueeze(1))
    assert on_pad.numel()
    assert on_pad.eq(0).all() != (name == "attention-dot-unmasked")


@pytest.mark.parametrize("name", ATTENDING)
def test_more_padding_changes_nothing_for_a_masked_attention(name):
    model, memory, state, tgt = looked_up(name)
    filler = torch.randn(4, *memory.outputs.shape[1:])  # whatever an encoder may leave on PAD
    longer = Memory(
        torch.cat([memory.outputs, filler]), memory.hidden, memory.cell,
        torch.cat([memory.mask, torch.zeros(4, tgt.size(1), dtype=torch.bool)]),
    )  # fmt: skip
    features, _ = model.decoder(tgt[:-1], state, memory)
    padded, _ = model.decoder(tgt[:-1], state, longer)
    assert torch.allclose(features, padded, atol=1e-6) != (name == "attention-dot-unmasked")


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_multi_head_attention_equals_torchs_own(dropout):
    attention = MultiHeadAttention(16, 16, heads=4, dropout=dropout)
    src, src_lengths, tgt = random_batch(40, 40)
    memory = LSTMEncoder(40, Sizes(6, 16, 2, 0))(src, src_lengths)
    query = torch.randn(len(tgt), tgt.size(1), 16)
    torch.manual_seed(1)
    context, _ = attention(query, memory)
    torch.manual_seed(1)
    expected, _ = attention.heads(query, memory.outputs, memory.outputs, key_padding_mask=~memory.mask.t())
    torch.testing.assert_close(context, expected)
    attention.eval()
    context, weights = attention(query, memory)
    expected, averaged = attention.heads(query, memory.outputs, memory.outputs, key_padding_mask=~memory.mask.t())
    torch.testing.assert_close(context, expected)
    torch.testing.assert_close(weights, averaged)


def test_widths_that_an_attention_cannot_take():
    with pytest.raises(ConfigError, match="GeneralAttention"):
        DotAttention(8, 16)
    assert GeneralAttention(8, 16).context_size == 16
    for name in ("attention-multihead", "transformer-encoder"):
        with pytest.raises(ConfigError, match="multiple of 8"):
            build_model(name, 40, 40, Sizes(6, 12, 2, 0))


def test_a_fit_takes_two_directions_as_two_layers():
    encoder = LSTMEncoder(40, Sizes(6, 8, 2, 0), bidirectional=True)
    memory = encoder(*random_batch(40, 40)[:2])
    for bridge in (FitLayers(encoder.state_shape, layers=3), ProjectLayers(encoder.state_shape, layers=3)):
        assert bridge(memory.hidden, memory.cell).hidden.shape == (3, memory.hidden.size(1), 8)
    assert FitLayers(encoder.state_shape, layers=3).fit is keep_last


def test_packing_reads_reversed_words_and_refuses_what_moves_pad():
    src, src_lengths, _ = random_batch(40, 40)
    encoder = PackedLSTMEncoder(40, Sizes(6, 8, 2, 0), reading=reversed_tokens)
    plain = PackedLSTMEncoder(40, Sizes(6, 8, 2, 0))
    plain.load_state_dict(encoder.state_dict())
    turned = plain(reverse_real_tokens(src), src_lengths)
    torch.testing.assert_close(encoder(src, src_lengths).hidden, turned.hidden)
    for reading in (reversed_padded, reversed_batch):
        with pytest.raises(ConfigError, match="take reversed_tokens"):
            PackedLSTMEncoder(40, Sizes(6, 8, 2, 0), reading=reading)


def test_layers_of_self_attention_start_with_weights_of_their_own():
    first, second = build_model("transformer-encoder", 40, 40, Sizes(6, 8, 2, 0)).encoder.layers
    assert not torch.equal(first.linear1.weight, second.linear1.weight)
    assert first.linear1.out_features == 16


def dropout_places(name):
    """Where dropout acts in a training step: the nn.Dropout called, how often, and p inside other modules."""
    model = build_model(name, 40, 40, Sizes(6, 8, 2, 0.25))
    called = set()
    for path, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout):
            assert module.p == 0.25
            module.register_forward_hook(lambda *_, path=path: called.add(path))
    counts = Counter()
    src, src_lengths, tgt = random_batch(40, 40)
    for path in ("encoder.dropout", "decoder.dropout"):
        model.get_submodule(path).register_forward_hook(lambda *_, path=path: counts.update([path]))
    model(src, src_lengths, tgt, 1.0)
    inside = {
        path: module.dropout
        for path, module in model.named_modules()
        if isinstance(module, torch.nn.RNNBase | torch.nn.MultiheadAttention) and module.dropout
    }
    return called, counts, inside


STACKED = {"encoder.rnn": 0.25, "decoder.rnn": 0.25}


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_dropout_acts_where_the_report_has_it(name):
    called, counts, inside = dropout_places(name)
    assert {"encoder.dropout", "decoder.dropout"} <= called
    expected = {"encoder.dropout": 1, "decoder.dropout": 1}
    if name == "all-layers":
        inside["decoder.rnn"] = 0.25  # its layers are modules of their own: dropout before each of them
        expected["decoder.dropout"] = 2
    if name == "attention-multihead":
        assert inside.pop("decoder.attention.heads") == 0.25
        expected["decoder.dropout"] = 2  # the report's listing has it on the features as well
    if name == "together-small":
        inside = dict(STACKED)  # as together
    if name.startswith("conv"):
        inside["encoder.rnn"] = 0.25
        expected["encoder.dropout"] = 3  # before each of the two windows
    if name.startswith("transformer"):
        inside["encoder.rnn"] = 0.25
        assert {f"encoder.layers.{layer}.{part}" for layer in (0, 1) for part in ("dropout1", "dropout2")} <= called
        inside = {path: p for path, p in inside.items() if "self_attn" not in path}
    assert inside == STACKED
    assert counts == expected


def test_attention_weights_are_dropped_in_training():
    attention = MultiHeadAttention(16, 16, heads=4, dropout=0.9)
    src, src_lengths, _ = random_batch(40, 40)
    memory = LSTMEncoder(40, Sizes(6, 16, 2, 0))(src, src_lengths)
    query = torch.randn(3, src.size(1), 16)
    torch.manual_seed(1)
    assert not torch.allclose(attention(query, memory)[0], attention(query, memory)[0])


@pytest.mark.parametrize(("encoder_layers", "decoder_layers"), [(2, 3), (3, 2), (1, 5), (5, 1), (4, 2), (2, 4), (2, 2)])
def test_any_pair_of_layer_counts(encoder_layers, decoder_layers):
    wide = 8
    bridges_ = (
        partial(FitLayers, layers=decoder_layers),
        partial(FitLayers, layers=decoder_layers, fewer=average, more=fill_with_zeros),
        partial(ProjectLayers, layers=decoder_layers),
    )
    for bridge in bridges_:
        variant = Variant("enc_dec", "", "", partial(LSTMEncoder, layers=encoder_layers), bridge)
        model = variant.build(40, 40, Sizes(6, wide, 2, 0))
        src, src_lengths, tgt = random_batch(40, 40)
        memory, state = model.encode(src, src_lengths)
        assert memory.hidden.shape == (encoder_layers, src.size(1), wide)
        assert state.hidden.shape == state.cell.shape == (decoder_layers, src.size(1), wide)
        assert model.loss(src, src_lengths, tgt).isfinite()


def test_what_a_fit_takes_from_which_layer():
    state = torch.arange(4.0).view(4, 1, 1).expand(4, 2, 3)

    def layers(fitted):
        return fitted[:, 0, 0].tolist()

    assert layers(keep_last(state, 2)) == [2, 3]
    assert layers(average(state, 2)) == [0.5, 2.5]
    assert layers(average(state[:3], 2)) == [0.5, 1.5]
    assert layers(repeat(state[:2], 4)) == [0, 1, 0, 1]
    assert layers(repeat(state[:2], 3)) == [0, 1, 0]
    assert layers(fill_with_zeros(state[1:3], 4)) == [1, 2, 0, 0]


@pytest.mark.parametrize("name", ["tied", "together", "bilstm-mean"])
def test_weights_are_the_same_tensors_after_loading(name, tmp_path):
    """Also those that cuDNN has made views of one block, as it does on a GPU; a shared one is still shared."""
    model = build_model(name, 40, 40, Sizes(6, 8, 2, 0))
    weights = list(model.encoder.rnn.parameters())
    block = torch.cat([weight.detach().flatten() for weight in weights])
    for weight, part in zip(weights, block.split([weight.numel() for weight in weights]), strict=True):
        weight.data = part.view_as(weight)
    run = record(
        name,
        settings={"sizes": asdict(Sizes(6, 8, 2, 0)), "model": fingerprint(VARIANTS[name], 40, 40, Sizes(6, 8, 2, 0))},
        vocabulary={"source": 40, "target": 40},
    )
    write_weights(model, run, tmp_path)
    other = load_trained(run, tmp_path)
    for path, weight in model.named_parameters():
        assert torch.equal(other.get_parameter(path), weight), path
    assert (other.decoder.output.weight is other.decoder.embedding.weight) == (name != "bilstm-mean")


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
