"""Projection onto the vocabulary and cross-entropy in one: the logits of a batch never stand in memory all at once.

Letters in shapes: N tokens, F width of the features, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from seq2seq_lib.models.fast.matmul import product, right_factor, widened, working_type

CHUNK = 2**23  # slopes of the loss, one a logit, that are kept at once
BLOCK = 64  # rows at a time: their logits are still in the processor's cache when their softmax is taken
GPU_BLOCK = 8192  # the same on a GPU, which is kept waiting by many small kernels

Block = tuple[int, int, Tensor | None]  # first row, the row after the last, the logits where somebody has them


class OutputLayer:
    """An output layer at work on one batch: its weights, arranged once for all products with them.

    Under autocast they are rounded here, once and explicitly. Autocast's own copy of a weight would be made by the
    first arg-max, without a gradient, and then serve the loss as well: the layer would silently stop learning.

    Args:
        linear: weight [V, F] and bias [V] or none.
    """

    def __init__(self, linear: nn.Linear) -> None:
        self.linear = linear
        kind = working_type(linear.weight)
        self.weight = linear.weight.detach().to(kind)
        self.ahead = right_factor(self.weight)
        self.bias = None if linear.bias is None else linear.bias.detach().to(kind)

    @torch.no_grad()
    def logits(self, features: Tensor) -> Tensor:
        """features [N, F] -> logits [N, V], without gradients."""
        with torch.autocast(features.device.type, enabled=False):
            return product(features.to(self.weight.dtype), self.ahead, self.bias)

    def loss(self, features: Tensor, targets: Tensor, known: Sequence[Tensor] = ()) -> Tensor:
        """Mean over N tokens of -log softmax(logits)[target], a scalar in nats, with gradients.

        Args:
            features: [N, F].
            targets: [N] ids.
            known: logits [·, V] of the first rows, in their order, that `logits` has computed already.
        """
        differentiate = torch.is_grad_enabled()
        if features.is_cuda and known:
            known = [torch.cat(list(known))]
        return _Loss.apply(features, self.linear.weight, self.linear.bias, self, targets, known, differentiate)


class _Loss(torch.autograd.Function):
    """The slope of the mean loss at a logit is known with the logits: (softmax - one-hot) / N.

    So the gradients are made on the way forward, some rows at a time, and the logits of the next rows take the place
    of theirs.
    """

    @staticmethod
    def forward(ctx, features, weight, bias, layer, targets, known, differentiate):
        """features [N, F], weight [V, F], bias [V], targets [N], known logits [·, V] -> the mean loss [], in nats."""
        with torch.autocast(features.device.type, enabled=False):
            rows = features.to(layer.weight.dtype)
            gradients = _Gradients(layer, rows) if differentiate else None
            losses, block = [], GPU_BLOCK if rows.is_cuda else BLOCK
            for chunk in _chunks(_blocks(len(rows), known, block), most=max(CHUNK // len(weight), block)):
                slopes = gradients.begin(chunk) if differentiate else None
                for start, end, logits in chunk:
                    logits = layer.logits(rows[start:end]) if logits is None else logits
                    p, wanted = torch.softmax(widened(logits), -1), targets[start:end].unsqueeze(1)
                    losses.append(_surprise(widened(logits), p, wanted))
                    if differentiate:
                        own = slopes[start - chunk[0][0] : end - chunk[0][0]].copy_(p)
                        own.scatter_add_(1, wanted, own.new_full(wanted.shape, -1.0))
                if differentiate:
                    gradients.add(chunk, slopes)
            ctx.gradients = gradients.finished() if differentiate else None
            return torch.stack(losses).sum() / len(rows)

    @staticmethod
    @once_differentiable
    def backward(ctx, slope):
        gradients = ctx.gradients if slope == 1 else [None if g is None else g * slope for g in ctx.gradients]
        return *gradients, None, None, None, None


def _surprise(logits: Tensor, p: Tensor, wanted: Tensor) -> Tensor:
    """Sum over rows of -log p[wanted], without a second exponential for each logit.

    The most likely word, whose p cannot vanish, tells by how much logits and logarithms differ.
    """
    return (logits.amax(1) - p.amax(1).log()).sum() - logits.gather(1, wanted).sum()


class _Gradients:
    """Of the mean loss over `rows` [N, F], as far as chunks have been added; in float32 where products are narrower."""

    def __init__(self, layer: OutputLayer, rows: Tensor) -> None:
        self.layer, self.rows = layer, rows
        self.at_rows: list[Tensor] = []
        self.at_weight = self.at_bias = None

    def begin(self, chunk: list[Block]) -> Tensor:
        """Room for the slopes [n, V] of a chunk's rows."""
        return self.rows.new_empty(chunk[-1][1] - chunk[0][0], len(self.layer.weight))

    def add(self, chunk: list[Block], slopes: Tensor) -> None:
        """Adds what a chunk's rows give: slopes at their logits [n, V], not yet divided by N."""
        share = 1 / len(self.rows)
        own = self.rows[chunk[0][0] : chunk[-1][1]]
        self.at_rows.append(widened(product(slopes, self.layer.weight)).mul_(share))
        at_weight = widened(product((own * share).t().contiguous(), slopes))  # [F, V]: the faster way around
        self.at_weight = at_weight if self.at_weight is None else self.at_weight.add_(at_weight)
        at_bias = slopes.sum(0, dtype=at_weight.dtype).mul_(share)
        self.at_bias = at_bias if self.at_bias is None else self.at_bias.add_(at_bias)

    def finished(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """At features, weight and bias."""
        return torch.cat(self.at_rows), self.at_weight.t(), None if self.layer.bias is None else self.at_bias


def _blocks(rows: int, known: Sequence[Tensor], block: int) -> Iterator[Block]:
    """Neighbouring blocks that together are all rows, of so many rows where the logits are not known."""
    start = 0
    for logits in known:
        yield start, start + len(logits), logits
        start += len(logits)
    for first in range(start, rows, block):
        yield first, min(first + block, rows), None


def _chunks(blocks: Iterator[Block], most: int) -> Iterator[list[Block]]:
    """Neighbouring blocks together, in chunks of at most so many rows."""
    chunk: list[Block] = []
    for block in blocks:
        if chunk and block[1] - chunk[0][0] > most:
            yield chunk
            chunk = []
        chunk.append(block)
    yield chunk
