"""What is measured: model sizes, batches and where they come from, the machine."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from benchmarks.ways import WAYS
from seq2seq_lib.config import PROFILES, Schedule, Sizes
from seq2seq_lib.data.batches import Batch, batches
from seq2seq_lib.utils.device import has_bf16

if TYPE_CHECKING:
    from seq2seq_lib.data.tokenization import Data

ROOT = Path(__file__).parent.parent
VARIANTS = ("baseline", "packed", "attention-dot", "attention-multihead", "bilstm-concat")


@dataclass(frozen=True)
class Setting:
    """One table: a corpus, a model's sizes, a schedule.

    Args:
        name: of its batches in a file.
        corpus, min_freq: as for `load_corpus` and `prepare`.
        vocabulary: words of the source and of the target that the model has; None takes the corpus's own.
    """

    name: str
    corpus: str
    min_freq: int
    sizes: Sizes
    schedule: Schedule
    variants: tuple[str, ...]
    vocabulary: tuple[int, int] | None = None

    def describe(self, vocabulary: tuple[int, int]) -> str:
        """One line with all that determines the arithmetic."""
        sizes, schedule = self.sizes, self.schedule
        return (
            f"{self.corpus}: E {sizes.embedding}, H {sizes.hidden}, L {sizes.layers}, dropout {sizes.dropout}, "
            f"V {vocabulary[0]:,} → {vocabulary[1]:,}, batch {schedule.batch_size}, S {schedule.pad_to}, "
            f"teacher forcing {schedule.teacher_forcing}"
        )


_REPORT = PROFILES["report"]
REPORT = Setting(
    "report", _REPORT.corpus, _REPORT.min_freq, _REPORT.sizes, _REPORT.schedule, VARIANTS, vocabulary=(8290, 11847)
)
NARROW = Setting(
    "narrow", _REPORT.corpus, _REPORT.min_freq, Sizes(64, 128, 2, 0.1), _REPORT.schedule, ("baseline", "attention-dot"),
    vocabulary=REPORT.vocabulary,
)  # fmt: skip
SMALL = Setting(
    "small", "grammar", 1, Sizes(64, 128, 2, 0.1), Schedule(batch_size=32, pad_to=22), ("baseline", "attention-dot")
)


@dataclass(frozen=True)
class Prepared:
    """A setting's first batches and the vocabulary that a model for them gets."""

    batches: tuple[Batch, ...]
    vocabulary: tuple[int, int]


def prepare_batches(setting: Setting, count: int) -> Prepared:
    """The first `count` batches of an epoch, shuffled as in training.

    Raises:
        ValueError: the corpus has more words than the setting's vocabulary, or it cannot be had.
    """
    from seq2seq_lib.data.corpora import load_corpus
    from seq2seq_lib.data.tokenization import prepare

    return first_batches(setting, prepare(load_corpus(setting.corpus, quiet=True), min_freq=setting.min_freq), count)


def first_batches(setting: Setting, data: Data, count: int) -> Prepared:
    """`prepare_batches` of a corpus that is there already."""
    own = len(data.src.vocab), len(data.tgt.vocab)
    vocabulary = setting.vocabulary or own
    if own[0] > vocabulary[0] or own[1] > vocabulary[1]:
        raise ValueError(
            f"{setting.corpus} has {own[0]:,} and {own[1]:,} words, more than the {vocabulary[0]:,} and "
            f"{vocabulary[1]:,} of the model that is measured: choose a larger min_freq."
        )
    schedule = setting.schedule
    order = batches(data.train, schedule.batch_size, schedule.pad_to, shuffle=(1, 1))
    return Prepared(tuple(itertools.islice(order, count)), vocabulary)


def save_batches(path: Path, prepared: Mapping[str, Prepared]) -> None:
    """Writes batches by setting, as JSON under gzip, for a machine without corpora and tokenizers."""
    content = {
        name: {"vocabulary": one.vocabulary, "batches": [[part.tolist() for part in batch] for batch in one.batches]}
        for name, one in prepared.items()
    }
    path.write_bytes(gzip.compress(json.dumps(content).encode()))


def load_batches(path: Path, names: Sequence[str], count: int) -> dict[str, Prepared]:
    """What `save_batches` wrote, the first `count` batches of each setting.

    Raises:
        ValueError: the file is damaged, lacks a setting or has too few batches.
    """
    try:
        stored, found = json.loads(gzip.decompress(path.read_bytes())), {}
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise ValueError(f"{path.name} is damaged ({error}): write it anew with --save-batches.") from None
    for name in names:
        batches_there = stored.get(name, {}).get("batches", [])
        if len(batches_there) < count:
            raise ValueError(
                f"{path.name} has {len(batches_there)} batches for {name!r} where {count} are wanted: "
                "write it anew with --save-batches and the same --warmup and --steps."
            )
        found[name] = Prepared(
            tuple(Batch(*map(torch.tensor, parts)) for parts in batches_there[:count]),
            tuple(stored[name]["vocabulary"]),
        )
    return found


@dataclass(frozen=True)
class Machine:
    """Where it runs: "cpu" or "cuda", and threads."""

    device: str
    threads: int

    @property
    def title(self) -> str:
        """For headings: the processor's name, versions, threads."""
        name = torch.cuda.get_device_name() if self.device == "cuda" else f"{_processor()}, {_cores()} cores"
        return f"{name}; torch {torch.__version__}; {self.threads} thread{'s' * (self.threads > 1)}"

    def can(self, way: str) -> bool:
        """Whether a way runs here as it should: bfloat16 where it is emulated would tell nothing."""
        return not WAYS[way].bfloat16 or has_bf16(self.device)

    @property
    def slug(self) -> str:
        """For names of files: cpu-2-cores, or the GPU's name."""
        name = torch.cuda.get_device_name() if self.device == "cuda" else f"cpu {_cores()} cores"
        return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def find_machine(device: str | None, threads: int | None) -> Machine:
    """The machine with what is asked for; by default the GPU where there is one, and all cores.

    Raises:
        ValueError: a GPU is asked for where torch sees none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device is cuda, but torch sees no GPU here; leave the option out to measure on the CPU.")
    return Machine(device or ("cuda" if torch.cuda.is_available() else "cpu"), threads or _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "CPU")
