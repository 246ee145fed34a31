"""An LSTM that runs a few time steps a call and still makes each weight's gradient in one product a batch.

Decoding in segments calls the same layers many times. `nn.LSTM` rearranges its weights and forms their gradients at
every call, and all those gradients have to be added up. Here the weights are arranged once a batch, and what their
gradients are made of is collected until the last segment has been differentiated.

Letters in shapes: T' time steps of a call, B batch, I width of an input, H of a state. The four gates stand side by
side in the order of `nn.LSTM`: input, forget, cell, output.
Source: Hochreiter & Schmidhuber (1997), "Long Short-Term Memory", with the forget gate of Gers et al. (2000).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from seq2seq_lib.models.fast.matmul import product, right_factor, widened, working_type

WIDE = 256  # states narrower than this are faster in nn.LSTM, whose small kernels are fused (measured: 64, 128, 512)
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")

_sigmoid_slope, _tanh_slope = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward


class Layer(NamedTuple):
    """One layer's weights, arranged for the calls of one batch.

    Attributes:
        ahead_x, ahead_h: [I, 4H] and [H, 4H], for the way forward.
        back_x, back_h: [4H, I] and [4H, H], for the way back.
        bias: [4H], both of `nn.LSTM` together.
        calls: what each differentiated call leaves for the gradients of the weights: slopes at the gates [T'·B, 4H],
            inputs [T'·B, I] and states before [T'·B, H].
        token: an empty result of the weights and argument of every call, which keeps them in order in autograd's graph.
    """

    ahead_x: Tensor
    ahead_h: Tensor
    back_x: Tensor
    back_h: Tensor
    bias: Tensor
    calls: list[tuple[Tensor, Tensor, Tensor]]
    token: Tensor


class ArrangedLSTM(nn.Module):
    """An `nn.LSTM` for the many short calls of one loss, called as that is: (inputs, (hidden, cell)) -> the same.

    Args:
        rnn: with one direction, time-major; its weights and its mode are those of now.
    """

    def __init__(self, rnn: nn.LSTM) -> None:
        super().__init__()
        self.layers = arrange(rnn)
        self.dropout = partial(functional.dropout, p=rnn.dropout, training=rnn.training)

    def forward(self, inputs: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """inputs [T', B, I], hidden and cell [L, B, H] -> the last layer's states [T', B, H], hidden and cell."""
        outputs, hidden, cell = run_layers(self.layers, inputs, *state, self.dropout)
        return outputs[-1], (hidden, cell)


def arranged(decoder: nn.Module) -> nn.Module:
    """A shallow copy of the decoder whose LSTMs are arranged for one loss, and which shares all its weights.

    Where `nn.LSTM` itself is the better way, and where a decoder has none, it is the decoder itself.
    """
    changed = {}
    for name, child in decoder.named_children():
        if _gains(child):
            changed[name] = ArrangedLSTM(child)
        elif isinstance(child, nn.ModuleList) and len(child) and all(map(_gains, child)):
            changed[name] = nn.ModuleList(map(ArrangedLSTM, child))
    if not changed:
        return decoder
    twin = copy(decoder)
    twin._modules = {**decoder._modules, **changed}
    return twin


def _gains(rnn: nn.Module) -> bool:
    plain = isinstance(rnn, nn.LSTM) and not (rnn.bidirectional or rnn.batch_first or rnn.proj_size or not rnn.bias)
    return plain and _is_wide(rnn)


def _is_wide(rnn: nn.LSTM) -> bool:
    """Not without gradients, on other devices than a CPU, or when narrow: there `nn.LSTM` is the better way."""
    weight = rnn.weight_hh_l0
    return torch.is_grad_enabled() and weight.device.type == "cpu" and weight.size(1) >= WIDE


def arrange(rnn: nn.LSTM) -> tuple[Layer, ...]:
    """All layers of an LSTM, ready for one batch; with two directions, forward and backward alternate."""
    names = [
        f"_l{layer}{direction}"
        for layer in range(rnn.num_layers)
        for direction in ("", "_reverse")[: 1 + rnn.bidirectional]
    ]
    return tuple(_arranged(*(getattr(rnn, name + suffix) for name in WEIGHTS)) for suffix in names)


def _arranged(w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor) -> Layer:
    calls: list[tuple[Tensor, Tensor, Tensor]] = []
    token = _Weights.apply(calls, w_x, w_h, b_x, b_h)
    kind = working_type(w_x)
    back_x, back_h = w_x.detach().to(kind), w_h.detach().to(kind)
    return Layer(right_factor(back_x), right_factor(back_h), back_x, back_h, (b_x + b_h).detach(), calls, token)


def run_layers(
    layers: tuple[Layer, ...], inputs: Tensor, hidden: Tensor, cell: Tensor, dropout: Callable[[Tensor], Tensor]
) -> tuple[list[Tensor], Tensor, Tensor]:
    """T' steps of stacked layers, as `nn.LSTM` takes them.

    Args:
        inputs: [T', B, I].
        hidden, cell: [L, B, H] before the first step.
        dropout: what happens to hidden states on their way up to the next layer.

    Returns:
        Hidden states [T', B, H] of each layer, and hidden and cell [L, B, H] after the last step.
    """
    outputs, cells = [], []
    for layer, h, c in zip(layers, hidden.unbind(), cell.unbind(), strict=True):
        below = dropout(outputs[-1]) if outputs else inputs
        states, last_cell = _Steps.apply(layer, layer.token, below, h, c)
        outputs.append(states)
        cells.append(last_cell)
    return outputs, torch.stack([states[-1] for states in outputs]), torch.stack(cells)


def run_sequence(rnn: nn.LSTM, inputs: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """`rnn(inputs)`: inputs [S, B, I] -> outputs [S, B, D·H] and the last states, hidden and cell [L·D, B, H].

    It keeps a third of what `nn.LSTM` keeps on a CPU for its gradients.
    """
    if not _is_wide(rnn):
        return rnn(inputs)
    layers = arrange(rnn)
    outputs, hiddens, cells, start = inputs, [], [], inputs.new_zeros(inputs.size(1), rnn.hidden_size)
    directions = 1 + rnn.bidirectional
    for depth in range(rnn.num_layers):
        below = functional.dropout(outputs, rnn.dropout, rnn.training) if depth else outputs
        each = []
        for direction, layer in enumerate(layers[depth * directions : (depth + 1) * directions]):
            states, cell = _Steps.apply(layer, layer.token, below.flip(0) if direction else below, start, start)
            hiddens.append(states[-1])
            cells.append(cell)
            each.append(states.flip(0) if direction else states)
        outputs = torch.cat(each, dim=-1) if directions > 1 else each[0]
    return outputs, (torch.stack(hiddens), torch.stack(cells))


class _Weights(torch.autograd.Function):
    """Nothing on the way forward. On the way back, when all calls have been there, the gradients of one layer."""

    @staticmethod
    def forward(ctx, calls, w_x, w_h, b_x, b_h):
        """w_x [4H, I], w_h [4H, H], b_x and b_h [4H] -> the layer's token, a zero []."""
        ctx.calls = calls
        return w_x.new_zeros(())

    @staticmethod
    @once_differentiable
    def backward(ctx, _):
        slopes, inputs, states = (torch.cat(parts) for parts in zip(*ctx.calls, strict=True))
        ctx.calls.clear()
        read = torch.cat([inputs, states], dim=1).t().contiguous()
        at_x, at_h = widened(product(read, slopes)).split([inputs.size(1), states.size(1)])
        at_bias = slopes.sum(0, dtype=at_x.dtype)
        return None, at_x.t(), at_h.t(), at_bias, at_bias


class _Steps(torch.autograd.Function):
    """T' steps of a layer: inputs [T', B, I], hidden and cell [B, H] -> hidden states [T', B, H], last cell [B, H]."""

    @staticmethod
    def forward(ctx, layer, token, inputs, hidden, cell):
        """As the class says; hidden states in the type of the products, cell states never narrower than float32."""
        with torch.autocast(inputs.device.type, enabled=False):
            kind = layer.back_h.dtype
            inputs = inputs.to(kind)
            gates, hiddens, cells = _ahead(layer, inputs, hidden.to(kind), widened(cell))
        ctx.layer = layer
        ctx.save_for_backward(inputs, gates, hiddens, cells)
        return hiddens[1:], cells[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx, at_hiddens, at_cell):
        return None, None, *_back(ctx.layer, *ctx.saved_tensors, at_hiddens, at_cell)


def _ahead(layer: Layer, inputs: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Gates [T', B, 4H] of all steps, hidden and cell states [T'+1, B, H] with those before the first step."""
    steps, rows, width = *inputs.shape[:2], hidden.size(1)
    gates = widened(product(inputs.flatten(0, 1), layer.ahead_x)).add_(layer.bias).view(steps, rows, 4 * width)
    hiddens, cells = hidden.new_empty(steps + 1, rows, width), cell.new_empty(steps + 1, rows, width)
    hiddens[0], cells[0] = hidden, cell
    for step, now in enumerate(gates):
        now.add_(product(hiddens[step], layer.ahead_h))
        i, f, g, o = now.chunk(4, dim=1)
        now[:, : 2 * width].sigmoid_()
        g.tanh_()
        o.sigmoid_()
        torch.mul(f, cells[step], out=cells[step + 1]).addcmul_(i, g)
        torch.mul(o, cells[step + 1].tanh(), out=hiddens[step + 1])
    return gates, hiddens, cells


def _back(layer: Layer, inputs, gates, hiddens, cells, at_hiddens, at_cell) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients at inputs, first hidden and first cell state; leaves in `layer.calls` what the weights need."""
    kind, (steps, rows, width) = layer.back_h.dtype, (len(gates), *cells.shape[1:])
    i, f, g, o = gates.chunk(4, dim=2)
    squashed = cells[1:].tanh()
    # slopes of cell state (first three) and hidden state (last) at what enters the gates; times what arrives, below
    slopes = torch.stack(
        [_sigmoid_slope(g, i), _sigmoid_slope(cells[:-1], f), _tanh_slope(i, g), _sigmoid_slope(squashed, o)], dim=2
    )
    to_cell = _tanh_slope(o, squashed)
    at_hidden = torch.zeros_like(at_cell)
    for step in reversed(range(steps)):
        at_hidden = at_hidden.add_(at_hiddens[step])
        at_cell = torch.addcmul(at_cell, at_hidden, to_cell[step])
        slopes[step, :, :3].mul_(at_cell.unsqueeze(1))
        slopes[step, :, 3].mul_(at_hidden)
        at_cell.mul_(f[step])
        at_hidden = widened(product(slopes[step].view(rows, 4 * width).to(kind), layer.back_h))
    flat = slopes.view(steps * rows, 4 * width).to(kind)
    layer.calls.append((flat, inputs.flatten(0, 1), hiddens[:-1].flatten(0, 1)))
    return widened(product(flat, layer.back_x)).view(inputs.shape), at_hidden, at_cell
