"""The house: data flows down the rooms, a room imports those above it and never those below, and none in a circle."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent.parent / "seq2seq_lib"
#: From top to bottom; `utils` and `config` stand above all, and `utils` imports nothing of the library.
ROOMS = ("utils", "config", "data", "models", "training", "evaluation", "experiments", "analysis", "report")
DOORS = ("__init__", "__main__", "config")


def module_of(path):
    """seq2seq_lib/data/batches.py -> data.batches; a package goes by its folder's name."""
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {module_of(path): path for path in sorted(LIBRARY.rglob("*.py"))}


def imports_of(module):
    """(line, module of the library) for each import, those inside functions and for type checkers included."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seq2seq_lib"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("seq2seq_lib")]
        for name in names:
            inside = name.removeprefix("seq2seq_lib.")
            yield node.lineno, inside if inside in MODULES else inside.rpartition(".")[0]


def test_three_doors_and_the_rooms():
    assert {path.stem for path in LIBRARY.glob("*.py")} == set(DOORS)
    assert {path.parent.name for path in LIBRARY.glob("*/__init__.py")} == set(ROOMS) - set(DOORS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_those_above_it_alone(room):
    above = ROOMS[: ROOMS.index(room) + 1]
    upward = [
        f"{module}, line {line}: {imported}"
        for module in MODULES
        if module.split(".")[0] == room
        for line, imported in imports_of(module)
        if imported.split(".")[0] not in above
    ]
    assert not upward


def test_no_imports_in_a_circle():
    graph = {module: {imported for _, imported in imports_of(module)} - {module} for module in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)
