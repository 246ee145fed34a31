"""The two sides of a diagram: words in columns, tables across them, layers unrolled over them, attention between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from textwrap import fill

from seq2seq_lib.report.diagrams.facts import Blueprint, Part, Row
from seq2seq_lib.report.diagrams.plan import BAR, BESIDE, BOX, BRIDGE, EMBEDDING, FLOOR, LANE, SOURCE, WORDS, Plan
from seq2seq_lib.report.diagrams.strokes import Pen


def draw_encoder(pen: Pen, facts: Blueprint, plan: Plan) -> None:
    """Words, embedding, layers or a block, outputs."""
    side, low = LANE - 0.06, EMBEDDING
    _columns_of(pen, facts.words, plan.source, WORDS, ("source words",), up=low - BAR / 2)
    _bar(pen, plan.source, low, facts.tables["source embedding"], ("source embedding",))
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
        _unrolled(pen, row, place, plan.source, facts.reads)
        arrow = ("", " →", " ←")[(1 + row.backward) if both else 0]
        text = f"layer {row.layer}{arrow}\n{row.made_of}"
        pen.words((side, place[0]), text, align="right", bold=pen.differs(row.part))
    for x, reads in zip(plan.source, facts.reads, strict=True):
        part = ("encoder outputs",)
        if reads:
            pen.line([(x, below), (x, plan.outputs - 0.07)], part)
        pen.box((x, plan.outputs), (0.13, 0.13), part, ghost=not reads)
    text = f"outputs\n{facts.shape_of('outputs')}"
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


def draw_decoder(pen: Pen, facts: Blueprint, plan: Plan) -> None:
    """Words fed in, embedding, layers."""
    side, low = BESIDE, EMBEDDING
    _columns_of(pen, facts.inputs, plan.target, WORDS, ("target words",), up=low - BAR / 2)
    _bar(pen, plan.target, low, facts.tables["target embedding"], ("target embedding",))
    pen.words((side, low), "embedding", pale=True, align="left")
    pen.words((side, WORDS), "is fed", pale=True, align="left")
    pen.words((sum(plan.target) / len(plan.target), 0.2), "decoder", pale=True)
    below = low + BAR / 2
    for row, (y, high) in zip(facts.decoder, plan.layers, strict=True):
        for x in plan.target:
            pen.line([(x, below), (x, y - high / 2)])
        _unrolled(pen, row, (y, high), plan.target, [True] * len(plan.target))
        text = f"layer {row.layer}\n{row.made_of}"
        pen.words((side, y), text, align="left", bold=pen.differs(row.part))
        below = y + high / 2


def draw_output(pen: Pen, facts: Blueprint, plan: Plan) -> None:
    """From the layers that are seen to the words: projection, output layer, and the double line of a shared table."""
    side, half = BESIDE, BAR / 2
    bottom = plan.bars[0] - half
    for number in facts.seen:
        y, high = plan.layers[number]
        part = ("seen layers", f"{number + 1}")
        for x in plan.target:
            aside = [(x + BOX[0] / 2, y), (x + 0.26, y), (x + 0.26, bottom)]  # past the layers above
            pen.line([(x, y + high / 2), (x, bottom)] if number + 1 == len(plan.layers) else aside, part)
    names = [name for name in ("projection", "output layer") if name in facts.tables]
    for name, y, before in zip(names, plan.bars, [None, *plan.bars], strict=False):
        _bar(pen, plan.target, y, facts.tables[name], (name,))
        label, differs = "Linear" if name == "projection" else name, pen.differs((name,))
        pen.words((side, y), label, pale=not differs, bold=differs, align="left")
        for x in plan.target if before else ():
            pen.line([(x, before + half), (x, y - half)], ("projection",))
    last = plan.bars[-1]
    for what, y in (("features", last - half - 0.21), ("logits", last + half + 0.21)):
        pen.words((side, y), f"{what}\n{facts.shape_of(what)}", align="left", bold=pen.differs(("shape", what)))
    _columns_of(pen, facts.targets, plan.target, last + half + 0.52, ("target words",), up=last + half)
    pen.words((side, last + half + 0.52), "writes", pale=True, align="left")
    edge, low = plan.target[-1] + 0.28, EMBEDDING
    if "decoder" in facts.table:
        pen.double([(edge, last), (edge + 0.13, last), (edge + 0.13, low), (edge, low)], ("one table", "decoder"))
    if "encoder" in facts.table:
        ends = (plan.source[-1] + 0.28, low), (plan.target[0] - 0.28, low)
        pen.double(ends, ("one table", "encoder"))


def draw_attention(pen: Pen, facts: Blueprint, plan: Plan) -> None:
    """A look-up of one step, drawn whole: outputs, query, context; the other steps have the end of theirs."""
    look, part, (start, end) = facts.look, ("attention",), plan.lane
    middle, y = (start + end) / 2 - 0.12, plan.node
    left, right, ask, find = middle - 0.44, middle + 0.44, y - 0.1, y + 0.1
    for x, looked in zip(plan.source, look.positions, strict=True):
        if looked:
            pen.line([(x, plan.outputs + 0.07), (left, y)], part)
        else:
            pen.words((x + 0.03, plan.outputs + 0.16), "masked", pale=True)
    pen.box((middle, y), (right - left, 0.4), part)
    pen.words((middle, y), f"attention\n{look.kind}", bold=pen.differs(part))
    pen.words((middle, y - 0.38), fill(look.detail, 18), pale=True)
    asker, joined = plan.target[0], plan.target[int(look.before)]
    pen.line([(asker - 0.12, plan.top), (asker - 0.12, ask), (right, ask)], part)
    pen.line([(right, find), (joined - 0.05, find)], part)
    for x in plan.target:
        if x > joined:
            pen.link((x - 0.24, find), (x - 0.06, find), part, dotted=True)
        if x >= joined:
            pen.box((x, find), (0.1, 0.1), part)
    pen.words((right + 0.05, find + 0.1), "context", align="left")
    pen.words((right + 0.05, ask - 0.1), "query", align="left")
    if look.feeds:
        between, low = joined - 0.3, FLOOR - 0.08
        pen.line([(between, find), (between, low), (joined - 0.1, low), (joined - 0.1, FLOOR)], part)


def _columns_of(pen: Pen, words: Sequence[str], columns: Sequence[float], y: float, part: Part, up: float) -> None:
    """The words in their columns, with arrows from them up to `up`, or from there to them when it is lower."""
    for x, word in zip(columns, words, strict=True):
        pen.box((x, y), (0.51, 0.23), part, words=word)
        pen.line([(x, y + 0.115), (x, up)] if up > y else [(x, up), (x, y - 0.115)])


def _bar(pen: Pen, columns: Sequence[float], y: float, sides: tuple[int, int], part: Part) -> None:
    """A table that serves all positions."""
    across = " × " if "embedding" in part[0] else " → "
    middle, wide = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0] + 0.56
    pen.box((middle, y), (wide, BAR), part, words=across.join(f"{side:,}" for side in sides))


def _unrolled(pen: Pen, row: Row, place: tuple[float, float], columns: Sequence[float], reads: Sequence[bool]) -> None:
    """A box at each position, and the state going from one to the next."""
    y, high = place
    half = BOX[0] / 2
    for x, real in zip(columns, reads, strict=True):
        pen.box((x, y), (BOX[0], high), row.part, ghost=not real)
    real = [x for x, real in zip(columns, reads, strict=True) if real]
    for left, right in pairwise(real):
        ends = [(left + half, y), (right - half, y)]
        pen.line(ends[::-1] if row.backward else ends, row.part)
