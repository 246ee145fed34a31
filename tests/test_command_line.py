"""`translate` from a shell: one translation a line, and one sentence about what is missing."""

import io
import re
import shlex

import pytest

from seq2seq_lib.__main__ import main
from seq2seq_lib.analysis.claims import CLAIMS
from seq2seq_lib.config import Profile, Schedule, Sizes
from seq2seq_lib.data.corpora import load_corpus
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.evaluation.translation import translate_as_typed
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.studies import recorded_study
from seq2seq_lib.experiments.weights import load_trained

TINY = ["translate", "--profile", "tiny", "--variant", "baseline"]
SENTENCES = ["A cat sleeps.", "A dog runs.", "A zebra runs."]


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A profile of its own, whose corpus is a file and whose cache is empty."""
    nouns, verbs = ("cat chat", "dog chien", "bird oiseau", "child enfant"), ("sleeps dort", "runs court", "eats mange")
    pairs = [(noun.split(), verb.split()) for noun in nouns for verb in verbs]
    lines = [f"A {noun[0]} {verb[0]}.\tUn {noun[1]} {verb[1]}.\n" for noun, verb in pairs]
    corpus = tmp_path / "pairs.tsv"
    corpus.write_text("".join(lines), encoding="utf-8")
    schedule = Schedule(epochs=1, batch_size=4, pad_to=6, learning_rate=1e-2)
    profile = Profile("tiny", str(corpus), Sizes(6, 8, 1, 0.0), schedule, seeds=(4, 5))
    monkeypatch.setattr("seq2seq_lib.config.PROFILES", {"tiny": profile})
    monkeypatch.setattr(records, "CACHE", tmp_path / "cache")
    return profile


@pytest.fixture
def trained(tiny, capsys):
    assert main(["study", "encoder", "--profile", "tiny", "--variants", "baseline", "--jobs", "1"]) == 0
    capsys.readouterr()
    return tiny


def lines_of(capsys, *arguments):
    assert main([*TINY, *arguments]) == 0
    shown = capsys.readouterr()
    said = re.sub(r"Translations cut because they had not ended after 60 tokens: \d\.\n", "", shown.err)
    assert said in ("", "Not in the model's vocabulary, read as <unk>, which it never met in training: zebra.\n")
    return shown.out.removesuffix("\n").split("\n")


@pytest.mark.parametrize(("options", "seed", "beam"), [([], 4, 1), (["--seed", "5", "--beam", "3"], 5, 3)])
def test_a_shell_gives_what_a_notebook_gives(trained, capsys, options, seed, beam):
    data = prepare(load_corpus(trained.corpus, quiet=True))
    (record,) = (found for found in records.read_records(records.CACHE) if found["seed"] == seed)
    expected = translate_as_typed(load_trained(record), data, SENTENCES, pad_to=6, beam=beam)
    assert lines_of(capsys, *SENTENCES, *options) == [found.text for found in expected]


def test_without_sentences_lines_are_read_and_empty_ones_stay(trained, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SENTENCES[0]}\n\n  \n{SENTENCES[1]}"))
    first, empty, blank, second = lines_of(capsys)
    assert empty == blank == ""
    assert [first, second] == lines_of(capsys, *SENTENCES[:2])
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(TINY) == 0
    assert capsys.readouterr().out == ""


def test_each_sentence_of_a_line_is_translated(trained, capsys):
    first, second = lines_of(capsys, *SENTENCES[:2])
    assert lines_of(capsys, " ".join(SENTENCES[:2])) == [f"{first} {second}"]


@pytest.mark.parametrize("from_file", [False, True])
def test_text_that_is_not_utf8_is_named(trained, capsys, monkeypatch, from_file):
    bad = "A café.".encode("latin-1")
    stdin = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfA cat sleeps.\n" + bad), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", stdin)
    assert main(TINY if from_file else [*TINY, SENTENCES[0], bad.decode("utf-8", "surrogateescape")]) == 2
    assert f"{'Line' if from_file else 'Sentence'} 2 is not UTF-8" in capsys.readouterr().err


def test_a_byte_order_mark_is_no_part_of_a_word(trained, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"\ufeff{SENTENCES[0]}".encode()), encoding="utf-8"))
    assert lines_of(capsys) == lines_of(capsys, SENTENCES[0]) == lines_of(capsys, f"\ufeff{SENTENCES[0]}")


def test_a_cut_sentence_is_counted_aloud(trained, capsys):
    assert main([*TINY, "A cat and a dog and a bird sleep.", SENTENCES[0]]) == 0
    shown = capsys.readouterr()
    assert shown.err == (
        "Sentences cut because they are longer than 6 positions: 1.\n"
        "Not in the model's vocabulary, read as <unk>, which it never met in training: and, sleep.\n"
        "Translations cut because they had not ended after 60 tokens: 2.\n"
    )
    assert len(shown.out.splitlines()) == 2


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_is_not_trained_ends_in_the_command_that_trains_it(tiny, tmp_path, capsys, elsewhere):
    command = [*TINY, SENTENCES[0], "--variant", "reversed", "--seed", "9"]
    command += ["--records", str(tmp_path / "other place")] if elsewhere else []
    assert main(command) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    (told,) = re.findall(r"has no run of reversed with seed 9: `(python -m seq2seq_lib study .*)` trains it", shown.err)
    assert main(shlex.split(told)[3:]) == 0
    assert main(command) == 0


def test_a_record_without_weights_says_what_to_do(trained, capsys):
    for weights in records.CACHE.rglob("*.safetensors"):
        weights.unlink()
    for folder, remedy in ([], "delete that file"), (["--records", str(records.CACHE / "tiny")], "leave --records out"):
        assert main([*TINY, SENTENCES[0], *folder]) == 2
        message = capsys.readouterr().err
        assert f"without its weights: {remedy}, and `python -m seq2seq_lib study encoder" in message
        assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--variant", "bilstm"], "no variant 'bilstm'"),
        (["--beam", "0"], "width is 0"),
        (["--beam", "9999"], "width is 9999"),
    ],
)
def test_wrong_options_end_in_one_sentence(trained, capsys, options, sentence):
    assert main([*TINY, SENTENCES[0], *options]) == 2
    message = capsys.readouterr().err
    assert sentence in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["study", "decoder", "--profile", "smoke", "--seeds", "9" * 20], "A seed is 99999999999999999999; give"),
        (["study", "decoder", "--profile", "smoke", "--jobs", "0"], "n_jobs is 0; give"),
        (["study", "decoder", "--profile", "smoke", "--jobs", "-5"], "n_jobs is -5; give"),
        (["study", "decoder", "--profile", "smoke", "--records", "FILE/x"], "x cannot be used (Not a directory)"),
        (["pack", "--profile", "smoke", "--out", "FILE/x"], "cannot be used"),
        (["report", "--out", "FILE/x"], "x cannot be used (Not a directory): check the path"),
        (["study", "all", "--data", "nowhere.gz"], "nowhere.gz cannot be read (No such file"),
        (["export", "nowhere.ipynb", "--to", "pdf"], "no notebook nowhere.ipynb"),
    ],
)
def test_what_cannot_work_ends_in_one_sentence(tmp_path, monkeypatch, capsys, options, sentence):
    """Before anything is trained: FILE is a file where a folder should be."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").touch()
    monkeypatch.setattr("seq2seq_lib.experiments.runner.Trainer.fit", lambda *_: pytest.fail("a run was trained"))
    assert main(options) == 2
    (message,) = capsys.readouterr().err.splitlines()[-1:]
    assert message.startswith("seq2seq_lib: ")
    assert sentence in message


@pytest.mark.parametrize("section", ["encoder", "decoder", "enc_dec", "all"])
def test_the_verdicts_of_a_section_are_printed_from_the_stored_records(section, capsys):
    assert main(["verdicts", section]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.startswith("Profile long")
    run = set(recorded_study("all", "long").variants)
    wanted = [
        claim.text
        for claim in CLAIMS
        if section in (claim.section, "all") and claim.epochs <= 10
        if {claim.first, claim.second} - {1.0} <= run
    ]
    assert len(lines) == 1 + len(wanted)
    for text, line in zip(wanted, lines[1:], strict=True):
        assert text in line
        assert re.search("supported|contradicted|equal|undecided|too few pairs|not judged", line)


def test_a_profile_without_records_is_one_sentence(tmp_path, capsys):
    assert main(["verdicts", "all", "--profile", "full", "--records", str(tmp_path)]) == 2
    assert "holds no records: `python -m seq2seq_lib study all --profile full" in capsys.readouterr().err
