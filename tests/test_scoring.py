"""Corpus scores are sacrebleu's on lower-cased text; groups by tag and by length are counted as by hand."""

import math

import pytest

from seq2seq_lib.data.corpora import Corpus
from seq2seq_lib.data.pairs import Pair
from seq2seq_lib.data.tokenization import UNKNOWN_MARK, prepare
from seq2seq_lib.evaluation.metrics import (
    DISTANCES,
    LENGTHS,
    bleu,
    chrf,
    interval_label,
    length_scores,
    scores,
    sentence_results,
    tag_scores,
)
from seq2seq_lib.training.trainer import SentenceScore

REFERENCE = ["Un chat dort sur le toit ."]


@pytest.mark.parametrize("metric", [bleu, chrf])
def test_corpus_scores_are_sacrebleus_on_lower_case(metric):
    assert metric(["un chat dort sur le toit ."], REFERENCE).score == pytest.approx(100)
    assert metric(["rien"], REFERENCE).score < 10
    assert "case:lc" in metric(["a"], ["a"]).signature
    assert "version:" in metric(["a"], ["a"]).signature


def test_chrf_gives_a_wrong_ending_more_than_a_wrong_word():
    ending, word = "un chat dorment sur le toit .", "un chat mange sur le toit ."
    assert chrf([ending], REFERENCE).score > chrf([word], REFERENCE).score
    assert bleu([ending], REFERENCE).score == pytest.approx(bleu([word], REFERENCE).score)


PAIRS = (
    Pair("The man sleeps.", "L'homme dort.", ("elision", "agreement:1")),  # 4 tokens and EOS
    Pair("A dog runs.", "Un chien court.", ("agreement:0", "level:5")),
    Pair("Today the old man of the village eats a big fish.", "L'homme mange.", ("elision", "agreement:7")),
)
FORCED = (SentenceScore(4.0, 3, 4), SentenceScore(2.0, 1, 4), SentenceScore(12.0, 2, 5))


@pytest.fixture(scope="module")
def sentences():
    data = prepare(Corpus("few", "en", "fr", PAIRS, PAIRS, PAIRS))
    translations = ["l'homme dort.", "un chien dort.", "l'homme mange."]
    return sentence_results(data, PAIRS, data.test, translations, FORCED)


def test_exact_means_the_reference_in_lower_case(sentences):
    assert [sentence.exact for sentence in sentences] == [True, False, True]
    assert scores(sentences)["exact"] == pytest.approx(2 / 3, abs=1e-4)
    assert scores(sentences)["token_accuracy"] == pytest.approx(6 / 13, abs=1e-4)


def test_a_reference_with_an_unknown_word_is_never_exact(sentences):
    data = prepare(Corpus("few", "en", "fr", PAIRS[1:], PAIRS, PAIRS))
    unknown = data.tgt.decode(data.test[0].target)
    assert UNKNOWN_MARK in unknown
    (judged,) = sentence_results(data, PAIRS[:1], data.test[:1], [unknown], FORCED[:1])
    assert not judged.exact


def test_bleu_takes_the_translation_first(sentences):
    short = bleu(["un chat dort"], REFERENCE).score  # a translation that is too short is punished, a long one less
    assert short < bleu(["un chat dort sur le toit . là bas ce soir"], REFERENCE).score
    assert "nc:6" in chrf(["a"], ["a"]).signature
    assert "nw:0" in chrf(["a"], ["a"]).signature


def test_a_sentence_counts_for_each_of_its_tags(sentences):
    found = tag_scores(sentences)
    assert list(found) == ["agreement 0", "agreement 1", "agreement 7+", "elision", "level:5"]
    assert found["elision"] == {"pairs": 2, "exact": 1.0, "token_accuracy": round(5 / 9, 4)}
    assert found["agreement 0"] == {"pairs": 1, "exact": 0.0, "token_accuracy": 0.25}
    assert tag_scores([sentence._replace(pair=Pair("a", "b")) for sentence in sentences]) == {}


def test_a_tag_named_twice_counts_once(sentences):
    twice = [
        s._replace(pair=s.pair._replace(tags=("elision", "elision", "agreement:1", "agreement:1"))) for s in sentences
    ]
    found = tag_scores(twice)
    assert {name: entry["pairs"] for name, entry in found.items()} == {"elision": 3, "agreement 1": 3}


def test_scores_by_length_are_those_of_the_group(sentences):
    assert [sentence.source_length for sentence in sentences] == [5, 5, 13]
    found = length_scores(reversed(sentences))
    assert list(found) == ["1-6", "13-15"]
    assert found["1-6"]["pairs"] == 2
    assert found["1-6"]["perplexity"] == pytest.approx(math.exp(6 / 8), abs=1e-3)
    assert found["1-6"]["token_accuracy"] == 0.5
    texts = [sentence.translation for sentence in sentences[:2]], [pair.target for pair in PAIRS[:2]]
    assert found["1-6"]["bleu"] == pytest.approx(bleu(*texts).score, abs=0.01)
    assert found["1-6"]["chrf"] == pytest.approx(chrf(*texts).score, abs=0.01)


def test_groups_of_lengths_make_up_the_whole(sentences):
    whole, groups = scores(sentences), length_scores(sentences).values()
    assert sum(group["pairs"] for group in groups) == len(sentences)
    assert min(group["chrf"] for group in groups) <= whole["chrf"] <= max(group["chrf"] for group in groups)


def test_intervals_leave_no_gap():
    labels = [interval_label(value, (6, 9, 12, 15), lowest=1) for value in range(1, 19)]
    assert labels == ["1-6"] * 6 + ["7-9"] * 3 + ["10-12"] * 3 + ["13-15"] * 3 + ["16+"] * 3


def test_the_groups_that_records_hold():
    assert (LENGTHS, DISTANCES) == ((6, 9, 12, 15), (0, 1, 3, 6)), "the notebooks' text names these groups"
    labels = [interval_label(value, DISTANCES, lowest=0) for value in range(8)]
    assert labels == ["0", "1", "2-3", "2-3", "4-6", "4-6", "4-6", "7+"]


def test_sentences_and_translations_must_be_as_many(sentences):
    data = prepare(Corpus("few", "en", "fr", PAIRS, PAIRS, PAIRS))
    with pytest.raises(ValueError, match="shorter"):
        sentence_results(data, PAIRS, data.test, ["rien"], FORCED)
