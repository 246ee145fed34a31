"""Weights that travel with the project translate without a corpus, and are refused where they no longer fit."""

import json

import pytest
import torch
from safetensors.torch import load_file

from seq2seq_lib.data.corpora import Corpus
from seq2seq_lib.evaluation.translation import translate
from seq2seq_lib.experiments import records, weights
from seq2seq_lib.experiments.records import RecordError, write_record
from seq2seq_lib.experiments.studies import recorded_study, run_study
from seq2seq_lib.experiments.weights import SHIPPED, load_shipped, ship, weights_path
from seq2seq_lib.models.variants import VARIANTS, Variant
from tests.test_studies import PROFILE


@pytest.fixture(scope="module")
def trained(tiny_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    return run_study("decoder", PROFILE, data=tiny_data, folder=folder, variants=("tied",), seeds=(1,), n_jobs=1)


@pytest.fixture
def shipped(trained, tiny_data, tmp_path, monkeypatch):
    """A folder of shipped weights, whose records are committed."""
    monkeypatch.setattr(records, "COMMITTED", tmp_path / "records")
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "weights")
    write_record(trained.record("tied"), tmp_path / "records" / PROFILE.name)
    ship(trained.record("tied"), trained.folder, tiny_data, tmp_path / "weights")
    return tmp_path / "weights"


def test_a_shipped_model_translates_as_the_trained_one_without_the_corpus(trained, tiny_data, shipped, monkeypatch):
    monkeypatch.setattr(Corpus, "__init__", lambda *a, **k: pytest.fail("a corpus was made"))
    found = load_shipped(PROFILE.name, "tied", shipped)
    sentences = [pair["source"] for pair in trained.record("tied")["translations"]]
    expected = translate(trained.model("tied"), tiny_data, sentences, pad_to=PROFILE.schedule.pad_to)
    assert translate(found.model, found, sentences, pad_to=found.pad_to) == expected
    assert found.model.decoder.output.weight is found.model.decoder.embedding.weight
    assert load_shipped(PROFILE.name, "baseline", shipped) is None
    assert load_shipped(PROFILE.name, "tied", shipped, seed=1)
    assert load_shipped(PROFILE.name, "tied", shipped, seed=11) is None


def test_the_best_is_taken_where_no_variant_is_asked_for(tmp_path, tiny_data, monkeypatch):
    names, cache = ("baseline", "tied"), tmp_path / "cache"
    study = run_study("decoder", PROFILE, data=tiny_data, folder=cache, variants=names, seeds=(1,), n_jobs=1)
    monkeypatch.setattr(records, "COMMITTED", tmp_path / "records")
    for record in study.records:
        write_record(record, tmp_path / "records" / PROFILE.name)
        ship(record, study.folder, tiny_data, tmp_path / "weights")
    best = study.ranked()[0]
    found = load_shipped(PROFILE.name, folder=tmp_path / "weights")
    chosen = study.model(best).state_dict()
    assert all(torch.allclose(weight, chosen[name], atol=1e-2) for name, weight in found.model.state_dict().items())
    assert load_shipped("another", folder=tmp_path / "weights") is None


def test_a_stored_study_has_the_shipped_model(shipped):
    assert recorded_study("all", PROFILE).model("tied").decoder.projection


def test_the_weights_take_half_the_room(trained, shipped):
    record = trained.record("tied")
    half, whole = (load_file(weights_path(record, folder)) for folder in (shipped, trained.folder))
    assert half.keys() == whole.keys()
    for name, tensor in whole.items():
        assert half[name].element_size() * 2 == tensor.element_size()


def test_weights_that_fit_their_record_no_longer_are_refused_by_name(shipped, monkeypatch):
    (path,) = shipped.glob("*.safetensors")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(RecordError, match=rf"{path.name} was changed"):
        load_shipped(PROFILE.name, "tied", shipped)
    path.write_bytes(another_word := whole.replace(b'cat\\"', b'hat\\"', 1))
    assert another_word != whole
    with pytest.raises(RecordError, match=r"was changed .*: `git checkout -- data/weights` restores it"):
        load_shipped(PROFILE.name, "tied", shipped)
    path.write_bytes(whole)
    monkeypatch.setitem(VARIANTS, "tied", Variant("decoder", "", ""))
    with pytest.raises(RecordError, match="'tied' was trained by another definition"):
        load_shipped(PROFILE.name, "tied", shipped)


def test_every_file_in_the_projects_own_folder_belongs_to_a_committed_record_and_is_whole():
    files = {path.name: path for path in SHIPPED.glob("*.safetensors")}
    for record in records.read_records(records.COMMITTED):
        if path := files.pop(weights_path(record, SHIPPED).name, None):
            assert load_shipped(record["profile"], record["variant"]), path.name
    assert not files, "weights whose record is not committed"
    assert sum(path.stat().st_size for path in SHIPPED.glob("*.safetensors")) < 50e6


def test_vocabularies_are_plain_json(shipped):
    from safetensors import safe_open

    with safe_open(next(shipped.glob("*.safetensors")), framework="pt") as file:
        told = json.loads(file.metadata()["run"])
    assert [language for language, _, subwords in told["vocabularies"] if subwords is None] == ["en", "fr"]
