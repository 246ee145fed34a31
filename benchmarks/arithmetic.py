"""The matrix products that one training step cannot do without, counted from the model and its batches.

Only real target tokens count, and of the source what the encoder reads: its real tokens where it is packed, PAD too
where it is not. Each product y = x·W comes three times: on the way forward, for the slope at x, and for the slope at W.
A recurrence is bound to one product a time step, forward and back; everything else can take all rows at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import nn

from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.models.attention import MultiHeadAttention
from seq2seq_lib.models.decoders import AttentionDecoder
from seq2seq_lib.models.encoders import PackedLSTMEncoder


class Product(NamedTuple):
    """[rows, inner] · [inner, columns], `batch` of them in one call, such a call `times` a step."""

    rows: int
    inner: int
    columns: int
    times: float = 1.0
    batch: int = 1

    @property
    def flop(self) -> float:
        """Floating-point operations a step: a multiplication and an addition each."""
        return 2.0 * self.rows * self.inner * self.columns * self.times * self.batch


class Work(NamedTuple):
    """What a batch holds, on average: B rows; time steps and real tokens on either side; `pairs` (target, source)."""

    rows: float
    source_steps: float
    source_tokens: float
    target_steps: float
    target_tokens: float
    pairs: float


def work_of(batches: Sequence[Batch]) -> Work:
    """Means over `batches`; a target's first token is no prediction and does not count."""
    counted = []
    for src, src_lengths, tgt in batches:
        lengths = (tgt[1:] != PAD).sum(0)
        pairs = (lengths.cpu() * src_lengths).sum()
        counted.append((
            src.size(1), src.size(0), int(src_lengths.sum()), len(tgt) - 1, int(lengths.sum()), int(pairs),
        ))  # fmt: skip
    return Work(*(sum(column) / len(counted) for column in zip(*counted, strict=True)))


def products_of(model: nn.Module, work: Work) -> dict[str, list[Product]]:
    """The products of one step by part: encoder, decoder (its LSTM), attention, projection (onto the vocabulary).

    Args:
        model: with an LSTM on both sides, attention none, dot product or several heads; may lie on the meta device.
    """
    packed = isinstance(model.encoder, PackedLSTMEncoder)
    read = work.source_tokens if packed else work.rows * work.source_steps
    output = model.decoder.output
    return {
        "encoder": lstm(model.encoder.rnn, work.source_steps, read),
        "decoder": lstm(model.decoder.rnn, work.target_steps, work.target_tokens),
        "attention": attention(model.decoder, work),
        "projection": linear(work.target_tokens, output.in_features, output.out_features),
    }


def linear(rows: float, inputs: int, outputs: int) -> list[Product]:
    """y = x·W for `rows` rows at once: forward, slope at x, slope at W."""
    rows = round(rows)
    return [Product(rows, inputs, outputs), Product(rows, outputs, inputs), Product(inputs, rows, outputs)]


def lstm(rnn: nn.LSTM, steps: float, tokens: float) -> list[Product]:
    """All layers and directions over `tokens` tokens in `steps` time steps; the four gates are one product."""
    directions, width, found = 2 if rnn.bidirectional else 1, rnn.hidden_size, []
    rows = round(tokens / steps)
    for layer in range(rnn.num_layers):
        inputs = directions * width if layer else rnn.input_size
        for _ in range(directions):
            found += linear(tokens, inputs, 4 * width)
            found += [Product(rows, width, 4 * width, tokens / rows), Product(rows, 4 * width, width, tokens / rows)]
            found.append(Product(width, round(tokens), 4 * width))
    return found


def attention(decoder: nn.Module, work: Work) -> list[Product]:
    """Scores and contexts sentence by sentence; with several heads also queries, keys, values and their join."""
    if not isinstance(decoder, AttentionDecoder):
        return []
    width, heads, found = decoder.attention.context_size, 1, []
    if isinstance(decoder.attention, MultiHeadAttention):
        heads = decoder.attention.heads.num_heads
        found += 2 * linear(work.target_tokens, width, width) + linear(work.source_tokens, width, 2 * width)
    batch = round(work.rows)
    t, s, h = round(work.target_tokens / batch), round(work.source_tokens / batch), width // heads
    times = work.pairs / (batch * t * s)  # sentences differ in length: so many average ones
    shapes = 2 * [(t, h, s), (t, s, h), (s, t, h)]  # scores and contexts have the same three shapes
    return found + [Product(*shape, times, batch * heads) for shape in shapes]


def gigaflop(products: Sequence[Product]) -> float:
    """10⁹ floating-point operations."""
    return sum(product.flop for product in products) / 1e9
