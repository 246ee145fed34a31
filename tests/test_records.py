"""A record is whole, is found by its key, and is refused with a sentence when it is not what it says."""

import base64
import json
import zlib

import pytest

from seq2seq_lib.evaluation.significance import count_matches, pack
from seq2seq_lib.experiments import dataframes, records
from seq2seq_lib.experiments.records import RecordError, find_record, key_of, read_record, read_records, write_record
from tests.made_up import record

SETTINGS = {"variant": "baseline", "seed": 1, "sizes": {"hidden": 8}}


def test_the_key_depends_on_every_setting_and_on_nothing_else(monkeypatch):
    assert key_of(SETTINGS) == key_of(dict(reversed(SETTINGS.items())))
    others = [{**SETTINGS, "seed": 2}, {**SETTINGS, "sizes": {"hidden": 9}}, {**SETTINGS, "more": None}]
    assert len({key_of(SETTINGS), *map(key_of, others)}) == 4
    before = key_of(SETTINGS)
    monkeypatch.setattr(records, "SEMANTICS", records.SEMANTICS + 1)
    assert key_of(SETTINGS) != before


def test_a_record_comes_back_as_it_was_written(tmp_path):
    written = record(seed=3)
    path = write_record(written, tmp_path / "new" / "folder")
    assert path.name == f"baseline-seed3-{written['key']}.json"
    assert read_record(path) == written == find_record(path.parent, written["key"])
    assert find_record(path.parent, "0" * 16) is None
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no unfinished file may stay behind"


def test_a_record_of_older_semantics_is_read_and_not_taken_for_a_run_of_today(tmp_path, monkeypatch):
    old = record(seed=3)
    path = write_record(old, tmp_path)
    monkeypatch.setattr(records, "SEMANTICS", records.SEMANTICS + 1)
    assert read_record(path) == old
    assert find_record(tmp_path, key_of(old["settings"])) is None


def test_a_record_of_the_format_before_is_read_as_one_of_today(tmp_path):
    """Its groups stood in rows, and its counts side by side for each sentence."""
    today, counts = record(), count_matches(["un chat dort sur le lit", ""], ["un chat dort sur un lit", "oui"])
    rows = {
        f"by_{group}": {
            name: {measure: column[i] for measure, column in table.items() if measure != group}
            for i, name in enumerate(table[group])
        }
        for group, table in (("tag", today["test"]["by_tag"]), ("length", today["test"]["by_length"]))
    }
    side_by_side = base64.b64encode(zlib.compress(counts.astype("<u2").tobytes())).decode()
    path = write_record({**today, "format": 2, "test": {**today["test"], **rows, "counts": side_by_side}}, tmp_path)
    assert read_record(path) == {**today, "test": {**today["test"], "counts": pack(counts)}}
    older = {**today, "format": 2, "test": {"perplexity": 3.0}}
    assert read_record(write_record(older, tmp_path))["test"] == {"perplexity": 3.0}, "of a run before either was kept"


def test_folders_are_read_whole_and_in_order(tmp_path):
    for seed in (2, 1):
        write_record(record(seed=seed), tmp_path / "quick")
    assert [found["seed"] for found in read_records(tmp_path)] == [1, 2]
    assert read_records(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda text: text[: len(text) // 2], "no readable record"),
        (lambda text: "[]", "no record of a run"),
        (lambda text: json.dumps({"a": 1}), "no record of a run"),
        (lambda text: text.replace(f'"format":{records.FORMAT}', '"format":99'), "format 99"),
        (lambda text: text.replace('"hidden":4', '"hidden":8'), "was changed"),
        (lambda text: text.replace('"bleu":11.0', '"bleu":12.0'), "was changed"),
        (lambda text: text.replace('"digest"', '"digests"'), "was changed"),
        (lambda text: "[" * 100_000, "no readable record"),
        (lambda text: "1" * 5_000, "no readable record"),
    ],
)
def test_a_damaged_record_is_named(tmp_path, damage, sentence):
    path = write_record(record(), tmp_path)
    path.write_text(damage(path.read_text()))
    with pytest.raises(RecordError, match=sentence) as raised:
        read_record(path)
    assert path.name in str(raised.value)


@pytest.mark.parametrize("change", [{"variant": "../up"}, {"profile": "a/b"}, {"variant": ".."}, {"variant": "a\nb"}])
def test_a_name_cannot_lead_out_of_a_folder(tmp_path, change):
    made = {**record(), **change}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**made, "digest": records._digest(made)}))
    with pytest.raises(RecordError, match=r"x\.json names a variant or a profile"):
        read_record(path)


def test_every_committed_record_is_as_its_run_left_it():
    """And is of today's format: a digest guards each number of it."""
    for path in records.COMMITTED.rglob("*.json"):
        read_record(path)
        assert json.loads(path.read_text())["format"] == records.FORMAT, path.name


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RecordError, match=r"x\.json"):
        read_record(path)


def test_tidy_has_a_row_for_each_value():
    frame = dataframes.tidy([record(losses=(3.0, 2.5)), record(seed=2, losses=(2.0, 2.2))])
    assert list(frame.columns) == ["variant", "seed", "metric", "step", "epoch", "value"]
    assert len(frame) == 2 * (2 + 2 * 2)
    train = frame[(frame.metric == "train_loss") & (frame.seed == 1)]
    assert train["epoch"].tolist() == [1.0, 2.0], "an interval that ends with its epoch"
    halves = dataframes.tidy([record(train_loss=[[5, 4.0], [15, 3.0]])])
    assert halves[halves.metric == "train_loss"]["epoch"].tolist() == [0.5, 1.5]
    valid = frame[(frame.metric == "valid_loss") & (frame.seed == 1)]
    assert valid["value"].tolist() == [3.0, 2.5]
    assert valid["epoch"].tolist() == [1.0, 2.0]


def test_the_summary_takes_the_best_epoch():
    runs = dataframes.summarise([record(losses=(3.0, 2.0, 2.5))])
    assert runs["valid_loss"].tolist() == [2.0]
    assert runs["seconds_per_epoch"].tolist() == [2.0]
    assert runs["chrf"].tolist() == [31.0]
    assert runs["token_accuracy"].tolist() == [0.5]


def test_groups_of_the_test_split_have_a_row_each():
    made = [record(), record("reversed", seed=2)]
    tags = dataframes.by_tag(made)
    assert list(tags.columns) == ["variant", "seed", "tag", "pairs", "exact", "token_accuracy"]
    assert tags.iloc[3].tolist() == ["reversed", 2, "clitic", 4, 0.25, 0.5]
    lengths = dataframes.by_length(made)
    assert list(lengths.columns) == [
        "variant",
        "seed",
        "length",
        "pairs",
        "perplexity",
        "token_accuracy",
        "bleu",
        "chrf",
    ]
    assert lengths["length"].tolist() == ["1-6", "16+"] * 2
    assert len(tags) == len(lengths) == 4


def test_a_record_that_knows_no_groups_has_no_rows():
    older = {**record(), "test": {"perplexity": 3.0}}
    assert len(dataframes.by_length([older, record()])) == len(dataframes.by_length([record()])) == 2
    assert dataframes.by_tag([older]).empty


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path, monkeypatch):
    (tmp_path / "records").mkdir()

    def refuse(place):
        raise PermissionError(13, "Permission denied", str(place))

    monkeypatch.setattr(records.os, "scandir", refuse)
    with pytest.raises(PermissionError, match="records"):
        records.read_records(tmp_path / "records")
