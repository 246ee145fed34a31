"""Which two columns of a table are meant: by what the caller says, by their names, or by the languages they name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from babel import Locale

from seq2seq_lib.data.pairs import CorpusError, Languages, list_skipped

Columns = Sequence[str | int] | None
PLAIN_NAMES = (("source", "target"), ("src", "tgt"), ("src", "trg"))


@dataclass
class Reading:
    """How one corpus is to be read, and what comes up meanwhile.

    Attributes:
        languages: codes of source and target; None until they are known.
        columns: the caller's, or None.
        encoding: the caller's, or None for UTF-8.
        skipped: reason -> how many rows.
        found: what was found out rather than told, to be said.
    """

    languages: Languages | None = None
    columns: Columns = None
    encoding: str | None = None
    skipped: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def say(self, what: str) -> None:
        """Adds what was found out, once."""
        if what not in self.found:
            self.found.append(what)

    def summary(self) -> str:
        """What was skipped and what was found out, for the line that `load_corpus` prints."""
        said = f"; read as: {', '.join(self.found)}" if self.found else ""
        return list_skipped(self.skipped) + said


@cache
def codes_by_name() -> dict[str, str]:
    """The English names of languages in lower case, each with its code of two letters."""
    return {name.lower(): code for code, name in Locale("en").languages.items() if len(code) == 2}


def language_called(name: str) -> str | None:
    """The code of the language that a column or a file's ending is called by: "en", "English" and "en_US" are "en"."""
    word = re.split(r"[_-]", name.strip().lower())[0]
    return word if word in codes_by_name().values() else codes_by_name().get(word)


def names_language(name: str, language: str) -> bool:
    """Whether one of the words of a column's name is the language's code or its English name."""
    words = {word for word in re.split(r"[\W_]+", name.lower()) if word}
    return bool(words & {language, *(called for called, code in codes_by_name().items() if code == language)})


def is_header(cells: Sequence[str], languages: Languages) -> bool:
    """Whether the cells of a first row are names of two columns and no sentences."""
    names = tuple(cell.strip().lower() for cell in cells)
    if names in PLAIN_NAMES or set(names) == set(languages):
        return True
    called = [codes_by_name().get(name) for name in names]
    return all(called) and len(set(called)) == len(called)


def choose_columns(
    names: Sequence[str], where: str, languages: Languages | None, columns: Columns
) -> tuple[int, int, Languages]:
    """Positions of the source and the target column, and the languages.

    Args:
        names: of the columns.
        where: for the message.
        languages: that the caller named; None takes what the columns are called by, or else English and French.
        columns: two names that the caller gave, or None.

    Raises:
        CorpusError: when no two columns are plainly meant; it lists those there are.
    """
    names, assumed = [name.strip() for name in names], languages or ("en", "fr")
    lower = [name.lower() for name in names]
    wishes = [*PLAIN_NAMES[:1], assumed, *PLAIN_NAMES[1:]] if columns is None else [tuple(columns)]
    for wish in wishes:
        found = names if columns is not None else lower
        if len(set(wish)) == 2 and all(found.count(name) == 1 for name in wish):
            return found.index(wish[0]), found.index(wish[1]), assumed
    if columns is None:
        meant = [[n for n, name in enumerate(names) if names_language(name, language)] for language in assumed]
        if [len(places) for places in meant] == [1, 1] and meant[0] != meant[1]:
            return meant[0][0], meant[1][0], assumed
        called = [(n, code) for n, name in enumerate(names) if name != "id" and (code := language_called(name))]
        if languages is None and len(called) == 2 and called[0][1] != called[1][1]:
            (first, source), (second, target) = called
            return first, second, (source, target)
    wanted = " or ".join(repr(wish) for wish in wishes)
    raise CorpusError(
        f"{where}: the two columns {wanted} are not there once each; found are {', '.join(map(repr, names))}; "
        "columns=(source, target) chooses two by their names"
    )


def say_columns(names: Sequence[str], source: int, target: int, reading: Reading) -> None:
    """Says which columns were taken, unless they are the ones that everybody expects."""
    taken = names[source], names[target]
    if reading.columns is None and taken not in (("source", "target"), reading.languages):
        reading.say(f"columns {taken[0]!r} and {taken[1]!r}")
