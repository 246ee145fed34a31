"""The loop computes what our models compute, the arithmetic is counted right, and a measurement comes back whole."""

import os
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from benchmarks import gemm, growth, joey, large_corpus, precision, training_step
from benchmarks.arithmetic import Product, attention, gigaflop, linear, lstm, products_of, work_of
from benchmarks.children import Child, MeasurementError, take_turns
from benchmarks.expected import held_bytes, slope
from benchmarks.gemm import Limit, limit
from benchmarks.memory import tensor_peak
from benchmarks.report_loop import loop_loss
from benchmarks.settings import (
    REPORT,
    ROOT,
    SMALL,
    VARIANTS,
    Machine,
    Prepared,
    find_machine,
    first_batches,
    load_batches,
    save_batches,
)
from benchmarks.steps import Measured, Task, as_ids
from benchmarks.tables import Result, arithmetic_table, steps_table
from benchmarks.ways import our_loss
from seq2seq_lib.config import Schedule, Sizes
from seq2seq_lib.data.batches import collate
from seq2seq_lib.data.vocabulary import EOS, SOS, Example
from seq2seq_lib.models.variants import build_model
from tests.made_up import study

VOCAB = 19
SIZES = Sizes(embedding=6, hidden=16, layers=2, dropout=0.0)


def made_up_batch(seed=0, rows=4, longest=7):
    """Sentences of 1 to `longest` words and their targets, padded."""
    generator = torch.Generator().manual_seed(seed)

    def words():
        length = int(torch.randint(1, longest + 1, (), generator=generator))
        return torch.randint(EOS + 1, VOCAB, (length,), generator=generator).tolist()

    return collate([Example([*words(), EOS], [SOS, *words(), EOS]) for _ in range(rows)], longest + 2)


def made_up_data():
    """What `first_batches` asks of a corpus: examples, and vocabularies of 19 words."""
    side = SimpleNamespace(vocab=range(VOCAB))
    pairs = [Example([5] * length + [EOS], [SOS, 6, EOS]) for length in range(1, 9)] * 4
    return SimpleNamespace(train=pairs, src=side, tgt=side)


def task(way, **changes):
    batches = as_ids([made_up_batch(seed) for seed in range(3)])
    return replace(Task(way, "baseline", replace(SIZES, dropout=0.5), VOCAB, VOCAB, batches, 1, "cpu", 1), **changes)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
