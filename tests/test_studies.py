"""A study trains what has no record, on any number of workers, with the same result."""

import dataclasses
import re

import pytest
from safetensors.torch import load_file, save_file

from seq2seq_lib.__main__ import main
from seq2seq_lib.config import PROFILES, ConfigError, Schedule, Sizes
from seq2seq_lib.data.batches import pad_share
from seq2seq_lib.evaluation.translation import translate
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.records import RecordError
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.experiments.studies import recorded_study, run_study, studies_at_rates
from seq2seq_lib.experiments.weights import load_trained, weights_path
from seq2seq_lib.models.variants import VARIANTS, Variant, variants_of
from seq2seq_lib.training.trainer import evaluate

PROFILE = dataclasses.replace(
    PROFILES["smoke"],
    name="tiny",
    sizes=Sizes(6, 7, 1, 0.1),
    schedule=Schedule(epochs=2, batch_size=8, pad_to=8, learning_rate=1e-2, log_every=2),
    seeds=(1, 2),
    train_pairs=40,
    valid_pairs=10,
    test_pairs=6,
)


@pytest.fixture(scope="module")
def data(tiny_data):
    return tiny_data


def run(data, folder, **options):
    return run_study("encoder", PROFILE, data=data, folder=folder, variants=("baseline", "reversed"), **options)


def without_time(record):
    """A record without what differs from run to run."""
    epochs = [{**epoch, "seconds": 0} for epoch in record["epochs"]]
    return {**record, "epochs": epochs, "tokens_per_second": 0, "environment": {}}


@pytest.fixture(scope="module")
def study(data, tmp_path_factory):
    return run(data, tmp_path_factory.mktemp("study"), n_jobs=1)


def test_a_study_has_a_record_for_each_variant_and_seed(study):
    assert [(record["variant"], record["seed"]) for record in study.records] == [
        ("baseline", 1), ("reversed", 1), ("baseline", 2), ("reversed", 2),
    ]  # fmt: skip
    assert study.record("reversed", 2) is study.records[3]
    with pytest.raises(ConfigError, match="bilstm-sum"):
        study.record("bilstm-sum")


def test_a_record_holds_what_the_design_says(study, data):
    record = study.records[0]
    assert record["parameters"]["total"] == sum(record["parameters"][part] for part in ("encoder", "bridge", "decoder"))
    assert [epoch["epoch"] for epoch in record["epochs"]] == [1, 2]
    assert [step for step, _ in record["train_loss"]] == [2, 4, 5, 6, 8, 10]
    assert record["test"]["signature"].startswith("nrefs:1|case:lc")
    assert record["test"]["chrf_signature"].startswith("nrefs:1|case:lc")
    assert 0 < record["test"]["token_accuracy"] < 1
    assert 0 <= record["test"]["exact"] < 1
    assert record["test"]["by_tag"] == {}, "the corpus has no tags"
    assert sum(record["test"]["by_length"]["pairs"]) == PROFILE.test_pairs
    assert [pair["source"] for pair in record["translations"]] == [pair.source for pair in data.corpus.test[:5]]
    assert record["settings"]["data"] == data.fingerprint
    assert record["pad_share"] == pytest.approx(pad_share(data.train[:40], 8), abs=1e-4)
    assert {"python", "torch", "device", "threads"} <= set(record["environment"])


def test_the_frame_is_tidy(study):
    assert set(study.frame["metric"]) == {"train_loss", "valid_loss", "valid_perplexity"}
    assert len(study.frame) == 4 * (6 + 2 * 2)
    assert len(study.runs) == 4


def test_what_is_recorded_is_not_trained_again(study, data, tmp_path, capsys, monkeypatch):
    first = run(data, tmp_path, seeds=(1,), n_jobs=1)
    assert "2 runs, 0 on record, 2 to train" in capsys.readouterr().out
    monkeypatch.setattr("seq2seq_lib.experiments.runner.Trainer.fit", lambda *a, **k: pytest.fail("trained again"))
    assert run(data, tmp_path, seeds=(1,), n_jobs=1).records == first.records
    assert "2 runs, 2 on record, 0 to train" in capsys.readouterr().out


