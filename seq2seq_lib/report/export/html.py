"""A document as one HTML file that asks for nothing else: readable on a phone, in the dark and on paper."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.document import FOLDED, PLACE
from seq2seq_lib.report.export.pandoc import Block
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.typesetting import widths
from seq2seq_lib.report.fonts import korean_face

TEMPLATES = Path(__file__).parent / "templates"

#: Characters of a table that fit on a line of a wide screen.
LINE = 125

_CODE = pandoc.raw("html", '<details class="code"><summary>Code</summary>')
_END = pandoc.raw("html", "</details>")


def write_html(blocks: Sequence[Block], block: TitleBlock, path: Path, *, subtitle: str = "") -> Path:
    """Writes a document with its title block and table of contents.

    Args:
        blocks: as `assembly.assemble` returns them.
        block: title and what stands below it, after the subtitle.
        path: of the file; its folder is made.
    """
    meta = {"title": block.title, "subtitle": subtitle, **block.lines()}
    shown = " ".join([pandoc.plain_text([*blocks]), *meta.values()])
    body = pandoc.changed([*blocks], _for_screens)
    options = (
        "--standalone", "--toc", "--toc-depth=3", "--mathml", f"--template={TEMPLATES / 'report.html'}",
        f"--variable=style:{_read('report.css')}", f"--variable=script:{_read('report.js')}",
    )  # fmt: skip
    page = pandoc.write(body, "html5", *options, meta=meta)
    # not a variable: a font of many letters is longer than an argument of a command may be
    page = page.replace("<style>", f"<style>\n{korean_face(shown)}", 1)
    page = page.replace("<pre", '<pre tabindex="0"')  # long lines scroll, and a keyboard has to get there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _for_screens(node: dict) -> list[dict] | dict | None:
    """Code behind a button, wide tables in a box that scrolls."""
    if node["t"] == "Div" and "code" in node["c"][0][1]:
        return [_CODE, *node["c"][1], _END]
    if node["t"] == "Div" and "details" in node["c"][0][1]:
        summary, *rest = node["c"][1]
        opening = pandoc.raw("html", f"<details><summary>{html.escape(pandoc.plain_text(summary))}</summary>")
        return [opening, *rest, _END]
    if node["t"] == "Div" and FOLDED in node["c"][0][1]:
        return _folded(node["c"][1])
    if node["t"] in ("Image", "Span"):
        attributes = node["c"][0]
        attributes[2] = [pair for pair in attributes[2] if pair[0] != PLACE]
        return node if any(attributes) or node["t"] == "Image" else node["c"][1]
    if node["t"] == "Table":
        found = widths(node, LINE)
        if found:
            node["c"][0][1] = ["wide"]
            for column, width in zip(node["c"][2], found, strict=True):
                column[1] = {"t": "ColWidth", "c": round(width / sum(found), 4)}
        heads = ", ".join(filter(None, (pandoc.plain_text(cell).strip() for cell in _first_row(node))))
        label = pandoc.plain_text(node["c"][1]) or f"Table: {heads}"
        return pandoc.div([node], "scroll", tabindex="0", role="group", aria_label=label)
    if node["t"] == "CodeBlock" and not node["c"][0][1]:
        node["c"][0][1] = ["plain"]
        return node
    return None


def _folded(blocks: list[Block]) -> list[Block]:
    """Behind a button, which bears the first caption; code has one already, and a heading stays in sight."""
    if blocks[0] == _CODE and blocks[-1] == _END and blocks.count(_END) == 1:
        return blocks
    heading = [block for block in blocks[:1] if block["t"] == "Header"]
    caption = next((node["c"][1] for node in pandoc.nodes(blocks) if node["t"] in ("Figure", "Table")), [])
    words = "Show" if heading else html.escape(pandoc.plain_text(caption) or "More")
    opening = pandoc.raw("html", f'<details class="folded"><summary>{words}</summary>')
    return [*heading, opening, *blocks[len(heading) :], _END]


def _first_row(table: Block) -> list:
    rows = table["c"][3][1]
    return rows[0][1] if rows else []
