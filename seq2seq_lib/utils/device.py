"""What the machine does well: bfloat16 products, no denormal numbers, and memory that is kept, not fetched anew."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # names and numbers of glibc's malloc.h


@cache
def has_bf16(device_type: str) -> bool:
    """Whether a "cpu" or "cuda" device multiplies bfloat16 by itself; emulated, it would be slower than float32."""
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported()
    flags = Path("/proc/cpuinfo")  # Linux alone says so in a file, and torch 2.3 does not say it at all
    return flags.exists() and not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags.read_text().split())


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context in which a loss of that `Schedule.precision` is computed on `device`."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16" and has_bf16(device.type))


def reuse_freed_memory() -> None:
    """Lets this process keep the memory that tensors free, for the next tensors; it counts for the process from now on.

    By default glibc gives large blocks back to the system. Every training step then gets its gradients and logits as
    fresh pages, which the system clears one by one: on a CPU that can take as long as the arithmetic. Without glibc
    nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def round_nothing() -> None:
    """Lets this process's GPU products of float32 be products of float32; it counts for the process from now on.

    cuDNN, which runs the LSTMs, would else round their factors to the 10 bits of TF32.
    """
    torch.backends.cudnn.allow_tf32 = False


@contextmanager
def denormals_as_zero() -> Iterator[None]:
    """Within it, this thread takes numbers too small for the usual format (below 1.2e-38 in float32) for zero.

    A CPU that computes with them needs many times as long. In training they come where a gate is all but shut: one in
    a hundred of a trained convolution's gradients doubles the time of a step, and is far too small to move a weight.
    Outside everything stays as it was, since NumPy warns of a machine without such numbers.
    """
    before = bool(torch.tensor(1e-39) * 1 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def device_of(model: torch.nn.Module) -> torch.device:
    """Where the model's weights are."""
    return next(model.parameters()).device
