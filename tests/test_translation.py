"""Greedy search is the arg-max of each step, and a sentence that has ended stays ended."""

import pytest
import torch

from seq2seq_lib.batches import EOS, PAD, SOS, Batch
from seq2seq_lib.config import Sizes
from seq2seq_lib.scoring import bleu
from seq2seq_lib.translation import greedy
from seq2seq_lib.variants import VARIANTS, build_model
from tests.reference import random_batch

STEPS = 40


def restless(name):
    """A model with weights so large that its sentences differ and end at different steps."""
    torch.manual_seed(7)
    model = build_model(name, 23, 12, Sizes(6, 8, 2, 0.0)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(5)
    return model


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_greedy_search_is_the_arg_max_of_each_step(name):
    model = restless(name)
    src, src_lengths, _ = random_batch(23, 12, batch=16)
    found = greedy(model, Batch(src, src_lengths, src), max_length=STEPS)
    target = torch.full((STEPS + 1, 16), SOS)
    logits = model(src, src_lengths, target, teacher_forcing_ratio=0.0)
    for column, ids in enumerate(found):
        chosen = logits[:, column].argmax(-1).tolist()
        until = chosen.index(EOS) if EOS in chosen else len(chosen)
        assert ids == [token for token in chosen[:until] if token != PAD]
    if name == "baseline":
        assert len({len(ids) for ids in found}) > 1, "the test needs sentences of different lengths"


def test_bleu_is_sacrebleus_on_lower_case():
    assert bleu(["un chat dort sur le toit ."], ["Un chat dort sur le toit ."]).score == pytest.approx(100)
    assert bleu(["rien"], ["Un chat dort sur le toit ."]).score < 1
    assert "case:lc" in bleu(["a"], ["a"]).signature
