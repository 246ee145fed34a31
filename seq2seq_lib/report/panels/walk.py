"""One model's way through a sentence, in the stepping panel: which model, its steps, and the words chosen for it.

A step as HTML: fed in, a heat strip over the source, bars of the likeliest words, and written.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets

from seq2seq_lib.data.tokenization import Data, Side
from seq2seq_lib.data.vocabulary import EOS
from seq2seq_lib.evaluation.steps import Step
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.panels.panel import fitted
from seq2seq_lib.report.steps import ink, looks, looks_in_words, shade, word
from seq2seq_lib.report.tables import NO_FORMULAS

CELL = "display:inline-block; margin:1px; padding:2px 6px; text-align:center; border-radius:3px; line-height:1.3"
BAR = f"display:block; height:0.8em; background:{shade(0.7)}; border-radius:2px"


class Walk:
    """A column of the panel.

    Attributes:
        name: the control that chooses the model; None is none.
        choose: the control that chooses the word to write, among the likeliest of the step that is shown.
        steps: of the translation; none without a model.
        chosen: step, counted from 0 -> id that was chosen for it.
        is_drawing: whether `choose` changes because another step is shown, and not because someone chose.
    """

    def __init__(self, label: str, options: Sequence[tuple[str, str | None]], name: str | None) -> None:
        self.name = ipywidgets.Dropdown(options=options, value=name, **fitted(label, "15em"))
        self.choose = ipywidgets.Dropdown(**fitted(f"choose ({label})", "12em"))
        self.before, self.after = ipywidgets.HTML(), ipywidgets.HTML()
        narrow = ipywidgets.Layout(flex="1 1 22em", max_width="36em")
        self.box = ipywidgets.VBox([self.before, self.choose, self.after], layout=narrow)
        self.steps: list[Step] = []
        self.chosen: dict[int, int] = {}
        self.is_drawing = False

    def chosen_before(self, at: int) -> dict[int, int]:
        """What was chosen for the steps before `at`."""
        return {step: token for step, token in self.chosen.items() if step < at}

    def draw(self, at: int, words: Sequence[str], data: Data) -> None:
        """Shows step `at` for the sentence's `source_words`, or the whole translation where it ended before."""
        self.box.layout.display = None if self.steps else "none"
        if not self.steps:
            return
        title = f'<div class="{NO_FORMULAS}" style="font-size:1.15em">{html.escape(title_of(self.name.value))}</div>'
        going_on = at < len(self.steps)
        self.before.value = title + (_before_writing(self.steps[at], words, data.tgt) if going_on else "")
        self.after.value = _written(self.steps, at, data)
        self.choose.layout.display = None if going_on else "none"
        if going_on:
            self._offer(self.steps[at], data)

    def told(self, at: int, data: Data) -> str:
        """What step `at` writes, in a few words; nothing without a model."""
        if not self.steps:
            return ""
        if at >= len(self.steps):
            return f"{title_of(self.name.value)} has ended"
        return f"{title_of(self.name.value)} writes “{word(data.tgt, self.steps[at].chosen)}”"

    def _offer(self, step: Step, data: Data) -> None:
        self.is_drawing = True
        numbered = enumerate(zip(step.likeliest, step.probabilities, strict=True), start=1)
        options = [(f"{place}. {word(data.tgt, token)} {share:.3f}", token) for place, (token, share) in numbered]
        self.choose.options, self.choose.value = options, step.chosen
        self.is_drawing = False


def _before_writing(step: Step, words: Sequence[str], side: Side) -> str:
    """What a step is given, where it looks in the `source_words`, and what it could write next."""
    told = looks_in_words(step, words)
    strip = "".join(_cell(text, weight) for text, weight in looks(step, words))
    return (
        f'<div class="{NO_FORMULAS}" style="line-height:1.5">'
        f"<div>Fed in: {_word(side, step.fed)}</div>"
        f'<div style="margin:4px 0">{strip}</div><div>{html.escape(told[:1].upper() + told[1:])}.</div>'
        f'<div style="margin-top:8px">Likeliest next words:</div>{_bars(step, side)}</div>'
    )


def _written(steps: Sequence[Step], at: int, data: Data) -> str:
    """What is written before step `at` and by it; where the translation has ended before, the whole of it."""
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
