"""Whatever bytes, texts or options come in, what comes out is a result or one sentence that names the culprit."""

import contextlib
import gzip
import io
import json
import os
import string
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seq2seq_lib.__main__ import main
from seq2seq_lib.config import PROFILES, ConfigError, Profile, Schedule, Sizes
from seq2seq_lib.data.corpora import load_corpus
from seq2seq_lib.data.dataset import load_data, save_data
from seq2seq_lib.data.pairs import CorpusError
from seq2seq_lib.experiments.records import RecordError, read_record, write_record
from tests.made_up import record

#: The same cases each time; `FUZZ_CASES=20000 pytest tests/test_fuzz.py` tries as many others.
OTHERS = os.environ.get("FUZZ_CASES")
CASES = int(OTHERS or 1_000)
FUZZ = settings(
    max_examples=CASES, deadline=None, derandomize=not OTHERS, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip

#: Any script, right-to-left marks, emoji, zero-width characters, separators that only look like line ends, and markup.
ODD = st.sampled_from([
    "é", "œ", "«", "안녕", "שלום", "\u200f", "\u202e", "🙂", "\u200b", "\ufeff", "\u2028", "\x85", "\x0b", "\x1c", '"',
    ",", "\t", "\r", "\x00", "<script>", "</textarea>", "$x$", "#set", "`", "<pad>", "<eos>", "|", "\\",
])  # fmt: skip
SIDES = st.lists(st.one_of(ODD, st.text(string.ascii_letters + " ", max_size=6)), max_size=6).map("".join)


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def attempt(error, call, *arguments, **options):
    """The call's result and no words, or None and the words of `error`; any other error is a failure."""
    try:
        return call(*arguments, **options), ""
    except error as told:
        return None, str(told)


def read_or_told(path, **options):
    """A corpus that holds what it says, or one sentence that names the file."""
    corpus, told = attempt(CorpusError, load_corpus, path, quiet=True, **options)
    if told:
        assert "\n" not in told
        assert path.name in told
        return
    for split in (corpus.train, corpus.valid, corpus.test):
        assert split
        assert all(pair.source.strip() and pair.target.strip() for pair in split)


@FUZZ
@given(content=st.binary(max_size=400), name=st.sampled_from(["a.tsv", "a.csv"]))
def test_any_bytes(tmp_path, content, name):
    read_or_told(written(tmp_path, name, content))


COLUMNS = st.sampled_from([None, (1, 2), (2, 4), ("source", "target"), ("en", "fr"), (0, 1), (1, 1)])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
NAMES = st.sampled_from(["a.tsv", "a.csv"])


@FUZZ
@given(st.lists(st.lists(SIDES, min_size=1, max_size=4), max_size=12), NAMES, ENDS, st.booleans(), COLUMNS)
def test_rows_that_are_nearly_right(tmp_path_factory, rows, name, end, mark, columns):
    tmp_path = tmp_path_factory.getbasetemp()
    comma = name.endswith("csv")
    head = [["source", "target"]] if comma else []
    text = end.join(("," if comma else "\t").join(row) for row in [*head, *rows])
    read_or_told(written(tmp_path, name, (b"\xef\xbb\xbf" if mark else b"") + text.encode()), columns=columns)


@FUZZ
@given(pairs=st.lists(st.tuples(SIDES, SIDES), min_size=3, max_size=12, unique=True))
def test_sentences_of_any_script_become_ids_and_sentences_again(tmp_path, pairs):
    from seq2seq_lib.data.tokenization import prepare

    text = "\n".join(f"{source}\t{target}" for source, target in pairs)
    path = written(tmp_path, "a.tsv", text.encode())
    corpus, told = attempt(CorpusError, load_corpus, path, quiet=True)
    if told:
        return
    data = prepare(corpus)
    for example in (*data.train, *data.valid, *data.test):
        assert example.source[-1] == example.target[-1] == 3
        assert 3 not in example.source[:-1], "text cannot end a sentence"
        data.src.decode(example.source)
        data.tgt.decode(example.target)


def changed(draw, node):
    """The value with one of its parts, however deep, replaced or left out."""
    if not isinstance(node, dict | list) or not node or draw(st.integers(0, 3)) == 0:
        return draw(JUNK)
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    key = draw(st.sampled_from(keys))
    copy = node.copy()
    if draw(st.booleans()):
        copy[key] = changed(draw, node[key])
    else:
        del copy[key]
    return copy


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 10**6), st.floats(), st.text(max_size=3), st.just([]), st.just({}),
    st.just("../../up"), st.just([[1, 2]]), st.just({"pairs": 1}),
)  # fmt: skip


