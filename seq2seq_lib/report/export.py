"""Notebooks run from top to bottom, stored clean, and exported to HTML."""

from __future__ import annotations

import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode

from seq2seq_lib.progress import duration

WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_NOTE = "*An interactive view: run this cell in JupyterLab or VS Code.*"

#: Tag of cells whose output is text for the reader and whose code is that same text once more.
PROSE = "prose"

#: What the exporter's page lacks: code in displayed Markdown in one width, and letters below the line.
STYLE = (
    ".jp-OutputArea .highlight pre { font-family: monospace; font-size: 13px; line-height: 1.35; } "
    "sub { vertical-align: sub; font-size: smaller; } sup { vertical-align: super; font-size: smaller; }"
)


class _WatchedClient(NotebookClient):
    """Tells the terminal which cell runs, and what the live displays of a long cell say meanwhile."""

    async def async_execute_cell(self, cell, cell_index, **options):
        if cell.cell_type == "code":
            print(f"  cell {cell_index + 1} of {len(self.nb.cells)}", flush=True)
        return await super().async_execute_cell(cell, cell_index, **options)

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "update_display_data":
            print(f"    {msg['content']['data'].get('text/markdown', '')}", flush=True)
        return super().process_message(msg, cell, cell_index)


def execute_and_export(notebook: Path, out: Path, *, in_place: bool = False) -> Path:
    """Runs a notebook from top to bottom in a fresh kernel and writes it as HTML.

    Args:
        notebook: an .ipynb file; its folder is the working directory of the run.
        out: folder of the HTML file.
        in_place: whether the notebook itself keeps the outputs.

    Returns:
        The HTML file.

    Raises:
        nbclient.exceptions.CellExecutionError: when a cell fails; nothing is written then.
        FileNotFoundError: when there is no such notebook.
    """
    started = time.monotonic()
    print(f"{notebook.name}: running", flush=True)
    content = nbformat.read(notebook, as_version=4)
    _WatchedClient(
        content, timeout=None, kernel_name="python3", resources={"metadata": {"path": str(notebook.parent)}},
        record_timing=False,
    ).execute()  # fmt: skip
    clean(content)
    if in_place:
        nbformat.write(content, notebook)
    page = write_html(content, out / f"{notebook.stem}.html")
    print(f"{notebook.name}: {page} after {duration(time.monotonic() - started)}", flush=True)
    return page


def clean(content: NotebookNode) -> NotebookNode:
    """Replaces widgets, which no file can show, by a note, and drops what names the machine that ran the notebook."""
    for cell in content.cells:
        for output in cell.get("outputs", []):
            if WIDGET in output.get("data", {}):
                output.data = NotebookNode({"text/markdown": WIDGET_NOTE, "text/plain": WIDGET_NOTE.strip("*")})
    content.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    return content


def write_html(content: NotebookNode, path: Path) -> Path:
    """Writes an executed notebook as one HTML file.

    Figures are in the outputs, and so in the file. nbconvert's `embed_images`, for pictures that the text links to, is
    left off: it parses each tag of the text alone and so empties <sub> and <sup>.
    """
    exporter = HTMLExporter(
        template_name="lab", exclude_input_prompt=True, exclude_output_prompt=True,
        require_js_url="", jquery_url="", widget_renderer_url="",
    )  # fmt: skip
    hide = TagRemovePreprocessor(enabled=True, remove_input_tags={PROSE})
    exporter.register_preprocessor(hide, enabled=True)
    page, _ = exporter.from_notebook_node(content, resources={"metadata": {"name": path.stem}})
    page = page.replace("</head>", f"<style>{STYLE}</style></head>", 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path
