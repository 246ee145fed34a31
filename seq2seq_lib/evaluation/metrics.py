"""Scores of a test split: corpus scores, accuracy by grammatical phenomenon, scores by source length.

sacrebleu counts BLEU and chrF, both without case because the models are trained on lower-cased text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from seq2seq_lib.data.pairs import Pair
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.vocabulary import UNK, Example
from seq2seq_lib.evaluation.significance import count_matches, pack, words_of
from seq2seq_lib.training.trainer import SentenceScore, perplexity

#: The longest source of each group of sentences, in tokens with EOS; what is longer makes one more group.
LENGTHS = (6, 9, 12, 15)
#: The same for the distance over which a French form agrees, the tag `agreement:N` of the grammar corpus.
DISTANCES = (0, 1, 3, 6)


class Score(NamedTuple):
    """`score` from 0 to 100 and the signature that says how it was counted."""

    score: float
    signature: str


def bleu(translations: Sequence[str], references: Sequence[str], language: str = "en") -> Score:
    """Corpus BLEU; languages that are written without spaces are cut into characters.

    Source: Post (2018), "A Call for Clarity in Reporting BLEU Scores".
    """
    from sacrebleu.metrics import BLEU

    return _corpus_score(BLEU(lowercase=True, tokenize=words_of(language)), translations, references)


def chrf(translations: Sequence[str], references: Sequence[str]) -> Score:
    """Corpus chrF2: F-score of character n-grams up to 6, recall weighing twice; to it a wrong ending is nearly right.

    Source: Popović (2016), "chrF deconstructed: beta parameters and n-gram weights".
    """
    from sacrebleu.metrics import CHRF

    return _corpus_score(CHRF(lowercase=True), translations, references)


def _corpus_score(metric, translations: Sequence[str], references: Sequence[str]) -> Score:
    score = metric.corpus_score(list(translations), [list(references)]).score
    return Score(score, str(metric.get_signature()))


class SentenceResult(NamedTuple):
    """One test sentence with all that its scores are made of.

    Attributes:
        pair: source, reference and tags as the corpus has them.
        source_length: tokens of the whole source, EOS included, before any cut.
        translation: decoded freely.
        exact: whether it is the reference, in lower case and joined from tokens as translations are.
        forced: the teacher-forced loss and token counts.
    """

    pair: Pair
    source_length: int
    translation: str
    exact: bool
    forced: SentenceScore


def sentence_results(
    data: Data,
    pairs: Sequence[Pair],
    examples: Sequence[Example],
    translations: Sequence[str],
    forced: Sequence[SentenceScore],
) -> list[SentenceResult]:
    """Puts together what belongs to one sentence; all sequences have the same order and length.

    A reference is compared as the model could have written it (`data.tgt.decode`): spaces that tokenisation loses make
    no translation wrong. One with a word that the vocabulary lacks is never exact.

    Raises:
        ValueError: when the lengths differ.
    """
    return [
        SentenceResult(pair, len(example.source), translation, is_exact(translation, example.target, data), score)
        for pair, example, translation, score in zip(pairs, examples, translations, forced, strict=True)
    ]


def is_exact(translation: str, reference: Sequence[int], data: Data) -> bool:
    """Whether a translation is its reference, given as target ids, as a model could have written it."""
    return UNK not in reference and translation == data.tgt.decode(reference)


def scores(sentences: Sequence[SentenceResult], language: str = "en") -> dict[str, Any]:
    """A test split's scores as plain JSON values.

    Returns:
        bleu and chrf (0 to 100) with signatures; token_accuracy, the share of real target tokens that are the arg-max
        after the reference's prefix; exact, the share of translations that are the reference; counts, what BLEU counts
        in each sentence (see `significance.unpack`); by_tag and by_length, as columns.
    """
    texts = [sentence.translation for sentence in sentences], [sentence.pair.target for sentence in sentences]
    by_words, by_characters = bleu(*texts, language), chrf(*texts)
    return {
        "bleu": by_words.score,
        "signature": by_words.signature,
        "chrf": by_characters.score,
        "chrf_signature": by_characters.signature,
        "token_accuracy": round(token_accuracy(sentences), 5),
        "exact": round(share_exact(sentences), 5),
        "counts": pack(count_matches(*texts, language)),
        "by_tag": columns("tag", tag_scores(sentences)),
        "by_length": columns("length", length_scores(sentences, language)),
    }


def columns(group: str, scores_of: Mapping[str, Mapping[str, float]]) -> dict[str, list]:
    """A table as columns, each named once, which takes half the room that rows take in a file; {} without rows."""
    rows = [{group: name, **measured} for name, measured in scores_of.items()]
    return {column: [row[column] for row in rows] for column in (rows[0] if rows else ())}


def tag_scores(sentences: Iterable[SentenceResult]) -> dict[str, dict[str, float]]:
    """Tag -> pairs that have it, share of exact translations, token accuracy in these sentences; no tags, no entries.

    A sentence counts for each of its tags. `agreement:N` is grouped: `agreement 0` (none), `agreement 1`,
    `agreement 2-3`, …
    """
    groups: dict[str, list[SentenceResult]] = {}
    for sentence in sentences:
        for tag in set(map(_tag_group, sentence.pair.tags)):
            groups.setdefault(tag, []).append(sentence)
    return {
        tag: {
            "pairs": len(group),
            "exact": round(share_exact(group), 4),
            "token_accuracy": round(token_accuracy(group), 4),
        }
        for tag, group in sorted(groups.items())
    }


def length_scores(sentences: Iterable[SentenceResult], language: str = "en") -> dict[str, dict[str, float]]:
    """Source length in tokens with EOS -> pairs, teacher-forced perplexity and token accuracy, BLEU and chrF.

    Short sources first, lengths that do not occur left out. `7-9` stands for 7 to 9 tokens, `16+` for 16 and more.
    """
    ordered = sorted(sentences, key=lambda sentence: sentence.source_length)
    groups = groupby(ordered, lambda sentence: interval_label(sentence.source_length, LENGTHS, lowest=1))
    return {length: _scores_of([*group], language) for length, group in groups}


def _scores_of(group: Sequence[SentenceResult], language: str) -> dict[str, float]:
    texts = [sentence.translation for sentence in group], [sentence.pair.target for sentence in group]
    loss = sum(sentence.forced.loss for sentence in group) / _tokens(group)
    return {
        "pairs": len(group),
        "perplexity": round(perplexity(loss), 3),
        "token_accuracy": round(token_accuracy(group), 4),
        "bleu": round(bleu(*texts, language).score, 2),
        "chrf": round(chrf(*texts).score, 2),
    }


def token_accuracy(sentences: Sequence[SentenceResult]) -> float:
    """Share of all real target tokens, EOS included, that are right under teacher forcing."""
    return sum(sentence.forced.right for sentence in sentences) / _tokens(sentences)


def share_exact(sentences: Sequence[SentenceResult]) -> float:
    """Share of translations that are the reference."""
    return sum(sentence.exact for sentence in sentences) / len(sentences)


def interval_label(value: int, ends: Sequence[int], lowest: int) -> str:
    """The interval of `value` as a label: `lowest`-ends[0], then from the one end to the next, and `n+` after all."""
    start = lowest
    for end in ends:
        if value <= end:
            return f"{start}-{end}" if start < end else str(end)
        start = end + 1
    return f"{start}+"


def _tag_group(tag: str) -> str:
    name, _, distance = tag.partition(":")
    if name != "agreement" or not distance.isdecimal():
        return tag
    return f"{name} {interval_label(int(distance), DISTANCES, lowest=0)}"


def _tokens(sentences: Iterable[SentenceResult]) -> int:
    return sum(sentence.forced.tokens for sentence in sentences)
