"""Greedy search one word at a time, with what a model looks at and weighs up before it writes each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.tokenization import MAX_LENGTH
from seq2seq_lib.data.vocabulary import EOS, SOS
from seq2seq_lib.models.bridges import State
from seq2seq_lib.models.encoders import Memory
from seq2seq_lib.models.seq2seq import Seq2Seq

#: Candidates that a step tells of.
SHOWN = 5


class Step(NamedTuple):
    """One word of a translation, as it comes about.

    Attributes:
        fed: id of the word before it, SOS at first.
        likeliest: up to `SHOWN` ids, the likeliest first.
        probabilities: theirs, of all words of the vocabulary.
        weights: attention over the S source positions as they were written, PAD included; None without attention.
        chosen: id of the word that is written: the likeliest, unless another was asked for.
    """

    fed: int
    likeliest: tuple[int, ...]
    probabilities: tuple[float, ...]
    weights: tuple[float, ...] | None
    chosen: int


@torch.inference_mode()
def decode_steps(
    model: Seq2Seq, batch: Batch, max_length: int = MAX_LENGTH, chosen: Mapping[int, int] | None = None
) -> list[Step]:
    """The steps of `greedy`'s translation of one sentence, the one that ends it included.

    Args:
        model: in evaluation mode.
        batch: of one sentence: its `src` [S, 1] and `src_lengths` [1] are read, its `tgt` is not.
        max_length: steps after which a translation that has not ended is left as it is.
        chosen: step, counted from 0 -> the id to write there whatever the model thinks; the steps after it go on
            from that word.

    Raises:
        ValueError: when the batch holds more than one sentence.
    """
    if batch.src.size(1) != 1:
        raise ValueError(f"This batch holds {batch.src.size(1)} sentences; give one at a time.")
    memory, state = model.encode(batch.src, batch.src_lengths)
    fed, steps = SOS, []
    while len(steps) < max_length and fed != EOS:
        inputs, weights = torch.full((1, 1), fed, device=batch.src.device), None
        if hasattr(model.decoder, "attend"):
            weights = tuple(attention_to_words(model, inputs, state, memory, batch.src_lengths)[0].tolist())
        features, state = model.decoder(inputs, state, memory)
        logits = model.decoder.output(features)[0, 0]
        best = logits.argsort(descending=True, stable=True)[:SHOWN]  # of equal ones the first, as arg-max takes it
        likeliest, probabilities = tuple(best.tolist()), tuple(logits.softmax(-1)[best].tolist())
        step = Step(fed, likeliest, probabilities, weights, (chosen or {}).get(len(steps), likeliest[0]))
        steps.append(step)
        fed = step.chosen
    return steps


def attention_to_words(model: Seq2Seq, inputs: Tensor, state: State, memory: Memory, src_lengths: Tensor) -> Tensor:
    """Where the steps of one sentence look, as weights [T', S] over the source as it was written.

    An encoder may have read it in another order; what stands where it was read is put back.

    Args:
        model: whose decoder has `attend`.
        inputs: [T', 1] target ids.
        state: of the decoder before the first of them.
        memory: of that sentence.
        src_lengths: [1].
    """
    weights = model.decoder.attend(inputs, state, memory)[0]
    positions = torch.arange(weights.size(1)).unsqueeze(1)
    reading = getattr(model.encoder, "reading", None)
    read = (reading(positions, src_lengths) if reading else positions).squeeze(1)
    return weights[:, torch.argsort(read)]
