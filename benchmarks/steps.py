"""Training steps of one way on one set of batches: timed, their memory watched."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import nn

from benchmarks.memory import tensor_peak, watch_process
from benchmarks.ways import WAYS
from seq2seq_lib.config import Schedule, Sizes
from seq2seq_lib.data.batches import Batch
from seq2seq_lib.utils.device import reuse_freed_memory

#: A batch as nested lists of ids: what a process can hand to another without sharing memory with it.
Ids = tuple[list[list[int]], list[int], list[list[int]]]


@dataclass(frozen=True)
class Task:
    """What one child process measures.

    Args:
        way: a key of WAYS.
        variant, sizes, src_vocab, tgt_vocab: the model.
        schedule: learning rate, clip and teacher forcing.
        batches: of which the first `warmup` are not timed.
        warmup: at least 1, for Adam's state is made in the first step.
        device: "cpu" or "cuda".
        threads: that torch may use.
    """

    way: str
    variant: str
    sizes: Sizes
    src_vocab: int
    tgt_vocab: int
    batches: tuple[Ids, ...]
    warmup: int
    device: str
    threads: int
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self) -> None:
        if not 1 <= self.warmup < len(self.batches):
            raise ValueError(f"Of {len(self.batches)} batches {self.warmup} are for warming up; leave one to be timed.")


class Measured(NamedTuple):
    """`seconds` of each timed step; `peak` of tensors and `resident` of the process, in bytes (see `memory`), the last
    None where the system cannot tell."""

    seconds: list[float]
    peak: int
    resident: int | None


def as_ids(batches: Sequence[Batch]) -> tuple[Ids, ...]:
    """Batches as nested lists."""
    return tuple(tuple(part.tolist() for part in batch) for batch in batches)


class Training:
    """A model in training. Everything that happens once (weights, Adam's state, warm-up) happens on construction."""

    def __init__(self, task: Task) -> None:
        self.task, self.way = task, WAYS[task.way]
        torch.set_num_threads(task.threads)
        if self.way.reuse_memory:
            reuse_freed_memory()
        torch.manual_seed(1)
        self.coins = torch.Generator().manual_seed(1)
        self.model = self.way.build(task.variant, task.sizes, task.src_vocab, task.tgt_vocab).to(task.device).train()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=task.schedule.learning_rate)
        self.batches = [Batch(*map(torch.tensor, ids)).to(task.device) for ids in task.batches]

        first, *others = self.batches[: task.warmup]
        self.step(first)
        self.optimizer.zero_grad(set_to_none=True)
        self.resident = watch_process()
        for batch in others:
            self.step(batch)
        self.optimizer.zero_grad(set_to_none=True)
        longest = max(self.batches[task.warmup :], key=lambda batch: len(batch.tgt))
        self.peak = tensor_peak(lambda: self.step(longest), task.device)

    def step(self, batch: Batch) -> float:
        """One update, as `training.train_step` makes it; returns the loss."""
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.task.device, torch.bfloat16, enabled=self.way.bfloat16):
            loss = self.way.loss(self.model, batch, self.task.schedule.teacher_forcing, self.coins)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.task.schedule.clip)
        self.optimizer.step()
        return loss.item()

    def timed_steps(self) -> Measured:
        """One pass over the batches that are timed."""
        timed = _seconds_on_cuda if self.task.device == "cuda" else _seconds
        seconds = [timed(lambda batch=batch: self.step(batch)) for batch in self.batches[self.task.warmup :]]
        return Measured(seconds, self.peak, self.resident())


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _seconds_on_cuda(run: Callable[[], object]) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000
