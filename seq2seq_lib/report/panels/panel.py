"""What all interactive views share: a static twin for files and web viewers, and pictures that do not flicker."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import ipywidgets
import pandas as pd
from matplotlib.figure import Figure

from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.words import sentences
from seq2seq_lib.models.variants import VARIANTS, title_of
from seq2seq_lib.report.figures import Described, png_of
from seq2seq_lib.report.tables import NO_FORMULAS, readable


class Panel(ipywidgets.VBox):
    """Widgets in JupyterLab and VS Code; where no kernel answers, the static figure or table that makes the same point.

    Both go out as one output, of which the reader's program shows what it can. A stored notebook keeps the static one.

    Args:
        children: widgets, one below the other.
        instead: makes the static one: a Figure, best one that is `Described`, or what has `_repr_html_`.
    """

    def __init__(self, children: list[ipywidgets.Widget], instead: Callable[[], object]) -> None:
        super().__init__(children)
        self._instead = instead

    def _repr_mimebundle_(self, **options):
        live, shown = super()._repr_mimebundle_(**options), self._instead()
        if not isinstance(shown, Figure):
            return {**live, "text/html": shown._repr_html_()}
        data = {**live, "image/png": png_of(shown)}
        return (data, {"image/png": {"alt": shown.words}}) if isinstance(shown, Described) else data


def picture(figure: Figure, alternative: str) -> str:
    """The figure as an <img> for an HTML widget, which is replaced in place: nothing piles up, nothing jumps.

    The alternative says what it shows, for those who cannot see it.
    """
    wide, high = (round(inches * figure.dpi) for inches in figure.get_size_inches())
    style = f"width:{wide}px; max-width:100%; aspect-ratio:{wide}/{high}; background:white"
    return f'<img alt="{html.escape(alternative)}" style="{style}" src="data:image/png;base64,{png_of(figure)}">'


def sentence(text: str, *, error: bool = False) -> str:
    """A line of plain text for an HTML widget; an error is announced by screen readers."""
    if not error:
        return f"<span>{html.escape(text)}</span>"
    return f'<span role="alert" style="color:var(--jp-error-color0, #b00020)">{html.escape(text)}</span>'


def status(text: str) -> str:
    """A line of plain text for an HTML widget that changes as one goes on; screen readers say each change."""
    return f'<span role="status" class="{NO_FORMULAS}">{html.escape(text)}</span>'


def as_read(data: Data, text: str, pad_to: int | None) -> str:
    """A source as the models get it, for an HTML widget: unknown words marked, and a word on what was cut off."""
    tokens, vocab = data.src.tokens(text), data.src.vocab
    words = [html.escape(token) if token in vocab else _marked(token) for token in tokens]
    unknown = sum(token not in vocab for token in tokens)
    never_met = ", which they never met in training" if data.min_freq == 1 else ""
    told = f" Marked: not in the vocabulary, read as &lt;unk&gt;{never_met} ({unknown})." if unknown else ""
    if pad_to is not None and len(tokens) >= pad_to:
        told += f" Cut after {pad_to - 1} tokens, as in training."
    if (several := len(sentences(text, data.src.language))) > 1:
        told += f" These are {several} sentences; the models have learnt to translate one at a time."
    # <bdi>: a mark in the words that turns the direction of writing turns theirs alone
    return f'<p class="{NO_FORMULAS}">The models read: <q><bdi>{" ".join(words)}</bdi></q>.{told}</p>'


def _marked(token: str) -> str:
    return f'<mark title="not in the vocabulary">{html.escape(token)}</mark>'


def table(frame: pd.DataFrame) -> str:
    """The table for an HTML widget, with the looks of a notebook's own tables; it scrolls where the page is narrow."""
    return f'<div class="jp-RenderedHTMLCommon" style="overflow-x:auto">{readable(frame).to_html()}</div>'


def switch(description: str, value: bool = False, tooltip: str | None = None) -> ipywidgets.Checkbox:
    """A checkbox as wide as its text: unlike a toggle button it tells a screen reader whether it is on."""
    return ipywidgets.Checkbox(
        value=value, description=description, tooltip=tooltip, indent=False, layout=ipywidgets.Layout(width="auto")
    )


class Switches:
    """A switch a variant, called by its title, on for the `chosen`, and two buttons for all and none.

    Each can be reached by Tab.
    """

    def __init__(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        whys = {name: VARIANTS[name].why for name in names if name in VARIANTS}
        self.boxes = {
            name: switch(title_of(name), name in chosen, " ".join([f"{name}:", whys.get(name, "")])) for name in names
        }
        self.all, self.none = (
            ipywidgets.Button(description=word, layout=ipywidgets.Layout(width="auto")) for word in ("all", "none")
        )
        self.widgets = [*self.boxes.values(), self.all, self.none]
        self._watchers: list[Callable[[object], None]] = []
        self._holding = False
        self.all.on_click(lambda _: self._set(True))
        self.none.on_click(lambda _: self._set(False))
        for box in self.boxes.values():
            box.observe(self._changed, names="value")

    @property
    def chosen(self) -> list[str]:
        """The names that are on."""
        return [name for name, box in self.boxes.items() if box.value]

    def on_change(self, watcher: Callable[[object], None]) -> None:
        """Calls `watcher` once for each change, and once where a button changes many switches."""
        self._watchers.append(watcher)

    def _set(self, value: bool) -> None:
        self._holding = True
        for box in self.boxes.values():
            if not box.disabled:
                box.value = value
        self._holding = False
        self._changed(None)

    def _changed(self, change: object) -> None:
        if not self._holding:
            for watcher in self._watchers:
                watcher(change)


def fitted(description: str, field: str = "6em") -> dict[str, object]:
    """Keywords for a control with a field `field` wide, less on a narrow page, and a description that is not cut."""
    width = f"calc({0.62 * len(description):.1f}em + {field})"
    return {
        "description": description,
        "layout": ipywidgets.Layout(width=width, max_width="calc(100% - 4px)"),
        "style": {"description_width": "initial"},
    }


def row(*widgets: ipywidgets.Widget) -> ipywidgets.HBox:
    """Widgets side by side, going on in a new line where the page is narrow."""
    layout = ipywidgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="0 1.2em")
    return ipywidgets.HBox(list(widgets), layout=layout)
