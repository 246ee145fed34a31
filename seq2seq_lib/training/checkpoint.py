"""How far a run has come, on disk: one file that a run of the same key goes on from, to the same bits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seq2seq_lib.utils.files import write_apart
from seq2seq_lib.utils.packages import is_installed

if TYPE_CHECKING:
    from torch import Tensor

#: Seconds between two checkpoints inside an epoch; there is one after each epoch besides.
EVERY = 120.0
FORMAT = 1


class Resumable(Protocol):
    """What can be kept: tensors by name, and plain JSON values."""

    def tensors(self) -> dict[str, Tensor]: ...

    def state(self) -> dict: ...

    def restore(self, tensors: dict[str, Tensor], state: dict) -> None: ...


def write_tensors(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a safetensors file, whole or not at all.

    safetensors makes a temporary file beside the one that it is given, hence the folder of its own.

    Raises:
        OSError: when it cannot be written, as on a full disk; the message names the path.
    """
    from safetensors import SafetensorError

    try:
        write_apart(path, path.parent / ".writing" / path.name, write)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}. Make room, or choose another folder.") from None


class NoCheckpoint:
    """Keeps nothing, for runs that need no file: those of a test, or those that several processes share."""

    def restore(self, run: Resumable) -> bool:
        """Puts `run` where it was when it was kept last; False when it was not."""
        return False

    def save(self, run: Resumable) -> None:
        """Keeps `run` as it is."""

    def save_if_due(self, run: Resumable) -> None:
        """Keeps `run` when the last time is long enough ago."""

    def remove(self) -> None:
        """Forgets the run, which has its record."""


class Checkpoint(NoCheckpoint):
    """Keeps a run in one safetensors file, whose header holds the plain values: tensors and they are of one moment.

    Args:
        path: of the file; it belongs to one run, so the name holds the run's key.
        every: seconds between two checkpoints inside an epoch; by default `EVERY`.
    """

    def __init__(self, path: Path, every: float | None = None) -> None:
        self.path, self.every = path, EVERY if every is None else every
        self._last = time.monotonic()

    def restore(self, run: Resumable) -> bool:
        """A file that cannot be read is said to be so and removed: the run then starts at its beginning."""
        from safetensors import SafetensorError, safe_open

        for left in self.path.parent.glob(f"{self.path.stem}.*.tmp"):  # of a process that was killed as it wrote
            left.unlink()
        if not self.path.exists():
            return False
        try:
            with safe_open(self.path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
                run.restore(tensors, json.loads(file.metadata()[f"run {FORMAT}"]))
        except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            print(f"{self.path.name} cannot be read ({type(error).__name__}): its run starts at the beginning.")
            self.remove()
            raise Unreadable from None
        return True

    def save(self, run: Resumable) -> None:
        from safetensors.torch import save_file

        metadata = {f"run {FORMAT}": json.dumps(run.state())}
        # a clone each, because safetensors refuses tensors that share memory, as tied weights do
        tensors = {name: tensor.detach().clone().contiguous() for name, tensor in run.tensors().items()}
        write_tensors(self.path, lambda path: save_file(tensors, path, metadata))
        self._last = time.monotonic()

    def save_if_due(self, run: Resumable) -> None:
        if time.monotonic() - self._last >= self.every:
            self.save(run)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def forget_finished(folder: Path, keys: Iterable[str]) -> None:
    """Removes what runs with these keys, whose records are there, left when they were stopped before they could."""
    for key in keys:
        for path in folder.glob(f"*-{key}.unfinished"):
            path.unlink(missing_ok=True)


def can_keep() -> bool:
    """Whether checkpoints can be written: they are safetensors files."""
    return is_installed("safetensors")


class Unreadable(Exception):
    """A checkpoint was damaged; the run that met it may be half restored and has to be built anew."""


NO_CHECKPOINT = NoCheckpoint()
