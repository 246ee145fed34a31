"""Does training in bfloat16 end where training in float32 ends? A study of a few variants, both ways, same seeds.

`python -m benchmarks.precision` trains what has no record (minutes), prints one line a variant and writes
benchmarks/results/precision-<device>.md.
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.options import write_table
from benchmarks.settings import ROOT, find_machine
from seq2seq_lib import recorded_study, run_study
from seq2seq_lib.config import PROFILES
from seq2seq_lib.experiments.records import COMMITTED
from seq2seq_lib.utils.device import has_bf16

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from seq2seq_lib.experiments.studies import Study

VARIANTS = ("baseline", "packed", "bilstm-concat", "attention-dot", "attention-qkv", "attention-multihead")
SHORT = PROFILES["short"]
#: Records of the profile report from when it trained in float32.
IN_FP32 = COMMITTED / "report-fp32"
IN_BF16 = replace(SHORT, name="short-bf16", schedule=replace(SHORT.schedule, precision="bf16"))


def compare(fp32: DataFrame, bf16: DataFrame) -> str:
    """A line a variant from the runs of both studies (`Study.runs`)."""
    lines = [
        "| variant | float32, valid PPL | bfloat16, valid PPL | change: mean, lowest to highest pair | "
        "within the spread of seeds |",
        "|---|---|---|---|---|",
    ]
    for variant in VARIANTS:
        plain, short = (
            runs[runs["variant"] == variant].set_index("seed")["valid_perplexity"].map(math.log)
            for runs in (fp32, bf16)
        )
        changes = short - plain
        mean, low, high = (f"{math.expm1(value):+.1%}" for value in (changes.mean(), changes.min(), changes.max()))
        within = "yes" if abs(changes.mean()) <= plain.std() else "no"
        lines.append(f"| `{variant}` | {_spread(plain)} | {_spread(short)} | {mean}, {low} to {high} | {within} |")
    return "\n".join(lines)


def compare_stored(fp32: Study, bf16: Study) -> str:
    """A line a variant that both studies have, from single runs with equal seeds, and the mean change."""
    runs = [study.runs.set_index(["variant", "seed"])["test_perplexity"] for study in (fp32, bf16)]
    plain, short = runs[0].align(runs[1], join="inner")
    lines = ["| variant | seed | float32, test PPL | bfloat16, test PPL | change |", "|---|---|---|---|---|"]
    for (variant, seed), before, after in zip(plain.index, plain, short, strict=True):
        lines.append(f"| `{variant}` | {seed} | {before:.1f} | {after:.1f} | {after / before - 1:+.1%} |")
    mean = math.expm1(sum(math.log(after / before) for before, after in zip(plain, short, strict=True)) / len(plain))
    return "\n".join([*lines, f"| mean | | | | {mean:+.1%} |"])


def _spread(logs: Series) -> str:
    values = logs.map(math.exp)
    return f"{values.mean():.1f} ± {values.std():.1f}"


def main() -> int:
    """Trains, compares, prints and writes; exit status 2 where the machine has no bfloat16 of its own."""
    machine = find_machine(None, None)
    if not has_bf16(machine.device):
        print("precision: this machine does not compute in bfloat16 by itself, so there is nothing to compare.")
        return 2
    fp32, bf16 = (run_study("all", profile, variants=VARIANTS) for profile in (SHORT, IN_BF16))
    text = (
        "# Training in bfloat16 against float32\n\n"
        f"The short profile, {len(SHORT.seeds)} seeds, mean ± standard deviation; "
        f"validation in float32 for both. The change is that of the perplexity over pairs of equal seeds.\n"
        f"{machine.title}.\n\n{compare(fp32.runs, bf16.runs)}\n\n"
        "One epoch of captions at the report's sizes (profile report), from stored records:\n\n"
        + compare_stored(recorded_study("all", "report", folder=IN_FP32), recorded_study("all", "report"))
    )
    write_table(text, ROOT, f"precision-{machine.slug}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
