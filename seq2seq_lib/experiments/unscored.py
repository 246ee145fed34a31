"""Scores that are counted later: what a record keeps where sacrebleu is missing, and the scores made of it at home."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from seq2seq_lib.data.readers import Pair
from seq2seq_lib.data.tokenization import Data, Example
from seq2seq_lib.evaluation.metrics import judge, scores
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.records import Record, RecordError
from seq2seq_lib.training.trainer import SentenceScore
from seq2seq_lib.utils.packages import is_installed


def scores_or_their_source(
    data: Data,
    pairs: Sequence[Pair],
    examples: Sequence[Example],
    translations: Sequence[str],
    forced: Sequence[SentenceScore],
) -> dict[str, Any]:
    """The entries of `scoring.scores`; without sacrebleu one entry `unscored`, of which `score` makes them.

    The arguments are those of `scoring.judge`.
    """
    if is_installed("sacrebleu"):
        return scores(judge(data, pairs, examples, translations, forced))
    return {"unscored": {"translations": list(translations), "forced": [list(sentence) for sentence in forced]}}


def is_unscored(record: Record) -> bool:
    """Whether the record waits for its scores."""
    return "unscored" in record["test"]


def tell_unscored(found: Iterable[Record], folder: Path) -> None:
    """Prints one line if some of the records in `folder` are unscored."""
    if count := sum(map(is_unscored, found)):
        print(
            f"Records without BLEU and other scores: {count}. Where sacrebleu is installed, "
            f"`python -m seq2seq_lib score {shlex.quote(str(folder))}` adds them."
        )


def score(record: Record, data: Data) -> Record:
    """An unscored record with the scores that its run would have given it.

    Args:
        record: an unscored one.
        data: that its run was given.

    Raises:
        RecordError: when the run had other data, or sacrebleu is not installed here either.
    """
    name = records.file_name(record)
    if not is_installed("sacrebleu"):
        raise RecordError(f"{name} cannot be scored without sacrebleu: install it, or score where it is installed.")
    if record["settings"]["data"] != data.fingerprint:
        raise RecordError(
            f"{name} was made with other data than {data.corpus.name} with min_freq {data.min_freq}: "
            "give --data the file that its study was given."
        )
    kept = record["test"]["unscored"]
    measured = {name: value for name, value in record["test"].items() if name != "unscored"}
    forced = [SentenceScore(*sentence) for sentence in kept["forced"]]
    pairs, examples = data.corpus.test[: len(forced)], data.test[: len(forced)]
    return {**record, "test": {**measured, **scores(judge(data, pairs, examples, kept["translations"], forced))}}


def score_folder(folder: Path, data_of: Callable[[Record], Data]) -> tuple[int, int]:
    """Scores the unscored records of a folder and its sub-folders in place; others are left alone.

    Args:
        folder: of records.
        data_of: gives the data of an unscored record's run.

    Returns:
        How many were scored, and how many records there are.

    Raises:
        RecordError: when there is no record, one cannot be read, or one cannot be scored (see `score`).
    """
    found = [(path, records.read_record(path)) for path in sorted(folder.rglob("*.json"))]
    if not found:
        raise RecordError(f"{folder} holds no records: give the folder in which a study left them.")
    waiting = [(path, record) for path, record in found if is_unscored(record)]
    for path, record in waiting:
        records.write_record(score(record, data_of(record)), path.parent)
    return len(waiting), len(found)
