"""A run in a process of its own: the kernel answers meanwhile, and no other cell draws from the run's random states."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.experiments.records import Record
from seq2seq_lib.experiments.runner import run
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.training.trainer import TrainingError


class BackgroundRun:
    """Starts to train `job` at once; its record and weights go to `folder` when it ends."""

    def __init__(self, job: RunSpec, data: Data, folder: Path) -> None:
        self.steps = job.steps(data)
        self._temporary = tempfile.TemporaryDirectory(prefix="seq2seq-run-")
        self._losses = Path(self._temporary.name) / "losses.jsonl"
        self._losses.touch()
        self._pool = ProcessPoolExecutor(max_workers=1, initializer=_leave_interrupts_to_the_kernel)
        self._future = self._pool.submit(_train, job, job.settings(data), data, folder.absolute(), self._losses)

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done()

    def losses(self) -> list[tuple[int, float]]:
        """(step, mean training loss of the interval that ends there), as far as the run has come."""
        *lines, _ = self._losses.read_text(encoding="utf-8").split("\n")  # the last one is unfinished
        return [tuple(json.loads(line)) for line in lines]

    def record(self) -> Record:
        """The record of the run that has ended.

        Raises:
            TrainingError: when its process was ended from outside; or whatever the run itself raised.
        """
        try:
            return self._future.result()
        except TerminatedWorkerError:
            raise TrainingError(
                "The training process was ended from outside, perhaps for want of memory: try smaller sizes."
            ) from None
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError) or "alloc" in str(error) or "memory" in str(error):
                raise TrainingError("There is not enough memory for this run: choose smaller sizes.") from None
            raise
        finally:
            self.stop()

    def stop(self) -> None:
        """Ends the run where it is; a record is written whole or not at all, so nothing half-done stays."""
        self._pool.shutdown(wait=True, kill_workers=True)
        self._temporary.cleanup()


def _leave_interrupts_to_the_kernel() -> None:
    """In the other process: a kernel's interrupt goes to its whole process group, and is meant for the cell that runs.

    Here it would end the run, and, raised again in the panel as its result, the kernel with its event loop.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _train(job: RunSpec, settings: Mapping[str, Any], data: Data, folder: Path, losses: Path) -> Record:
    """In the other process: trains, and leaves a line in `losses` for each interval."""
    torch.set_num_threads(1)  # as a study's runs side by side: the same seed gives the same record
    notebook = os.getppid()
    with losses.open("a", encoding="utf-8") as file:

        def watch(step: int, loss: float) -> None:
            if os.getppid() != notebook:  # its kernel was killed: nobody waits for this run any more
                shutil.rmtree(losses.parent, ignore_errors=True)
                os._exit(1)
            file.write(f"{json.dumps([step, loss])}\n")
            file.flush()

        return run(job, data, folder, watch, settings=settings)
