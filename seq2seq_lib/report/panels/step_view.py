"""One step of a translation as HTML: fed in, a heat strip over the source, bars of the likeliest words, and written."""

from __future__ import annotations

import html
from collections.abc import Sequence

from seq2seq_lib.data.tokenization import Data, Side
from seq2seq_lib.data.vocabulary import EOS
from seq2seq_lib.evaluation.steps import Step
from seq2seq_lib.report.steps import ink, looks, looks_in_words, shade, word
from seq2seq_lib.report.tables import NO_FORMULAS

CELL = "display:inline-block; margin:1px; padding:2px 6px; text-align:center; border-radius:3px; line-height:1.3"
BAR = f"display:block; height:0.8em; background:{shade(0.7)}; border-radius:2px"


def before_writing(step: Step, words: Sequence[str], side: Side) -> str:
    """What a step is given, where it looks, and what it could write next.

    Args:
        step: of a translation.
        words: the sentence's `source_words`.
        side: the target language.
    """
    told = looks_in_words(step, words)
    strip = "".join(_cell(text, weight) for text, weight in looks(step, words))
    return (
        f'<div class="{NO_FORMULAS}" style="line-height:1.5">'
        f"<div>Fed in: {_word(side, step.fed)}</div>"
        f'<div style="margin:4px 0">{strip}</div><div>{html.escape(told[:1].upper() + told[1:])}.</div>'
        f'<div style="margin-top:8px">Likeliest next words:</div>{_bars(step, side)}</div>'
    )


def written(steps: Sequence[Step], at: int, data: Data) -> str:
    """What is written before step `at` and by it; where the translation has ended, the whole of it.

    Args:
        steps: of the translation.
        at: counted from 0; it may lie behind the last step.
        data: whose target vocabulary joins the words.
    """
    text = data.tgt.decode([step.chosen for step in steps[:at]])
    before = f"<q><bdi>{html.escape(text)}</bdi></q>" if text else "nothing"
    if at < len(steps):
        now = f"now {_word(data.tgt, steps[at].chosen)}"
    else:
        now = f"{'ended' if steps[-1].chosen == EOS else 'cut'} at step {len(steps)}"
    return f'<p class="{NO_FORMULAS}">Written so far: {before}; {now}.</p>'


def _word(side: Side, token: int) -> str:
    shown = html.escape(word(side, token))
    style = "font-style:italic" if token == EOS else "font-weight:600"
    return f'<span style="{style}"><bdi>{shown}</bdi></span>'


def _cell(text: str, weight: float) -> str:
    style = f"{CELL}; background:{shade(weight)}; color:{ink(weight)}"
    return (
        f'<span style="{style}"><bdi>{html.escape(text)}</bdi> <span style="display:block">{weight:.2f}</span></span>'
    )


def _bars(step: Step, side: Side) -> str:
    """A row a candidate: its word, a bar as long as its probability, the number, and which of them is written."""
    rows = "".join(
        f'<tr><th scope="row" style="width:8em; text-align:left; overflow-wrap:anywhere">{_word(side, token)}</th>'
        f'<td><span style="{BAR}; width:{max(share, 0.004):.1%}"></span></td>'
        f'<td style="width:8em; padding-left:8px">{share:.3f}{" ← written" if token == step.chosen else ""}</td></tr>'
        for token, share in zip(step.likeliest, step.probabilities, strict=True)
    )
    return f'<table style="table-layout:fixed; width:100%; border-collapse:collapse">{rows}</table>'
