"""The check below a teaching listing: what a student would write gives what the library gives."""

from __future__ import annotations

import torch
from torch import Tensor

#: Float32 sums of a few hundred products differ by the order of their terms, by less than this.
TOLERANCE = 1e-5


def same(what: str, ours: Tensor, library: Tensor, tolerance: float = TOLERANCE) -> None:
    """Prints the shape of both and their largest difference, which only rounding may have made.

    Args:
        what: the name to print.
        ours: what the listing computes.
        library: what the library computes with the same weights.
        tolerance: what rounding may make of it.

    Raises:
        AssertionError: when shapes or values differ, with both shapes or the difference.
    """
    assert ours.shape == library.shape, f"{what}: {list(ours.shape)} here, {list(library.shape)} in the library"
    difference = (ours - library).abs().max().item()
    assert torch.allclose(ours, library, atol=tolerance), f"{what}: they differ by up to {difference:.2g}"
    print(f"{what} {list(ours.shape)}: the same, largest difference {difference:.0e}")
