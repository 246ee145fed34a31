"""Formulas as MathJax finds and numbers them, for pandoc, which knows fewer of their signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.losses import Tell
from seq2seq_lib.report.export.macros import Macro, expanded, take_definitions
from seq2seq_lib.report.export.pandoc import Inline

#: Stands in a text for a formula while Markdown is read; both characters are of those that no text may hold.
MARK = re.compile(r"(?:\ufdd0|%EF%B7%90)(\d+)(?:\ufdd1|%EF%B7%91)")

SPAN = r"(?:(?!\n[ \t]*\n)[\s\S])+?"  # nothing reaches over an empty line
INLINE = r"(?:(?!\n[ \t]*\n)(?:\\[\s\S]|[^$`\\]))+"
SOURCE = re.compile(
    rf"""
    ^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(?P<rail>`{{3,}}|~{{3,}})[^`\n]*\n[\s\S]*?(?:^[ \t>]*(?P=rail)[`~]*[ \t]*$|\Z)
    |(?<!`)(?P<ticks>`+)(?!`){SPAN}(?<!`)(?P=ticks)(?!`)
    |\\\\\((?P<round>{SPAN})\\\\\)
    |\\\\\[(?P<square>{SPAN})\\\\\]
    |(?P<environment>\\begin\{{(?P<name>[A-Za-z]+\*?)\}}{SPAN}\\end\{{(?P=name)\}})
    |(?P<reference>\\(?:eq)?ref\{{[^{{}}\n]*\}})
    |\\[\\$`]
    # no formula: an address with a space, which people write and Markdown wants in brackets
    |(?P<words>!\[[^\[\]\n]*\]\()(?P<spaced>[^()<>"'\n]*[^()<>"'\s]\ [^()<>"'\n]*)(?=\))
    |\$\$(?P<display>{SPAN})\$\$
    # no money: spaces on both sides or on none, unless it looks like TeX, and no digit behind
    |\$(?P<inline>(?=\S){INLINE}(?<=\S)|(?=\s){INLINE}(?<=\s)|(?=[^$]*[\\^_{{=]){INLINE})\$(?![\d$])
    """,
    re.MULTILINE | re.VERBOSE,
)
KINDS = {
    "round": "InlineMath", "inline": "InlineMath", "square": "DisplayMath", "display": "DisplayMath",
    "environment": "DisplayMath", "reference": "Str",
}  # fmt: skip

#: Environments that are counted: each of their rows, or once.
WHOLE = re.compile(
    r"\s*\\begin\{((align|alignat|eqnarray|flalign|gather)|equation|multline)(\*?)\}([\s\S]*)\\end\{\1\3\}\s*"
)
ROW_PARTS = re.compile(r"(?P<open>\\begin\b|\{)|(?P<close>\\end\b|\})|(?P<row>\\\\(?:\[[^\]]*\])?)|\\.", re.DOTALL)
LABEL, TAG = re.compile(r"\\label\s*\{([^{}]*)\}"), re.compile(r"\\tag(\*?)\s*\{([^{}]*)\}")
UNNUMBERED = re.compile(r"\\(?:nonumber|notag)\b")
REFERENCE = re.compile(r"\\(eq)?ref\{([^{}]*)\}")

#: What pandoc does not know and a formula can be without, and old switches as the commands that do the same.
NEEDLESS = re.compile(r"\\require\s*\{[^{}]*\}|\\(?:textcolor|color)\s*\{[^{}]*\}")
SWITCH = re.compile(r"\\(bf|rm|it|cal|tt|sf)\b\s*([^{}]*)")
#: Environments that it does not know, or writes in a way that Typst refuses, as others in fences.
FENCED = {
    "vmatrix": ("matrix", "|", "|"), "Vmatrix": ("matrix", r"\|", r"\|"), "rcases": ("matrix", ".", r"\}"),
    "dcases": ("matrix", r"\{", "."),
}  # fmt: skip
FENCES = re.compile(rf"\\(begin|end)\{{({'|'.join(FENCED)})\}}")
#: Outside of words it would be Typst's mark of a column.
AMPERSAND = re.compile(r"(\\(?:text\w*|mbox)\s*\{[^{}]*\})|(?<!\\)\\&")


@dataclass
class _Formula:
    source: str  #: with what marks it in the text
    tex: str  #: without
    kind: str  #: InlineMath, DisplayMath or, of a reference in the text, Str
    tell: Tell
    inlines: list[Inline]


class Formulas:
    """The formulas of one notebook: taken out of its texts, in order, before Markdown is read, and put back after.

    Macros hold from where they are defined to the notebook's end, labels in all of it. The environments without a star
    have numbers, as in LaTeX.
    """

    def __init__(self) -> None:
        self._found: list[_Formula] = []
        self._numbers: dict[str, str] = {}
        self._last = 0

    def hidden(self, text: str, tell: Tell) -> str:
        """A text of Markdown with a mark in each formula's place; code stays, and pictures' addresses are mended."""

        def marked(found: re.Match[str]) -> str:
            if found["spaced"]:
                return f"{found['words']}<{found['spaced']}>"
            group = next((name for name in KINDS if found[name]), None)
            if group is None:
                return found[0]
            self._found.append(_Formula(found[0], found[group], KINDS[group], tell, []))
            return f"\ufdd0{len(self._found) - 1}\ufdd1"

        return SOURCE.sub(marked, re.sub("[\ufdd0\ufdd1]", "", text))

    def shown(self, blocks: list) -> list:
        """Blocks of all the notebook's texts, in any nesting, with formulas in the marks' places; call it once."""
        if not self._found:
            return blocks
        macros: dict[str, Macro] = {}
        for formula in self._found:
            formula.tex = expanded(take_definitions(formula.tex, macros), macros)
            formula.tex = self._numbered(_for_pandoc(formula.tex))
        for formula in self._found:
            formula.tex = REFERENCE.sub(lambda found, formula=formula: self._reference(found, formula), formula.tex)
        self._read()
        return pandoc.changed(blocks, self._put_back)

    def _numbered(self, tex: str) -> str:
        """With its numbers behind it, or behind its rows."""
        whole = WHOLE.fullmatch(tex)
        if whole is None:
            return self._with_number(tex, False)
        kind, of_rows, star, body = whole.groups()
        rows = [self._with_number(row, not star) for row in (_rows(body) if of_rows else [body])]
        return rf"\begin{{{kind}{star}}}" + "\\\\".join(rows) + rf"\end{{{kind}{star}}}"

    def _with_number(self, row: str, counts: bool) -> str:
        tag, label, number = TAG.search(row), LABEL.search(row), ""
        if tag:
            number = tag[2] if tag[1] else f"({tag[2]})"
        elif counts and row.strip() and not UNNUMBERED.search(row):
            self._last += 1
            number = f"({self._last})"
        if label and number:
            self._numbers[label[1]] = number
        bare = UNNUMBERED.sub("", LABEL.sub("", TAG.sub("", row))).rstrip()
        return rf"{bare} \qquad \text{{{number}}}" if number else bare

    def _reference(self, found: re.Match[str], formula: _Formula) -> str:
        number = self._numbers.get(found[2])
        if number is None:
            formula.tell(f"no formula has the label {found[2]}; ??? stands in its place.")
            number = "(???)"
        number = number if found[1] else number.strip("()")
        return number if formula.kind == "Str" else rf"\text{{{number}}}"

    def _read(self) -> None:
        """Finds out what pandoc can read; of the rest, the source is shown."""
        formulas = [formula for formula in self._found if formula.tex.strip() and formula.kind != "Str"]
        for formula in self._found:
            formula.inlines = [pandoc.text(formula.tex)] if formula.kind == "Str" else []
        nodes = [{"t": "Math", "c": [{"t": formula.kind}, formula.tex.strip()]} for formula in formulas]
        page = pandoc.write([{"t": "Para", "c": [node]} for node in nodes], "html5", "--mathml", "--quiet")
        for formula, node, read in zip(formulas, nodes, page.split("<p>")[1:], strict=True):
            formula.inlines = [node]
            if not read.startswith("<math"):
                formula.inlines = [{"t": "Code", "c": [["", [], []], formula.source]}]
                formula.tell(
                    f"the formula {formula.source[:60]!r} is none that pandoc reads; its TeX stands in its place."
                )

    def _put_back(self, node: dict) -> dict | list[Inline] | None:
        if node["t"] == "Str" and MARK.search(node["c"]):
            inlines: list[Inline] = []
            for turn, part in enumerate(MARK.split(node["c"])):  # words and numbers by turns
                formula = turn % 2 and self._formula(part)
                inlines += formula.inlines if formula else [pandoc.text(part)] if part else []
            return inlines
        if node["t"] in ("Code", "CodeBlock"):
            node["c"][1] = self._as_it_was(node["c"][1])
        elif node["t"] in ("Link", "Image"):
            node["c"][2] = [self._as_it_was(part) for part in node["c"][2]]
        return None

    def _as_it_was(self, text: str) -> str:
        return MARK.sub(lambda found: formula.source if (formula := self._formula(found[1])) else found[0], text)

    def _formula(self, number: str) -> _Formula | None:
        return self._found[int(number)] if int(number) < len(self._found) else None  # a text may look like a mark


def _for_pandoc(tex: str) -> str:
    def fenced(found: re.Match[str]) -> str:
        inner, left, right = FENCED[found[2]]
        return rf"\left{left}\begin{{{inner}}}" if found[1] == "begin" else rf"\end{{{inner}}}\right{right}"

    tex = FENCES.sub(fenced, SWITCH.sub(r"\\math\1{\2}", NEEDLESS.sub("", tex)))
    return AMPERSAND.sub(lambda found: found[1] or r"\text{&}", tex)


def _rows(body: str) -> list[str]:
    rows, depth, start = [], 0, 0
    for part in ROW_PARTS.finditer(body):
        depth += bool(part["open"]) - bool(part["close"])
        if part["row"] and depth == 0:
            rows.append(body[start : part.start()])
            start = part.end()
    return [*rows, body[start:]]
