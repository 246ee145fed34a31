"""A folder of small notebooks, one a feature: what nbconvert shows is in our HTML and PDF, or is said to be lost."""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pdfplumber
import pytest
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import InvalidNotebook

from seq2seq_lib.__main__ import main
from seq2seq_lib.report.export.losses import Losses
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.write import FORMATS, export_section, read_section

FOLDER = Path(__file__).parent / "notebooks"

#: What is lost, and how each loss is told, in order; all other notebooks lose nothing.
LOST = {
    "attachments_not_there": ["cell 2: the picture attachment:gone.png is not attached to its cell; its words"],
    "altair": ["cell 2: an output of type application/vnd.vegalite.v5+json", "cell 3: an output that a script draws"],
    "bokeh": [
        "cell 2: an output of type application/vnd.bokehjs_load.v0+json",
        "cell 3: an output of type application/vnd.bokehjs_exec.v0+json",
    ],
    "formulas_beyond": [
        "cell 4: no formula has the label nowhere", r"cell 2: the formula '$\\unicode{x263A}$'", "cell 3: the formula",
    ],
    "mermaid": ["cell 2: a mermaid diagram is not drawn; its source stands in its place."],
    "pages_within_pages": ["cell 2: a page within this one is not shown"],
    "picture_damaged": [
        *(f"cell {cell}: the picture of type image/png is damaged" for cell in (2, 3, 4)),
        "cell 5: the picture of type image/svg+xml is damaged",
        "cell 6: the picture within the text is damaged",
    ],
    "pictures_not_there": [
        "cell 2: the picture img/tow%20words.png is not there; its words stand in its place.",
        "cell 3: the picture ../hostile.png is not in the notebook's own folder",
        "cell 4: the picture https://example.org/x.png is elsewhere",
        "cell 5: the picture README.md is not there",
    ],
    "plotly": [f"cell {cell}: an output of type application/vnd.plotly.v1+json is not shown" for cell in (2, 3)],
    "scripts": ["cell 2: an output of type application/javascript", "cell 3: a script is not run"],
    "video_and_audio": [
        "cell 2: a video is not shown", "cell 3: a sound is not shown", "cell 4: an output of type video/mp4",
        "cell 5: a video is not shown",
    ],
    "widgets_of_others": ["cell 2: a widget is not shown"],
}  # fmt: skip
LOST_ON_PAPER = {
    "letters_without_font": [": no font here has these letters of Thai (ท ภ ย …), Han (们), signs and emoji (🥐 🦄)"],
    "picture_that_moves": ["cell 2: a picture moves; the PDF shows how it begins."],
}

#: What nbconvert shows and we do not, as there is something better: what a script, a player or JSON would draw over, a
#: terminal's line that was written over, Markdown that people write and Markdown's rules refuse, a cell's options.
INSTEAD = {
    "json": ("<IPython.core.display.JSON object>",),
    "picture_damaged": ("#| fig-cap:",),
    "pictures_by_path": ("![two](img/two words.png)",),
    "printed": ("10%",),
    "video_and_audio": ("Your browser has no video.",),
    "widgets_of_others": ("Map(center=[1, 2])",),
}
#: What nbconvert refuses as a whole.
REFUSED = ("attachments_not_there", "attachments_with_spaces")
RIGHT_TO_LEFT = re.compile("[\u0590-\u06ff]")  # comes out of a PDF in the order of what is seen
FORMULA = re.compile(
    r"\$\$.*?\$\$|(?<!\\)\$[^$`\n]+\$(?!\d)|\\begin\{(.*?)\}.*?\\end\{\1\}|\\(eq)?ref\{\w+\}", re.DOTALL
)


class _Shown(HTMLParser):
    """What a browser shows of a page: words, and how many pictures and formulas."""

    def __init__(self, page):
        super().__init__()
        self.words, self.count, self.within = [], {"img": 0, "svg": 0, "math": 0}, []
        self.feed(page)
        self.text = " ".join(self.words)

    def handle_starttag(self, tag, attrs):
        if tag in self.count:
            self.count[tag] += 1
        if tag in ("script", "style", "annotation", "svg", "title"):
            self.within.append(tag)

    def handle_endtag(self, tag):
        if self.within and self.within[-1] == tag:
            self.within.pop()

    def handle_data(self, data):
        if not self.within:
            self.words.append(data)


