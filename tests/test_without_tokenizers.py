"""A packed corpus is trained on, and its run scored, where neither tokenizers nor what notebooks need is installed."""

import os
import subprocess
import sys

import pytest

from seq2seq_lib.data.corpora import load_corpus
from seq2seq_lib.data.dataset import save_data
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.data.vocabulary import EOS
from seq2seq_lib.evaluation.translation import as_sources
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.studies import run_study
from tests.test_studies import without_time

#: What the extra `report` brings beyond a run's own needs.
HIDDEN = ("spacy", "torchtext", "matplotlib", "ipywidgets", "IPython", "jupyterlab", "torchinfo", "pypandoc", "typst")
WITHOUT_THEM = f"""
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HIDDEN!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
from seq2seq_lib.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
STUDY = ("study", "encoder", "--profile", "smoke", "--variants", "baseline", "--seeds", "1", "--jobs", "1")


@pytest.fixture(scope="module")
def data():
    return prepare(load_corpus("grammar", quiet=True))


def test_the_record_is_that_of_an_ordinary_run(data, tmp_path):
    save_data(data, packed := tmp_path / "corpus.json.gz")
    away = tmp_path / "away"
    study = subprocess.run(
        [sys.executable, "-c", WITHOUT_THEM, *STUDY, "--data", str(packed), "--records", str(away)],
        capture_output=True, text=True, cwd=records.ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert study.returncode == 0, study.stderr
    assert "Lab's model" in study.stdout
    (found,) = records.read_records(away)
    ordinary = run_study("encoder", "smoke", variants=("baseline",), seeds=(1,), data=data, n_jobs=1, folder=tmp_path)
    assert without_time(found) == without_time(ordinary.records[0])


def test_the_ids_of_data_are_those_of_its_sentences_tokenised_again(data):
    again = as_sources(data, [pair.source for pair in data.corpus.test])
    assert [example.source for example in again] == [example.source for example in data.test]
    assert all(example.source[-1] == EOS for example in data.test)
