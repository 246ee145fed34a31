"""A document as a PDF of A4 pages, set by Typst from wheels: no LaTeX, no browser, no system font."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.document import PLACE, on_paper
from seq2seq_lib.report.export.glyphs import font_folders
from seq2seq_lib.report.export.html import TEMPLATES
from seq2seq_lib.report.export.losses import Losses
from seq2seq_lib.report.export.pandoc import Block, Inline
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.typesetting import LONGEST, fit, length, with_breaks

#: Tables of more rows may go on on the next page.
WHOLE = 18
#: Layouts after which it is left as it is what goes to the next page; a section of this report takes six or fewer.
LAYOUTS = 12

#: Millimetres of the line; height of a picture that need not be read closely; dots of a millimetre on screens.
LINE, HEIGHT, DOTS = 166, 100, 110 / 25.4
#: Never smaller than this share of its size on screens: its letters have to be read.
SMALLEST = 0.7

ENDINGS = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/svg+xml": "svg",
}  # fmt: skip

SIGNED = re.compile(r"^(\W?)-(?=\d)")


def write_pdf(
    blocks: Sequence[Block], block: TitleBlock, path: Path, *, subtitle: str = "", joined: bool = False,
    losses: Losses | None = None,
) -> Path:  # fmt: skip
    """Writes a document with its title block, table of contents and page numbers. The same input gives the same bytes.

    Args:
        blocks: as `assembly.assemble` returns them.
        block: title and what stands below it, after the subtitle.
        path: of the file; its folder is made.
        joined: whether the title has a page of its own, and each heading of the first level begins one.
        losses: takes what paper cannot show.

    Raises:
        ValueError: when Typst refuses the document; it says why.
    """
    import typst

    path.parent.mkdir(parents=True, exist_ok=True)
    inputs = {"title": block.title, "subtitle": subtitle, "joined": str(joined), **block.lines()}
    with tempfile.TemporaryDirectory() as name:
        paper = _Paper(Path(name), losses or Losses())
        try:
            paper.write(blocks, path, inputs)
        except typst.TypstError:  # nearly always for a picture or a formula that all others read
            try:
                replace(paper, doubts=True).write(blocks, path, inputs)
            except typst.TypstError as error:
                reason = str(error).partition("\n")[0]
                raise ValueError(f"{path.name} cannot be set as a PDF ({reason}): export it to HTML.") from error
    return path


@dataclass(frozen=True)
class _Paper:
    """Where a document is set, and how: with `doubts`, each picture and each formula is tried first."""

    folder: Path
    losses: Losses
    doubts: bool = False

    def write(self, blocks: Sequence[Block], path: Path, inputs: dict[str, str]) -> None:
        body = pandoc.changed(_with_what_follows(copy.deepcopy(on_paper(blocks))), self._for_paper)
        body = pandoc.write(pandoc.changed(body, _literal), "typst", "--syntax-highlighting=idiomatic")
        (self.folder / "body.typ").write_text(f'#import "whole.typ": kept-whole\n{body}', "utf-8")
        for name in ("whole.typ", "report.typ"):
            (self.folder / name).write_bytes((TEMPLATES / name).read_bytes())
        self._typst("compile", "report.typ", output=path, sys_inputs=inputs | {"moved": self._without_room(inputs)})

    def _without_room(self, inputs: dict[str, str]) -> str:
        """The numbers of pictures and tables that go to the next page; each that goes moves those that follow it."""
        moved = ""
        for _ in range(LAYOUTS):
            try:
                kept = self._typst("query", "report.typ", "<kept>", field="value", sys_inputs=inputs | {"moved": moved})
            except RuntimeError:  # Typst refuses the document: compiling it says why
                break
            found = " ".join(_moving(json.loads(kept)))
            if found == moved:
                break
            moved = found
        return moved

    def _typst(self, action: str, name: str, *arguments: str, **options) -> str | None:
        import typst

        fonts = self.folder / "fonts"
        fonts.mkdir(exist_ok=True)
        return getattr(typst, action)(
            self.folder / name, *arguments, root=self.folder, font_paths=font_folders(fonts), ignore_system_fonts=True,
            **options,
        )  # fmt: skip

    def _for_paper(self, node: dict) -> dict | list[dict] | None:
        """Pictures as files, tables of a size that fits, and places to break what is longer than the line."""
        if node["t"] == "Image":
            return self._image(node)
        if node["t"] == "Span" and PLACE in dict(node["c"][0][2]):
            return self._formula(node)
        if node["t"] == "Div" and not node["c"][0][0]:
            return node["c"][1]  # bare: code stays on the page of what it shows, and a table can go to the next one
        if node["t"] == "Table":
            fit(node)
            if length(node) > WHOLE:
                return node
            rule = "kept-whole" if node["c"][1][1] else "set block(breakable: false)"  # only with a number it may go
            return [pandoc.raw("typst", f"#[#show figure: {rule}\n"), node, pandoc.raw("typst", "]")]
        if node["t"] in LONGEST:
            return with_breaks(node, LONGEST[node["t"]])
        if node["t"] == "HorizontalRule":
            return pandoc.raw("typst", "#line(length: 100%, stroke: 0.4pt)")
        return None

    def _image(self, node: dict) -> Inline:
        """Typst's own image: pandoc would leave out what it shows in words."""
        (_, _, attributes), words, (address, _) = node["c"]
        given = dict(attributes)
        tell = self.losses.at(given.get(PLACE, "a picture"))
        name, width, moves = _as_file(address, self.folder)
        if given.get("width", "").isdecimal():
            width = min(LINE, int(given["width"]) / DOTS)
        if moves:
            tell("a picture moves; the PDF shows how it begins.")
        size = f"width: {width:.1f}mm, " if width else ""
        shown = f'#box(image("{name}", {size}alt: {_string(pandoc.plain_text(words))}))'
        if self._is_set(shown):
            return {"t": "RawInline", "c": ["typst", shown]}
        tell("a picture is none that Typst reads; its words stand in its place in the PDF.")
        return pandoc.span(words)

    def _formula(self, node: dict) -> Inline:
        (_, _, attributes), inlines = node["c"]
        if self._is_set(pandoc.write([{"t": "Para", "c": inlines}], "typst") if self.doubts else ""):
            return pandoc.span(inlines)
        tex = pandoc.plain_text(inlines)
        self.losses.at(dict(attributes)[PLACE])(f"the formula {tex[:60]!r} is none that Typst reads; its TeX is shown.")
        return {"t": "Code", "c": [["", [], []], tex]}

    def _is_set(self, text: str) -> bool:
        """Whether Typst reads a piece of a document; without doubts it does."""
        import typst

        if not self.doubts:
            return True
        (self.folder / "piece.typ").write_text(text, "utf-8")
        try:
            self._typst("compile", "piece.typ")
        except typst.TypstError:
            return False
        return True


