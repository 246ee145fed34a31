"""How the cost of a training step grows with the sentence, the vocabulary, the hidden size and the batch.

    python -m benchmarks.growth

Random sentences of one length each, without PAD, so that nothing varies but what is asked about; the lab's model.
Writes benchmarks/results/growth-<device>.md and figures/benchmark-growth-<what>.png.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import MappingProxyType

import torch

from benchmarks.arithmetic import gigaflop, products_of, work_of
from benchmarks.children import Child, take_turns
from benchmarks.expected import LOGITS, held_bytes, slope
from benchmarks.memory import MEANING
from benchmarks.options import add_machine_options, draw, run_as_program, write_table
from benchmarks.settings import Machine, find_machine
from benchmarks.steps import Measured, Task, as_ids
from benchmarks.tables import Growth, markdown
from benchmarks.ways import LOOP, WAYS
from seq2seq_lib.config import Sizes
from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.vocabulary import EOS, SOS
from seq2seq_lib.models.variants import build_model

VARIANT = "baseline"
WAYS_MEASURED = ("loop", "ours", "ours-bf16")
EXPLANATION = f"""\
- exponent: a of cost ≈ value^a, fitted to all values; 1 is linear, and a constant part makes it smaller.
- expected: for the time that of the counted matrix products (the same for all ways), for the
  memory that of gradients and kept activations, for the loop also of {LOGITS} tensors as large as its logits.
- peak: {MEANING}, in tensors."""


@dataclass(frozen=True)
class Point:
    """Where a step is measured: `tokens` read and as many predicted in every sentence; words of either vocabulary."""

    tokens: int = 20
    vocabulary: int = 5_000
    hidden: int = 256
    batch: int = 32

    @property
    def sizes(self) -> Sizes:
        """The report's but for the hidden size."""
        return Sizes(hidden=self.hidden)


#: What is varied -> its title and values; everything else stays as in `Point`.
AXES: Mapping[str, tuple[str, tuple[int, ...]]] = MappingProxyType({
    "tokens": ("target tokens a sentence", (5, 10, 20, 40, 60)),
    "vocabulary": ("words of the target vocabulary", (2_000, 5_000, 10_000, 20_000, 50_000)),
    "hidden": ("hidden size H", (64, 128, 256, 512, 1024)),
    "batch": ("sentences a batch", (8, 16, 32, 64, 128, 256)),
})  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes; what the user can mend is one sentence on standard error and exit status 2."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.split("\n")[0])
    found.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES), metavar="NAME", help=", ".join(AXES))
    found.add_argument("--values", nargs="+", type=int, metavar="N", help="other values, for every axis that is named")
    add_machine_options(found, rounds=2, warmup=1, steps=2)
    return run_as_program("growth", found, run, arguments)


def run(options: argparse.Namespace) -> None:
    """Every axis that the options name."""
    machine = find_machine(options.device, options.threads)
    found = [measure_axis(axis, machine, options) for axis in options.axes]
    text = (
        f"# How a training step grows\n\n{machine.title}. {options.rounds} rounds of {options.steps} timed steps; "
        f"what is not varied: {_fixed(Point())}.\n\n{EXPLANATION}\n\n{exponents(found)}\n\n{points(found)}"
    )
    write_table(text, options.out, f"growth-{machine.slug}")
    for growth in found:
        draw(
            lambda pictures, growth=growth: pictures.growth_figure(growth, AXES[growth.axis][0], machine.title),
            options.out, machine, "growth", growth.axis,
        )  # fmt: skip


def _fixed(point: Point) -> str:
    return (
        f"{point.tokens} tokens on either side, {point.vocabulary:,} words on either side, H {point.hidden}, "
        f"E {point.sizes.embedding}, L {point.sizes.layers}, {point.batch} sentences"
    )


def measure_axis(axis: str, machine: Machine, options: argparse.Namespace) -> Growth:
    """One child a way, which goes from value to value; at each the ways take turns."""
    values = tuple(sorted(options.values or AXES[axis][1]))
    ways = list(filter(machine.can, WAYS_MEASURED))
    measured: dict[str, list[Measured]] = {way: [] for way in ways}
    operations, held = [], {way: [] for way in ways}
    with ExitStack() as stack:
        children = {way: stack.enter_context(Child()) for way in ways}
        for value in values:
            print(f"measuring growth: {axis} {value:,} …", file=sys.stderr)
            point = replace(Point(), **{axis: value})
            batches = [random_batch(point, seed) for seed in range(options.warmup + options.steps)]
            for way, child in children.items():
                child.prepare(task_at(point, way, batches, machine, options.warmup))
            for way, one in take_turns(children, options.rounds).items():
                measured[way].append(one)
            with torch.device("meta"):
                model = build_model(VARIANT, Point.vocabulary, point.vocabulary, point.sizes)
            work = work_of(batches)
            operations.append(sum(map(gigaflop, products_of(model, work).values())))
            for way in ways:
                held[way].append(held_bytes(model, work, logits=way == LOOP))
    return Growth(axis, values, measured, dict.fromkeys(ways, operations), held)


def task_at(point: Point, way: str, batches: Sequence[Batch], machine: Machine, warmup: int) -> Task:
    """The lab's model at one point; the source vocabulary never varies."""
    return Task(
        way, VARIANT, point.sizes, Point.vocabulary, point.vocabulary, as_ids(batches), warmup, machine.device,
        machine.threads,
    )  # fmt: skip


def random_batch(point: Point, seed: int) -> Batch:
    """Sentences of `point.tokens` tokens on either side, all words equally likely."""
    generator = torch.Generator().manual_seed(seed)

    def words(most: int) -> torch.Tensor:
        return torch.randint(EOS + 1, most, (point.tokens, point.batch), generator=generator)

    start = torch.full((1, point.batch), SOS)
    lengths = torch.full((point.batch,), point.tokens)
    return Batch(words(Point.vocabulary), lengths, torch.cat([start, words(point.vocabulary)]))


def exponents(found: Sequence[Growth]) -> str:
    """A row for each axis and way: what was measured beside what was expected."""
    rows = []
    for growth in found:
        for way in growth.measured:
            peaks = growth.peaks(way)
            rows.append([
                growth.axis,
                WAYS[way].title,
                f"{slope(growth.values, growth.seconds(way)):.2f}",
                f"{slope(growth.values, growth.expected_time[way]):.2f}",
                f"{slope(growth.values, peaks):.2f}",
                f"{slope(growth.values, growth.expected_memory[way]):.2f}",
            ])  # fmt: skip
    return markdown(("what grows", "way", "time", "expected", "memory", "expected"), rows, words=2)


def points(found: Sequence[Growth]) -> str:
    """A row for each measured value: seconds and MiB of every way."""
    ways = list(found[0].measured)
    titles = [WAYS[way].title for way in ways]
    columns = ("what grows", "value", *(f"{title}: s" for title in titles), *(f"{title}: MiB" for title in titles))
    rows = []
    for growth in found:
        seconds = zip(*(growth.seconds(way) for way in ways), strict=True)
        peaks = zip(*(growth.measured[way] for way in ways), strict=True)
        for value, times, ones in zip(growth.values, seconds, peaks, strict=True):
            held = (f"{one.peak / 2**20:,.0f}" for one in ones)
            rows.append([growth.axis, f"{value:,}", *(f"{time:.3f}" for time in times), *held])
    return markdown(columns, rows)


if __name__ == "__main__":
    sys.exit(main())
