"""What on this machine keeps the report from running well, and what mends it; `pip check` tells about packages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import NamedTuple

from seq2seq_lib.data import multi30k
from seq2seq_lib.experiments import records
from seq2seq_lib.report.fonts import korean_fonts

#: What the records and weights of the notebooks take, with room to spare.
ROOM = 2 * 2**30
REINSTALL = "make clean && make report installs the locked versions"


class Finding(NamedTuple):
    """One look: `what` was looked at, what was `found`, and what mends it; "" where nothing is wrong."""

    what: str
    found: str
    mend: str = ""


def examine() -> Iterator[Finding]:
    """Looks at everything, one finding a matter; a look that fails is itself a finding."""
    for look in (_fonts, _cache, _multi30k, _unfinished, _device):
        try:
            yield look()
        except Exception as error:  # whatever a broken machine does: the other looks still help
            yield Finding(look.__name__.strip("_"), f"{type(error).__name__}: {error}", REINSTALL)


def print_findings() -> bool:
    """Prints a line a finding, and one below it that says what to do; returns whether all is well."""
    well = True
    for finding in examine():
        print(f"{'mend' if finding.mend else 'ok':4}  {finding.what}: {finding.found}")
        if finding.mend:
            print(f"      → {finding.mend}")
        well = well and not finding.mend
    return well


def _fonts() -> Finding:
    if any((folder / "NanumGothic.ttf").is_file() for folder in korean_fonts()):
        return Finding("Korean font", "NanumGothic")
    return Finding("Korean font", "none", "pip install koreanize-matplotlib; without it Korean letters show as boxes")


def _cache() -> Finding:
    """Whether records can be written, and how much room there is for them."""
    folder = records.CACHE
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        return Finding("records", f"{folder} cannot be written", "give yourself the right to write there")
    free = shutil.disk_usage(folder).free
    found = f"{folder}, {free / 2**30:.1f} GiB free"
    return Finding("records", found, "" if free > ROOM else f"make room: studies need up to {ROOM / 2**30:.0f} GiB")


def _multi30k() -> Finding:
    folder = multi30k.cache_folder(None)
    there = [name for name in multi30k.MULTI30K_SHA256 if (folder / name).is_file()]
    wrong = [name for name in there if not multi30k.is_published(folder / name)]
    found = f"{folder}, {len(there)} of {len(multi30k.MULTI30K_SHA256)} files"
    if wrong:
        return Finding(
            "Multi30k", f"{found}; not as published: {', '.join(wrong)}", "delete these; they are fetched anew"
        )
    return Finding("Multi30k", f"{found}; what lacks is fetched when it is used")


def _unfinished() -> Finding:
    left = [path for path in sorted(records.CACHE.rglob("*.unfinished")) if not path.with_suffix(".json").exists()]
    told = f": {', '.join(path.name.rsplit('-', 1)[0] for path in left[:5])}" if left else ""
    return Finding("interrupted runs", f"{len(left)}{told}" + ("; their studies go on with them" if left else ""))


def _device() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("device", f"{torch.cuda.get_device_name()} ({torch.__version__})")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if shutil.which("nvidia-smi"):
        return Finding("device", "there is a GPU that torch cannot use", "update its driver, or go on with the CPU")
    return Finding("device", f"CPU, {cores} cores (torch {torch.__version__})")
