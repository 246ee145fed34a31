"""What all interactive views share: a static twin for files and web viewers, and pictures that do not flicker."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable

import ipywidgets
import pandas as pd
from matplotlib.figure import Figure

from seq2seq_lib.report.tables import readable


class Panel(ipywidgets.VBox):
    """Widgets in JupyterLab and VS Code; where no kernel answers, the static figure or table that makes the same point.

    Both go out as one output, of which the reader's program shows what it can. A stored notebook keeps the static one.

    Args:
        children: widgets, one below the other.
        instead: makes the static one: a Figure, or what has `_repr_html_`, such as a DataFrame.
    """

    def __init__(self, children: list[ipywidgets.Widget], instead: Callable[[], object]) -> None:
        super().__init__(children)
        self._instead = instead

    def _repr_mimebundle_(self, **options):
        live = super()._repr_mimebundle_(**options)
        shown = self._instead()
        if isinstance(shown, Figure):
            return {**live, "image/png": base64.b64encode(png_of(shown)).decode()}
        return {**live, "text/html": shown._repr_html_()}


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def picture(figure: Figure, alternative: str) -> str:
    """The figure as an <img> for an HTML widget, which is replaced in place: nothing piles up, nothing jumps.

    Args:
        figure: to be shown.
        alternative: what it shows, in words, for those who cannot see it.
    """
    wide, high = (round(inches * figure.dpi) for inches in figure.get_size_inches())
    data = base64.b64encode(png_of(figure)).decode()
    style = f"width:{wide}px; max-width:100%; aspect-ratio:{wide}/{high}; background:white"
    return f'<img alt="{html.escape(alternative)}" style="{style}" src="data:image/png;base64,{data}">'


def sentence(text: str, *, error: bool = False) -> str:
    """A line of plain text for an HTML widget; an error is announced by screen readers."""
    if not error:
        return f"<span>{html.escape(text)}</span>"
    return f'<span role="alert" style="color:var(--jp-error-color0, #b00020)">{html.escape(text)}</span>'


def table(frame: pd.DataFrame) -> str:
    """The table for an HTML widget, with the looks of a notebook's own tables; it scrolls where the page is narrow."""
    return f'<div class="jp-RenderedHTMLCommon" style="overflow-x:auto">{readable(frame).to_html()}</div>'


def switch(description: str, value: bool = False, tooltip: str | None = None) -> ipywidgets.Checkbox:
    """A checkbox as wide as its text: unlike a toggle button it tells a screen reader whether it is on."""
    return ipywidgets.Checkbox(
        value=value, description=description, tooltip=tooltip, indent=False, layout=ipywidgets.Layout(width="auto")
    )


def switches(names: list[str], chosen: list[str], tooltips: dict[str, str]) -> dict[str, ipywidgets.Checkbox]:
    """A switch a name, on for those in `chosen`; each can be reached by Tab and pressed by the space bar."""
    return {name: switch(name, name in chosen, tooltips.get(name)) for name in names}


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
