"""Formulas as MathJax takes them: signs, macros, numbers; and what is none stays as it is."""

import pytest

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.document import section_of
from seq2seq_lib.report.export.losses import Losses
from seq2seq_lib.report.export.macros import expanded, take_definitions
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.write import export_section
from tests.notebooks import code, notebook, result
from tests.test_report_pdf import text_of


def read(*texts):
    """(formulas, words, losses) of a notebook."""
    losses = Losses()
    blocks = list(section_of(notebook(*texts), "made", None, losses).blocks)
    formulas = [node["c"][1] for node in pandoc.nodes(blocks) if node["t"] == "Math"]
    return formulas, pandoc.plain_text(blocks), losses.told


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("a $x$ b", ["x"]),
        ("a $ x $ b", ["x"]),
        ("a $ x^2$ b", ["x^2"]),
        (r"a \\(x\\) \\[y\\] b", ["x", "y"]),
        ("$$\nx\n= y\n$$\nb", ["x\n= y"]),
        (r"\begin{align*}x\end{align*}", [r"\begin{align*}x\end{align*}"]),
        (r"$\vv{x}$".replace(r"\vv", r"\mathbf"), [r"\mathbf{x}"]),
        (r"**$a_1$ and $b_2$** | $|c|$", ["a_1", "b_2", "|c|"]),
        (r"${\bf x} \& \text{R\&D}$", [r"{\mathbf{x}} \text{&} \text{R\&D}"]),
        (r"$\begin{vmatrix}a\end{vmatrix}$", [r"\left|\begin{matrix}a\end{matrix}\right|"]),
        (r"$\textcolor{red}{x}\require{cancel}$", ["{x}"]),
        ("# A heading $x$\n\n[a $y$](https://example.org)", ["x", "y"]),
    ],
)
def test_formulas_are_found(text, formulas):
    assert read("# Title", text)[::2] == (formulas, [])


@pytest.mark.parametrize(
    "text",
    [
        "It is $5 or $6.",
        r"It is \$x\$.",
        "`$x$`",
        "```\n$x$\n```",
        "- ```\n  $x$\n  ```",
        "    $x$",
        "a $\n\nb$",
        r"\(x\)",
    ],
)
def test_what_is_none_stays(text):
    formulas, words, told = read("# Title", text)
    assert (formulas, told) == ([], [])
    assert words.replace(" ", "") == text.translate({ord(sign): None for sign in "`\\\n- "})


@pytest.mark.parametrize(
    ("definition", "use", "formula"),
    [
        (r"\newcommand{\vv}[1]{\mathbf{#1}}", r"\vv{x} \vv y", r"\mathbf{x} \mathbf{y}"),
        (r"\newcommand\R{\mathbb{R}}", r"\R^n", r"\mathbb{R}^n"),
        (r"\newcommand{\E}[2][x]{E_{#1} #2}", r"\E{y} \E[z]{y}", r"E_{x} y  E_{z} y"),
        (r"\def\f#1#2{#2 #1}", r"\f ab", "b a"),
        (r"\DeclareMathOperator*{\best}{arg\,max}", r"\best_x", r"\operatorname*{arg\,max}_x"),
        (r"\let\weight=\omega", r"\weight x", r"\omega  x"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{c}", r"\a", "c"),
    ],
)
def test_macros_hold_in_later_cells(definition, use, formula):
    formulas, _, told = read("# Title", f"${definition}$", f"${use}$")
    assert ([found.replace(" ", "") for found in formulas], told) == ([formula.replace(" ", "")], [])


def test_macros_that_never_end_are_said():
    """Sixteen that double each other are already too long, and quick to write out where nothing would stop it."""
    doubling = "".join(rf"\newcommand{{\x{chr(97 + n)}}}{{\x{chr(98 + n)}\x{chr(98 + n)}}}" for n in range(16))
    formulas, words, told = read("# Title", rf"${doubling}\newcommand{{\xq}}{{x}}$ $\xa$", r"$\def\y{\y y}\y$")
    assert formulas == []
    assert r"$\xa$" in words
    assert [line.split(":")[0] for line in told] == ["made.ipynb, cell 2", "made.ipynb, cell 3"]


@pytest.mark.parametrize("body", [r"\y", r"\y y"])
def test_a_macro_that_never_ends_leaves_its_formula_as_it_was(body):
    macros = {}
    take_definitions(rf"\def\y{{{body}}}", macros)
    assert expanded(r"a \y", macros) == r"a \y"


def test_what_looks_like_a_mark_is_text():
    formulas, words, told = read(
        "# Title", "\ufdd00\ufdd1 [a](https://example.org/%EF%B7%9099%EF%B7%91) $x$ \ud800 end"
    )
    assert (formulas, told) == (["x"], [])
    assert words.endswith("end")
    assert read("# Title", code("h", result(text_html="<p>&#xFDD0;7&#xFDD1; told</p>")))[1].endswith("told")


def test_a_formula_and_a_picture_that_typst_alone_refuses_cost_no_report(tmp_path):
    """Such formulas are mended before, as far as they are known: this one comes in behind that."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"></svg>'
    losses = Losses()
    picture = code("draw()", result(**{"image_svg+xml": empty}))
    section = section_of(notebook("# Title", "Before $known$ after.", picture), "made", None, losses)
    next(node for node in pandoc.nodes(section.blocks) if node["t"] == "Math")["c"][1] = (
        r"\begin{vmatrix}1\end{vmatrix}"
    )
    text = text_of(export_section(section, "pdf", tmp_path, TitleBlock(), losses=losses))
    assert r"Before \begin{vmatrix}1\end{vmatrix} after." in text
    assert "A figure" in text
    assert [line.split(" is none that Typst reads")[0] for line in losses.told] == [
        r"made.ipynb, cell 2: the formula '\\begin{vmatrix}1\\end{vmatrix}'", "made.ipynb, cell 3: a picture",
    ]  # fmt: skip
