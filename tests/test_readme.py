"""What the README shows runs, and its findings are the records'."""

import re
from pathlib import Path

from seq2seq_lib import VARIANTS, records
from seq2seq_lib.report.tables import findings
from seq2seq_lib.studies import recorded_study

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_variant_of_ones_own_as_shown(monkeypatch, tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    assert len(code.strip().splitlines()) < 15
    monkeypatch.setattr(records, "CACHE", tmp_path)
    monkeypatch.delitem(VARIANTS, "bilstm-max", raising=False)
    shown = {}
    try:
        exec(code.replace('profile="quick"', 'profile="smoke", seeds=[1]'), shown)
    finally:
        VARIANTS.pop("bilstm-max", None)
    assert shown["study"].variants == ("baseline", "bilstm-max")


def test_the_findings_are_those_of_the_records():
    block = re.search(r"<!-- findings -->\n(.*?)\n<!-- /findings -->", README, re.S).group(1)
    assert block.strip() == findings(recorded_study("encoder", "quick"))


def test_every_file_that_the_readme_links_to_exists():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert "LICENSE" in links
    for link in links:
        assert (ROOT / link).exists(), link


def test_every_make_target_named_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make (?:PYTHON=\S+ )?([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.M), target
