"""One vocabulary for both languages: what they share, and perplexity in the unit of words."""

from dataclasses import replace

import pytest

from seq2seq_lib.config import PROFILES, ConfigError
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.data.vocabulary import SPECIALS
from seq2seq_lib.report.subwords import comparison_per_word, shared_subwords
from tests.made_up import study


@pytest.fixture(scope="module")
def pieces(tiny_data):
    return prepare(tiny_data.corpus, subwords=80, shared=True)


def test_every_subword_that_is_used_is_counted_once(pieces):
    table = shared_subwords(pieces)
    assert list(table.index) == ["en alone", "both", "fr alone"]
    used = {token for example in pieces.train for side in example for token in side} - set(range(len(SPECIALS)))
    assert table["subwords"].sum() == len(used)
    assert (table["subwords"] > 0).all(), "in these sentences there are letters of one language alone"
    assert "aujourd" in table["the longest"]["fr alone"]
    assert "aujourd" not in table["the longest"]["en alone"]


def test_two_vocabularies_share_nothing_and_are_refused(tiny_data):
    with pytest.raises(ConfigError, match="shared=True"):
        shared_subwords(tiny_data)


def test_perplexity_per_word_is_that_of_the_same_probability(tiny_data, pieces):
    made = study({"baseline": (1.0, 1.1), "tied": (0.9, 0.9)}, "decoder")
    made = replace(made, profile=PROFILES["subwords"])
    cut, whole = (sum(len(example.target) - 1 for example in data.test) for data in (pieces, tiny_data))
    assert cut > whole
    table = comparison_per_word(made, pieces, tiny_data)
    per_piece = made.runs[made.runs["variant"] == "tied"]["test_perplexity"].iloc[0]
    assert table["PPL a word"]["tied"] == f"{per_piece ** (cut / whole):.2f}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.00"
    same = comparison_per_word(made, tiny_data, tiny_data)
    assert (same["PPL a word"] == same["PPL a subword"]).all()
    assert table["saved"]["baseline"] == "0%"