def test_side_by_side_gives_the_records_of_one_by_one(study, data, tmp_path):
    parallel = run(data, tmp_path, n_jobs=2)
    assert {record["environment"]["threads"] for record in parallel.records} == {1}
    assert [without_time(record) for record in parallel.records] == [without_time(record) for record in study.records]


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": Sizes(6, 8, 1, 0.1)},
        {"schedule": dataclasses.replace(PROFILE.schedule, learning_rate=2e-2)},
        {"train_pairs": 39},
    ],
)
def test_every_setting_enters_the_key(data, change):
    job = RunSpec("baseline", VARIANTS["baseline"], PROFILE, 1)
    assert dataclasses.replace(job, profile=dataclasses.replace(PROFILE, **change)).key(data) != job.key(data)
    assert dataclasses.replace(job, seed=2).key(data) != job.key(data)
    redefined = dataclasses.replace(job, variant=VARIANTS["reversed"])
    assert redefined.key(data) != job.key(data), "another model under the old name must not find its record"


def test_a_variant_of_ones_own_needs_one_entry(data, tmp_path, monkeypatch):
    mine = Variant("encoder", "Mine", "Because.", VARIANTS["bilstm-sum"].encoder, VARIANTS["bilstm-sum"].bridge)
    monkeypatch.setitem(VARIANTS, "mine", mine)
    assert "mine" in variants_of("encoder")
    study = run_study("encoder", PROFILE, data=data, folder=tmp_path, variants=("mine",), seeds=(1, 2), n_jobs=2)
    assert [record["variant"] for record in study.records] == ["mine", "mine"]


def test_trained_weights_come_back(study, data, tmp_path):
    made = run(data, tmp_path, seeds=(1,), n_jobs=1)
    record = made.record("baseline")
    model = load_trained(record, tmp_path)
    test = data.test[: PROFILE.test_pairs]
    assert evaluate(model, test, PROFILE.schedule) == pytest.approx(record["test"]["loss"], abs=1e-6)
    sentences = [pair["source"] for pair in record["translations"]]
    expected = [pair["translation"] for pair in record["translations"]]
    assert translate(model, data, sentences, pad_to=8) == expected
    with pytest.raises(RecordError, match="not on this machine"):
        load_trained(record, tmp_path / "elsewhere")


@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:-50], lambda whole: b"x" * 50])
def test_damaged_weights_are_named(study, tmp_path, damage):
    record = study.record("baseline")
    whole = weights_path(record, study.folder).read_bytes()
    path = weights_path(record, tmp_path)
    path.write_bytes(damage(whole))
    with pytest.raises(RecordError, match=path.name):
        load_trained(record, tmp_path)


def test_weights_that_may_not_be_read_are_not_called_damaged(study, monkeypatch):
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    record = study.record("baseline")
    monkeypatch.setattr(type(study.folder), "open", refuse)
    with pytest.raises(PermissionError, match=weights_path(record, study.folder).name):
        load_trained(record, study.folder)


def test_weights_of_another_run_are_named(study, tmp_path):
    record, other = study.record("baseline"), study.record("reversed")
    weights_path(record, tmp_path).write_bytes(weights_path(other, study.folder).read_bytes())
    with pytest.raises(RecordError, match="holds the weights of another run"):
        load_trained(record, tmp_path)
    save_file(load_file(weights_path(record, study.folder)), weights_path(record, tmp_path))
    with pytest.raises(RecordError, match="holds the weights of another run"):
        load_trained(record, tmp_path)


def test_an_edited_weight_is_named(study, tmp_path):
    record = study.record("baseline")
    whole = bytearray(weights_path(record, study.folder).read_bytes())
    whole[-1] ^= 1
    weights_path(record, tmp_path).write_bytes(whole)
    with pytest.raises(RecordError, match="was changed after it had been written"):
        load_trained(record, tmp_path)


@pytest.mark.parametrize("name", ["../up", "a/b", "/etc", "..", ".hidden", "-x", "a\nb", "", " x", "x" * 200, 7, None])
def test_no_name_leads_out_of_a_folder(data, tmp_path, name):
    with pytest.raises(ConfigError, match=r"name is .*give a name of at most 100 characters"):
        run_study("all", dataclasses.replace(PROFILE, name=name), data=data)
    with pytest.raises(ConfigError, match=r"variant's name is .*give a name of at most 100 characters"):
        RunSpec(name, VARIANTS["baseline"], PROFILE, 1)
    dataclasses.replace(PROFILE, name="H=256 (α, 한국어)")


