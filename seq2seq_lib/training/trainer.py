"""One run: epochs, validation, the best epoch kept."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import torch
from torch import nn

from seq2seq_lib.config import Schedule
from seq2seq_lib.data.batches import Batch, batches
from seq2seq_lib.data.vocabulary import PAD, Example
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.training.checkpoint import NO_CHECKPOINT, History, NoCheckpoint, Run
from seq2seq_lib.training.distributed import ALONE, Alone
from seq2seq_lib.utils.device import autocast, device_of, reuse_freed_memory, round_nothing

#: In nats a token; the exponential of more is no number, and no model that learns comes near it.
LARGEST_LOSS = math.log(sys.float_info.max)


class TrainingError(RuntimeError):
    """A run that cannot go on; the message says at which step and what to try."""


def train(
    model: Seq2Seq,
    train_examples: Sequence[Example],
    valid_examples: Sequence[Example],
    schedule: Schedule,
    seed: int,
    watch: Callable[[int, float], None] = lambda step, loss: None,
    team: Alone = ALONE,
    checkpoint: NoCheckpoint = NO_CHECKPOINT,
) -> History:
    """Trains `model` in place and leaves it with the weights of its best epoch.

    The seed fixes the order of the batches and the coins of teacher forcing, so that every variant of a seed sees
    the same data in the same order. Dropout draws from torch's own generator, which the caller seeds.

    Args:
        model: freshly built, on the device to train on.
        train_examples, valid_examples: pairs of ids.
        schedule: epochs, batch size, learning rate and the rest.
        seed: of this run.
        watch: is told the step and the mean loss after each interval of `schedule.log_every` steps and after each
            epoch; at first also of the intervals that an interrupted run has left.
        team: the processes that train this model together, each of which calls this with the same arguments and gets
            the same history; by default this one alone.
        checkpoint: where an interrupted run goes on, and what keeps this one.

    Raises:
        TrainingError: when a loss is no finite number, or its perplexity is none.
        checkpoints.Unreadable: when what an interrupted run has left is damaged; the model has to be built anew.
    """
    reuse_freed_memory()
    round_nothing()
    optimizer = torch.optim.Adam(model.parameters(), lr=schedule.learning_rate)
    run = Run(model, optimizer, torch.Generator().manual_seed(seed))
    if checkpoint.restore(run):
        for interval in run.history.train_loss:
            watch(*interval)
    steps = schedule.epochs * math.ceil(len(train_examples) / schedule.batch_size)
    while run.epoch <= schedule.epochs:
        order = batches(train_examples, schedule.batch_size, schedule.pad_to, shuffle=(seed, run.epoch))
        train_epoch(run, islice(order, run.steps_of_epoch, None), schedule, steps, watch, team, checkpoint)
        valid_loss = evaluate(model, valid_examples, schedule)
        if not valid_loss < LARGEST_LOSS:
            raise TrainingError(
                f"The validation loss is {valid_loss:g} after epoch {run.epoch} with learning rate "
                f"{schedule.learning_rate:g}: try a lower learning rate or a smaller clip."
            )
        run.end_epoch(valid_loss)
        checkpoint.save(run)
    model.load_state_dict(run.best)
    return run.history


def train_epoch(
    run: Run,
    order: Iterable[Batch],
    schedule: Schedule,
    steps: int,
    watch: Callable[[int, float], None],
    team: Alone = ALONE,
    checkpoint: NoCheckpoint = NO_CHECKPOINT,
) -> None:
    """The rest of a pass over the training pairs, of a run of `steps` updates; enters the loss of each interval, of
    which the last may be shorter."""
    run.model.train()
    started = time.perf_counter()
    for batch in order:
        batch_here = batch.to(device_of(run.model))
        for group in run.optimizer.param_groups:
            group["lr"] = schedule.rate_at(run.step + 1, steps)
        run.interval.append(train_step(run.model, run.optimizer, batch_here, schedule, run.coins, run.step + 1, team))
        run.step += 1
        run.tokens += int((batch.tgt[1:] != PAD).sum())
        if run.step % schedule.log_every == 0:
            run.end_interval(watch)
        run.seconds, started = run.seconds + time.perf_counter() - started, time.perf_counter()
        checkpoint.save_if_due(run)
        started = time.perf_counter()  # what the checkpoint took is no training
    run.end_interval(watch)


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


def perplexity(loss: float) -> float:
    """exp(loss in nats)."""
    return math.exp(loss)
