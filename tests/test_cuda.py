"""Every variant on a GPU against the report's loop on the CPU; skipped where there is none."""

import copy

import pytest
import torch

from seq2seq_lib.config import Schedule, Sizes
from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.vocabulary import Example
from seq2seq_lib.evaluation.search import search
from seq2seq_lib.models.seq2seq import teacher_forcing_mask
from seq2seq_lib.models.variants import VARIANTS, build_model
from seq2seq_lib.training.trainer import Trainer, evaluate
from seq2seq_lib.utils.device import autocast, has_bf16, round_nothing
from tests.reference import random_batch, report_logits, report_loss

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU")

SRC_VOCAB, TGT_VOCAB, CLOSE = 23, 29, {"rtol": 0, "atol": 1e-5}


def coins_of(seed):
    return torch.Generator().manual_seed(seed)


def on_both(name, dtype):
    """The model on the CPU, with weights large enough to show a wrong step, and its copy on the GPU."""
    round_nothing()
    torch.manual_seed(3)
    model = build_model(name, SRC_VOCAB, TGT_VOCAB, Sizes(6, 8, 2, 0.0)).to(dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3 if dtype == torch.float64 else 1)
    return model, copy.deepcopy(model).cuda()


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_logits_loss_and_gradients_equal_the_reports_loop(name, ratio):
    torch.set_default_dtype(torch.float64)
    try:
        model, there = on_both(name, torch.float64)
        src, src_lengths, tgt = random_batch(SRC_VOCAB, TGT_VOCAB, seed=1)
        batch = Batch(src, src_lengths, tgt).to("cuda")
        logits = report_logits(name, model, src, tgt, teacher_forcing_mask(len(tgt) - 1, ratio, coins_of(5)))
        torch.testing.assert_close(there(*batch, ratio, coins_of(5)).cpu(), logits, **CLOSE)
        expected = report_loss(logits, tgt)
        wanted = torch.autograd.grad(expected, list(model.parameters()))
        loss = there.loss(*batch, ratio, coins_of(5))
        torch.testing.assert_close(loss.cpu(), expected, **CLOSE)
        for gradient, other in zip(torch.autograd.grad(loss, list(there.parameters())), wanted, strict=True):
            torch.testing.assert_close(gradient.cpu(), other, **CLOSE)
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_other_precisions_differ_by_rounding_alone(name, precision):
    model, there = on_both(name, torch.float32)
    batch = Batch(*random_batch(SRC_VOCAB, TGT_VOCAB, seed=1))
    assert has_bf16("cuda")
    with autocast(torch.device("cuda"), precision):
        loss = there.loss(*batch.to("cuda"), 1.0)
    assert loss.dtype == torch.float32
    tolerance = 1e-5 if precision == "fp32" else 0.01
    torch.testing.assert_close(loss.cpu(), model.loss(*batch, 1.0), rtol=tolerance, atol=0)
    loss.backward()
    assert all(parameter.grad.isfinite().all() for parameter in there.parameters())


@pytest.mark.parametrize("name", ["baseline", "attention-bahdanau", "together"])
def test_a_run_learns_by_heart(name):
    generator = torch.Generator().manual_seed(1)
    pairs = []
    for _ in range(8):
        words = torch.randint(4, SRC_VOCAB, (4,), generator=generator).tolist()
        pairs.append(Example([*words, 3], [2, *words, 3]))
    torch.manual_seed(1)
    model = build_model(name, SRC_VOCAB, TGT_VOCAB, Sizes(16, 32, 2, 0.0)).cuda()
    schedule = Schedule(epochs=150, batch_size=8, pad_to=8, learning_rate=1e-2, cooldown=0.3)
    Trainer(schedule, seed=1).fit(model, pairs, pairs)
    assert evaluate(model, pairs, schedule) < 0.1
    source = Batch(*random_batch(SRC_VOCAB, TGT_VOCAB)).to("cuda")
    for width in (1, 3):
        assert len(search(model.eval(), source, width)) == 5
