"""Corpora as people have them: each layout gives the same pairs, and what was found out about it is said."""

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pandas as pd
import pytest

from seq2seq_lib.data.corpora import Corpus, load_corpus
from seq2seq_lib.data.pairs import SPLITS, CorpusError, Pair

CASES = Path(__file__).resolve().parent.parent.parent / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the cases do not lie beside the project")

PAIRS = [Pair(f"sentence {n}, number {n}.", f"phrase {n} ; « été »") for n in range(30)]


def found_in(corpus: Corpus) -> list[Pair]:
    return sorted(pair for split in SPLITS for pair in getattr(corpus, split))


def table(delimiter: str, header: str = "", more: str = "", quote: str = "") -> str:
    rows = [header] if header else []
    return "\n".join([*rows, *(delimiter.join(f"{quote}{side}{quote}" for side in pair[:2]) + more for pair in PAIRS)])


def numbered(form: str, header: str) -> str:
    return header + "\n" + "\n".join(form.format(n=n, s=p[0], t=p[1]) for n, p in enumerate(PAIRS))


FILES = {
    "a table with an attribution": ("fra.txt", table("\t", more="\tCC-BY 2.0 by #1 & #2"), {}, ""),
    "semicolons": ("semi.csv", table(";", "en;fr", quote='"'), {}, "separated by ';'"),
    "tabs in a .csv": ("tabs.csv", table("\t", "en\tfr"), {}, "separated by '\\t'"),
    "bars": ("bars.csv", table("|", "source|target"), {}, "separated by '|'"),
    "languages in words": ("EN.csv", table(",", "English words,French words/sentences", quote='"'), {}, "French"),
    "languages and a number": ("n.csv", numbered('{n},"{s}","{t}"', "id,English,French"), {}, "'English'"),
    "a header in words": ("named.tsv", table("\t", "English\tFrench"), {}, "1 header"),
    "a header that turns them": ("turned.tsv", numbered("{t}\t{s}", "fr\ten"), {}, "columns 'en' and 'fr'"),
    "numbers before the languages": ("numbered.tsv", numbered("{n}\t{s}\t{t}", "id\ten\tfr"), {}, "'en' and 'fr'"),
    "columns by name": ("xy.tsv", numbered("{n}\t{s}\t{t}", "id\tx\ty"), {"columns": ("x", "y")}, "'x' and 'y'"),
    "another encoding": ("old.tsv", table("\t").encode("cp1252"), {"encoding": "cp1252"}, ""),
    "UTF-16": ("wide.tsv", table("\t").encode("utf-16"), {"encoding": "utf-16"}, ""),
    "gzip": ("pairs.tsv.gz", gzip.compress(table("\t").encode()), {}, ""),
    "bzip2": ("pairs.csv.bz2", bz2.compress(table(",", "en,fr", quote='"').encode()), {}, ""),
    "xz": ("pairs.txt.xz", lzma.compress(table("\t").encode()), {}, ""),
}  # fmt: skip


def as_json(line) -> str:
    return "\n".join(json.dumps(line(n, pair), ensure_ascii=False) for n, pair in enumerate(PAIRS))