@FUZZ
@given(st.data())
def test_any_change_of_a_record_is_noticed(tmp_path, data):
    """A digit, a letter, a cut: today's format holds a digest of all of it."""
    path = write_record(record(), tmp_path)
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    change = data.draw(st.binary(max_size=2))
    path.write_bytes(content[:place] + change + content[place + data.draw(st.integers(0, 2)) :])
    found, _ = attempt(RecordError, read_record, path)
    assert found is None or found == record()


@FUZZ
@given(st.data())
def test_any_packed_corpus(tiny_data, tmp_path, data):
    """Sound gzip and sound JSON; what is read has ids that a model takes."""
    path = tmp_path / "corpus.json.gz"
    if not path.exists():
        save_data(tiny_data, path)
    content = changed(data.draw, json.loads(gzip.decompress(path.read_bytes())))
    other = written(tmp_path, "other.json.gz", gzip.compress(json.dumps(content).encode(), 1))
    found, told = attempt(CorpusError, load_data, other)
    if told:
        assert other.name in told
        assert "\n" not in told
        return
    for example in (*found.train, *found.valid, *found.test):
        found.src.decode(example.source)
        found.tgt.decode(example.target)
    assert found.fingerprint == tiny_data.fingerprint


NUMBERS = st.one_of(st.integers(-3, 2_000), st.floats(allow_nan=True), st.none(), st.booleans(), st.text(max_size=3))
ORDINARY = {Sizes: Sizes(), Schedule: Schedule(), Profile: PROFILES["quick"]}
#: What only a person reads, or another dataclass, which checks itself.
UNCHECKED = {"name", "corpus", "sizes", "schedule"}
FIELDS = st.sampled_from(
    [(kind, name) for kind in ORDINARY for name in kind.__dataclass_fields__ if name not in UNCHECKED]
)


@FUZZ
@given(field=FIELDS, value=NUMBERS)
def test_any_setting(field, value):
    kind, name = field
    made, told = attempt(ConfigError, replace, ORDINARY[kind], **{name: value})
    if told:
        assert f"{kind.__name__}.{name} is" in told
        assert "\n" not in told
    assert told or getattr(made, name) is value


WORDS = st.sampled_from([
    "study", "verdicts", "findings", "translate", "export", "report", "pack", "doctor", "encoder", "all",
    "--profile", "smoke", "--variants", "tied", "nonsense", "--seeds", "1", "-1", "x", "--jobs", "0", "--records",
    "/dev/null", "--to", "pdf", "--data", "--out", "", "--beam", "héé", "--", "\u202e",
])  # fmt: skip


@settings(FUZZ, max_examples=max(300, CASES // 4))
@given(words=st.lists(WORDS, max_size=5))
def test_any_command_line(tmp_path, monkeypatch, words):
    """Nothing is run here: parsing alone, and the first look at what was asked for."""
    monkeypatch.chdir(tmp_path)
    for name in ("_study", "_pack", "_findings", "_doctor", "_verdicts"):
        monkeypatch.setattr(f"seq2seq_lib.__main__.{name}", lambda options: None)
    for name in ("_report", "_export"):
        monkeypatch.setattr(f"seq2seq_lib.report.commands.{name}", lambda options: None)
    monkeypatch.setattr("seq2seq_lib.report.interpreter._translate", lambda options: None)
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            status = main(words)
        except SystemExit as end:  # how argparse ends
            status = end.code
    assert status in (0, 2)
    assert "Traceback" not in said.getvalue()


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_pairs_is_a_sentence(tmp_path, count):
    read_or_told(written(tmp_path, "a.tsv", "\n".join(f"a{n}\tb{n}" for n in range(count)).encode()))
