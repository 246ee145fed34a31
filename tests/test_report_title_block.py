"""What stands above a report comes from a small file, and wrong lines of it end in one sentence."""

from datetime import date

import pytest

from seq2seq_lib.report.export import title_block
from seq2seq_lib.report.export.title_block import FILE, read_title_block


def read(tmp_path, text):
    path = tmp_path / "report.toml"
    path.write_text(text, encoding="utf-8")
    return read_title_block(path, today=date(2026, 3, 1))


def test_what_is_filled_in_is_shown_and_the_rest_left_out(tmp_path):
    block = read(
        tmp_path, 'course = "자연어 처리"\nstudent = " Élodie "\nnumber = 20261234\ndate = 2026-11-30\ntitle = "T"'
    )
    assert block.title == "T"
    assert block.lines() == {
        "course": "자연어 처리",
        "student": "Élodie",
        "number": "20261234",
        "date": "30 November 2026",
    }
    assert read(tmp_path, 'student = ""').lines() == {"date": "1 March 2026"}


def test_without_a_file_there_is_a_title_and_a_date(tmp_path):
    block = read_title_block(tmp_path / "none.toml", today=date(2026, 3, 1))
    assert block.title
    assert block.lines() == {"date": "1 March 2026"}


def test_options_win(tmp_path):
    block = read(tmp_path, 'student = "A"\ncourse = "C"').with_options(student="B", course=None, number="")
    assert (block.student, block.course, block.number) == ("B", "C", "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('studnet = "A"', "unknown key 'studnet'; it may have title, course, student, number, date"),
        ("student = true", "student is True, and has to be text"),
        ('course = ["a"]', "course is ['a'], and has to be text"),
        ("student = A", "is not TOML"),
    ],
)
def test_wrong_lines_end_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(ValueError, match="report") as raised:
        read(tmp_path, text)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_projects_own_file_is_read_and_names_no_one():
    assert FILE.exists()
    assert set(read_title_block().lines()) == {"date"}
    assert title_block.TitleBlock().title == read_title_block().title
