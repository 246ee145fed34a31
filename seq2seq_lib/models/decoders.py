"""(inputs, state, memory) -> (features, state); `output`, a Linear: features -> logits.

The recurrence and the projection onto the vocabulary are apart, because a stretch of time steps whose inputs are known
can go through the first in one call, and the second is needed for real target tokens alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from seq2seq_lib.config import Sizes
from seq2seq_lib.models.attention import DotAttention, MultiHeadAttention
from seq2seq_lib.models.bridges import State
from seq2seq_lib.models.encoders import Memory, StateShape


class LSTMDecoder(nn.Module):
    """The lab's decoder: embedding, dropout, a stacked LSTM, and a Linear onto the target vocabulary.

    Args:
        vocab_size: V of the target language.
        sizes: embedding E and dropout.
        state: layers L' and width H' of the state that the bridge hands over.
        memory_size: D·H, the width of the encoder's outputs (this decoder does not look at them).
        feature_size: width of the features that are projected onto the vocabulary; by default H'.
    """

    def __init__(
        self, vocab_size: int, sizes: Sizes, state: StateShape, memory_size: int, *, feature_size: int | None = None
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, sizes.embedding)
        self.dropout = nn.Dropout(sizes.dropout)
        dropout = sizes.dropout if state.layers > 1 else 0.0
        self.rnn = nn.LSTM(sizes.embedding, state.hidden, state.layers, dropout=dropout)
        self.output = nn.Linear(feature_size or state.hidden, vocab_size)

    def prepare(self, memory: Memory) -> Memory:
        """What depends on the source alone is computed here, once a batch; this decoder has nothing of the kind."""
        return memory

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Runs T' time steps whose input tokens are known.

        Args:
            inputs: [T', B] target ids.
            state: hidden and cell [L', B, H'] before the first of these steps.
            memory: the encoder's memory of the same B sentences, prepared or not.

        Returns:
            features [T', B, F] that `output` projects onto the vocabulary, here the last layer's hidden state at every
            step (F = H'), and the state after the last step.
        """
        features, (hidden, cell) = self.rnn(self.dropout(self.embedding(inputs)), (state.hidden, state.cell))
        return features, State(hidden, cell)


class TiedDecoder(LSTMDecoder):
    """The output layer's weight is the embedding's: V·E numbers serve twice, and there is no bias.

    A Linear brings the features to the embedding's width first.
    Source: Press & Wolf (2017), "Using the Output Embedding to Improve Language Models", section 3.
    """

    def __init__(self, vocab_size: int, sizes: Sizes, state: StateShape, memory_size: int) -> None:
        super().__init__(vocab_size, sizes, state, memory_size, feature_size=sizes.embedding)
        tie(self, state.hidden)

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """As in the lab's decoder, but with features [T', B, E]: each logit is their product with an embedding."""
        features, state = super().forward(inputs, state, memory)
        return self.projection(features), state


def tie(decoder: LSTMDecoder, feature_size: int) -> None:
    """Gives the decoder a `projection` from its features to E, and an `output` whose weight is the embedding's."""
    vocab_size, width = decoder.embedding.weight.shape
    decoder.projection = nn.Linear(feature_size, width)
    decoder.output = nn.Linear(width, vocab_size, bias=False)
    decoder.output.weight = decoder.embedding.weight


class UntiedDecoder(TiedDecoder):
    """The tied decoder with the tie cut: the output layer has a table of its own, which starts as the embedding's copy.

    The lab's output rows start √(3H) times smaller than an embedding's, so tied and lab's model differ by how they
    start as well. This one starts as the tied one does, number for number, and shares nothing afterwards.
    """

    def __init__(self, vocab_size: int, sizes: Sizes, state: StateShape, memory_size: int) -> None:
        super().__init__(vocab_size, sizes, state, memory_size)
        self.output.weight = nn.Parameter(self.embedding.weight.detach().clone())


class AllLayersDecoder(LSTMDecoder):
    """The output layer sees every layer's hidden state, not the last one's alone (the assignment's hint).

    nn.LSTM gives away the last layer only, so the layers are LSTMs of their own with dropout between them.
    """

    def __init__(self, vocab_size: int, sizes: Sizes, state: StateShape, memory_size: int) -> None:
        super().__init__(vocab_size, sizes, state, memory_size, feature_size=state.layers * state.hidden)
        widths = [sizes.embedding, *[state.hidden] * (state.layers - 1)]
        self.rnn = nn.ModuleList(nn.LSTM(width, state.hidden) for width in widths)

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """As in the lab's decoder, but with features [T', B, L'·H']: the layers' hidden states side by side."""
        embedded = self.dropout(self.embedding(inputs))
        outputs, states = [], []
        for layer, rnn in enumerate(self.rnn):
            below = self.dropout(outputs[-1]) if outputs else embedded
            output, last = rnn(below, (state.hidden[layer : layer + 1], state.cell[layer : layer + 1]))
            outputs.append(output)
            states.append(last)
        hiddens, cells = zip(*states, strict=True)
        return torch.cat(outputs, dim=-1), State(torch.cat(hiddens), torch.cat(cells))


