"""A run learns, is repeatable, keeps its best epoch, and stops with a sentence when it cannot go on."""

import math
from dataclasses import replace

import pytest
import torch

from seq2seq_lib.config import Schedule, Sizes
from seq2seq_lib.data.batches import collate
from seq2seq_lib.data.vocabulary import EOS, SOS, Example
from seq2seq_lib.models.seq2seq import count_parameters
from seq2seq_lib.models.variants import VARIANTS, build_model
from seq2seq_lib.training import trainer
from seq2seq_lib.training.trainer import Trainer, TrainingError, evaluate, evaluate_sentences
from seq2seq_lib.utils import device
from tests.reference import report_logits, report_loss

SIZES = Sizes(embedding=12, hidden=16, layers=1, dropout=0.1)
SCHEDULE = Schedule(epochs=3, batch_size=16, pad_to=8, learning_rate=1e-2, log_every=4)
VOCAB = 16


def copy_task(count, seed):
    """Sentences of 2 to 5 words to be repeated."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 6, (count,), generator=generator).tolist()
    rows = [torch.randint(4, VOCAB, (length,), generator=generator).tolist() for length in lengths]
    return [Example([*row, EOS], [SOS, *row, EOS]) for row in rows]


def run(seed=1, schedule=SCHEDULE, train_pairs=None, valid_pairs=None, on_interval=lambda step, loss: None):
    torch.manual_seed(seed)
    model = build_model("baseline", VOCAB, VOCAB, SIZES)
    pairs = train_pairs or copy_task(200, 1), valid_pairs or copy_task(40, 2)
    return model, Trainer(schedule, seed, on_interval).fit(model, *pairs)


def test_training_learns():
    _, history = run(schedule=Schedule(epochs=8, batch_size=16, pad_to=8, learning_rate=1e-2, log_every=4))
    assert history.epochs[-1].valid_loss < history.epochs[0].valid_loss < math.log(VOCAB)


def test_the_same_seed_gives_the_same_run():
    (first, history), (second, again) = run(), run()
    assert history.train_loss == again.train_loss
    assert [epoch.valid_loss for epoch in history.epochs] == [epoch.valid_loss for epoch in again.epochs]
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert run(seed=2)[1].train_loss != history.train_loss


def test_a_step_takes_denormals_for_zero_and_nothing_after_it_does():
    tiny, seen = torch.full((100,), 2e-38), []
    model = build_model("baseline", VOCAB, VOCAB, SIZES)
    for weight in model.parameters():
        weight.register_hook(lambda gradient: seen.append(bool((tiny / 4).any())))
    Trainer(SCHEDULE, seed=1, on_interval=lambda *_: seen.append(not (tiny / 4).all())).fit(
        model, copy_task(20, 1), copy_task(5, 2)
    )
    assert seen
    assert not any(seen)


def first_losses(seed, batch_size, teacher_forcing, disturb=0):
    """Training losses from fixed first weights, without dropout, so that order and coins alone make a difference."""
    torch.manual_seed(0)
    model = build_model("baseline", VOCAB, VOCAB, Sizes(12, 16, 1, 0.0))
    torch.manual_seed(disturb)
    schedule = Schedule(1, batch_size, 8, 1e-2, teacher_forcing=teacher_forcing, log_every=1)
    return [loss for _, loss in Trainer(schedule, seed).fit(model, copy_task(64, 1), copy_task(5, 2)).train_loss]


def test_the_seed_fixes_the_order_of_the_batches():
    assert first_losses(1, 16, 1.0) == first_losses(1, 16, 1.0, disturb=9)
    assert first_losses(1, 16, 1.0) != first_losses(2, 16, 1.0)


def test_the_seed_fixes_the_coins():
    # one batch of all pairs: its order does not change the loss, its coins do
    assert first_losses(1, 64, 0.5) == first_losses(1, 64, 0.5, disturb=9)
    assert first_losses(1, 64, 0.5) != pytest.approx(first_losses(2, 64, 0.5), abs=1e-4)
    assert first_losses(1, 64, 1.0) == pytest.approx(first_losses(2, 64, 1.0), abs=1e-4)


def test_history_counts_steps_epochs_and_tokens():
    seen = []
    pairs = copy_task(200, 1)
    _, history = run(train_pairs=pairs, on_interval=lambda step, loss: seen.append((step, loss)))
    assert [epoch.step for epoch in history.epochs] == [13, 26, 39]
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3]
    assert {epoch.tokens for epoch in history.epochs} == {sum(len(pair.target) - 1 for pair in pairs)}
    assert [step for step, _ in history.train_loss] == sorted({*range(4, 40, 4), 13, 26, 39})
    assert seen == history.train_loss


def test_the_best_epoch_is_kept():
    few, valid = copy_task(12, 1), copy_task(40, 2)  # so few pairs are soon learnt by heart, and validation gets worse
    by_heart = Schedule(epochs=20, batch_size=4, pad_to=8, learning_rate=3e-2, log_every=4)
    model, history = run(schedule=by_heart, train_pairs=few, valid_pairs=valid)
    losses = [epoch.valid_loss for epoch in history.epochs]
    assert min(losses) < losses[-1] - 0.1, "the test needs a last epoch that is not the best"
    assert history.best.valid_loss == min(losses)
    assert evaluate(model, valid, by_heart) == pytest.approx(min(losses), abs=1e-6)


def test_evaluation_is_the_mean_over_all_real_tokens_with_dropout_off():
    torch.manual_seed(0)
    model = build_model("baseline", VOCAB, VOCAB, SIZES)
    pairs = copy_task(21, 5)
    batch = collate(pairs, 8)
    expected = report_loss(
        report_logits("baseline", model, batch.src, batch.tgt, [True] * len(batch.tgt)), batch.tgt
    ).item()
    for batch_size in (1, 4, 21):
        assert evaluate(model, pairs, Schedule(batch_size=batch_size, pad_to=8)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_sentence_by_sentence_is_the_same_evaluation(name):
    torch.manual_seed(0)
    model = build_model(name, VOCAB, VOCAB, SIZES)
    pairs, schedule = copy_task(21, 5), Schedule(batch_size=8, pad_to=8)
    each = evaluate_sentences(model, pairs, schedule)
    assert [score.tokens for score in each] == [len(pair.target) - 1 for pair in pairs]
    mean = sum(score.loss for score in each) / sum(score.tokens for score in each)
    assert mean == pytest.approx(evaluate(model, pairs, schedule), abs=1e-5)
    if name == "reversed-batch":  # reads a neighbour's source
        return
    alone = [evaluate(model, [pair], schedule) * (len(pair.target) - 1) for pair in pairs]
    assert [score.loss for score in each] == pytest.approx(alone, abs=1e-4)


def test_a_token_is_right_when_it_is_the_arg_max_after_the_reference():
    torch.manual_seed(0)
    model = build_model("baseline", VOCAB, VOCAB, SIZES).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(5)
    for pair, score in zip(pairs := copy_task(60, 5), evaluate_sentences(model, pairs, SCHEDULE), strict=True):
        batch = collate([pair], SCHEDULE.pad_to)
        logits = report_logits("baseline", model, batch.src, batch.tgt, [True] * len(batch.tgt))
        assert score.right == sum(row[0].argmax() == token for row, token in zip(logits, pair.target[1:], strict=True))
    assert sum(score.right for score in evaluate_sentences(model, pairs, SCHEDULE)) > 0


def test_a_loss_that_is_no_number_stops_the_run():
    torch.manual_seed(0)
    model = build_model("baseline", VOCAB, VOCAB, SIZES)
    with torch.no_grad():
        model.decoder.output.bias[5] = float("nan")
    with pytest.raises(TrainingError, match=r"step 1 .*learning rate 0\.01"):
        Trainer(SCHEDULE, seed=1).fit(model, copy_task(20, 1), copy_task(5, 2))


def test_a_validation_loss_without_a_perplexity_stops_the_run():
    torch.manual_seed(0)
    model = build_model("baseline", VOCAB, VOCAB, SIZES)
    far = replace(SCHEDULE, learning_rate=1e6, clip=1e6)
    with pytest.raises(TrainingError, match=r"validation loss .* epoch 1 .*a lower learning rate"):
        Trainer(far, seed=1).fit(model, copy_task(20, 1), copy_task(5, 2))


def test_bfloat16_trains_and_is_judged_in_float32(monkeypatch):
    monkeypatch.setattr(device, "has_bf16", lambda device_type: True)
    pairs, valid = copy_task(120, 1), copy_task(20, 2)
    plain, _ = run(train_pairs=pairs, valid_pairs=valid)
    narrow, history = run(schedule=replace(SCHEDULE, precision="bf16"), train_pairs=pairs, valid_pairs=valid)
    assert not torch.equal(plain.decoder.output.weight, narrow.decoder.output.weight)
    assert {parameter.dtype for parameter in narrow.parameters()} == {torch.float32}
    assert history.best.valid_loss == evaluate(narrow, valid, SCHEDULE), "validation must not depend on the precision"
    assert history.best.valid_loss == pytest.approx(evaluate(plain, valid, SCHEDULE), rel=0.1)


def test_a_cooldown_ends_near_zero_and_begins_where_it_says():
    schedule = replace(SCHEDULE, learning_rate=0.1, cooldown=0.4)
    rates = [schedule.rate_at(step, 100) for step in range(1, 101)]
    assert rates[:60] == pytest.approx([0.1] * 60)
    assert rates[80] == pytest.approx(0.05)
    assert rates[-1] < 1e-3
    assert rates[60:] == sorted(rates[60:], reverse=True)
    assert sum(rates[60:]) == pytest.approx(0.1 * 20, rel=0.05), "no less training than along a line"
    assert {replace(schedule, cooldown=0.0).rate_at(step, 100) for step in (1, 100)} == {0.1}


def test_the_optimizer_follows_the_schedule(monkeypatch):
    seen = []
    monkeypatch.setattr(
        trainer, "train_step", lambda model, optimizer, *rest: seen.append(optimizer.param_groups[0]["lr"]) or 1.0
    )
    schedule = replace(SCHEDULE, epochs=2, cooldown=1.0)
    run(schedule=schedule)
    assert seen == [schedule.rate_at(step, len(seen)) for step in range(1, len(seen) + 1)]
    assert seen[0] > 5 * seen[-1]


def test_clipping_bounds_the_step():
    pairs = copy_task(16, 1)
    one_step = Schedule(epochs=1, batch_size=16, pad_to=8, learning_rate=1e-2, clip=1e-9)
    torch.manual_seed(0)
    model = build_model("baseline", VOCAB, VOCAB, SIZES)
    Trainer(one_step, seed=1).fit(model, pairs, pairs)
    norm = torch.stack([parameter.grad.norm() for parameter in model.parameters()]).norm()
    assert norm <= 1.01e-9


def test_a_shared_weight_counts_once():
    first, second = torch.nn.Linear(3, 4, bias=False), torch.nn.Linear(3, 4, bias=False)
    second.weight = first.weight
    assert count_parameters(torch.nn.ModuleList([first, second])) == 12
