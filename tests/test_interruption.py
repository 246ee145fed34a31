"""Whatever ends a run, no finished work is lost, and what is gone on with ends in the bits of an uninterrupted run."""

import json
import multiprocessing
import os
import random
import resource
import signal
import time
from dataclasses import replace
from functools import partial

import pytest
import torch
from filelock import FileLock

from seq2seq_lib.config import PROFILES, Schedule, Sizes
from seq2seq_lib.experiments import records, runner
from seq2seq_lib.experiments.runner import run
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.experiments.weights import weights_path
from seq2seq_lib.models.variants import find_variant
from seq2seq_lib.training import checkpoint
from seq2seq_lib.utils.files import one_at_a_time

KILLS = int(os.environ.get("KILLS", "8"))  # 30 and more by an option: they take half a minute
PROFILE = replace(
    PROFILES["smoke"], name="tiny", sizes=Sizes(8, 8, 2, 0.3), seeds=(1,),
    schedule=Schedule(epochs=6, batch_size=4, pad_to=9, log_every=3, learning_rate=0.4),  # the best epoch comes early
)  # fmt: skip
#: A server without threads that has imported everything: children start at once, and cannot inherit a held lock.
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.test_interruption"])


def job_of(seed, variant="tied"):
    return RunSpec(variant, find_variant(variant), PROFILE, seed)


def result_of(folder, record):
    """All of a run that a machine's speed does not change: its record, and the bytes of its weights."""
    timeless = json.loads(json.dumps(record))
    del timeless["tokens_per_second"]
    for epoch in timeless["epochs"]:
        del epoch["seconds"]
    return timeless, weights_path(record, folder).read_bytes()


def start(job, data, folder, watch=None, prepare=None):
    child = SERVER.Process(target=trained, args=(job, data, folder, watch, prepare))
    child.start()
    return child


def trained(job, data, folder, watch, prepare):
    """In another process: a run with a checkpoint after every step."""
    torch.set_num_threads(1)
    checkpoint.EVERY = 0.0
    if prepare:
        prepare()
    try:
        run(job, data, folder, watch or (lambda step, loss: None))
    except OSError as error:
        (folder / "told").write_text(f"{type(error).__name__}: {error}")


def note_step(told, step, loss):
    with told.open("a") as file:
        file.write(f"{os.getpid()} {step}\n")
    time.sleep(0.02)


def allow_small_files_alone():
    """The limit on a file's size stands for the disk's: a write fails in the middle, as on a full one."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))


def test_kills_change_no_bit(tiny_data, tmp_path):
    """SIGKILL at random moments; a checkpoint is written after every step, so many kills meet one half-written."""
    moments, kills, seed, folder = random.Random(1), 0, 0, tmp_path / "killed"
    while kills < KILLS:
        seed += 1
        job = job_of(seed, ("tied", "attention-dot", "packed")[seed % 3])
        while (record := records.find_record(folder, job.key(tiny_data))) is None:
            child = start(job, tiny_data, folder)
            if kills < KILLS:
                wait_for_a_step(child, folder)
                child.join(moments.uniform(0.0, 0.2))
                kills += child.is_alive()
                child.kill()
            child.join()
        assert run(job, tiny_data, folder) == record, "what is done is not done again"
        start(job, tiny_data, tmp_path / "whole").join()
        whole = records.find_record(tmp_path / "whole", record["key"])
        assert result_of(folder, record) == result_of(tmp_path / "whole", whole)
    left = {path.suffix for path in folder.iterdir() if path.is_file()}
    assert not (folder / "told").exists(), (folder / "told").read_text()
    assert left == {".json", ".safetensors"}, "checkpoints and unfinished files go with the run that they belong to"
    assert seed < KILLS, "each run was killed several times"
    found = records.read_records(folder)
    assert min(record["best_epoch"] for record in found) < PROFILE.schedule.epochs, "the best weights are not the last"
    print(f"{kills} kills, {seed} runs")


def wait_for_a_step(child, folder):
    """Until the child has written a checkpoint of its own, or has ended: a kill before that repeats the last."""
    began = time.time_ns()
    while child.is_alive() and not any(changed(path) > began for path in folder.glob("*.unfinished")):
        time.sleep(0.001)


def changed(path):
    """When the file was written, in nanoseconds; never, where its run has ended meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def test_a_run_goes_on_and_does_not_begin_again(tiny_data, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)

    def stop(step, loss):
        if step == 33:
            raise KeyboardInterrupt

    job, seen = job_of(1), []
    with pytest.raises(KeyboardInterrupt):
        run(job, tiny_data, tmp_path, stop)
    counted = []
    monkeypatch.setattr("seq2seq_lib.training.trainer.train_step", _counting(counted))
    record = run(job, tiny_data, tmp_path, lambda step, loss: seen.append([step, round(loss, 5)]))
    assert len(counted) == job.steps(tiny_data) - 32, "step 33 was told before it was kept"
    assert seen == record["train_loss"], "also what the first part measured"


