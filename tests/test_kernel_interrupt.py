"""A kernel's interrupt, as JupyterLab's stop button sends it, stops the training and leaves the study usable."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from joblib import Parallel
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from seq2seq_lib.config import PROFILES, Schedule, Sizes
from seq2seq_lib.data.dataset import save_data
from seq2seq_lib.experiments import workers
from seq2seq_lib.experiments.records import read_record
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.utils import files

ROOT = Path(__file__).resolve().parent.parent
#: Seconds that a reply may take, on a machine that is busy with something else.
WAIT = 300
PROFILE = replace(
    PROFILES["smoke"], name="tiny", sizes=Sizes(8, 8, 1, 0.2), seeds=(1, 2),
    schedule=Schedule(epochs=15, batch_size=4, pad_to=9, log_every=20),
)  # fmt: skip
VARIANTS = ("tied", "packed")
SETUP = """
from pathlib import Path
import torch
import seq2seq_lib
from seq2seq_lib import run_study
from seq2seq_lib.data.dataset import load_data
from tests.test_kernel_interrupt import PROFILE, VARIANTS
torch.set_num_threads(1)
assert Path(seq2seq_lib.__file__).parent.parent == Path({root!r})
data = load_data({data!r})
"""

#: Those of an earlier study wait for another one, and would not have to be started.
END_WORKERS = """
from joblib.externals.loky import get_reusable_executor
get_reusable_executor().shutdown(kill_workers=True)
"""


@dataclass
class Kernel:
    """A real one, and what a front end asks of it."""

    manager: KernelManager
    client: BlockingKernelClient

    def run(self, code: str) -> dict:
        return self.client.execute(code, reply=True, timeout=WAIT)["content"]

    def interrupt(self, code: str, until: Callable[[], bool], times: int = 1) -> dict:
        """Runs a cell, interrupts it once `until()` holds, and returns the reply."""
        # or else a cell that is sent just after the interrupt would be aborted with those that were waiting
        asked = self.client.execute(code, stop_on_error=False)
        deadline = time.monotonic() + WAIT
        while not until():
            assert not self.client.shell_channel.msg_ready(), "the cell ended before it was interrupted"
            assert time.monotonic() < deadline
            time.sleep(0.002)
        for _ in range(times):
            self.manager.interrupt_kernel()
            time.sleep(0.01)
        while True:
            reply = self.client.get_shell_msg(timeout=WAIT)
            if reply["parent_header"]["msg_id"] == asked:
                return reply["content"]

    def workers(self) -> list[psutil.Process]:
        """The processes that train side by side."""
        children = psutil.Process(self.manager.provisioner.pid).children(recursive=True)
        return [child for child in children if "LokyProcess" in " ".join(_command(child))]


def _command(process: psutil.Process) -> list[str]:
    """Its command line; nothing of one that has ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie is one of these
        return []


