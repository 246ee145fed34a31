"""A run on a machine with torch alone, scored at home, leaves the record of an ordinary run."""

import json
import os
import subprocess
import sys

import pytest

from seq2seq_lib.__main__ import main
from seq2seq_lib.config import PROFILES
from seq2seq_lib.data.batches import EOS
from seq2seq_lib.data.corpora import load_corpus
from seq2seq_lib.data.dataset import save_data
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.evaluation.search import as_sources
from seq2seq_lib.experiments import dataframes, records
from seq2seq_lib.experiments.records import RecordError
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.experiments.unscored import is_unscored, score, score_folder
from seq2seq_lib.utils.packages import is_installed
from tests.made_up import record
from tests.test_studies import PROFILE, without_time

# What comes with torch; all else that is not Python's own cannot be imported.
TORCHS_OWN = (
    "torch", "torchgen", "functorch", "triton", "nvidia", "numpy", "sympy", "mpmath", "networkx", "jinja2",
    "markupsafe", "filelock", "fsspec", "typing_extensions",
)  # fmt: skip
TORCH_ALONE = f"""
import sys

class TorchAlone:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in {TORCHS_OWN!r} or top in sys.stdlib_module_names or top == "seq2seq_lib":
            return self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(TorchAlone, sys.meta_path)
from seq2seq_lib.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
STUDY = ["study", "encoder", "--profile", "smoke", "--variants", "baseline", "--seeds", "1"]


@pytest.fixture(scope="module")
def data():
    return prepare(load_corpus("grammar", quiet=True))


@pytest.fixture(scope="module")
def packed(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("packed") / "corpus.json.gz"
    save_data(data, path)
    return path


def on_torch_alone(*arguments):
    """A command on a machine with torch alone, on one thread."""
    return subprocess.run(
        [sys.executable, "-c", TORCH_ALONE, *map(str, arguments)],
        capture_output=True, text=True, cwd=records.ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def away(packed, tmp_path_factory):
    """The folder of a study on torch alone, and what the study said."""
    folder = tmp_path_factory.mktemp("away")
    return folder, on_torch_alone(*STUDY, "--jobs", 2, "--data", packed, "--records", folder)


def test_a_study_on_torch_alone_says_what_it_leaves_out(away):
    folder, study = away
    assert study.returncode == 0, study.stderr
    assert study.stdout.splitlines() == [
        "Profile smoke: 1 runs, 0 on record, 1 to train.",
        "safetensors is not installed: no weights are written.",
        "joblib is not installed: the runs go one after the other.",
        "Records without BLEU and other scores: 1. Where sacrebleu is installed, "
        f"`python -m seq2seq_lib score {folder}` adds them.",
        "No table of results: not installed here: pandas, sacrebleu.",
    ]
    assert "10 of 10 steps" in study.stderr
    assert "Traceback" not in study.stderr
    assert {path.suffix for path in folder.iterdir() if path.is_file()} == {".json"}


def test_scored_at_home_it_is_the_record_of_an_ordinary_run(away, packed, data, tmp_path, capsys):
    (unscored,) = records.read_records(away[0])
    assert is_unscored(unscored)
    assert set(unscored["test"]) == {"loss", "perplexity", "unscored"}
    ordinary = run_study("encoder", "smoke", variants=("baseline",), seeds=(1,), data=data, jobs=1, folder=tmp_path)
    for count in (1, 0):
        capsys.readouterr()
        assert main(["score", str(away[0]), "--data", str(packed)]) == 0
        assert capsys.readouterr().out == f"Scored {count} of 1 records.\n", "scored ones are left alone"
    (scored,) = records.read_records(away[0])
    assert without_time(scored) == without_time(ordinary.records[0])
    assert list(scored["test"]) == list(ordinary.records[0]["test"])
    assert set(unscored["environment"]) == set(ordinary.records[0]["environment"])


def test_the_ids_of_data_are_those_of_its_sentences_tokenised_again(data):
    again = as_sources(data, [pair.source for pair in data.corpus.test])
    assert [example.source for example in again] == [example.source for example in data.test]
    assert all(example.source[-1] == EOS for example in data.test)


def waiting(seed=1, **changes):
    """A made-up record without scores."""
    kept = {"unscored": {"translations": ["un chat"], "forced": [[1.0, 2, 3]]}}
    made = record(seed=seed, **changes)
    return {**made, "test": {"loss": 2.5, "perplexity": 12.2, **kept}}


def test_an_unscored_record_can_be_read_by_all():
    pytest.importorskip("pandas")
    found = [waiting(), record(seed=2)]
    runs = dataframes.summarise(found)
    for column, scored in (("bleu", 12.0), ("chrf", 32.0), ("token_accuracy", 0.5)):
        assert runs[column].isna().tolist() == [True, False]
        assert runs[column][1] == scored
    assert runs["test_perplexity"][0] == 12.2
    assert set(dataframes.tidy(found)["seed"]) == {1, 2}
    for grouped in (dataframes.by_tag(found), dataframes.by_length(found)):
        assert set(grouped["seed"]) == {2}


def test_evidence_and_tables_read_an_unscored_record():
    pytest.importorskip("pandas")
    from seq2seq_lib.analysis.claims import Claim
    from seq2seq_lib.analysis.verdicts import bleu_over_sentences, paired_differences
    from seq2seq_lib.experiments.studies import Study
    from seq2seq_lib.report.tables import comparison

    names = ("baseline", "bilstm-mean")
    found = tuple(waiting(seed, variant=name) for name in names for seed in (1, 2))
    study = Study("encoder", PROFILES["quick"], names, found)
    claim = Claim("made-up", "encoder", "ours", "It is better.", "bilstm-mean", "baseline", "higher", "bleu")
    assert bleu_over_sentences(claim, study) is None
    assert paired_differences(claim, study) == ()
    assert len(comparison(study)) == 2


@pytest.fixture
def without_sacrebleu(tiny_data, tmp_path, monkeypatch):
    """A folder with the unscored record of a small study, made where sacrebleu is not installed."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("seq2seq_lib.experiments.unscored.is_installed", lambda name: name != "sacrebleu")
        run_study("encoder", PROFILE, variants=("baseline",), seeds=(1,), data=tiny_data, jobs=1, folder=tmp_path)
    return tmp_path


