"""Sentence pairs to token ids, and ids to sentences: words where spaCy has them, subwords elsewhere and on request."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, pairwise, takewhile
from operator import itemgetter

from seq2seq_lib.config import Profile
from seq2seq_lib.data import words
from seq2seq_lib.data.corpora import Corpus, load_corpus
from seq2seq_lib.data.pairs import SPLITS
from seq2seq_lib.data.subwords import Subwords, train_subwords
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, SPECIALS, UNK, Example, Vocab, build_vocab
from seq2seq_lib.utils.progress import ProgressLine

UNKNOWN_MARK = "⁇"  # how a readable sentence shows <unk>: one sign, which sacreBLEU counts as one wrong word
LONG_JOB = 100_000  # pairs from which on tokenising shows how far it is
#: Tokens after which a search gives up on a sentence, unless the training split has longer ones.
MAX_LENGTH = 60
#: Subwords of a language that spaCy splits only with another package.
SUBWORDS = 8_000
APOSTROPHES = str.maketrans("'’", "’'")


@dataclass(frozen=True)
class Side:
    """One language of the data: sentences to ids and back. What it reads and writes is lower case.

    Attributes:
        language: ISO 639-1.
        vocab: tokens and their ids.
        subwords: the encoding that splits sentences, or None where spaCy's words do.
    """

    language: str
    vocab: Vocab
    subwords: Subwords | None = None

    def encode(self, sentence: str) -> list[int]:
        """The ids of a sentence's tokens, without SOS and EOS."""
        return self.vocab.encode(self.tokens(sentence))

    def tokens(self, sentence: str) -> list[str]:
        """The tokens that `encode` gives ids to, one each; those that are not `in vocab` get UNK."""
        text = unicodedata.normalize("NFC", sentence).strip()
        return [self.known(token) for token in self.without_space(splitter(self.language, self.subwords)(text))]

    def known(self, token: str) -> str:
        """The token as the vocabulary has it: with the other kind of apostrophe, or without a sign for its spaces."""
        forms = (token, token.translate(APOSTROPHES), token[1:], token[1:].translate(APOSTROPHES))
        allowed = forms if token[:1] in (words.GLUED, words.SPACED) else forms[:2]
        return next((form for form in allowed if form in self.vocab), token)

    def without_space(self, tokens: Iterable[str]) -> list[str]:
        """White space that has no id of its own is left out, as it is no unknown word."""
        return [token for token in tokens if not token.isspace() or token in self.vocab]

    def decode(self, ids: Iterable[int], copies: Sequence[str] | None = None) -> str:
        """A sentence to read, and to score against the lower-cased reference.

        It ends before the first EOS, leaves PAD and SOS out, and shows UNK as ⁇, or as one of the `copies` each.
        """
        kept = [i for i in takewhile(lambda i: i != EOS, map(int, ids)) if i not in (PAD, SOS)]
        replacements = iter(copies if copies is not None else ())
        tokens = [
            next(replacements, UNKNOWN_MARK) if i == UNK else token
            for i, token in zip(kept, self.vocab.decode(kept), strict=True)
        ]
        return Subwords.join(tokens) if self.subwords else words.join(tokens, self.language)


