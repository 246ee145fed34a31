"""A notebook runs from top to bottom and is stored without widgets and machine names."""

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from seq2seq_lib.report.export.execution import WIDGET, clean, execute


def notebook(folder, *sources):
    cells = [new_markdown_cell("# A title"), *(new_code_cell(source) for source in sources)]
    path = folder / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_notebook_keeps_its_outputs_and_no_widget(tmp_path, capsys):
    path = notebook(
        tmp_path,
        "import ipywidgets\nipywidgets.IntSlider()",
        "from IPython.display import display\n"
        "shown = display({'text/plain': 'first'}, display_id=True, raw=True)\n"
        "shown.update({'text/plain': 'half-way'}, raw=True)",
        "6 * 7",
    )
    content = execute(path, in_place=True)
    assert "An interactive view" in content.cells[1].outputs[0].data["text/markdown"]
    assert content.cells[3].outputs[0].data["text/plain"] == "42"
    told = capsys.readouterr().out
    assert "cell 2 of 4" in told
    assert "half-way" in told
    stored = nbformat.read(path, as_version=4)
    assert [cell.execution_count for cell in stored.cells if cell.cell_type == "code"] == [1, 2, 3]
    assert WIDGET not in path.read_text()
    assert "widgets" not in stored.metadata
    assert str(tmp_path) not in path.read_text()


def cleaned(**data):
    output = new_output("display_data", {WIDGET: {"model_id": "1"}, **data})
    cell = new_code_cell("show()", outputs=[output])
    return clean(new_notebook(cells=[cell], metadata={"widgets": {"state": 1}})).cells[0].outputs[0].data


@pytest.mark.parametrize("mime", ["image/png", "text/html", "text/markdown"])
def test_a_widget_leaves_what_makes_the_same_point(mime):
    assert cleaned(**{mime: "the same point", "text/plain": "VBox()"}) == {
        mime: "the same point",
        "text/plain": "VBox()",
    }


def test_a_widget_with_nothing_beside_it_leaves_a_note():
    left = cleaned(**{"text/plain": "VBox()"})
    assert "An interactive view" in left["text/markdown"]
    assert "VBox" not in str(left)


def test_without_in_place_the_notebook_stays_as_it_is(tmp_path):
    path = notebook(tmp_path, "1 + 1")
    before = path.read_bytes()
    execute(path)
    assert path.read_bytes() == before


def test_a_failing_cell_leaves_the_notebook_alone(tmp_path):
    path = notebook(tmp_path, "1 / 0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(path, in_place=True)
    assert path.read_bytes() == before
