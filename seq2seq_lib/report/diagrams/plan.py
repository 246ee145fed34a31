"""Where the parts of a diagram stand on the page, in inches."""

from __future__ import annotations

from dataclasses import dataclass

from seq2seq_lib.report.diagrams.facts import Blueprint

#: Inches. The lanes beside encoder and decoder hold what is said of a row, the one between them the bridge.
WIDE, LANE, BRIDGE, SOURCE, TARGET = 7.4, 1.0, 1.24, 2.3, 1.8
BOX, BAR, GAP, FLOOR, WORDS = (0.36, 0.26), 0.22, 0.24, 1.32, 0.62
#: The middle of the embeddings.
EMBEDDING = FLOOR - 0.16 - BAR / 2
#: Where the words beside the decoder begin; a shared table's double line runs left of them.
BESIDE = LANE + SOURCE + BRIDGE + TARGET + 0.2


@dataclass(frozen=True)
class Plan:
    """Where things stand, in inches.

    `source`, `target`: the columns. `rows`, `layers`: (middle, height) of each row of encoder and decoder. `frames`:
    (bottom, top) of each encoder layer. `top`: of the decoder's layers. `node`: the middle of the attention. `bars`:
    the middles of projection and output layer. `outputs`: of the encoder's outputs.
    """

    source: list[float]
    target: list[float]
    rows: list[tuple[float, float]]
    frames: list[tuple[float, float]]
    layers: list[tuple[float, float]]
    outputs: float
    top: float
    node: float
    bars: list[float]
    high: float

    @property
    def lane(self) -> tuple[float, float]:
        """The left and the right end of the bridge's lane."""
        return LANE + SOURCE, LANE + SOURCE + BRIDGE


def plan_of(facts: Blueprint, other: Blueprint) -> Plan:
    """Where to draw `facts`; a layer is drawn the higher, the wider it is than the other model's."""
    columns = [LANE + SOURCE * (place + 0.5) / len(facts.words) for place in range(len(facts.words))]
    steps = [LANE + SOURCE + BRIDGE + TARGET * (place + 0.5) / len(facts.inputs) for place in range(len(facts.inputs))]
    rows, frames = _encoder_rows(facts)
    layers, floor = [], FLOOR
    for row in facts.decoder:
        high = BOX[1] * min(max(row.width / other.decoder[0].width, 0.7), 2)
        layers.append((floor + high / 2, high))
        floor += high + GAP
    top, outputs = floor - GAP, frames[-1][1] + 0.26
    below = 0.8 if facts.block else 0.62  # room for what the attention has, and for what makes the first state
    node = max(outputs + below, top + 0.36) if facts.look else top - 0.06
    bars = [node + 0.1 + 0.44 + BAR / 2]
    if "projection" in facts.tables:
        bars = [node + 0.1 + 0.24 + BAR / 2, node + 0.1 + 0.24 + BAR * 1.5 + 0.42]
    high = max(bars[-1] + 0.94, outputs + 1.12)
    return Plan(columns, steps, rows, frames, layers, outputs, top, node, bars, high)


def _encoder_rows(facts: Blueprint) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """(middle, height) of each row and (bottom, top) of each layer."""
    if facts.block:
        return [], [(FLOOR, FLOOR + 2 * BOX[1] + GAP)]
    rows, frames, floor, high = [], [], FLOOR, BOX[1]
    both = any(row.backward for row in facts.rows)
    for _ in facts.rows[:: 1 + both]:
        if both:  # the row that reads backwards is the lower one, for its state leaves below it
            top = floor + 2 * high + 0.15
            rows += [(top - 0.05 - high / 2, high), (floor + 0.05 + high / 2, high)]
        else:
            top = floor + high
            rows.append((floor + high / 2, high))
        frames.append((floor, top))
        floor = top + GAP + 0.12 * both
    return rows, frames
