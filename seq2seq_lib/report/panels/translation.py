"""Type a sentence, choose models, and see side by side what they make of it and where they look."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import ipywidgets
import pandas as pd
from IPython.display import HTML

from seq2seq_lib.data.batches import collate
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.vocabulary import EOS, SOS, Example
from seq2seq_lib.evaluation.search import search
from seq2seq_lib.evaluation.translation import as_sources, as_typed
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.panels.panel import Panel, Switches, as_read, fitted, picture, row, sentence, table
from seq2seq_lib.report.pictures import attention_maps
from seq2seq_lib.utils.device import device_of

SEARCHES = {"greedy": 1, "beam of 5": 5}


def translation_panel(
    study: Study, data: Data, text: str | None = None, variants: Sequence[str] | None = None
) -> Panel:
    """A line to type in, a switch a model, translations side by side, and the attention of the models that have it.

    Args:
        study: whose models translate; those whose weights are on this machine can be chosen.
        data: the corpus they were trained on.
        text: to begin with; by default the first test sentence.
        variants: switched on to begin with; by default the lab's model and the one with the lowest validation
            perplexity.
    """
    offered = study.with_models or study.variants  # where no model is at hand, the first one says so
    best = next(name for name in study.ranked() if name in offered)
    chosen = list(variants or dict.fromkeys((offered[0], best)))
    return _Translator(study, data, text or data.corpus.test[0].source, offered, chosen).panel


class _Translator:
    def __init__(self, study: Study, data: Data, text: str, offered: Sequence[str], chosen: list[str]) -> None:
        self.study, self.data, self.shown = study, data, None
        self.model = cache(study.model)
        self.text = ipywidgets.Text(value=text, continuous_update=False, **fitted("sentence", "34em"))
        self.switches = Switches([*dict.fromkeys([*offered, *chosen])], chosen)
        self.search = ipywidgets.Dropdown(options=SEARCHES, **fitted("search", "10em"))
        self.button = ipywidgets.Button(description="Translate", button_style="primary")
        self.words, self.table, self.maps = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.switches.on_change(self.translate)
        for control in (self.text, self.search):
            control.observe(self.translate, names="value")
        self.button.on_click(self.translate)
        controls = [row(*self.switches.widgets), row(self.text, self.search, self.button)]
        self.panel = Panel([*controls, self.words, self.table, self.maps], instead=self.as_page)
        self.translate()

    def translate(self, change: object = None) -> None:
        """Translates what is typed with the models that are switched on, unless that is what is shown."""
        asked = (self.text.value.strip(), self.search.value, tuple(self.switches.chosen))
        if asked == self.shown:
            return
        try:
            # found first and shown then: what was there is replaced, and the page does not jump
            words, rows, maps = self._find(*asked[::2])
        except (ValueError, OSError) as error:
            words, rows, maps, asked = sentence(str(error), error=True), "", "", None
        self.shown, self.words.value, self.table.value, self.maps.value = asked, words, rows, maps

    def _find(self, text: str, chosen: tuple[str, ...]) -> tuple[str, str, str]:
        """The text as the models read it, their translations, and the maps of those with attention."""
        if not text or not chosen:
            raise ValueError("Choose at least one model." if text else "Type a sentence first.")
        source = as_sources(self.data, [text])[0].source
        found = {name: self._search(self.model(name), source) for name in chosen}
        texts = [self._readable(self.model(name), ids, source, text) for name, ids in found.items()]
        rows = {"model": map(title_of, chosen), "translation": texts}
        maps = "".join(
            self._map(name, Example(source, [SOS, *ids, EOS]))
            for name, ids in found.items()
            if hasattr(self.model(name).decoder, "attend")
        )
        words = as_read(self.data, text, self.study.profile.schedule.pad_to)
        return words, table(pd.DataFrame(rows, index=chosen)), maps

    def _search(self, model: Seq2Seq, source: list[int]) -> list[int]:
        batch = collate([Example(source, [SOS, EOS])], self.study.profile.schedule.pad_to)
        return search(model.eval(), batch.to(device_of(model)), self.search.value, self.data.max_length)[0]

    def _readable(self, model: Seq2Seq, ids: list[int], source: list[int], text: str) -> str:
        """The translation as the shell's command writes it, with a word on a cut."""
        found = as_typed(model, self.data, text, Example(source, []), ids, self.study.profile.schedule.pad_to)
        return found.text + (f" (cut after {self.data.max_length} tokens)" if found.is_cut else "")

    def _map(self, name: str, example: Example) -> str:
        figure = attention_maps(
            {name: self.model(name)}, self.data, example, self.study.profile.schedule.pad_to, columns=1
        )
        return picture(figure, f"Where {name} looks in the source at each word that it writes")

    def as_page(self) -> HTML:
        """What the panel shows, without its controls and pictures."""
        return HTML(self.words.value + self.table.value)
