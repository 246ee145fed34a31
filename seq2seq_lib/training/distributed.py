"""One run on several processes: each takes its share of every batch, and the gradients of the shares are summed.

`torchrun --nproc_per_node N -m seq2seq_lib study …` and `accelerate launch` start N equal processes, each with a GPU of
its own where there are any. They build the same model from the same seed and draw the same coins, so that after each
update their weights are equal again: a run learns what one process learns from whole batches, dropout's draws aside.
"""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, nn

from seq2seq_lib.config import ConfigError
from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.vocabulary import PAD

if TYPE_CHECKING:
    from accelerate import Accelerator

T = TypeVar("T")


class ProcessGroup:
    """The processes that train one model together: `count` of them, of which this is number `rank`, from 0.

    What stands here is right for a single process, and costs it nothing.
    """

    rank, count = 0, 1

    @property
    def is_main(self) -> bool:
        """Whether this process is the one that prints and writes."""
        return self.rank == 0

    @property
    def device(self) -> torch.device:
        """Where this process trains."""
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def backward(self, model: nn.Module, batch: Batch, loss_of: Callable[[Batch], Tensor]) -> Tensor:
        """Adds the gradients of the whole batch's loss to `model` and returns that loss, a scalar in nats a token.

        Args:
            model: whose gradients are empty.
            batch: the whole batch, the same in every process.
            loss_of: mean loss over the real target tokens of a batch.
        """
        loss = loss_of(batch)
        loss.backward()
        return loss.detach()

    def broadcast(self, value: T) -> T:
        """The main process's `value`, in every process."""
        return value

    def seed_dropout(self, seed: int) -> None:
        """Gives every process dropout of its own; call it once the weights are drawn."""


class AcceleratedGroup(ProcessGroup):
    """Several processes, joined by accelerate; its mixed precision and its wrappers of models are not used."""

    def __init__(self, accelerator: Accelerator) -> None:
        self.accelerator = accelerator
        self.rank, self.count = accelerator.process_index, accelerator.num_processes

    @property
    def device(self) -> torch.device:
        return self.accelerator.device

    def backward(self, model: nn.Module, batch: Batch, loss_of: Callable[[Batch], Tensor]) -> Tensor:
        """As in a single process, from one reduction of all gradients and the loss.

        The mean over the n tokens of a batch is Σ (n_r / n) · (mean over the n_r tokens of share r), and so is its
        gradient.
        """
        columns = share(batch.tgt.size(1), self.rank, self.count)
        tokens = (batch.tgt[1:] != PAD).sum(0)  # [B]
        # Without a column of its own, in a last batch that is very small, a process computes the whole batch and counts
        # it for nothing: so it still draws the coins that the others draw, and has gradients to add.
        part = loss_of(take(batch, columns) if columns else batch) * (tokens[columns].sum() / tokens.sum())
        part.backward()
        return self._sum([one for one in model.parameters() if one.requires_grad], part.detach())

    def _sum(self, parameters: list[nn.Parameter], loss: Tensor) -> Tensor:
        """Replaces each gradient by its sum over the processes; returns the summed loss."""
        gradients = [torch.zeros_like(one) if one.grad is None else one.grad for one in parameters]
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), loss.reshape(1)])
        *sums, loss = self.accelerator.reduce(flat, "sum").split([*(one.numel() for one in parameters), 1])
        for parameter, total in zip(parameters, sums, strict=True):
            parameter.grad = total.view_as(parameter)
        return loss.squeeze(0)

    def broadcast(self, value: T) -> T:
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value])[0]

    def seed_dropout(self, seed: int) -> None:
        if self.rank:
            torch.manual_seed(seed + 1_000_003 * self.rank)


SINGLE = ProcessGroup()


@cache
def find_process_group() -> ProcessGroup:
    """The group that this process was started in; `SINGLE` in a plain one, which then never loads accelerate.

    Raises:
        ConfigError: when a machine runs more processes than it has GPUs.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return SINGLE
    here, gpus = int(os.environ.get("LOCAL_WORLD_SIZE", "1")), torch.cuda.device_count()
    if 0 < gpus < here:
        raise ConfigError(f"{here} processes share {gpus} GPUs on this machine: start at most one for each GPU.")
    from accelerate import Accelerator

    # A moment after a reduction has returned, gloo's threads free its tensors, and need the interpreter for it: a
    # process that ends within that moment aborts, and one that destroys the process group in it can hang.
    atexit.register(time.sleep, 0.5)
    return AcceleratedGroup(Accelerator(cpu=not gpus, mixed_precision="no"))


def share(size: int, rank: int, count: int) -> list[int]:
    """The columns, of a batch of `size`, that process `rank` of `count` takes; none when the batch is too small.

    With column i goes column size-1-i, its mirror image, so that a model that flips the batch axis (`reversed-batch`)
    pairs the same sentences inside a share as in the whole batch.
    """
    return [column for column in range(size) if min(column, size - 1 - column) % count == rank]


def take(batch: Batch, columns: list[int]) -> Batch:
    """Some columns of a batch, with its S and T: as many coins are drawn for a share as for the whole."""
    return Batch(batch.src[:, columns], batch.src_lengths[columns], batch.tgt[:, columns])
