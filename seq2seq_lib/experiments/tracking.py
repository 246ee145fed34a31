"""The curves of a run, watched elsewhere: TensorBoard or Weights & Biases, through accelerate's trackers."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from seq2seq_lib.config import ConfigError

TRACKERS = ("tensorboard", "wandb")
#: Takes a point of a curve: "train" or "valid", the step, and a mean loss in nats a token.
Log = Callable[[str, int, float], None]


def check_tracker(kind: str | None) -> None:
    """Refuses what cannot log before anything is trained.

    Raises:
        ConfigError: for an unknown tracker, or one whose package is not installed.
    """
    if kind is None:
        return
    if kind not in TRACKERS:
        raise ConfigError(f"The tracker is {kind!r}; choose {' or '.join(TRACKERS)}.")
    if find_spec(kind) is None:
        raise ConfigError(f"Logging to {kind} needs its package: pip install {kind}.")


@contextmanager
def curves_of(kind: str | None, name: str, folder: Path, settings: Mapping[str, Any]) -> Iterator[Log]:
    """What takes a run's curves, closed when the run ends; without a tracker they go nowhere.

    What the tracker writes goes to `logs` in the record's folder; it shows the settings beside the curves.
    """
    if kind is None:
        yield lambda which, step, loss: None
        return
    from accelerate import PartialState
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS

    PartialState()  # accelerate's loggers ask it which process this is
    logging.getLogger("accelerate").setLevel(logging.ERROR)
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    where = {"logging_dir": folder / "logs"} if kind == "tensorboard" else {"name": name, "dir": str(folder / "logs")}
    tracker = LOGGER_TYPE_TO_CLASS[kind](name if kind == "tensorboard" else "seq2seq-report", **where)
    getattr(tracker, "start", lambda: None)()  # older ones start as they are made
    tracker.store_init_configuration(dict(_flat(settings)))

    def log(which: str, step: int, loss: float) -> None:
        perplexity = math.exp(min(loss, 700))  # beyond it there is no float, and a failing run is to be seen
        tracker.log({f"{which}/loss": loss, f"{which}/perplexity": perplexity}, step=step)

    try:
        yield log
    finally:
        tracker.finish()


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value if isinstance(value, bool | int | float | str) else str(value)