def splitter(language: str, subwords: Subwords | None = None) -> Callable[[str], list[str]]:
    """What splits sentences of `language`: its plain words, its words with signs for spaces, or `subwords`."""
    if subwords:
        return subwords.split
    return words.tokenizer(language) if words.keeps_plain_words(language) else partial(words.split, language=language)


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
    def max_length(self) -> int:
        """Tokens that a translation may have: half as many again as the longest of the training split, 60 at least."""
        longest = max(len(example.target) for example in self.train)
        return max(MAX_LENGTH, longest + longest // 2)

    @cached_property
    def capitals(self) -> dict[str, str]:
        """Names of the target language, as the training split writes them, by their lower case."""
        return words.capitals(pair.target for pair in self.corpus.train)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the corpus and of the settings here; the versions of spaCy and torchtext do not count."""
        settings = [self.corpus.fingerprint, "spacy.blank, lower case", self.min_freq]
        for side in (self.src, self.tgt):
            if side.subwords:
                settings.append([side.subwords.characters, side.subwords.merges])
            elif not words.keeps_plain_words(side.language):
                settings.append("words with signs for spaces")
        return hashlib.sha256(json.dumps(settings).encode()).hexdigest()

    def __repr__(self) -> str:
        sides = f"{len(self.src.vocab):,} {self.src.language} and {len(self.tgt.vocab):,} {self.tgt.language} types"
        return f"Data({self.corpus.summary()}; {sides})"


def prepare(corpus: Corpus, min_freq: int = 1, *, subwords: int | None = None, shared: bool = False) -> Data:
    """Tokenises each sentence of `corpus` once, builds both vocabularies from the training split alone, encodes.

    Tokens are kept as numbers, 4 bytes each, until the ids are known, so that a large corpus needs little more memory
    than its sentences and ids: about 1 kB a pair of ten words (benchmarks/large_corpus.py measures a million).

    Args:
        corpus: what `load_corpus` returns.
        min_freq: how often a token must occur in the training split to get an id of its own.
        subwords: how many at most, for both languages; by default words, and `SUBWORDS` for a language that spaCy
            splits only with another package, which is printed.
        shared: whether both languages share one encoding and one vocabulary, trained on both together.

    Raises:
        ValueError: a language has no tokenizer, `min_freq` leaves a vocabulary without words, or there are fewer
            subwords than characters.
    """
    languages = (corpus.source_language, corpus.target_language)
    encodings = _encodings(corpus, languages, subwords, shared)
    splits = [_tokenise(corpus, side, languages[side], encodings[side]) for side in (0, 1)]
    together = None
    if shared:
        trained = ((tokens, sentence) for tokens, by_split in splits for sentence in by_split["train"])
        together = build_vocab(([tokens[n] for n in sentence] for tokens, sentence in trained), min_freq)
    (src, source_ids), (tgt, target_ids) = (
        _encode_side(language, encoding, *split, min_freq, together)
        for language, encoding, split in zip(languages, encodings, splits, strict=True)
    )
    examples = [
        tuple(
            Example([*source, EOS], [SOS, *target, EOS])
            for source, target in zip(source_ids[split], target_ids[split], strict=True)
        )
        for split in SPLITS
    ]
    return Data(corpus, src, tgt, *examples, min_freq)


def prepare_for(profile: Profile, *, quiet: bool = False) -> Data:
    """The corpus of a profile, loaded and prepared as it says.

    Raises:
        ValueError: as for `load_corpus` and `prepare`.
    """
    corpus = load_corpus(profile.corpus, quiet=quiet)
    return prepare(corpus, profile.min_freq, subwords=profile.subwords, shared=profile.shared)


def _encodings(
    corpus: Corpus, languages: tuple[str, str], subwords: int | None, shared: bool
) -> tuple[Subwords | None, Subwords | None]:
    """What splits each side into subwords, or None where words do."""
    sides = [map(itemgetter(side), corpus.train) for side in (0, 1)]
    if shared:
        one = train_subwords(chain(*sides), subwords or SUBWORDS)
        return one, one
    found = []
    for language, sentences in zip(languages, sides, strict=True):
        size = subwords
        if size is None and language in words.language_codes() and not words.has_tokenizer(language):
            size = SUBWORDS
            print(f"{language}: split into subwords, since spaCy splits it into words only with another package.")
        found.append(train_subwords(sentences, size) if size else None)
    return found[0], found[1]


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


def _encode_side(
    language: str,
    subwords: Subwords | None,
    tokens: Sequence[str],
    splits: dict[str, _Sentences],
    min_freq: int,
    vocab: Vocab | None,
) -> tuple[Side, dict[str, Iterable[list[int]]]]:
    """The side, and the ids of its sentences in each split; `tokens` are those that their numbers stand for."""
    vocab = vocab or build_vocab(([tokens[n] for n in sentence] for sentence in splits["train"]), min_freq)
    if len(vocab) == len(SPECIALS):
        raise ValueError(f"min_freq={min_freq} leaves no word in the vocabulary for {language!r}: choose a smaller one")
    side = Side(language, vocab, subwords)
    looked_up = tokens if words.keeps_plain_words(language) else [side.known(token) for token in tokens]
    ids = [next(iter(vocab.encode(side.without_space([token]))), None) for token in looked_up]  # None: left out
    encoded = {
        split: ([ids[n] for n in sentence if ids[n] is not None] for sentence in sentences)
        for split, sentences in splits.items()
    }
    return side, encoded


def _tokenise(
    corpus: Corpus, side: int, language: str, subwords: Subwords | None
) -> tuple[list[str], dict[str, _Sentences]]:
    """All tokens of a side, 0 for sources and 1 for targets, and its sentences; of a large corpus with a bar."""
    split_up, total = splitter(language, subwords), sum(len(getattr(corpus, split)) for split in SPLITS)
    line = ProgressLine(total, f"Tokenising {language}", "sentence") if total >= LONG_JOB else nullcontext()
    numbers: dict[str, int] = {}
    splits, done = {}, 0
    with line:
        for split in SPLITS:
            splits[split] = _Sentences(numbers)
            for pair in getattr(corpus, split):
                splits[split].add(split_up(pair[side]))
                done += 1
                if total >= LONG_JOB and (done % 1_000 == 0 or done == total):
                    line.reach(done)
    return list(numbers), splits
