"""One line that says how far a long job is: a live display in a notebook, a progress bar in a shell."""

from __future__ import annotations

import html
import sys
import time
from types import TracebackType

from tqdm import tqdm

BAR = 24


class ProgressLine:
    """Shows how many of `total` units are done, the time taken and the time left, and is gone when the job ends.

    In a notebook it is one display that is updated in place (no widget, so exports and stored notebooks stay clean);
    elsewhere it is tqdm's bar on standard error. `label` says what is being done, `unit` what one unit is.
    """

    def __init__(self, total: int, label: str, unit: str) -> None:
        self.total, self.label, self.unit = total, label, unit
        self.started = time.monotonic()
        self._display = self._bar = None

    def __enter__(self) -> ProgressLine:
        if _in_notebook():
            from IPython.display import display

            self._display = display(_shown(self._line(0, "")), display_id=True, raw=True)
        else:
            self._bar = tqdm(total=self.total, desc=self.label, unit=self.unit, file=sys.stderr)
        return self

    def reach(self, done: int, note: str = "") -> None:
        """Says that `done` units are done; `note` is about the last of them."""
        if self._display:
            self._display.update(_shown(self._line(done, note)), raw=True)
        else:
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(done - self._bar.n)

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._display:
            ended = f"stopped by {kind.__name__}" if kind else "done"
            line = f"{self.label}: {ended} after {duration(time.monotonic() - self.started)}."
            self._display.update(_shown(line), raw=True)
        else:
            self._bar.close()

    def _line(self, done: int, note: str) -> str:
        filled = BAR * done // max(self.total, 1)
        taken = time.monotonic() - self.started
        left = f", about {duration(taken / done * (self.total - done))} left" if done else ""
        bar = "█" * filled + "░" * (BAR - filled)
        return f"{bar} {self.label}: {done} of {self.total} {self.unit}s in {duration(taken)}{left}. {note}"


def duration(seconds: float) -> str:
    """`75` -> `1 min 15 s`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"


def _shown(line: str) -> dict[str, str]:
    """The line as an output: a paragraph in which a variant's name is a name, whatever it holds."""
    return {"text/plain": line, "text/html": f"<p>{html.escape(line)}</p>"}


def _in_notebook() -> bool:
    """Whether displays can be updated in place: True under an ipykernel, in JupyterLab and VS Code alike."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")
