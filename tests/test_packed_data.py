"""A packed corpus comes back equal; another file is refused in one sentence; the command line packs and checks it."""

import gzip
import json

import pytest

from seq2seq_lib.__main__ import main
from seq2seq_lib.config import Profile, Schedule, Sizes
from seq2seq_lib.data.corpora import Corpus, load_corpus
from seq2seq_lib.data.dataset import load_data, save_data
from seq2seq_lib.data.pairs import CorpusError, Pair
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.data.vocabulary import Example

PAIRS = (
    Pair("The cat doesn't sleep.", "Le chat ne dort pas.", ("negation", "agreement:1")),
    Pair("The « \u2028 cat » sleeps \U0001f408.", "L'été, le chat dort\u00a0!"),
)


@pytest.fixture(scope="module")
def data():
    corpus = Corpus("few.tsv", "en", "fr", PAIRS, PAIRS[:1], (Pair("A dog sleeps.", "Un chien dort."),), {"blank": 2})
    return prepare(corpus, min_freq=2)


@pytest.fixture
def packed(data, tmp_path):
    save_data(data, tmp_path / "corpus.json.gz")
    return tmp_path / "corpus.json.gz"


def test_data_come_back_equal(data, packed):
    back = load_data(packed)
    assert back == data
    assert back.fingerprint == data.fingerprint
    assert back.corpus.train[0].tags == ("negation", "agreement:1")
    assert dict(back.corpus.skipped) == {"blank": 2}
    assert (back.min_freq, back.src.vocab.tokens, back.tgt.vocab.tokens) == (
        2, data.src.vocab.tokens, data.tgt.vocab.tokens,
    )  # fmt: skip
    assert (type(back.test[0]), type(back.corpus.test[0])) == (Example, Pair)
    assert repr(back) == repr(data)


def test_equal_data_give_equal_bytes_and_nothing_else_stays_behind(data, packed, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2e9)
    other = packed.parent / "folder" / "again.gz"
    save_data(load_data(packed), other)
    assert other.read_bytes() == packed.read_bytes()
    assert [path.name for path in other.parent.iterdir()] == ["again.gz"]


def rewritten(change):
    """Damage that leaves a sound gzip file."""

    def damage(packed):
        content = json.loads(gzip.decompress(packed))
        return gzip.compress(json.dumps(change(content)).encode())

    return damage


def without(name):
    return rewritten(lambda content: {key: value for key, value in content.items() if key != name})


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda packed: packed[: len(packed) // 2], "end-of-stream"),
        (lambda packed: packed[:-8] + b"\0\0\0\0" + packed[-4:], "CRC"),
        (lambda packed: packed[:40] + b"\xff" * 20 + packed[60:], "."),
        (lambda packed: b"", "."),
        (lambda packed: b"un chat\ta cat\n", "gzip"),
        (lambda packed: gzip.compress(b"\xff\xfe"), "."),
        (lambda packed: gzip.compress(b"un chat"), "Expecting value"),
        (lambda packed: gzip.compress(b"[]"), "its format is not"),
        (rewritten(lambda content: {**content, "format": "seq2seq_lib data 2"}), "its format is not"),
        (rewritten(lambda content: {**content, "min_freq": 3}), "fingerprint"),
        (rewritten(lambda content: {**content, "splits": {**content["splits"], "test": [["a", "b"]]}}), "unpack"),
        (without("vocabularies"), "vocabularies"),
        (
            rewritten(lambda content: {**content, "vocabularies": [content["vocabularies"][0], ["<pad>"]]}),
            "ids outside",
        ),
        (rewritten(lambda content: {**content, "vocabularies": [content["vocabularies"][0], [None] * 50]}), "tokens"),
        (lambda packed: gzip.compress(b"[" * 100_000), "recursion"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_in_one_sentence(packed, damage, reason):
    packed.write_bytes(damage(packed.read_bytes()))
    with pytest.raises(CorpusError, match=reason) as raised:
        load_data(packed)
    message = str(raised.value)
    assert message.startswith(f"{packed} is damaged or no packed corpus")
    assert message.endswith("make it anew with `python -m seq2seq_lib pack`")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", ["nowhere.json.gz", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(CorpusError, match=r"cannot be read .*: check the path"):
        load_data(tmp_path / name)


@pytest.fixture
def profiles(tmp_path, monkeypatch):
    """Two profiles on one file, with another min_freq each, and one on another file."""
    lines = [f"A {noun} {verb}.\tUn {noun} {verb}.\n" for noun in ("chat", "chien") for verb in ("dort", "court")]
    made = {}
    for name, file, min_freq in (("tiny", "pairs.tsv", 1), ("rare", "pairs.tsv", 2), ("other", "others.tsv", 2)):
        (tmp_path / file).write_text("".join(lines), encoding="utf-8")
        schedule = Schedule(epochs=1, batch_size=4, pad_to=6)
        made[name] = Profile(name, str(tmp_path / file), Sizes(6, 8, 1, 0.0), schedule, (4,), min_freq)
    monkeypatch.setattr("seq2seq_lib.config.PROFILES", made)
    return made


def study(profile, *options):
    return main(["study", "encoder", "--profile", profile, "--variants", "baseline", "--jobs", "1", *map(str, options)])


def test_a_shell_packs_the_profiles_corpus_and_a_study_takes_it(profiles, tmp_path, capsys, monkeypatch):
    file = tmp_path / "out" / "corpus.json.gz"
    assert main(["pack", "--profile", "rare", "--out", str(file)]) == 0
    assert f"{file}: 0.0 MB." in capsys.readouterr().out
    assert load_data(file) == prepare(load_corpus(profiles["rare"].corpus, quiet=True), min_freq=2)
    monkeypatch.setattr("seq2seq_lib.experiments.studies.prepare_for", lambda *a, **k: pytest.fail("prepared again"))
    assert study("rare", "--data", file, "--records", tmp_path / "records") == 0
    assert "baseline" in capsys.readouterr().out


@pytest.mark.parametrize(("profile", "needed"), [("tiny", "pairs.tsv with 1"), ("other", "others.tsv with 2")])
def test_data_that_cannot_be_the_profiles_are_refused(profiles, tmp_path, capsys, profile, needed):
    file = tmp_path / "corpus.json.gz"
    assert main(["pack", "--profile", "rare", "--out", str(file)]) == 0
    assert study(profile, "--data", file, "--records", tmp_path / "records") == 2
    message = capsys.readouterr().err
    assert f"holds pairs.tsv with min_freq 2, and the profile {profile} needs {needed}:" in message
    assert f"pack --profile {profile}`" in message
    assert len(message.splitlines()) == 1
    assert not (tmp_path / "records").exists()
