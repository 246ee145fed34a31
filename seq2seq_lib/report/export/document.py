"""An executed notebook as one pandoc document: what a reader sees, in order, whatever the file will be."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.formulas import Formulas
from seq2seq_lib.report.export.images import address_of, bytes_of_target
from seq2seq_lib.report.export.losses import Losses, Tell, place_of
from seq2seq_lib.report.export.notebooks import is_folded, is_for_the_screen, shows_source, split_options
from seq2seq_lib.report.export.outputs import CONTROL, Piece, pieces_of_output, played
from seq2seq_lib.report.export.pandoc import Block, Inline
from seq2seq_lib.report.export.typesetting import tidy

#: Classes that formats look for, and the attribute by which a later step names a picture's or a formula's cell.
CODE, OUTPUT, PLACE = "python", "output", "place"
#: The class of what a button opens on screens, and paper does without.
FOLDED = "folded"
#: HTML's own fold, whose tags pandoc would drop; its summary becomes the first paragraph, as which paper shows it.
DETAILS = re.compile(r"<details[^>]*>\s*<summary[^>]*>(.*?)</summary>(.*?)</details>", re.IGNORECASE | re.DOTALL)
AS_DIV = r'<div class="details"><p>\1</p>\2</div>'


@dataclass(frozen=True)
class Section:
    """One notebook's report."""

    name: str  #: the file's, without its ending; other notebooks link to it by this
    title: str
    subtitle: str
    blocks: tuple[Block, ...]


def section_of(content: NotebookNode, name: str, folder: Path | None, losses: Losses | None = None) -> Section:
    """A notebook's report, without its first heading, which is the title.

    Args:
        content: an executed notebook.
        name: of its file, without the ending.
        folder: that its pictures' addresses start from.
        losses: takes what cannot be shown.
    """
    losses, blocks = losses or Losses(), []
    pieces, places = [], []
    for number, cell in enumerate(content.cells, start=1):
        place = place_of(name, number)
        own = [*pieces_of(cell, losses.at(place))]
        pieces, places = pieces + own, places + [place] * len(own)
    for piece, place, found in zip(pieces, places, _read(pieces), strict=True):
        placed = pandoc.changed(found, lambda node, piece=piece, place=place: _placed(node, folder, piece, place))
        begins = bool(placed) and placed[0]["t"] == "Header"  # whose words stand beside the button
        if piece.folded and blocks and is_folded_block(blocks[-1]) and not begins:
            blocks[-1]["c"][1] += placed  # one button for what follows on itself
        else:
            blocks += [pandoc.div(placed, FOLDED)] if piece.folded else placed
    title, subtitle = name, ""
    if blocks and blocks[0]["t"] == "Header" and blocks[0]["c"][0] == 1:
        title = pandoc.plain_text(blocks.pop(0))
        if blocks and blocks[0]["t"] == "Para" and [part["t"] for part in blocks[0]["c"]] == ["Emph"]:
            subtitle = pandoc.plain_text(blocks.pop(0))
    return Section(name, title, subtitle, tuple(blocks))


def section_of_markdown(text: str, name: str, title: str) -> Section:
    """A section that is no notebook."""
    (blocks,) = _read([Piece("markdown", text, Losses().at(name))])
    return Section(name, title, "", tuple(blocks))


def pieces_of(cell: NotebookNode, tell: Tell) -> Iterator[Piece]:
    """What a cell shows: its text, or its code and the best that each output has for paper."""
    if is_for_the_screen(cell):
        return
    if cell.cell_type == "markdown":
        text, folded = CONTROL.sub("", cell.source), is_folded(cell, "input")
        yield Piece("markdown", text, tell, attachments=cell.get("attachments", {}), folded=folded)
    elif cell.cell_type == "code":
        code = split_options(cell.source)
        if code.shown.strip() and shows_source(cell):
            yield Piece("code", CONTROL.sub("", code.shown), tell, folded=is_folded(cell, "input"))
        folded = is_folded(cell, "output")
        for output in cell.outputs:
            yield from (replace(piece, folded=folded) for piece in pieces_of_output(output, code.options, tell))
    elif cell.source.strip():
        yield Piece("verbatim", CONTROL.sub("", cell.source), tell)


