"""What both programs share: options, what they write, and how they fail."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from benchmarks.children import MeasurementError
from benchmarks.settings import ROOT, Machine

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def add_machine_options(parser: argparse.ArgumentParser, rounds: int, warmup: int, steps: int) -> None:
    """How often, on what, and where to; the numbers are defaults."""
    for name, default, meaning in (
        ("--rounds", rounds, "how often the ways take turns"),
        ("--warmup", warmup, "steps that are not timed"),
        ("--steps", steps, "timed steps a round"),
    ):
        parser.add_argument(name, type=count, default=default, metavar="N", help=f"{meaning} (default {default})")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="by default the GPU where there is one")
    parser.add_argument("--threads", type=count, metavar="N", help="of torch on the CPU (default: one a core)")
    parser.add_argument("--out", type=Path, default=ROOT, metavar="FOLDER", help="gets benchmarks/results and figures")


def count(text: str) -> int:
    """An option's whole number from 1 up."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def run_as_program(
    name: str,
    parser: argparse.ArgumentParser,
    run: Callable[[argparse.Namespace], None],
    arguments: Sequence[str] | None,
) -> int:
    """Runs it; an error that the user can mend is one sentence on standard error and exit status 2."""
    options = parser.parse_args(arguments)
    try:
        run(options)
    except (ValueError, OSError, MeasurementError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    return 0


def write_table(text: str, out: Path, name: str) -> None:
    """Prints the text and keeps it as benchmarks/results/<name>.md."""
    print(text)
    path = out / "benchmarks" / "results" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def draw(make: Callable[[ModuleType], Figure], out: Path, machine: Machine, name: str, *more: str) -> None:
    """Keeps `make(pictures)` as figures/benchmark-<name>.png; a GPU's figures have its name in theirs.

    Where matplotlib is not installed the figure is left out.
    """
    try:
        from benchmarks import pictures
    except ImportError:
        print(f"The figure {name!r} is left out: matplotlib is not installed here.", file=sys.stderr)
        return
    stem = "-".join(filter(None, ["benchmark", name, *more, machine.slug if machine.device == "cuda" else ""]))
    pictures.save(make(pictures), out / "figures" / f"{stem}.png")
