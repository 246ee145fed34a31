"""Notebooks as files: read, and refused in one sentence when they cannot become a report."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

#: Tags of cells whose source a report leaves out: what says the same text once more, and what Jupyter Book leaves out.
WITHOUT_SOURCE = {"prose", "remove-input"}

#: What a widget leaves in a notebook that is stored clean, where nothing stands beside it.
WIDGET_NOTE = "*An interactive view: run this cell in JupyterLab or VS Code.*"

#: A line at the top of a code cell that says something about its outputs, as Quarto writes it.
OPTION = re.compile(r"#\|\s*([\w-]+):\s*(.*)")
CONTINUED = re.compile(r"#\|\s{2,}(\S.*)")


@dataclass(frozen=True)
class Code:
    """A code cell's source, without the options that stand above it."""

    options: dict[str, str]
    shown: str


def read_notebook(path: Path) -> NotebookNode:
    """A notebook of format 4, or an older one brought up to it.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when it is not a notebook.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no notebook {path}.")
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises whatever its parts raise: KeyError, AttributeError, its own
        raise ValueError(f"{path} is not a notebook ({type(error).__name__}).") from error


def check_executed(content: NotebookNode, path: Path) -> None:
    """Raises ValueError, with the command that helps, when a notebook has code that was never run."""
    code = [cell for cell in content.cells if cell.cell_type == "code" and cell.source.strip()]
    if any(cell.get("execution_count") is None for cell in code):
        command = f"python -m seq2seq_lib report --in-place {shlex.quote(str(path))}"
        raise ValueError(f"{path} has cells that were never run, and so nothing to show: `{command}` runs it.")


def split_options(source: str) -> Code:
    """Separates the `#| key: value` lines at the top of a cell from its code; a value may go on in indented lines."""
    options: dict[str, str] = {}
    lines, last = source.split("\n"), ""
    while lines and lines[0].startswith("#|"):
        line = lines.pop(0)
        if found := CONTINUED.fullmatch(line):
            options[last] = f"{options.get(last, '')} {found[1]}".strip()
        elif found := OPTION.fullmatch(line):
            last = found[1]
            options[last] = found[2]
    return Code({key: _unquoted(value.strip()) for key, value in options.items()}, "\n".join(lines).strip("\n"))


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def is_for_the_screen(cell: NotebookNode) -> bool:
    """Whether a cell is left out of reports, as what one clicks is: Jupyter Book's tag remove-cell."""
    return "remove-cell" in cell.metadata.get("tags", [])


def is_folded(cell: NotebookNode, part: str) -> bool:
    """Whether a cell's "input" or "output" is behind a button on screens and left out on paper.

    Jupyter Book's tags hide-input, hide-output and hide-cell, of which the last holds for both, and for text.
    """
    return not {f"hide-{part}", "hide-cell"}.isdisjoint(cell.metadata.get("tags", []))


def shows_source(cell: NotebookNode) -> bool:
    """Whether a code cell's source is part of reports."""
    return WITHOUT_SOURCE.isdisjoint(cell.metadata.get("tags", []))