def test_the_loop_and_our_loss_agree_in_loss_and_gradients(variant, ratio):
    torch.manual_seed(3)
    model, batch = build_model(variant, VOCAB, VOCAB, SIZES).double(), made_up_batch()
    found = []
    for loss_of in (loop_loss, our_loss):
        model.zero_grad()
        loss = loss_of(model, batch, ratio, torch.Generator().manual_seed(5))
        loss.backward()
        found.append((loss.detach(), [parameter.grad.clone() for parameter in model.parameters()]))
    (loop, its_gradients), (ours, our_gradients) = found
    torch.testing.assert_close(loop, ours, rtol=0, atol=1e-10)
    for theirs, own in zip(its_gradients, our_gradients, strict=True):
        torch.testing.assert_close(theirs, own, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("variant", VARIANTS)
def test_they_agree_in_float32_as_well(variant):
    torch.manual_seed(3)
    model, batch = build_model(variant, VOCAB, VOCAB, SIZES), made_up_batch(1)
    loop, ours = (loss(model, batch, 0.5, torch.Generator().manual_seed(5)) for loss in (loop_loss, our_loss))
    torch.testing.assert_close(loop, ours, rtol=0, atol=1e-4)


def test_the_loop_calls_the_decoder_once_a_time_step_for_every_row():
    model, batch, calls = build_model("baseline", VOCAB, VOCAB, SIZES), made_up_batch(), []
    model.decoder.rnn.register_forward_hook(lambda _, inputs, output: calls.append(inputs[0].shape[:2]))
    loop_loss(model, batch, 0.5, torch.Generator().manual_seed(1))
    assert calls == [(1, 4)] * (len(batch.tgt) - 1)


def test_work_counts_real_tokens():
    batch = collate([Example([5, 6, EOS], [SOS, 7, EOS]), Example([5, EOS], [SOS, 7, 8, 9, EOS])], 6)
    work = work_of([batch, batch])
    assert work == (2, 6, 5, 4, 6, 3 * 2 + 2 * 4)


def test_a_linear_layer_is_three_products():
    assert linear(10, 3, 4) == [Product(10, 3, 4), Product(10, 4, 3), Product(3, 10, 4)]
    assert gigaflop(linear(10, 3, 4)) == pytest.approx(3 * 2 * 10 * 3 * 4 / 1e9)


def test_an_lstm_is_counted_layer_by_layer():
    steps, tokens, e, h = 5, 20, 3, 7
    one_layer = gigaflop(lstm(torch.nn.LSTM(e, h), steps, tokens))
    assert one_layer == pytest.approx(3 * 2 * tokens * (e + h) * 4 * h / 1e9)
    both = gigaflop(lstm(torch.nn.LSTM(e, h, 2, bidirectional=True), steps, tokens))
    assert both == pytest.approx(2 * one_layer + 2 * 3 * 2 * tokens * (2 * h + h) * 4 * h / 1e9)
    assert Product(4, h, 4 * h, 5.0) in lstm(torch.nn.LSTM(e, h), steps, tokens)


def test_attention_is_counted_over_pairs_of_real_tokens():
    work = work_of([made_up_batch()])
    h, source, target = SIZES.hidden, work.source_tokens, work.target_tokens
    counted = {name: build_model(name, VOCAB, VOCAB, SIZES).decoder for name in VARIANTS}
    look_ups = 6 * 2 * work.pairs * h / 1e9
    assert attention(counted["baseline"], work) == []
    assert gigaflop(attention(counted["attention-dot"], work)) == pytest.approx(look_ups)
    projected = 3 * 2 * (2 * target + 2 * source) * h * h / 1e9
    assert gigaflop(attention(counted["attention-multihead"], work)) == pytest.approx(look_ups + projected)


def test_the_report_s_step_by_hand():
    with torch.device("meta"):
        models = {name: build_model(name, 8290, 11847, Sizes()) for name in ("baseline", "packed", "attention-dot")}
    work = work_of([collate([Example([5] * 13 + [EOS], [SOS] + [5] * 14 + [EOS])] * 64, 30)])
    counted = {name: {part: gigaflop(some) for part, some in products_of(model, work).items()}
               for name, model in models.items()}  # fmt: skip
    lstm_of_a_token = 6 * 4 * 512 * (256 + 512 + 512 + 512) / 1e9
    assert counted["baseline"]["projection"] == pytest.approx(6 * 64 * 15 * 512 * 11847 / 1e9)
    assert counted["baseline"]["decoder"] == pytest.approx(64 * 15 * lstm_of_a_token)
    assert counted["baseline"]["encoder"] == pytest.approx(64 * 30 * lstm_of_a_token)
    assert counted["packed"]["encoder"] == pytest.approx(64 * 14 * lstm_of_a_token)
    assert counted["attention-dot"]["projection"] == pytest.approx(2 * counted["baseline"]["projection"])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_limit_is_the_sum_of_its_products(dtype):
    one = limit([Product(8, 8, 8)], dtype, "cpu")
    assert 0 < one.fastest <= one.mm < 1
    twice = limit([Product(8, 8, 8, 1.5), Product(8, 8, 8, 0.5)], dtype, "cpu")
    assert twice == pytest.approx((2 * one.mm, 2 * one.fastest))
    assert limit([Product(2, 3, 4, 1.0, batch=5)], dtype, "cpu").fastest > 0


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from Linux's /proc")
def test_the_peak_is_what_was_held_at_once():
    """In a process of its own: training keeps freed memory for as long as its process lives."""
    code = (
        "import torch; from benchmarks.memory import watch_process; peak = watch_process()\n"
        "for _ in range(3): torch.ones(8 * 2**20)  # 32 MiB, gone at once\n"
        "print(peak())"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 30 * 2**20 < int(shown.stdout) < 64 * 2**20


def test_tensors_are_counted_while_they_live():
    kept = []

    def run():
        kept.append(torch.ones(2**20))  # 4 MiB that stay
        torch.ones(2**21)  # 8 MiB, gone at once
        torch.ones(2**20)

    assert tensor_peak(run, "cpu") == 12 * 2**20


@pytest.fixture(scope="module")
def child():
    """One process for all: it takes seconds to start."""
    with Child() as process:
        yield process


@pytest.mark.parametrize("way", ["loop", "loop-reused", "ours", "ours-bf16"])
def test_every_way_is_measured_in_a_child(child, way):
    child.prepare(task(way))
    measured = take_turns({way: child}, rounds=2)[way]
    assert len(measured.seconds) == 2 * 2  # three batches, one of them to warm up
    assert all(0 < seconds < 60 for seconds in measured.seconds)
    assert 0 < measured.peak < 2**30
    assert measured.resident is None or 0 <= measured.resident < 2**30


def test_a_child_that_fails_says_what_it_measured_and_goes_on(child):
    with pytest.raises(MeasurementError, match="Measuring 'ours' failed: ConfigError: There is no variant 'x'"):
        child.prepare(task("ours", variant="x"))
    child.prepare(task("ours"))
    assert len(child.run().seconds) == 2


def test_a_task_leaves_batches_to_be_timed():
    with pytest.raises(ValueError, match="Of 3 batches 3 are for warming up; leave one"):
        task("ours", warmup=3)


def made_up_result(variant="baseline"):
    measured = {
        "loop": Measured([2.0, 1.0, 3.0], 100 * 2**20, 200 * 2**20),
        "ours": Measured([0.5, 0.5, 0.6], 25 * 2**20, 80 * 2**20),
        "ours-bf16": Measured([0.25], 20 * 2**20, None),
    }
    limits = {"float32": Limit(0.4, 0.25), "bfloat16": Limit(0.1, 0.05)}
    return Result(variant, 900, measured, {"encoder": 1.0, "projection": 2.0}, limits)


def cells(table):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_the_table_says_what_was_measured():
    _, _, loop, ours, narrow = cells(steps_table([made_up_result()]))
    assert loop[:2] == ["baseline", "the report's loop"]
    assert loop[2:] == ["2.000", "1.500–2.500", "450", "100", "200", "1.00", "1.00", "12%", "20%"]
    assert ours[2:] == ["0.500", "0.500–0.550", "1,800", "25", "80", "4.00", "0.25", "50%", "80%"]
    assert narrow[2:] == ["0.250", "0.250–0.250", "3,600", "20", "–", "8.00", "0.20", "20%", "40%"]
    table = arithmetic_table([made_up_result()])
    assert cells(table)[2] == ["baseline", "1.00", "2.00", "3.00", "0.250", "0.400", "0.050", "0.100"]
    assert len({len(line) for line in table.splitlines()}) == 1


def test_a_slope_is_an_exponent():
    assert slope([1, 2, 4], [3, 12, 48]) == pytest.approx(2)


def test_growth_counts_what_it_measures():
    with torch.device("meta"):
        models = [build_model("baseline", 50, vocabulary, SIZES) for vocabulary in (1_000, 100_000)]
    work = work_of([growth.random_batch(growth.Point(tokens=5, vocabulary=50, batch=3), 0)])
    assert work == (3, 5, 15, 5, 15, 75)
    loop, ours = ([held_bytes(model, work, logits) for model in models] for logits in (True, False))
    assert loop[1] > 50 * loop[0] / 2
    assert loop[0] > ours[0]


def test_batches_can_be_kept_for_a_machine_without_corpora(tmp_path):
    prepared = {"small": first_batches(replace(SMALL, schedule=Schedule(batch_size=16, pad_to=9)), made_up_data(), 2)}
    assert [batch.src.shape for batch in prepared["small"].batches] == [(9, 16)] * 2
    save_batches(tmp_path / "batches.json.gz", prepared)
    (loaded,) = load_batches(tmp_path / "batches.json.gz", ["small"], 2).values()
    assert loaded.vocabulary == prepared["small"].vocabulary
    assert all(torch.equal(a, b) for one, other in zip(loaded.batches, prepared["small"].batches, strict=True)
               for a, b in zip(one, other, strict=True))  # fmt: skip
    with pytest.raises(ValueError, match=r"batches.json.gz has 0 batches for 'report' where 2 are wanted"):
        load_batches(tmp_path / "batches.json.gz", ["report"], 2)
    (tmp_path / "cut.json.gz").write_bytes((tmp_path / "batches.json.gz").read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"cut.json.gz is damaged .*--save-batches"):
        load_batches(tmp_path / "cut.json.gz", ["small"], 2)


def test_a_corpus_with_more_words_than_the_model_is_refused():
    with pytest.raises(ValueError, match=r"grammar has .* more than the 10 and 10"):
        first_batches(replace(SMALL, vocabulary=(10, 10)), made_up_data(), 1)


def test_the_sizes_are_the_report_s():
    assert (REPORT.corpus, REPORT.min_freq, REPORT.vocabulary) == ("multi30k", 2, (8290, 11847))
    assert "E 256, H 512, L 2, dropout 0.5, V 8,290 → 11,847, batch 64, S 30" in REPORT.describe(REPORT.vocabulary)


def test_the_machine_is_named():
    assert find_machine("cpu", 3) == Machine("cpu", 3)
    assert find_machine("cpu", None).slug == f"cpu-{len(os.sched_getaffinity(0))}-cores"
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="torch sees no GPU"):
            find_machine("cuda", None)


def test_both_programs_write_their_tables_and_figures(tmp_path, monkeypatch, capsys):
    quick = ["--rounds", "1", "--warmup", "1", "--steps", "1", "--device", "cpu", "--threads", "1"]
    tiny = replace(SMALL, sizes=SIZES, vocabulary=(VOCAB, VOCAB), variants=("baseline",))
    prepared = Prepared((made_up_batch(1), made_up_batch(2)), (VOCAB, VOCAB))
    monkeypatch.setattr(training_step, "SMALL", tiny)
    monkeypatch.setattr(gemm, "SPAN", 0)
    monkeypatch.setattr(training_step, "WAYS_MEASURED", ("loop", "ours"))  # each has a process, which takes its time
    monkeypatch.setattr(growth, "WAYS_MEASURED", ("loop",))
    save_batches(tmp_path / "batches.json.gz", {"small": prepared})
    options = ["--small", "--batches", str(tmp_path / "batches.json.gz"), "--out", str(tmp_path), *quick]
    assert training_step.main(options) == 0
    assert growth.main(["--axes", "hidden", "--values", "8", "16", "--out", str(tmp_path), *quick]) == 0
    slug, printed = find_machine("cpu", 1).slug, capsys.readouterr()
    for name, words in ((f"training_step-small-{slug}.md", "ours, float32"), (f"growth-{slug}.md", "expected")):
        text = (tmp_path / "benchmarks" / "results" / name).read_text(encoding="utf-8")
        assert words in text
        assert text in printed.out
    figures = {path.name for path in (tmp_path / "figures").iterdir()}
    assert figures == {"benchmark-training-step-small.png", "benchmark-growth-hidden.png"}


def test_what_cannot_work_is_one_sentence(tmp_path, capsys):
    assert training_step.main(["--batches", str(tmp_path / "none.json.gz")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    save_batches(tmp_path / "batches.json.gz", {"small": Prepared((made_up_batch(),) * 5, (VOCAB, VOCAB))})
    assert training_step.main(["--small", "--variants", "packed", "--batches", str(tmp_path / "batches.json.gz")]) == 2
    assert "measured for baseline and attention-dot" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        training_step.main(["--rounds", "0"])
    assert "'0' is not a whole number from 1 up" in capsys.readouterr().err


@pytest.mark.skipif(joey.importable(), reason="JoeyNMT is installed here")
def test_joeynmt_is_missed_in_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(training_step, "measure_setting", lambda *_: [made_up_result()])
    monkeypatch.setattr(training_step, "draw", lambda *_: None)
    path = tmp_path / "batches.json.gz"
    save_batches(path, {"small": Prepared((made_up_batch(1), made_up_batch(2)), (VOCAB, VOCAB))})
    training_step.main(
        ["--small", "--joeynmt", "--batches", str(path), "--warmup", "1", "--steps", "1", "--out", str(tmp_path)]
    )
    assert joey.MISSING in capsys.readouterr().err


def test_torch_alone_is_enough_until_a_corpus_is_read():
    code = (
        "import sys; from benchmarks import training_step, growth;"
        "print([name for name in ('spacy', 'torchtext', 'pandas', 'matplotlib', 'pooch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_precisions_are_compared_over_runs_that_both_have():
    fp32 = study({"baseline": (1.0, 2.0), "tied": (1.0,)})
    bf16 = study({"baseline": (1.1,), "gru": (1.0,)})
    *rows, mean = precision.compare_stored(fp32, bf16).splitlines()[2:]
    assert rows == ["| `baseline` | 1 | 2.7 | 3.0 | +10.5% |"]
    assert mean.endswith("| +10.5% |")


def test_a_large_corpus_is_made_as_asked_and_measured(tmp_path):
    from seq2seq_lib.data.corpora import load_corpus

    large_corpus.write_corpus(tmp_path / "a.tsv", 50)
    corpus = load_corpus(tmp_path / "a.tsv", quiet=True)
    pairs = [*corpus.train, *corpus.valid, *corpus.test]
    assert len(pairs) == 50
    assert {len(side.split()) for pair in pairs for side in pair[:2]} == {large_corpus.WORDS}
    assert len({large_corpus._word(number) for number in range(large_corpus.TYPES)}) == large_corpus.TYPES
    assert large_corpus.main(["--pairs", "40", "--out", str(tmp_path)]) == 0
    (table,) = (tmp_path / "benchmarks" / "results").glob("large_corpus-*.md")
    assert "| 40" in table.read_text()
