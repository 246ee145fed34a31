"""The curves and scores of studies, with switches: an ipywidgets view over the figures that the notebooks show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets
from matplotlib.figure import Figure

from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.report.figures import AXES, METRICS, SCORES, curves, spread
from seq2seq_lib.report.panels.panel import Panel, Switches, fitted, picture, row, sentence, switch

#: Points of the training loss that the smoothest curve is a mean of.
SMOOTHEST = 30


def curve_explorer(studies: Study | Mapping[str, Study], variants: Sequence[str] | None = None) -> Panel:
    """Chooses study, variants, metric, axes, smoothing, and band or single seeds of one figure.

    Args:
        studies: heading -> study, such as this run's and the stored one; or one study alone.
        variants: with a switch each; by default those of the first study. The first study's are switched on.
    """
    return _Explorer({"this run": studies} if isinstance(studies, Study) else dict(studies), variants).panel


class _Explorer:
    """The controls, and the one picture that they redraw."""

    def __init__(self, studies: Mapping[str, Study], variants: Sequence[str] | None) -> None:
        first = next(iter(studies.values()))
        names = list(variants or first.variants)
        self.studies = studies
        self.switches = Switches(names, first.variants)
        choices = [(text, key) for key, text in {**METRICS, **SCORES}.items()]
        self.study = ipywidgets.Dropdown(options=list(studies), **fitted("study", "11em"))
        self.metric = ipywidgets.Dropdown(options=choices, value="valid_perplexity", **fitted("metric", "27em"))
        self.by = ipywidgets.Dropdown(options=list(AXES), **fitted("per"))
        self.seeds = switch("each seed", tooltip="A line a seed; otherwise the mean, in a band over all seeds.")
        self.log = switch("logarithmic axis", value=True)
        # a number, not a slider: that of ipywidgets has no name for a screen reader
        self.smoothing = ipywidgets.BoundedIntText(value=1, min=1, max=SMOOTHEST, **fitted("smoothing", "5em"))
        self.picture = ipywidgets.HTML()
        which, what = row(*self.switches.widgets), row(self.study, self.metric)
        how = row(self.by, self.seeds, self.log, self.smoothing)
        self.panel = Panel([which, what, how, self.picture], instead=self.figure)
        self.switches.on_change(self.redraw)
        for control in (*what.children, *how.children):
            control.observe(self.redraw, names="value")
        self.redraw()

    @property
    def chosen(self) -> list[str]:
        return [name for name in self.studies[self.study.value].variants if name in self.switches.chosen]

    def figure(self) -> Figure:
        study = self.studies[self.study.value]
        if self.metric.value in SCORES:
            return spread(study, self.metric.value, self.chosen)
        return curves(
            study, self.metric.value, self.chosen, log=self.log.value, by=self.by.value,
            smoothing=self.smoothing.value, each_seed=self.seeds.value,
        )  # fmt: skip

    def redraw(self, change: object = None) -> None:
        """Draws once, and switches off what has no meaning for the chosen study or metric."""
        study, is_score = self.studies[self.study.value], self.metric.value in SCORES
        for name, control in self.switches.boxes.items():
            control.disabled = name not in study.variants
        for control in (self.by, self.seeds, self.log):
            control.disabled = is_score
        self.smoothing.disabled = self.metric.value != "train_loss"
        if not self.chosen:
            self.picture.value = sentence("Choose at least one variant.")
            return
        shown = {**METRICS, **SCORES}[self.metric.value]
        self.picture.value = picture(self.figure(), f"{shown}: {', '.join(self.chosen)} ({self.study.value})")
