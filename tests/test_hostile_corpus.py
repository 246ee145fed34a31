"""What a corpus says is text: through training, a notebook, HTML and PDF nothing of it runs, loads or is lost."""

import shutil

import nbformat
import pdfplumber
import pytest

from seq2seq_lib.experiments.records import read_records
from seq2seq_lib.report.export.execution import execute
from seq2seq_lib.report.export.outputs import CONTROL
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.write import export_section, read_section
from tests.hostile import NAMES, SENTENCES, TAG, missing, squeezed, told, write_notebook
from tests.jupyterlab import ROOT, open_jupyterlab, run_all_cells
from tests.test_report_pdf import check_pages, outline_of, text_of

BLOCK = TitleBlock(course='#read("/etc/passwd")', student='"><script>owned = 1</script>', number="$x^2$", date="-?")

#: Elements that the sentences ask for, and that no text of a report has.
PLANTED = "script, svg, iframe, textarea, math, mjx-container, img:not([src^='data:']), a[href^='javascript'], [onload]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds the executed notebook, its corpus, the records of its study, and the exports."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        execute(write_notebook(folder), in_place=True)
    section = read_section(folder / "hostile.ipynb")
    for to in ("html", "pdf"):
        export_section(section, to, folder, BLOCK)
    return folder


@pytest.fixture
def watched(browser):
    """A page and the addresses that it may ask for; any other one, a complaint or a dialog fails the test."""
    page, trouble, own = browser.new_page(viewport={"width": 1400, "height": 1000}), [], ["data:"]
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message) or dialog.dismiss())
    page.on("request", lambda asked: trouble.append(asked.url) if not asked.url.startswith(tuple(own)) else None)
    yield page, own
    assert page.evaluate("typeof owned") == "undefined"
    assert "owned" not in page.title()
    page.close()
    assert trouble == []


def outputs_of(content):
    """All outputs of an executed notebook; an error or a warning among them fails the test."""
    outputs = [output for cell in content.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    return outputs


def test_models_learn_to_say_it(folder):
    said = [pair["translation"] for record in read_records(folder / "records") for pair in record["translations"]]
    assert len(said) > 4
    assert [line for line in said if not line.startswith(TAG)] == []


def test_outputs_hold_it_escaped(folder):
    outputs = outputs_of(nbformat.read(folder / "hostile.ipynb", 4))
    data = [output.data for output in outputs if "data" in output]
    assert missing("".join(told(one["text/html"]) for one in data if "text/html" in one)) == []
    marked = [one["text/markdown"] for one in data if "text/markdown" in one]
    assert [words for words in (*SENTENCES, *NAMES) if words in "".join(marked)] == [], "Markdown would read it"


def test_the_page_shows_it_and_runs_nothing(folder, watched):
    page, own = watched
    own.append((folder / "hostile.html").as_uri())
    assert not CONTROL.search((folder / "hostile.html").read_text(encoding="utf-8"))
    page.goto(own[-1])
    page.get_by_role("button", name="Show code").click()
    main = page.locator("main")
    assert main.locator(PLANTED).count() == 0
    assert main.locator("h1, h3, ul, ol, blockquote, a[href^='http']").count() == 0
    assert missing(squeezed("".join(main.locator("td, th").all_inner_texts()))) == []
    assert missing(squeezed("".join(main.locator("pre").all_inner_texts())), SENTENCES) == []
    assert missing(squeezed(page.locator("header").inner_text()), BLOCK.lines().values()) == []


def test_the_pages_of_paper_show_it_and_lead_nowhere(folder):
    path = folder / "hostile.pdf"
    check_pages(path)
    text = squeezed(text_of(path))
    assert missing(text, (*NAMES, *BLOCK.lines().values())) == []
    lost = {words: text.count(squeezed(words)) for words in SENTENCES if text.count(squeezed(words)) < 4}
    assert lost == {}, "printed, as a source, as a reference and as a translation"
    assert "root:" not in text
    assert outline_of(path) == [], "a sentence became a heading"
    with pdfplumber.open(path) as pdf:
        assert {link.get("uri") for page in pdf.pages for link in page.annots} <= {None}
        assert not {"OpenAction", "AA", "JavaScript"} & set(pdf.doc.catalog)


@pytest.fixture
def lab(folder, browser, tmp_path):
    """JupyterLab with the notebook, its corpus and its records; it outlives the page that is open on it."""
    with open_jupyterlab(tmp_path) as server:
        for name in ("hostile.ipynb", "corpus.tsv"):
            shutil.copy(folder / name, server.notebooks)
        shutil.copytree(folder / "records", server.notebooks / "records")
        yield server


def test_in_jupyterlab_it_is_text_too(lab, watched):
    page, own = watched
    own += ["blob:", lab.url]
    outputs_of(run_all_cells(page, lab, "hostile.ipynb"))
    shown = page.locator(".jp-OutputArea-output")
    assert shown.locator(PLANTED).count() == 0
    assert missing(squeezed("".join(shown.locator("td, th, label").all_inner_texts()))) == []
    read = page.locator(".widget-html q bdi").all_inner_texts()  # in the panel that translates and the one that steps
    assert len(read) == 2
    assert all(squeezed(text).startswith("<b>unknown</b>") for text in read)
