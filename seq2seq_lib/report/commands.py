"""`report` and `export` from a shell: notebooks run, and notebooks written as HTML and PDF."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seq2seq_lib.experiments.records import ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from seq2seq_lib.report.export.losses import Losses
    from seq2seq_lib.report.export.title_block import TitleBlock

TITLES = ("title", "course", "student", "number", "date")


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Adds both commands to a parser; what they need is imported when they run."""
    report = commands.add_parser("report", help="run notebooks from top to bottom and export them to HTML and PDF")
    report.add_argument("notebooks", nargs="*", type=Path, help="by default all in notebooks/, and a joined report")
    report.add_argument("--in-place", action="store_true", help="also store the outputs in the notebooks themselves")
    report.set_defaults(run=_report)

    export = commands.add_parser("export", help="export notebooks as they are stored to HTML or PDF")
    export.add_argument("notebooks", nargs="*", type=Path, help="by default all in notebooks/")
    export.add_argument("--to", choices=("html", "pdf"), required=True)
    export.add_argument("--joined", action="store_true", help="one report of these notebooks, the findings before them")
    export.set_defaults(run=_export)

    lab = commands.add_parser("lab", help="open JupyterLab on the notebooks, set up to save and export them well")
    lab.set_defaults(run=_lab, more=[])  # further options are JupyterLab's

    for command in (report, export):
        command.add_argument("--out", type=Path, default=Path("report"), metavar="FOLDER", help="by default report/")
        command.add_argument("--strict", action="store_true", help="end with status 2 where something cannot be shown")
        for name in TITLES:
            whose = " (of the joined report)" if name == "title" else ""
            command.add_argument(f"--{name}", metavar="TEXT", help=f"instead of the {name}{whose} in report.toml")


def _report(options: argparse.Namespace) -> int:
    from seq2seq_lib.report.export.document import section_of
    from seq2seq_lib.report.export.losses import Losses
    from seq2seq_lib.report.export.write import FORMATS, export_joined, export_section

    block, notebooks, losses = _title_block(options), options.notebooks or _all_notebooks(), Losses()
    names = _names(notebooks)
    options.out.mkdir(parents=True, exist_ok=True)  # or a folder that cannot be made would end minutes of training
    sections = []
    for notebook in notebooks:
        content = _executed(notebook, options.in_place)
        sections.append(section_of(content, notebook.stem, notebook.parent, losses))
        for to in FORMATS:
            _tell(export_section(sections[-1], to, options.out, block, siblings=names, losses=losses))
    if not options.notebooks:
        for to in FORMATS:
            _tell(export_joined(sections, to, options.out, block, losses))
    return _tell_losses(losses, options.strict)


def _executed(notebook: Path, in_place: bool) -> NotebookNode:
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    from seq2seq_lib.report.export.execution import execute

    try:
        return execute(notebook, in_place=in_place)
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
    except DeadKernelError:
        reason = "its kernel died, perhaps for want of memory"
    raise ValueError(f"{notebook} stopped in a cell ({reason}): nothing of it was written; open it with `make lab`.")


def _export(options: argparse.Namespace) -> int:
    from seq2seq_lib.report.export.losses import Losses
    from seq2seq_lib.report.export.write import export_joined, export_section, read_section

    block, notebooks, losses = _title_block(options), options.notebooks or _all_notebooks(), Losses()
    names = _names(notebooks)
    sections = [read_section(notebook, losses) for notebook in notebooks]
    if options.joined:
        _tell(export_joined(sections, options.to, options.out, block, losses))
    else:
        for section in sections:
            _tell(export_section(section, options.to, options.out, block, siblings=names, losses=losses))
    return _tell_losses(losses, options.strict)


def _names(notebooks: list[Path]) -> list[str]:
    """The notebooks' names, of which no two may be the same: their reports would be one file."""
    known: dict[str, Path] = {}
    for notebook in notebooks:
        other = known.setdefault(notebook.stem.lower(), notebook)  # as on systems where a and A are one file
        if other is not notebook:
            raise ValueError(
                f"{other} and {notebook} have one name, and so would their reports: rename one, or export them one by"
                " one, each with an --out of its own."
            )
    return [notebook.stem for notebook in notebooks]


def _tell_losses(losses: Losses, strict: bool) -> int:
    """What was lost, on standard error; the exit status."""
    for line in losses.told:
        print(line, file=sys.stderr)
    return 2 if strict and losses.told else 0


def _lab(options: argparse.Namespace) -> int:
    """JupyterLab with our configuration beside the user's: see `report/lab.py` and the files in `report/jupyter`."""
    ours = Path(__file__).parent / "jupyter"
    paths = [str(ours), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}
    elsewhere = any("notebook-dir" in option or "root_dir" in option for option in options.more)
    folder = [] if elsewhere else [f"--notebook-dir={ROOT / 'notebooks'}"]
    style = ["--LabApp.custom_css=True", f"--ServerApp.tornado_settings=static_custom_path={ours / 'custom'}"]
    command = [sys.executable, "-m", "jupyterlab", *style, *folder, *options.more]
    if os.name == "posix":  # in this process's place, so that what ends this one ends JupyterLab
        os.execve(sys.executable, command, environment)
    return subprocess.call(command, env=environment)


def _all_notebooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def _title_block(options: argparse.Namespace) -> TitleBlock:
    from seq2seq_lib.report.export.title_block import read_title_block

    return read_title_block().with_options(**{name: getattr(options, name) for name in TITLES})


def _tell(file: Path) -> None:
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB", flush=True)
