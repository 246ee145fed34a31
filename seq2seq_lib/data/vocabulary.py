"""Tokens and their ids: built by torchtext where it loads, and by a plain count to the same ids where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

PAD, UNK, SOS, EOS = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")  # the token of id i is SPECIALS[i]


class Example(NamedTuple):
    """A pair as ids: `source` ends with EOS; `target` begins with SOS and ends with EOS.

    Both have their full length, whatever the profile: padding to S positions, and cutting a longer source, is for
    `batches.collate`.
    """

    source: list[int]
    target: list[int]


@dataclass(frozen=True, repr=False)
class Vocab:
    """Tokens and their ids. A plain dictionary whoever ordered it, so that a worker process needs no torchtext.

    Text never reaches the ids of PAD, SOS and EOS: a sentence that contains the very token "<pad>" gets UNK for it, or
    else a model would mask a word or stop at one.
    """

    tokens: tuple[str, ...]  # of id 0, 1, 2, …; SPECIALS first

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self.tokens) if i >= len(SPECIALS)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        """Whether `token`, found in a text, has an id of its own; false for the specials."""
        return token in self._ids

    def __repr__(self) -> str:
        return f"Vocab({len(self):,} tokens)"

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """One id a token; UNK for a token that is not in the vocabulary."""
        return [self._ids.get(token, UNK) for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """One token an id, specials included.

        Raises:
            IndexError: an id is not in [0, V).
        """
        ids = [int(i) for i in ids]
        if wrong := [i for i in ids if not 0 <= i < len(self)]:
            raise IndexError(f"ids {wrong[:5]} are outside this vocabulary of {len(self):,} tokens")
        return [self.tokens[i] for i in ids]


def build_vocab(
    token_lists: Iterable[Sequence[str]], min_freq: int = 1, backend: Literal["auto", "torchtext", "plain"] = "auto"
) -> Vocab:
    """The tokens that occur at least `min_freq` times: specials, then the frequent first, ties in code-point order.

    Args:
        token_lists: tokenised sentences of the training split.
        backend: "torchtext" (`build_vocab_from_iterator`), "plain" (the same order without torchtext, whose last
            release loads beside torch 2.3 alone), or "auto": torchtext where it loads.

    Raises:
        ValueError: `min_freq` or `backend` is not one of these.
        ImportError: the backend "torchtext" is asked for and does not load.
    """
    builders = {"auto": _auto_tokens, "torchtext": _torchtext_tokens, "plain": _plain_tokens}
    if backend not in builders:
        raise ValueError(f"backend must be one of {', '.join(builders)}, not {backend!r}")
    if not isinstance(min_freq, int) or min_freq < 1:
        raise ValueError(f"min_freq is a whole number of at least 1, not {min_freq!r}")
    return Vocab(tuple(builders[backend](token_lists, min_freq)))


def _auto_tokens(token_lists: Iterable[Sequence[str]], min_freq: int) -> list[str]:
    try:
        _import_torchtext()
    except ImportError:
        return _plain_tokens(token_lists, min_freq)
    return _torchtext_tokens(token_lists, min_freq)


def _torchtext_tokens(token_lists: Iterable[Sequence[str]], min_freq: int) -> list[str]:
    _import_torchtext()
    from torchtext.vocab import build_vocab_from_iterator

    return build_vocab_from_iterator(token_lists, min_freq=min_freq, specials=list(SPECIALS)).get_itos()


def _import_torchtext() -> None:
    """Imports torchtext without its farewell, which it prints when `torchtext.vocab` is imported."""
    try:
        import torchtext
    except OSError as error:  # its compiled part was built for another torch
        raise ImportError(f"torchtext does not load beside this torch: {error}") from error
    torchtext.disable_torchtext_deprecation_warning()


def _plain_tokens(token_lists: Iterable[Sequence[str]], min_freq: int) -> list[str]:
    counts = Counter(token for tokens in token_lists for token in tokens)
    words = [token for token in counts if counts[token] >= min_freq and token not in SPECIALS]
    return [*SPECIALS, *sorted(words, key=lambda token: (-counts[token], token))]
