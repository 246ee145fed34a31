"""What a step's cost should grow like: its arithmetic for the time, and what has to stand at once for the memory."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from benchmarks.arithmetic import Work

#: Tensors [T, B, V] that the loop holds at once, roughly: outputs, their log-softmax, and four gradients of that size.
LOGITS = 6


def held_bytes(model: nn.Module, work: Work, logits: bool) -> float:
    """Roughly what a step holds at its peak, in float32: gradients, what an LSTM keeps for the way back, and logits.

    Args:
        model: the lab's model; may lie on the meta device.
        work: of its batches.
        logits: whether those of all time steps stand at once.
    """
    gradients = sum(parameter.numel() for parameter in model.parameters())
    cells = model.encoder.rnn.num_layers * 8 * model.encoder.rnn.hidden_size  # gates, states and their slopes
    places = work.rows * (work.source_steps + work.target_steps)
    kept = places * (model.encoder.rnn.input_size + cells)
    words = LOGITS * work.rows * work.target_steps * model.decoder.output.out_features if logits else 0
    return 4 * (gradients + kept + words)


def slope(values: Sequence[float], costs: Sequence[float]) -> float:
    """The exponent a of cost ≈ value^a: the least-squares line through the logarithms."""
    x, y = [math.log(value) for value in values], [math.log(cost) for cost in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)
