"""The arranged layers against nn.LSTM: however the steps are cut into calls, same states and same gradients."""

import pytest
import torch

from seq2seq_lib.models.fast import lstm
from seq2seq_lib.models.fast.lstm import arrange, arranged, run_layers

STEPS, BATCH, INPUT, HIDDEN = 7, 3, 4, 5
CLOSE = {"rtol": 0, "atol": 1e-10}


@pytest.fixture(autouse=True)
def any_width(monkeypatch):
    monkeypatch.setattr(lstm, "WIDE", 1)


def stacked(layers=2, dtype=torch.float64):
    torch.manual_seed(1)
    rnn = torch.nn.LSTM(INPUT, HIDDEN, layers, dtype=dtype)
    state = torch.randn(2, layers, BATCH, HIDDEN, dtype=dtype, requires_grad=True)
    return rnn, torch.randn(STEPS, BATCH, INPUT, dtype=dtype, requires_grad=True), state


def in_calls(rnn, inputs, state, lengths):
    """Outputs and last state of calls of so many steps, one after the other."""
    layers, (hidden, cell), outputs = arrange(rnn), state, []
    for stretch in inputs.split(lengths):
        each, hidden, cell = run_layers(layers, stretch, hidden, cell, lambda states: states)
        outputs.append(each[-1])
    return torch.cat(outputs), hidden, cell


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("lengths", [[7], [1] * 7, [3, 1, 2, 1]])
def test_equals_nn_lstm_with_its_gradients(lengths, layers):
    rnn, inputs, state = stacked(layers)
    outputs, (hidden, cell) = rnn(inputs, (state[0], state[1]))
    found = in_calls(rnn, inputs, state, lengths)
    for one, other in zip(found, (outputs, hidden, cell), strict=True):
        torch.testing.assert_close(one, other, **CLOSE)

    def gradients(outputs, hidden, cell):
        return torch.autograd.grad(outputs.square().sum() + (hidden * cell).sum(), [inputs, state, *rnn.parameters()])

    for one, other in zip(gradients(*found), gradients(outputs, hidden, cell), strict=True):
        torch.testing.assert_close(one, other, **CLOSE)


@pytest.mark.parametrize("part", ["outputs", "hidden", "cell"])
def test_a_loss_of_one_result_alone(part):
    rnn, inputs, state = stacked()
    outputs, (hidden, cell) = rnn(inputs, (state[0], state[1]))
    expected = {"outputs": outputs, "hidden": hidden, "cell": cell}[part]
    found = dict(zip(("outputs", "hidden", "cell"), in_calls(rnn, inputs, state, [3, 4]), strict=True))[part]
    wanted = torch.autograd.grad(expected.square().sum(), [inputs, *rnn.parameters()])
    for one, other in zip(torch.autograd.grad(found.square().sum(), [inputs, *rnn.parameters()]), wanted, strict=True):
        torch.testing.assert_close(one, other, **CLOSE)


def test_sentences_may_leave_between_two_calls():
    rnn, inputs, state = stacked()
    layers = arrange(rnn)
    first, hidden, cell = run_layers(layers, inputs[:3], state[0], state[1], lambda states: states)
    later, _, _ = run_layers(layers, inputs[3:, :2], hidden[:, :2], cell[:, :2], lambda states: states)
    loss = first[-1].square().sum() + later[-1].square().sum()
    outputs, _ = rnn(inputs, (state[0], state[1]))
    expected = outputs[:3].square().sum() + outputs[3:, :2].square().sum()
    wanted = torch.autograd.grad(expected, list(rnn.parameters()))
    for one, other in zip(torch.autograd.grad(loss, list(rnn.parameters())), wanted, strict=True):
        torch.testing.assert_close(one, other, **CLOSE)


def test_dropout_acts_between_the_layers_alone():
    rnn, inputs, state = stacked(3)
    seen = []

    def dropout(states):
        seen.append(states)
        return torch.zeros_like(states)

    outputs, _, _ = run_layers(arrange(rnn), inputs, state[0], state[1], dropout)
    assert [each.data_ptr() for each in seen] == [each.data_ptr() for each in outputs[:2]]
    other, _, _ = run_layers(arrange(rnn), inputs + 1, state[0], state[1], dropout)
    torch.testing.assert_close(outputs[-1], other[-1])
    assert not torch.allclose(outputs[0], other[0])


def test_two_batches_do_not_share_gradients():
    rnn, inputs, state = stacked()

    def gradients(inputs):
        outputs, _, _ = in_calls(rnn, inputs, state, [3, 4])
        return torch.autograd.grad(outputs.sum(), list(rnn.parameters()))

    first = gradients(inputs)
    gradients(inputs + 1)
    for one, other in zip(gradients(inputs), first, strict=True):
        torch.testing.assert_close(one, other, **CLOSE)


def test_narrow_layers_are_left_to_nn_lstm(monkeypatch):
    rnn, _, _ = stacked()
    decoder = torch.nn.ModuleDict({"rnn": rnn})
    monkeypatch.setattr(lstm, "WIDE", HIDDEN + 1)
    assert arranged(decoder) is decoder
    monkeypatch.setattr(lstm, "WIDE", HIDDEN)
    with torch.no_grad():
        assert arranged(decoder) is decoder
    twin = arranged(decoder)
    assert isinstance(twin["rnn"], lstm.ArrangedLSTM)
    assert decoder["rnn"] is rnn, "the decoder itself stays as it is"
    assert arranged(torch.nn.ModuleDict({"rnn": torch.nn.LSTM(4, HIDDEN, batch_first=True)}))["rnn"].batch_first


def test_a_graph_can_be_differentiated_twice():
    rnn, inputs, state = stacked()
    outputs, _, _ = in_calls(rnn, inputs, state, [3, 4])
    first = torch.autograd.grad(outputs.sum(), list(rnn.parameters()), retain_graph=True)
    for one, other in zip(torch.autograd.grad(outputs.sum(), list(rnn.parameters())), first, strict=True):
        torch.testing.assert_close(one, other, **CLOSE)
