"""Notebooks run from top to bottom and are stored clean."""

from __future__ import annotations

import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from seq2seq_lib.report.export.notebooks import WIDGET_NOTE, read_notebook
from seq2seq_lib.utils.progress import duration

WIDGET = "application/vnd.jupyter.widget-view+json"


class _WatchedClient(NotebookClient):
    """Tells the terminal which cell runs, and what the live displays of a long cell say meanwhile."""

    async def async_execute_cell(self, cell, cell_index, **options):
        if cell.cell_type == "code":
            print(f"  cell {cell_index + 1} of {len(self.nb.cells)}", flush=True)
        return await super().async_execute_cell(cell, cell_index, **options)

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "update_display_data":
            print(f"    {msg['content']['data'].get('text/plain', '')}", flush=True)
        return super().process_message(msg, cell, cell_index)


def execute(notebook: Path, *, in_place: bool = False) -> NotebookNode:
    """Runs a notebook from top to bottom in a fresh kernel, in its own folder, and returns it with its outputs, clean.

    With `in_place` the file itself keeps the outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: when a cell fails; nothing is written then.
        FileNotFoundError: when there is no such notebook.
        ValueError: when the file is not a notebook.
    """
    started = time.monotonic()
    content = read_notebook(notebook)
    print(f"{notebook.name}: running", flush=True)
    _WatchedClient(
        content, timeout=None, kernel_name="python3", resources={"metadata": {"path": str(notebook.parent)}},
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # or each kernel says that loopback is not encrypted
    ).execute()  # fmt: skip
    clean(content)
    if in_place:
        nbformat.write(content, notebook)
    print(f"{notebook.name}: run after {duration(time.monotonic() - started)}", flush=True)
    return content


def clean(content: NotebookNode) -> NotebookNode:
    """Takes out widgets, which no file can show, and what names the machine that ran the notebook."""
    drop_widgets(content)
    content.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    return content


def drop_widgets(content: dict) -> None:
    """Takes widgets out of a notebook's outputs, in place.

    A widget leaves what stands beside it in its output, a picture, a table or words; where nothing does, a note. Its
    plain text is no such thing: it is the name of a Python class.
    """
    for cell in content["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.pop(WIDGET, None) is not None and set(data) <= {"text/plain"}:
                output["data"] = {"text/markdown": WIDGET_NOTE, "text/plain": WIDGET_NOTE.strip("*")}
    content["metadata"].pop("widgets", None)


def save_without_widgets(model: dict, **_: object) -> None:
    """Jupyter's hook before a notebook is written: the file keeps what stands beside its widgets.

    Their models end with the kernel, and a notebook that was saved with them shows errors when it is opened again. The
    open page keeps them. The installation names this function in Jupyter's configuration.
    """
    content = model.get("content")
    if model.get("type") == "notebook" and isinstance(content, dict) and content.get("nbformat") == 4:
        drop_widgets(content)
