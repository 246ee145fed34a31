"""Sentences to translations: encoded, searched, unknown words copied, joined, and cased as they were typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import torch

from seq2seq_lib.data import words
from seq2seq_lib.data.batches import batches, collate
from seq2seq_lib.data.tokenization import UNKNOWN_MARK, Data
from seq2seq_lib.data.vocabulary import EOS, SOS, UNK, Example
from seq2seq_lib.evaluation.search import search
from seq2seq_lib.evaluation.steps import attention_to_words
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.utils.device import device_of


def as_sources(data: Data, sentences: Sequence[str]) -> list[Example]:
    """Sentences as examples without a target."""
    return [Example([*data.src.encode(sentence), EOS], [SOS, EOS]) for sentence in sentences]


class Translation(NamedTuple):
    """A sentence's translation, and whether it is cut: the search has ended it and not the model."""

    text: str
    is_cut: bool


def translate(
    model: Seq2Seq,
    data: Data,
    sentences: Sequence[str],
    *,
    pad_to: int | None = None,
    batch_size: int = 64,
    beam: int = 1,
) -> list[str]:
    """Translates sentences by greedy or beam search.

    Args:
        model: a trained model; it is put into evaluation mode.
        data: whose vocabularies the model was trained on.
        sentences: in the source language; words the vocabulary lacks become <unk>.
        pad_to: source positions, as in training: the state of a model that reads PAD depends on it.
            A longer source is cut there.
        beam: hypotheses kept a sentence; 1 is greedy search.

    Returns:
        One sentence each, in lower case, tokens joined for reading. Where a model has not ended after
        `data.max_length` tokens, its translation is cut there.

    Raises:
        ValueError: when `beam` is below 1 or above `search.WIDEST`.
    """
    examples = as_sources(data, sentences)
    found = search_examples(model, data, examples, pad_to=pad_to, batch_size=batch_size, beam=beam)
    return [data.tgt.decode(ids) for ids in found]


def translate_as_typed(
    model: Seq2Seq, data: Data, sentences: Sequence[str], *, pad_to: int | None = None, beam: int = 1
) -> list[Translation]:
    """As `translate`, for people: capitals come back, and a model with attention copies unknown words.

    In place of <unk> stands the source word that the model looked at most as it wrote it.
    """
    examples = as_sources(data, sentences)
    found = search_examples(model, data, examples, pad_to=pad_to, beam=beam)
    return [as_typed(model, data, *one, pad_to) for one in zip(sentences, examples, found, strict=True)]


def as_typed(
    model: Seq2Seq, data: Data, sentence: str, example: Example, ids: Sequence[int], pad_to: int | None
) -> Translation:
    """What `translate_as_typed` makes of the target ids that a search has found for a sentence and its example."""
    copies = copied(model, ids, example, data.src.tokens(sentence), pad_to)
    return Translation(cased_like(data.tgt.decode(ids, copies), sentence, data.capitals), is_cut(ids, data))


def search_examples(
    model: Seq2Seq,
    data: Data,
    examples: Sequence[Example],
    *,
    pad_to: int | None = None,
    batch_size: int = 64,
    beam: int = 1,
) -> list[list[int]]:
    """As `translate`, from the sources of `examples` to target ids: no tokenizer is needed, no target is read."""
    model.eval()
    device = device_of(model)
    return [
        ids
        for batch in batches(examples, batch_size, pad_to)
        for ids in search(model, batch.to(device), beam, data.max_length)
    ]


def is_cut(ids: Sequence[int], data: Data) -> bool:
    """Whether a search ended at the longest length that it may have, before the model did."""
    return len(ids) >= data.max_length


@torch.inference_mode()
def copied(model: Seq2Seq, ids: Sequence[int], example: Example, words: Sequence[str], pad_to: int | None) -> list[str]:
    """For each <unk> among `ids` that of the source's `words` which the model looked at most; none without attention.

    Source: Luong et al. (2015), "Addressing the Rare Word Problem in Neural Machine Translation", section 3.3, with
    attention in place of their aligner.
    """
    if UNK not in ids or not words or not hasattr(model.decoder, "attend"):
        return []
    src, src_lengths, tgt = collate([Example(example.source, [SOS, *ids])], pad_to).to(device_of(model))
    memory, state = model.encode(src, src_lengths)
    weights = attention_to_words(model, tgt, state, memory, src_lengths)
    weights = weights[:, : min(len(words), int(src_lengths[0]) - 1)]
    looked_at = weights.argmax(-1).tolist()
    return [words[place] for i, place in zip(ids, looked_at, strict=False) if i == UNK]


def cased_like(translation: str, sentence: str, capitals: Mapping[str, str] = MappingProxyType({})) -> str:
    """The translation with capitals, for models write lower case.

    A word gets that of `capitals` (`words.capitals` of the target's training sentences) or that which it has in the
    sentence, unless it begins it; where the sentence begins with one, so does each sentence of the translation.
    """
    sentence = unicodedata.normalize("NFC", sentence)
    own = {} if sentence.isupper() else {word.lower(): word for word in words.inner_capitals(sentence)}
    written = {**own, **capitals}
    text = re.sub(words.WORD, lambda found: written.get(found[0], found[0]), translation)
    first = next((character for character in sentence if character.isalpha()), "")
    if not first.isupper():
        return text
    starts = rf"((?:^|[.?!…]\s)[^\w{UNKNOWN_MARK}]*\d*[^\w{UNKNOWN_MARK}]*)([^\W\d_])"
    return re.sub(starts, lambda found: found[1] + found[2].upper(), text)
