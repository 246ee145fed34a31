"""A notebook runs from top to bottom, is stored without widgets and machine names, and becomes one HTML page."""

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from seq2seq_lib.__main__ import main
from seq2seq_lib.report.export import WIDGET, execute_and_export


def notebook(folder, *sources):
    title = new_markdown_cell("# A title\n\nThe state *h<sub>t</sub>*.")
    cells = [title, *(new_code_cell(source) for source in sources)]
    path = folder / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_notebook_becomes_a_page_and_keeps_its_outputs(tmp_path, capsys):
    path = notebook(
        tmp_path,
        "import ipywidgets\nipywidgets.IntSlider()",
        "from IPython.display import Markdown, display\n"
        "shown = display(Markdown('first'), display_id=True)\nshown.update(Markdown('half-way'))",
        "6 * 7",
    )
    page = execute_and_export(path, tmp_path / "out", in_place=True)
    text = page.read_text()
    assert "A title" in text
    assert "<em>h<sub>t</sub></em>" in text
    assert ">42<" in text.replace("\n", "")
    assert "An interactive view" in text
    told = capsys.readouterr().out
    assert "cell 2 of 4" in told
    assert "half-way" in told
    stored = nbformat.read(path, as_version=4)
    assert [cell.execution_count for cell in stored.cells if cell.cell_type == "code"] == [1, 2, 3]
    assert WIDGET not in path.read_text()
    assert "widgets" not in stored.metadata
    assert str(tmp_path) not in path.read_text()


def test_a_prose_cell_shows_its_text_once(tmp_path):
    path = notebook(tmp_path, "print('said' + ' once')")
    stored = nbformat.read(path, as_version=4)
    stored.cells[1].metadata["tags"] = ["prose"]
    nbformat.write(stored, path)
    text = execute_and_export(path, tmp_path / "out").read_text()
    assert "said once" in text
    assert "print(" not in text


def test_without_in_place_the_notebook_stays_as_it_is(tmp_path):
    path = notebook(tmp_path, "1 + 1")
    before = path.read_bytes()
    execute_and_export(path, tmp_path / "out")
    assert path.read_bytes() == before


def test_a_failing_cell_stops_the_export(tmp_path):
    path = notebook(tmp_path, "1 / 0")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute_and_export(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_shell_ends_in_one_sentence(capsys, tmp_path):
    assert main(["report", str(tmp_path / "missing.ipynb")]) == 2
    assert "missing.ipynb" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["study", "encoders"])
    assert "invalid choice: 'encoders'" in capsys.readouterr().err


def test_the_shell_names_an_unknown_variant(capsys):
    assert main(["study", "encoder", "--profile", "smoke", "--variants", "bilstm"]) == 2
    assert "There is no variant 'bilstm'" in capsys.readouterr().err
