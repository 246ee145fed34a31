"""Matrix products by the faster of the two libraries that torch brings for a CPU.

`torch.mm` hands float32 to the BLAS that torch was built with, which on some processors uses half of the vector unit.
oneDNN, which torch takes for convolutions, LSTMs and bfloat16, comes near the limit of all of them (`benchmarks/`
measures both).
"""

from __future__ import annotations

import torch
from torch import Tensor

# Not a public operator: it stands under this name in every torch since 2.0, and where it is missing torch.mm serves.
_ONEDNN = getattr(torch.ops.mkldnn, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None


def product(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """a [M, K], b [K, N], bias [N] -> a·b + bias [M, N], outside autograd."""
    if _by_onednn(a):
        return _ONEDNN(a, b.t(), bias, "none", [], "")
    return a @ b if bias is None else torch.addmm(bias, a, b)


def right_factor(weight: Tensor) -> Tensor:
    """weight [N, K] of a linear layer -> weightᵀ [K, N], laid out as `product` multiplies fastest."""
    return weight.t().contiguous() if _by_onednn(weight) else weight.t()


def working_type(like: Tensor) -> torch.dtype:
    """The type in which torch multiplies tensors `like` this one: bfloat16 under such an autocast, else its own."""
    probe = torch.ones(1, 1, dtype=like.dtype, device=like.device)
    return (probe @ probe).dtype


def widened(tensor: Tensor) -> Tensor:
    """The tensor in float32, or as it is where it is no narrower."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def _by_onednn(tensor: Tensor) -> bool:
    return _ONEDNN is not None and tensor.dtype == torch.float32 and tensor.device.type == "cpu"
