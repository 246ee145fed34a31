"""The facts of one model's diagram, and which of them another model has not."""

from __future__ import annotations

from dataclasses import dataclass

Part = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A recurrence that is drawn unrolled: one layer in one direction.

    Args:
        part: its key among a blueprint's parts.
        layer: from 1 up.
        backward: whether it reads from the last position to the first.
        kind: the class of the recurrence.
        width: H, of its hidden state.
        takes: the width of its inputs.
        note: what it has besides.
        leaves: the position after which its state is handed over; None in a decoder.
    """

    part: Part
    layer: int
    backward: bool
    kind: str
    width: int
    takes: int
    leaves: int | None = None
    note: str = ""

    @property
    def made_of(self) -> str:
        """What stands beside it, or what is special about it."""
        return self.note or f"{self.kind} {self.width}"


@dataclass(frozen=True)
class Look:
    """What attention does: its kind, what it has besides, and the source positions it gives weight to.

    `before`: the query is the state before the step. `feeds`: what is found enters the step's recurrence.
    """

    kind: str
    detail: str
    positions: tuple[bool, ...]
    before: bool
    feeds: bool


@dataclass(frozen=True)
class Blueprint:
    """The facts of one model's diagram.

    Args:
        words: the source in the order in which it is read.
        reads: whether the encoder computes anything at each of these positions.
        rows: the encoder's recurrences from bottom to top; empty when `block` names what stands instead.
        start: of an encoder without recurrence: what makes the first state of its outputs.
        inputs, targets: words fed to the decoder, and words that it has to write.
        links: [L'][L·D], "whole" where a decoder layer's first state is an encoder state, "part" where it depends on
            one among others, and "" where it does not.
        bridge: what the bridge does, in a word or two.
        handed: "hidden, cell", or "hidden = cell" where the encoder has one state for both.
        decoder: the decoder's recurrences.
        seen: the decoder layers whose hidden states reach the output layer.
        look: its attention, if it has one.
        tables: the two sides of each embedding, of the output layer, and of the projection before it, if there is one.
        table: "decoder" or "encoder" for each embedding that is also the output layer's table.
        shapes: what the tiny batch became on its way.
        parts: what is drawn, each with what is compared to another model's.
    """

    words: tuple[str, ...]
    reads: tuple[bool, ...]
    rows: tuple[Row, ...]
    block: str
    start: str
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    links: tuple[tuple[str, ...], ...]
    bridge: str
    handed: str
    decoder: tuple[Row, ...]
    seen: tuple[int, ...]
    look: Look | None
    tables: dict[str, tuple[int, int]]
    table: tuple[str, ...]
    shapes: dict[str, tuple[int, ...]]
    parts: dict[Part, object]

    @property
    def states(self) -> list[tuple[str, ...]]:
        """Names of the encoder's states, one a column of `links`."""
        return [row.part[1:] for row in self.rows] or [(f"{place}",) for place in range(1, len(self.links[0]) + 1)]

    @property
    def leaving(self) -> dict[str, str]:
        """Direction -> the word after which its states are handed over, which all of its layers share."""
        return {row.part[-1]: self.words[row.leaves] for row in self.rows if row.leaves is not None}

    def shape_of(self, what: str) -> str:
        """One of `shapes` as it stands in the picture."""
        return f"[{', '.join(map(str, self.shapes[what]))}]"

    def differing(self, other: Blueprint) -> frozenset[Part]:
        """The parts that the other model lacks or has in another form."""
        missing = object()
        return frozenset(part for part, made in self.parts.items() if other.parts.get(part, missing) != made)
