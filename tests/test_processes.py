"""Several processes train one model as one process does, and a batch is shared out so that nothing is lost."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from seq2seq_lib import config
from seq2seq_lib.__main__ import main
from seq2seq_lib.config import ConfigError, Profile, Schedule, Sizes
from seq2seq_lib.data.batches import collate
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.models.variants import VARIANTS, build_model
from seq2seq_lib.training.distributed import SINGLE, AcceleratedGroup, find_process_group, share, take
from seq2seq_lib.training.trainer import Trainer, TrainingError
from tests.test_training import VOCAB, copy_task

ROOT = Path(__file__).parent.parent
NAMES = ("baseline", "packed", "attention-dot", "reversed-batch")
# The last of its batches has two pairs, both in the first process's share.
PAIRS, SCHEDULE = 34, Schedule(epochs=2, batch_size=8, pad_to=8, learning_rate=1e-2, log_every=1)


def trained(name, group=SINGLE, spoil=False):
    """(training losses, weights) of a run without dropout; `spoil` makes the loss of this process no number."""
    torch.manual_seed(1)
    model = build_model(name, VOCAB, VOCAB, Sizes(12, 16, 1, 0.0))
    if spoil:
        with torch.no_grad():
            model.decoder.output.bias[5] = float("nan")
    history = Trainer(SCHEDULE, seed=1, group=group).fit(model, copy_task(PAIRS, 1), copy_task(9, 2))
    return [loss for _, loss in history.train_loss], model.state_dict()


def train_in_each_process(folder):
    """What torchrun runs in every process: it leaves what it learnt in <folder>/<rank>.pt."""
    group = find_process_group()
    found = {name: trained(name, group) for name in NAMES}
    try:
        trained("baseline", group, spoil=group.rank == 1)
    except TrainingError as error:
        found["error"] = str(error)
    found["agreed"] = group.broadcast(f"said by {group.rank}")
    torch.save(found, folder / f"{group.rank}.pt")


def study_in_each_process(folder):
    """The shell's command, twice, for a corpus and a profile of its own."""
    config.PROFILES = {"tiny": tiny(folder)}
    command = ["study", "enc_dec", "--profile", "tiny", "--variants", "baseline", "attention-dot"]
    for _ in range(2):
        assert main([*command, "--records", str(folder / f"records-of-{find_process_group().rank}")]) == 0


def tiny(folder):
    nouns, verbs = ("cat chat", "dog chien", "bird oiseau", "child enfant"), ("sleeps dort", "runs court", "eats mange")
    pairs = [(noun.split(), verb.split()) for noun in nouns for verb in verbs]
    lines = [f"A {noun[0]} {verb[0]}.\tUn {noun[1]} {verb[1]}.\n" for noun, verb in pairs]
    (folder / "pairs.tsv").write_text("".join(lines), encoding="utf-8")
    return Profile("tiny", str(folder / "pairs.tsv"), Sizes(6, 8, 1, 0.0), replace(SCHEDULE, batch_size=4), seeds=(1,))