def test_only_the_data_of_the_run_can_score_it(without_sacrebleu, data, tiny_data, packed, capsys, monkeypatch):
    (unscored,) = records.read_records(without_sacrebleu)
    with pytest.raises(RecordError, match=r"baseline-seed1-.* was made with other data than grammar with min_freq 1"):
        score(unscored, data)
    assert main(["score", str(without_sacrebleu), "--data", str(packed)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert records.read_records(without_sacrebleu) == [unscored]
    monkeypatch.setattr("seq2seq_lib.experiments.unscored.is_installed", lambda name: False)
    with pytest.raises(RecordError, match="cannot be scored without sacrebleu: install it"):
        score(unscored, tiny_data)


def test_without_data_the_profiles_own_corpus_scores(without_sacrebleu, tiny_data, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr("seq2seq_lib.__main__._own_data", lambda profile: asked.append(profile) or tiny_data)
    records.write_record(record(seed=7), without_sacrebleu)
    assert main(["score", str(without_sacrebleu)]) == 0
    assert capsys.readouterr().out == "Scored 1 of 2 records.\n"
    assert asked == [PROFILE.name]
    assert not any(map(is_unscored, records.read_records(without_sacrebleu)))


def test_scored_records_need_no_data_and_keep_their_bytes(tmp_path):
    path = records.write_record(record(), tmp_path / "deep")
    path.write_text(json.dumps(json.loads(path.read_text())), encoding="utf-8")  # laid out as this library would not
    before = path.read_bytes()
    assert score_folder(tmp_path, lambda record: pytest.fail("asked for data")) == (0, 1)
    assert path.read_bytes() == before


def test_a_folder_without_records_is_named(tmp_path, capsys):
    assert main(["score", str(tmp_path / "nowhere")]) == 2
    assert "nowhere holds no records: give the folder" in capsys.readouterr().err


class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name == "tqdm":
            raise ImportError("refused")


def test_what_is_installed_is_found_without_loading_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "tqdm", raising=False)
    assert is_installed("tqdm")
    assert "tqdm" not in sys.modules
    assert not is_installed("no_such_package")
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    assert not is_installed("tqdm")
