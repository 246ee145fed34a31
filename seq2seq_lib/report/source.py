"""A variant's own source code, shown as it runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import partial

from seq2seq_lib.models.variants import find_variant

PARTS = ("encoder", "bridge", "decoder")


def source_of(*things: type | Callable):
    """The code of functions, methods or classes, taken from what runs, without docstrings, as a Markdown code block."""
    from IPython.display import Markdown

    text = "\n\n".join(code_of(thing) for thing in things)
    return Markdown(f"```python\n{text}\n```")


def source_of_variant(name: str, part: str):
    """How a variant's encoder, bridge or decoder is built and run: the function it is given, `__init__`, `forward`.

    Args:
        name: of the catalogue.
        part: "encoder", "bridge" or "decoder".

    Raises:
        ConfigError: for a name that is not in the catalogue.
        ValueError: for another part.
    """
    if part not in PARTS:
        raise ValueError(f"The part is {part!r}; choose one of {', '.join(PARTS)}.")
    factory = getattr(find_variant(name), part)
    given = []
    if isinstance(factory, partial):
        given = [value for value in factory.keywords.values() if callable(value)]
        factory = factory.func
    return source_of(*given, factory.__init__, factory.forward)


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
