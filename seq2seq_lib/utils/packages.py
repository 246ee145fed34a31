"""Packages that a run can do without: a borrowed machine may have torch and nothing else of the project's."""

from __future__ import annotations

from importlib.util import find_spec


def is_installed(name: str) -> bool:
    """Whether `import name` would find a package; nothing is loaded."""
    try:
        return find_spec(name) is not None
    except ImportError:  # an import hook that refuses the package says so by raising
        return False
