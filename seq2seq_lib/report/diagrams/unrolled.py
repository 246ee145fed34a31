"""One model unrolled over a short sentence, and the bridge between its two sides."""

from __future__ import annotations

from matplotlib.figure import Figure

from seq2seq_lib.config import Sizes
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.diagrams.asking import blueprint
from seq2seq_lib.report.diagrams.facts import Blueprint
from seq2seq_lib.report.diagrams.overview import in_words
from seq2seq_lib.report.diagrams.plan import BOX, WIDE, Plan, plan_of
from seq2seq_lib.report.diagrams.sides import arrivals, draw_attention, draw_decoder, draw_encoder, draw_output
from seq2seq_lib.report.diagrams.strokes import Pen, canvas, page
from seq2seq_lib.report.figures import colour_of, no_formulas


@no_formulas
def diagram(name: str, sizes: Sizes | None = None, *, against: str = "baseline") -> Figure:
    """One model unrolled over a short sentence; thick and in its colour what another model has not.

    From bottom to top: words, embedding, layers, and the decoder's output layer with the words it has to write. A box
    is a layer at one position. Between encoder and decoder the bridge says which state starts which layer. Shapes are
    those of a batch of the original's size, four source positions and three target steps long.

    Args:
        name: of the catalogue.
        sizes: by default the original's.
        against: the model to compare with.

    Raises:
        ConfigError: for a name that is not in the catalogue.
    """
    facts, other = blueprint(name, sizes), blueprint(against, sizes)
    plan = plan_of(facts, other)
    figure = page(WIDE, plan.high)
    figure.words = in_words(name, facts, other, against)
    axes = figure.add_axes((0, 0, 1, 1))
    canvas(axes, WIDE, plan.high)
    pen = Pen(axes, colour_of(name), facts.differing(other))
    _title(pen, plan, name, against)
    draw_encoder(pen, facts, plan)
    _bridge(pen, facts, plan)
    draw_decoder(pen, facts, plan)
    draw_output(pen, facts, plan)
    if facts.look:
        draw_attention(pen, facts, plan)
    return figure


def _title(pen: Pen, plan: Plan, name: str, against: str) -> None:
    y, left = plan.high - 0.2, 0.14
    pen.words((left, y), title_of(name), bold=True, align="left", size=10)
    if pen.changed:
        y -= 0.25
        pen.line([(left, y), (left + 0.3, y)], next(iter(pen.changed)))
        pen.words((left + 0.38, y), f"differs from: {title_of(against)}", align="left")
    pen.words((left, y - 0.25), "shapes: [positions or states, sentences, width]", pale=True, align="left")


def _bridge(pen: Pen, facts: Blueprint, plan: Plan) -> None:
    """The states on their way from the encoder's last boxes through the bridge to the decoder's first."""
    (start, end), inner = plan.lane, 0.36
    left, right = start + inner, end - inner
    ways, levels = arrivals(pen, facts, plan, left), [y for y, _ in plan.layers]
    bottom, top = min(ways + levels) - 0.14, max(ways + levels) + 0.14
    pen.box(((left + right) / 2, (bottom + top) / 2), (right - left, top - bottom))
    for to, (links, level) in enumerate(zip(facts.links, levels, strict=True), start=1):
        used = [("bridge", *state, f"to {to}") for state, link in zip(facts.states, links, strict=True) if link]
        for way, part in zip((way for way, link in zip(ways, links, strict=True) if link), used, strict=True):
            pen.link((left, way), (right, level), part)
        if not used:
            used = [("bridge", f"nothing to {to}")]
            pen.words((right - 0.11, level), "0", bold=pen.differs(used[0]))
        part = next((part for part in used if pen.differs(part)), used[0])
        pen.line([(right, level), (plan.target[0] - BOX[0] / 2, level)], part)
    for place, way in enumerate(ways):
        if not any(links[place] for links in facts.links):
            pen.words((left + 0.1, way), "×", bold=True)
    _below_the_bridge(pen, facts, (start + end) / 2, bottom)


def _below_the_bridge(pen: Pen, facts: Blueprint, middle: float, bottom: float) -> None:
    """What the bridge does, and the shapes before and after."""
    shapes = [facts.shape_of("hidden")]
    if facts.shapes["hidden"] != facts.shapes["first hidden"]:
        shapes.append(f"→ {facts.shape_of('first hidden')}")
    pen.words((middle, bottom - 0.13), facts.bridge, bold=pen.differs(("bridge",)))
    pen.words((middle, bottom - 0.31), facts.handed, pale=True, halo=True)  # a shared table passes there
    bold = pen.differs(("shape", "hidden")) or pen.differs(("shape", "first hidden"))
    pen.words((middle, bottom - 0.4 - 0.075 * len(shapes)), "\n".join(shapes), bold=bold)
    pen.words((middle, 0.2), "bridge", pale=True)
