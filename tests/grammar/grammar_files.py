"""The corpus and its tables, read without the generator."""

import csv
import sys
from pathlib import Path

GRAMMAR = Path(__file__).resolve().parent.parent.parent / "data" / "grammar"
sys.path.insert(0, str(GRAMMAR))  # for the package generator

SIZES = {"train": 24000, "valid": 1000, "test": 2000}


def read_split(split: str) -> list[list[str]]:
    lines = (GRAMMAR / f"{split}.tsv").read_bytes().decode("utf-8").split("\n")
    assert lines.pop() == ""
    return [line.split("\t") for line in lines]


def table(name: str) -> list[dict]:
    with open(GRAMMAR / "lexicon" / f"{name}.tsv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
