"""A run under way: what it has measured, and all that has to be kept for it to go on later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.utils.device import device_of


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


@dataclass
class Run:
    """A run under way: all that training changes, so that it can be kept and gone on with.

    Attributes:
        model, optimizer: trained in place.
        coins: the generator of teacher forcing.
        history: of the epochs that are over, and the intervals.
        best: weights of the best epoch so far.
        epoch, step: the epoch that goes on, from 1, and updates made in all.
        interval: losses since the last entry of `history.train_loss`.
        seconds, tokens: of the epoch that goes on, so far.
    """

    model: Seq2Seq
    optimizer: torch.optim.Optimizer
    coins: torch.Generator
    history: History = field(default_factory=History)
    best: dict[str, Tensor] = field(default_factory=dict)
    epoch: int = 1
    step: int = 0
    interval: list[float] = field(default_factory=list)
    seconds: float = 0.0
    tokens: int = 0

    @property
    def steps_of_epoch(self) -> int:
        """Updates made in the epoch that goes on."""
        return self.step - (self.history.epochs[-1].step if self.history.epochs else 0)

    def end_interval(self, watch: Callable[[int, float], None]) -> None:
        """Enters the mean loss of the steps since the last entry, if there are any, and tells it."""
        if self.interval:
            self.history.train_loss.append((self.step, sum(self.interval) / len(self.interval)))
            self.interval = []
            watch(*self.history.train_loss[-1])

    def end_epoch(self, valid_loss: float) -> None:
        """Enters the epoch's result, and keeps the weights if they are the best so far."""
        self.history.epochs.append(EpochResult(self.epoch, self.step, valid_loss, self.seconds, self.tokens))
        if self.history.best.epoch == self.epoch:
            self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        self.epoch, self.seconds, self.tokens = self.epoch + 1, 0.0, 0

    def tensors(self) -> dict[str, Tensor]:
        """Weights, best weights, Adam's moments and the states of the random generators, by name."""
        moments = self.optimizer.state_dict()["state"]
        random = {"torch": torch.get_rng_state(), "coins": self.coins.get_state()}
        if (device := device_of(self.model)).type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(device)
        parts = {"model": self.model.state_dict(), "best": self.best, "random": random}
        parts |= {f"moments.{number}": values for number, values in moments.items()}
        return {f"{part}.{name}": tensor for part, values in parts.items() for name, tensor in values.items()}

    def state(self) -> dict[str, Any]:
        """The plain values."""
        return {
            "epoch": self.epoch, "step": self.step, "interval": self.interval, "seconds": self.seconds,
            "tokens": self.tokens, "train_loss": self.history.train_loss, "epochs": self.history.epochs,
        }  # fmt: skip

    def restore(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Goes back to where `tensors` and `state` were taken."""
        self.model.load_state_dict(_part(tensors, "model"))
        self.best = _part(tensors, "best")
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _part(tensors, "moments").items():
            number, kind = name.split(".")
            moments.setdefault(int(number), {})[kind] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        torch.set_rng_state(tensors["random.torch"])
        self.coins.set_state(tensors["random.coins"])
        if "random.cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random.cuda"], device_of(self.model))
        self.epoch, self.step, self.interval = state["epoch"], state["step"], list(state["interval"])
        self.seconds, self.tokens = state["seconds"], state["tokens"]
        epochs = [EpochResult(*epoch) for epoch in state["epochs"]]
        self.history = History([(step, loss) for step, loss in state["train_loss"]], epochs)


def _part(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    return {name.removeprefix(f"{part}."): tensor for name, tensor in tensors.items() if name.startswith(f"{part}.")}
