"""One run: epochs, validation, the best epoch kept."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import nn

from seq2seq_lib.batches import PAD, Batch, Example, batches
from seq2seq_lib.config import Schedule
from seq2seq_lib.hardware import autocast, reuse_freed_memory
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.processes import ALONE, Alone

#: In nats a token; the exponential of more is no number, and no model that learns comes near it.
LARGEST_LOSS = math.log(sys.float_info.max)


class TrainingError(RuntimeError):
    """A run that cannot go on; the message says at which step and what to try."""


class EpochResult(NamedTuple):
    """One epoch: `valid_loss` in nats a token, `seconds` of training alone, `tokens` real target tokens trained on."""

    epoch: int
    step: int
    valid_loss: float
    seconds: float
    tokens: int


@dataclass
class History:
    """What a run measured.

    Attributes:
        train_loss: (step, mean training loss of the interval that ends there), in nats a token.
        epochs: one result an epoch.
    """

    train_loss: list[tuple[int, float]] = field(default_factory=list)
    epochs: list[EpochResult] = field(default_factory=list)

    @property
    def best(self) -> EpochResult:
        """The epoch with the lowest validation loss, the first of equals."""
        return min(self.epochs, key=lambda result: result.valid_loss)


def train(
    model: Seq2Seq,
    train_examples: Sequence[Example],
    valid_examples: Sequence[Example],
    schedule: Schedule,
    seed: int,
    watch: Callable[[int, float], None] = lambda step, loss: None,
    team: Alone = ALONE,
) -> History:
    """Trains `model` in place and leaves it with the weights of its best epoch.

    The seed fixes the order of the batches and the coins of teacher forcing, so that every variant of a seed sees
    the same data in the same order. Dropout draws from torch's own generator, which the caller seeds.

    Args:
        model: freshly built, on the device to train on.
        train_examples, valid_examples: pairs of ids.
        schedule: epochs, batch size, learning rate and the rest.
        seed: of this run.
        watch: is told the step and the mean loss after each interval of `schedule.log_every` steps.
        team: the processes that train this model together, each of which calls this with the same arguments and gets
            the same history; by default this one alone.

    Raises:
        TrainingError: when a loss is no finite number, or its perplexity is none.
    """
    reuse_freed_memory()
    optimizer = torch.optim.Adam(model.parameters(), lr=schedule.learning_rate)
    coins = torch.Generator().manual_seed(seed)
    history, best_weights = History(), {}
    for epoch in range(1, schedule.epochs + 1):
        model.train()
        order = batches(train_examples, schedule.batch_size, schedule.pad_to, shuffle=(seed, epoch))
        step, seconds, tokens = train_epoch(model, optimizer, order, schedule, coins, history, watch, team)
        valid_loss = evaluate(model, valid_examples, schedule)
        if not valid_loss < LARGEST_LOSS:
            raise TrainingError(
                f"The validation loss is {valid_loss:g} after epoch {epoch} with learning rate "
                f"{schedule.learning_rate:g}: try a lower learning rate or a smaller clip."
            )
        history.epochs.append(EpochResult(epoch, step, valid_loss, seconds, tokens))
        if history.best.epoch == epoch:
            best_weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(best_weights)
    return history


def train_epoch(
    model: Seq2Seq,
    optimizer: torch.optim.Optimizer,
    order: Iterable[Batch],
    schedule: Schedule,
    coins: torch.Generator,
    history: History,
    watch: Callable[[int, float], None],
    team: Alone = ALONE,
) -> tuple[int, float, int]:
    """One pass over `order`; appends to `history.train_loss` after each interval, the last one maybe shorter.

    Returns:
        The step it ended at, seconds, and real target tokens trained on.
    """
    started, tokens, interval = time.perf_counter(), 0, []
    done = history.epochs[-1].step if history.epochs else 0
    for step, batch in enumerate(order, start=done + 1):
        interval.append(train_step(model, optimizer, batch.to(device_of(model)), schedule, coins, step, team))
        tokens += int((batch.tgt[1:] != PAD).sum())
        if step % schedule.log_every == 0:
            history.train_loss.append((step, _mean(interval)))
            watch(*history.train_loss[-1])
            interval = []
    if interval:
        history.train_loss.append((step, _mean(interval)))
    return step, time.perf_counter() - started, tokens


def train_step(
    model: Seq2Seq,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    schedule: Schedule,
    coins: torch.Generator,
    step: int,
    team: Alone = ALONE,
) -> float:
    """One update on one batch; returns its loss in nats a token."""

    def loss_of(part: Batch) -> torch.Tensor:
        with autocast(part.src.device, schedule.precision):
            return model.loss(part.src, part.src_lengths, part.tgt, schedule.teacher_forcing, generator=coins)

    optimizer.zero_grad(set_to_none=True)
    loss = team.backward(model, batch, loss_of)
    if not torch.isfinite(loss):
        raise TrainingError(
            f"The loss is {loss.item()} at step {step} with learning rate {schedule.learning_rate:g}: "
            "try a lower learning rate or a smaller clip."
        )
    nn.utils.clip_grad_norm_(model.parameters(), schedule.clip)
    optimizer.step()
    return loss.item()


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


def device_of(model: nn.Module) -> torch.device:
    """Where the model's weights are."""
    return next(model.parameters()).device


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def perplexity(loss: float) -> float:
    """exp(loss in nats)."""
    return math.exp(loss)
