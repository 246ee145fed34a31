"""The output layer and its loss against plain projection and cross-entropy, however the rows are cut."""

import pytest
import torch
from torch.nn import functional

from seq2seq_lib.models.fast import output_layer
from seq2seq_lib.models.fast.output_layer import OutputLayer

CLOSE = {"rtol": 0, "atol": 1e-9}


@pytest.fixture
def rows():
    """features [N, F], a Linear onto V words, targets [N]."""
    torch.manual_seed(0)
    features = torch.randn(23, 7, dtype=torch.float64, requires_grad=True)
    return features, torch.nn.Linear(7, 11, dtype=torch.float64), torch.randint(11, (23,))


def with_gradients(loss, features, linear):
    return loss, *torch.autograd.grad(loss, [features, *linear.parameters()])


@pytest.mark.parametrize("known", [(), (3,), (5, 1, 4), (23,)])
@pytest.mark.parametrize(("chunk", "block"), [(2**23, 64), (60, 4), (1, 1), (2**23, 5)])
def test_equals_projection_and_cross_entropy(rows, known, chunk, block, monkeypatch):
    monkeypatch.setattr(output_layer, "CHUNK", chunk)
    monkeypatch.setattr(output_layer, "BLOCK", block)
    features, linear, targets = rows
    expected = with_gradients(functional.cross_entropy(linear(features), targets), features, linear)
    layer = OutputLayer(linear)
    logits = layer.logits(features[: sum(known)])
    found = with_gradients(layer.loss(features, targets, logits.split(known) if known else ()), features, linear)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, **CLOSE)


def test_known_logits_are_taken_as_they_are(rows):
    features, linear, targets = rows
    layer = OutputLayer(linear)
    wrong = layer.logits(features[:4]).add_(torch.arange(11.0))
    expected = functional.cross_entropy(torch.cat([wrong, linear(features[4:])]), targets)
    torch.testing.assert_close(layer.loss(features, targets, [wrong]), expected, **CLOSE)


def test_without_a_bias(rows):
    features, _, targets = rows
    linear = torch.nn.Linear(7, 11, bias=False, dtype=torch.float64)
    expected = with_gradients(functional.cross_entropy(linear(features), targets), features, linear)
    found = with_gradients(OutputLayer(linear).loss(features, targets), features, linear)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, **CLOSE)


def test_the_gradient_follows_what_is_done_with_the_loss(rows):
    features, linear, targets = rows
    plain = with_gradients(OutputLayer(linear).loss(features, targets), features, linear)
    tripled = with_gradients(3 * OutputLayer(linear).loss(features, targets), features, linear)
    for one, three in zip(plain, tripled, strict=True):
        torch.testing.assert_close(three, 3 * one, **CLOSE)


def test_nothing_is_differentiated_where_nobody_asks(rows, monkeypatch):
    features, linear, targets = rows
    monkeypatch.setattr(output_layer, "_Gradients", None)
    expected = functional.cross_entropy(linear(features), targets)
    with torch.inference_mode():
        torch.testing.assert_close(OutputLayer(linear).loss(features, targets), expected.detach(), **CLOSE)


def test_very_unlikely_words_have_a_finite_loss():
    linear = torch.nn.Linear(1, 3, bias=False)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[0.0], [300.0], [-300.0]]))
    loss = OutputLayer(linear).loss(torch.ones(1, 1), torch.tensor([2]))
    assert loss.item() == pytest.approx(600)
