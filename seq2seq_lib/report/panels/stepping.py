"""Go through a translation word by word, with one model or two, and write another word than the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import ipywidgets
from IPython.display import HTML
from matplotlib.figure import Figure

from seq2seq_lib.data.batches import collate
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.evaluation.steps import Step, decode_steps
from seq2seq_lib.evaluation.translation import as_sources
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.panels.panel import Panel, as_read, fitted, row, sentence, status
from seq2seq_lib.report.panels.walk import Walk
from seq2seq_lib.report.steps import source_words, step_strip
from seq2seq_lib.utils.device import device_of


def stepping_panel(study: Study, data: Data, text: str | None = None, variants: Sequence[str] | None = None) -> Panel:
    """A line to type in, one model or two side by side, and buttons that go through their translations word by word.

    At each step: the word fed in, where the model looks, the five likeliest next words, and what is written. Another of
    the five can be chosen, and the translation goes on from it; going back forgets what was chosen further on.

    Args:
        study: whose models translate; those whose weights are on this machine can be chosen.
        data: the corpus they were trained on.
        text: to begin with; by default the first test sentence.
        variants: one or two to begin with; by default the one with attention that has the lowest validation perplexity,
            and the lab's model.
    """
    return _Stepper(study, data, text or data.corpus.test[0].source, variants).panel


class _Stepper:
    """The controls that both models share: the sentence, and the step that is shown, `at`, counted from 0."""

    def __init__(self, study: Study, data: Data, text: str, variants: Sequence[str] | None) -> None:
        self.study, self.data, self.source, self.at = study, data, [], 0
        self.model = cache(self._model)
        first, second = [*(variants or self._best()), None][:2]
        # where no model is at hand, the first one says so
        names = dict.fromkeys([*study.with_models, *filter(None, (first, second))])
        options = [(title_of(name), name) for name in names]
        self.walks = [Walk("first model", options, first), Walk("second model", [("none", None), *options], second)]
        self.text = ipywidgets.Text(value=text, continuous_update=False, **fitted("sentence", "34em"))
        self.back, self.next = (
            ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="6.5em"))
            for label in ("◀ back", "next ▶")
        )
        # a number, not a slider: that of ipywidgets has no name for a screen reader
        self.step = ipywidgets.BoundedIntText(value=1, min=1, max=1, **fitted("step", "5em"))
        self.words, self.line = ipywidgets.HTML(), ipywidgets.HTML()
        self._connect()
        side_by_side = ipywidgets.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="0 2em")
        self.panel = Panel(
            [
                row(self.text), row(*(walk.name for walk in self.walks)), self.words,
                row(self.back, self.next, self.step, self.line),
                ipywidgets.HBox([walk.box for walk in self.walks], layout=side_by_side),
            ],
            instead=self.strip,
        )  # fmt: skip
        self.restart()

    def _connect(self) -> None:
        self.text.observe(self.restart, names="value")
        self.step.observe(lambda change: self.go(change.new - 1), names="value")
        self.back.on_click(lambda _: self.go(self.at - 1))
        self.next.on_click(lambda _: self.go(self.at + 1))
        for walk in self.walks:
            walk.name.observe(lambda _, walk=walk: self.again(walk), names="value")
            walk.choose.observe(lambda change, walk=walk: self.choose(walk, change.new), names="value")

    def restart(self, change: object = None) -> None:
        """Shows the first step of each model for what is typed now."""
        self.at = 0
        self.again(*self.walks)

    def again(self, *walks: Walk) -> None:
        """Forgets what was chosen for these models, and translates."""
        for walk in walks:
            walk.chosen = {}
        self.show(*walks)

    def choose(self, walk: Walk, token: int | None) -> None:
        """Has a model write `token` at this step, and go on from there."""
        if token is not None and not walk.is_drawing:
            walk.chosen = {**walk.chosen_before(self.at), self.at: token}
            self.show(walk)

    def go(self, at: int) -> None:
        """Shows another step; on the way back, what was chosen behind it is forgotten."""
        at = min(max(at, 0), self.last)
        if at == self.at:
            return
        changed = [walk for walk in self.walks if len(walk.chosen_before(at + 1)) < len(walk.chosen)]
        for walk in changed:
            walk.chosen = walk.chosen_before(at + 1)
        self.at = at
        self.show(*changed)

    @property
    def last(self) -> int:
        """The step that ends the longer translation, counted from 0."""
        return max(0, *(len(walk.steps) - 1 for walk in self.walks))

    def show(self, *changed: Walk) -> None:
        """Translates anew with the models that have changed, and shows the step that is asked for."""
        text, pad_to = self.text.value.strip(), self.study.profile.schedule.pad_to
        try:
            if not text:
                raise ValueError("Type a sentence first.")
            for walk in self.walks:
                if walk in changed or not walk.steps:
                    walk.steps = self._decode(walk, text, pad_to)
            self.words.value, self.source = as_read(self.data, text, pad_to), source_words(self.data, text, pad_to)
        except (ValueError, OSError) as error:
            self.words.value = sentence(str(error), error=True)
            for walk in self.walks:
                walk.steps = []
        self.at = min(self.at, self.last)
        for walk in self.walks:
            walk.draw(self.at, self.source, self.data)
        self.step.value, self.step.max = self.at + 1, self.last + 1  # in this order: neither moves the other
        told = "; ".join(filter(None, (walk.told(self.at, self.data) for walk in self.walks)))
        self.line.value = told and status(f"Step {self.at + 1} of {self.last + 1}: {told}.")

    def _decode(self, walk: Walk, text: str, pad_to: int | None) -> list[Step]:
        if walk.name.value is None:
            return []
        model = self.model(walk.name.value)
        batch = collate(as_sources(self.data, [text]), pad_to).to(device_of(model))
        return decode_steps(model, batch, self.data.max_length, walk.chosen)

    def _model(self, name: str) -> Seq2Seq:
        """The trained model in evaluation mode.

        Raises:
            ValueError: when its words are not the data's.
            RecordError: when its weights are not on this machine.
        """
        model = self.study.model(name).eval()
        if model.decoder.output.out_features != len(self.data.tgt.vocab):
            raise ValueError(f"{title_of(name)} was trained on another corpus: give the data of its study.")
        return model

    def _best(self) -> list[str]:
        """Of the models at hand the best with attention, and the lab's; the study's first where none is."""
        names = self.study.with_models
        if not names:
            return [self.study.variants[0]]
        ranked = [name for name in self.study.ranked() if name in names]
        best = next(filter(self._attends, ranked), ranked[0])
        return list(dict.fromkeys([best, *({"baseline"} & set(names))]))

    def _attends(self, name: str) -> bool:
        try:
            return hasattr(self.model(name).decoder, "attend")
        except (ValueError, OSError):  # is said when it is chosen
            return False

    def strip(self) -> Figure | HTML:
        """The first steps of both models as one figure; what keeps them from translating where they do not."""
        walks = {walk.name.value: walk.steps for walk in self.walks if walk.steps}
        if not walks:
            return HTML(self.words.value)
        return step_strip(walks, self.source, self.data.tgt)
