"""A prepared corpus as one file, so that another machine trains on the same ids without tokenizers or a download."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from seq2seq_lib.data.corpora import Corpus
from seq2seq_lib.data.pairs import SPLITS, CorpusError, Pair
from seq2seq_lib.data.subwords import Subwords
from seq2seq_lib.data.tokenization import Data, Side
from seq2seq_lib.data.vocabulary import Example, Vocab
from seq2seq_lib.utils.files import write_whole

FORMAT = "seq2seq_lib data 1"


def save_data(data: Data, path: str | os.PathLike[str]) -> None:
    """Writes all of `data` to `path` as JSON under gzip, whole or not at all; equal data give equal bytes.

    Raises:
        OSError: when the file cannot be written; its message names the path.
    """
    corpus = data.corpus
    content = {
        "format": FORMAT,
        "fingerprint": data.fingerprint,
        "name": corpus.name,
        "languages": [corpus.source_language, corpus.target_language],
        "skipped": dict(corpus.skipped),
        "min_freq": data.min_freq,
        "vocabularies": [data.src.vocab.tokens, data.tgt.vocab.tokens],
        "subwords": [side.subwords and side.subwords.as_json() for side in (data.src, data.tgt)],
        # a row a pair: source, target, tags, source ids, target ids
        "splits": {
            split: [
                [*pair, *example] for pair, example in zip(getattr(corpus, split), getattr(data, split), strict=True)
            ]
            for split in SPLITS
        },
    }
    packed = gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0)
    write_whole(Path(path), lambda unfinished: unfinished.write_bytes(packed))


def load_data(path: str | os.PathLike[str]) -> Data:
    """The data that `save_data` wrote, equal to what it was given.

    Raises:
        CorpusError: when the file cannot be read, is damaged, or is none that `save_data` of this version wrote.
    """
    try:
        packed = Path(path).read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}): check the path and your rights to it") from None
    try:
        return _data_of(json.loads(gzip.decompress(packed)))
    except (OSError, EOFError, zlib.error, ValueError, TypeError, LookupError, RecursionError) as error:
        raise CorpusError(
            f"{path} is damaged or no packed corpus ({error}): copy it again, or make it anew with "
            "`python -m seq2seq_lib pack`"
        ) from None


def _data_of(content: Mapping[str, Any]) -> Data:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT!r}")
    rows = [content["splits"][split] for split in SPLITS]
    pairs = [tuple(Pair(source, target, tuple(tags)) for source, target, tags, _, _ in split) for split in rows]
    examples = [tuple(Example(source, target) for _, _, _, source, target in split) for split in rows]
    corpus = Corpus(content["name"], *content["languages"], *pairs, content["skipped"])
    encodings = map(Subwords.from_json, content.get("subwords", (None, None)))
    sides = zip(content["languages"], content["vocabularies"], encodings, strict=True)
    src, tgt = (Side(language, Vocab(tuple(tokens)), subwords) for language, tokens, subwords in sides)
    _check(content, chain(*pairs), chain(*examples))
    data = Data(corpus, src, tgt, *examples, content["min_freq"])
    if not isinstance(corpus.name, str) or data.fingerprint != content["fingerprint"]:
        raise ValueError("its pairs are not those that its fingerprint stands for")
    return data


def _check(content: Mapping[str, Any], pairs: Iterable[Pair], examples: Iterable[Example]) -> None:
    """What the fingerprint does not stand for: tokens and tags are words, and ids are theirs."""
    tags = (tag for pair in pairs for tag in pair.tags)
    if not all(isinstance(word, str) for word in chain(tags, *content["vocabularies"])):
        raise ValueError("its tokens and tags are not all words")
    sizes = [len(tokens) for tokens in content["vocabularies"]]
    for example in examples:
        for ids, size in zip(example, sizes, strict=True):
            if not all(isinstance(i, int) and 0 <= i < size for i in ids):
                raise ValueError("it has ids outside its vocabularies")
