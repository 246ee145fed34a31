"""Encoder state [L·D, B, H] -> decoder state [L', B, H'].

A bridge is built from the encoder's state shape and says by `state_shape` what the decoder has to take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from seq2seq_lib.models.encoders import StateShape, name_of


class State(NamedTuple):
    """A recurrent state: `hidden` and `cell`, both [L', B, H']."""

    hidden: Tensor
    cell: Tensor

    def select(self, rows: Tensor) -> State:
        """The state of the sentences `rows` [B'], in that order."""
        return State(self.hidden.index_select(1, rows), self.cell.index_select(1, rows))

    def first(self, rows: int) -> State:
        """The state of the first `rows` sentences, contiguous as nn.LSTM wants it."""
        return State(self.hidden[:, :rows].contiguous(), self.cell[:, :rows].contiguous())


class AsIs(nn.Module):
    """Hands every slice over as a decoder layer of its own: L' = L·D, H' = H.

    With one direction this is the lab's model; with two the decoder has twice the encoder's layers.
    """

    def __init__(self, encoder_state: StateShape) -> None:
        super().__init__()
        self.state_shape = StateShape(encoder_state.slices, encoder_state.hidden)

    def forward(self, hidden: Tensor, cell: Tensor) -> State:
        """hidden, cell [L·D, B, H] -> the same two tensors as a State."""
        return State(hidden, cell)


def concatenate(forward: Tensor, backward: Tensor) -> Tensor:
    """Two [L, B, H] -> [L, B, 2H]: nothing is lost, the decoder becomes twice as wide."""
    return torch.cat([forward, backward], dim=2)


def mean(forward: Tensor, backward: Tensor) -> Tensor:
    """Two [L, B, H] -> their average [L, B, H]."""
    return (forward + backward) / 2


def add(forward: Tensor, backward: Tensor) -> Tensor:
    """Two [L, B, H] -> their sum [L, B, H]."""
    return forward + backward


def by_direction(state: Tensor) -> tuple[Tensor, Tensor]:
    """[2L, B, H], directions alternating as nn.LSTM leaves them -> the forward and the backward [L, B, H]."""
    return state[0::2], state[1::2]


class JoinDirections(nn.Module):
    """Joins the two directions of each layer by a function without parameters.

    Args:
        encoder_state: the encoder's state shape, with 2 directions.
        join: `concatenate`, `mean` or `add`.
    """

    def __init__(self, encoder_state: StateShape, *, join: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        _two_directions(encoder_state)
        slices = torch.empty(encoder_state.layers, 0, encoder_state.hidden)
        self.state_shape = StateShape(encoder_state.layers, join(slices, slices).size(2))
        self.join = join

    def forward(self, hidden: Tensor, cell: Tensor) -> State:
        """hidden, cell [2L, B, H] -> State of [L, B, H'], with H' = 2H for `concatenate` and H otherwise."""
        return State(self.join(*by_direction(hidden)), self.join(*by_direction(cell)))

    def extra_repr(self) -> str:
        return f"join={name_of(self.join)}"


class ProjectDirections(nn.Module):
    """Concatenates the two directions and projects them back to H, with one Linear for hidden and one for cell.

    Args:
        encoder_state: the encoder's state shape, with 2 directions.
    """

    def __init__(self, encoder_state: StateShape) -> None:
        super().__init__()
        _two_directions(encoder_state)
        self.state_shape = StateShape(encoder_state.layers, encoder_state.hidden)
        self.hidden = nn.Linear(2 * encoder_state.hidden, encoder_state.hidden)
        self.cell = nn.Linear(2 * encoder_state.hidden, encoder_state.hidden)

    def forward(self, hidden: Tensor, cell: Tensor) -> State:
        """hidden, cell [2L, B, H] -> State of [L, B, H]: W·[forward; backward] + b for each layer."""
        return State(
            self.hidden(concatenate(*by_direction(hidden))),
            self.cell(concatenate(*by_direction(cell))),
        )


def keep_last(state: Tensor, layers: int) -> Tensor:
    """[L, B, H] -> the last `layers` of them, those nearest to the output: the original's choice for 4 → 2."""
    return state[-layers:]


def average(state: Tensor, layers: int) -> Tensor:
    """[L, B, H] -> [layers, B, H]: each decoder layer takes the mean of its share of neighbouring encoder layers.

    The shares are those of adaptive average pooling: (0, 1) and (2, 3) for 4 → 2, (0, 1) and (1, 2) for 3 → 2.
    """
    return functional.adaptive_avg_pool1d(state.permute(1, 2, 0), layers).permute(2, 0, 1)


def repeat(state: Tensor, layers: int) -> Tensor:
    """[L, B, H] -> [layers, B, H], the encoder's over and over: the original's 0 1 0 1 for 2 → 4, 0 1 0 for 2 → 3."""
    return state[[layer % len(state) for layer in range(layers)]]


def fill_with_zeros(state: Tensor, layers: int) -> Tensor:
    """[L, B, H] -> [layers, B, H]: the layers that the encoder lacks start at zero, above those it has."""
    return torch.cat([state, state.new_zeros(layers - len(state), *state.shape[1:])])


LayerFit = Callable[[Tensor, int], Tensor]


class FitLayers(nn.Module):
    """Gives the decoder as many layers as it has, whatever the encoder's count, by functions without parameters.

    Args:
        encoder_state: the encoder's state shape; two directions count as two layers.
        layers: L' of the decoder.
        fewer: (state, layers) when the decoder has fewer layers: `keep_last` or `average`.
        more: (state, layers) when it has more: `repeat` or `fill_with_zeros`.
    """

    def __init__(
        self, encoder_state: StateShape, *, layers: int, fewer: LayerFit = keep_last, more: LayerFit = repeat
    ) -> None:
        super().__init__()
        self.state_shape = StateShape(layers, encoder_state.hidden)
        self.fit = fewer if layers < encoder_state.slices else more

    def forward(self, hidden: Tensor, cell: Tensor) -> State:
        """hidden, cell [L, B, H] -> State of [L', B, H]."""
        layers = self.state_shape.layers
        return State(self.fit(hidden, layers).contiguous(), self.fit(cell, layers).contiguous())

    def extra_repr(self) -> str:
        return f"layers={self.state_shape.layers}, fit={name_of(self.fit)}"


class ProjectLayers(nn.Module):
    """A Linear from all encoder layers to all decoder layers, L·H → L'·H, one for hidden and one for cell.

    Args:
        encoder_state: the encoder's state shape; two directions count as two layers.
        layers: L' of the decoder.
    """

    def __init__(self, encoder_state: StateShape, *, layers: int) -> None:
        super().__init__()
        self.state_shape = StateShape(layers, encoder_state.hidden)
        width = encoder_state.hidden
        self.hidden = nn.Linear(encoder_state.slices * width, layers * width)
        self.cell = nn.Linear(encoder_state.slices * width, layers * width)

    def forward(self, hidden: Tensor, cell: Tensor) -> State:
        """hidden, cell [L, B, H] -> State of [L', B, H]."""
        return State(self._through(self.hidden, hidden), self._through(self.cell, cell))

    def _through(self, linear: nn.Linear, state: Tensor) -> Tensor:
        rows = state.transpose(0, 1).flatten(1)
        return linear(rows).unflatten(1, self.state_shape[:2]).transpose(0, 1).contiguous()


def _two_directions(encoder_state: StateShape) -> None:
    if encoder_state.directions != 2:
        raise ValueError(
            f"This bridge joins 2 directions, the encoder has {encoder_state.directions}: "
            "build the encoder with bidirectional=True, or take the bridge AsIs."
        )
