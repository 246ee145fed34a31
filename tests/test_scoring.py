"""Scores are sacrebleu's on lower-cased text."""

import pytest

from seq2seq_lib.scoring import bleu


def test_bleu_is_sacrebleus_on_lower_case():
    assert bleu(["un chat dort sur le toit ."], ["Un chat dort sur le toit ."]).score == pytest.approx(100)
    assert bleu(["rien"], ["Un chat dort sur le toit ."]).score < 1
    assert "case:lc" in bleu(["a"], ["a"]).signature
