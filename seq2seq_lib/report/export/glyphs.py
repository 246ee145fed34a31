"""Which letters the PDF's fonts lack: asked of Typst itself, whose own fonts no other program can open."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from seq2seq_lib.report.export.losses import Tell
from seq2seq_lib.report.fonts import korean_fonts, wide_fonts

GLYPH = re.compile(r'<use [^>]*?href="#(\w+)"')
#: No letter, and so in no font.
NEVER, BETWEEN = "\ufdd5", "|"


def font_folders(folder: Path) -> list[Path]:
    """Where Typst finds the fonts of wheels.

    Some are copied to `folder`, an empty one: beside them is one that has a box for every letter.
    """
    for file in wide_fonts():
        (folder / file.name).write_bytes(file.read_bytes())
    return [*korean_fonts(), folder]


def tell_of_boxes(text: str, tell: Tell) -> None:
    """One sentence for all letters of a text that a PDF shows as boxes."""
    scripts: dict[str, list[str]] = {}
    for letter in lacking(text):
        scripts.setdefault(_script(letter), []).append(letter)
    named = [f"{script} ({' '.join(letters[:3])}{' …' if letters[3:] else ''})" for script, letters in scripts.items()]
    if named:
        tell(f"no font here has these letters of {', '.join(named)}; the PDF shows boxes in their place.")


def lacking(text: str) -> list[str]:
    """The letters and signs of a text that none of the PDF's fonts has."""
    import typst

    letters = sorted({letter for letter in text if ord(letter) > 0xFF and _is_drawn(letter)})
    if not letters:
        return []
    lines = "\n\n".join(f'#"{BETWEEN}{letter}"' for letter in [NEVER, *letters])
    with tempfile.TemporaryDirectory() as name:
        page = typst.compile(
            f"#set page(height: auto)\n{lines}".encode(), format="svg", font_paths=font_folders(Path(name)),
            ignore_system_fonts=True,
        )  # fmt: skip
    glyphs = GLYPH.findall(page.decode())
    never, *drawn = _between(glyphs, glyphs[0])
    return [letter for letter, own in zip(letters, drawn, strict=True) if set(own) & set(never)]


def _between(glyphs: Iterable[str], mark: str) -> list[list[str]]:
    parts: list[list[str]] = []
    for glyph in glyphs:
        if glyph == mark:
            parts.append([])
        else:
            parts[-1].append(glyph)
    return parts


def _is_drawn(letter: str) -> bool:
    """Neither a space nor a mark that joins, turns or sits on other letters."""
    return unicodedata.category(letter)[0] in "LNPS"


def _script(letter: str) -> str:
    from fontTools.unicodedata import script, script_name

    code = script(letter)
    return "signs and emoji" if code in ("Zyyy", "Zinh", "Zzzz") else script_name(code)
