"""Where a class, a function or a module comes from: what is installed goes by its name, a user's own does not."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

OURS = ("seq2seq_lib", "torch")
#: Functions and descriptors that are not written in Python.
BUILTIN = (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    WrapperDescriptorType,
)
#: The places that a class has for attributes of its objects.
SLOTS = (GetSetDescriptorType, MemberDescriptorType)
_STANDARD = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib"))
#: What Python or typing notes of a class and no model depends on; versions of Python differ in it.
OF_EVERY_CLASS = frozenset(
    """__module__ __qualname__ __doc__ __dict__ __weakref__ __annotations__ __annotate__ __annotate_func__
    __annotations_cache__ __firstlineno__ __static_attributes__ __abstractmethods__ _abc_impl __parameters__
    __orig_bases__ __match_args__ __dataclass_params__""".split()  # noqa: SIM905 - it is to be read
)
#: What may say something else in the next process though the program is the same.
UNSURE = frozenset(
    """eval exec globals open input compile __import__ random time secrets uuid numpy.random os.environ os.getenv
    os.urandom os.getpid sys.argv pathlib.Path datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow
    datetime.date.today""".split()  # noqa: SIM905 - it is to be read
)


def of_module(name: str | None) -> str | None:
    """The name of a module that is installed, with its package's version; None for a user's own.

    The standard library goes by its name in every version of Python.
    """
    module, root = sys.modules.get(name or ""), (name or "").partition(".")[0]
    if module is None or root == "__main__":
        return None
    if root in OURS:
        return name
    file = getattr(module, "__file__", None)
    path = Path(file).resolve() if file else None
    if path and {"site-packages", "dist-packages"} & set(path.parts):
        version = getattr(sys.modules.get(root), "__version__", None)
        return f"{name} {version}" if version else None
    standard = root in sys.stdlib_module_names and (path is None or any(path.is_relative_to(at) for at in _STANDARD))
    return name if standard else None


def is_ours(known: str | None) -> bool:
    """Whether that is of this library or of torch."""
    return (known or "").partition(".")[0] in OURS


def of_class(kind: type) -> str | None:
    """Where a class is installed, if it is what is found there under its name."""
    known = of_module(kind.__module__)
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return known if found is kind else None


def of_function(function: FunctionType) -> str | None:
    """Where a function was written, whatever it says of itself: `functools.wraps` lends it another's name."""
    name = function.__globals__.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    return of_module(name) if module is not None and vars(module) is function.__globals__ else None


def of_builtin(thing: Any) -> str | None:
    """Where a function of the kinds `BUILTIN` is installed."""
    home = getattr(thing, "__objclass__", getattr(thing, "__self__", None))
    if isinstance(home, ModuleType | None):
        return of_module(home.__name__ if home else getattr(thing, "__module__", None))
    return of_class(home if isinstance(home, type) else type(home))


def name_of(thing: Any) -> str:
    """The full name of a class or function that is installed; an empty one for all else."""
    if isinstance(thing, type):
        known = of_class(thing)
    elif isinstance(thing, FunctionType):
        known = of_function(thing)
    else:
        known = of_builtin(thing) if isinstance(thing, BUILTIN) else None
    return f"{known.split()[0]}.{thing.__qualname__}" if known else ""


def is_unsure(name: str) -> bool:
    """Whether what has this full name, or the module that holds it, may say something else in the next process."""
    parts = name.split(".")
    return any(".".join(parts[:end]) in UNSURE for end in range(1, len(parts) + 1))


def is_put_into(function: FunctionType, known: str) -> bool:
    """Whether a class of this library, installed as `known`, was given a function from elsewhere."""
    return known.startswith("seq2seq_lib") and not is_generated(function) and of_function(function) is None


def is_generated(function: FunctionType) -> bool:
    """Whether dataclasses or a named tuple made it up from the fields of a class."""
    return function.__code__.co_qualname.startswith("__create_fn__") or "_tuple_new" in function.__globals__
