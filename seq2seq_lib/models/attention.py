"""(query, memory) -> (context, weights): what the decoder looks up among the encoder's outputs, and where.

Letters in shapes: T' target steps at once, S source length, B batch, H width of a query, M = D·H width of a memory.
Every kind of attention scores each source position against each query and averages values by the softmax of the
scores. They differ in the score, and in the keys and values they make of the outputs. Those depend on the source only,
and `prepare` makes them once a batch, not once a time step.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from seq2seq_lib.config import ConfigError, check_heads
from seq2seq_lib.models.encoders import Memory


class Attention(nn.Module):
    """What all kinds share; a kind overrides `keys_and_values` and `scores`.

    Args:
        context_size: C, width of the values.
        masked: whether PAD positions are left out; the original's code leaves them in.
    """

    def __init__(self, context_size: int, *, masked: bool) -> None:
        super().__init__()
        self.context_size = context_size
        self.masked = masked

    def keys_and_values(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """The encoder's outputs [S, B, M] -> keys [S, B, H] and values [S, B, C]; by default the outputs are both."""
        return outputs, outputs

    def prepare(self, memory: Memory) -> Memory:
        """The memory with its keys and values; a prepared one comes back as it is."""
        if memory.keys is not None:
            return memory
        keys, values = self.keys_and_values(memory.outputs)
        return memory._replace(keys=keys, values=values)

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """query [T', B, H], keys [S, B, H] -> scores [B, T', S]; by default the dot products."""
        return torch.bmm(query.transpose(0, 1), keys.permute(1, 2, 0))

    def forward(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Looks the queries up.

        Args:
            query: [T', B, H], the decoder's hidden states.
            memory: of the same B sentences, prepared or not.

        Returns:
            context [T', B, C], the weighted average of the values, and weights [B, T', S], which sum to 1 over S and
            are 0 on PAD where the attention is masked.
        """
        memory = self.prepare(memory)
        weights = softmax(self.scores(query, memory.keys), memory.mask if self.masked else None)
        return torch.bmm(weights, memory.values.transpose(0, 1)).transpose(0, 1), weights

    def extra_repr(self) -> str:
        return f"masked={self.masked}"


class DotAttention(Attention):
    """score(q, k) = qᵀk, with the encoder's outputs as keys and as values: the lab's attention.

    Source: Luong, Pham & Manning (2015), "Effective Approaches to Attention-based Neural Machine Translation", eq. 8.

    Args:
        query_size: H, width of the decoder's hidden state.
        memory_size: M, width of the encoder's outputs.
        masked: whether PAD positions are left out.

    Raises:
        ConfigError: when the two widths differ, for then there is no product.
    """

    def __init__(self, query_size: int, memory_size: int, *, masked: bool = True) -> None:
        if query_size != memory_size:
            raise ConfigError(
                f"This attention multiplies queries of width {query_size} with encoder outputs of width {memory_size}: "
                "take GeneralAttention or QKVAttention, which map them onto one width."
            )
        super().__init__(memory_size, masked=masked)


class DotValueAttention(DotAttention):
    """The dot product with values of their own: score(q, k) = qᵀk, values W_v·outputs + b.

    What query, key and value gain over the dot product with the comparison left as it was: this project's own step in
    between.
    """

    def __init__(self, query_size: int, memory_size: int, *, masked: bool = True) -> None:
        super().__init__(query_size, memory_size, masked=masked)
        self.value = nn.Linear(memory_size, memory_size)

    def keys_and_values(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """outputs [S, B, H] -> the outputs as keys, and values [S, B, H]."""
        return outputs, self.value(outputs)


class GeneralAttention(Attention):
    """score(q, k) = qᵀWk: a learned product, and the widths may differ.

    Source: Luong, Pham & Manning (2015), eq. 8.
    """

    def __init__(self, query_size: int, memory_size: int, *, masked: bool = True) -> None:
        super().__init__(memory_size, masked=masked)
        self.key = nn.Linear(memory_size, query_size, bias=False)

    def keys_and_values(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """outputs [S, B, M] -> keys W·outputs [S, B, H], and the outputs as values."""
        return self.key(outputs), outputs


class AdditiveAttention(Attention):
    """score(q, k) = vᵀ tanh(W q + U k): a small network with one hidden layer.

    Bahdanau's decoder asks with its state before the step; here, as in the original, the query is the state after it.
    Source: Bahdanau, Cho & Bengio (2015), "Neural Machine Translation by Jointly Learning to Align and Translate",
    appendix A.1.2.
    """

    def __init__(self, query_size: int, memory_size: int, *, masked: bool = True) -> None:
        super().__init__(memory_size, masked=masked)
        self.query = nn.Linear(query_size, query_size, bias=False)
        self.key = nn.Linear(memory_size, query_size, bias=False)
        self.energy = nn.Linear(query_size, 1, bias=False)

    def keys_and_values(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """outputs [S, B, M] -> keys U·outputs [S, B, H], and the outputs as values."""
        return self.key(outputs), outputs

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """query [T', B, H], keys [S, B, H] -> scores [B, T', S], by way of [B, T', S, H]."""
        asked = self.query(query).transpose(0, 1).unsqueeze(2)
        return self.energy(torch.tanh(asked + keys.transpose(0, 1).unsqueeze(1))).squeeze(-1)


class QKVAttention(Attention):
    """score(q, k) = (W_q q)ᵀ(W_k k) / √H, values W_v: one head of Vaswani et al. (2017), eq. 1.

    Args:
        scaled: whether scores are divided by √H; the original's code does not.
    """

    def __init__(self, query_size: int, memory_size: int, *, masked: bool = True, scaled: bool = True) -> None:
        super().__init__(query_size, masked=masked)
        self.scale = 1 / math.sqrt(query_size) if scaled else 1.0
        self.query = nn.Linear(query_size, query_size)
        self.key = nn.Linear(memory_size, query_size)
        self.value = nn.Linear(memory_size, query_size)

    def keys_and_values(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """outputs [S, B, M] -> keys and values [S, B, H], each by a Linear of its own."""
        return self.key(outputs), self.value(outputs)

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """query [T', B, H], keys [S, B, H] -> scaled scores [B, T', S]."""
        return super().scores(self.query(query) * self.scale, keys)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, scale={self.scale:.4g}"


class MultiHeadAttention(DotAttention):
    """Several scaled attentions side by side, each on its own slice of the width; a Linear joins them.

    The weights live in `nn.MultiheadAttention`, whose own forward would project keys and values anew at every call;
    the tests show that both compute the same.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.2.

    Args:
        heads: must divide H.
        dropout: probability of dropping an attention weight, as in the original.

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


def softmax(scores: Tensor, mask: Tensor | None) -> Tensor:
    """scores [B, T', S] -> weights over S, 0 where mask [S, B] is False."""
    if mask is not None:
        scores = scores.masked_fill(~mask.t().unsqueeze(1), -torch.inf)
    return scores.softmax(-1)
