"""One run: epochs, validation, the best epoch kept."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import torch
from torch import nn

from seq2seq_lib.config import Schedule
from seq2seq_lib.data.batches import Batch, batches
from seq2seq_lib.data.vocabulary import PAD, Example
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.training.checkpoint import Checkpoint, EpochResult, History, Run
from seq2seq_lib.training.distributed import SINGLE, ProcessGroup
from seq2seq_lib.utils.device import autocast, denormals_as_zero, device_of, reuse_freed_memory, round_nothing

#: In nats a token; the exponential of more is no number, and no model that learns comes near it.
LARGEST_LOSS = math.log(sys.float_info.max)


class TrainingError(RuntimeError):
    """A run that cannot go on; the message says at which step and what to try."""


@dataclass(frozen=True)
class Trainer:
    """Trains models by one schedule and one seed.

    The seed fixes the order of the batches and which steps are forced, so that every variant of a seed sees the same
    data in the same order. Dropout draws from torch's own generator, which the caller seeds.

    Args:
        schedule: epochs, batch size, learning rate and the rest.
        seed: of the run.
        on_interval: gets the step and the mean loss after each interval of `schedule.log_every` steps and after each
            epoch; at first also those of the intervals that an interrupted run has left.
        on_epoch: gets what each epoch's validation has found, also those that an interrupted run has left.
        group: the processes that train the model together, each of which does the same and gets the same history.
        checkpoint: where an interrupted run goes on, and what keeps this one.
    """

    schedule: Schedule
    seed: int
    on_interval: Callable[[int, float], None] = lambda step, loss: None
    on_epoch: Callable[[EpochResult], None] = lambda result: None
    group: ProcessGroup = SINGLE
    checkpoint: Checkpoint = field(default_factory=Checkpoint)

    def fit(self, model: Seq2Seq, train_examples: Sequence[Example], valid_examples: Sequence[Example]) -> History:
        """Trains `model` in place and leaves it with the weights of its best epoch.

        Args:
            model: freshly built, on the device to train on.
            train_examples, valid_examples: pairs of ids.

        Raises:
            TrainingError: when a loss is no finite number, or its perplexity is none.
        """
        reuse_freed_memory()
        round_nothing()
        schedule = self.schedule
        optimizer = torch.optim.Adam(model.parameters(), lr=schedule.learning_rate)
        run = Run(model, optimizer, torch.Generator().manual_seed(self.seed))
        if self.checkpoint.restore(run):
            for interval in run.history.train_loss:
                self.on_interval(*interval)
            for result in run.history.epochs:
                self.on_epoch(result)
        steps = schedule.epochs * math.ceil(len(train_examples) / schedule.batch_size)
        while run.epoch <= schedule.epochs:
            order = batches(train_examples, schedule.batch_size, schedule.pad_to, shuffle=(self.seed, run.epoch))
            self._train_epoch(run, islice(order, run.steps_of_epoch, None), steps)
            valid_loss = evaluate(model, valid_examples, schedule)
            if not valid_loss < LARGEST_LOSS:
                raise TrainingError(
                    f"The validation loss is {valid_loss:g} after epoch {run.epoch} with learning rate "
                    f"{schedule.learning_rate:g}: try a lower learning rate or a smaller clip."
                )
            run.end_epoch(valid_loss)
            self.on_epoch(run.history.epochs[-1])
            self.checkpoint.save(run)
        model.load_state_dict(run.best)
        return run.history

    def _train_epoch(self, run: Run, order: Iterable[Batch], steps: int) -> None:
        """The rest of a pass over the training pairs, of a run of `steps` updates in all."""
        run.model.train()
        started = time.perf_counter()
        for batch in order:
            for settings in run.optimizer.param_groups:
                settings["lr"] = self.schedule.rate_at(run.step + 1, steps)
            loss = train_step(run.model, run.optimizer, batch, self.schedule, run.generator, self.group)
            if not math.isfinite(loss):
                raise TrainingError(
                    f"The loss is {loss} at step {run.step + 1} with learning rate {self.schedule.learning_rate:g}: "
                    "try a lower learning rate or a smaller clip."
                )
            run.interval.append(loss)
            run.step += 1
            run.tokens += int((batch.tgt[1:] != PAD).sum())
            if run.step % self.schedule.log_every == 0:
                run.end_interval(self.on_interval)
            run.seconds, started = run.seconds + time.perf_counter() - started, time.perf_counter()
            self.checkpoint.save_if_due(run)
            started = time.perf_counter()  # what the checkpoint took is no training
        run.end_interval(self.on_interval)


def train_step(
    model: Seq2Seq,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    schedule: Schedule,
    generator: torch.Generator,
    group: ProcessGroup = SINGLE,
) -> float:
    """One update on one batch; returns its loss in nats a token, after which nothing is updated if it is not finite."""

    def loss_of(part: Batch) -> torch.Tensor:
        with autocast(part.src.device, schedule.precision):
            return model.loss(part.src, part.src_lengths, part.tgt, schedule.teacher_forcing, generator=generator)

    optimizer.zero_grad(set_to_none=True)
    with denormals_as_zero():
        loss = group.backward(model, batch.to(device_of(model)), loss_of).item()
        if math.isfinite(loss):
            nn.utils.clip_grad_norm_(model.parameters(), schedule.clip)
            optimizer.step()
    return loss


@torch.inference_mode()
def evaluate(model: Seq2Seq, examples: Sequence[Example], schedule: Schedule) -> float:
    """Teacher-forced loss in nats, averaged over all real target tokens of `examples`; perplexity is its exp.

    The batches keep the order of `examples`: for `reversed-batch` the result depends on who shares a batch.
    """
    model.eval()
    loss, tokens = 0.0, 0
    for batch in batches(examples, schedule.batch_size, schedule.pad_to):
        batch = batch.to(device_of(model))
        count = int((batch.tgt[1:] != PAD).sum())
        loss += model.loss(batch.src, batch.src_lengths, batch.tgt, teacher_forcing_ratio=1.0).item() * count
        tokens += count
    return loss / tokens


class SentenceScore(NamedTuple):
    """One teacher-forced sentence: summed `loss` in nats, and how many of its `tokens`, EOS included, are `right`."""

    loss: float
    right: int
    tokens: int


@torch.inference_mode()
def evaluate_sentences(model: Seq2Seq, examples: Sequence[Example], schedule: Schedule) -> list[SentenceScore]:
    """`evaluate` sentence by sentence, in their order; a token is right when it is the arg-max after the reference."""
    model.eval()
    scores: list[SentenceScore] = []
    for batch in batches(examples, schedule.batch_size, schedule.pad_to):
        src, src_lengths, tgt = batch.to(device_of(model))
        logits, wanted = model(src, src_lengths, tgt, teacher_forcing_ratio=1.0), tgt[1:]
        real = wanted != PAD
        losses = nn.functional.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=PAD, reduction="none").sum(0)
        right = ((logits.argmax(-1) == wanted) & real).sum(0)
        scores += map(SentenceScore, losses.tolist(), right.tolist(), real.sum(0).tolist())
    return scores


def perplexity(loss: float) -> float:
    """exp(loss in nats)."""
    return math.exp(loss)
