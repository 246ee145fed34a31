"""Sentence pairs to token ids: spaCy's tokenizers, torchtext's vocabularies; no other file knows either."""

from __future__ import annotations

import hashlib
import json
import pkgutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile
from typing import Literal, NamedTuple

from seq2seq_lib.corpora import Corpus
from seq2seq_lib.detokenise import join
from seq2seq_lib.pair_files import SPLITS

PAD, UNK, SOS, EOS = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")  # the token of id i is SPECIALS[i]
UNKNOWN_MARK = "⁇"  # how a readable sentence shows <unk>: one sign, which sacreBLEU counts as one wrong word


@cache
def tokenizer(language: str) -> Callable[[str], list[str]]:
    """spaCy's rule-based tokenizer for `language` ("en", "fr", …), each token in lower case.

    A blank pipeline tokenises exactly as the downloadable ones do and needs no download. Tokens are lower-cased after
    they are cut, because rules look at capitals ("St." is one token, "st." two). Where a sentence has more white space
    than one space, spaCy makes a token of it, and it stays: Multi30k's 5,893 English types count one.

    Raises:
        ValueError: spaCy has no tokenizer for `language`, or needs another package for it.
    """
    import spacy

    try:
        tokenize = spacy.blank(language).tokenizer
    except ImportError as error:
        codes = sorted(module.name for module in pkgutil.iter_modules(spacy.lang.__path__) if module.ispkg)
        if language in codes:
            reason = str(error).splitlines()[0]
            raise ValueError(f"the tokenizer for {language!r} needs another package: {reason}") from None
        raise ValueError(f"no tokenizer for language {language!r}; these codes work: {', '.join(codes)}") from None
    return lambda sentence: [token.lower_ for token in tokenize(sentence)]


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


@dataclass(frozen=True)
class Side:
    """One language of the data: sentences to ids and back."""

    language: str
    vocab: Vocab

    def encode(self, sentence: str) -> list[int]:
        """The ids of a sentence's tokens, without SOS and EOS."""
        return self.vocab.encode(self.tokens(sentence))

    def tokens(self, sentence: str) -> list[str]:
        """The tokens that `encode` gives ids to, one each; those that are not `in vocab` get UNK."""
        return self._without_space(tokenizer(self.language)(unicodedata.normalize("NFC", sentence).strip()))

    def encode_tokens(self, tokens: Iterable[str]) -> list[int]:
        """The ids of `tokens`, white space left out."""
        return self.vocab.encode(self._without_space(tokens))

    def _without_space(self, tokens: Iterable[str]) -> list[str]:
        """White space that has no id of its own is left out, as it is no unknown word."""
        return [token for token in tokens if not token.isspace() or token in self.vocab]

    def decode(self, ids: Iterable[int]) -> str:
        """A sentence to read, and to score against the lower-cased reference.

        It ends before the first EOS, leaves PAD and SOS out, and shows UNK as ⁇.
        """
        words = list(takewhile(lambda i: i != EOS, map(int, ids)))
        tokens = self.vocab.decode(i for i in words if i not in (PAD, SOS))
        return join([UNKNOWN_MARK if token == SPECIALS[UNK] else token for token in tokens], self.language)


class Example(NamedTuple):
    """A pair as ids: `source` ends with EOS; `target` begins with SOS and ends with EOS.

    Both have their full length, whatever the profile: padding to S positions, and cutting a longer source, is for
    `batches.collate`.
    """

    source: list[int]
    target: list[int]


@dataclass(frozen=True, repr=False)
class Data:
    """A corpus as ids, with what turns ids back into sentences; example n of a split is pair n of the corpus's."""

    corpus: Corpus
    src: Side
    tgt: Side
    train: tuple[Example, ...]
    valid: tuple[Example, ...]
    test: tuple[Example, ...]
    min_freq: int

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the corpus and of the settings here; the versions of spaCy and torchtext do not count."""
        settings = [self.corpus.fingerprint, "spacy.blank, lower case", self.min_freq]
        return hashlib.sha256(json.dumps(settings).encode()).hexdigest()

    def __repr__(self) -> str:
        sides = f"{len(self.src.vocab):,} {self.src.language} and {len(self.tgt.vocab):,} {self.tgt.language} types"
        return f"Data({self.corpus.summary()}; {sides})"


def prepare(corpus: Corpus, min_freq: int = 1) -> Data:
    """Tokenises each sentence of `corpus` once, builds both vocabularies from the training split alone, encodes.

    Args:
        corpus: what `load_corpus` returns.
        min_freq: how often a token must occur in the training split to get an id of its own.

    Raises:
        ValueError: a language has no tokenizer, or `min_freq` leaves a vocabulary without words.
    """
    src, source_ids = _prepare_side(corpus, 0, corpus.source_language, min_freq)
    tgt, target_ids = _prepare_side(corpus, 1, corpus.target_language, min_freq)
    splits = [
        tuple(
            Example([*source, EOS], [SOS, *target, EOS])
            for source, target in zip(source_ids[split], target_ids[split], strict=True)
        )
        for split in SPLITS
    ]
    return Data(corpus, src, tgt, *splits, min_freq)


def _prepare_side(corpus: Corpus, side: int, language: str, min_freq: int) -> tuple[Side, dict[str, list[list[int]]]]:
    """The side's vocabulary, and the ids of its sentences in each split; `side` is 0 for sources, 1 for targets."""
    tokenize = tokenizer(language)
    tokens = {split: [tokenize(pair[side]) for pair in getattr(corpus, split)] for split in SPLITS}
    vocab = build_vocab(tokens["train"], min_freq)
    if len(vocab) == len(SPECIALS):
        raise ValueError(f"min_freq={min_freq} leaves no word in the vocabulary for {language!r}: choose a smaller one")
    encoder = Side(language, vocab)
    return encoder, {split: [encoder.encode_tokens(sentence) for sentence in tokens[split]] for split in SPLITS}
