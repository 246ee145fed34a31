"""The English-French grammar corpus: regeneration, size, splits, lengths, vocabulary, clean text."""

import filecmp
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

spacy = pytest.importorskip("spacy")

GRAMMAR = Path(__file__).resolve().parent.parent / "data" / "grammar"

SIZES = {"train": 24000, "valid": 1000, "test": 2000}


@pytest.fixture(scope="module")
def splits() -> dict[str, list[list[str]]]:
    out = {}
    for split in SIZES:
        lines = (GRAMMAR / f"{split}.tsv").read_bytes().decode("utf-8").split("\n")
        assert lines.pop() == ""
        out[split] = [line.split("\t") for line in lines]
    return out


@pytest.fixture(scope="module")
def pairs(splits) -> list[list[str]]:
    return [pair for split in splits.values() for pair in split]


@pytest.fixture(scope="module")
def tokens(splits) -> dict:
    """Per split and side, the lower-cased spaCy tokens of each sentence."""
    blank = [spacy.blank("en").tokenizer, spacy.blank("fr").tokenizer]
    return {
        (split, side): [[t.lower_ for t in blank[side](pair[side])] for pair in found]
        for split, found in splits.items()
        for side in (0, 1)
    }


def test_files_are_what_the_grammar_writes(tmp_path):
    subprocess.run(
        [sys.executable, GRAMMAR / "generate.py", "--out", tmp_path], check=True, env={"PYTHONHASHSEED": "7"}
    )
    for split in SIZES:
        assert filecmp.cmp(tmp_path / f"{split}.tsv", GRAMMAR / f"{split}.tsv", shallow=False), split


def test_check_reports_a_changed_file(tmp_path):
    (tmp_path / "train.tsv").write_text("Hello .\tBonjour .\tx\n", encoding="utf-8")
    command = [sys.executable, GRAMMAR / "generate.py", "--check", "--out", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "train.tsv" in done.stdout


def test_counts_and_disjoint_sources(splits, pairs):
    assert {split: len(found) for split, found in splits.items()} == SIZES
    assert all(len(pair) == 3 for pair in pairs)
    sources = [pair[0].lower() for pair in pairs]
    assert len(set(sources)) == len(sources) == sum(SIZES.values())


def test_lengths(tokens):
    for (split, side), sentences in tokens.items():
        lengths = [len(sentence) for sentence in sentences]
        assert min(lengths) >= 4, (split, side)
        assert max(lengths) <= 20, (split, side)
        assert 9 <= sum(lengths) / len(lengths) <= 11, (split, side)


def test_vocabulary(tokens):
    kinds = [Counter(t for sentence in tokens["train", side] for t in sentence) for side in (0, 1)]
    assert len(kinds[0]) >= 1500
    assert len(kinds[1]) >= 2500
    for side in (0, 1):
        assert sum(n >= 3 for n in kinds[side].values()) / len(kinds[side]) > 0.75
        known = {t for sentence in tokens["test", side] for t in sentence}
        assert sum(t in kinds[side] for t in known) / len(known) > 0.97


def test_clean_text(pairs):
    for english, written, tags in pairs:
        for line in (english, written):
            assert line == unicodedata.normalize("NFC", line)
            assert line[0].isupper(), line
            assert line == line.strip(), line
            assert "  " not in line, line
            assert line[-1] in ".?!", line
            assert not re.search(r"[*’{}@]| [,.]|' |[.,][^ ]", line), line
        assert not re.search(r"[^ ][?!]", written), written
        assert not re.search(r" [?!]", english), english
        assert tags == " ".join(tags.split()), tags
