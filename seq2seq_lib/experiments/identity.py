"""What decides the model that a variant builds.

Of this library and torch the printed structure says enough, and their code counts by `records.SEMANTICS`. What a user
adds is looked through: factories and their arguments, functions with what they close over and read, classes with their
bases and attributes, the objects they use, and the model itself as one seed builds it, down to its first weights. Those
are drawn by torch, so that another kind of processor may give a user's own variant another identity.
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from seq2seq_lib.config import Sizes
from seq2seq_lib.experiments.definitions import Look, hash_of
from seq2seq_lib.models.variants import Variant


class Identity(NamedTuple):
    """`digest`, sixteen hex digits, stands for all that could be told for certain; `doubts` name the rest."""

    digest: str
    doubts: tuple[str, ...] = ()


def identify(variant: Variant, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes) -> Identity:
    """What decides the model that `variant` builds, whatever it is called and wherever it is defined.

    Two definitions of a user's that differ in a comment have one identity; any other difference may give another.
    """
    shape = src_vocab_size, tgt_vocab_size, sizes
    look = Look()
    look.digest(variant)
    if not look.foreign:
        with torch.device("meta"):
            model = variant.build(*shape)
        for module in model.modules():  # a class or method of a user's may have been put into one of the library's
            look.digest(type(module))
        if not look.foreign:
            return Identity(hash_of([repr(model)]))
    (given, built, doubts), (given_again, built_again, _) = (_described(variant, shape) for _ in range(2))
    if (given, built) == (given_again, built_again):
        return Identity(hash_of([given, built]), doubts)
    differs = f"{variant.title!r}, built twice from one seed, is not the same"
    return Identity(hash_of([given if given == given_again else ""]), (*doubts, differs))


def _described(variant: Variant, shape: tuple[int, int, Sizes]) -> tuple[str, str, tuple[str, ...]]:
    look = Look()
    given = look.digest(variant)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model = variant.build(*shape)
    return given, look.digest(model), tuple(look.doubts)
