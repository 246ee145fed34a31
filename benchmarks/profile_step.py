"""Where the time of a training step goes: torch's own profiler on a few steps, the costliest operators first.

`python -m benchmarks.profile_step --way loop` and `--way ours` show what the segments, the output layer and the
arranged recurrence have removed and what is left.
"""

from __future__ import annotations

import argparse

from torch.profiler import ProfilerActivity, profile

from benchmarks.settings import NARROW, REPORT, SMALL, find_machine, prepare_batches
from benchmarks.steps import Task, Training, as_ids
from benchmarks.ways import WAYS

SETTINGS = {setting.name: setting for setting in (REPORT, NARROW, SMALL)}


def profile_steps(way: str, setting_name: str, variant: str, steps: int) -> str:
    """A table of operators with the milliseconds a step that are spent in them themselves, and their calls a step."""
    machine, setting = find_machine(None, None), SETTINGS[setting_name]
    prepared = prepare_batches(setting, steps + 2)
    task = Task(
        way, variant, setting.sizes, *prepared.vocabulary, as_ids(prepared.batches), 2, machine.device, machine.threads,
        setting.schedule,
    )  # fmt: skip
    training = Training(task)
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        training.timed_steps()
    rows = sorted(profiler.key_averages(), key=lambda row: row.self_cpu_time_total, reverse=True)
    total = sum(row.self_cpu_time_total for row in rows)
    lines = [f"{WAYS[way].title}, {variant}; {setting.describe(prepared.vocabulary)}; {machine.title}"]
    lines += [f"{'operator':44} {'ms a step':>10} {'share':>7} {'calls a step':>13}"]
    for row in rows[:14]:
        milliseconds = row.self_cpu_time_total / steps / 1000
        lines.append(
            f"{row.key[:44]:44} {milliseconds:10.1f} {row.self_cpu_time_total / total:7.1%} {row.count / steps:13.1f}"
        )
    return "\n".join([*lines, f"{'all':44} {total / steps / 1000:10.1f}"])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile_step", description=__doc__.splitlines()[0])
    parser.add_argument("--way", choices=sorted(set(WAYS) - {"joeynmt"}), default="ours")
    parser.add_argument("--setting", choices=sorted(SETTINGS), default="report")
    parser.add_argument("--variant", default="baseline")
    parser.add_argument("--steps", type=int, default=5)
    given = parser.parse_args()
    print(profile_steps(given.way, given.setting, given.variant, given.steps))


if __name__ == "__main__":
    main()
