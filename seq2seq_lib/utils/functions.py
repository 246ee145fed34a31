"""What a Python function says, in a text that no version of Python and no comment changes."""

from __future__ import annotations
import __future__ as features

import ast
import dis
import linecache
from collections.abc import Iterator
from types import CodeType, FunctionType

_FUTURES = sum(getattr(features, name).compiler_flag for name in features.all_feature_names)
_NOWHERE = 2**29  # a line that no file has
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def node_of(function: FunctionType) -> ast.AST | None:
    """The node of the syntax tree that `function` was compiled from.

    None when that is not certain: the text is not there, or has been changed since. Two that begin on one line are told
    apart by what they are compiled to.
    """
    code = function.__code__
    linecache.checkcache(code.co_filename)
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename, function.__globals__)))
        begun_there = [node for node in ast.walk(tree) if _begins(node, code)]
        # unequal: the file was edited after it had been imported, or something else than Python has compiled it
        return next((node for node in begun_there if _compiled(_code_of(node, tree, code)) == _compiled(code)), None)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _begins(node: ast.AST, code: CodeType) -> bool:
    if isinstance(node, _DEFINITIONS):
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return (node.name, first) == (code.co_name, code.co_firstlineno)
    return isinstance(node, ast.Lambda) and ("<lambda>", node.lineno) == (code.co_name, code.co_firstlineno)


def _code_of(node: ast.AST, tree: ast.AST, like: CodeType) -> CodeType | None:
    """What the node is compiled to amid its file: it is found by lines that it alone is given for the moment."""
    decorators, defaults, kw_defaults = getattr(node, "decorator_list", []), node.args.defaults, node.args.kw_defaults
    ast.increment_lineno(node, _NOWHERE)
    node.decorator_list, node.args.defaults, node.args.kw_defaults = [], [], [None] * len(kw_defaults)
    try:
        whole = compile(tree, like.co_filename, "exec", like.co_flags & _FUTURES, dont_inherit=True)
    finally:
        node.decorator_list, node.args.defaults, node.args.kw_defaults = decorators, defaults, kw_defaults
        ast.increment_lineno(node, -_NOWHERE)
    moved = (code for code in _with_nested(whole) if code.co_firstlineno > _NOWHERE and code.co_name == like.co_name)
    return next(moved, None)


def _compiled(code: CodeType | None) -> tuple | None:
    """What can be compared: in Python 3.11 a code object that has run no longer equals its twin."""
    if code is None:
        return None
    constants = [_compiled(one) if isinstance(one, CodeType) else _constant(one) for one in code.co_consts]
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    return code.co_name, code.co_code, counts, names, tuple(constants)


def _constant(value: object) -> tuple:
    """Equal for what is the same constant; 1, 1.0 and True are not."""
    if type(value) is int:
        value %= _NOWHERE  # since Python 3.13 the line of a class is a constant of its body
    parts = sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)
    return type(value).__name__, str(parts)


def plain(node: ast.AST) -> str:
    """The tree as text, without comments, positions and docstrings.

    Of a function's own decorators, annotations and defaults nothing is said: they acted when it was defined.
    """
    if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
        return _text(node)
    arguments = [(kind, [one.arg for one in many]) for kind, many in _arguments(node.args)]
    body = node.body if isinstance(node.body, list) else [node.body]
    return f"{type(node).__name__} {getattr(node, 'name', '')} {arguments} {_text(body)}"


def _arguments(given: ast.arguments) -> Iterator[tuple[str, list[ast.arg]]]:
    for kind in ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg"):
        found = getattr(given, kind)
        yield kind, found if isinstance(found, list) else [found] if found else []


def _text(value: object) -> str:
    """Not `ast.dump` or `ast.unparse`, which say the same tree otherwise in other versions of Python."""
    if isinstance(value, list):
        return f"[{' '.join(_text(one) for one in value if not _does_nothing(one))}]"
    if not isinstance(value, ast.AST):
        return f"{type(value).__name__} {value!r}"
    fields = dict(ast.iter_fields(value))
    if isinstance(value, ast.Constant):
        fields.pop("kind")  # u"" is ""
    if isinstance(value, ast.JoinedStr):  # Python 3.12 has empty pieces in some
        fields["values"] = [piece for piece in value.values if getattr(piece, "value", None) != ""]
    told = (f"{name}={_text(field)}" for name, field in fields.items() if field is not None and field != [])
    return f"{type(value).__name__}({' '.join(told)})"


def _does_nothing(part: object) -> bool:
    """A docstring, or another constant that stands alone."""
    return isinstance(part, ast.Pass) or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))


def names_read(code: CodeType, node: ast.AST) -> list[tuple[str, ...]]:
    """What a function reads from outside itself: a global's name and the attributes taken from it, `("nn", "LSTM")`.

    Args:
        code: of the function, which tells its globals from its own names.
        node: what it was compiled from.
    """
    instructions = (one for part in _with_nested(code) for one in dis.get_instructions(part))
    outside = {one.argval for one in instructions if one.opname.startswith("LOAD") and _is_global(one.opname)}
    return sorted({chain for chain in _chains(node) if chain[0] in outside})


def imports_in(node: ast.AST) -> list[str]:
    """The modules that a function imports when it is called; dots before a name as they are written there."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            found |= {alias.name for alias in part.names}
        elif isinstance(part, ast.ImportFrom):
            found.add("." * part.level + (part.module or ""))
    return sorted(found)


def _is_global(opname: str) -> bool:
    return "GLOBAL" in opname or opname == "LOAD_NAME"  # the latter in the body of a class


def _chains(node: ast.AST) -> Iterator[tuple[str, ...]]:
    """Every name, with as many attributes after it as are written there."""
    attributes, inner = [], node
    while isinstance(inner, ast.Attribute):
        attributes.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield (inner.id, *reversed(attributes))
        return
    for child in ast.iter_child_nodes(node):
        yield from _chains(child)


def _with_nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_nested(constant)
