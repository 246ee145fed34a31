"""Korean letters, which Typst's fonts and matplotlib's lack: NanumGothic (SIL Open Font License), from a wheel."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FAMILIES = ["DejaVu Sans", "NanumGothic"]


def korean_fonts() -> list[Path]:
    """The folders that hold NanumGothic; none where its wheel is not installed.

    The wheel's package is not imported: it would change matplotlib's settings for all.
    """
    found = find_spec("koreanize_matplotlib")
    if found is None or found.origin is None:
        return []
    return [Path(found.origin).parent / "fonts"]


def with_korean(figure: Figure) -> Figure:
    """The same figure, whose texts take from NanumGothic the letters that DejaVu Sans lacks."""
    from matplotlib.text import Text

    if _is_registered():
        for words in figure.findobj(Text):
            words.set_fontfamily(FAMILIES)
    return figure


def _is_registered() -> bool:
    """Makes NanumGothic known to matplotlib, once; False without its wheel."""
    from matplotlib.font_manager import fontManager

    if not any(font.name == "NanumGothic" for font in fontManager.ttflist):
        for folder in korean_fonts():
            for file in (folder / "NanumGothic.ttf", folder / "NanumGothicBold.ttf"):
                fontManager.addfont(file)
    return any(font.name == "NanumGothic" for font in fontManager.ttflist)
