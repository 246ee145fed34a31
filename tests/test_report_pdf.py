"""PDFs: A4 pages on which everything is there, in order, in embedded fonts, and within the margins."""

import re
from pathlib import Path

import pdfplumber
import pypdfium2
import pytest
import typst
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE as IMAGE

from seq2seq_lib.report import fonts
from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.assembly import assemble
from seq2seq_lib.report.export.document import on_paper, section_of
from seq2seq_lib.report.export.pdf import write_pdf
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.write import export_joined, export_section, read_section
from tests.notebooks import ACCENTS, KOREAN, code, everything, notebook, picture, result, table

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
BLOCK = TitleBlock(course="자연어 처리", student="Élodie Œuvrard", number="20261234", date="1 March 2026")
A4, MARGIN = (595.28, 841.89), 22 / 25.4 * 72


@pytest.fixture(scope="module")
def sections():
    return [read_section(notebook) for notebook in NOTEBOOKS]


@pytest.fixture(scope="module")
def stored(sections, tmp_path_factory):
    """PDFs by name: each stored notebook's, and the joined one."""
    out = tmp_path_factory.mktemp("pdf")
    files = {section.name: export_section(section, "pdf", out, BLOCK) for section in sections}
    return {**files, "joined": export_joined(sections, "pdf", out, BLOCK)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return export_section(section_of(everything(), "made", None), "pdf", tmp_path_factory.mktemp("made"), BLOCK)


def text_of(path):
    pages = pypdfium2.PdfDocument(path)
    # a hyphen at the end of a line, which Typst put there, comes out as U+FFFE
    return "\n".join(page.get_textpage().get_text_bounded().replace("\ufffe\r\n", "") for page in pages)


def words_of(path):
    return re.sub(r"\s+", " ", text_of(path).replace("\u200b", ""))


def outline_of(path):
    return [entry.get_title() for entry in pypdfium2.PdfDocument(path).get_toc()]


def check_pages(path):
    """No letter and no picture beyond the margins, and every font inside the file."""
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            assert (page.width, page.height) == pytest.approx(A4, abs=0.1)
            letters = [char for char in page.chars if char["text"].strip()]  # spaces hang out at a line's end
            for thing in (*letters, *page.images):
                assert thing["x0"] >= MARGIN - 1, (page.page_number, thing.get("text"))
                assert thing["x1"] <= A4[0] - MARGIN + 1, (page.page_number, thing.get("text"))
                assert thing["bottom"] <= A4[1] - 20, (page.page_number, thing.get("text"))
        for descriptor in font_descriptors(pdf):
            assert {"FontFile", "FontFile2", "FontFile3"} & set(descriptor), descriptor


def font_descriptors(pdf):
    from pdfminer.pdftypes import resolve1

    for page in pdf.pages:
        for font in map(resolve1, (resolve1(page.page_obj.resources.get("Font")) or {}).values()):
            inner = [resolve1(part) for part in resolve1(font.get("DescendantFonts")) or [font]]
            yield from (resolve1(part["FontDescriptor"]) for part in inner)


def test_stored_notebooks_stay_on_the_page_in_embedded_fonts(stored):
    check_pages(stored["joined"])


@pytest.mark.parametrize("number", range(len(NOTEBOOKS)))
def test_a_notebooks_headings_figures_and_tables_are_there_in_order(stored, sections, number):
    section = sections[number]
    path, text = stored[section.name], words_of(stored[section.name])
    blocks = on_paper(section.blocks)
    headings = [pandoc.plain_text(node["c"][2]) for node in pandoc.nodes(blocks) if node["t"] == "Header"]
    assert outline_of(path) == headings
    assert text.index("Contents") < text.index(headings[0])
    figures = sum(node["t"] == "Figure" for node in pandoc.nodes(blocks))
    assert figures > 3
    assert [int(n) for n in re.findall(r"Figure (\d+)\. [A-Z]", text)] == [*range(1, figures + 1)]
    objects = [thing for page in pypdfium2.PdfDocument(path) for thing in page.get_objects(filter=[IMAGE])]
    assert len(objects) == figures
    tables = sum(node["t"] == "Table" and bool(node["c"][1][1]) for node in pandoc.nodes(blocks))
    assert [int(n) for n in re.findall(r"Table (\d+)\. [A-Z]", text)] == [*range(1, tables + 1)]


def test_the_joined_report_has_all_sections_as_chapters(stored, sections):
    entries = pypdfium2.PdfDocument(stored["joined"]).get_toc()
    chapters = [entry.get_title() for entry in entries if entry.level == 0]
    assert chapters == ["Findings at a glance", *(section.title for section in sections)]
    apart = [len(pypdfium2.PdfDocument(stored[section.name])) for section in sections]
    pages = len(pypdfium2.PdfDocument(stored["joined"]))
    assert sum(apart) - len(apart) <= pages <= sum(apart) + 5
    text = words_of(stored["joined"])
    figures = [int(n) for n in re.findall(r"Figure (\d+)\. [A-Z]", text)]
    assert figures == [*range(1, len(figures) + 1)]
    assert f"{pages} / {pages}" in text


def test_title_page_numbers_and_what_readers_search_by(made):
    pages = pypdfium2.PdfDocument(made)
    first = pages[0].get_textpage().get_text_bounded()
    for words in ("Everything", "A subtitle", *BLOCK.lines().values()):
        assert words in first
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page.get_textpage().get_text_bounded()
    assert pages.get_metadata_value("Title") == "Everything"
    assert pages.get_metadata_value("Author") == BLOCK.student
    assert b"/Lang" in made.read_bytes()


def test_hard_text_is_set_within_the_margins_and_can_be_copied(made):
    check_pages(made)
    text = words_of(made)
    for words in (ACCENTS, KOREAN, "#set page(width: 1pt) $x$ *a* _b_", "<script>alert(1)</script> </textarea>", "//"):
        assert words in text
    assert text.count(KOREAN) == 3, "in text, in code and in what was printed"
    assert re.sub(r"\s", "", text).count("x" * 400) == 1
    assert "After the fence" in outline_of(made)


def test_letters_below_the_line_are_small_and_low(made):
    with pdfplumber.open(made) as pdf:
        chars = [char for page in pdf.pages for char in page.chars]
    place = next(n for n, char in enumerate(chars) if char["text"] == "x" and chars[n + 1]["text"] == "s")
    letter, below = chars[place], chars[place + 1]
    assert below["size"] < 0.8 * letter["size"]
    assert below["bottom"] > letter["bottom"] - 1


def test_figures_are_said_in_words(made):
    with pdfplumber.open(made) as pdf:
        spoken = re.findall(r"'alt_text': '(.*?)'", str(pdf.structure_tree))
    assert spoken == ["A blue box, which says nothing.", "A figure"]


def test_a_picture_without_room_goes_to_the_next_page_and_the_text_goes_on(tmp_path):
    lines = "\n\n".join(f"This is line {n}." for n in range(28))
    drawn = code("#| fig-cap: A tall box.\ndraw()", result(image_png=picture(600, 600)))
    path = export_section(section_of(notebook(lines, drawn, "What comes after."), "made", None), "pdf", tmp_path, BLOCK)
    first, second = pypdfium2.PdfDocument(path)
    text = first.get_textpage().get_text_bounded()
    assert text.index("line 27") < text.index("(Figure 1)") < text.index("What comes after.")
    assert not list(first.get_objects(filter=[IMAGE]))
    assert list(second.get_objects(filter=[IMAGE]))


def test_a_short_table_without_room_goes_to_the_next_page_and_the_text_goes_on(tmp_path):
    lines = "\n\n".join(f"This is line {n}." for n in range(30))
    shown = code("#| tbl-cap: Rows that stay together.\nframe", result(text_html=table(12)))
    path = export_section(section_of(notebook(lines, shown, "What comes after."), "made", None), "pdf", tmp_path, BLOCK)
    first, second = (page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path))
    assert first.index("line 29") < first.index("(Table 1)") < first.index("What comes after.")
    assert "row-0" in second
    assert "row-11" in second


