"""Corpora: what is read, what is skipped and said, what is refused and how."""

from __future__ import annotations

import csv
import pickle
import random
import socket
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from seq2seq_lib.data import corpora, multi30k, pairs
from seq2seq_lib.data.corpora import Corpus, load_corpus
from seq2seq_lib.data.multi30k import MULTI30K_SHA256
from seq2seq_lib.data.pairs import SPLITS, CorpusError, Pair

ROOT = Path(__file__).resolve().parent.parent
MULTI30K = ROOT.parent / "shared" / "corpora" / "multi30k"
needs_multi30k = pytest.mark.skipif(not MULTI30K.is_dir(), reason="Multi30k's files do not lie beside the project")

BODY = "".join(f"sentence {i}\tphrase {i}\n" for i in range(40))


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes to a file and returns its path."""

    def write(content: str | bytes, name: str = "my.tsv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def every_pair(corpus: Corpus) -> list[Pair]:
    return [pair for split in SPLITS for pair in getattr(corpus, split)]


def refusal(path, **options) -> str:
    """The message with which `load_corpus` refuses; one sentence on one line."""
    with pytest.raises(CorpusError) as caught:
        load_corpus(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Reading and splitting a file


def test_tsv_is_read_split_and_reported(write, capsys):
    corpus = load_corpus(write(BODY))
    assert capsys.readouterr().out == "my.tsv: 40 pairs (train 36, valid 2, test 2)\n"
    assert sorted(every_pair(corpus)) == sorted(Pair(f"sentence {i}", f"phrase {i}") for i in range(40))
    assert (corpus.name, corpus.source_language, corpus.target_language) == ("my.tsv", "en", "fr")
    assert not corpus.skipped


def test_quiet_prints_nothing(write, capsys):
    load_corpus(write(BODY), quiet=True)
    assert capsys.readouterr() == ("", "")


def test_split_depends_on_content_and_seed_alone(write):
    lines = BODY.splitlines(keepends=True)
    first = load_corpus(write(BODY, "a.tsv"))
    assert load_corpus(write(BODY, "b.tsv")).fingerprint == first.fingerprint
    shuffled = load_corpus(write("".join(random.Random(1).sample(lines, len(lines))), "c.tsv"))
    assert [set(getattr(shuffled, s)) for s in SPLITS] == [set(getattr(first, s)) for s in SPLITS]
    assert load_corpus(write(BODY), seed=1).test != first.test
    grown = load_corpus(write(BODY + "one more\tun de plus\n", "d.tsv"))
    assert len(set(first.test) & set(grown.test)) >= len(first.test) - 1


def test_splits_keep_the_order_of_the_file(write):
    pairs = load_corpus(write(BODY)).train
    assert sorted(pairs, key=lambda pair: int(pair.source.split()[1])) == list(pairs)


@pytest.mark.parametrize("seed", range(60))
def test_translations_of_a_sentence_stay_together_and_no_split_is_empty(write, seed):
    draw = random.Random(seed)
    sizes = [draw.choice((1, 1, 2, 40)) for _ in range(draw.randint(3, 12))]
    rows = [(f"S{i}" if j % 2 else f"s{i}", f"t{i} {j}") for i, size in enumerate(sizes) for j in range(size)]
    corpus = load_corpus(write("".join(f"{source}\t{target}\n" for source, target in rows)), seed=seed)
    sources = [{pair.source.lower() for pair in getattr(corpus, split)} for split in SPLITS]
    assert all(sources)
    assert sum(map(len, sources)) == len(set.union(*sources)) == len(sizes)
    assert len(every_pair(corpus)) == len(rows)


def test_a_sentence_with_most_of_the_pairs_goes_to_train(write):
    corpus = load_corpus(write("".join(f"yes\toui {i}\n" for i in range(98)) + "no\tnon\nperhaps\tpeut-être\n"))
    assert [len(getattr(corpus, split)) for split in SPLITS] == [98, 1, 1]


def test_repeated_pairs_are_dropped_and_counted(write, capsys):
    corpus = load_corpus(write(BODY + BODY))
    assert len(every_pair(corpus)) == 40
    assert "skipped 40: 40 repeated" in capsys.readouterr().out


def test_large_counts_are_readable(write, capsys):
    load_corpus(write("".join(f"s{i}\tt{i}\n" for i in range(1234)) + "\n\n \t x\n"))
    out = "my.tsv: 1,234 pairs (train 1,110, valid 62, test 62); skipped 3: 2 blank, 1 with an empty side\n"
    assert capsys.readouterr().out == out


# What is skipped, and said so


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("\n", "blank"),
        ("   \n", "blank"),
        ("hello\t\n", pairs.EMPTY),
        ("\t\n", pairs.EMPTY),
        ("\tbonjour\n", pairs.EMPTY),
        ("hello\t \xa0\u2028\n", pairs.EMPTY),
        ("hello\t\u200b\u200d\n", pairs.EMPTY),
        ("word " * 100_000 + "\tmot\n", pairs.LONG),
        ("word\t" + "mot " * 100_000 + "\n", pairs.LONG),
        ("x" * 100_000 + "\tmot\n", pairs.LONG),
    ],
)
def test_unusable_lines_are_counted(write, capsys, extra, reason):
    corpus = load_corpus(write(BODY + extra))
    assert corpus.skipped == {reason: 1}
    assert len(every_pair(corpus)) == 40
    assert f"skipped 1: 1 {reason}" in capsys.readouterr().out


def test_the_limit_itself_is_kept(write):
    corpus = load_corpus(write(BODY + "w " * (pairs.MAX_WORDS - 1) + "w\tmot\n"))
    assert len(every_pair(corpus)) == 41
    corpus = load_corpus(write(BODY + "w " * pairs.MAX_WORDS + "w\tmot\n"))
    assert corpus.skipped == {pairs.LONG: 1}
    assert f"{pairs.MAX_WORDS:,} words" in pairs.LONG


@pytest.mark.parametrize("name", ["my.tsv", "my.csv"])
def test_byte_order_mark_and_crlf(write, capsys, name):
    plain = BODY if name == "my.tsv" else "en,fr\n" + BODY.replace("\t", ",")
    expected = load_corpus(write(plain, name), quiet=True)
    corpus = load_corpus(write(b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode(), name))
    assert corpus.fingerprint == expected.fingerprint
    assert "skipped 1: 1 byte order mark" in capsys.readouterr().out


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
@pytest.mark.parametrize("name", ["my.tsv", "my.csv"])
def test_only_line_feeds_end_a_line(write, separator, name):
    text = BODY + f"one{separator}line\tune{separator}ligne\n"
    corpus = load_corpus(write(text if name == "my.tsv" else "en,fr\n" + text.replace("\t", ","), name))
    assert Pair("one line", "une ligne") in every_pair(corpus)
    assert len(every_pair(corpus)) == 41


def test_text_is_composed_and_white_space_folded(write):
    corpus = load_corpus(write(BODY + "  a  \xa0coffee \t un cafe\u0301\xa0! \n"))
    assert Pair("a coffee", "un café !") in every_pair(corpus)


def test_last_line_needs_no_line_end(write):
    assert len(every_pair(load_corpus(write(BODY.rstrip("\n"))))) == 40


# Columns of a .tsv


def test_further_columns_are_ignored(write):
    corpus = load_corpus(write(BODY.replace("\n", "\tCC-BY 2.0 (France) tatoeba.org #1 (CK)\n")))
    assert Pair("sentence 3", "phrase 3", ()) in every_pair(corpus)


def test_columns_by_number(write):
    body = "".join(f"{i}\tsentence {i}\t{i + 99}\tphrase {i}\n" for i in range(40))
    assert "columns=(2, 4)" in refusal(write(body))
    assert Pair("sentence 3", "phrase 3") in every_pair(load_corpus(write(body), columns=(2, 4)))
    assert Pair("phrase 3", "sentence 3") in every_pair(load_corpus(write(body), columns=(4, 2)))
    assert "line 1" in refusal(write(body), columns=(2, 5))


@pytest.mark.parametrize("columns", [("en", "fr"), (1, 1), (0, 1), (1, 2, 3), (1,)])
def test_wrong_columns_of_a_tsv(write, columns):
    assert "(1, 2)" in refusal(write(BODY), columns=columns)


@pytest.mark.parametrize("header", ["source\ttarget\n", "en\tfr\n", "EN\tFR\textra\n"])
def test_header_of_a_tsv_is_counted(write, header):
    corpus = load_corpus(write(header + BODY))
    assert corpus.skipped == {"header": 1}
    assert len(every_pair(corpus)) == 40


def test_quotation_marks_of_a_tsv_mean_themselves(write):
    assert Pair('"Go', "va") in every_pair(load_corpus(write(BODY + '"Go\tva\n')))


# What is refused


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (BODY + "no tab here\n", ["line 41", "no tab"]),
        (BODY.encode() + b"caf\xe9\tcaf\xe9\n", ["line 41", "0xe9", "UTF-8"]),
        (BODY.encode("utf-16"), ["line 1", "UTF-8"]),
        (BODY.encode("utf-16-le"), ["line 1", "NUL"]),
        (BODY + "nul\0\tnul\n", ["line 41", "NUL"]),
        (BODY + "old\tmac\rone\tmore\n", ["line 41", "carriage return"]),
        ("", ["empty"]),
        (b"\xef\xbb\xbf", ["empty"]),
        ("\n\n", ["0 pairs", "skipped 2: 2 blank", "at least 3"]),
        ("a\tb\nc\td\n", ["2 pairs", "at least 3"]),
        ("a\tb\na\tc\nA\td\nb\te\n", ["4 pairs", "2 different", "at least 3"]),
    ],
)
def test_damaged_tsv_names_file_place_and_remedy(write, content, expected):
    path = write(content)
    message = refusal(path)
    assert all(part in message for part in [str(path), *expected]), message


def test_three_different_sources_are_enough(write):
    assert [len(getattr(load_corpus(write("a\tb\nc\td\ne\tf\n")), split)) for split in SPLITS] == [1, 1, 1]


def test_names_and_paths_that_are_no_corpus(tmp_path):
    for name in ("gramar", "Multi30k", str(tmp_path / "pairs.doc"), ""):
        message = refusal(name)
        assert "folder" in message or all(word in message for word in ("grammar", "multi30k", ".tsv", ".csv"))
    assert "folder" in refusal(tmp_path)
    (tmp_path / "folder.tsv").mkdir()
    assert "folder" in refusal(tmp_path / "folder.tsv")
    assert "missing.tsv" in refusal(tmp_path / "missing.tsv")


def test_the_two_named_corpora_take_neither_columns_nor_other_languages():
    assert "columns" in refusal("grammar", columns=(1, 2))
    assert "'de'" in refusal("multi30k", target_language="de")
    assert "'en'" in refusal("grammar", source_language="en", target_language="en")


# CSV


def as_csv(header: str = "source,target", extra: str = "") -> str:
    return header + "\n" + BODY.replace("\t", ",") + extra


@pytest.mark.parametrize("header", ["source,target", "en,fr", " en , fr "])
def test_csv_columns_found_by_themselves(write, header):
    assert Pair("sentence 3", "phrase 3") in every_pair(load_corpus(write(as_csv(header), "my.csv")))


def test_csv_columns_by_name(write):
    path = write("id,fr,note,en\n" + "".join(f"{i},phrase {i},,sentence {i}\n" for i in range(40)), "my.csv")
    assert load_corpus(path).fingerprint == load_corpus(path, columns=("en", "fr")).fingerprint
    assert Pair("phrase 3", "sentence 3") in every_pair(load_corpus(path, columns=("fr", "en")))
    message = refusal(path, columns=("english", "french"))
    assert all(part in message for part in ("'english'", "line 1", "'id', 'fr', 'note', 'en'")), message
    refusal(path, columns=("en", "en"))
    refusal(path, columns=(1, 2))


def test_csv_quoting(write):
    corpus = load_corpus(write(as_csv(extra='"He said ""go"", twice","Il a\ndit"\n'), "my.csv"))
    assert Pair('He said "go", twice', "Il a dit") in every_pair(corpus)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (as_csv(extra="one,two,three\n"), ["line 42", "3 columns"]),
        (as_csv(extra='"a\nb",c\nonly one\n'), ["line 44", "1 columns"]),
        (as_csv(extra='"a\nb",c,d\n'), ["line 42", "3 columns"]),
        (as_csv(extra='"never closed,one\nmore,line\n'), ["line 42", "double quotes"]),
        (as_csv(extra='"a" b,c\n'), ["line 42", "double quotes"]),
        (as_csv("first,second"), ["line 1", "'first', 'second'"]),
        (as_csv("en,en,fr"), ["line 1", "once"]),
        ("en:fr\n" + BODY.replace("\t", ":"), ["'en:fr'", "columns=(source, target)"]),
        ("source,target\n", ["0 pairs"]),
        ("\n", ["line 1"]),
        ("", ["empty"]),
    ],
)
def test_damaged_csv_names_file_place_and_remedy(write, content, expected):
    path = write(content, "my.csv")
    message = refusal(path)
    assert all(part in message for part in [str(path), *expected]), message


def test_long_csv_fields_are_skipped_and_csvs_own_limit_is_left_alone(write):
    before = csv.field_size_limit()
    corpus = load_corpus(write(as_csv(extra="word " * 100_000 + ",mot\n\n"), "my.csv"))
    assert corpus.skipped == {pairs.LONG: 1, "blank": 1}
    refusal(write(as_csv(extra='"' + "x" * 200_000), "my.csv"))
    assert csv.field_size_limit() == before


# The corpus as a value


def test_corpus_is_an_immutable_picklable_value(write):
    corpus = load_corpus(write(BODY + "\n"))
    with pytest.raises(FrozenInstanceError):
        corpus.name = "other"
    with pytest.raises(TypeError):
        corpus.skipped["blank"] = 0
    copy = pickle.loads(pickle.dumps(corpus))
    assert copy == corpus
    assert hash(copy) == hash(corpus)
    assert copy.skipped == {"blank": 1}
    assert len(repr(corpus)) < 200


def test_fingerprint_tells_apart_what_differs_and_nothing_else():
    corpus = Corpus("x", "en", "fr", (Pair("a", "bc"),), (Pair("d", "e"),), (Pair("f", "g"),))
    others = [
        replace(corpus, source_language="de"),
        replace(corpus, source_language="fr", target_language="en"),
        replace(corpus, train=(Pair("ab", "c"),)),
        replace(corpus, valid=corpus.test, test=corpus.valid),
        replace(corpus, train=corpus.train + corpus.valid, valid=()),
        replace(corpus, train=(Pair("A", "bc"),)),
    ]
    assert len({c.fingerprint for c in [corpus, *others]}) == 1 + len(others)
    same = replace(corpus, name="y", skipped={"blank": 1}, train=(Pair("a", "bc", ("negation",)),))
    assert same.fingerprint == corpus.fingerprint
    assert len(corpus.fingerprint) == 64


# The grammar corpus


@pytest.fixture
def grammar(write, tmp_path, monkeypatch):
    for split in SPLITS:
        write(f"He sleeps in {split}.\tIl dort.\tpresent agreement\nNo.\tNon.\t\n", f"grammar/{split}.tsv")
    monkeypatch.setattr(corpora, "_grammar_folder", lambda: tmp_path / "grammar")
    return tmp_path / "grammar"


def test_grammar_keeps_tags_and_splits(grammar, capsys):
    corpus = load_corpus("grammar")
    assert corpus.valid == (Pair("He sleeps in valid.", "Il dort.", ("present", "agreement")), Pair("No.", "Non."))
    assert capsys.readouterr().out == "grammar: 6 pairs (train 2, valid 2, test 2)\n"


def test_grammar_the_other_way_round(grammar):
    corpus = load_corpus("grammar", source_language="fr", target_language="en")
    assert corpus.test[0] == Pair("Il dort.", "He sleeps in test.", ("present", "agreement"))


def test_incomplete_grammar_is_refused(grammar):
    (grammar / "test.tsv").write_text("\n")
    assert "test.tsv" in refusal("grammar")
    (grammar / "valid.tsv").unlink()
    assert "valid.tsv" in refusal("grammar")


@pytest.mark.skipif(not (ROOT / "data/grammar/train.tsv").is_file(), reason="data/grammar is not there yet")
def test_grammar_as_shipped():
    corpus = load_corpus("grammar")
    assert not corpus.skipped
    assert all(pair.tags for pair in every_pair(corpus))
    assert not {pair[:2] for pair in corpus.train} & {pair[:2] for pair in corpus.valid + corpus.test}


# Multi30k itself


@needs_multi30k
def test_checksums_are_those_of_the_files():
    lines = (MULTI30K / "SHA256SUMS").read_text().split("\n")
    listed = {name: digest for digest, name in (line.split() for line in lines if line)}
    assert listed == dict(MULTI30K_SHA256)


@needs_multi30k
def test_multi30k_from_a_read_only_folder_without_network(monkeypatch):
    def no_network(*arguments, **options):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setenv(multi30k.CACHE_VARIABLE, str(MULTI30K))
    before = sorted(path.name for path in MULTI30K.iterdir())
    corpus = load_corpus("multi30k")
    assert [len(getattr(corpus, split)) for split in SPLITS] == [29_000, 1_014, 1_000]
    assert not corpus.skipped
    assert corpus.train[0].source == "Two young, White males are outside near many bushes."
    turned = load_corpus("multi30k", source_language="fr", target_language="en")
    assert turned.test == tuple(Pair(pair.target, pair.source) for pair in corpus.test)
    assert len(load_corpus("multi30k", test_set="test_2017_mscoco").test) == 461
    assert sorted(path.name for path in MULTI30K.iterdir()) == before


def test_importing_costs_nothing():
    code = (
        "import sys, seq2seq_lib.data.corpora, seq2seq_lib.data.tokenization\n"
        "assert not {'spacy', 'torchtext', 'pooch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
