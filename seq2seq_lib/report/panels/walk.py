"""One model's way through a sentence, in the stepping panel: which model, its steps, and the words chosen for it."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets

from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.evaluation.steps import Step
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.panels.panel import fitted
from seq2seq_lib.report.panels.step_view import before_writing, written
from seq2seq_lib.report.steps import word
from seq2seq_lib.report.tables import NO_FORMULAS


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
        """Shows step `at`, or the whole translation where it ended before.

        Args:
            at: counted from 0.
            words: the sentence's `source_words`.
            data: whose target vocabulary the model writes in.
        """
        self.box.layout.display = None if self.steps else "none"
        if not self.steps:
            return
        title = f'<div class="{NO_FORMULAS}" style="font-size:1.15em">{html.escape(title_of(self.name.value))}</div>'
        going_on = at < len(self.steps)
        self.before.value = title + (before_writing(self.steps[at], words, data.tgt) if going_on else "")
        self.after.value = written(self.steps, at, data)
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
