"""Typed sentences: known words in new company, counted as the definitions say."""

import pytest

from seq2seq_lib import load_corpus, prepare, recorded_study
from seq2seq_lib.data.corpora import Corpus
from seq2seq_lib.data.pairs import Pair, twin_key
from seq2seq_lib.report import typed
from seq2seq_lib.report.typed import by_new_neighbours, new_neighbours, typed_pairs, typed_table


@pytest.fixture(scope="module")
def data():
    return prepare(load_corpus("grammar", quiet=True))


def test_every_word_is_known_and_no_sentence_is_the_corpuss(data):
    pairs = typed_pairs()
    for pair in pairs:
        assert all(token in data.src.vocab for token in data.src.tokens(pair.source)), pair
        assert all(token in data.tgt.vocab for token in data.tgt.tokens(pair.target)), pair
    corpus = {twin_key(pair.source) for split in ("train", "valid", "test") for pair in getattr(data.corpus, split)}
    sources = [twin_key(pair.source) for pair in pairs]
    assert len(set(sources)) == len(sources)
    assert not corpus.intersection(sources)


def test_neighbours_are_counted_in_their_order():
    pairs = (Pair("a b c", "x"), Pair("c a", "x"))
    small = prepare(Corpus("words", "en", "fr", pairs, pairs, pairs))
    asked = [Pair(source, "x") for source in ("a b c a b", "b a", "c b a", "a", "a z")]
    assert new_neighbours(small, asked) == [0, 1, 2, 0, 1]


@pytest.fixture
def answers(monkeypatch):
    """Sets what every model writes: the references of these pairs, and nothing for the others."""

    def write(known):
        texts = {pair.source: pair.target for pair in known}
        monkeypatch.setattr(typed, "translate", lambda model, data, sources, **_: [texts.get(s, "") for s in sources])

    return write


def test_the_table_sets_what_is_typed_beside_the_records_test_split(data, answers):
    stored, half = recorded_study("all", "long"), typed_pairs()[::2]
    answers([Pair(pair.source, data.tgt.decode(data.tgt.encode(pair.target))) for pair in half])
    row = typed_table(stored, data, ["tied"]).loc["tied"]
    assert row["word for word, everyday"] == f"50% ({len(half)} of {len(typed_pairs())})"
    assert row["BLEU, test set"] == f"{stored.record('tied')['test']['bleu']:.1f}"
    answers(typed_pairs())
    assert float(typed_table(stored, data, ["tied"])["BLEU, everyday"]["tied"]) == 100


def test_each_point_is_the_share_of_its_sentences_with_its_interval(answers):
    pairs = (Pair("a b c d e", "x"),)
    small = prepare(Corpus("words", "en", "fr", pairs, pairs, pairs))
    asked = [Pair(source, "x") for source in ("a b", "b c", "b a", "a c b e d a")]
    answers(asked[1:3])
    figure = by_new_neighbours(None, small, {"typed": asked}, None)
    (bar,) = figure.axes[0].containers
    assert bar.lines[0].get_xdata().tolist() == [0, 1, 3]
    assert bar.lines[0].get_ydata().tolist() == [0.5, 1.0, 0.0]
    assert [text.get_text() for text in figure.axes[0].texts] == ["2", "1", "1"]
    (low, high), *_ = (segment[:, 1] for segment in bar.lines[2][0].get_segments())
    assert 0 < low < 0.5 < high < 1
