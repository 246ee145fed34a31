"""The curves that a tracker is given are the record's."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from seq2seq_lib.config import PROFILES, ConfigError
from seq2seq_lib.experiments import tracking
from seq2seq_lib.experiments.studies import run_study

PROFILE = replace(
    PROFILES["smoke"], name="tiny", schedule=replace(PROFILES["smoke"].schedule, epochs=2, batch_size=4, log_every=2),
    seeds=(1,),
)  # fmt: skip


@pytest.fixture(scope="module")
def logged(tiny_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("logged")
    study = run_study(
        "enc_dec", PROFILE, variants=["baseline", "attention-dot"], data=tiny_data, folder=folder, log="tensorboard"
    )
    return study, folder / "logs"


def test_tensorboard_gets_the_curves_of_each_run(logged):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    study, folder = logged
    for record in study.records:
        events = EventAccumulator(str(folder / f"{record['variant']}-seed1"))
        events.Reload()
        train = [(event.step, round(event.value, 4)) for event in events.Scalars("train/loss")]
        valid = [(event.step, round(event.value, 4)) for event in events.Scalars("valid/loss")]
        assert train == [(step, pytest.approx(loss, abs=2e-4)) for step, loss in record["train_loss"]]
        assert valid == [(e["step"], pytest.approx(e["valid_loss"], abs=2e-4)) for e in record["epochs"]]
        assert {"train/perplexity", "valid/perplexity"} <= set(events.Tags()["scalars"])


def test_tensorboard_shows_them_on_loopback(logged):
    _, folder = logged
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            address = next(line for line in server.stdout if "http://127.0.0.1:" in line).split("(")[0].split()[-1]
            for _ in range(60):
                with urllib.request.urlopen(f"{address.rstrip('/')}/data/runs", timeout=10) as page:
                    runs = page.read().decode()
                if "attention-dot-seed1" in runs:
                    break
                time.sleep(0.5)
        finally:
            server.kill()
    assert "baseline-seed1" in runs


def test_without_a_tracker_nothing_is_written(tiny_data, tmp_path):
    run_study("enc_dec", PROFILE, variants=["baseline"], data=tiny_data, folder=tmp_path, n_jobs=1)
    assert not (tmp_path / "logs").exists()


def test_wandb_gets_the_same(monkeypatch, tmp_path):
    class Fake:
        def __init__(self, project, **options):
            self.seen = seen
            seen.append((project, options["name"]))

        def store_init_configuration(self, values):
            seen.append(values)

        def log(self, values, step):
            seen.append((step, values))

        def finish(self):
            seen.append("finished")

    from accelerate import tracking as theirs

    seen = []
    monkeypatch.setitem(theirs.LOGGER_TYPE_TO_CLASS, "wandb", Fake)
    with tracking.curves_of("wandb", "tied-seed1", tmp_path, {"a": {"b": 1}, "c": [2]}) as curve:
        curve("train", 3, 0.0)
    assert seen == [
        ("seq2seq-report", "tied-seed1"), {"a.b": 1, "c": "[2]"}, (3, {"train/loss": 0.0, "train/perplexity": 1.0}),
        "finished",
    ]  # fmt: skip


def test_a_tracker_that_is_not_there_is_refused_first(tiny_data, tmp_path, monkeypatch):
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="Logging to wandb needs its package: pip install wandb"):
        run_study("enc_dec", PROFILE, data=tiny_data, folder=tmp_path, log="wandb")
    with pytest.raises(ConfigError, match="choose tensorboard or wandb"):
        run_study("enc_dec", PROFILE, data=tiny_data, folder=tmp_path, log="csv")
    assert not any(tmp_path.iterdir())
