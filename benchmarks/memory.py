"""The most memory that a stretch of a program holds above what it held before: in tensors, and as a process.

Tensors are what torch has allocated; its profiler says so on a CPU, its allocator on a GPU. The process's resident
memory is more: code, scratch space of kernels, and what has been freed and is kept. There, freed memory is first handed
back to the system, the high-water mark is reset, and read again afterwards (Linux: VmRSS and VmHWM of
/proc/self/status).
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

MEANING = (
    "the most that a step holds above what is held between steps, when weights and Adam's state exist\n"
    "  and gradients do not (on a CPU: resident memory, freed memory having been handed back before)"
)


def tensor_peak(run: Callable[[], object], device: str) -> int:
    """Bytes of all tensors that `run()` holds at once, at most, above those that were there before."""
    gc.collect()
    if device == "cuda":
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        run()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        run()
    # the profiler's public tables add up what each operator allocates, without the order; the events have it
    events = [event for event in profiler.profiler.kineto_results.events() if event.name() == "[memory]"]
    in_order = sorted(events, key=lambda event: event.start_ns() if hasattr(event, "start_ns") else event.start_us())
    return max(accumulate((event.nbytes() for event in in_order), initial=0))


def watch_process() -> Callable[[], int | None]:
    """Starts to watch; the returned function says how many bytes more than now have been resident at once since.

    It says None where the system cannot tell.
    """
    gc.collect()
    try:
        hand_back_freed_memory()
        before = _resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # sets VmHWM back to what is resident now
    except (OSError, AttributeError):
        return lambda: None
    return lambda: max(0, _resident("VmHWM") - before)


def hand_back_freed_memory() -> None:
    """Returns what the allocator keeps of freed memory to the system, or else it would count as held (glibc alone)."""
    ctypes.CDLL(None).malloc_trim(0)


def _resident(name: str) -> int:
    """Bytes of one entry of /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
