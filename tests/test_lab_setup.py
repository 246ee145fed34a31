"""What `python -m seq2seq_lib lab` sets up: notebooks open unchanged, listings keep words whole, Stop works at once."""

import inspect
import re
import shutil
import time

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from seq2seq_lib.models.seq2seq import Seq2Seq
from tests.jupyterlab import ROOT, complaints_of, open_jupyterlab

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
OPENED = (*NOTEBOOKS, f"trusted-{NOTEBOOKS[0]}")
IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
SOON = 60_000
WIDE, PHONE = 1400, 390

#: A panel whose run goes on for longer than any test, and a cell that keeps the kernel busy.
TRAINING = """from seq2seq_lib import PROFILES, load_corpus, prepare, run_study
from seq2seq_lib.report.panels.training import training_panel
data = prepare(load_corpus(PROFILES["smoke"].corpus))
training_panel(run_study("decoder", "smoke", variants=["baseline"], data=data), data)"""
BUSY = "import time; print('asleep', flush=True); time.sleep(40)"

#: The words of an element, or what else fits, that are not on one line.
BROKEN = r"""(element, pattern) => {
    const nodes = [], walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const place = at => {
        for (const node of nodes) {
            if (at < node.length) return [node, at];
            at -= node.length;
        }
    };
    return [...element.textContent.matchAll(new RegExp(pattern, "g"))].filter(found => {
        const range = document.createRange(), [last, at] = place(found.index + found[0].length - 1);
        range.setStart(...place(found.index));
        range.setEnd(last, at + 1);
        const tops = [...range.getClientRects()].map(box => box.top);
        return Math.max(...tops) - Math.min(...tops) > 4;
    }).map(found => found[0]);
}"""
FONT = "element => getComputedStyle(element).fontFamily"


def listings():
    """A notebook with all that is set in <pre>: a listing in a cell's output and in a text, and what a cell prints."""
    source = f"```python\n{inspect.getsource(Seq2Seq)}\n```"
    printed = new_output("stream", name="stdout", text="some words of a line that is printed, as long as no page " * 5)
    shown = new_output("execute_result", {"text/markdown": source}, execution_count=1)
    return new_notebook(
        cells=[new_code_cell("shown", execution_count=1, outputs=[printed, shown]), new_markdown_cell(source)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with open_jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as server:
        for path in (ROOT / "notebooks").glob("*.ipynb"):
            shutil.copy(path, server.notebooks)  # as it is stored, with its outputs
            notary = NotebookNotary(data_dir=str(server.notebooks.parent / "data"))
            notebook = nbformat.read(path, 4)
            notebook.cells.append(new_markdown_cell("another notebook, or the signature would fit the first as well"))
            nbformat.write(notebook, server.notebooks / f"trusted-{path.name}")
            notary.sign(notebook)
        nbformat.write(listings(), server.notebooks / "listings.ipynb")
        cells = [new_code_cell(TRAINING), new_code_cell(BUSY)]
        nbformat.write(new_notebook(cells=cells, metadata=listings().metadata), server.notebooks / "training.ipynb")
        yield server


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": WIDE, "height": 1000})
    page.set_default_timeout(SOON)
    page.route(lambda url: "//127.0.0.1" not in url, lambda route: route.abort())
    yield page
    page.close()


def open_notebook(page, server, name):
    page.goto(server.address(name))
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()


@pytest.fixture(scope="module")
def opened(browser, server):
    """JupyterLab's page, with each notebook in a tab of its own and nothing else done, and what it complained of."""
    with browser.new_page(viewport={"width": WIDE, "height": 1000}) as page:
        complaints = complaints_of(page)
        page.set_default_timeout(SOON)
        open_notebook(page, server, f"{OPENED[0]}.ipynb")
        for name in OPENED[1:]:
            page.locator(f".jp-DirListing-item[title^='Name: {name}.ipynb']").dblclick()
            tab_of(page, name, ".jp-mod-current").wait_for()
            page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) {IDLE}").wait_for()
        time.sleep(2)  # a change would come with a kernel's first answer
        yield page, complaints


def tab_of(page, name, state=""):
    return page.locator(f"#jp-main-dock-panel .lm-TabBar-tab{state}").filter(has_text=re.compile(f"^{name}.ipynb$"))


@pytest.mark.parametrize("name", OPENED)
def test_a_notebook_that_was_only_opened_is_unchanged(opened, name):
    from playwright.sync_api import expect

    page, complaints = opened
    tab = tab_of(page, name)
    expect(tab).to_have_count(1)
    tab.click()
    trusted = "trusted" if name.startswith("trusted") else "not trusted"
    expect(page.locator(".jp-StatusItem-trust")).to_have_attribute(
        "title", re.compile(f"Notebook {trusted}"), timeout=SOON
    )
    expect(tab).not_to_have_class(re.compile("jp-mod-dirty"))
    # once, notebooks opened together met an error of Jupyter's own interface, and were there all the same
    assert not [complaint for complaint in complaints if "/api/" not in complaint]


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_no_word_of_a_listing_is_broken(page, server, width):
    page.set_viewport_size({"width": width, "height": 1000})
    open_notebook(page, server, "listings.ipynb")
    page.keyboard.press("Control+b")  # folds the list of files, or a phone has no room for a notebook
    check_listings(page.locator(".jp-Notebook pre"), width)


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_listings_of_jupyters_own_export(page, server, width):
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(f"{server.url}/nbconvert/html/listings.ipynb?token={server.token}")
    check_listings(page.locator(".jp-OutputArea-output pre, .jp-MarkdownOutput pre"), width)


def check_listings(found, width):
    """Words are whole, the letters of listings are of one width, and their lines are those of the source."""
    found.last.wait_for(state="attached")
    printed, *sources = found.all()
    assert len(sources) == 2
    assert printed.bounding_box()["width"] > width / 2, "there is room for words"
    assert not printed.evaluate(BROKEN, r"\S+")
    for one in sources:
        assert not one.evaluate(BROKEN, "[^\n]+")
        assert one.evaluate(FONT).endswith("monospace")


@pytest.mark.parametrize("fresh_seed", [79], indirect=True)
def test_stop_ends_a_run_while_a_cell_keeps_the_kernel_busy(page, server, fresh_seed):
    from playwright.sync_api import expect

    open_notebook(page, server, "training.ipynb")
    training, busy = page.locator(".jp-CodeCell").all()
    training.click()
    page.keyboard.press("Shift+Enter")
    panel = page.locator(".jp-OutputArea-output > .widget-vbox")
    for label, number in {"epochs": 4000, "seed": fresh_seed}.items():
        panel.get_by_label(label).fill(str(number))
        panel.get_by_label(label).press("Tab")
    panel.get_by_role("button", name="Train", exact=True).click()
    expect(panel).to_contain_text(re.compile(r"Step \d+ of"), timeout=SOON)
    busy.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    expect(busy.locator(".jp-OutputArea-output")).to_have_text("asleep", timeout=SOON)  # just before, clicks are heard
    panel.get_by_role("button", name="Stop", exact=True).click()
    expect(panel).to_contain_text(re.compile(r"Stopped at step \d+ of"), timeout=15_000)
    expect(busy.locator(".jp-InputPrompt")).to_have_text("[*]:")
