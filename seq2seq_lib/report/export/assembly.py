"""Sections joined to one document: headings have names, figures and tables have numbers, links lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import unquote

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.document import Section, on_paper
from seq2seq_lib.report.export.pandoc import Block, Inline

#: Addresses that mean the same wherever the file lies.
ABSOLUTE = re.compile(r"(https?|mailto):", re.IGNORECASE)


def assemble(sections: Sequence[Section], sibling: Callable[[str], str | None]) -> list[Block]:
    """The blocks of one document.

    Args:
        sections: of one notebook, whose title is the document's; or of several, which become its chapters.
        sibling: name of a notebook -> the address of its export, or None where there is none.
    """
    joined = len(sections) > 1
    chapters = {section.name for section in sections} if joined else set()
    taken: set[str] = set()
    blocks: list[Block] = []
    for section in sections:
        own = pandoc.changed([*section.blocks], lambda node: None)  # a copy: a section may join two documents
        anchors = _name_headings(own, f"{section.name}-" if joined else "", taken)
        address = partial(_address, anchors=anchors, chapters=chapters, sibling=sibling)
        if joined:
            blocks += _opening(section)
        blocks += pandoc.changed(own, partial(_relinked, address=address))
    _number(blocks)
    return blocks


def _opening(section: Section) -> list[Block]:
    heading = {"t": "Header", "c": [1, [section.name, [], []], [pandoc.text(section.title)]]}
    below = [{"t": "Para", "c": [{"t": "Emph", "c": [pandoc.text(section.subtitle)]}]}] if section.subtitle else []
    return [heading, *below]


def slug(words: str) -> str:
    """A heading's name in an address."""
    return re.sub(r"\W+", "-", words.lower()).strip("-") or "heading"


def _name_headings(blocks: list[Block], prefix: str, taken: set[str]) -> dict[str, str]:
    """Gives every heading a name that no other has; returns the names by the headings' slugs."""
    anchors: dict[str, str] = {}
    for node in pandoc.nodes(blocks):
        if node["t"] == "Header":
            own = slug(pandoc.plain_text(node["c"][2]))
            name, count = prefix + own, 1
            while name in taken:
                count += 1
                name = f"{prefix}{own}-{count}"
            taken.add(name)
            anchors.setdefault(own, name)
            node["c"][1] = [name, [], []]
    return anchors


def _address(
    target: str, anchors: dict[str, str], chapters: set[str], sibling: Callable[[str], str | None]
) -> str | None:
    """Where a link leads from an export, or None: the project's other files do not come along."""
    if ABSOLUTE.match(target):
        return target
    path, _, fragment = unquote(target).partition("#")
    if not path:
        name = anchors.get(slug(fragment))
        return f"#{name}" if name else None
    name = path.removeprefix("./")
    if not name.endswith(".ipynb"):
        return None
    name = name.removesuffix(".ipynb").rpartition("/")[2]
    return f"#{name}" if name in chapters else sibling(name)


def _relinked(node: dict, address: Callable[[str], str | None]) -> dict | None:
    if node["t"] != "Link":
        return None
    _, words, (target, title) = node["c"]
    found = address(target)
    return {"t": "Link", "c": [["", [], []], words, [found, title]]} if found else pandoc.span(words)


def _number(blocks: list[Block]) -> None:
    """Numbers in order, written into the captions, so that all formats count alike.

    Tables without a caption have none, nor has what paper does without.
    """
    numbers: Counter[str] = Counter()
    for node in pandoc.nodes(on_paper(blocks)):
        kind = node["t"]
        if kind == "Figure" or (kind == "Table" and node["c"][1][1]):
            numbers[kind] += 1
            node["c"][0][0], caption = f"{kind.lower()}-{numbers[kind]}", node["c"][1]
            caption[1] = _labelled(f"{kind} {numbers[kind]}", caption[1])


def _labelled(label: str, caption: list[Block]) -> list[Block]:
    words: list[Inline] = caption[0]["c"] if caption else []
    number = {"t": "Strong", "c": [pandoc.text(label + (". " if words else ""))]}
    return [{"t": "Plain", "c": [number, *words]}]
