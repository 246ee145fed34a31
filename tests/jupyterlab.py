"""A real JupyterLab on loopback, over copies of the notebooks, with nothing of the user's settings and no network."""

from __future__ import annotations

import ast
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import nbformat
from nbformat import NotebookNode

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

ROOT = Path(__file__).parent.parent

#: Seconds that the server may take to answer, on a machine that is busy with something else.
START = 120

#: All cells are in the page at once, so that a test finds them without scrolling; and nobody asks for news.
SETTINGS = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


#: Seconds that one notebook may take to run, on a machine that is busy with something else.
RUN = 600

#: Whether all cells have run: a cell that waits or runs has no number, and the kernel's sign is idle at the end.
ALL_RUN = """() => {
    const waiting = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].filter(
        prompt => /[ *]/.test(prompt.textContent.trim()));
    const sign = document.querySelector('.jp-Notebook-ExecutionIndicator');
    return !waiting.length && sign.dataset.status === 'idle';
}"""


class Server(NamedTuple):
    """Where it answers, the folder that it shows, and its process."""

    url: str
    token: str
    notebooks: Path
    pid: int

    def address(self, notebook: str) -> str:
        """The page that opens a notebook in JupyterLab, with nothing left open from before."""
        return f"{self.url}/lab/tree/{notebook}?token={self.token}&reset"


@contextmanager
def open_jupyterlab(folder: Path) -> Iterator[Server]:
    """JupyterLab over a copy of `notebooks/`, with the smoke profile; its kernels import this checkout.

    Args:
        folder: an empty one, for the copies, the settings and the server's log.

    Raises:
        RuntimeError: when it does not answer; with what it said.
    """
    notebooks = _copies(folder / "notebooks")
    port, token, log = _free_port(), secrets.token_hex(16), folder / "server.log"
    command = [
        sys.executable, "-m", "seq2seq_lib", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={notebooks}",
        "--LabApp.news_url=", "--ExtensionManager.allow=False",
    ]  # fmt: skip
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=_environment(folder), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    server = Server(f"http://127.0.0.1:{port}", token, notebooks, process.pid)
    try:
        _wait(server, process, log)
        yield server
    finally:
        _end(process)


def complaints_of(page: Page) -> list[str]:
    """What a page complains of from now on, with the address that it speaks of."""
    complaints: list[str] = []

    def note(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(f"{said.text} ({said.location.get('url', '')})")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def run_all_cells(page: Page, server: Server, notebook: str) -> NotebookNode:
    """Opens a notebook, runs all its cells by the menu, saves it, and reads what was saved.

    Raises:
        playwright.sync_api.TimeoutError: when it does not get that far.
    """
    page.goto(server.address(notebook))
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=START * 1000)  # before, Run asks for a kernel
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ALL_RUN, timeout=RUN * 1000)
    page.get_by_role("menuitem", name="File", exact=True).click()
    with page.expect_response(lambda answer: answer.request.method == "PUT" and notebook in answer.url) as saved:
        page.locator(".lm-Menu-item[data-command='docmanager:save']").click()
    assert saved.value.ok
    return nbformat.read(server.notebooks / notebook, as_version=4)


def slice_of(content: NotebookNode, wanted: Callable[[str], object]) -> NotebookNode:
    """The cells whose source is wanted, and the earlier ones that define names those use; nothing of the others runs.

    A cell that changes what a name holds, and does not bind it, is left out.
    """
    kept, needed = [], set()
    for cell in reversed([cell for cell in content.cells if cell.cell_type == "code"]):
        bound, read = _names(cell.source)
        if wanted(cell.source) or bound & needed:
            kept.insert(0, cell)
            needed = (needed - bound) | read
    return NotebookNode({**content, "cells": kept})


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell binds, and those that it reads."""
    nodes = [*ast.walk(ast.parse(source))]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    imported = {(node.asname or node.name).split(".")[0] for node in nodes if isinstance(node, ast.alias)}
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return imported | defined | stored, {node.id for node in names if isinstance(node.ctx, ast.Load)}


def _copies(folder: Path) -> Path:
    """The notebooks without outputs: whatever a test finds in one was made by its own run."""
    folder.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        content = nbformat.read(path, as_version=4)
        for cell in content.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(content, folder / path.name)
    return folder


def _environment(folder: Path) -> dict[str, str]:
    """This process's, with Jupyter's folders below `folder`; one thread, for the notebooks are tiny here."""
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython",
    }  # fmt: skip
    overrides = folder / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps(SETTINGS))
    return {
        **os.environ,
        **{name: str(folder / place) for name, place in places.items()},
        "SEQ2SEQ_PROFILE": "smoke",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def _wait(server: Server, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/api/status?token={server.token}", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab does not answer. It said:\n{log.read_text()[-2000:]}")


def _end(process: subprocess.Popen) -> None:
    """Asks the server to end, which ends its kernels; kills what is left of its group."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
