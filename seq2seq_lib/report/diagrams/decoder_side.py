"""The decoder of a diagram, its output layer, and its look at the encoder's outputs."""

from __future__ import annotations

from textwrap import fill

from seq2seq_lib.report.diagrams.facts import Blueprint
from seq2seq_lib.report.diagrams.plan import BAR, BESIDE, BOX, FLOOR, WORDS, Plan
from seq2seq_lib.report.diagrams.rows import bar, shape_of, unrolled, words_in_columns
from seq2seq_lib.report.diagrams.strokes import Pen


def draw_decoder(pen: Pen, facts: Blueprint, plan: Plan) -> None:
    """Words fed in, embedding, layers."""
    side, low = BESIDE, FLOOR - 0.16 - BAR / 2
    words_in_columns(pen, facts.inputs, plan.target, WORDS, ("target words",), up=low - BAR / 2)
    bar(pen, plan.target, low, facts.tables["target embedding"], ("target embedding",))
    pen.words((side, low), "embedding", pale=True, align="left")
    pen.words((side, WORDS), "is fed", pale=True, align="left")
    pen.words((sum(plan.target) / len(plan.target), 0.2), "decoder", pale=True)
    below = low + BAR / 2
    for row, (y, high) in zip(facts.decoder, plan.layers, strict=True):
        for x in plan.target:
            pen.line([(x, below), (x, y - high / 2)])
        unrolled(pen, row, (y, high), plan.target, [True] * len(plan.target))
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
        bar(pen, plan.target, y, facts.tables[name], (name,))
        label, differs = "Linear" if name == "projection" else name, pen.differs((name,))
        pen.words((side, y), label, pale=not differs, bold=differs, align="left")
        for x in plan.target if before else ():
            pen.line([(x, before + half), (x, y - half)], ("projection",))
    last = plan.bars[-1]
    for what, y in (("features", last - half - 0.21), ("logits", last + half + 0.21)):
        pen.words((side, y), f"{what}\n{shape_of(facts, what)}", align="left", bold=pen.differs(("shape", what)))
    words_in_columns(pen, facts.targets, plan.target, last + half + 0.52, ("target words",), up=last + half)
    pen.words((side, last + half + 0.52), "writes", pale=True, align="left")
    edge, low = plan.target[-1] + 0.28, FLOOR - 0.16 - half
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
    step, asker = (1, plan.target[0]) if look.before else (0, plan.target[0])
    pen.line([(asker - 0.12, plan.top), (asker - 0.12, ask), (right, ask)], part)
    joined = plan.target[step]
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