def names():
    return sorted(path.stem for path in FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """(file, losses) of a notebook in a format, made once."""
    out, made = tmp_path_factory.mktemp("features"), {}

    def export(name, to):
        if (name, to) not in made:
            losses = Losses()
            section = read_section(FOLDER / f"{name}.ipynb", losses)
            made[name, to] = export_section(section, to, out, TitleBlock(), losses=losses), losses.told
        return made[name, to]

    return export


def theirs(name):
    """What nbconvert shows of a notebook."""
    content = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    if name in REFUSED:
        with pytest.raises(InvalidNotebook):
            HTMLExporter(template_name="basic").from_notebook_node(content)
        return _Shown("".join(f"<p>{cell.source}</p>" for cell in content.cells if "![" not in cell.source))
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(content)
    return _Shown(re.sub(r"(In|Out)(&nbsp;|\s)*\[\d+\]:", "", page))


def words_of(name):
    """All words of nbconvert's page but for its formulas' TeX."""
    text = re.sub(r"\s+", " ", theirs(name).text)
    for left_out in INSTEAD.get(name, ()):
        assert left_out in text, "no longer needed"
        text = text.replace(left_out, " ")
    return re.findall(r"\w+", FORMULA.sub(" ", text))


def of_paper(path):
    """(letters in order, pictures with their words) of a PDF."""
    with pdfplumber.open(path) as pdf:
        letters = "".join(char["text"] for page in pdf.pages for char in page.chars)
        return re.sub(r"[\s\u200b\u00ad-]", "", letters), re.findall(r"'alt_text': '(.*?)'", str(pdf.structure_tree))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("to", FORMATS)
def test_what_is_lost_is_said(exported, name, to):
    _, told = exported(name, to)
    expected = LOST.get(name, []) + (LOST_ON_PAPER.get(name, []) if to == "pdf" else [])
    assert len(told) == len(expected), told
    for line, beginning in zip(told, expected, strict=True):
        assert line.startswith(f"{name}.ipynb{'' if beginning.startswith(':') else ', '}{beginning}")
        assert line.endswith(".")
        assert "\n" not in line


@pytest.mark.parametrize("name", names())
def test_the_page_has_every_word_and_picture_that_nbconvert_shows(exported, name):
    page, told = exported(name, "html")
    shown, reference = _Shown(page.read_text(encoding="utf-8")), theirs(name)
    assert [word for word in words_of(name) if word not in shown.text] == []
    without = sum("picture" in line for line in told)
    assert shown.count["img"] + without >= reference.count["img"] + reference.count["svg"]


@pytest.mark.parametrize("name", names())
def test_the_paper_has_them_too(exported, name):
    text, pictures = of_paper(exported(name, "pdf")[0])
    words = [word for word in words_of(name) if not RIGHT_TO_LEFT.search(word)]
    assert [word for word in words if word not in text and name != "letters_without_font"] == []
    assert len(pictures) == _Shown(exported(name, "html")[0].read_text(encoding="utf-8")).count["img"]


@pytest.mark.parametrize(
    ("name", "pictures"), [("attachments_with_spaces", 2), ("pictures_by_path", 9), ("pictures_of_all_types", 8)]
)
def test_pictures_are_shown_that_nbconvert_refuses_or_leaves_to_the_browser(exported, name, pictures):
    page = exported(name, "html")[0].read_text(encoding="utf-8")
    assert len(re.findall(r'<img\s+src="data:image/(png|jpeg|gif|webp|svg\+xml);base64,', page)) == pictures


@pytest.mark.parametrize(
    ("name", "formulas"), [("formulas_environments", 8), ("formulas_macros", 7), ("formulas_numbers", 5)]
)
def test_formulas_are_formulas(exported, name, formulas):
    page, _ = exported(name, "html")
    shown = _Shown(page.read_text(encoding="utf-8"))
    assert shown.count["math"] == formulas
    for text in (shown.text, of_paper(exported(name, "pdf")[0])[0]):
        assert not re.search(r"\\[a-z(\[]", text)


def test_numbers_stand_where_labels_are(exported):
    shown = _Shown(exported("formulas_numbers", "html")[0].read_text(encoding="utf-8")).text
    assert re.search(
        r"By \(1\)\s+and 3\s*,\s+and\s+\(A\)\s*;\s+\(4\)\s+comes below", re.sub(r"[\u2000-\u200b]", "", shown)
    )


def test_letters_of_many_scripts_have_their_glyphs(exported):
    """No letter is a box: what a font lacks would come out of the PDF as nothing."""
    text, _ = of_paper(exported("letters", "pdf")[0])
    for word in ("Voilà", "Ελληνικά", "Русский", "한국어", "Հայերեն", "ქართული", "中文", "✓", "😀"):
        assert word in text
    assert set("עברית") <= set(text)


def test_strict_makes_a_loss_an_error_on_both_formats(tmp_path, capsys):
    lossy, whole = str(FOLDER / "pictures_not_there.ipynb"), str(FOLDER / "markdown.ipynb")
    for to in FORMATS:
        options = ["--to", to, "--out", str(tmp_path), "--strict"]
        assert main(["export", whole, *options]) == 0
        assert capsys.readouterr().err == ""
        assert main(["export", lossy, *options]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == len(LOST["pictures_not_there"])
        assert lines[0] == f"pictures_not_there.ipynb, {LOST['pictures_not_there'][0]}"
        assert main(["export", lossy, *options[:-1]]) == 0
        assert capsys.readouterr().err.splitlines() == lines


def test_two_notebooks_of_one_name_are_refused(tmp_path, capsys):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.ipynb").write_bytes((FOLDER / "markdown.ipynb").read_bytes())
    both = [str(tmp_path / "a" / "x.ipynb"), str(tmp_path / "b" / "x.ipynb")]
    for command in (["export", *both, "--to", "html"], ["report", *both]):
        assert main([*command, "--out", str(tmp_path / "out")]) == 2
        shown = capsys.readouterr()
        assert f"{both[0]} and {both[1]} have one name" in shown.err
        assert not (tmp_path / "out").exists()


def test_report_tells_losses_and_knows_strict(tmp_path, capsys):
    (tmp_path / "x.ipynb").write_bytes((FOLDER / "attachments_not_there.ipynb").read_bytes())
    assert main(["report", str(tmp_path / "x.ipynb"), "--out", str(tmp_path / "out"), "--strict"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("x.ipynb, cell 2: the picture attachment:gone.png is not attached")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["x.html", "x.pdf"]


def test_markdown_within_html_is_read(exported):
    """No sign of either language is left in the text, and both have done their work."""
    page = exported("html_in_markdown", "html")[0].read_text(encoding="utf-8")
    shown = _Shown(page).text
    assert not re.search(r"[<>*$]|&\w+;", shown)
    for made in ("<strong>text</strong>", "<em>open</em>", "<kbd>Ctrl</kbd>", "<mark>marked</mark>", 'rowspan="2"'):
        assert made in page
    text, _ = of_paper(exported("html_in_markdown", "pdf")[0])
    assert not re.search(r"[<>*$]", text)


def test_a_picture_that_says_what_it_shows_goes_with_these_words(tmp_path):
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    shown = nbformat.v4.new_output(
        "display_data", {"image/png": pixel, "text/plain": "x"}, metadata={"image/png": {"alt": "A < B, in words"}}
    )
    cell = nbformat.v4.new_code_cell("#| fig-cap: A caption.\ndraw()", outputs=[shown], execution_count=1)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "alt.ipynb")
    assert main(["export", str(tmp_path / "alt.ipynb"), "--to", "html", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "alt.html").read_text(encoding="utf-8")
    assert 'alt="A &lt; B, in words"' in page
    assert "A caption." in page
