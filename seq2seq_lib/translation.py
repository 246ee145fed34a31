"""Greedy search: translations for sentences whose target is not known."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from seq2seq_lib.batches import EOS, PAD, SOS, Batch, Example, batches
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.text import Data
from seq2seq_lib.training import device_of

MAX_LENGTH = 60


@torch.inference_mode()
def greedy(model: Seq2Seq, batch: Batch, max_length: int = MAX_LENGTH) -> list[list[int]]:
    """Feeds each step's arg-max to the next step until every sentence has ended.

    Args:
        model: in evaluation mode.
        batch: its `src` [S, B] and `src_lengths` [B] are read, its `tgt` is not.
        max_length: steps after which an unended sentence is left as it is.

    Returns:
        B lists of target ids, without SOS and EOS.
    """
    memory, state = model.encode(batch.src, batch.src_lengths)
    tokens = torch.full((1, batch.src.size(1)), SOS, device=batch.src.device)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    steps = []
    while len(steps) < max_length and not ended.all():
        features, state = model.decoder(tokens, state, memory)
        tokens = model.decoder.project(features).argmax(-1)
        steps.append(tokens.masked_fill(ended, PAD))
        ended = ended | (tokens == EOS)
    rows = torch.cat(steps).t().tolist()
    return [[token for token in row if token not in (PAD, EOS)] for row in rows]


def translate(
    model: Seq2Seq, data: Data, sentences: Sequence[str], *, pad_to: int | None = None, batch_size: int = 64
) -> list[str]:
    """Translates sentences by greedy search.

    Args:
        model: a trained model; it is put into evaluation mode.
        data: whose vocabularies the model was trained on.
        sentences: in the source language; words the vocabulary lacks become <unk>.
        pad_to: source positions, as in training: the state of a model that reads PAD depends on it.

    Returns:
        One sentence each, tokens joined for reading.
    """
    model.eval()
    examples = [Example([*data.src.encode(sentence), EOS], [SOS, EOS]) for sentence in sentences]
    device = device_of(model)
    return [
        data.tgt.decode(ids)
        for batch in batches(examples, batch_size, pad_to)
        for ids in greedy(model, batch.to(device))
    ]