@pytest.mark.parametrize("lines", [20, 22, 24])
def test_a_table_with_room_does_not_overtake_one_without(lines, tmp_path):
    shown = [code(f"#| tbl-cap: These are {rows} rows.\nframe", result(text_html=table(rows))) for rows in (14, 2)]
    parts = "\n\n".join(f"This is line {n}." for n in range(lines)), shown[0], "Between.", shown[1], "After."
    text = words_of(export_section(section_of(notebook(*parts), "made", None), "pdf", tmp_path, BLOCK))
    assert text.index("Table 1. These") < text.index("Table 2. These")


def test_what_ends_with_a_colon_stays_with_what_it_announces(tmp_path):
    listing = code("\n".join(f"line_{n} = {n}" for n in range(12)))
    parts = [part for n in range(20) for part in ("Words. " * (60 + 40 * n), f"Announced{n} as follows:", listing)]
    path = export_section(section_of(notebook(*parts), "made", None), "pdf", tmp_path, BLOCK)
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path)]
    assert len(pages) > 5
    assert not [page for page in pages if re.search(r":\s+\d+ / \d+\s*$", page.replace("made", ""))]


def test_however_many_move_the_layout_comes_to_rest(tmp_path, monkeypatch):
    """Each that goes to the next page moves those behind it; none stands on a page before the one that announces it."""
    said = []

    def compiled(name, *, output=None, **options):
        pages, warnings = typst.compile_with_warnings(name, **options)
        said.extend(warnings)
        return output.write_bytes(pages) if output else pages

    monkeypatch.setattr(typst, "compile", compiled)
    parts = []
    for n in range(1, 25):
        drawn = code(f"#| fig-cap: Box {n}.\ndraw()", result(image_png=picture(600, 150 + 60 * (n % 7))))
        parts += [f"Here is announced{n} something. " + "It has words. " * (11 * n % 90), drawn]
    path = export_section(section_of(notebook(*parts), "made", None), "pdf", tmp_path, BLOCK)
    assert not said
    texts = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path)]
    for n in range(1, 25):
        (announced,) = (page for page, text in enumerate(texts) if f"announced{n} " in text)
        (shown,) = (page for page, text in enumerate(texts) if f"Box {n}." in text)
        assert announced <= shown <= announced + 2