def _moving(kept: Sequence[dict]) -> list[str]:
    """The numbers of those that have no room, and of those of their kind that would overtake one on the same page."""
    numbers, left = [], set()
    for each in kept:
        place = each["kind"], each["page"]
        if each["height"] > each["room"] or place in left:
            numbers.append(each["number"])
            left.add(place)
    return numbers


def _with_what_follows(blocks: Sequence[Block]) -> list[Block]:
    """Each paragraph that ends with a colon stays on the page of what it announces."""
    begin, end, kept = pandoc.raw("typst", "#block(sticky: true)["), pandoc.raw("typst", "]"), []
    for block in blocks:
        announces = block["t"] == "Para" and pandoc.plain_text(block).endswith(":")
        kept += [begin, block, end] if announces else [block]
    return kept


def _literal(node: dict) -> Inline | None:
    """Words as a string of Typst's: in one, nothing opens a list or a heading, calls a function or leads anywhere.

    A sign before a number is a minus.
    """
    if node["t"] != "Str":
        return None
    words = SIGNED.sub(r"\1−", node["c"])
    return {"t": "RawInline", "c": ["typst", f"#{_string(words)};"]}


def _string(text: str) -> str:
    """A text as Typst's code has it; the escapes that JSON has beyond Typst's stand for no character of a report."""
    return json.dumps(text, ensure_ascii=False)


def _as_file(address: str, folder: Path) -> tuple[str, float | None, bool]:
    """Writes a picture; returns its file's name, the millimetres of the line that it takes, and whether it moves."""
    from PIL import Image

    kind, _, data = address.removeprefix("data:").partition(";base64,")
    content = base64.b64decode(data)
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.{ENDINGS[kind]}"
    (folder / name).write_bytes(content)
    if kind == "image/svg+xml":
        return name, None, False
    with Image.open(io.BytesIO(content)) as image:
        wide, high = (dots / DOTS for dots in image.size)
        return name, wide * min(1, LINE / wide, max(HEIGHT / high, SMALLEST)), getattr(image, "n_frames", 1) > 1
