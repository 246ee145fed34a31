"""Source ids -> Memory: what the encoder leaves for the bridge and the decoder.

Letters in shapes: S source length, B batch, E embedding, H hidden, L layers, D directions, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.models.fast.lstm import run_sequence


class Memory(NamedTuple):
    """What an encoder hands over.

    Attributes:
        outputs: [S, B, D·H], the last layer's hidden state at every source position, in the order it was read.
        hidden, cell: [L·D, B, H], every layer's last state; with two directions, forward and backward alternate.
        mask: [S, B], True where `outputs` belongs to a real token, False on PAD.
        keys, values: [S, B, ·], what an attention made of `outputs`; None until a decoder prepares the memory.
    """

    outputs: Tensor
    hidden: Tensor
    cell: Tensor
    mask: Tensor
    keys: Tensor | None = None
    values: Tensor | None = None

    def select(self, rows: Tensor) -> Memory:
        """The memory of the sentences `rows` [B'], in that order."""
        return self._each(lambda part: part.index_select(1, rows))

    def first(self, rows: int) -> Memory:
        """The memory of the first `rows` sentences."""
        return self._each(lambda part: part[:, :rows])

    def _each(self, change: Callable[[Tensor], Tensor]) -> Memory:
        """With `change` made to all that belongs to sentences."""
        return Memory(*(change(part) if isinstance(part, Tensor) else part for part in self))


class StateShape(NamedTuple):
    """Shape of a recurrent state: `layers`·`directions` slices [B, `hidden`] for hidden and for cell."""

    layers: int
    hidden: int
    directions: int = 1

    @property
    def slices(self) -> int:
        """L·D, the states there are."""
        return self.layers * self.directions


Reading = Callable[[Tensor, Tensor], Tensor]


def name_of(function: Callable) -> str:
    """What a function goes by, whatever can be called: `mix(w=0.5)` for a partial, its class's name for an object."""
    if not isinstance(function, partial):
        return getattr(function, "__name__", type(function).__name__)
    given = [("", value) for value in function.args] + [
        (f"{name}=", value) for name, value in function.keywords.items()
    ]
    told = [name + (name_of(value) if callable(value) else repr(value)) for name, value in given]
    return f"{name_of(function.func)}({', '.join(told)})"


def as_written(src: Tensor, src_lengths: Tensor) -> Tensor:
    """The source [S, B] as it stands: real tokens first, PAD last."""
    return src


def reversed_padded(src: Tensor, src_lengths: Tensor) -> Tensor:
    """The padded rows [S, B] reversed in time: PAD comes first and the last step reads the first token.

    Source: Sutskever, Vinyals & Le (2014), "Sequence to Sequence Learning with Neural Networks", section 3.3.
    """
    return src.flip(0)


def reversed_tokens(src: Tensor, src_lengths: Tensor) -> Tensor:
    """The real tokens [S, B] reversed in time, PAD left at the end (EOS, a real token, is then read first)."""
    steps = torch.arange(src.size(0), device=src.device).unsqueeze(1)
    lengths = src_lengths.to(src.device).unsqueeze(0)
    return src.gather(0, torch.where(steps < lengths, lengths - 1 - steps, steps))


def reversed_batch(src: Tensor, src_lengths: Tensor) -> Tensor:
    """The original's mistake, kept to be measured: on a time-major tensor [S, B] its code flips the batch axis.

    Every source is read in its usual order but paired with the target of another sentence (the first with the last,
    and so on), unless the batch holds a single pair.
    """
    return src.flip(1)


class LSTMEncoder(nn.Module):
    """Embedding, dropout and a stacked LSTM: the lab's encoder, with the original's changes as arguments.

    Args:
        vocab_size: V of the source language.
        sizes: embedding E, hidden H, layers L and dropout.
        bidirectional: a second LSTM reads from right to left (D = 2).
        layers: another number of layers than `sizes.layers`.
        reading: the order in which the source is read.
        forget_bias: what is added to the forget gates' biases at the start. Drawn around 0 they let half of the cell
            state through at each step; with 1 it is three quarters (Gers, Schmidhuber & Cummins 2000; Jozefowicz,
            Zaremba & Sutskever 2015, section 2.2).
    """

    recurrence: type[nn.RNNBase] = nn.LSTM

    def __init__(
        self,
        vocab_size: int,
        sizes: Sizes,
        *,
        bidirectional: bool = False,
        layers: int | None = None,
        reading: Reading = as_written,
        forget_bias: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, sizes.embedding)
        self.dropout = nn.Dropout(sizes.dropout)
        layers = sizes.layers if layers is None else layers
        dropout = sizes.dropout if layers > 1 else 0.0
        self.rnn = self.recurrence(sizes.embedding, sizes.hidden, layers, dropout=dropout, bidirectional=bidirectional)
        self.reading = reading
        self.forget_bias = forget_bias
        if forget_bias:
            open_forget_gates(self.rnn, forget_bias)

    @property
    def state_shape(self) -> StateShape:
        """Shape of the hidden and cell states in the memory."""
        return StateShape(self.rnn.num_layers, self.rnn.hidden_size, 2 if self.rnn.bidirectional else 1)

    @property
    def output_size(self) -> int:
        """D·H, the width of the memory's outputs."""
        return self.rnn.hidden_size * self.state_shape.directions

    def forward(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """Reads the source, PAD positions included, as the lab's encoder does.

        Args:
            src: [S, B] source ids, PAD at the end.
            src_lengths: [B] real tokens of each source.

        Returns:
            Memory: outputs [S, B, D·H], hidden and cell [L·D, B, H], mask [S, B].
        """
        read = self.reading(src, src_lengths)
        outputs, (hidden, cell) = run_sequence(self.rnn, self.dropout(self.embedding(read)))
        return Memory(outputs, hidden, cell, mask=read != PAD)

    def extra_repr(self) -> str:
        short = f"{self.forget_bias:g}"
        bias = short if float(short) == self.forget_bias else repr(self.forget_bias)  # it tells two variants apart
        return f"reading={name_of(self.reading)}" + (f", forget_bias={bias}" if self.forget_bias else "")


@torch.no_grad()
def open_forget_gates(rnn: nn.LSTM, bias: float) -> None:
    """Adds `bias` to the forget gates of all layers and directions; `nn.LSTM` has two biases, of which one gets it."""
    for name, parameter in rnn.named_parameters():
        if name.startswith("bias_ih"):
            parameter[rnn.hidden_size : 2 * rnn.hidden_size] += bias


class PackedLSTMEncoder(LSTMEncoder):
    """The lab's encoder over packed sequences: it stops at each sentence's last real token and never reads PAD.

    Raises:
        ConfigError: for a reading that does not leave PAD at the end of every sentence's own column.
    """

    def __init__(
        self, vocab_size: int, sizes: Sizes, *, bidirectional: bool = False, layers: int | None = None,
        reading: Reading = as_written,
    ) -> None:  # fmt: skip
        super().__init__(vocab_size, sizes, bidirectional=bidirectional, layers=layers, reading=reading)
        if reading in (reversed_padded, reversed_batch):
            raise ConfigError(f"Packing needs PAD last, and {name_of(reading)} moves it: take reversed_tokens.")

    def forward(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """As in the lab's encoder; hidden and cell are those after the last real token, outputs are zero on PAD."""
        read = self.reading(src, src_lengths)
        packed = pack_padded_sequence(self.dropout(self.embedding(read)), src_lengths.cpu(), enforce_sorted=False)
        packed_outputs, (hidden, cell) = self.rnn(packed)
        outputs, _ = pad_packed_sequence(packed_outputs, total_length=len(src))
        return Memory(outputs, hidden, cell, mask=read != PAD)


class GRUEncoder(LSTMEncoder):
    """The lab's encoder with gated recurrent units, which have no cell state: their state serves as both.

    Source: Cho et al. (2014), "Learning Phrase Representations using RNN Encoder–Decoder for Statistical Machine
    Translation", section 2.3.
    """

    recurrence = nn.GRU

    def forward(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """As in the lab's encoder; `cell` is the same tensor as `hidden`."""
        read = self.reading(src, src_lengths)
        outputs, hidden = self.rnn(self.dropout(self.embedding(read)))
        return Memory(outputs, hidden, hidden, mask=read != PAD)
