"""An executed notebook as one pandoc document: what a reader sees, in order, whatever the file will be."""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.notebooks import is_prose, split_options
from seq2seq_lib.report.export.pandoc import Block, Inline
from seq2seq_lib.report.export.typesetting import tidy

PICTURES = ("image/png", "image/jpeg", "image/svg+xml")

#: Colours and moves of a terminal, and characters that no document may hold.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

#: Classes that formats look for.
CODE, OUTPUT = "python", "output"


@dataclass(frozen=True)
class Section:
    """One notebook's report."""

    name: str  #: the file's, without its ending; other notebooks link to it by this
    title: str
    subtitle: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Piece:
    """Something of a notebook that has yet to be read: kinds are markdown, html, code, verbatim and picture."""

    kind: str
    content: str
    caption: str = ""


def section_of(content: NotebookNode, name: str, folder: Path) -> Section:
    """A notebook's report, without its first heading, which is the title.

    Args:
        content: an executed notebook.
        name: of its file, without the ending.
        folder: that its pictures' addresses start from.
    """
    blocks = _read([piece for cell in content.cells for piece in pieces_of(cell)])
    blocks = pandoc.changed(blocks, lambda node: _embedded(node, folder))
    title, subtitle = name, ""
    if blocks and blocks[0]["t"] == "Header" and blocks[0]["c"][0] == 1:
        title = pandoc.plain_text(blocks.pop(0))
        if blocks and blocks[0]["t"] == "Para" and [part["t"] for part in blocks[0]["c"]] == ["Emph"]:
            subtitle = pandoc.plain_text(blocks.pop(0))
    return Section(name, title, subtitle, tuple(blocks))


def section_of_markdown(text: str, name: str, title: str) -> Section:
    """A section that is no notebook."""
    return Section(name, title, "", tuple(_read([Piece("markdown", text)])))


def pieces_of(cell: NotebookNode) -> Iterator[Piece]:
    """What a cell shows: its text, or its code and the best that each output has for paper."""
    if cell.cell_type == "markdown":
        yield Piece("markdown", _with_attachments(cell))
    elif cell.cell_type == "code":
        code = split_options(cell.source)
        if code.shown.strip() and not is_prose(cell):
            yield Piece("code", code.shown)
        for output in cell.outputs:
            yield from _pieces_of_output(output, code.options)


def _with_attachments(cell: NotebookNode) -> str:
    text = cell.source
    for name, versions in cell.get("attachments", {}).items():
        for mime, data in versions.items():
            text = text.replace(f"attachment:{name}", f"data:{mime};base64,{''.join(data)}")
    return text


def _pieces_of_output(output: NotebookNode, options: dict[str, str]) -> Iterator[Piece]:
    data = output.get("data", {})
    picture = next((mime for mime in PICTURES if mime in data), None)
    if picture:
        raw = data[picture]
        encoded = base64.b64encode(raw.encode()).decode() if picture == "image/svg+xml" else "".join(raw.split())
        yield Piece("picture", f"data:{picture};base64,{encoded}", options.get("fig-cap", ""))
    elif "text/html" in data:
        yield Piece("html", CONTROL.sub("", data["text/html"]), options.get("tbl-cap", ""))
    elif "text/markdown" in data or "text/latex" in data:
        text = data.get("text/markdown") or data["text/latex"]
        yield Piece("markdown", CONTROL.sub("", text), options.get("tbl-cap", ""))
    else:
        shown = output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", []))
        if cleaned := terminal_text(shown):
            yield Piece("verbatim", cleaned)


def terminal_text(text: str) -> str:
    """What a terminal shows in the end: no colours, and of a line that was written over, its last state."""
    lines = CONTROL.sub("", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2].rstrip() for line in lines).strip("\n")


def _read(pieces: Sequence[Piece]) -> list[Block]:
    """All pieces as blocks; what pandoc has to read goes there in one call for each of its formats."""
    markdown = iter(pandoc.blocks_of_markdown([piece.content for piece in pieces if piece.kind == "markdown"]))
    html = iter(pandoc.blocks_of_html([piece.content for piece in pieces if piece.kind == "html"]))
    captions = {piece.caption: [] for piece in pieces}
    for caption, blocks in zip(captions, pandoc.blocks_of_markdown(list(captions)), strict=True):
        captions[caption] = blocks[0]["c"] if blocks else []
    found: list[Block] = []
    for piece in pieces:
        caption = captions[piece.caption]
        if piece.kind == "picture":
            found.append(pandoc.figure(piece.content, caption, pandoc.plain_text(caption) or "A figure"))
        elif piece.kind == "code":
            found.append(pandoc.div([pandoc.code_block(piece.content, CODE)], "code"))
        elif piece.kind == "verbatim":
            found.append(pandoc.code_block(piece.content, OUTPUT))
        else:
            blocks = next(markdown if piece.kind == "markdown" else html)
            _finish_tables(blocks, caption)
            found.extend(blocks)
    return found


def _finish_tables(blocks: list[Block], caption: Sequence[Inline]) -> None:
    for number, table in enumerate(node for node in pandoc.nodes(blocks) if node["t"] == "Table"):
        tidy(table)
        if number == 0 and caption:
            table["c"][1] = [None, [{"t": "Plain", "c": list(caption)}]]


def _embedded(node: dict, folder: Path) -> dict | None:
    """A picture that the text names by a file comes along; one that it names by an address becomes a link to it.

    Of files, only pictures in the notebook's own folder: what JupyterLab shows, and no other file of this machine.
    """
    if node["t"] != "Image":
        return None
    _, words, (target, _) = node["c"]
    if target.startswith("data:"):
        return None
    file, mime = folder / target, mimetypes.guess_type(target)[0] or ""
    own = "://" not in target and file.resolve().is_relative_to(folder.resolve())
    if own and mime.startswith("image/") and file.is_file():
        node["c"][2][0] = f"data:{mime};base64,{base64.b64encode(file.read_bytes()).decode()}"
        return node
    label = words or [pandoc.text(target)]
    return {"t": "Link", "c": [["", [], []], label, [target, ""]]} if "://" in target else pandoc.span(label)
