"""Who hands in what, for which course and when: `report.toml`, and options that override it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from datetime import date as Date
from pathlib import Path

from babel.dates import format_date

from seq2seq_lib.experiments.records import ROOT

#: Beside the README, where a student finds it.
FILE = ROOT / "report.toml"


@dataclass(frozen=True)
class TitleBlock:
    """What stands above a report. An empty line is left out, but for the date: without one it is today's."""

    title: str = "Improving an LSTM encoder–decoder, piece by piece"  #: of the joined report; a notebook has its own
    course: str = ""
    student: str = ""
    number: str = ""  #: the student number
    date: str = ""

    def lines(self) -> dict[str, str]:
        """What is filled in, by its name, in the order in which it is read."""
        return {name: value for name in ("course", "student", "number", "date") if (value := getattr(self, name))}

    def with_options(self, **options: str | None) -> TitleBlock:
        """Another block with the options that are not None."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})


def read_title_block(path: Path | None = None, *, today: Date | None = None) -> TitleBlock:
    """The title block of a TOML file, dated today where the file names no date; without the file, the defaults.

    Args:
        path: a file with `title`, `course`, `student`, `number` and `date`, each a text; a date and a
            number may be bare.
        today: instead of the clock's.

    Raises:
        ValueError: for what is not TOML, an unknown key or a value of another type; it says which.
    """
    path = path or FILE
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:  # also what is not UTF-8
        raise ValueError(f"{path.name} is not TOML: {error}.") from None
    known = [field.name for field in fields(TitleBlock)]
    for key, value in found.items():
        if key not in known:
            raise ValueError(f"{path.name} has an unknown key {key!r}; it may have {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, str | int | Date):
            raise ValueError(f"{path.name}: {key} is {value!r}, and has to be text in quotes.")
    texts = {key: in_words(value) if isinstance(value, Date) else str(value).strip() for key, value in found.items()}
    block = TitleBlock(**texts)
    return block if block.date else replace(block, date=in_words(today or Date.today()))


def in_words(day: Date) -> str:
    """`23 November 2026`, the same in every locale."""
    return format_date(day, "d MMMM y", locale="en")
