"""Sentence pairs to token ids, and ids to sentences; spaCy's tokenizers are known to this file alone."""

from __future__ import annotations

import hashlib
import json
import pkgutil
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, pairwise, takewhile

from seq2seq_lib.data.corpora import Corpus
from seq2seq_lib.data.pairs import SPLITS
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, SPECIALS, UNK, Example, Vocab, build_vocab
from seq2seq_lib.utils.progress import ProgressLine

UNKNOWN_MARK = "⁇"  # how a readable sentence shows <unk>: one sign, which sacreBLEU counts as one wrong word
LONG_JOB = 100_000  # pairs from which on tokenising shows how far it is


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


# How spaCy's tokens are joined again: a pattern over the tokens with one space between, and what replaces it.
_JOINS_EVERYWHERE = (
    (r" ([.,)\]}%…])", r"\1"),
    (r"([(\[{]) ", r"\1"),
    (r'" ([^"]*?) "', r'"\1"'),
    (r"(?<=\w) - (?=\w)", "-"),
)
_JOINS = {
    "en": (*_JOINS_EVERYWHERE, (r" ([?!:;])", r"\1"), (r" (n['’]t|['’](?:s|m|d|re|ve|ll))\b", r"\1")),
    "fr": (*_JOINS_EVERYWHERE, (r"(?<=\w)(['’]) (?=\w)", r"\1"), (r" (-\w)", r"\1")),
}


def join(tokens: Sequence[str], language: str) -> str:
    """Tokens as a readable line: "l'", "homme", "." → "l'homme."

    French keeps a space before ? ! : ; as print does. sacreBLEU's 13a tokenisation cuts there anyway, but not at
    hyphens and apostrophes, so those decide: of Multi30k's 1,000 French test references all come back as they were (in
    lower case), of its English ones all but one.
    """
    line = " ".join(" ".join(tokens).split())
    for pattern, joined in _JOINS.get(language, _JOINS_EVERYWHERE):
        line = re.sub(pattern, joined, line)
    return line


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

    Tokens are kept as numbers, 4 bytes each, until the ids are known, so that a large corpus needs little more memory
    than its sentences and ids: about 1 kB a pair of ten words (benchmarks/large_corpus.py measures a million).

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


class _Sentences:
    """Tokenised sentences in 4 bytes a token: numbers that stand for tokens, the same for all that share `numbers`."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers, self._flat, self._ends = numbers, array("i"), array("q")

    def add(self, tokens: Iterable[str]) -> None:
        numbers = self._numbers
        self._flat.extend(numbers.setdefault(token, len(numbers)) for token in tokens)
        self._ends.append(len(self._flat))

    def __iter__(self) -> Iterator[array]:
        for start, end in pairwise(chain([0], self._ends)):
            yield self._flat[start:end]


def _prepare_side(
    corpus: Corpus, side: int, language: str, min_freq: int
) -> tuple[Side, dict[str, Iterable[list[int]]]]:
    """The side's vocabulary, and the ids of its sentences in each split; `side` is 0 for sources, 1 for targets."""
    numbers: dict[str, int] = {}
    splits = _tokenise(corpus, side, language, numbers)
    tokens = list(numbers)
    vocab = build_vocab(([tokens[n] for n in sentence] for sentence in splits["train"]), min_freq)
    if len(vocab) == len(SPECIALS):
        raise ValueError(f"min_freq={min_freq} leaves no word in the vocabulary for {language!r}: choose a smaller one")
    encoder = Side(language, vocab)
    ids = [next(iter(encoder.encode_tokens([token])), None) for token in tokens]  # None for white space left out
    encoded = {
        split: ([ids[n] for n in sentence if ids[n] is not None] for sentence in sentences)
        for split, sentences in splits.items()
    }
    return encoder, encoded


def _tokenise(corpus: Corpus, side: int, language: str, numbers: dict[str, int]) -> dict[str, _Sentences]:
    """The tokenised sentences of each split; of a large corpus with a progress bar."""
    tokenize, total = tokenizer(language), sum(len(getattr(corpus, split)) for split in SPLITS)
    line = ProgressLine(total, f"Tokenising {language}", "sentence") if total >= LONG_JOB else nullcontext()
    splits, done = {}, 0
    with line:
        for split in SPLITS:
            splits[split] = _Sentences(numbers)
            for pair in getattr(corpus, split):
                splits[split].add(tokenize(pair[side]))
                done += 1
                if total >= LONG_JOB and (done % 1_000 == 0 or done == total):
                    line.reach(done)
    return splits
