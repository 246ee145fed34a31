"""Sentences to subwords and back: byte-pair encoding (Sennrich, Haddow & Birch 2016), trained on the training split.

A subword that begins a word begins with ▁. Nothing here knows words, so every language goes through it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

SPACE = "▁"
#: How a character that training lacks stands in the tokenizers library's vocabulary.
_UNKNOWN = "<unk>"


@dataclass(frozen=True, repr=False)
class Subwords:
    """A trained encoding as plain values, so that a record and a file of weights can hold it.

    Attributes:
        characters: that training has, in code-point order.
        merges: of two neighbouring subwords each, the earlier the stronger.
    """

    characters: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """All subwords: characters, then what merges make of them."""
        return tuple(dict.fromkeys([*self.characters, *(left + right for left, right in self.merges)]))

    @cached_property
    def _encoder(self):
        from tokenizers import Tokenizer, models

        numbers = {token: number for number, token in enumerate([_UNKNOWN, *self.tokens])}
        return _prepared(Tokenizer(models.BPE(numbers, [*self.merges], unk_token=_UNKNOWN)))

    def __repr__(self) -> str:
        return f"Subwords({len(self.tokens):,})"

    def __getstate__(self) -> dict:  # the encoder is made anew wherever this goes
        return {"characters": self.characters, "merges": self.merges}

    def __setstate__(self, state: dict) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)

    def as_json(self) -> list:
        """As plain JSON values; `from_json` reads them."""
        return [list(self.characters), [list(merge) for merge in self.merges]]

    @classmethod
    def from_json(cls, values: list | None) -> Subwords | None:
        """The encoding that `as_json` gave, or None for None.

        Raises:
            ValueError: when these are no such values.
        """
        if values is None:
            return None
        characters, merges = values
        if not all(isinstance(part, str) for part in [*characters, *(part for merge in merges for part in merge)]):
            raise ValueError("its subwords are no words")
        return cls(tuple(characters), tuple((left, right) for left, right in merges))

    def split(self, sentence: str) -> list[str]:
        """The subwords of a sentence, in lower case; a character that training lacks is a token of its own."""
        text = fold(sentence)
        found = self._encoder.encode(text, add_special_tokens=False)
        pairs = zip(found.tokens, found.offsets, strict=True)
        return [text[start:end] if token == _UNKNOWN else token for token, (start, end) in pairs]

    @staticmethod
    def join(tokens: Iterable[str]) -> str:
        """Subwords as a readable line."""
        return " ".join("".join(tokens).replace(SPACE, " ").split())


def fold(sentence: str) -> str:
    """In lower case, white space as one space, and none that would be taken for a subword's sign."""
    return " ".join(sentence.lower().replace(SPACE, " ").split())


def train_subwords(sentences: Iterable[str], size: int) -> Subwords:
    """Merges the most frequent neighbours until there are `size` subwords and characters, or nothing is left to merge.

    Raises:
        ValueError: when `size` is smaller than the number of different characters.
    """
    import json

    from tokenizers import Tokenizer, models, trainers

    encoder = _prepared(Tokenizer(models.BPE(unk_token=_UNKNOWN)))
    trainer = trainers.BpeTrainer(vocab_size=size + 1, special_tokens=[_UNKNOWN], show_progress=False)
    encoder.train_from_iterator(map(fold, sentences), trainer)
    model = json.loads(encoder.to_str())["model"]
    merges = tuple(tuple(merge) if isinstance(merge, list) else tuple(merge.split(" ")) for merge in model["merges"])
    made = {left + right for left, right in merges}
    characters = tuple(sorted(token for token in model["vocab"] if token not in made and token != _UNKNOWN))
    if len(characters) > size:
        raise ValueError(f"{size} subwords are fewer than the {len(characters)} different characters: ask for more")
    return Subwords(characters, merges)


def _prepared(encoder):
    """Words are cut at white space and around punctuation before anything is merged."""
    from tokenizers import pre_tokenizers

    encoder.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(SPACE, prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    return encoder