def _counting(counted):
    from seq2seq_lib.training.trainer import train_step

    def counting(*arguments):
        counted.append(1)
        return train_step(*arguments)

    return counting


def test_two_processes_do_one_run_once(tiny_data, tmp_path):
    """The second waits for the first and takes its record; a study in a second notebook is such a process."""
    told = tmp_path / "steps"
    children = [start(job_of(1), tiny_data, tmp_path / "both", partial(note_step, told)) for _ in range(2)]
    for child in children:
        child.join()
        assert child.exitcode == 0
    steps = [line.split() for line in told.read_text().splitlines()]
    assert len({pid for pid, _ in steps}) == 1
    assert len(steps) == len({step for _, step in steps})


def hold(path, held):
    with FileLock(path):
        held.set()
        time.sleep(0.3)


def test_who_waits_says_so(tmp_path, capsys):
    held = SERVER.Event()
    other = SERVER.Process(target=hold, args=(tmp_path / "lock", held))
    other.start()
    held.wait()
    with one_at_a_time(tmp_path / "lock", "tied, seed 1"):
        assert "tied, seed 1: another process is at it" in capsys.readouterr().out
    other.join()


def test_a_checkpoint_goes_when_its_run_has_a_record(tiny_data, tmp_path):
    """As when the process is stopped between the two."""
    options = {"variants": ["tied"], "data": tiny_data, "folder": tmp_path, "n_jobs": 1}
    (record,) = run_study("decoder", PROFILE, **options).records
    left, other = (tmp_path / f"tied-seed1-{key}.unfinished" for key in (record["key"], "0" * 16))
    left.touch()
    other.touch()
    run_study("decoder", PROFILE, **options)
    assert not left.exists()
    assert other.exists(), "that of a run that is not this study's"


@pytest.mark.parametrize("damage", [b"", b"no safetensors", None])
def test_a_damaged_checkpoint_is_said_to_be_so_and_not_used(tiny_data, tmp_path, monkeypatch, capsys, damage):
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)

    def stop(step, loss):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job_of(1), tiny_data, tmp_path, stop)
    (path,) = tmp_path.glob("*.unfinished")
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    record = run(job_of(1), tiny_data, tmp_path)
    assert f"{path.name} cannot be read" in capsys.readouterr().out
    whole = run(job_of(1), tiny_data, tmp_path / "whole")
    assert result_of(tmp_path, record) == result_of(tmp_path / "whole", whole)


def test_a_checkpoint_of_another_model_is_not_used(tiny_data, tmp_path, monkeypatch, capsys):
    """Renamed by hand, so that only its tensors can tell."""
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)

    def stop(step, loss):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job_of(1, "packed"), tiny_data, tmp_path, stop)
    (path,) = tmp_path.glob("*.unfinished")
    path.rename(tmp_path / f"tied-seed1-{job_of(1).key(tiny_data)}.unfinished")
    record = run(job_of(1), tiny_data, tmp_path)
    assert "cannot be read" in capsys.readouterr().out
    whole = run(job_of(1), tiny_data, tmp_path / "whole")
    assert result_of(tmp_path, record) == result_of(tmp_path / "whole", whole)


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(tiny_data, tmp_path):
    child = start(job_of(1), tiny_data, tmp_path, prepare=allow_small_files_alone)
    child.join()
    told = (tmp_path / "told").read_text()
    assert "cannot be written" in told
    assert str(tmp_path) in told
    assert not list(tmp_path.glob("*.json"))
    assert run(job_of(1), tiny_data, tmp_path)["best_epoch"]


def test_a_folder_that_is_none_is_named(tiny_data, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        run(job_of(1), tiny_data, tmp_path / "file")


def test_runs_that_several_processes_share_keep_no_checkpoint(tiny_data, tmp_path, monkeypatch):
    class Pair(runner.ProcessGroup):
        count = 2

    monkeypatch.setattr(checkpoint, "write_tensors", lambda *_: pytest.fail("a checkpoint was written"))
    run(job_of(1), tiny_data, tmp_path, group=Pair())
