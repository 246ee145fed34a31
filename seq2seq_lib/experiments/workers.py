"""Many runs: one after the other, side by side on this machine's cores, or on a cluster; one progress display each."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.records import Record
from seq2seq_lib.experiments.runner import run
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.training.distributed import SINGLE, ProcessGroup
from seq2seq_lib.utils.progress import ProgressLine

# Dropout draws from torch's own generator, which all threads of a process share: one run at a time in each process.
_ONE_RUN = threading.Lock()

#: A run to be done, and its settings, which the process that will look for its record has found out.
Job = tuple[RunSpec, dict[str, Any]]


def train_all(
    jobs: list[Job],
    data: Data,
    folder: Path,
    n_jobs: int | None = None,
    group: ProcessGroup = SINGLE,
    log: str | None = None,
) -> None:
    """Trains `jobs`, as `run_study` says; the record of each is in `folder` as soon as it is finished."""
    if group.count > 1 or n_jobs == 1 or not jobs:
        return _one_by_one(jobs, data, folder, group, log)
    from joblib.parallel import get_active_backend

    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)  # a worker sees by it whether it has this machine's disk
    backend, _ = get_active_backend()
    workers = backend.effective_n_jobs(-1)  # a cluster's backend waits here for its first worker
    if client := getattr(backend, "client", None):
        return _gather(_on_cluster(client, jobs, data, folder, log), len(jobs), folder)
    workers = min(n_jobs or workers, len(jobs))
    if workers == 1:
        return _one_by_one(jobs, data, folder, group, log)
    return _gather(_on_cores(jobs, data, folder, workers, log), len(jobs), folder)


def _one_by_one(jobs: list[Job], data: Data, folder: Path, group: ProcessGroup, log: str | None) -> None:
    """One run at a time on all threads; the progress shows its steps."""
    for number, (spec, settings) in enumerate(jobs, start=1):
        if not group.is_main:
            run(spec, data, folder, settings=settings, group=group, log=log)
            continue
        label = f"{spec.name}, seed {spec.seed} ({number} of {len(jobs)})"
        with ProgressLine(spec.steps(data), label, "step") as line:
            tell = partial(_tell, line)
            run(spec, data, folder, tell, settings=settings, group=group, log=log)


def _tell(line: ProgressLine, step: int, loss: float) -> None:
    line.reach(step, f"loss {loss:.2f}")


def _gather(finished: Generator[Record, None, None], total: int, folder: Path) -> None:
    """Shows the runs in the order in which they end, and writes the record of one whose worker has another disk.

    `finished` is closed even when an interrupt comes between two records: a notebook keeps the traceback, and with it
    the generator, whose workers would go on with the study that the user has stopped.
    """
    with closing(finished), ProgressLine(total, "Training", "run") as line:
        for done, record in enumerate(finished, start=1):
            if records.find_record(folder, record["key"]) is None:
                records.write_record(record, folder)
            line.reach(done, f"Last: {record['variant']}, seed {record['seed']}.")


def _on_cores(
    jobs: list[Job], data: Data, folder: Path, workers: int, log: str | None
) -> Generator[Record, None, None]:
    """Records as they come from worker processes, or from whatever joblib's active backend starts."""
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="2*n_jobs")
    tasks = [delayed(_on_one_thread)(spec, settings, data, folder, log) for spec, settings in jobs]
    with ExitStack() as stack:
        with _interrupts_wait():
            finished = stack.enter_context(closing(pool(tasks)))
        yield from finished


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """An interrupt comes when this ends: amid the start of worker processes it would leave half of them behind."""
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    held = []
    before = signal.signal(signal.SIGINT, lambda *_: held.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def _on_cluster(
    client: Any, jobs: list[Job], data: Data, folder: Path, log: str | None
) -> Generator[Record, None, None]:
    """Records as they come from the workers of a Dask client, each of which is sent the data once.

    Not through joblib's Dask backend itself: that sends the data with every run, and waits for ever for a run that is
    lost with its worker, where Dask raises KilledWorker. And not by `scatter(broadcast=True)`: a run stood still in it,
    and Dask calls it incompatible with its memory manager. A task's result is made again where it is lost.
    """
    import dask
    from distributed import as_completed

    specs, settings = zip(*jobs, strict=True)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):  # it is sent once
        everywhere = client.submit(_itself, data, pure=False)
    futures = client.map(_on_one_thread, specs, settings, data=everywhere, folder=folder, log=log, pure=False)
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:  # after an error the runs that have not begun would still be trained, and meet what the caller does next
        client.cancel(futures)


def _itself(data: Data) -> Data:
    return data


def _on_one_thread(spec: RunSpec, settings: dict[str, Any], data: Data, folder: Path, log: str | None = None) -> Record:
    """One run in a worker; one that does not have the caller's folder keeps record and weights in its own cache."""
    torch.set_num_threads(1)
    folder = folder if folder.is_dir() else records.CACHE / spec.profile.name
    with _ONE_RUN:
        return run(spec, data, folder, settings=settings, log=log)
