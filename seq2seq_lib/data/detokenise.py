"""Tokens back to a readable line: the inverse of spaCy's cuts, as far as spaces go."""

from __future__ import annotations

import re
from collections.abc import Sequence

# How spaCy's tokens are joined again: a pattern over the tokens with one space between, and what replaces it.
_JOINS_EVERYWHERE = (
    (r" ([.,)\]}%…])", r"\1"),
    (r"([(\[{]) ", r"\1"),
    (r'" ([^"]*?) "', r'"\1"'),
    (r"(?<=\w) - (?=\w)", "-"),
)
_JOINS = {
    "en": (*_JOINS_EVERYWHERE, (r" ([?!:;])", r"\1"), (r" (n['’]t|['’](?:s|m|d|re|ve|ll))\b", r"\1")),
    "fr": (*_JOINS_EVERYWHERE, (r"(?<=\w)(['’]) (?=\w)", r"\1"), (r" (-\w)", r"\1")),
}


def join(tokens: Sequence[str], language: str) -> str:
    """Tokens as a readable line: "l'", "homme", "." → "l'homme."

    French keeps a space before ? ! : ; as print does. sacreBLEU's 13a tokenisation cuts there anyway, but not at
    hyphens and apostrophes, so those decide: of Multi30k's 1,000 French test references all come back as they were (in
    lower case), of its English ones all but one.
    """
    line = " ".join(" ".join(tokens).split())
    for pattern, joined in _JOINS.get(language, _JOINS_EVERYWHERE):
        line = re.sub(pattern, joined, line)
    return line
