"""What `make audit` makes of pip-audit's answers, and that the source keeps to the reasons for what is accepted."""

from __future__ import annotations

import ast
import builtins
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import audit

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("seq2seq_lib", "benchmarks", "data") for path in (ROOT / folder).rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: What runs code that a file or a string holds. Worker processes do send each other pickles, through joblib, accelerate
#: and Dask, on this machine or inside the user's own cluster: nothing of that is a file that somebody gave to the user.
UNSAFE = (
    "pickle.load", "pickle.loads", "pickle.Unpickler", "cloudpickle", "dill", "marshal", "shelve", "torch.load",
    "torch.hub", "torch.jit", "torch.export", "joblib.load", "allow_pickle", "numpy.load", "pandas.read_pickle",
    "yaml.load", "yaml.unsafe_load", "builtins.eval", "builtins.exec", "builtins.compile",
)  # fmt: skip


# pip-audit's answers


def report(*vulns, name="torch", version="2.3.1", others=()):
    package = {"name": name, "version": version, "vulns": list(vulns)}
    return json.dumps({"dependencies": [package, *others], "fixes": []})


def vulnerability(name, *aliases, fixed=()):
    return {"id": name, "fix_versions": list(fixed), "aliases": list(aliases)}


KNOWN = vulnerability("PYSEC-2025-41", "CVE-2025-32434", "GHSA-53q9-r3pm-6pq6", fixed=["2.6.0"])
NEW = vulnerability("PYSEC-2031-1", "CVE-2031-1", fixed=["9.1", "10.0"])
SKIPPED = {"name": "torchtext", "skip_reason": "Dependency not found on PyPI and could not be audited: torchtext"}


@pytest.fixture
def answered(monkeypatch, capsys):
    """Runs the audit with a process in place of pip-audit that prints and ends as told."""

    def audited(out="", error="", status=0):
        code = f"import sys; print({out!r}); print({error!r}, file=sys.stderr); sys.exit({status})"
        monkeypatch.setattr(audit, "COMMAND", (sys.executable, "-c", code))
        return audit.main(), capsys.readouterr().out

    return audited


def test_accepted_findings_pass_and_are_named(answered):
    status, said = answered(report(KNOWN, KNOWN), status=1)
    assert status == 0
    assert "1 packages; accepted, with reasons in tests/audit.py: CVE-2025-32434." in said
    assert "No longer found" in said
    assert "CVE-2025-3001" in said.splitlines()[1]


def test_a_new_finding_fails_with_its_fixed_versions(answered):
    status, said = answered(report(KNOWN, NEW), status=1)
    assert status == 1
    assert "torch 2.3.1: CVE-2031-1, PYSEC-2031-1; fixed in 9.1, 10.0." in said
    assert "CVE-2025-32434" not in said
    assert "make lock" in said
    status, said = answered(report(vulnerability("CVE-2031-2")), status=1)
    assert status == 1
    assert "no fixed version is named" in said


def test_a_service_that_cannot_be_reached_is_not_a_clean_audit(answered):
    status, said = answered(error="noise\nERROR:pip_audit._cli:Could not connect to the service", status=1)
    assert status == 3
    assert said.startswith("Not audited: pip-audit made no report (ERROR:pip_audit._cli:Could not connect to the")
    assert answered(out="[]")[0] == 3
    assert answered()[0] == 3


def test_packages_that_the_service_does_not_know_are_not_clean(answered):
    status, said = answered(report(KNOWN, others=[SKIPPED]))
    assert status == 3
    assert "Not audited: the advisory service has no answer for 1 of 2 packages (torchtext)" in said
    assert answered(report(NEW, others=[SKIPPED]))[0] == 1, "what was found is told first"
    assert answered(json.dumps({"dependencies": []}))[0] == 3


def test_pip_audit_is_asked_for_the_lock_with_its_hashes():
    assert {"requirements.lock", "--require-hashes", "--disable-pip", "json"} <= set(audit.COMMAND)


# The source


@cache
def names_in(code: str) -> frozenset[str]:
    """All names of the code, in full as its imports make them, and those of the arguments given by name."""
    homes, found, nodes = {name: f"builtins.{name}" for name in dir(builtins)}, set(), list(ast.walk(ast.parse(code)))
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            home = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                found.add(home + alias.name)
                here = home + alias.name if home or alias.asname else alias.name.partition(".")[0]
                homes[alias.asname or here.rpartition(".")[2]] = here
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)

    def full_name(node: ast.AST) -> str:
        if isinstance(node, ast.Attribute):
            return f"{full_name(node.value)}.{node.attr}"
        return homes.get(node.id, node.id) if isinstance(node, ast.Name) else "?"

    return frozenset(found | {full_name(node) for node in nodes if isinstance(node, ast.Attribute | ast.Name)})


def uses(code: str, unwanted: str) -> bool:
    """Whether code names what is unwanted: with dots in full, or something in it; without dots, anywhere."""
    if "." in unwanted:
        return any(f"{name}.".startswith(f"{unwanted}.") for name in names_in(code))
    return any(unwanted in name.split(".") for name in names_in(code))


def pieces() -> Iterator:
    """The code of each file; of a notebook, its code cells without the lines that only IPython understands."""
    for path in SOURCES:
        yield pytest.param(path.read_text(encoding="utf-8"), id=str(path.relative_to(ROOT)))
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        lines = [line for cell in cells if cell["cell_type"] == "code" for line in [*cell["source"], "\n"]]
        yield pytest.param("".join(line for line in lines if line[0] not in "%!"), id=path.name)


def test_files_were_found():
    assert len(SOURCES) > 60
    assert len(NOTEBOOKS) == 3


#: Compiles the text of what Python has imported already, to find a function in it, and runs nothing of it.
COMPILES = "seq2seq_lib/utils/functions.py"


@pytest.mark.parametrize("code", list(pieces()))
def test_nothing_runs_code_that_a_file_holds(code, request):
    allowed = ["builtins.compile"] if request.node.callspec.id == COMPILES else []
    assert [name for name in UNSAFE if uses(code, name)] == allowed


@pytest.mark.parametrize("code", list(pieces()))
def test_the_reasons_for_what_is_accepted_hold(code):
    assert not [(name, absent) for name, (_, names) in audit.ACCEPTED.items() for absent in names if uses(code, absent)]


@pytest.mark.parametrize(
    "code",
    [
        "import torch\ntorch.load(path)",
        "import torch as t\nread = partial(t.load, weights_only=True)",
        "from torch import load as read",
        "import pickle\npickle.loads(data)",
        "from pickle import Unpickler",
        "import numpy as np\nnp.load(path)",
        "read(path, allow_pickle=True)",
        "eval('1')",
        "exec(text, {})",
        "import yaml\nyaml.load(text)",
        "import torch.hub",
    ],
)
def test_what_is_unsafe_is_seen(code):
    assert any(uses(code, name) for name in UNSAFE)


def test_what_is_safe_is_left_alone():
    safe = "import json, yaml, pickle, re\nmodel.eval()\njson.load(file)\nyaml.safe_load(text)\nre.compile('a')"
    assert not [name for name in UNSAFE if uses(safe, name)]
