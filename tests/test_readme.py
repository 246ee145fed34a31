"""What the README shows runs, and its findings are the records'."""

import re
from pathlib import Path

import pytest

from seq2seq_lib import VARIANTS, variants_of
from seq2seq_lib.experiments import records
from seq2seq_lib.report.figures import curves
from seq2seq_lib.report.findings import recorded_findings_in_words
from seq2seq_lib.report.panels.explorer import curve_explorer
from tests.test_report_lines import names_beside

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(records, "CACHE", tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("code", SNIPPETS)
def test_what_is_shown_is_short(code):
    assert len(code.strip().splitlines()) < 15


def test_a_variant_of_ones_own_as_shown():
    shown = {}
    try:
        exec(SNIPPETS[0].replace('profile="quick"', 'profile="smoke", seeds=[1]'), shown)
        assert shown["study"].variants == ("baseline", "bilstm-max")
        assert "BiLSTM, maximum" in names_beside(curves(shown["study"]).axes[0])
        assert curve_explorer(shown["study"]).children[0].children[1].description == "BiLSTM, maximum"
        assert "bilstm-max" in variants_of("encoder"), "a notebook's run_study trains it with its section"
    finally:
        VARIANTS.pop("bilstm-max", None)


def test_a_corpus_of_ones_own_as_shown(capsys):
    numbers = (
        "ein una",
        "zwei dos",
        "drei tres",
        "vier cuatro",
        "fünf cinco",
        "sechs seis",
        "sieben siete",
        "acht ocho",
    )
    things = (
        "Hund perro",
        "Vogel pájaro",
        "Baum árbol",
        "Apfel manzana",
        "Stuhl silla",
        "Brief carta",
        "Kuchen pastel",
    )
    lines = [
        f"Er sieht {number.split()[0]} {thing.split()[0]}.\tVe {number.split()[1]} {thing.split()[1]}."
        for number in numbers
        for thing in things
    ]
    Path("pairs.tsv").write_text("\n".join(lines), encoding="utf-8")
    shown = {}
    exec(
        SNIPPETS[1].replace('PROFILES["quick"]', 'PROFILES["smoke"]').replace("data=data)", "data=data, n_jobs=1)"),
        shown,
    )
    assert shown["data"].src.language == "de"
    assert {record["corpus"] for record in shown["study"].records} == {"pairs.tsv"}
    assert "attention-dot" in capsys.readouterr().out


def test_the_findings_are_those_of_the_records():
    block = re.search(r"<!-- findings -->\n(.*?)\n<!-- /findings -->", README, re.S).group(1)
    assert block.strip() == recorded_findings_in_words()


def test_it_is_short():
    assert len(README.splitlines()) <= 150


def test_every_file_that_the_readme_links_to_exists():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert "LICENSE" in links
    for link in links:
        assert (ROOT / link).exists(), link


def test_every_make_target_named_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make (?:PYTHON=\S+ )?([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.M), target