FILES |= {
    "JSON lines of a hub": ("hub.jsonl", as_json(lambda n, p: {"translation": {"en": p[0], "fr": p[1]}}), {}, ""),
    "flat JSON lines": ("flat.jsonl", as_json(lambda n, p: {"id": n, "en": p[0], "fr": p[1]}), {}, ""),
    "JSON by source and target": ("st.ndjson", as_json(lambda n, p: {"target": p[1], "source": p[0]}), {}, ""),
    "JSON lines of pairs": ("pairs.jsonl", as_json(lambda n, p: list(p[:2])), {}, ""),
    "one JSON array": ("all.json", f"[{as_json(lambda n, p: {'en': p[0], 'fr': p[1]})}]".replace("\n", ",\n"), {}, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_every_layout_gives_the_same_pairs(tmp_path, capsys, case):
    name, content, options, said = FILES[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    corpus = load_corpus(path, **options)
    assert found_in(corpus) == sorted(PAIRS)
    assert (corpus.source_language, corpus.target_language) == ("en", "fr")
    assert said in capsys.readouterr().out


def sides(folder: Path, stem: str, pack=lambda text: text.encode(), ending="") -> tuple[Path, Path]:
    paths = folder / f"{stem}.en{ending}", folder / f"{stem}.fr{ending}"
    for number, path in enumerate(paths):
        path.write_bytes(pack("\n".join(pair[number] for pair in PAIRS)))
    return paths


def test_two_files_side_by_side(tmp_path, capsys):
    corpus = load_corpus(sides(tmp_path, "corpus"))
    assert found_in(corpus) == sorted(PAIRS)
    assert capsys.readouterr().out.startswith("corpus: 30 pairs")
    assert found_in(load_corpus(sides(tmp_path, "packed", lambda t: gzip.compress(t.encode()), ".gz"))) == sorted(PAIRS)


def test_files_name_their_languages(tmp_path, capsys):
    english, french = sides(tmp_path, "corpus")
    korean = english.rename(tmp_path / "corpus.ko")
    corpus = load_corpus((korean, french))
    assert (corpus.source_language, corpus.target_language) == ("ko", "fr")
    assert "languages ko and fr" in capsys.readouterr().out
    turned = load_corpus((french, korean), source_language="ko", target_language="fr")
    assert found_in(turned) == sorted(PAIRS)


def test_sides_of_different_length_and_one_side_alone(tmp_path):
    english, french = sides(tmp_path, "corpus")
    with pytest.raises(CorpusError, match=r"one side .* give both, as in load_corpus\(\('corpus.en', 'corpus.fr'\)\)"):
        load_corpus(english)
    french.write_text("one\ntwo")
    with pytest.raises(CorpusError, match=r"corpus.en has 30 lines and corpus.fr has 2"):
        load_corpus((english, french))


def test_a_folder_of_splits_stays_as_it_is_split(tmp_path, capsys):
    for split, rows in (("train", PAIRS[:20]), ("val", PAIRS[20:25]), ("test", [*PAIRS[25:], PAIRS[0]])):
        for number, language in enumerate(("en", "fr")):
            (tmp_path / f"{split}.{language}").write_text("\n".join(pair[number] for pair in rows))
    corpus = load_corpus(tmp_path)
    assert corpus.train == tuple(PAIRS[:20])
    assert corpus.valid == tuple(PAIRS[20:25])
    assert "1 held-out sources have a twin in train" in capsys.readouterr().out
    (tmp_path / "val.en").unlink()
    (tmp_path / "val.fr").unlink()
    corpus = load_corpus(tmp_path)
    assert "no valid split, so it was held out of train" in capsys.readouterr().out
    assert len(corpus.train) + len(corpus.valid) == 20


class DataSet(list):
    """As the `datasets` library has it: rows are mappings, and there are `column_names`."""

    column_names = ("id", "translation")


def rows_of_a_dataset(pairs):
    return DataSet({"id": str(n), "translation": {"en": p[0], "fr": p[1]}} for n, p in enumerate(pairs))


OBJECTS = {
    "a DataFrame": lambda: pd.DataFrame({"n": 1, "French": [p[1] for p in PAIRS], "English": [p[0] for p in PAIRS]}),
    "a list of pairs": lambda: [tuple(pair[:2]) for pair in PAIRS],
    "a list of mappings": lambda: [{"en": pair[0], "fr": pair[1]} for pair in PAIRS],
    "a dataset": lambda: rows_of_a_dataset(PAIRS),
    "a dataset with a training split": lambda: {"train": rows_of_a_dataset(PAIRS)},
    "a dataset with three": lambda: {
        "train": rows_of_a_dataset(PAIRS[:20]), "validation": rows_of_a_dataset(PAIRS[20:25]),
        "test": rows_of_a_dataset(PAIRS[25:]),
    },
}  # fmt: skip


@pytest.mark.parametrize("case", OBJECTS)
def test_objects_are_corpora(case):
    assert found_in(load_corpus(OBJECTS[case]())) == sorted(PAIRS)


def test_a_gap_in_a_table_is_an_empty_side():
    frame = pd.DataFrame(
        {"source": [p[0] for p in PAIRS] + [None, "x"], "target": [p[1] for p in PAIRS] + ["y", float("nan")]}
    )
    corpus = load_corpus(frame)
    assert found_in(corpus) == sorted(PAIRS)
    assert corpus.skipped == {"with an empty side": 2}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (7, "a int is no corpus"),
        ([1, 2], "row 1: neither an object nor a pair"),
        ([{"en": 1, "fr": "x"}], "row 1: a side is no text"),
        ({"one": [], "two": []}, "none is a training split"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), "found are 'a', 'b'"),
    ],
)
def test_objects_that_are_none(wrong, sentence):
    with pytest.raises(CorpusError, match=sentence):
        load_corpus(wrong)


def test_bytes_of_another_encoding_are_named_with_the_option_that_reads_them(tmp_path):
    path = tmp_path / "old.tsv"
    path.write_bytes(table("\t").encode("cp1252"))
    with pytest.raises(CorpusError, match=r"line 1: byte \d+ of the file, 0xab, is not UTF-8; .*encoding='cp12\d\d'"):
        load_corpus(path)
    with pytest.raises(CorpusError, match="no encoding is called 'latin-99'"):
        load_corpus(path, encoding="latin-99")
    with pytest.raises(CorpusError, match="not ascii"):
        load_corpus(path, encoding="ascii")


def test_damaged_compression_is_a_sentence(tmp_path):
    path = tmp_path / "pairs.tsv.gz"
    path.write_bytes(gzip.compress(table("\t").encode())[:60])
    with pytest.raises(CorpusError, match="is damaged"):
        load_corpus(path)
    path.write_bytes(b"no gzip at all")
    with pytest.raises(CorpusError, match="is damaged"):
        load_corpus(path)


def test_twins_stay_on_one_side():
    kinds = ("{} don't.", "{} don’t.", "{} don't", "{} DON'T!", "«{} don't»")
    twins = [(kind.format(f"we {n}"), f"cible {n} {kind}") for n in range(30) for kind in kinds]
    corpus = load_corpus(twins, quiet=True)
    homes = {}
    for split in SPLITS:
        for pair in getattr(corpus, split):
            homes.setdefault(pair.target.split()[1], set()).add(split)
    assert {len(found) for found in homes.values()} == {1}
    assert len(corpus.test) >= len(kinds)


@needs_cases
@pytest.mark.parametrize("name", ["fra.txt", "pairs.jsonl", "semi.csv", "EN.csv", "ko.tsv"])
def test_the_cases_are_read(name):
    options = {"source_language": "ko", "target_language": "en"} if name == "ko.tsv" else {}
    corpus = load_corpus(CASES / "formats" / name, **options)
    assert len(found_in(corpus)) >= 8


@needs_cases
def test_the_cases_with_two_ways_on():
    folder = CASES / "formats"
    assert len(found_in(load_corpus((folder / "corpus.en", folder / "corpus.fr")))) >= 8
    with pytest.raises(CorpusError, match=r"encoding='cp125\d'"):
        load_corpus(folder / "cp1252.tsv")
    assert len(found_in(load_corpus(folder / "cp1252.tsv", encoding="cp1252"))) >= 8
    corpus = load_corpus(CASES / "languages" / "twins.tsv")
    assert "have a twin" not in corpus.summary()
