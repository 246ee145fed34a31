"""Notebooks that no one wrote by hand, for tests of what becomes of them."""

from __future__ import annotations

import base64
import io

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ACCENTS = "Voilà « l'œuvre » d'été : naïve, ça, où, Ÿ"
KOREAN = "나는 학생입니다"
#: Text that means something to Markdown, HTML or Typst, and has to come out as it is.
HOSTILE = (
    "``` `````` #set page(width: 1pt) $x$ *a* _b_ <script>alert(1)</script> </textarea> @ref <label> // no \\* /* #{1}"
)
LONG = "print('" + "x" * 400 + "')"


def picture(wide: int = 330, high: int = 120) -> str:
    """A PNG of so many dots, as an output holds it."""
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (wide, high), "#4292c6").save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()


def result(**data: str) -> NotebookNode:
    """An output with the given kinds, `_` in a name standing for `/`."""
    return new_output("display_data", {kind.replace("_", "/", 1): value for kind, value in data.items()})


def said(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    """A code cell that was run."""
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata={"tags": list(tags)})


def notebook(*cells: NotebookNode | str) -> NotebookNode:
    """A notebook of cells; texts are its Markdown."""
    return new_notebook(cells=[new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells])


def table(rows: int = 3, columns: int = 3, words: str = "two words") -> str:
    """A pandas table with an index of its own name, texts and numbers."""
    import pandas as pd

    values = {f"text {n}": [f"{words} {n}"] * rows for n in range(columns - 1)}
    frame = pd.DataFrame({**values, "number": [f"{n + 0.5:,.1f} ± 0.1" for n in range(rows)]})
    frame.index = pd.Index([f"row-{n}" for n in range(rows)], name="variant")
    return frame._repr_html_()


def everything() -> NotebookNode:
    """One of each thing that is hard to set."""
    return notebook(
        f"# Everything\n\n*A subtitle*\n\n{ACCENTS}; {KOREAN}.",
        "## Letters\n\nThe state *x<sub>s</sub>* and *y*<sup>2</sup>, $\\sum_i e^{x_i}$, [a link](https://example.org/a_b).\n\n"
        "> (*h<sub>t</sub>*) = 1\n\n| name | size |\n|---|--:|\n| *c<sub>0</sub>* | 1 |",
        "## Code\n\nA fence left open:\n\n~~~\nnever closed",
        "## After the fence",
        code(f"# {KOREAN} {ACCENTS}\n{LONG}", said(HOSTILE + "\n" + KOREAN + "\n" + "=" * 300)),
        "## Figures\n\n<div>left open",
        code(
            "#| fig-cap: A blue box, which\n#|   says `nothing`.\ndraw()", result(image_png=picture(), text_plain="F")
        ),
        code("draw()", result(image_png=picture())),
        "### Tables",
        code("#| tbl-cap: Wide.\nwide()", result(text_html=table(40, 11, "a text of some length"))),
        code("hidden()", result(text_markdown="**Shown** once"), tags=("prose",)),
    )
