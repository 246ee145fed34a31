"""Encoder-decoders for translation, their studies and their reports; the names that a notebook imports.

Importing the package is cheap: a name is loaded from its file when it is first asked for.
"""

from __future__ import annotations

import importlib

_HOMES = {
    "load_corpus": "data.corpora",
    "Pair": "data.pairs",
    "Corpus": "data.corpora",
    "prepare": "data.tokenization",
    "collate": "data.batches",
    "Sizes": "config",
    "Schedule": "config",
    "Profile": "config",
    "PROFILES": "config",
    "choose_profile": "config",
    "VARIANTS": "models.variants",
    "Variant": "models.variants",
    "build_model": "models.variants",
    "variants_of": "models.variants",
    "translate": "evaluation.translation",
    "by_tag": "experiments.dataframes",
    "by_length": "experiments.dataframes",
    "load_trained": "experiments.weights",
    "run_study": "experiments.studies",
    "recorded_study": "experiments.studies",
    "Study": "experiments.studies",
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
