"""Token ids -> time-major padded batches, in an order that the seed alone decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq_lib.data.vocabulary import EOS, PAD, Example


class Batch(NamedTuple):
    """Ids of B pairs: `src` [S, B] and `tgt` [T, B], padded with PAD; `src_lengths` [B] counts real tokens with EOS."""

    src: Tensor
    src_lengths: Tensor
    tgt: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on `device`; the lengths stay on the CPU, where packing wants them."""
        return Batch(self.src.to(device), self.src_lengths, self.tgt.to(device))


def pad(sequences: Sequence[Sequence[int]], length: int) -> Tensor:
    """Sequences of at most `length` ids as columns of a [length, B] tensor filled up with PAD."""
    padded = torch.full((len(sequences), length), PAD, dtype=torch.long)
    for row, ids in zip(padded, sequences, strict=True):
        row[: len(ids)] = torch.as_tensor(ids, dtype=torch.long)
    return padded.t().contiguous()


def collate(examples: Sequence[Example], pad_to: int | None = None) -> Batch:
    """Pads examples to one batch.

    Args:
        examples: B pairs of ids.
        pad_to: source positions S, or None for the longest source. A source that is longer loses its last words and
            keeps its EOS (`count_cut` says how many do).
    """
    length = pad_to or max(len(example.source) for example in examples)
    sources = [cut(example.source, length) for example in examples]
    targets = [example.target for example in examples]
    return Batch(
        src=pad(sources, length),
        src_lengths=torch.tensor([len(source) for source in sources]),
        tgt=pad(targets, max(len(target) for target in targets)),
    )


def cut(source: Sequence[int], length: int) -> Sequence[int]:
    """`source` in at most `length` ids, its EOS kept."""
    return source if len(source) <= length else [*source[: length - 1], EOS]


def count_cut(examples: Sequence[Example], pad_to: int | None) -> int:
    """How many sources `collate` would cut."""
    return 0 if pad_to is None else sum(len(example.source) > pad_to for example in examples)


def pad_share(examples: Sequence[Example], pad_to: int | None) -> float:
    """Share of source positions that hold PAD when every source is padded, or cut, to `pad_to`; 0.0 without padding."""
    if pad_to is None:
        return 0.0
    return 1 - sum(min(len(example.source), pad_to) for example in examples) / (pad_to * len(examples))


def batches(
    examples: Sequence[Example], batch_size: int, pad_to: int | None = None, shuffle: tuple[int, int] | None = None
) -> Iterator[Batch]:
    """Batches of `batch_size` pairs (the last may be smaller).

    Args:
        shuffle: (seed, epoch), which fix a permutation that is the same for every variant; None keeps the order.
    """
    order = range(len(examples))
    if shuffle is not None:
        seed, epoch = shuffle
        generator = torch.Generator().manual_seed(seed * 100_003 + epoch)
        order = torch.randperm(len(examples), generator=generator).tolist()
    for start in range(0, len(order), batch_size):
        yield collate([examples[index] for index in order[start : start + batch_size]], pad_to)