class AttentionDecoder(LSTMDecoder):
    """After each step the hidden state looks the source up; the output layer sees both: Linear(H' + C → V).

    What was looked up does not enter the recurrence (no input feeding), as in the original, so that a stretch of steps
    is one call here too.

    Args:
        attention: (query_size, memory_size) -> an attention with `prepare` and `context_size`.
    """

    def __init__(
        self,
        vocab_size: int,
        sizes: Sizes,
        state: StateShape,
        memory_size: int,
        *,
        attention: Callable[..., nn.Module] = DotAttention,
    ) -> None:
        looking = attention(state.hidden, memory_size)
        features = state.hidden + looking.context_size
        super().__init__(vocab_size, sizes, state, memory_size, feature_size=features)
        self.attention = looking

    def prepare(self, memory: Memory) -> Memory:
        """The memory with the keys and values of this attention."""
        return self.attention.prepare(memory)

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """As in the lab's decoder, but with features [T', B, H' + C]: hidden state and context."""
        hidden, state = super().forward(inputs, state, memory)
        context, _ = self.attention(hidden, memory)
        return torch.cat([hidden, context], dim=-1), state

    def attend(self, inputs: Tensor, state: State, memory: Memory) -> Tensor:
        """Where these T' steps look: attention weights [B, T', S]."""
        hidden, _ = super().forward(inputs, state, memory)
        return self.attention(hidden, memory)[1]


class MultiHeadDecoder(AttentionDecoder):
    """The original's multi-head decoder: dropout on the attention weights and before the output layer as well.

    Args:
        heads: of the attention.
    """

    def __init__(self, vocab_size: int, sizes: Sizes, state: StateShape, memory_size: int, *, heads: int = 8) -> None:
        attention = partial(MultiHeadAttention, heads=heads, dropout=sizes.dropout)
        super().__init__(vocab_size, sizes, state, memory_size, attention=attention)

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """As in the attention decoder, features [T', B, 2H'] with dropout on them."""
        features, state = super().forward(inputs, state, memory)
        return self.dropout(features), state


class TiedAttentionDecoder(AttentionDecoder):
    """Attention over a tied output layer: a Linear(H' + C → E), and the embedding's weight scores the result."""

    def __init__(
        self,
        vocab_size: int,
        sizes: Sizes,
        state: StateShape,
        memory_size: int,
        *,
        attention: Callable[..., nn.Module] = DotAttention,
    ) -> None:
        super().__init__(vocab_size, sizes, state, memory_size, attention=attention)
        tie(self, self.output.in_features)

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """As in the attention decoder, but with features [T', B, E]."""
        features, state = super().forward(inputs, state, memory)
        return self.projection(features), state


class InputFeedingDecoder(AttentionDecoder):
    """Bahdanau's order: the state before a step looks the source up, and what it finds enters the step's LSTM.

    Each look-up needs the state that the one before it helped to make, so no two steps can share a call. Bahdanau's
    output layer also sees the word fed in, through a maxout; here it sees hidden state and context, as in the other
    attention decoders, so that the order alone differs.
    Source: Bahdanau, Cho & Bengio (2015), "Neural Machine Translation by Jointly Learning to Align and Translate",
    section 3.1 and appendix A.2.2.
    """

    def __init__(
        self,
        vocab_size: int,
        sizes: Sizes,
        state: StateShape,
        memory_size: int,
        *,
        attention: Callable[..., nn.Module] = DotAttention,
    ) -> None:
        super().__init__(vocab_size, sizes, state, memory_size, attention=attention)
        dropout = sizes.dropout if state.layers > 1 else 0.0
        width = sizes.embedding + self.attention.context_size
        self.rnn = nn.LSTM(width, state.hidden, state.layers, dropout=dropout)

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """As in the attention decoder, features [T', B, H' + C], one step after the other."""
        features, state, _ = self._step_by_step(inputs, state, memory)
        return features, state

    def attend(self, inputs: Tensor, state: State, memory: Memory) -> Tensor:
        """Where these T' steps look before they are taken: attention weights [B, T', S]."""
        return self._step_by_step(inputs, state, memory)[2]

    def _step_by_step(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State, Tensor]:
        memory, features, looks = self.prepare(memory), [], []
        for embedded in self.dropout(self.embedding(inputs)).split(1):
            context, weights = self.attention(state.hidden[-1:], memory)
            hidden, state = self.rnn(torch.cat([embedded, context], dim=-1), (state.hidden, state.cell))
            state = State(*state)
            features.append(torch.cat([hidden, context], dim=-1))
            looks.append(weights)
        return torch.cat(features), state, torch.cat(looks, dim=1)
