"""A run under way, and what it leaves on disk: one file that a run of the same key goes on from, to the same bits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.utils.device import device_of
from seq2seq_lib.utils.files import write_apart

#: Seconds between two checkpoints inside an epoch; there is one after each epoch besides.
EVERY = 120.0
FORMAT = 2


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
        generator: draws what teacher forcing leaves to chance.
        history: of the epochs that are over, and the intervals.
        best: weights of the best epoch so far.
        epoch, step: the epoch that goes on, from 1, and updates made in all.
        interval: losses since the last entry of `history.train_loss`.
        seconds, tokens: of the epoch that goes on, so far.
    """

    model: Seq2Seq
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
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

    def end_interval(self, on_interval: Callable[[int, float], None]) -> None:
        """Enters the mean loss of the steps since the last entry, if there are any, and reports it."""
        if self.interval:
            self.history.train_loss.append((self.step, sum(self.interval) / len(self.interval)))
            self.interval = []
            on_interval(*self.history.train_loss[-1])

    def end_epoch(self, valid_loss: float) -> None:
        """Enters the epoch's result, and keeps the weights if they are the best so far."""
        self.history.epochs.append(EpochResult(self.epoch, self.step, valid_loss, self.seconds, self.tokens))
        if self.history.best.epoch == self.epoch:
            self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        self.epoch, self.seconds, self.tokens = self.epoch + 1, 0.0, 0

    def tensors(self) -> dict[str, Tensor]:
        """Weights, best weights, Adam's moments and the states of the random generators, by name."""
        moments = self.optimizer.state_dict()["state"]
        random = {"torch": torch.get_rng_state(), "teacher_forcing": self.generator.get_state()}
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
        self.generator.set_state(tensors["random.teacher_forcing"])
        if "random.cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random.cuda"], device_of(self.model))
        self.epoch, self.step, self.interval = state["epoch"], state["step"], list(state["interval"])
        self.seconds, self.tokens = state["seconds"], state["tokens"]
        epochs = [EpochResult(*epoch) for epoch in state["epochs"]]
        self.history = History([(step, loss) for step, loss in state["train_loss"]], epochs)


def _part(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    return {name.removeprefix(f"{part}."): tensor for name, tensor in tensors.items() if name.startswith(f"{part}.")}


def write_tensors(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a safetensors file, whole or not at all.

    safetensors makes a temporary file beside the one that it is given, hence the folder of its own.

    Raises:
        OSError: when it cannot be written, as on a full disk; the message names the path.
    """
    try:
        write_apart(path, path.parent / ".writing" / path.name, write)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}. Make room, or choose another folder.") from None


class Checkpoint:
    """Keeps a run in one safetensors file, whose header holds the plain values: tensors and they are of one moment.

    Args:
        path: of the file; it belongs to one run, so the name holds the run's key. None keeps nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path, self._last = path, time.monotonic()

    def restore(self, run: Run) -> bool:
        """Puts `run` where it was when it was kept last; False when it was not.

        A file that cannot be read is said to be so and removed, and the run is what it was before.
        """
        if self.path is None:
            return False
        for left in self.path.parent.glob(f"{self.path.stem}.*.tmp"):  # of a process that was killed as it wrote
            left.unlink()
        if not self.path.exists():
            return False
        fresh, state = {name: tensor.detach().clone() for name, tensor in run.tensors().items()}, run.state()
        try:
            with safe_open(self.path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
                run.restore(tensors, json.loads(file.metadata()[f"run {FORMAT}"]))
        except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            print(f"{self.path.name} cannot be read ({type(error).__name__}): its run starts at the beginning.")
            run.restore(fresh, state)  # damage may have shown half-way
            self.remove()
            return False
        return True

    def save(self, run: Run) -> None:
        """Keeps `run` as it is."""
        if self.path is None:
            return
        metadata = {f"run {FORMAT}": json.dumps(run.state())}
        # a clone each, because safetensors refuses tensors that share memory, as tied weights do
        tensors = {name: tensor.detach().clone().contiguous() for name, tensor in run.tensors().items()}
        write_tensors(self.path, lambda path: save_file(tensors, path, metadata))
        self._last = time.monotonic()

    def save_if_due(self, run: Run) -> None:
        """Keeps `run` when the last time is long enough ago."""
        if time.monotonic() - self._last >= EVERY:
            self.save(run)

    def remove(self) -> None:
        """Forgets the run, which has its record."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def forget_finished(folder: Path, keys: Iterable[str]) -> None:
    """Removes what runs with these keys, whose records are there, left when they were stopped before they could."""
    for key in keys:
        for path in folder.glob(f"*-{key}.unfinished"):
            path.unlink(missing_ok=True)
