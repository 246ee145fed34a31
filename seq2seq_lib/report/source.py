"""A variant's own source code, shown as it runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial

from seq2seq_lib.variants import find_variant

PARTS = ("encoder", "bridge", "decoder")


def source_of(thing: type | Callable):
    """The source of a class or function as a highlighted display, taken from the code that runs."""
    from IPython.display import Code

    return Code(inspect.getsource(thing), language="python")


def source_of_variant(name: str, part: str):
    """The source of a variant's encoder, bridge or decoder, and of the function that it is given, if any.

    Args:
        name: of the catalogue.
        part: "encoder", "bridge" or "decoder".

    Raises:
        ConfigError: for a name that is not in the catalogue.
        ValueError: for another part.
    """
    from IPython.display import Code

    if part not in PARTS:
        raise ValueError(f"The part is {part!r}; choose one of {', '.join(PARTS)}.")
    factory = getattr(find_variant(name), part)
    given = []
    if isinstance(factory, partial):
        given = [value for value in factory.keywords.values() if callable(value)]
        factory = factory.func
    return Code("\n\n".join(inspect.getsource(piece) for piece in (*given, factory)), language="python")
