"""Attention with several heads; letters in shapes as in `attention`."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from seq2seq_lib.config import check_heads
from seq2seq_lib.models.attention import DotAttention, softmax
from seq2seq_lib.models.encoders import Memory


class MultiHeadAttention(DotAttention):
    """Several scaled attentions side by side, each on its own slice of the width; a Linear joins them.

    The weights live in `nn.MultiheadAttention`, whose own forward would project keys and values anew at every call;
    the tests show that both compute the same.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.2.

    Args:
        heads: must divide H.
        dropout: probability of dropping an attention weight, as in the report.

    Raises:
        ConfigError: when `heads` does not divide the width.
    """

    def __init__(
        self, query_size: int, memory_size: int, *, heads: int = 8, dropout: float = 0.0, masked: bool = True
    ) -> None:
        super().__init__(query_size, memory_size, masked=masked)
        check_heads(query_size, heads)
        self.heads = nn.MultiheadAttention(query_size, heads, dropout)

    def keys_and_values(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """outputs [S, B, H] -> keys and values [S, B, H] of all heads side by side."""
        weight, bias = self.heads.in_proj_weight, self.heads.in_proj_bias
        width = outputs.size(-1)
        return functional.linear(outputs, weight[width:], bias[width:]).chunk(2, dim=-1)

    def forward(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """query [T', B, H] -> context [T', B, H] and weights [B, T', S], averaged over the heads."""
        memory = self.prepare(memory)
        steps, rows, width = query.shape
        weight, bias = self.heads.in_proj_weight, self.heads.in_proj_bias
        asked = functional.linear(query, weight[:width], bias[:width]) / math.sqrt(self.heads.head_dim)
        scores = self.scores(self._split(asked), self._split(memory.keys))
        mask = memory.mask.repeat_interleave(self.heads.num_heads, dim=1) if self.masked else None
        weights = softmax(scores, mask)
        dropped = functional.dropout(weights, self.heads.dropout, self.training)
        context = torch.bmm(dropped, self._split(memory.values).transpose(0, 1))
        joined = context.transpose(0, 1).reshape(steps, rows, width)
        return self.heads.out_proj(joined), weights.view(rows, self.heads.num_heads, steps, -1).mean(1)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, heads={self.heads.num_heads}, dropout={self.heads.dropout}"

    def _split(self, states: Tensor) -> Tensor:
        """[S, B, H] -> [S, B·heads, H / heads]: the heads of a sentence side by side in the batch."""
        return states.reshape(states.size(0), -1, self.heads.head_dim)
