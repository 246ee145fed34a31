"""How long the products of a step take by themselves, each as fast as this machine does it: the GEMM limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.arithmetic import Product

#: Not a public operator, but it stands under this name in every torch since 2.0; without it torch.mm is all there is.
_ONEDNN = getattr(torch.ops.mkldnn, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None
SPAN = 0.02  # seconds that a product is repeated for, at least twice


class Limit(NamedTuple):
    """Seconds a step: with `torch.mm` alone, and with whatever is fastest."""

    mm: float
    fastest: float


def limit(products: Sequence[Product], dtype: torch.dtype, device: str) -> Limit:
    """The sum over all products, each measured on the spot (once for every shape)."""
    found = [(one.times, _time(one.rows, one.inner, one.columns, one.batch, dtype, device)) for one in products]
    return Limit(*(sum(times * seconds[kind] for times, seconds in found) for kind in (0, 1)))


@cache
def _time(rows: int, inner: int, columns: int, batch: int, dtype: torch.dtype, device: str) -> Limit:
    """Seconds of one product; the fastest storage order of the operands counts, for both libraries."""
    onednn = _ONEDNN is not None and device == "cpu"
    if batch > 1:
        a, b = (torch.randn(batch, *shape, device=device).to(dtype) for shape in ((rows, inner), (inner, columns)))
        out = a.new_empty(batch, rows, columns)
        return Limit(*[_fastest(lambda: torch.bmm(a, b, out=out), device)] * 2)
    mm, other = [], []
    for a, b in _operands(rows, inner, columns, dtype, device):
        out = a.new_empty(rows, columns)
        mm.append(_fastest(lambda a=a, b=b, out=out: torch.mm(a, b, out=out), device))
        if onednn:
            other.append(_fastest(lambda a=a, b=b: _ONEDNN(a, b.t(), None, "none", [], ""), device))
    return Limit(min(mm), min(mm + other))


def _operands(rows: int, inner: int, columns: int, dtype: torch.dtype, device: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Both operands in both storage orders, row by row and column by column."""
    a, b = torch.randn(rows, inner, device=device).to(dtype), torch.randn(inner, columns, device=device).to(dtype)
    for left in (a, a.t().contiguous().t()):
        for right in (b, b.t().contiguous().t()):
            yield left, right


def _fastest(run: Callable[[], object], device: str) -> float:
    """Seconds of the fastest of several runs; on a GPU, of many queued ones on average."""
    run()
    if device == "cuda":
        return _average_on_cuda(run)
    spent, best = 0.0, float("inf")
    count = 0
    while spent < SPAN or count < 2:
        started = time.perf_counter()
        run()
        seconds = time.perf_counter() - started
        spent, best, count = spent + seconds, min(best, seconds), count + 1
    return best


def _average_on_cuda(run: Callable[[], object], count: int = 50) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for _ in range(count):
        run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000 / count
