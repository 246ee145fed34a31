"""ipywidgets views over the same figures that the notebooks show as pictures."""

from __future__ import annotations

import ipywidgets
from IPython.display import display

from seq2seq_lib.report.figures import METRICS, curves
from seq2seq_lib.studies import Study
from seq2seq_lib.variants import VARIANTS


def curve_explorer(study: Study) -> ipywidgets.VBox:
    """Toggles variants and metric of `figures.curves`; every change redraws the one figure.

    Args:
        study: whose curves are shown.
    """
    switches = {
        name: ipywidgets.ToggleButton(
            value=True,
            description=name,
            tooltip=VARIANTS[name].why if name in VARIANTS else name,
            layout=ipywidgets.Layout(width="auto"),
        )
        for name in study.variants
    }
    metric = ipywidgets.Dropdown(
        options=[(text, key) for key, text in METRICS.items()],
        value="valid_perplexity",
        description="metric",
        layout=ipywidgets.Layout(width="28em"),
    )
    log = ipywidgets.Checkbox(value=True, description="logarithmic axis")
    picture = ipywidgets.Output()

    def redraw(change: object = None) -> None:
        chosen = [name for name, switch in switches.items() if switch.value]
        picture.clear_output(wait=True)
        with picture:
            if chosen:
                display(curves(study, metric.value, chosen, log=log.value))
            else:
                print("Choose at least one variant.")

    for control in (*switches.values(), metric, log):
        control.observe(redraw, names="value")
    redraw()
    toggles = ipywidgets.HBox(list(switches.values()), layout=ipywidgets.Layout(flex_flow="row wrap"))
    return ipywidgets.VBox([toggles, ipywidgets.HBox([metric, log]), picture])
