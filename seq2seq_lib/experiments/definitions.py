"""All that a variant's definition reaches, as one digest: what a user wrote, what it closes over and reads, and so on.

What is installed goes by its name. What cannot be looked into for certain is noted as a doubt.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from copyreg import dispatch_table
from enum import EnumMeta
from functools import cached_property, partial
from importlib.util import resolve_name
from types import FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seq2seq_lib.experiments import origins
from seq2seq_lib.models.variants import Variant
from seq2seq_lib.utils.functions import imports_in, names_read, node_of, plain

_ATOMS = (type(None), bool, int, float, complex, str, bytes, slice, range, type(...), type(NotImplemented))
_TORCH_ATOMS = (torch.dtype, torch.device, torch.Size, torch.layout, torch.memory_format)
#: What is in every module: hooks and weights are looked at by themselves. An RNN holds its weights once more.
_RNN = frozenset({"_flat_weights", "_flat_weight_refs", "_flat_weights_names", "_all_weights"})
_OF_EVERY_MODULE = frozenset(vars(nn.Module())) | _RNN
_HOOKS = sorted(name for name in _OF_EVERY_MODULE if "hooks" in name)
#: Of a variant: they decide how it is shown.
_SHOWN = ("section", "title", "why", "colour")
_MOST = 100_000


def hash_of(parts: Iterable[str]) -> str:
    """Sixteen hex digits that stand for some texts in their order."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Look:
    """One look through things that may hold each other.

    Attributes:
        foreign: whether it met anything but this library, torch, and plain values.
        doubts: what it could not look into, in words.
    """

    def __init__(self) -> None:
        self.foreign = False
        self.doubts: dict[str, None] = {}
        self._seen: dict[int, tuple[Any, str]] = {}  # with the thing, so that no other gets its id meanwhile
        self._open: dict[int, int] = {}

    def digest(self, thing: Any) -> str:
        """A text that is the same for the same content, in any process."""
        if type(thing) in (*_ATOMS, *_TORCH_ATOMS):
            return f"{type(thing).__name__} {hex(thing) if type(thing) is int else repr(thing)}"
        if id(thing) in self._seen:
            return self._seen[id(thing)][1]
        if id(thing) in self._open:
            return f"the one that holds it, {self._open[id(thing)]}"
        if len(self._seen) >= _MOST:
            return self.doubt(f"more than {_MOST:,} things hang together")
        self._open[id(thing)] = len(self._open)
        try:
            found = hash_of(self._parts(thing))
        except RecursionError:
            found = self.doubt(f"things are nested too deeply in a {type(thing).__name__}")
        del self._open[id(thing)]
        self._seen[id(thing)] = thing, found
        return found

    def doubt(self, words: str) -> str:
        """Notes what cannot be told for certain."""
        self.foreign = True
        self.doubts[words] = None
        return words

    def each(self, things: Iterable[Any]) -> str:
        """The digests of several things in their order."""
        return hash_of(map(self.digest, things))

    def named(self, things: Mapping[str, Any]) -> str:
        """The digests of several things by their names, in any order."""
        return hash_of(f"{name} {self.digest(things[name])}" for name in sorted(things))

    def _parts(self, thing: Any) -> list[str]:
        if isinstance(thing, Variant):
            fields = {name: value for name, value in vars(thing).items() if name not in _SHOWN}
            return [self.digest(type(thing)), self.named(fields)]
        if type(thing) is partial:
            return ["partial", self.digest(thing.func), self.each(thing.args), self.named(thing.keywords)]
        if type(thing) in (tuple, list):
            return [type(thing).__name__, self.each(thing)]
        if type(thing) in (dict, MappingProxyType):
            return ["dict", self.each(thing.keys()), self.each(thing.values())]
        if isinstance(thing, type):
            return self._class(thing)
        if isinstance(thing, FunctionType):
            return self._function(thing)
        if isinstance(thing, origins.BUILTIN):
            return self._builtin(thing)
        self.foreign = True
        look = next((look for kind, look in _KINDS if isinstance(thing, kind)), Look._object)
        return look(self, thing)

    def _class(self, kind: type) -> list[str]:
        known = origins.of_class(kind)
        self.foreign |= not origins.is_ours(known)
        functions = {name: value for name, value in vars(kind).items() if isinstance(value, FunctionType)}
        if known:
            strange = {name: value for name, value in functions.items() if origins.is_put_into(value, known)}
            return [known, kind.__qualname__, *([self.named(strange)] if strange else [])]
        members = {name: value for name, value in vars(kind).items() if name not in origins.OF_EVERY_CLASS}
        if fields := vars(kind).get("__dataclass_fields__"):
            told = ("default", "default_factory", "init", "kw_only")
            members["__dataclass_fields__"] = {
                name: [getattr(field, one) for one in told] for name, field in fields.items()
            }
        if isinstance(kind, EnumMeta):  # which notes its members in several ways
            members = {**functions, **{name: member.value for name, member in kind.__members__.items()}}
        metaclass = [] if type(kind) is type else [self.digest(type(kind))]
        return ["class", kind.__name__, self.each(kind.__bases__), self.named(members), *metaclass]

    def _function(self, function: FunctionType) -> list[str]:
        code, known = function.__code__, origins.of_function(function)
        self.foreign |= not origins.is_ours(known)
        cells = dict(zip(code.co_freevars, map(_content, function.__closure__ or ()), strict=True))
        given = [self.named(cells), self.each(function.__defaults__ or ()), self.named(function.__kwdefaults__ or {})]
        if origins.is_generated(function):  # by dataclasses and named tuples, from fields that are looked at
            return ["generated", code.co_name]
        if known and "<lambda>" not in code.co_qualname:
            return [known, code.co_qualname, *(given if "<locals>" in code.co_qualname else [])]
        attributes = {name: value for name, value in vars(function).items() if name != "__wrapped__"}
        node = node_of(function)
        if node is None:
            return [self.doubt(f"the source text of {code.co_qualname} is not found"), *given, self.named(attributes)]
        read = [self._read(chain, function.__globals__) for chain in names_read(code, node)]
        imported = [self._imported(name, function.__globals__) for name in imports_in(node)]
        return [plain(node), *given, self.named(attributes), *read, *imported]

    def _read(self, chain: tuple[str, ...], outside: Mapping[str, Any]) -> str:
        """What a function finds under a global's name, and under the attributes that it takes from a module."""
        name, *rest = chain
        if name not in outside:
            return self.doubt(f"{name}() is called, which may reach anything") if name in origins.UNSURE else name
        value = outside[name]
        while rest and not isinstance(value, type) and rest[0] in getattr(value, "__dict__", {}):
            told = f"{value.__name__}.{rest[0]}" if isinstance(value, ModuleType) else ""
            value = vars(value)[rest.pop(0)]
            if origins.is_unsure(told):
                return self.doubt(f"{told} is used, which may say something else next time")
        full = ".".join([origins.name_of(value), *rest[:1]])
        if origins.is_unsure(origins.name_of(value)) or origins.is_unsure(full):
            return self.doubt(f"{full} is used, which may say something else next time")
        return f"{'.'.join(chain)} {self.digest(value)}"

    def _imported(self, name: str, outside: Mapping[str, Any]) -> str:
        """What a function imports when it is called."""
        absolute = resolve_name(name, outside.get("__package__") or "") if name[0] == "." else name
        if absolute in sys.modules:
            return self.digest(sys.modules[absolute])
        standard = absolute.partition(".")[0] in sys.stdlib_module_names
        return absolute if standard else self.doubt(f"{absolute} is imported by a function that was not called yet")

    def _builtin(self, thing: Any) -> list[str]:
        """A function or a descriptor that is not written in Python."""
        known = origins.of_builtin(thing)
        self.foreign |= not origins.is_ours(known)
        if not known and not isinstance(thing, origins.SLOTS):
            known = self.doubt(f"{thing.__qualname__} is not written in Python")
        holder = getattr(thing, "__self__", None)
        bound = [] if isinstance(holder, type | ModuleType | None) else [self.digest(holder)]
        return ["builtin", known or "", thing.__qualname__, *bound]

    def _module(self, module: ModuleType) -> list[str]:
        if known := origins.of_module(module.__name__):
            return [known]
        return ["module", self.named({name: value for name, value in vars(module).items() if name[:2] != "__"})]

    def _network(self, network: nn.Module) -> list[str]:
        """Classes, attributes, hooks, weights and what holds them still, of a model and its parts."""
        parts = []
        for name, module in network.named_modules(remove_duplicate=False):
            attributes = {key: value for key, value in vars(module).items() if key not in _OF_EVERY_MODULE}
            hooks = {key: [*vars(module)[key].values()] for key in _HOOKS if vars(module).get(key)}
            parts += [name, self.digest(type(module)), self.named(attributes), self.named(hooks)]
        first: dict[int, str] = {}
        weights = *network.named_parameters(remove_duplicate=False), *network.named_buffers(remove_duplicate=False)
        for name, weight in weights:
            parts += [name, first.setdefault(id(weight), name), self.digest(weight)]
        return parts

    def _tensor(self, tensor: Tensor) -> list[str]:
        told = [self.digest(type(tensor)), str(tensor.dtype), str([*tensor.shape]), str(tensor.requires_grad)]
        hooks = [*(tensor._backward_hooks or {}).values()]
        try:
            numbers = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
        except (RuntimeError, NotImplementedError, TypeError):
            return [*told, self.doubt(f"a tensor of layout {tensor.layout} on {tensor.device} cannot be read")]
        return [*told, self.each(hooks), hashlib.sha256(numbers).hexdigest()]

    def _array(self, array: np.ndarray) -> list[str]:
        if array.dtype.hasobject:
            return ["array", str(array.shape), self.digest(array.tolist())]
        return ["array", array.dtype.str, str(array.shape), hashlib.sha256(np.ascontiguousarray(array)).hexdigest()]

    def _object(self, thing: Any) -> list[str]:
        """Any other object, by what pickle would keep of it."""
        kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
        try:
            reduced = dispatch_table.get(type(thing), lambda it: it.__reduce_ex__(4))(thing)
        except Exception:
            return [self.doubt(f"a {kind} cannot be looked into")]
        if isinstance(reduced, str):  # the name that it has in its module
            inside = getattr(thing, "__wrapped__", None)  # as of functools.cache
            if inside is None and not origins.of_class(type(thing)):
                return [self.doubt(f"a {kind} cannot be looked into")]
            return [kind, reduced, self.digest(inside)]
        function, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
        return ["object", *map(self.digest, (function, arguments, state, [*(items or ())], [*(pairs or ())]))]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing was put into it yet
        return None


Looker = Callable[[Look, Any], list[str]]
#: How to look at what is neither a plain value, a class nor a function; the first kind that fits.
_KINDS: tuple[tuple[type | tuple[type, ...], Looker], ...] = (
    (nn.Module, Look._network),
    (Tensor, Look._tensor),
    (np.ndarray, Look._array),
    (ModuleType, Look._module),
    (MethodType, lambda look, it: ["method", look.digest(it.__func__), look.digest(it.__self__)]),
    ((staticmethod, classmethod), lambda look, it: [type(it).__name__, look.digest(it.__func__)]),
    (property, lambda look, it: ["property", look.each([it.fget, it.fset, it.fdel])]),
    (cached_property, lambda look, it: ["cached property", look.digest(it.func)]),
    ((set, frozenset), lambda look, it: [look.digest(type(it)), *sorted(map(look.digest, it))]),
)
