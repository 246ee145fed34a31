"""Korean words in a figure have their letters, and no setting of matplotlib's changes."""

import io
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib import font_manager

from seq2seq_lib.report import fonts
from seq2seq_lib.report.pictures import reading_orders


def drawn(figure):
    """What matplotlib complains of when a figure is drawn."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(io.BytesIO(), format="png")
    return [str(warning.message) for warning in caught]


def figure_with(words):
    figure, axes = plt.subplots()
    plt.close(figure)
    axes.set_xticks([0, 1], [words, words])
    axes.set(title=words)
    axes.text(0.5, 0.5, words)
    return figure


def test_without_the_fonts_a_letter_is_missing_and_matplotlib_says_so():
    assert any("missing" in complaint for complaint in drawn(figure_with("한국어")))


@pytest.mark.parametrize("words", ["한국어 문장", "œuvre, été, « non »", "1/64 − √H → ₂"])
def test_every_letter_is_drawn(words):
    assert drawn(fonts.with_korean(figure_with(words))) == []


def test_no_setting_changes():
    before = dict(mpl.rcParams)
    fonts.with_korean(figure_with("한국어"))
    assert dict(mpl.rcParams) == before


def test_a_corpus_in_korean_is_drawn():
    figure = reading_orders([("고양이 잔다", "le chat dort"), ("그는 뛴다", "il court")], ["baseline", "reversed"])
    assert drawn(figure) == []


def test_without_the_wheel_a_figure_is_drawn_as_before(monkeypatch):
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    assert fonts.korean_fonts() == []
    figure = fonts.with_korean(figure_with("œuvre"))
    assert "NanumGothic" not in figure.axes[0].title.get_fontfamily()
