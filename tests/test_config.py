"""Settings are checked when they are made, and the error says what to do."""

import dataclasses
import math

import pytest

from seq2seq_lib.config import PROFILE_VARIABLE, PROFILES, ConfigError, Schedule, Sizes, choose_profile


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Sizes(hidden=0), "hidden"),
        (lambda: Sizes(layers=1.5), "layers"),
        (lambda: Sizes(dropout=1.0), "dropout"),
        (lambda: Schedule(epochs=0), "epochs"),
        (lambda: Schedule(pad_to=1), "pad_to"),
        (lambda: Schedule(learning_rate=0), "learning_rate"),
        (lambda: Schedule(clip=-1), "clip"),
        (lambda: Schedule(teacher_forcing=1.2), "teacher_forcing"),
        (lambda: Schedule(precision="fp16"), "precision"),
        (lambda: Schedule(learning_rate=float("nan")), "learning_rate"),
        (lambda: Sizes(embedding="256"), "embedding"),
    ],
)
def test_a_wrong_value_is_named(make, name):
    with pytest.raises(ConfigError, match=name):
        make()


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Sizes().hidden = 3


def test_the_report_profile_is_the_reports_protocol():
    report = PROFILES["report"]
    assert report.corpus == "multi30k"
    assert report.sizes == Sizes(embedding=256, hidden=512, layers=2, dropout=0.5)
    schedule = report.schedule
    assert (schedule.epochs, schedule.batch_size, schedule.pad_to) == (1, 64, 30)
    assert (schedule.clip, schedule.teacher_forcing) == (1.0, 0.5)
    full = PROFILES["full"]
    assert dataclasses.replace(full.schedule, epochs=1) == schedule
    assert full.schedule.precision == "bf16"
    assert full.schedule.epochs == 10
    assert len(full.seeds) >= 6


def test_the_notebooks_study_is_the_beginning_of_the_stored_one():
    """So its curves lie on those on record: the same sizes, batches and rates, as far as it goes."""
    quick, long = PROFILES["quick"], PROFILES["long"]
    assert dataclasses.replace(quick, name=long.name, schedule=long.schedule, seeds=long.seeds) == long
    updates = math.ceil(24_000 / long.schedule.batch_size)
    steps, of_all = quick.schedule.epochs * updates, long.schedule.epochs * updates
    for step in (1, steps // 2, steps):
        assert quick.schedule.rate_at(step, steps) == long.schedule.rate_at(step, of_all)


def test_the_environment_overrides_the_notebook(monkeypatch):
    monkeypatch.delenv(PROFILE_VARIABLE, raising=False)
    assert choose_profile().name == "quick"
    assert choose_profile("report").name == "report"
    monkeypatch.setenv(PROFILE_VARIABLE, "smoke")
    assert choose_profile("report").name == "smoke"
    monkeypatch.setenv(PROFILE_VARIABLE, "fast")
    with pytest.raises(ConfigError, match=r"SEQ2SEQ_PROFILE.*fast.*smoke, quick"):
        choose_profile()
