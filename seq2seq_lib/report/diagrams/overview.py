"""Many models beside each other, and a model in words."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from matplotlib.figure import Figure

from seq2seq_lib.config import Sizes
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.diagrams.asking import blueprint
from seq2seq_lib.report.diagrams.facts import Blueprint
from seq2seq_lib.report.diagrams.plan import BOX, WIDE
from seq2seq_lib.report.diagrams.strokes import Pen, canvas, page
from seq2seq_lib.report.figures import colour_of, no_formulas

COLUMNS, PITCH, LINE = 3, 0.34, 0.17
#: Which way a direction reads, where there are two.
ARROWS = {"forward": "→", "backward": "←"}


@no_formulas
def overview(names: Sequence[str], sizes: Sizes | None = None, *, against: str = "baseline") -> Figure:
    """What each model hands from its encoder to its decoder: a small panel a model, drawn as in `diagram`.

    Left the encoder's states, and below them the word after which those of each direction leave; right the decoder's
    layers that start from them. Attention is an arc above, a shared table a double line.

    Args:
        names: of the catalogue.
        sizes: by default the original's.
        against: the model to compare with.

    Raises:
        ConfigError: for a name that is not in the catalogue.
        ValueError: for no name at all.
    """
    if not names:
        raise ValueError("There is nothing to draw: name at least one variant.")
    other, all_facts = blueprint(against, sizes), [blueprint(name, sizes) for name in names]
    highs = [_high(facts) for facts in all_facts]
    highs = [max(highs[start : start + COLUMNS]) for start in range(0, len(names), COLUMNS)]
    wide, total = WIDE / COLUMNS, sum(highs)
    figure = page(WIDE, total)
    figure.words = " ".join(in_words(name, facts, other, against) for name, facts in zip(names, all_facts, strict=True))
    for place, (name, facts) in enumerate(zip(names, all_facts, strict=True)):
        row, column = divmod(place, COLUMNS)
        high, below = highs[row], sum(highs[row + 1 :])
        axes = figure.add_axes((column / COLUMNS, below / total, 1 / COLUMNS, high / total))
        canvas(axes, wide, high)
        pen = Pen(axes, colour_of(name), facts.differing(other))
        pen.words((wide / 2, high - 0.2), fill(title_of(name), 30), bold=True, size=9)
        _panel(pen, facts, other, (0.55, wide - 0.66), high - 0.66)
    return figure


def _high(facts: Blueprint) -> float:
    """Inches that a panel takes: title, levels, and the lines below them."""
    return 0.98 + PITCH * max(len(facts.states), len(facts.decoder)) + LINE * max(len(facts.leaving), 1)


def _panel(pen: Pen, facts: Blueprint, other: Blueprint, columns: tuple[float, float], top: float) -> None:
    """States on the left, decoder layers on the right, the topmost of either at `top`, and links between them."""
    (left, right), half = columns, BOX[1] / 2
    ways = [top - PITCH * place for place in range(len(facts.states))][::-1]
    levels = [top - PITCH * place for place in range(len(facts.decoder))][::-1]
    _states(pen, facts, left, ways)
    for to, (row, links, level) in enumerate(zip(facts.decoder, facts.links, levels, strict=True), start=1):
        wide = 0.5 * min(max(row.width / other.decoder[0].width, 0.7), 1.6)
        pen.box((right, level), (wide, BOX[1]), row.part, words=f"{to}")
        for state, way, link in zip(facts.states, ways, links, strict=True):
            if link:
                pen.line([(left + 0.26, way), (right - wide / 2, level)], ("bridge", *state, f"to {to}"))
        if not any(links):
            pen.words((right - wide / 2 - 0.12, level), "0", bold=True)
    if facts.look:
        arc = top + half + 0.13
        pen.line([(left, top + half), (left, arc), (right, arc), (right, top + half)], ("attention",))
        pen.words(((left + right) / 2, arc - 0.13), facts.look.kind, bold=pen.differs(("attention",)))
    if "decoder" in facts.table:
        (x, y), low = (right + 0.42, top + half), levels[0] - half
        pen.double([(x, y), (x + 0.09, y), (x + 0.09, low), (x, low)], ("one table", "decoder"))
    _below(pen, facts, other, columns, min(ways + levels) - 0.32)


def _states(pen: Pen, facts: Blueprint, x: float, ways: Sequence[float]) -> None:
    """The encoder's states: the layer's number, and where there are two directions an arrow."""
    for state, way in zip(facts.states, ways, strict=True):
        part = ("encoder block",) if facts.block else ("encoder layers", *state)
        pen.box((x, way), (0.52, BOX[1]), part, words=f"{state[0]} {_arrow(facts, state[-1])}".strip())


def _below(pen: Pen, facts: Blueprint, other: Blueprint, columns: tuple[float, float], y: float) -> None:
    """Shapes, where the states come from, and what the bridge does."""
    left, right = columns
    comes, others, middle = _comes(facts), _comes(other), (left + right) / 2
    for line, (way, text) in enumerate(comes.items(), start=1):
        same = others.get(way) == text
        pen.words((left, y - LINE * line), f"{_arrow(facts, way)} {text}".strip(), pale=same, bold=not same)
    pen.words((right, y - LINE), "decoder", pale=True)
    for x, what in ((left, "hidden"), (right, "first hidden")):
        pen.words((x, y), facts.shape_of(what), bold=pen.differs(("shape", what)))
    pen.words((middle, y - LINE * (1 + len(comes))), f"bridge: {facts.bridge}", bold=pen.differs(("bridge",)))


def _comes(facts: Blueprint) -> dict[str, str]:
    """Direction -> after which word its states leave, or what else makes them."""
    return {way: f"after {word}" for way, word in facts.leaving.items()} or {"": facts.start}


def _arrow(facts: Blueprint, way: str) -> str:
    """Which way a direction reads; none where there is one direction alone."""
    return ARROWS.get(way, "") if any(row.backward for row in facts.rows) else ""


def describe(name: str, sizes: Sizes | None = None, *, against: str = "baseline") -> str:
    """The diagram in two sentences, for those who cannot see it.

    Args:
        name: of the catalogue.
        sizes: by default the original's.
        against: the model to compare with.

    Raises:
        ConfigError: for a name that is not in the catalogue.
    """
    return in_words(name, blueprint(name, sizes), blueprint(against, sizes), against)


def in_words(name: str, facts: Blueprint, other: Blueprint, against: str) -> str:
    """`describe` from what was found out about both models already."""
    layers = {row.layer: row for row in facts.rows}
    both = " in both directions" if any(row.backward for row in facts.rows) else ""
    encoder = facts.block.replace("\n", ", ") or f"{len(layers)} layers of {facts.rows[0].kind}{both}"
    if both:  # the backward states have read PAD first, and leave after the first word
        leaves = ", " + ", ".join(f"{way} after {word}" for way, word in facts.leaving.items())
    elif facts.leaving:
        leaves = f" after {facts.leaving['forward']}"
    else:
        leaves = f" made of its outputs ({facts.start})" if facts.start else ""
    before, after = facts.shape_of("hidden"), facts.shape_of("first hidden")
    said = (
        f"{title_of(name)}: the encoder, {encoder}, reads {', '.join(facts.words)} and hands over a state {before}"
        f"{leaves}; the bridge ({facts.bridge}) gives {after} to a decoder of {len(facts.decoder)} layers"
    )
    if facts.look:
        masked = "PAD left out" if not all(facts.look.positions) else "PAD seen"
        said += f", which looks the encoder's outputs up by attention ({facts.look.kind}, {masked})"
    if facts.table:
        said += ", whose output layer shares the embedding's table"
    kinds = sorted({part[0] for part in facts.differing(other) if part[0] != "shape"})
    return f"{said}." + (f" From {title_of(against)} it differs in: {', '.join(kinds)}." if kinds else "")
