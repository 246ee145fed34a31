"""Every variant against the report's loop: same weights, same coins, no dropout -> same logits, loss and gradients."""

import math
from functools import partial

import pytest
import torch

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.models.attention import DotAttention, MultiHeadAttention, QKVAttention
from seq2seq_lib.models.decoders import AttentionDecoder, LSTMDecoder
from seq2seq_lib.models.fast import lstm
from seq2seq_lib.models.seq2seq import Seq2Seq, segments, teacher_forcing_mask
from seq2seq_lib.models.variants import VARIANTS, Variant, build_model
from tests.reference import (
    ENCODERS,
    OUTPUTS,
    dot,
    heads,
    qkv,
    random_batch,
    report_logits,
    report_loss,
    through_attention,
)

SIZES = Sizes(embedding=6, hidden=8, layers=2, dropout=0.0)  # 8 heads must divide the hidden width
SRC_VOCAB, TGT_VOCAB = 23, 29
CLOSE = {"rtol": 0, "atol": 1e-5}


def coins_of(seed):
    return torch.Generator().manual_seed(seed)


#: One of each way to decode; what all variants share is tried at its extremes with these alone.
STRUCTURES = ("baseline", "packed", "all-layers", "tied", "attention-multihead", "attention-bahdanau", "together")
#: variant, teacher forcing, sentences of a batch.
CASES = [
    *((name, 0.5, 5) for name in sorted(VARIANTS)),
    *((name, ratio, batch) for name in STRUCTURES for ratio in (0.0, 1.0) for batch in (1, 5)),
]


def large(name):
    torch.manual_seed(3)
    model = build_model(name, SRC_VOCAB, TGT_VOCAB, SIZES)
    # larger weights, so that a wrong step cannot hide within the tolerance; less so where normalised outputs, which
    # are larger than an LSTM's, go through query and key: there rounding alone would exceed it
    factor = 1.5 if name in ("conv-attention", "transformer-attention") else 3
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)
    return model


@pytest.fixture(params=sorted(VARIANTS))
def named_model(request):
    return request.param, large(request.param)


@pytest.fixture(params=[pytest.param(True, id="arranged"), pytest.param(False, id="nn.LSTM")])
def arranged(request, monkeypatch):
    """Whether the decoder's layers run by `recurrence`, as wide ones do, or by `nn.LSTM`, as narrow ones do."""
    monkeypatch.setattr(lstm, "WIDE", 1 if request.param else 10**9)
    return request.param