@pytest.fixture(scope="module")
def kernel(tiny_data, tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "tiny.json.gz"
    save_data(tiny_data, path)
    manager, client = start_new_kernel(
        startup_timeout=WAIT, kernel_name="python3", cwd=str(ROOT), extra_arguments=["--HistoryManager.enabled=False"]
    )
    started = Kernel(manager, client)
    reply = started.run(SETUP.format(root=str(ROOT), data=str(path)))
    assert reply["status"] == "ok", reply
    yield started
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def timeless(record):
    """All of a record that a machine's speed does not change."""
    record = json.loads(json.dumps(record))
    del record["tokens_per_second"]
    for epoch in record["epochs"]:
        del epoch["seconds"]
    return record


@pytest.fixture(scope="module")
def whole(tiny_data, tmp_path_factory):
    """The records of the study that nothing interrupts."""
    study = run_study(
        "decoder", PROFILE, variants=VARIANTS, data=tiny_data, folder=tmp_path_factory.mktemp("whole"), n_jobs=1
    )
    return [timeless(record) for record in study.records]


@dataclass
class Cell:
    """The cell that runs the study, and what it has left in its folder."""

    folder: Path
    jobs: int

    def __str__(self) -> str:
        options = f"variants=VARIANTS, data=data, folder=Path({str(self.folder)!r}), n_jobs={self.jobs}"
        return f"study = run_study('decoder', PROFILE, {options})"

    def state(self) -> dict[Path, int]:
        """When each of its files was written."""
        return {path: path.stat().st_mtime_ns for path in self.folder.rglob("*") if path.is_file()}

    def records(self) -> dict[Path, int]:
        return {path: written for path, written in self.state().items() if path.suffix == ".json"}

    def has_begun_a_run(self) -> bool:
        return any(self.folder.glob(".locks/*"))

    def has_a_record_and_a_run(self) -> bool:
        return any(self.folder.glob("*.json")) and any(self.folder.glob("*.unfinished"))


def assert_stopped(kernel: Kernel, cell: Cell, reply: dict) -> None:
    """The reply is that of an interrupt, the kernel answers, and nothing is trained behind its back."""
    assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt"), "\n".join(reply["traceback"])
    assert kernel.run("1 + 1")["status"] == "ok"
    assert not kernel.workers()
    before = cell.state()
    time.sleep(1)
    assert cell.state() == before


def assert_finished(kernel: Kernel, cell: Cell, whole: list[dict]) -> None:
    """The same cell again trains what is missing, and that alone."""
    done = cell.records()
    assert len(done) < len(whole), "the interrupt left something to do"
    reply = kernel.run(str(cell))
    assert reply["status"] == "ok", reply
    assert {path: cell.records()[path] for path in done} == done
    found = {path.name: timeless(read_record(path)) for path in cell.records()}
    assert sorted(found.values(), key=str) == sorted(whole, key=str)
    assert not list(cell.folder.glob("*.unfinished"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_study_goes_on_where_it_was(kernel, whole, tmp_path, jobs):
    """Interrupted as its first run begins, and again, by the same cell, while a later one trains."""
    cell = Cell(tmp_path / "study", jobs)
    assert_stopped(kernel, cell, kernel.interrupt(str(cell), cell.has_begun_a_run))
    assert_stopped(kernel, cell, kernel.interrupt(str(cell), cell.has_a_record_and_a_run))
    assert cell.records()
    assert_finished(kernel, cell, whole)


def test_two_interrupts_at_once_are_as_good_as_one(kernel, whole, tmp_path):
    """The second comes while the workers are being ended. Before, another one came while they were being started."""
    cell = Cell(tmp_path / "study", jobs=2)
    kernel.run(END_WORKERS)
    assert_stopped(kernel, cell, kernel.interrupt(str(cell), lambda: len(kernel.workers()) == 2))
    assert_stopped(kernel, cell, kernel.interrupt(str(cell), cell.has_a_record_and_a_run, times=2))
    assert_finished(kernel, cell, whole)


@pytest.mark.filterwarnings("ignore:.*have been cancelled:UserWarning")  # joblib's, of the runs that were not begun
def test_an_interrupt_between_two_records_stops_the_workers(tiny_data, tmp_path, monkeypatch):
    """While the traceback is kept, as a notebook does."""

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(workers.ProgressLine, "reach", interrupted)
    cell = Cell(tmp_path, jobs=2)
    before = psutil.Process().children()
    with pytest.raises(KeyboardInterrupt) as kept:
        run_study("decoder", PROFILE, variants=VARIANTS, data=tiny_data, folder=tmp_path, n_jobs=2)
    left = [child for child in psutil.Process().children() if child not in before]
    assert not [child for child in left if "LokyProcess" in " ".join(_command(child))]
    assert kept.traceback
    assert len(cell.records()) < 4


def test_an_interrupt_as_the_workers_start_waits_until_they_can_be_stopped(tiny_data, tmp_path, monkeypatch):
    start, started = Parallel.__call__, []

    def interrupted(pool, tasks):
        signal.raise_signal(signal.SIGINT)
        started.append(start(pool, tasks))
        return started[0]

    before = psutil.Process().children()
    options = {"variants": VARIANTS, "data": tiny_data, "folder": tmp_path, "n_jobs": 2}
    monkeypatch.setattr(Parallel, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_study("decoder", PROFILE, **options)
    monkeypatch.undo()
    assert started
    left = [child for child in psutil.Process().children() if child not in before]
    assert not [child for child in left if "LokyProcess" in " ".join(_command(child))]
    assert len(run_study("decoder", PROFILE, **options).records) == 4


def test_an_interrupt_as_a_lock_is_taken_leaves_it_free(tmp_path, monkeypatch):
    acquire = FileLock.acquire

    def interrupted(lock, *arguments, **options):
        acquire(lock, *arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(FileLock, "acquire", interrupted)
    with pytest.raises(KeyboardInterrupt) as kept, files.one_at_a_time(tmp_path / "lock", "a run"):
        pytest.fail("it was interrupted before")
    monkeypatch.undo()
    with FileLock(tmp_path / "lock", timeout=0) as lock:
        assert lock.is_locked
    assert kept.traceback, "as a notebook keeps it, and with it the lock"


BACKGROUND = """
from dataclasses import replace
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.report.panels.background import BackgroundRun
from seq2seq_lib.models.variants import find_variant
endless = replace(PROFILE, schedule=replace(PROFILE.schedule, epochs=100_000))
run = BackgroundRun(RunSpec("tied", find_variant("tied"), endless, 1), data, Path({folder!r}))
"""
WAIT_FOR_A_STEP = """
import signal
import time
seen = len(run.losses())
while len(run.losses()) == seen and not run.done:
    time.sleep(0.01)
assert not run.done, run.record()
"""


def test_an_interrupt_of_a_cell_leaves_the_training_panel_s_run_alone(kernel, tmp_path):
    assert kernel.run(BACKGROUND.format(folder=str(tmp_path)) + WAIT_FOR_A_STEP)["status"] == "ok"
    begun = tmp_path / "begun"
    reply = kernel.interrupt(f"Path({str(begun)!r}).touch(); time.sleep({WAIT})", begun.exists)
    assert reply["ename"] == "KeyboardInterrupt"
    assert kernel.run(WAIT_FOR_A_STEP)["status"] == "ok"
    assert kernel.run("run.stop()")["status"] == "ok"
