"""Files that appear whole or not at all, and work that only one process does at a time."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def is_plain_name(name: str) -> bool:
    """Whether `name` can be part of a file's name on any system, and cannot lead out of a folder."""
    fits = re.fullmatch(r'[^/\\:*?"<>|\x00-\x1f\x7f]{1,100}', name)
    return bool(fits) and name == name.strip() and name[0] not in ".-"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill an unfinished file beside `path`, and only then gives it that name; makes the folder.

    Raises:
        OSError: when the folder cannot be written; its message names the path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    write(unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())  # or a machine that loses power may keep the name and lose what it names
    os.replace(unfinished, path)


def write_apart(path: Path, own: Path, write: Callable[[Path], object]) -> None:
    """As `write_whole`, in the folder `own`, for a writer that makes temporary files beside what it is given.

    What a killed process leaves there goes with the next try.

    Raises:
        OSError: when a folder cannot be written; its message names the path.
    """
    try:
        write_whole(own / path.name, write)
        os.replace(own / path.name, path)
    finally:
        shutil.rmtree(own, ignore_errors=True)


@contextmanager
def one_at_a_time(path: Path, what: str) -> Iterator[None]:
    """Keeps other processes out of the same work, and waits for one that is at it. A killed one's lock is free again.

    Args:
        path: of the lock, an empty file that stays.
        what: is being done, for the line that says that this process waits.

    Raises:
        OSError: when the folder cannot be written; its message names the path.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"{what}: another process is at it; this one waits for its result.", flush=True)
            lock.acquire()
        yield
    finally:  # also after an interrupt just as it was acquired: this very process could not have it again
        lock.release()