def is_folded_block(block: Block) -> bool:
    """Whether a section's block is one that paper does without."""
    return block["t"] == "Div" and FOLDED in block["c"][0][1]


def on_paper(blocks: Sequence[Block]) -> list[Block]:
    """Those that paper does not do without."""
    return [block for block in blocks if not is_folded_block(block)]


def _read(pieces: Sequence[Piece]) -> list[list[Block]]:
    """Each piece as blocks; what pandoc has to read goes there in one call."""
    formulas = Formulas()
    captions = {piece.caption: piece.tell for piece in pieces if piece.caption}
    pages = [_page(piece, formulas) for piece in pieces if piece.kind in ("markdown", "latex", "html")]
    pages += [pandoc.html_of_markdown(formulas.hidden(caption, tell)) for caption, tell in captions.items()]
    read = formulas.shown(pandoc.blocks_of_html(pages))
    texts, words = iter(read), {"": []}
    for caption, blocks in zip(reversed(captions), reversed(read), strict=False):
        words[caption] = blocks[0]["c"] if blocks else []
    return [_blocks_of(piece, texts, words[piece.caption]) for piece in pieces]


def _page(piece: Piece, formulas: Formulas) -> str:
    if piece.kind == "html":
        return DETAILS.sub(AS_DIV, piece.content)
    text = formulas.hidden(piece.content, piece.tell)
    if piece.kind == "latex":
        return f"<p>{html.escape(text)}</p>"
    return played(DETAILS.sub(AS_DIV, pandoc.html_of_markdown(text)), piece.tell)


def _blocks_of(piece: Piece, texts: Iterator[list[Block]], caption: list[Inline]) -> list[Block]:
    if piece.kind == "picture":
        return [pandoc.figure(piece.content, caption, piece.alternative or pandoc.plain_text(caption) or "A figure")]
    if piece.kind == "code":
        return [pandoc.div([pandoc.code_block(piece.content, CODE)], "code")]
    if piece.kind == "verbatim":
        return [pandoc.code_block(piece.content, OUTPUT)]
    blocks = next(texts)
    for number, table in enumerate(node for node in pandoc.nodes(blocks) if node["t"] == "Table"):
        tidy(table)
        if number == 0 and caption:
            table["c"][1] = [None, [{"t": "Plain", "c": list(caption)}]]
    return blocks


def _placed(node: dict, folder: Path | None, piece: Piece, place: str) -> dict | None:
    """Formulas and pictures with the name of their cell. A picture comes along; in place of one that cannot stand its
    words, which lead to it where it has an address.
    """
    if node["t"] == "CodeBlock" and "mermaid" in node["c"][0][1]:
        piece.tell("a mermaid diagram is not drawn; its source stands in its place.")
    if node["t"] == "Math":
        return {"t": "Span", "c": [["", [], [[PLACE, place]]], [node]]}
    if node["t"] != "Image":
        return None
    (_, _, attributes), words, (target, _) = node["c"]
    try:
        node["c"][2][0] = address_of(bytes_of_target(target, folder, piece.attachments))
        attributes.append([PLACE, place])
        return node
    except (ValueError, OSError) as error:
        named = "within the text" if target.startswith("data:") else target[:80] or "without an address"
        reason = str(error) if isinstance(error, ValueError) else "cannot be read"
        piece.tell(f"the picture {named} {reason}; its words stand in its place.")
    label = words or [pandoc.text("a picture" if target.startswith("data:") else target)]
    return {"t": "Link", "c": [["", [], []], label, [target, ""]]} if "://" in target else pandoc.span(label)
