"""TeX's macros in formulas, put in by hand: pandoc would follow those that double each other until memory ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMMAND = re.compile(r"\\[A-Za-z]+")
LET = re.compile(r"\\let\s*(\\[A-Za-z]+)\s*=?\s*(\\[A-Za-z]+|[^\s\\])")
DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand|(?P<operator>DeclareMathOperator)|(?P<plain>def))(?P<star>\*?)\s*"
    r"(?:\{\s*(?P<braced>\\[A-Za-z]+)\s*\}|(?P<bare>\\[A-Za-z]+))\s*"
    r"(?P<hashes>(?:\#\d)*)(?:\[(?P<takes>\d)\])?\s*(?:\[(?P<default>[^\]]*)\])?\s*(?=\{)"
)
BRACES = re.compile(r"\\.|[{}]", re.DOTALL)

#: Macros in macros, and characters of a formula, at most.
DEPTH, LONGEST = 30, 20_000


@dataclass(frozen=True)
class Macro:
    """What stands for a command; `#1` in the body is its first argument."""

    takes: int
    default: str | None  #: of the first argument, which is then in brackets or left out
    body: str


def take_definitions(tex: str, macros: dict[str, Macro]) -> str:
    """Adds what a formula defines to the macros; returns the rest of it."""
    rest, at = "", 0
    tex = LET.sub(r"\\newcommand{\1}{\2}", tex)
    while found := DEFINITION.search(tex, at):
        body, end = _argument(tex, found.end())
        if found["operator"]:
            body = rf"\operatorname{found['star']}{{{body}}}"
        takes = int(found["takes"] or found["hashes"].count("#"))
        macros[found["braced"] or found["bare"]] = Macro(takes, found["default"], body)
        rest, at = rest + tex[at : found.start()], end
    return rest + tex[at:]


def expanded(tex: str, macros: dict[str, Macro]) -> str:
    """A formula without macros; as it was, where they never end."""
    new = tex
    for _ in range(DEPTH):
        old, new = new, _once(new, macros)
        if new == old:
            return new
        if len(new) > LONGEST:
            break
    return tex


def _once(tex: str, macros: dict[str, Macro]) -> str:
    parts, at = [], 0
    for found in COMMAND.finditer(tex):
        macro = macros.get(found[0])
        if macro is None or found.start() < at:
            continue
        arguments, end = _arguments(tex, found.end(), macro)
        given = {f"#{number}": argument for number, argument in enumerate(arguments, start=1)}
        body = re.sub(r"#\d", lambda place, given=given: given.get(place[0], ""), macro.body)
        parts += [tex[at : found.start()], body, " " if body[-1:].isalpha() else ""]
        at = end
    return "".join(parts) + tex[at:]


def _arguments(tex: str, at: int, macro: Macro) -> tuple[list[str], int]:
    given = []
    if macro.default is not None and macro.takes:
        found = re.compile(r"\s*\[([^\]]*)\]").match(tex, at)
        given.append(found[1] if found else macro.default)
        at = found.end() if found else at
    while len(given) < macro.takes:
        argument, at = _argument(tex, at)
        given.append(argument)
    return given, at


def _argument(tex: str, at: int) -> tuple[str, int]:
    """A group without its braces, or one command or letter; and where the text goes on."""
    while tex[at : at + 1].isspace():
        at += 1
    if tex[at : at + 1] != "{":
        found = COMMAND.match(tex, at)
        end = found.end() if found else at + 1
        return tex[at:end], end
    depth = 0
    for found in BRACES.finditer(tex, at):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return tex[at + 1 : found.start()], found.end()
    return tex[at + 1 :], len(tex)
