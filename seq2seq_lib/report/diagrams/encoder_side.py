"""The encoder of a diagram, and the ways of its states to the bridge."""

from __future__ import annotations

from seq2seq_lib.report.diagrams.facts import Blueprint
from seq2seq_lib.report.diagrams.plan import BAR, BOX, BRIDGE, FLOOR, LANE, SOURCE, WORDS, Plan
from seq2seq_lib.report.diagrams.rows import bar, shape_of, unrolled, words_in_columns
from seq2seq_lib.report.diagrams.strokes import Pen


def draw_encoder(pen: Pen, facts: Blueprint, plan: Plan) -> None:
    """Words, embedding, layers or a block, outputs."""
    side, low = LANE - 0.06, FLOOR - 0.16 - BAR / 2
    words_in_columns(pen, facts.words, plan.source, WORDS, ("source words",), up=low - BAR / 2)
    bar(pen, plan.source, low, facts.tables["source embedding"], ("source embedding",))
    pen.words((side, low), "embedding", pale=True, align="right")
    pen.words((side, WORDS), "reads", pale=True, align="right")
    pen.words((sum(plan.source) / len(plan.source), 0.2), "encoder", pale=True)
    below, both = low + BAR / 2, len(plan.rows) > len(plan.frames)  # directions, framed as one
    for bottom, top in plan.frames:
        for x, reads in zip(plan.source, facts.reads, strict=True):
            if reads or facts.block:
                pen.line([(x, below), (x, bottom)])
        if both:
            for x, reads in zip(plan.source, facts.reads, strict=True):
                pen.frame((x, (bottom + top) / 2), (BOX[0] + 0.1, top - bottom), ghost=not reads)
        below = top
    if facts.block:
        middle, (bottom, top) = sum(plan.source) / len(plan.source), plan.frames[0]
        pen.box((middle, (bottom + top) / 2), (SOURCE - 0.1, top - bottom), ("encoder block",), words=facts.block)
    for row, place in zip(facts.rows, plan.rows, strict=True):
        unrolled(pen, row, place, plan.source, facts.reads)
        arrow = ("", " →", " ←")[(1 + row.backward) if both else 0]
        text = f"layer {row.layer}{arrow}\n{row.made_of}"
        pen.words((side, place[0]), text, align="right", bold=pen.differs(row.part))
    for x, reads in zip(plan.source, facts.reads, strict=True):
        part = ("encoder outputs",)
        if reads:
            pen.line([(x, below), (x, plan.outputs - 0.07)], part)
        pen.box((x, plan.outputs), (0.13, 0.13), part, ghost=not reads)
    text = f"outputs\n{shape_of(facts, 'outputs')}"
    pen.words((side, plan.outputs + 0.05), text, align="right", bold=pen.differs(("shape", "outputs")))


def arrivals(pen: Pen, facts: Blueprint, plan: Plan, edge: float) -> list[float]:
    """Draws each encoder state's way to the bridge's left edge and says at which height it arrives."""
    if facts.block:
        return _from_outputs(pen, facts, plan, edge)
    heights, half = [], BOX[0] / 2
    for number, (row, (y, _)) in enumerate(zip(facts.rows, plan.rows, strict=True)):
        place = len(facts.words) - 1 if row.leaves is None else row.leaves
        part, x = ("handing over", *row.part[1:]), plan.source[place]
        if row.backward:
            low = plan.frames[number // 2][0] - 0.1
            pen.line([(x - half, y), (x - half - 0.07, y), (x - half - 0.07, low), (edge, low)], part)
            heights.append(low)
        else:
            pen.line([(x + half, y), (edge, y)], part)
            heights.append(y)
    return heights


def _from_outputs(pen: Pen, facts: Blueprint, plan: Plan, edge: float) -> list[float]:
    """An encoder without a last state: what makes one of its outputs, and where the states arrive."""
    heights = [plan.layers[min(place, len(plan.layers) - 1)][0] for place in range(len(facts.links[0]))]
    (start, end), part = plan.lane, ("encoder block",)
    y = plan.outputs
    pen.line([(plan.source[0], y), (start + 0.12, y)], part)
    pen.box(((start + end) / 2, y), (BRIDGE - 0.24, 0.24), part, words=facts.start or "state")
    for height in heights:
        pen.line([(edge - 0.16, y - 0.12), (edge - 0.16, height), (edge, height)], part)
    return heights
