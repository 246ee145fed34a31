"""A notebook's blocks: everything in order, read as what it is, with numbers, names and links."""

import pytest
from nbformat.v4 import new_markdown_cell

from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.assembly import assemble
from seq2seq_lib.report.export.document import on_paper, section_of
from seq2seq_lib.report.export.outputs import terminal_text
from tests.notebooks import HOSTILE, KOREAN, LONG, code, everything, notebook, picture, result, said, table


def section(*cells, folder=None, name="made"):
    return section_of(notebook(*cells), name, folder)


def kinds(blocks, kind):
    return [node for node in pandoc.nodes(list(blocks)) if node["t"] == kind]


def headings(blocks):
    return [(node["c"][0], pandoc.plain_text(node["c"][2])) for node in kinds(blocks, "Header")]


def test_the_first_heading_is_the_title_and_the_rest_stay_in_order():
    made = section_of(everything(), "made", None)
    assert (made.title, made.subtitle) == ("Everything", "A subtitle")
    assert headings(made.blocks) == [
        (2, "Letters"), (2, "Code"), (2, "After the fence"), (2, "Figures"), (3, "Tables"),
    ]  # fmt: skip


def test_a_cell_cannot_reach_into_the_next():
    made = section("<div>\n\nopen", "~~~\nopen", "## Free").blocks
    assert made[-1]["t"] == "Header"


def test_letters_below_the_line_inside_italics_and_tables():
    blocks = section("*x<sub>s</sub>* <br> y<sup>2</sup>\n\n| a |\n|---|\n| *c<sub>0</sub>* |").blocks
    assert [pandoc.plain_text(node) for node in kinds(blocks, "Subscript")] == ["s", "0"]
    assert [pandoc.plain_text(node) for node in kinds(blocks, "Superscript")] == ["2"]
    assert len(kinds(blocks, "LineBreak")) == 1


def test_mathematics_is_read_beside_html_too():
    blocks = section("$a_1$ and H<sub>2</sub>\n\n$$b^2$$").blocks
    assert [node["c"][1] for node in kinds(blocks, "Math")] == ["a_1", "b^2"]


def test_hostile_text_comes_out_as_it_is():
    blocks = section(code("show()", said(HOSTILE))).blocks
    assert kinds(blocks, "CodeBlock")[1]["c"][1] == HOSTILE


def test_of_an_output_the_best_kind_is_taken():
    shown = section(
        code("a", result(image_png=picture(), text_html="<b>x</b>", text_plain="p")),
        code("b", result(text_html=table(), text_plain="p")),
        code("c", result(text_markdown="*m*", text_plain="p")),
        code("d", result(text_plain="plain")),
    ).blocks
    assert [node["t"] for node in shown if node["t"] != "Div" or "code" not in node["c"][0][1]] == [
        "Figure", "Div", "Para", "CodeBlock",
    ]  # fmt: skip


def test_options_are_captions_and_not_code():
    cell = code('#| fig-cap: "A box: `blue`,\n#|   and small."\n#| label: fig-a\ndraw()', result(image_png=picture()))
    blocks = assemble([section(cell)], lambda name: None)
    (figure,) = kinds(blocks, "Figure")
    assert pandoc.plain_text(figure["c"][1]) == "Figure 1. A box: blue, and small."
    assert pandoc.plain_text(kinds([figure], "Image")) == "A box: blue, and small."
    assert kinds(blocks, "CodeBlock")[0]["c"][1] == "draw()"


@pytest.mark.parametrize("tag", ["prose", "remove-input"])
def test_the_source_of_prose_and_of_what_is_tagged_so_is_left_out(tag):
    blocks = section(code("say('once')", result(text_markdown="once"), tags=(tag,))).blocks
    assert pandoc.plain_text(blocks) == "once"


def test_what_is_for_the_screen_alone_is_left_out():
    cells = code("panel()", result(text_plain="a picture"), tags=("remove-cell",)), "**Choose** a model."
    assert pandoc.plain_text(section(*cells).blocks) == "Choose a model."


