"""(inputs, state, memory) -> (features, state); features -> logits.

The recurrence and the projection onto the vocabulary are two calls, because a stretch of time steps whose inputs are
known can go through the first in one call, and the second is needed for real target tokens alone.
"""

from __future__ import annotations

from torch import Tensor, nn

from seq2seq_lib.config import Sizes
from seq2seq_lib.models.bridges import State
from seq2seq_lib.models.encoders import Memory, StateShape


class LSTMDecoder(nn.Module):
    """The lab's decoder: embedding, dropout, a stacked LSTM, and a Linear onto the target vocabulary.

    Args:
        vocab_size: V of the target language.
        sizes: embedding E and dropout.
        state: layers L' and width H' of the state that the bridge hands over.
        memory_size: D·H, the width of the encoder's outputs (this decoder does not look at them).
    """

    def __init__(self, vocab_size: int, sizes: Sizes, state: StateShape, memory_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, sizes.embedding)
        self.dropout = nn.Dropout(sizes.dropout)
        self.rnn = nn.LSTM(
            sizes.embedding, state.hidden, state.layers, dropout=sizes.dropout if state.layers > 1 else 0.0
        )
        self.output = nn.Linear(state.hidden, vocab_size)

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Runs T' time steps whose input tokens are known.

        Args:
            inputs: [T', B] target ids.
            state: hidden and cell [L', B, H'] before the first of these steps.
            memory: the encoder's memory of the same B sentences.

        Returns:
            features [T', B, H'], the last layer's hidden state at every step, and the state after the last step.
        """
        features, (hidden, cell) = self.rnn(self.dropout(self.embedding(inputs)), tuple(state))
        return features, State(hidden, cell)

    def project(self, features: Tensor) -> Tensor:
        """features [..., H'] -> logits [..., V]."""
        return self.output(features)
