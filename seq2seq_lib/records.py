"""What a run leaves behind: one JSON file, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seq2seq_lib.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
COMMITTED = ROOT / "data" / "records"
CACHE = ROOT / "data" / "cache"

FORMAT = 1
#: Raised by hand whenever training would give other numbers from the same settings: 2 since the products of a loss are
#: others than torch.mm's, which changes its rounding. Older records can be read; a study trains their runs anew.
SEMANTICS = 2

Record = dict[str, Any]


class RecordError(ValueError):
    """A record that cannot be used; the message names the file and says what to do."""


def key_of(settings: Mapping[str, Any], semantics: int | None = None) -> str:
    """Sixteen hex digits that stand for all that determines a run's result.

    Args:
        settings: plain JSON values: the model, sizes, schedule, seed, and the data's fingerprint.
        semantics: of the library that trained it; by default this one's.
    """
    text = json.dumps({"semantics": semantics or SEMANTICS, **settings}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_name(record: Record) -> str:
    """`<variant>-seed<n>-<key>.json`: readable for people, found again by its key."""
    return f"{record['variant']}-seed{record['seed']}-{record['key']}.json"


def write_record(record: Record, folder: Path) -> Path:
    """Writes one record; a reader sees the old file or the new one, never half of it.

    Raises:
        OSError: when the folder cannot be written; its message names the path.
    """
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in record.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"  # a line an entry: hundreds of records are committed
    path = folder / file_name(record)
    write_whole(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return path


def read_record(path: Path) -> Record:
    """Reads one record.

    Raises:
        RecordError: when the file is cut short, is no record, or was written by another format of this library.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path.name} is no readable record ({error}): delete it and run its study again.") from None
    if not isinstance(record, dict) or "format" not in record:
        raise RecordError(f"{path.name} is no record of a run: move it out of {path.parent.name}/.")
    if record["format"] != FORMAT:
        raise RecordError(
            f"{path.name} has record format {record['format']}, this library reads {FORMAT}: "
            "delete it and run its study again."
        )
    if record.get("key") != key_of(record["settings"], record.get("semantics", 1)):
        raise RecordError(f"{path.name} does not match its own settings: delete it and run its study again.")
    return record


def read_records(folder: Path) -> list[Record]:
    """All records of a folder and its sub-folders, sorted by path; none where the folder does not exist."""
    return [read_record(path) for path in sorted(folder.rglob("*.json"))]


def find_record(folder: Path, key: str) -> Record | None:
    """The record with this key, or None."""
    path = next(iter(sorted(folder.glob(f"*-{key}.json"))), None)
    return read_record(path) if path else None


def tidy(records: Iterable[Record]):
    """One tidy pandas DataFrame: a row for each measured value.

    Columns: variant, seed, metric (`train_loss`, `valid_loss`, `valid_perplexity`), step, epoch (a fraction for the
    training loss, which is measured inside epochs), value.
    """
    import pandas as pd

    columns = ["variant", "seed", "metric", "step", "epoch", "value"]
    return pd.DataFrame((row for record in records for row in _rows(record)), columns=columns)


def _rows(record: Record):
    name, seed = record["variant"], record["seed"]
    steps_per_epoch = record["epochs"][0]["step"]
    for step, loss in record["train_loss"]:
        yield name, seed, "train_loss", step, step / steps_per_epoch, loss
    for epoch in record["epochs"]:
        for metric in ("valid_loss", "valid_perplexity"):
            yield name, seed, metric, epoch["step"], float(epoch["epoch"]), epoch[metric]


def summarise(records: Iterable[Record]):
    """One row a run: what its best epoch reached, and what it cost.

    Columns: variant, seed, parameters, decoder_parameters, seconds_per_epoch (of the fastest epoch, which other work
    on the machine disturbed least), tokens_per_second, train_loss (of the last interval), valid_loss,
    valid_perplexity, test_perplexity, bleu, chrf, token_accuracy; the last two are NaN for a record from before they
    were measured, the last three for one that is unscored.
    """
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "variant": record["variant"],
                "seed": record["seed"],
                "parameters": record["parameters"]["total"],
                "decoder_parameters": record["parameters"]["decoder"],
                "seconds_per_epoch": min(epoch["seconds"] for epoch in record["epochs"]),
                "tokens_per_second": record["tokens_per_second"],
                "train_loss": record["train_loss"][-1][1],
                "valid_loss": (best := record["epochs"][record["best_epoch"] - 1])["valid_loss"],
                "valid_perplexity": best["valid_perplexity"],
                "test_perplexity": record["test"]["perplexity"],
                "bleu": record["test"].get("bleu", math.nan),
                "chrf": record["test"].get("chrf", math.nan),
                "token_accuracy": record["test"].get("token_accuracy", math.nan),
            }
            for record in records
        ]
    )


def by_tag(records: Iterable[Record]):
    """One row a run and grammatical phenomenon of its test sentences (see `scoring.tag_scores`), as a tidy DataFrame.

    Columns: variant, seed, tag, pairs, exact, token_accuracy. A record from before this was measured, of a corpus
    without tags, or unscored, has no rows.
    """
    return _groups_of_test(records, "tag", ["pairs", "exact", "token_accuracy"])


def by_length(records: Iterable[Record]):
    """One row a run and interval of source lengths (see `scoring.length_scores`), as a tidy DataFrame.

    Columns: variant, seed, length, pairs, perplexity, token_accuracy, bleu, chrf. A record from before this was
    measured, or unscored, has no rows.
    """
    return _groups_of_test(records, "length", ["pairs", "perplexity", "token_accuracy", "bleu", "chrf"])


def _groups_of_test(records: Iterable[Record], group: str, measures: list[str]):
    import pandas as pd

    rows = [
        (record["variant"], record["seed"], name, *(measured[measure] for measure in measures))
        for record in records
        for name, measured in record["test"].get(f"by_{group}", {}).items()
    ]
    return pd.DataFrame(rows, columns=["variant", "seed", group, *measures])
