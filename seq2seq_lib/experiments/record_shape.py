"""What a record holds, so that nothing that uses one has to look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seq2seq_lib.utils.files import is_plain_name

#: Types; tables of entries ("?" ends the name of one that may be missing, "*" stands for any name); tuples of so many
#: values; lists of any number of values of one kind. A float may be written as a whole number.
SHAPE = {
    "variant": str,
    "seed": int,
    "profile": str,
    "settings": {"sizes": {}},
    "vocabulary": {"source": int, "target": int},
    "parameters": {"decoder": int, "total": int},
    "train_loss": [(int, float)],
    "epochs": [{"epoch": int, "step": int, "valid_loss": float, "valid_perplexity": float, "seconds": float}],
    "best_epoch": int,
    "tokens_per_second": float,
    "test": {
        "loss": float,
        "perplexity": float,
        "bleu?": float,
        "chrf?": float,
        "token_accuracy?": float,
        "counts?": str,
        "by_tag?": {"*": {"pairs": int, "exact": float, "token_accuracy": float}},
        "by_length?": {"*": {"pairs": int, "perplexity": float, "token_accuracy": float, "bleu": float, "chrf": float}},
    },
    "translations": [{"source": str, "reference": str, "translation": str}],
}


def misfit(record: Mapping[str, Any]) -> str:
    """What a record lacks, or has otherwise than `SHAPE` says, in a few words; nothing when it is whole."""
    if wrong := _wrong_part(record, SHAPE, ""):
        return f"{wrong[1:]} is not as it should be"
    for name in ("variant", "profile"):  # they become parts of paths
        if not is_plain_name(record[name]):
            return f"its {name} cannot be part of a file's name"
    if not 1 <= record["best_epoch"] <= len(record["epochs"]):
        return "best_epoch is none of its epochs"
    if record["epochs"][0]["step"] < 1:
        return "its first epoch has no step"
    return "" if record["train_loss"] else "train_loss is empty"


def _wrong_part(value: Any, shape: Any, name: str) -> str:
    """The name of the first part of `value` that is not of its `shape`, such as ".test.loss", or nothing."""
    if isinstance(shape, type):
        kinds = (int, float) if shape is float else shape
        return "" if isinstance(value, kinds) and not isinstance(value, bool) else name
    if (parts := _parts(value, shape)) is None:
        return name
    return next(filter(None, (_wrong_part(part, kind, f"{name}.{key}") for key, part, kind in parts)), "")


def _parts(value: Any, shape: Any) -> Iterable[tuple[str | int, Any, Any]] | None:
    """Name, value and shape of each part; None when `value` has not the parts that it should have."""
    if not isinstance(value, dict if isinstance(shape, dict) else list):
        return None
    if isinstance(shape, tuple):
        numbered = zip(range(len(shape)), value, shape, strict=False)
        return numbered if len(value) == len(shape) else None
    if isinstance(shape, list):
        return ((number, part, shape[0]) for number, part in enumerate(value))
    if "*" in shape:
        return ((name, part, shape["*"]) for name, part in value.items())
    wanted = ((name.rstrip("?"), kind) for name, kind in shape.items() if not name.endswith("?") or name[:-1] in value)
    return ((name, value.get(name), kind) for name, kind in wanted)
