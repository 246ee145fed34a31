"""The ways in which one training step is done: the report's loop, ours, and JoeyNMT's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from benchmarks import joey
from benchmarks.report_loop import loop_loss
from seq2seq_lib.config import Sizes
from seq2seq_lib.data.batches import Batch
from seq2seq_lib.models.variants import build_model

Loss = Callable[[nn.Module, Batch, float, torch.Generator], Tensor]


@dataclass(frozen=True)
class Way:
    """One way to do a step.

    Args:
        title: in tables and figures.
        colour: of its bars and curves.
        loss: (model, batch, teacher-forcing ratio, generator of coins) -> a scalar to differentiate.
        build: (variant, sizes, source and target vocabulary) -> model.
        reuse_memory: whether the process keeps freed memory, as our training does.
        bfloat16: whether it runs under torch's autocast to bfloat16.
    """

    title: str
    colour: str
    loss: Loss
    build: Callable[[str, Sizes, int, int], nn.Module]
    reuse_memory: bool = False
    bfloat16: bool = False


def our_loss(model: nn.Module, batch: Batch, teacher_forcing_ratio: float, generator: torch.Generator) -> Tensor:
    """Our model's own loss, a scalar in nats."""
    return model.loss(batch.src, batch.src_lengths, batch.tgt, teacher_forcing_ratio, generator=generator)


def our_model(variant: str, sizes: Sizes, src_vocab: int, tgt_vocab: int) -> nn.Module:
    """The variant's model; the loop runs on the same weights."""
    return build_model(variant, src_vocab, tgt_vocab, sizes)


def joeys_model(variant: str, sizes: Sizes, src_vocab: int, tgt_vocab: int) -> nn.Module:
    """JoeyNMT's only recurrent model, whatever variant it stands beside."""
    return joey.build(sizes, src_vocab, tgt_vocab)


WAYS: Mapping[str, Way] = MappingProxyType({
    "loop": Way("the report's loop", "#8c8c8c", loop_loss, our_model),
    "loop-reused": Way("the report's loop, memory reused", "#c4c4c4", loop_loss, our_model, reuse_memory=True),
    "ours": Way("ours, float32", "#2962ff", our_loss, our_model, reuse_memory=True),
    "ours-bf16": Way("ours, bfloat16", "#16a085", our_loss, our_model, reuse_memory=True, bfloat16=True),
    "joeynmt": Way(joey.TITLE, "#d95f02", joey.loss, joeys_model),
})  # fmt: skip
LOOP = "loop"  #: what ratios are taken to