def test_a_long_table_goes_on_under_its_heading(made):
    assert words_of(made).count("variant") >= 2


def test_a_table_is_no_text(made):
    with pdfplumber.open(made) as pdf:
        fonts_of_rows = {
            char["fontname"] for page in pdf.pages for word in page.search("row-3") for char in word["chars"]
        }
    assert fonts_of_rows
    assert not any("Mono" in name for name in fonts_of_rows)


def test_the_same_notebook_gives_the_same_bytes(made, tmp_path):
    again = export_section(section_of(everything(), "made", None), "pdf", tmp_path, BLOCK)
    assert again.read_bytes() == made.read_bytes()


def test_links_lead_out_of_the_file(made):
    with pdfplumber.open(made) as pdf:
        assert "https://example.org/a_b" in [link.get("uri") for page in pdf.pages for link in page.annots]


def test_without_the_korean_font_nothing_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)
    blocks = assemble([section_of(notebook(f"# {KOREAN}\n\n{KOREAN}"), "made", None)], lambda name: None)
    assert write_pdf(blocks, TitleBlock(), tmp_path / "made.pdf").stat().st_size > 1000


def test_a_wide_table_of_long_words_fits(tmp_path):
    shown = result(text_html=table(3, 12, "bilstm-deep-decoder-and-more aword" + "y" * 60))
    section = section_of(notebook(code("t", shown)), "made", None)
    check_pages(export_section(section, "pdf", tmp_path, BLOCK))


def test_a_sign_before_a_number_is_a_minus(tmp_path):
    told = notebook("It fell (-20.9% [-24.6%, -17.0%]), from 1-6 to -3.")
    text = words_of(export_section(section_of(told, "told", None), "pdf", tmp_path, BLOCK))
    assert "It fell (−20.9% [−24.6%, −17.0%]), from 1-6 to −3." in text
