"""The library's own source code, shown as it runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable


def source_of(*things: type | Callable):
    """The code of functions, methods or classes, taken from what runs, without docstrings, as a Markdown code block."""
    from IPython.display import Markdown

    text = "\n\n".join(code_of(thing) for thing in things)
    return Markdown(f"```python\n{text}\n```")


def code_of(thing: type | Callable) -> str:
    """The source text of one thing, from the left margin, without its docstring and those inside it."""
    lines = textwrap.dedent(inspect.getsource(thing)).splitlines()
    left_out: set[int] = set()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            text = node.body[0]
            left_out.update(range(text.lineno, text.end_lineno + 1))
    kept = [line for number, line in enumerate(lines, start=1) if number not in left_out]
    return "\n".join(kept).replace("\n\n\n", "\n\n").rstrip()
