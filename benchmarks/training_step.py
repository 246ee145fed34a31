"""A training step, done by the course's loop and by ours on the same batches: time, memory, and what is left to gain.

    python -m benchmarks.training_step                     # the report's sizes, narrow ones, and small ones
    python -m benchmarks.training_step --small --rounds 1  # the last of them, quickly
    python -m benchmarks.training_step --save-batches FILE # and, where torch alone is installed, --batches FILE

Each variant and way has a process of its own; the ways take turns on the same batches. Writes
benchmarks/results/training_step-<device>.md and figures/benchmark-training-step.png.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks import joey
from benchmarks.arithmetic import gigaflop, products_of, work_of
from benchmarks.children import measure
from benchmarks.gemm import limit
from benchmarks.memory import MEANING
from benchmarks.options import add_machine_options, draw, run_as_program, write_table
from benchmarks.settings import (
    NARROW,
    REPORT,
    SMALL,
    VARIANTS,
    Machine,
    Prepared,
    Setting,
    find_machine,
    load_batches,
    prepare_batches,
    save_batches,
)
from benchmarks.steps import Task, as_ids
from benchmarks.tables import Result, arithmetic_table, steps_table
from seq2seq_lib.models.variants import build_model

WAYS_MEASURED = ("loop", "loop-reused", "ours", "ours-bf16")
EXPLANATION = f"""\
- s a batch: median of all timed steps of forward, backward, clipping and Adam; the middle half of them lies between
  the two numbers beside it. tokens/s counts real target tokens.
- peak: {MEANING}, in tensors;
  process: the same of resident memory, with scratch space of kernels and freed memory that is kept.
- GEMM limit: the seconds that the matrix products of a step take by themselves, each measured here with the faster of
  torch.mm and oneDNN; only those are counted that real target tokens cannot do without. The torch.mm limit knows
  torch.mm alone.
- ours asks the allocator to keep freed memory, and so does "the report's loop, memory reused"; the loop itself, as the
  course ran it, does not."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; what the user can mend is one sentence on standard error and exit status 2."""
    return run_as_program("training_step", parser(), run, arguments)


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.training_step", description=__doc__.split("\n")[0])
    found.add_argument("--small", action="store_true", help="only the small sizes on the embedded corpus")
    found.add_argument("--variants", nargs="+", choices=VARIANTS, metavar="NAME", help=f"of {', '.join(VARIANTS)}")
    found.add_argument("--joeynmt", action="store_true", help="JoeyNMT's model beside attention-dot")
    found.add_argument("--batches", type=Path, metavar="FILE", help="take them from here instead of a corpus")
    found.add_argument("--save-batches", type=Path, metavar="FILE", help="write them there and measure nothing")
    add_machine_options(found, rounds=3, warmup=2, steps=3)
    return found


def run(options: argparse.Namespace) -> None:
    """All tables that the options ask for."""
    settings, count = ([SMALL] if options.small else [REPORT, NARROW, SMALL]), options.warmup + options.steps
    if options.batches:
        prepared = load_batches(options.batches, [setting.name for setting in settings], count)
    else:
        prepared = {setting.name: prepare_batches(setting, count) for setting in settings}
    if options.save_batches:
        save_batches(options.save_batches, prepared)
        return
    wanted = [setting for setting in settings if not options.variants or set(options.variants) & set(setting.variants)]
    if not wanted:
        raise ValueError(f"The small sizes are measured for {' and '.join(SMALL.variants)}: name one of them.")
    machine = find_machine(options.device, options.threads)
    torch.set_num_threads(machine.threads)  # for the GEMM limit, which is measured in this process
    if options.joeynmt and not joey.importable():
        print(joey.MISSING, file=sys.stderr)
    results = {setting: measure_setting(setting, prepared[setting.name], machine, options) for setting in wanted}

    name = "small" if options.small else ""
    text = "\n\n".join([f"# One training step\n\n{machine.title}. {_how(options)}\n\n{EXPLANATION}", *(
        f"## {setting.describe(prepared[setting.name].vocabulary)}\n\n{steps_table(found)}\n\n"
        f"What a batch needs:\n\n{arithmetic_table(found)}"
        for setting, found in results.items()
    )])  # fmt: skip
    write_table(text, options.out, "-".join(filter(None, ["training_step", name, machine.slug])))
    setting, found = next(iter(results.items()))
    title = f"{machine.title}\n{setting.describe(prepared[setting.name].vocabulary)}"
    draw(lambda pictures: pictures.steps_figure(found, title), options.out, machine, "training-step", name)


def _how(options: argparse.Namespace) -> str:
    return (
        f"{options.rounds} rounds of {options.steps} timed steps on the same batches, the ways taking turns, "
        f"after {options.warmup} steps to warm up; each variant and way in a process of its own."
    )


def measure_setting(
    setting: Setting, prepared: Prepared, machine: Machine, options: argparse.Namespace
) -> list[Result]:
    """Every variant of a setting that the options do not leave out."""
    found = []
    for variant in setting.variants:
        if options.variants is None or variant in options.variants:
            print(f"measuring {setting.name}: {variant} …", file=sys.stderr)
            result = measure_variant(variant, setting, prepared, machine, options)
            print("  " + ", ".join(f"{way} {result.seconds(way):.3f} s" for way in result.measured), file=sys.stderr)
            found.append(result)
    return found


def measure_variant(
    variant: str, setting: Setting, prepared: Prepared, machine: Machine, options: argparse.Namespace
) -> Result:
    """All ways of one variant in turns, and then what its arithmetic takes at least."""
    ways = [*filter(machine.can, WAYS_MEASURED), *(["joeynmt"] if _beside_joey(variant, options) else [])]
    ids = as_ids(prepared.batches)
    tasks = {
        way: Task(way, variant, setting.sizes, *prepared.vocabulary, ids, options.warmup, machine.device,
                  machine.threads, setting.schedule)
        for way in ways
    }  # fmt: skip
    measured = measure(tasks, options.rounds)
    with torch.device("meta"):
        model = build_model(variant, *prepared.vocabulary, setting.sizes)
    work = work_of(prepared.batches[options.warmup :])
    products = products_of(model, work)
    every = [product for part in products.values() for product in part]
    limits = {
        name: limit(every, kind, machine.device)
        for name, kind in (("float32", torch.float32), ("bfloat16", torch.bfloat16))
    }
    operations = {part: gigaflop(some) for part, some in products.items()}
    return Result(variant, work.target_tokens, measured, operations, limits)


def _beside_joey(variant: str, options: argparse.Namespace) -> bool:
    """The variant that is nearest to JoeyNMT's model, if that is wanted and there."""
    return variant == "attention-dot" and options.joeynmt and joey.importable()


if __name__ == "__main__":
    sys.exit(main())
