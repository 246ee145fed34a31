"""Encoder-decoders for translation, their studies and their reports; the names that a notebook imports.

Importing the package is cheap: a name is loaded from its file when it is first asked for.
"""

from __future__ import annotations

import importlib

_HOMES = {
    "load_corpus": "corpora",
    "Pair": "pair_files",
    "Corpus": "corpora",
    "prepare": "text",
    "collate": "batches",
    "Sizes": "config",
    "Schedule": "config",
    "Profile": "config",
    "PROFILES": "config",
    "choose_profile": "config",
    "VARIANTS": "variants",
    "Variant": "variants",
    "build_model": "variants",
    "variants_of": "variants",
    "translate": "translation",
    "by_tag": "frames",
    "by_length": "frames",
    "load_trained": "weights",
    "run_study": "studies",
    "recorded_study": "studies",
    "Study": "studies",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
