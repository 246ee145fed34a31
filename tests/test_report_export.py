"""The shell's `export` and `report`: files where they are expected, and one sentence about what is wrong."""

import re

import nbformat
import pytest

from seq2seq_lib.__main__ import main
from seq2seq_lib.report.export import title_block
from seq2seq_lib.report.export.document import section_of
from seq2seq_lib.report.export.notebooks import split_options
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.write import FORMATS, export_section
from tests.notebooks import code, notebook, result, said, table


@pytest.fixture
def stored(tmp_path):
    """Two executed notebooks that link to each other."""
    paths = [tmp_path / "one.ipynb", tmp_path / "two.ipynb"]
    for path, other in zip(paths, reversed(paths), strict=True):
        made = notebook(f"# Title of {path.stem}\n\n[the other]({other.name})", code("print(1)", said("1\n")))
        nbformat.write(made, path)
    return paths


def one_sentence(capsys, *arguments):
    assert main([*map(str, arguments)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    return shown.err


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_for_each_notebook(stored, tmp_path, capsys, to):
    assert main(["export", *map(str, stored), "--to", to, "--out", str(tmp_path / "out")]) == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [f"one.{to}", f"two.{to}"]
    assert capsys.readouterr().out.count(" MB") == 2


def test_links_lead_to_the_siblings_that_are_there(stored, tmp_path):
    main(["export", *map(str, stored), "--to", "html", "--out", str(tmp_path / "both")])
    assert '<a href="two.html">' in (tmp_path / "both" / "one.html").read_text()
    main(["export", str(stored[0]), "--to", "html", "--out", str(tmp_path / "alone")])
    page = (tmp_path / "alone" / "one.html").read_text()
    assert "the other" in page
    assert "two.html" not in page


def test_the_joined_report_is_one_file_with_options_on_its_title_page(stored, tmp_path):
    options = ["--title", "All of it", "--student", "Zoë", "--course", "NLP", "--number", "7", "--date", "today"]
    assert (
        main(["export", *map(str, stored), "--to", "html", "--joined", "--out", str(tmp_path / "out"), *options]) == 0
    )
    (file,) = (tmp_path / "out").iterdir()
    page = file.read_text()
    assert file.name == "report.html"
    for words in ("<h1>All of it</h1>", "Zoë", "NLP", "· 7", "today"):
        assert words in page
    places = [page.index(words) for words in ("the original said", "Title of one</h1>", "Title of two</h1>")]
    assert places == sorted(places)


def test_a_widget_that_was_saved_is_shown_by_what_stands_beside_it(tmp_path):
    widget = {"application_vnd.jupyter.widget-view+json": {"model_id": "1"}, "text_plain": "VBox()"}
    cells = [code("a", result(**widget, text_html=table())), code("b", result(**widget))]
    nbformat.write(notebook(*cells), tmp_path / "saved.ipynb")
    assert main(["export", str(tmp_path / "saved.ipynb"), "--to", "html", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "saved.html").read_text()
    assert "row-1" in page
    assert page.count("An interactive view") == 1
    assert "VBox" not in page


def test_report_runs_and_writes_both_formats(stored, tmp_path, capsys):
    assert main(["report", str(stored[0]), "--out", str(tmp_path / "out"), "--student", "Zoë"]) == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["one.html", "one.pdf"]
    assert "one.ipynb: running" in capsys.readouterr().out


def test_what_is_no_notebook_ends_in_one_sentence(tmp_path, capsys):
    assert "There is no notebook" in one_sentence(capsys, "export", tmp_path / "missing.ipynb", "--to", "pdf")
    assert "missing.ipynb" in one_sentence(capsys, "report", tmp_path / "missing.ipynb")
    for number, content in enumerate(("text", "[]", "{}", '{"cells": 1, "nbformat": 4}')):
        path = tmp_path / f"{number}.ipynb"
        path.write_text(content)
        assert "is not a notebook" in one_sentence(capsys, "export", path, "--to", "html")


def test_a_notebook_that_was_never_run_is_refused_with_the_command_that_runs_it(tmp_path, capsys):
    made = notebook("# A", code("1"), code("2"))
    made.cells[2].execution_count = None
    path = tmp_path / "not run.ipynb"
    nbformat.write(made, path)
    said = one_sentence(capsys, "export", path, "--to", "pdf")
    assert f"`python -m seq2seq_lib report --in-place '{path}'` runs it" in said


def test_a_wrong_title_block_ends_in_one_sentence(stored, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(title_block, "FILE", tmp_path / "report.toml")
    (tmp_path / "report.toml").write_text("name = 'A'")
    assert "unknown key 'name'" in one_sentence(capsys, "export", stored[0], "--to", "pdf")


def test_an_unknown_format_ends_in_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="'docx'; choose one of html, pdf"):
        export_section(section_of(notebook("a"), "a", tmp_path), "docx", tmp_path, TitleBlock())


def test_the_shell_ends_in_one_sentence(capsys):
    with pytest.raises(SystemExit):
        main(["study", "encoders"])
    assert "invalid choice: 'encoders'" in capsys.readouterr().err


def test_the_shell_names_an_unknown_variant(capsys):
    assert main(["study", "encoder", "--profile", "smoke", "--variants", "bilstm"]) == 2
    assert "There is no variant 'bilstm'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "options", "shown"),
    [
        ("a = 1\n#| fig-cap: late", {}, "a = 1\n#| fig-cap: late"),
        ("#| fig-cap: 'It''s: so'\na", {"fig-cap": "It''s: so"}, "a"),
        ("#|fig-cap: a\n#|   b\n#| tbl-cap: c\n\na", {"fig-cap": "a b", "tbl-cap": "c"}, "a"),
    ],
)
def test_options_stand_at_the_top_of_a_cell(source, options, shown):
    found = split_options(source)
    assert (found.options, found.shown) == (options, shown)
    assert not re.search(r"^\s", found.shown)
