"""Pandoc's document tree: Markdown and HTML read into blocks, blocks changed, blocks written.

A block is pandoc's JSON: `{"t": "Para", "c": [...]}`. The names of types and the order of their contents are those of
pandoc-types 1.23 (https://hackage.haskell.org/package/pandoc-types, Text.Pandoc.Definition).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

Block = dict
Inline = dict

#: Pandoc reads and writes no file and no address; what a notebook links to is fetched by nobody.
OPTIONS = ("--wrap=none", "--sandbox")


def convert(text: str, source: str, target: str, *options: str) -> str:
    """One call of pandoc, from one of its formats to another.

    Raises:
        RuntimeError: when pandoc refuses; its message says why.
    """
    import pypandoc

    return pypandoc.convert_text(text, target, format=source, extra_args=[*OPTIONS, *options])


def write(blocks: Sequence[Block], target: str, *options: str, meta: dict[str, str] | None = None) -> str:
    """Blocks as text of another format; `meta` are the values of the template's variables, escaped by pandoc."""
    known = {key: {"t": "MetaString", "c": value} for key, value in (meta or {}).items()}
    tree = {"pandoc-api-version": [1, 23], "meta": known, "blocks": list(blocks)}
    return convert(json.dumps(tree), "json", target, *options)


def html_of_markdown(text: str) -> str:
    """Markdown as Jupyter reads it: also between the tags of HTML, from the first empty line on; no tag is left out."""
    import mistune

    renderer = mistune.HTMLRenderer(escape=False, allow_harmful_protocols=True)  # addresses are looked at later
    read = mistune.create_markdown(
        renderer=renderer, plugins=["strikethrough", "table", "url", "task_lists", "def_list"]
    )
    return read(text)


def blocks_of_html(pages: Sequence[str]) -> list[list[Block]]:
    """HTML fragments as blocks, one list a fragment; scripts and styles are dropped, and `\\(` begins no formula.

    All in one call, each in a <div> of its own; where tags left open mix them up, in one call a fragment.
    """
    if not pages:
        return []
    together = "\n".join(f'<div id="piece-{number}">\n{page}\n</div>' for number, page in enumerate(pages))
    blocks = _read_html(together)
    if [_identifier(block) for block in blocks] == [f"piece-{number}" for number in range(len(pages))]:
        return [block["c"][1] for block in blocks]
    return [_read_html(page) for page in pages]


def _read_html(text: str) -> list[Block]:
    return json.loads(convert(text, "html", "json"))["blocks"]


def _identifier(block: Block) -> str | None:
    return block["c"][0][0] if block["t"] == "Div" else None


def nodes(tree: object) -> Iterator[dict]:
    """Every node of a tree, an outer one before those inside it."""
    if isinstance(tree, dict):
        if "t" in tree:
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        for part in tree:
            yield from nodes(part)


def changed(tree, change: Callable[[dict], dict | list[dict] | None]):
    """A copy of a tree in which `change` was offered every node, inner ones first.

    Args:
        tree: blocks, inlines or a node.
        change: returns what stands in a node's place: a node, several (where it stands in a list), or None to keep it.
    """
    if isinstance(tree, list):
        parts = []
        for part in tree:
            new = changed(part, change)
            parts.extend(new) if isinstance(new, list) and isinstance(part, dict) else parts.append(new)
        return parts
    if not isinstance(tree, dict):
        return tree
    copy = {key: changed(value, change) for key, value in tree.items()}
    new = change(copy) if "t" in copy else None
    return copy if new is None else new


def plain_text(tree: object) -> str:
    """The words of a tree, without their marks."""
    words = []
    for node in nodes(tree):
        kind = node["t"]
        if kind == "Str":
            words.append(node["c"])
        elif kind in ("Code", "Math", "CodeBlock"):
            words.append(node["c"][1])
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            words.append(" ")
    return "".join(words)


def text(words: str) -> Inline:
    """Words as one inline, taken literally."""
    return {"t": "Str", "c": words}


def raw(target: str, content: str) -> Block:
    """Text of the format that is written, which goes there as it stands."""
    return {"t": "RawBlock", "c": [target, content]}


def code_block(content: str, *classes: str) -> Block:
    """Text as it stands; the first class is its language."""
    return {"t": "CodeBlock", "c": [["", list(classes), []], content]}


def div(blocks: Sequence[Block], *classes: str, **attributes: str) -> Block:
    """Blocks with classes and attributes for the formats to work on; `_` in an attribute's name stands for `-`."""
    pairs = [[name.replace("_", "-"), value] for name, value in attributes.items()]
    return {"t": "Div", "c": [["", list(classes), pairs], list(blocks)]}


def figure(source: str, caption: Sequence[Inline], alternative: str) -> Block:
    """A picture with its caption, and in words for those who do not see it."""
    image = {"t": "Image", "c": [["", [], []], [text(alternative)], [source, ""]]}
    below = [{"t": "Plain", "c": list(caption)}] if caption else []
    return {"t": "Figure", "c": [["", [], []], [None, below], [{"t": "Plain", "c": [image]}]]}


def span(inlines: Sequence[Inline]) -> Inline:
    """Inlines as one, without any mark."""
    return {"t": "Span", "c": [["", [], []], list(inlines)]}
