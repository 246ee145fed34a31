"""What the outputs of a cell have for paper: the best that is there, or a sentence in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from seq2seq_lib.report.export.images import address_of, bytes_of_output
from seq2seq_lib.report.export.losses import Tell
from seq2seq_lib.report.export.notebooks import WIDGET_NOTE

#: Of an output's pictures, these before all others.
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")

#: What is shown, or says nothing to a reader; all else is some library's own.
KNOWN = ("text/", "image/", "application/json", "application/vnd.google.colaboratory.intrinsic+json")

#: Colours and moves of a terminal, and characters that no document may hold.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0\ufdd1]")

#: Elements whose content is played or fetched, and those that show nothing of themselves.
PLAYERS = {
    "video": "a video", "audio": "a sound", "canvas": "a drawing", "iframe": "a page within this one",
    "object": "a file within this one", "embed": "a file within this one",
}  # fmt: skip
PLAYED = re.compile(rf"<({'|'.join(PLAYERS)})\b[^>]*>(?:.*?</\1\s*>)?", re.IGNORECASE | re.DOTALL)
SILENT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?-->", re.IGNORECASE | re.DOTALL)
SEEN = re.compile(r"<(?:img|svg|hr|math)\b", re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")

ELSEWHERE = "open the notebook in JupyterLab or VS Code"


@dataclass(frozen=True)
class Piece:
    """Something of a cell that has yet to be read: kinds are markdown, latex, html, code, verbatim and picture."""

    kind: str
    content: str
    tell: Tell  #: takes what of it cannot be shown
    caption: str = ""
    alternative: str = ""  #: what a picture shows, for those who cannot see it; by default its caption
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    folded: bool = False  #: whether a button opens it on screens, and paper does without it


def pieces_of_output(output: NotebookNode, options: Mapping[str, str], tell: Tell) -> Iterator[Piece]:
    """One piece, or none of an output that shows nothing; two where words stand for something that is lost."""
    data = output.get("data", {})
    figure, table = options.get("fig-cap", ""), options.get("tbl-cap", "")
    pictures = [mime for mime in data if mime.startswith("image/")]
    for mime in sorted(pictures, key=lambda mime: PICTURES.index(mime) if mime in PICTURES else len(PICTURES)):
        try:
            words = output.get("metadata", {}).get(mime, {}).get("alt", "")
            yield Piece("picture", address_of(bytes_of_output(data[mime])), tell, figure, words)
            return
        except ValueError as error:
            tell(f"the picture of type {mime} {error}; what stands beside it is shown.")
    if pictures:
        yield Piece("markdown", f"*A picture that is damaged.* {figure}".strip(), tell)
    foreign = [mime for mime in data if not mime.startswith(KNOWN)]
    if html := played(CONTROL.sub("", data.get("text/html", "")), tell):
        if "<script" in html.lower() or "application/javascript" in foreign:
            tell(f"a script is not run, and what it draws is missing: {ELSEWHERE}.")
        yield Piece("html", html, tell, table)
    elif text := CONTROL.sub("", data.get("text/markdown", "")):
        if text == WIDGET_NOTE:
            tell(f"a widget is not shown: {ELSEWHERE}.")
        yield Piece("markdown", text, tell, table)
    elif text := CONTROL.sub("", data.get("text/latex", "")):
        yield Piece("latex", text, tell)
    else:
        yield from _words(output, foreign, "<script" in data.get("text/html", "").lower(), tell)


def _words(output: NotebookNode, foreign: list[str], scripted: bool, tell: Tell) -> Iterator[Piece]:
    data = output.get("data", {})
    if foreign or scripted:
        kind = min(foreign, key=lambda mime: mime == "application/javascript", default="")  # what says most
        what = f"an output of type {kind}" if foreign else "an output that a script draws"
        tell(f"{what} is not shown: {ELSEWHERE}.")
        yield Piece("markdown", f"*{what.capitalize()}: {ELSEWHERE}.*", tell)
    shown = output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", []))
    if "application/json" in data:
        shown = json.dumps(data["application/json"], indent=1, ensure_ascii=False)
    if cleaned := terminal_text(shown):
        yield Piece("verbatim", cleaned, tell)


def played(html: str, tell: Tell) -> str:
    """HTML with a sentence in place of each element that is played or fetched; empty where nothing is seen of it."""

    def said(found: re.Match[str]) -> str:
        what = PLAYERS[found[1].lower()]
        tell(f"{what} is not shown: {ELSEWHERE}.")
        return f"<p><em>{what.capitalize()}: {ELSEWHERE}.</em></p>"

    html = PLAYED.sub(said, html)
    bare = SILENT.sub("", html)
    return html if SEEN.search(bare) or TAG.sub("", bare).strip() else ""


def terminal_text(text: str) -> str:
    """What a terminal shows in the end: no colours, and of a line that was written over, its last state."""
    lines = CONTROL.sub("", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2].rstrip() for line in lines).strip("\n")