def torchrun(folder):
    """This file in two processes over gloo on this machine; returns what they printed."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command += ["-m", "tests.test_processes", str(folder)]
    here = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "GLOO_SOCKET_IFNAME": "lo"}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | here, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """The folder in which the two left what they learnt, and what they printed: they take seconds to start."""
    folder = tmp_path_factory.mktemp("together")
    return folder, torchrun(folder)


@pytest.fixture(scope="module")
def two(together):
    folder, _ = together
    return [torch.load(folder / f"{rank}.pt") for rank in (0, 1)]


@pytest.mark.parametrize("name", NAMES)
def test_two_processes_learn_what_one_learns(two, name):
    losses, weights = trained(name)
    for found, learnt in (process[name] for process in two):
        assert found == pytest.approx(losses, rel=1e-5)
        assert max((learnt[key] - weights[key]).abs().max() for key in weights) < 1e-4
    assert all(torch.equal(*(process[name][1][key] for process in two)) for key in weights), "they must stay together"


def test_a_loss_that_is_no_number_in_one_process_stops_all(two):
    assert {process["error"] for process in two} == {two[0]["error"]}
    assert "at step 1 with learning rate 0.01" in two[0]["error"]


def test_all_processes_take_the_word_of_the_main_one(two):
    assert [process["agreed"] for process in two] == ["said by 0", "said by 0"]


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_shares_cut_a_batch_up_and_keep_mirror_images_together(count):
    for size in range(1, 20):
        shares = [share(size, rank, count) for rank in range(count)]
        assert sorted(column for columns in shares for column in columns) == list(range(size))
        for columns in shares:
            assert columns == sorted(columns)
            assert [size - 1 - column for column in reversed(columns)] == columns
        if size >= 2 * count:
            assert all(shares)
            assert max(map(len, shares)) - min(map(len, shares)) <= 2
    assert share(2, 1, 2) == []


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_every_variant_learns_from_a_share_whose_targets_end_early(name):
    torch.manual_seed(0)
    model = build_model(name, VOCAB, VOCAB, Sizes(12, 16, 1, 0.0)).eval()
    batch = collate(sorted(copy_task(12, 1), key=lambda pair: len(pair.target)), 8)
    part = take(batch, [0, 1, 2])
    assert (part.tgt[-1] == PAD).all(), "the test needs a last step at which no target is left"
    shorter = part.tgt[: int((part.tgt != PAD).any(1).sum())]
    draws = [torch.Generator().manual_seed(3) for _ in range(2)]
    whole = model.loss(part.src, part.src_lengths, part.tgt, generator=draws[0])
    assert whole.item() == pytest.approx(model.loss(part.src, part.src_lengths, shorter, generator=draws[1]).item())
    whole.backward()
    assert all(one.grad is None or one.grad.isfinite().all() for one in model.parameters())


def test_each_process_has_dropout_of_its_own_and_the_first_one_keeps_that_of_a_plain_run():
    draws = []
    for rank in range(3):
        torch.manual_seed(1)
        after_weights = torch.rand(8)[4:]
        torch.manual_seed(1)
        torch.rand(4)  # the weights, the same in every process
        AcceleratedGroup(SimpleNamespace(process_index=rank, num_processes=3)).seed_dropout(1)
        draws.append(torch.rand(4))
    assert torch.equal(draws[0], after_weights)
    assert not torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[1], draws[2])


def test_more_processes_than_gpus_end_in_one_sentence(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ConfigError, match="4 processes share 2 GPUs"):
        find_process_group.__wrapped__()


def test_a_plain_run_never_loads_accelerate():
    code = (
        "import sys, seq2seq_lib.experiments.studies;"
        "from seq2seq_lib.training.distributed import SINGLE, find_process_group;"
        "print(find_process_group() is SINGLE, 'accelerate' in sys.modules)"
    )
    plain = {name: value for name, value in os.environ.items() if name != "WORLD_SIZE"}
    shown = subprocess.run([sys.executable, "-c", code], env=plain, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["True", "False"]


def test_processes_go_through_a_study_together_and_the_main_one_prints_and_writes(together, tmp_path):
    pytest.importorskip("spacy")
    folder, printed = together
    profile = tiny(folder)
    expected = run_study("enc_dec", profile, variants=("baseline", "attention-dot"), folder=tmp_path / "one", n_jobs=1)
    told = re.findall(r"Profile tiny: 2 runs, (\d) on record, (\d) to train", printed)
    assert told == [("0", "2"), ("2", "0")], "only the main process prints, and its folder alone counts"
    assert printed.count("valid PPL") == 2
    assert not (folder / "records-of-1").exists()
    found = {record["variant"]: record for record in records.read_records(folder / "records-of-0")}
    for record in expected.records:
        again = found[record["variant"]]
        assert (again["key"], again["environment"]["processes"]) == (record["key"], 2)
        assert [loss for _, loss in again["train_loss"]] == pytest.approx(
            [loss for _, loss in record["train_loss"]], rel=1e-4
        )
        assert again["test"]["loss"] == pytest.approx(record["test"]["loss"], rel=1e-4)


if __name__ == "__main__":
    train_in_each_process(Path(sys.argv[1]))
    if find_spec("spacy"):
        study_in_each_process(Path(sys.argv[1]))
