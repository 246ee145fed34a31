"""Korean letters, which Typst's fonts and matplotlib's lack: NanumGothic (SIL Open Font License), from a wheel."""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
FAMILIES = ["DejaVu Sans", "NanumGothic"]


def korean_fonts() -> list[Path]:
    """The folders that hold NanumGothic; none where its wheel is not installed.

    The wheel's package is not imported: it would change matplotlib's settings for all.
    """
    found = find_spec("koreanize_matplotlib")
    if found is None or found.origin is None:
        return []
    return [Path(found.origin).parent / "fonts"]


def wide_fonts() -> list[Path]:
    """DejaVu Sans, which matplotlib brings: Arabic, Hebrew, arrows, signs; none without matplotlib."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return []
    return sorted(Path(found.origin).parent.glob("mpl-data/fonts/ttf/DejaVuSans*.ttf"))


def korean_face(text: str) -> str:
    """A style sheet's font for the Korean letters of a page's text, those alone inside it; empty without any."""
    letters = "".join(sorted(set(HANGUL.findall(text))))
    if not letters or not korean_fonts():
        return ""
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options, made = Options(flavor="woff"), io.BytesIO()
    options.drop_tables += ["TSI0", "TSI1", "TSI2", "TSI3", "TSI5"]  # a font editor's notes
    font = load_font(korean_fonts()[0] / "NanumGothic.ttf", options)
    font["head"].modified, font.recalcTimestamp = font["head"].created, False  # the same page in every export
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    save_font(font, made, options)
    address = f"data:font/woff;base64,{base64.b64encode(made.getvalue()).decode()}"
    return f'@font-face {{ font-family: "ReportKorean"; src: url({address}) format("woff"); }}\n'


def with_korean(figure: Figure) -> Figure:
    """The same figure, whose texts take from NanumGothic the letters that DejaVu Sans lacks."""
    from matplotlib.text import Text

    if _is_registered():
        for words in figure.findobj(Text):
            words.set_fontfamily(FAMILIES)
    return figure


def drawable(words: str) -> str:
    """The words with � for each character that no font has: matplotlib would warn, and name this machine's folders."""
    known = _characters(_is_registered())
    return "".join(letter if ord(letter) in known else "\ufffd" for letter in words)


@cache
def _characters(with_korean: bool) -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    families = FAMILIES if with_korean else FAMILIES[:1]
    return frozenset().union(*(get_font(findfont(family)).get_charmap() for family in families))


def _is_registered() -> bool:
    """Makes NanumGothic known to matplotlib, once; False without its wheel."""
    from matplotlib.font_manager import fontManager

    if any(font.name == "NanumGothic" for font in fontManager.ttflist):
        return True
    for folder in korean_fonts():
        fontManager.addfont(folder / "NanumGothic.ttf")
        fontManager.addfont(folder / "NanumGothicBold.ttf")
    return bool(korean_fonts())