@pytest.mark.parametrize(
    ("tag", "left"),
    [("hide-input", ["words", "below"]), ("hide-output", ["show()", "below"]), ("hide-cell", ["below"])],
)
def test_what_is_folded_has_no_number_and_paper_does_without_it(tag, left):
    shown = code("show()", said("words"), result(image_png=picture()), tags=(tag,))
    blocks = assemble([section(shown, "below", code("", result(image_png=picture())))], lambda name: None)
    shown = on_paper(blocks)
    assert [pandoc.plain_text(block) for block in shown if not kinds([block], "Figure")] == left
    numbers = [pandoc.plain_text(node["c"][1]) for node in kinds(shown, "Figure")]
    assert numbers == ["Figure 1", "Figure 2"][: len(numbers)] != []
    assert len(kinds(blocks, "Figure")) == 2, "on screens all of it is there"


def test_a_fold_ends_where_the_next_one_has_a_heading():
    texts = "## First", "its words", "more of them", "## Second", "others"
    cells = [new_markdown_cell(text, metadata={"tags": ["hide-cell"]}) for text in texts]
    folds = [pandoc.plain_text(block) for block in section(*cells).blocks]
    assert folds == ["Firstits wordsmore of them", "Secondothers"]


def test_a_pandas_table_has_one_heading_row_and_numbers_to_the_right():
    (node,) = kinds(section(code("t", result(text_html=table()))).blocks, "Table")
    (heading,) = node["c"][3][1]
    assert [pandoc.plain_text(cell) for cell in heading[1]] == ["variant", "text 0", "text 1", "number"]
    assert [column[0]["t"] for column in node["c"][2]] == ["AlignLeft"] * 3 + ["AlignRight"]


def test_the_sources_own_alignment_is_kept():
    (node,) = kinds(section("| a | b |\n|:-:|---|\n| word | 1 |").blocks, "Table")
    assert [column[0]["t"] for column in node["c"][2]] == ["AlignCenter", "AlignRight"]


def test_numbers_run_through_all_sections_and_names_are_unique():
    one = section("# One", "## Same", code("f", result(image_png=picture())), name="one")
    two = section("# Two", "## Same", "## Same", code("f", result(image_png=picture())), name="two")
    blocks = assemble([one, two], lambda name: None)
    assert [pandoc.plain_text(node["c"][1]) for node in kinds(blocks, "Figure")] == ["Figure 1", "Figure 2"]
    names = [node["c"][1][0] for node in kinds(blocks, "Header")]
    assert names == ["one", "one-same", "two", "two-same", "two-same-2"]


def test_links_lead_somewhere_or_are_words():
    text = "[a](two.ipynb) [b](three.ipynb) [c](#The-end) [d](#nowhere) [e](../README.md) [f](https://example.org)"
    made = section(text, "## The end", name="one")

    def links(blocks):
        return {pandoc.plain_text(node["c"][1]): node["c"][2][0] for node in kinds(blocks, "Link")}

    alone = assemble([made], {"two": "two.html"}.get)
    assert links(alone) == {"a": "two.html", "c": "#the-end", "f": "https://example.org"}
    assert pandoc.plain_text(alone).startswith("a b c d e f")
    joined = assemble([made, section("# Two", name="two")], lambda name: None)
    assert links(joined) == {"a": "#two", "c": "#one-the-end", "f": "https://example.org"}


def test_pictures_come_along_and_none_is_fetched(tmp_path):
    (tmp_path / "here.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    attached = new_markdown_cell("![c](attachment:c.png)", attachments={"c.png": {"image/png": picture()}})
    blocks = section(
        "![a](here.svg) ![b](https://example.org/b.png) ![gone](missing.png)", attached, folder=tmp_path
    ).blocks
    addresses = [node["c"][2][0] for node in kinds(blocks, "Image")]
    assert [address[:14] for address in addresses] == ["data:image/svg", "data:image/png"]
    assert [node["c"][2][0] for node in kinds(blocks, "Link")] == ["https://example.org/b.png"]
    assert "gone" in pandoc.plain_text(blocks)


def test_a_terminals_colours_and_overwritten_lines_are_gone():
    assert terminal_text(f"\x1b[31mred\x1b[0m\n 10%\r 90%\r\ndone\x00 {KOREAN}\n") == f"red\n 90%\ndone {KOREAN}"


def test_code_is_whole():
    assert kinds(section(code(LONG)).blocks, "CodeBlock")[0]["c"][1] == LONG