def test_committed_records_are_read_without_a_corpus(study, tmp_path):
    for record in study.records:
        records.write_record({**record, "profile": "report"}, tmp_path / "report")
    found = recorded_study("encoder", "report", folder=tmp_path / "report")
    assert found.variants == ("baseline", "reversed")
    assert len(found.records) == 4
    with pytest.raises(RecordError, match="holds no records: `python -m seq2seq_lib study encoder --profile full"):
        recorded_study("encoder", "full", folder=tmp_path / "full")
    settings = {**study.records[0]["settings"], "pairs": [1, 1, 1]}
    stale = {**study.records[0], "settings": settings, "key": records.key_of(settings)}
    records.write_record(stale, tmp_path / "report")
    with pytest.raises(RecordError, match="one run twice: keep one of baseline-seed1"):
        recorded_study("encoder", "report", folder=tmp_path / "report")


def test_sources_that_are_cut_are_counted_aloud(study, data, tmp_path, capsys):
    short = dataclasses.replace(PROFILE, schedule=dataclasses.replace(PROFILE.schedule, pad_to=5, epochs=1))
    run_study("encoder", short, data=data, folder=tmp_path, variants=("baseline",), seeds=(1,), n_jobs=1)
    longer = sum(len(example.source) > 5 for example in data.train[: PROFILE.train_pairs])
    assert longer > 0
    assert f"{longer} training sources are longer than 5 positions" in capsys.readouterr().out
    run(data, tmp_path, seeds=(1,), n_jobs=1)
    assert "positions" not in capsys.readouterr().out


def test_unknown_names_are_refused_before_anything_is_loaded():
    with pytest.raises(ConfigError, match="smoke, quick, long, short, subwords, report, full"):
        run_study("encoder", "fast")
    with pytest.raises(ConfigError, match="encoder, decoder, enc_dec"):
        run_study("encoders", "smoke")
    with pytest.raises(ConfigError, match="bilstm-concat"):
        run_study("encoder", "smoke", variants=("bilstm",))


def test_a_seed_or_a_variant_that_is_named_twice_is_refused(study, data, tmp_path):
    """One run would be counted as several that agree perfectly."""
    with pytest.raises(ConfigError, match="The list of seeds has 1 2 times; give each once"):
        run(data, tmp_path, seeds=(1, 2, 1))
    with pytest.raises(ConfigError, match="The list of variants has 'baseline' 3 times"):
        run_study("encoder", PROFILE, data=data, folder=tmp_path, variants=("baseline",) * 3)
    with pytest.raises(ConfigError, match="The list of variants has 'baseline' 2 times"):
        recorded_study("encoder", PROFILE, variants=("baseline", "baseline"), folder=study.folder)
    with pytest.raises(ConfigError, match=r"Profile\.seeds has 4 2 times"):
        dataclasses.replace(PROFILE, seeds=(4, 5, 4))
    assert not records.read_records(tmp_path)


@pytest.mark.parametrize("twice", [["--seeds", "1", "1"], ["--variants", "baseline", "baseline"]])
def test_the_command_refuses_it_in_one_sentence(twice, tmp_path, capsys):
    assert main(["study", "encoder", "--profile", "smoke", "--records", str(tmp_path), *twice]) == 2
    told = capsys.readouterr()
    assert re.fullmatch(r"seq2seq_lib: The list of \w+ has .* 2 times; give each once, .*\.\n", told.err)
    assert told.out == ""


@pytest.mark.parametrize("name", ["long", "short"])
def test_each_rate_has_the_runs_that_were_trained_at_it(name):
    found = studies_at_rates(name)
    assert list(found) == sorted(found)
    assert len(found) == 3
    assert found[PROFILES[name].schedule.learning_rate].records == recorded_study("all", name).records
    for rate, study in found.items():
        assert {record["settings"]["schedule"]["learning_rate"] for record in study.records} == {rate}
