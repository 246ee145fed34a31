"""Encoders without recurrence: every source position is computed at once, and PAD is left out of everything.

They have no last state, so the decoder's first state is made from the mean of the outputs over the real tokens.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from seq2seq_lib.config import Sizes, check_heads
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.models.encoders import Memory, StateShape


def sinusoids(length: int, width: int, device: torch.device) -> Tensor:
    """Position embeddings [length, 1, width] for any length: sines in even columns, cosines in odd ones.

    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.5.
    """
    rates = torch.exp(torch.arange(0, width, 2, device=device) * (-math.log(10_000) / width))
    angles = torch.arange(length, device=device).unsqueeze(1) * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :width].unsqueeze(1)


class ParallelEncoder(nn.Module):
    """Embedding, position, blocks, a normalisation, and a first decoder state made from the mean output.

    The normalisation keeps the mean of many small vectors from becoming too small for a short training to learn from.

    Args:
        vocab_size: V of the source language.
        sizes: embedding E, hidden H, layers L and dropout.
    """

    def __init__(self, vocab_size: int, sizes: Sizes) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, sizes.embedding)
        self.widen = nn.Linear(sizes.embedding, sizes.hidden)
        self.dropout = nn.Dropout(sizes.dropout)
        self.norm = nn.LayerNorm(sizes.hidden)
        self.state_shape = StateShape(sizes.layers, sizes.hidden)
        self.output_size = sizes.hidden
        self.hidden = nn.Linear(sizes.hidden, sizes.layers * sizes.hidden)
        self.cell = nn.Linear(sizes.hidden, sizes.layers * sizes.hidden)

    def forward(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """Reads the source.

        Args:
            src: [S, B] source ids, PAD at the end.
            src_lengths: [B] real tokens of each source.

        Returns:
            Memory: outputs [S, B, H], zero on PAD; hidden and cell [L, B, H], made from their mean m over real tokens:
            hidden = tanh(W m + b) as an LSTM's lies between -1 and 1, cell = W' m + b'; mask [S, B].
        """
        mask = src != PAD
        positions = sinusoids(len(src), self.embedding.embedding_dim, src.device)
        inputs = self.widen(self.dropout(self.embedding(src) + positions))
        outputs = self.norm(self.read(inputs, mask)) * mask.unsqueeze(-1)
        mean = outputs.sum(0) / mask.sum(0).unsqueeze(-1)
        return Memory(outputs, self._by_layer(self.hidden(mean)).tanh(), self._by_layer(self.cell(mean)), mask)

    def read(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """inputs [S, B, H], mask [S, B] -> outputs [S, B, H]; real positions must not depend on what PAD holds."""
        raise TypeError(f"{type(self).__name__} does not say how it reads: define read(inputs, mask).")

    def _by_layer(self, states: Tensor) -> Tensor:
        """[B, L·H] -> [L, B, H]."""
        return states.unflatten(1, self.state_shape[:2]).transpose(0, 1).contiguous()


class ConvEncoder(ParallelEncoder):
    """L gated convolutions over windows of three positions, each added to its input: after L of them a position has
    seen L words to either side.

    Source of the block: Gehring et al. (2017), "Convolutional Sequence to Sequence Learning", sections 3.2 and 3.4.
    Position embeddings, normalisation and mean are those of `ParallelEncoder`, not theirs.
    """

    def __init__(self, vocab_size: int, sizes: Sizes) -> None:
        super().__init__(vocab_size, sizes)
        self.windows = nn.ModuleList(
            nn.Conv1d(sizes.hidden, 2 * sizes.hidden, kernel_size=3, padding=1) for _ in range(sizes.layers)
        )

    def read(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """inputs [S, B, H] -> outputs [S, B, H]; PAD is zero before every window, as beyond the sentence's ends."""
        states, real = inputs.permute(1, 2, 0), mask.t().unsqueeze(1)
        for window in self.windows:
            gated = functional.glu(window(self.dropout(states) * real), dim=1)
            states = (gated + states) * math.sqrt(0.5)
        return states.permute(2, 0, 1)


class TransformerEncoder(ParallelEncoder):
    """L layers of self-attention with 8 heads and a feed-forward width of 2H, normalised before each part.

    Source: Vaswani et al. (2017), section 3.1; the place of the normalisation from Xiong et al. (2020), "On Layer
    Normalization in the Transformer Architecture", which makes training without a warm-up possible.

    Raises:
        ConfigError: when H is no multiple of the heads.
    """

    HEADS = 8

    def __init__(self, vocab_size: int, sizes: Sizes) -> None:
        super().__init__(vocab_size, sizes)
        check_heads(sizes.hidden, self.HEADS)
        # not nn.TransformerEncoder, which copies one layer and so starts all of them with the same weights
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(sizes.hidden, self.HEADS, 2 * sizes.hidden, sizes.dropout, norm_first=True)
            for _ in range(sizes.layers)
        )

    def read(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """inputs [S, B, H] -> outputs [S, B, H]; no position attends to PAD."""
        for layer in self.layers:
            inputs = layer(inputs, src_key_padding_mask=~mask.t())
        return inputs

    def extra_repr(self) -> str:
        return f"heads={self.HEADS}"
