"""Runs side by side, on cores, threads or a cluster, leave the records of one by one."""

import linecache
import os
import time
from functools import partial
from pathlib import Path

import joblib
import pytest

from seq2seq_lib.experiments import records, workers
from seq2seq_lib.experiments.records import RecordError
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.models.bridges import JoinDirections
from seq2seq_lib.models.encoders import LSTMEncoder
from seq2seq_lib.models.variants import VARIANTS, Variant
from seq2seq_lib.training.trainer import TrainingError
from tests.test_studies import PROFILE, without_time


def run(data, folder, **options):
    return run_study("encoder", PROFILE, data=data, folder=folder, **{"variants": ("baseline", "reversed"), **options})


def assert_same(some, others):
    assert [without_time(record) for record in some.records] == [without_time(record) for record in others.records]


@pytest.fixture(scope="module")
def one_by_one(tiny_data, tmp_path_factory):
    return run(tiny_data, tmp_path_factory.mktemp("one_by_one"), n_jobs=1)


@pytest.fixture
def client():
    """A client of a real scheduler with two workers, each a process of one thread."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        yield client


def not_here(*arguments, **options):
    pytest.fail("trained in the caller's process")


def meet(folder, count):
    """A worker's runs wait until `count` workers have one: tiny runs would all be done before Dask shares them out."""
    alone = workers.run

    def together(*arguments, **options):
        (folder / str(os.getpid())).touch()
        for _ in range(3000):  # a minute
            if len(list(folder.iterdir())) == count:
                return alone(*arguments, **options)
            time.sleep(0.02)
        raise TrainingError("The other workers have nothing to do.")

    workers.run = together


def test_a_cluster_leaves_the_records_of_one_by_one(client, one_by_one, tiny_data, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "run", not_here)
    (tmp_path / "workers").mkdir()
    client.run(meet, tmp_path / "workers", 2)
    monkeypatch.chdir(tmp_path)  # the workers were started in another folder
    study = run(tiny_data, Path("records"))
    assert_same(study, one_by_one)
    done = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert sum(done.values()) == 4 + 1, "four runs, and the data once"
    assert all(done.values()), "a worker had nothing to do"
    assert study.model("reversed", 2).training is False, "this machine's workers leave the weights in the folder"
    (last,) = run(tiny_data, Path("one"), variants=("baseline",), seeds=(1,)).records
    assert last["key"] == study.records[0]["key"], "a single run goes to the cluster, too"


def other_disk(folder, cache):
    """Makes this worker one of another machine: it does not see `folder`, and its cache is its own."""
    seen = Path.is_dir
    Path.is_dir = lambda path: path != folder and seen(path)
    records.CACHE = cache


def test_records_come_home_from_another_disk(client, one_by_one, tiny_data, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    client.run(other_disk, here, there)
    study = run(tiny_data, here)
    assert_same(study, one_by_one)
    assert {path.suffix for path in here.iterdir()} == {".json"}
    assert len(list((there / PROFILE.name).glob("*.safetensors"))) == 4
    with pytest.raises(RecordError, match="not on this machine"):
        study.model("baseline")


def lose_the_worker(*arguments, **options):
    os._exit(1)


def fail(*arguments, **options):
    raise TrainingError("The loss is nan at step 1.")


def in_workers(run):
    workers.run = run


def test_a_lost_run_and_a_failed_run_are_told(client, tiny_data, tmp_path):
    from distributed import KilledWorker

    client.run(in_workers, fail)
    with pytest.raises(TrainingError, match="nan at step 1"):
        run(tiny_data, tmp_path)
    while any(client.processing().values()):  # runs that had begun when the first one failed
        time.sleep(0.05)
    client.cluster.scheduler.allowed_failures = 0
    client.run(in_workers, lose_the_worker)
    with pytest.raises(KilledWorker):
        run(tiny_data, tmp_path)


def test_threads_of_one_process_do_not_share_their_dropout(one_by_one, tiny_data, tmp_path):
    assert PROFILE.sizes.dropout > 0
    with joblib.parallel_config(backend="threading"):
        assert_same(run(tiny_data, tmp_path, n_jobs=2), one_by_one)


def test_a_run_is_found_again_where_a_worker_lacks_the_source_of_its_variant(tiny_data, tmp_path, monkeypatch):
    source = "def first(one, other):\n    return one\n"  # as in a notebook's cell, which no file holds
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    cell = {"__name__": "__main__"}
    exec(compile(source, "<cell>", "exec"), cell)
    join, read_both_ways = partial(JoinDirections, join=cell["first"]), partial(LSTMEncoder, bidirectional=True)
    monkeypatch.setitem(VARIANTS, "mine", Variant("encoder", "Mine", "Because.", read_both_ways, join))
    study = run_study("encoder", PROFILE, data=tiny_data, folder=tmp_path, variants=("mine",), n_jobs=2)
    assert [record["seed"] for record in study.records] == [1, 2]
