"""The doctor finds what is wrong, says what mends it, and goes on when a look fails."""

import pytest

from seq2seq_lib.__main__ import main
from seq2seq_lib.data import multi30k
from seq2seq_lib.experiments import records
from seq2seq_lib.report import doctor


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CACHE", tmp_path / "cache")
    monkeypatch.setenv(multi30k.CACHE_VARIABLE, str(tmp_path / "corpora"))
    return tmp_path


def test_a_machine_as_the_readme_makes_it_is_well(elsewhere, capsys):
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    for what in ("Korean font", "records", "Multi30k", "interrupted runs", "device"):
        assert f"ok    {what}:" in told
    assert "→" not in told


@pytest.mark.parametrize(
    ("broken", "what", "mend"),
    [
        (("ROOM", 10**18), "records", "make room"),
        (("korean_fonts", list), "Korean font", "pip install koreanize-matplotlib"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(elsewhere, capsys, monkeypatch, broken, what, mend):
    name, value = broken
    monkeypatch.setattr(f"seq2seq_lib.report.doctor.{name}", value)
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.startswith(f"mend  {what}:")]
    assert mend in lines[place + 1]


def test_tampered_files_and_interrupted_runs_are_found(elsewhere, capsys):
    (elsewhere / "corpora").mkdir()
    (elsewhere / "corpora" / "val.en.gz").write_bytes(b"something else")
    (elsewhere / "cache" / "quick").mkdir(parents=True)
    (elsewhere / "cache" / "quick" / "tied-seed3-0123.unfinished").touch()
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "not as published: val.en.gz" in told
    assert "1: tied-seed3" in told


def test_a_look_that_fails_does_not_stop_the_others(elsewhere, monkeypatch):
    monkeypatch.setattr(doctor.multi30k, "cache_folder", lambda cache: 1 / 0)
    found = {finding.what: finding for finding in doctor.examine()}
    assert "ZeroDivisionError" in found["multi30k"].found
    assert len(found) == 5
