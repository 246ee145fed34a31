"""pyproject.toml, requirements.lock and environment.yml describe one environment."""

import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()

OWNERS_PACKAGES = (
    "torch", "torchtext", "spacy", "matplotlib", "pandas", "ipywidgets", "jupyterlab", "nbval", "torchinfo",
    "accelerate", "sacrebleu", "pooch", "safetensors", "joblib", "numpy",
)  # fmt: skip


THIS = platform.python_version()


def pins(python=THIS):
    """name -> version of every entry of the lock that applies on this system with that Python."""
    here = {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python}
    entries = [Requirement(entry.split("\\")[0]) for entry in re.findall(r"^[a-z].*?==.*$", LOCK, re.M)]
    applying = [entry for entry in entries if entry.marker is None or entry.marker.evaluate(here)]
    return {canonicalize_name(entry.name): str(entry.specifier).removeprefix("==") for entry in applying}


def ranges():
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


@pytest.mark.parametrize("python", ["3.11.2", "3.12.9", "3.13.5", "3.14.1"])
def test_every_range_admits_its_pin(python):
    locked = pins(python)
    here = {"python_version": python[:4], "python_full_version": python}
    for requirement in ranges():
        if requirement.marker is None or requirement.marker.evaluate(here):
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


def test_the_owners_packages_are_locked():
    assert set(OWNERS_PACKAGES) - {"torchtext"} <= set(pins())
    if sys.version_info < (3, 13):
        assert (pins()["torch"], pins()["torchtext"]) == ("2.3.1", "0.18.0")


def test_the_environment_is_the_lock():
    for name in set(OWNERS_PACKAGES) & set(pins()):
        from importlib.metadata import version

        assert version(name).split("+")[0] == pins()[name], name


def test_every_pin_has_a_hash_and_no_address_is_named():
    entries = re.split(r"\n(?=[a-z])", LOCK.strip())
    assert len(entries) > 100
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK
    assert "--index" not in LOCK and "--find-links" not in LOCK  # noqa: PT018 - one statement about addresses


def test_conda_takes_the_same_lock_and_a_python_that_fits():
    python = next(entry for entry in CONDA["dependencies"] if str(entry).startswith("python="))
    assert python == "python=3.11"
    assert SpecifierSet(PROJECT["requires-python"]).contains("3.11.9")
    pip = next(entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))
    assert pip == ["-r requirements.lock"]


@pytest.mark.parametrize("version", ["3.10", "3.15"])
def test_another_python_ends_in_one_sentence(tmp_path, version):
    fake = tmp_path / "python"
    # a stand-in for another interpreter: the check runs in this one, with the version it reads replaced
    fake.write_text(
        f"#!{sys.executable}\nimport sys\nsys.version_info = ({version.replace('.', ', ')}, 0)\nexec(sys.argv[2])\n"
    )
    fake.chmod(0o755)
    made = subprocess.run(
        ["make", f"PYTHON={fake}", f"VENV={tmp_path}/venv", "report"], cwd=ROOT, capture_output=True, text=True
    )
    assert made.returncode != 0
    sentence = made.stderr.splitlines()[0]
    assert "needs Python 3.11 to 3.14" in sentence
    assert f"is {version}" in sentence
    assert "make PYTHON=python3.13" in sentence
    assert not (tmp_path / "venv").exists()


def test_importing_the_package_is_cheap():
    heavy = ("spacy", "torchtext", "ipywidgets", "matplotlib", "pandas", "torchinfo")
    code = f"import seq2seq_lib, sys; print([name for name in {heavy!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_public_name_exists():
    import seq2seq_lib

    for name in seq2seq_lib.__all__:
        assert getattr(seq2seq_lib, name) is not None


def test_models_and_training_know_nothing_of_text_packages():
    code = (
        "import seq2seq_lib.training.trainer, seq2seq_lib.models.variants, sys;"
        "print([n for n in ('spacy', 'torchtext', 'pooch', 'pandas', 'matplotlib', 'IPython') if n in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
