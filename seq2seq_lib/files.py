"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill an unfinished file beside `path`, and only then gives it that name; makes the folder.

    Raises:
        OSError: when the folder cannot be written; its message names the path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    write(unfinished)
    os.replace(unfinished, path)
