"""What a run leaves behind: one JSON file, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2seq_lib.utils.files import is_plain_name, write_whole

ROOT = Path(__file__).resolve().parent.parent.parent
COMMITTED = ROOT / "data" / "records"
CACHE = ROOT / "data" / "cache"

#: 2 since a record holds a digest of its content, 3 since the groups of its test split stand in columns.
FORMAT = 3
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
    entries = {**record, "digest": _digest(record)}
    values = (json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in entries.values())
    lines = (f"{json.dumps(key)}:{value}" for key, value in zip(entries, values, strict=True))
    text = "{\n" + ",\n".join(lines) + "\n}\n"  # a line an entry: hundreds of records are committed
    path = folder / file_name(record)
    write_whole(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return path


def read_record(path: Path) -> Record:
    """Reads one record.

    Raises:
        RecordError: when the file is cut short, was edited, is no record, or is of a format that this library does not
            know.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path.name} is no readable record ({error}): delete it and run its study again.") from None
    if not isinstance(record, dict) or "format" not in record:
        raise RecordError(f"{path.name} is no record of a run: move it out of {path.parent.name}/.")
    if record["format"] not in (FORMAT - 1, FORMAT):
        raise RecordError(
            f"{path.name} has record format {str(record['format'])[:20]}, this library reads {FORMAT}: "
            "delete it and run its study again."
        )
    if record.pop("digest", None) != _digest(record):
        raise RecordError(
            f"{path.name} was changed after its run had written it: restore it, or delete it and run its study again."
        )
    if record["format"] < FORMAT:
        record = _in_columns(record)
    if not all(is_plain_name(record[name]) for name in ("variant", "profile")):  # they become parts of paths
        raise RecordError(f"{path.name} names a variant or a profile that cannot be part of a file's name: delete it.")
    if record["key"] != key_of(record["settings"], record.get("semantics", 1)):
        raise RecordError(f"{path.name} does not match its own settings: delete it and run its study again.")
    return record


def _in_columns(record: Record) -> Record:
    """A record of format 2, which named every measure anew for each group of its test split, as one of format 3."""
    from seq2seq_lib.evaluation.metrics import columns
    from seq2seq_lib.evaluation.significance import repacked

    test = dict(record["test"])
    for group in ("tag", "length"):
        if f"by_{group}" in test:
            test[f"by_{group}"] = columns(group, test[f"by_{group}"])
    if "counts" in test:
        test["counts"] = repacked(test["counts"])
    return {**record, "format": FORMAT, "test": test}


def _digest(record: Record) -> str:
    """Sixteen hex digits that stand for all of the record, whatever the order of its entries."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def read_records(folder: Path) -> list[Record]:
    """All records of a folder and its sub-folders, sorted by path; none where the folder does not exist.

    Raises:
        OSError: when the folder is there and cannot be read, which is not the same as an empty one.
    """
    if not folder.exists():
        return []
    walk = os.walk(folder, onerror=_refuse)  # rglob passes over what it may not read
    paths = (Path(place) / name for place, _, names in walk for name in names)
    return [read_record(path) for path in sorted(paths) if path.suffix == ".json"]


def _refuse(error: OSError) -> None:
    raise error


def find_record(folder: Path, key: str) -> Record | None:
    """The record with this key, or None."""
    path = next(iter(sorted(folder.glob(f"*-{key}.json"))), None)
    return read_record(path) if path else None