@pytest.fixture
def in_double():
    """Gradients of large weights differ by more than 1e-5 from rounding alone, so they are compared in float64."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_every_variant_has_a_reference():
    assert set(ENCODERS) == set(VARIANTS)
    decoders = {name: variant.decoder for name, variant in VARIANTS.items() if variant.decoder is not LSTMDecoder}
    assert set(OUTPUTS) == set(decoders)


def as_submitted(attention):
    """The report's attention decoder over the lab's encoder, with weights large enough to show a wrong step."""
    torch.manual_seed(3)
    decoder = partial(AttentionDecoder, attention=attention)
    model = Variant("enc_dec", "as submitted", "", decoder=decoder).build(SRC_VOCAB, TGT_VOCAB, SIZES)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model


@pytest.mark.parametrize(
    ("attention", "look_up"),
    [
        (partial(DotAttention, masked=False), dot),
        (partial(QKVAttention, masked=False, scaled=False), qkv(lambda width: 1)),
        (partial(MultiHeadAttention, masked=False), heads),
    ],
)
@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
def test_the_reports_own_attention_without_mask_and_scale(attention, look_up, ratio):
    model = as_submitted(attention)
    src, _, tgt = batch = random_batch(SRC_VOCAB, TGT_VOCAB)
    coins = teacher_forcing_mask(len(tgt) - 1, ratio, coins_of(5))
    expected = report_logits("attention-dot", model, src, tgt, coins, through_attention(look_up, masked=False))
    torch.testing.assert_close(model(*batch, ratio, coins_of(5)), expected, **CLOSE)
    torch.testing.assert_close(model.loss(*batch, ratio, coins_of(5)), report_loss(expected, tgt), **CLOSE)


@pytest.mark.parametrize(("query", "memory"), [(9, 4), (4, 9)])
def test_scores_are_divided_by_the_width_that_they_are_sums_over(query, memory):
    """Queries and keys are mapped onto H, the width of the decoder's state, whatever the encoder's is."""
    scaled, plain = (QKVAttention(query, memory, scaled=scaled) for scaled in (True, False))
    plain.load_state_dict(scaled.state_dict())
    asked, keys = torch.randn(2, 3, query), torch.randn(5, 3, query)
    torch.testing.assert_close(scaled.scores(asked, keys), plain.scores(asked, keys) / math.sqrt(query), **CLOSE)


@pytest.mark.parametrize(("name", "ratio", "batch"), CASES)
def test_forward_equals_the_reports_loop(name, ratio, batch, arranged):
    model = large(name)
    src, src_lengths, tgt = random_batch(SRC_VOCAB, TGT_VOCAB, batch, seed=batch)
    coins = teacher_forcing_mask(len(tgt) - 1, ratio, coins_of(5))
    expected = report_logits(name, model, src, tgt, coins)
    logits = model(src, src_lengths, tgt, ratio, coins_of(5))
    assert logits.shape == (len(tgt) - 1, batch, TGT_VOCAB)
    torch.testing.assert_close(logits, expected, **CLOSE)


@pytest.mark.parametrize(("name", "ratio", "batch"), CASES)
def test_loss_and_gradients_equal_the_reports_loop(name, ratio, batch, in_double, arranged):
    model, seed = large(name).double(), batch
    src, src_lengths, tgt = random_batch(SRC_VOCAB, TGT_VOCAB, batch, seed=seed)
    coins = teacher_forcing_mask(len(tgt) - 1, ratio, coins_of(seed))
    expected = report_loss(report_logits(name, model, src, tgt, coins), tgt)
    expected_gradients = torch.autograd.grad(expected, list(model.parameters()))
    loss = model.loss(src, src_lengths, tgt, ratio, coins_of(seed))
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    torch.testing.assert_close(loss, expected, **CLOSE)
    for gradient, wanted in zip(gradients, expected_gradients, strict=True):
        torch.testing.assert_close(gradient, wanted, **CLOSE)


@pytest.mark.parametrize("sizes", [Sizes(7, 8, 1, 0.0), Sizes(5, 8, 3, 0.0)])
@pytest.mark.parametrize("name", [*STRUCTURES, "bilstm-linear", "enc4-dec2-linear", "conv-encoder", "gru"])
def test_parity_at_odd_widths_and_other_depths(name, sizes, arranged):
    torch.manual_seed(3)
    model = build_model(name, SRC_VOCAB, TGT_VOCAB, sizes)
    src, src_lengths, tgt = random_batch(SRC_VOCAB, TGT_VOCAB, seed=4)
    coins = teacher_forcing_mask(len(tgt) - 1, 0.5, coins_of(5))
    expected = report_logits(name, model, src, tgt, coins)
    torch.testing.assert_close(model(src, src_lengths, tgt, 0.5, coins_of(5)), expected, **CLOSE)


def test_loss_is_the_mean_over_real_tokens_of_forward(named_model):
    _, model = named_model
    src, src_lengths, tgt = random_batch(SRC_VOCAB, TGT_VOCAB, seed=9)
    logits = model(src, src_lengths, tgt, 0.5, coins_of(4))
    expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tgt[1:].flatten(), ignore_index=PAD)
    torch.testing.assert_close(model.loss(src, src_lengths, tgt, 0.5, coins_of(4)), expected, **CLOSE)


def test_padding_the_target_changes_nothing(named_model):
    _, model = named_model
    src, src_lengths, tgt = random_batch(SRC_VOCAB, TGT_VOCAB, seed=2)
    longer = torch.cat([tgt, torch.full((4, tgt.size(1)), PAD)])
    # teacher forcing only: with coins, a longer target would draw more of them
    torch.testing.assert_close(
        model.loss(src, src_lengths, longer, 1.0), model.loss(src, src_lengths, tgt, 1.0), **CLOSE
    )


def test_bfloat16_changes_loss_and_gradients_by_rounding_alone(named_model, arranged):
    """Each weight learns under autocast; with autocast's own copies of weights the output layer would not."""
    _, model = named_model
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.div_(3)
    batch = random_batch(SRC_VOCAB, TGT_VOCAB, seed=1)
    # teacher forcing: a free step may choose another of two equally good words
    expected = model.loss(*batch, 1.0)
    wanted = torch.autograd.grad(expected, list(model.parameters()))
    with torch.autocast("cpu", torch.bfloat16):
        loss = model.loss(*batch, 1.0)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected, rtol=0.01, atol=0)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    largest = max(gradient.norm() for gradient in wanted)
    for gradient, other in zip(gradients, wanted, strict=True):
        assert gradient.dtype == torch.float32
        assert (gradient - other).norm() < 0.1 * other.norm() + 0.01 * largest


def test_an_arg_max_under_bfloat16_does_not_freeze_the_output_layer():
    torch.manual_seed(3)
    model = build_model("baseline", SRC_VOCAB, TGT_VOCAB, SIZES)
    with torch.autocast("cpu", torch.bfloat16):
        loss = model.loss(*random_batch(SRC_VOCAB, TGT_VOCAB), 0.0)
    loss.backward()
    assert model.decoder.output.weight.grad.abs().sum() > 0


def test_the_output_layer_must_be_a_linear():
    model = build_model("baseline", SRC_VOCAB, TGT_VOCAB, SIZES)
    model.decoder.output = torch.nn.Sequential(model.decoder.output)
    with pytest.raises(ConfigError, match=r"LSTMDecoder\.output must be an nn\.Linear"):
        Seq2Seq(model.encoder, model.bridge, model.decoder)


@pytest.mark.parametrize(
    ("coins", "expected"),
    [
        ([True], [(0, 1)]),
        ([False], [(0, 1)]),
        ([True, True, True], [(0, 3)]),
        ([False, False, False], [(0, 1), (1, 2), (2, 3)]),
        ([True, False, True, True], [(0, 2), (2, 4)]),
        ([True, True, False], [(0, 3)]),
    ],
)
def test_segments_start_after_each_free_step(coins, expected):
    assert list(segments(coins)) == expected


def test_coins_follow_the_ratio_and_the_generator():
    assert teacher_forcing_mask(50, 0.5, coins_of(1)) == teacher_forcing_mask(50, 0.5, coins_of(1))
    assert teacher_forcing_mask(50, 0.5, coins_of(1)) != teacher_forcing_mask(50, 0.5, coins_of(2))
    assert all(teacher_forcing_mask(50, 1.0))
    assert not any(teacher_forcing_mask(50, 0.0))
    assert 0.45 < sum(teacher_forcing_mask(20_000, 0.5, coins_of(3))) / 20_000 < 0.55
