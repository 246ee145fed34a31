"""A process of its own for each measurement, so that allocators, peaks and threads of one do not touch another's.

A child prepares its task, warms up, and then waits: the parent lets the ways take turns, and whatever else the machine
does meanwhile falls on all of them alike.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection

from benchmarks.steps import Measured, Task, Training


class MeasurementError(RuntimeError):
    """A child that could not measure; the message says which way and why."""


class Child:
    """One process; a context manager that ends it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_) -> None:
        self._connection.close()
        self._process.join()

    def prepare(self, task: Task) -> None:
        """Builds and warms up what `task` says, in place of what was there.

        Raises:
            MeasurementError: here or in `run`, when the child fails.
        """
        self._way = task.way
        self._ask(task)

    def run(self) -> Measured:
        """One pass over the timed batches of the prepared task."""
        return self._ask("run")

    def _ask(self, what: Task | str) -> Measured | None:
        try:
            self._connection.send(what)
            answer = self._connection.recv()
        except (EOFError, OSError):
            raise MeasurementError(
                f"The process that measures {self._way!r} ended without a word: it may have run out of memory."
            ) from None
        if isinstance(answer, str):
            raise MeasurementError(f"Measuring {self._way!r} failed: {answer}")
        return answer


def measure(tasks: Mapping[str, Task], rounds: int) -> dict[str, Measured]:
    """Each task in a child of its own, the tasks taking turns `rounds` times; all seconds, and the highest peaks."""
    with ExitStack() as stack:
        children = {name: stack.enter_context(Child()) for name in tasks}
        for name, child in children.items():
            child.prepare(tasks[name])
        return take_turns(children, rounds)


def take_turns(children: Mapping[str, Child], rounds: int) -> dict[str, Measured]:
    """`rounds` passes of each prepared child, one child after the other."""
    found: dict[str, list[Measured]] = {name: [] for name in children}
    for _ in range(rounds):
        for name, child in children.items():
            found[name].append(child.run())
    return {name: _together(passes) for name, passes in found.items()}


def _together(passes: Sequence[Measured]) -> Measured:
    resident = [one.resident for one in passes if one.resident is not None]
    seconds = [second for one in passes for second in one.seconds]
    return Measured(seconds, max(one.peak for one in passes), max(resident, default=None))


def _serve(connection: Connection) -> None:
    """The child's life: prepare what it is sent, run when told to, end when the parent hangs up."""
    training = None
    while True:
        try:
            message = connection.recv()
        except EOFError:
            return
        answer = None
        try:
            if isinstance(message, Task):
                training = None  # the last task's memory goes before the next one's comes
                training = Training(message)
            else:
                answer = training.timed_steps()
        except Exception as error:  # the parent raises it again, with the name of what was measured
            answer = f"{type(error).__name__}: {error}"
        connection.send(answer)
