"""What an export could not show: collected on the way, so that nothing is lost in silence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

#: What a notebook's words may hold and a terminal's line must not.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e]+")

#: Takes one sentence about one place.
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Losses:
    """Sentences, each with its notebook and cell, in the order in which they were found, and each once."""

    told: list[str] = field(default_factory=list)

    def at(self, place: str) -> Tell:
        """What takes the losses of one place, such as `01.ipynb, cell 7`."""

        def tell(sentence: str) -> None:
            line = CONTROL.sub(" ", f"{place}: {sentence}")
            if line not in self.told:
                self.told.append(line)

        return tell


def place_of(name: str, cell: int | None = None) -> str:
    """A notebook, by its name without the ending, or one of its cells, counted from 1."""
    return f"{name}.ipynb" if cell is None else f"{name}.ipynb, cell {cell}"
