"""The notebooks as a reader has them: JupyterLab in a browser, cells run, the panels used by mouse and keyboard.

The first is run whole. Of the others only the panels and what they need: nbval runs all their cells without a browser.
"""

import os
import re
import signal
import urllib.request
from typing import NamedTuple

import nbformat
import psutil
import pytest

from seq2seq_lib.models.variants import title_of
from tests.browser import open_chromium
from tests.jupyterlab import ROOT, complaints_of, open_jupyterlab, run_all_cells, slice_of

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))

#: Milliseconds until something that has been asked for must be there; most of it is slack for a busy machine.
SOON = 60_000

#: From now on writes down each redraw of an element's content: pictures in it, and its height, before it is painted.
WATCH = """element => {
    element.redraws = [];
    const watcher = new MutationObserver(changes => changes.forEach(() =>
        element.redraws.push([element.querySelectorAll('img').length, element.getBoundingClientRect().height])));
    watcher.observe(element, {childList: true});
}"""


PANELS = re.compile(r"^(?:\w+ = )?(?:curve_explorer|\w+_panel)\(", re.MULTILINE)


def panels_of(cells):
    return PANELS.findall("\n".join(cell.source for cell in cells if cell.cell_type == "code"))


class Opened(NamedTuple):
    """A notebook in the browser whose cells have run."""

    page: object
    saved: object
    complaints: list
    server: object

    def panel(self, label):
        """The panel that has a control with this label."""
        return self.page.locator(".jp-OutputArea-output > .widget-vbox").filter(
            has=self.page.get_by_label(label, exact=True).or_(self.page.get_by_role("button", name=label, exact=True))
        )


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Opens a notebook of that name and runs it, the first time; what the browser complains of is collected."""
    notebooks = {}
    with open_chromium() as browser, open_jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as server:
        for name in NOTEBOOKS[1:]:
            path = server.notebooks / f"{name}.ipynb"
            nbformat.write(slice_of(nbformat.read(path, 4), PANELS.search), path)

        def run(name):
            if name not in notebooks:
                page = browser.new_page(viewport={"width": 1400, "height": 1000})
                complaints = complaints_of(page)
                page.set_default_timeout(SOON)
                saved = run_all_cells(page, server, f"{name}.ipynb")
                notebooks[name] = Opened(page, saved, complaints, server)
            return notebooks[name]

        yield run


def choose(control, on):
    """Clicks a checkbox and is told by the browser that it changed."""
    from playwright.sync_api import expect

    control.set_checked(on)
    expect(control).to_be_checked(checked=on)


def picture_after(panel, change):
    """Changes something and waits for another picture; returns its source."""
    from playwright.sync_api import expect

    image = panel.locator("img")
    before = image.get_attribute("src")
    change()
    expect(image).not_to_have_attribute("src", before, timeout=SOON)
    return image.get_attribute("src")


def serious_violations(page, panel):
    """What axe-core finds in a panel, JupyterLab's own frame left out: rule -> the elements."""
    from axe_playwright_python.sync_playwright import Axe

    panel.evaluate("element => { element.id = 'under-test'; }")
    found = Axe().run(page, "#under-test").response["violations"]
    panel.evaluate("element => element.removeAttribute('id')")
    return {
        one["id"]: [node["html"][:200] for node in one["nodes"]]
        for one in found
        if one["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_all_cells_run_and_all_widgets_are_there(opened, name):
    notebook = opened(name)
    code = [cell for cell in notebook.saved.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert not [output for output in outputs if "application/vnd.jupyter.widget-view+json" in output.get("data", {})]
    page, panels = notebook.page, panels_of(nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4).cells)
    assert panels_of(code) == panels
    assert page.locator(".jp-OutputArea-output > .widget-vbox").count() == len(panels) >= 3
    assert page.get_by_text(re.compile("Error displaying widget|Loading widget|Could not process")).count() == 0
    assert not notebook.complaints


def test_a_notebook_that_was_saved_opens_with_what_stands_beside_its_widgets(opened):
    notebook = opened("01_encoder")
    page = notebook.page.context.browser.new_page()
    page.goto(notebook.server.address("01_encoder.ipynb"))
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=SOON)
    with_picture = [c for c in notebook.saved.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    assert page.locator(".jp-OutputArea-output img").count() >= len(with_picture)
    assert page.get_by_text(re.compile("Error displaying widget|Loading widget|model not found")).count() == 0
    page.close()


def test_jupyters_own_export_prints_a_text_once(opened):
    notebook = opened("01_encoder")
    url = f"{notebook.server.url}/nbconvert/html/01_encoder.ipynb?token={notebook.server.token}"
    page = urllib.request.urlopen(url, timeout=SOON / 1000).read().decode()
    prose = [cell for cell in notebook.saved.cells if "prose" in cell.metadata.get("tags", [])]
    assert prose
    assert "expect=" not in page, "the source of a text"
    assert "study = run_study" in re.sub("<[^>]+>", "", page), "other sources stay"


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("label", ["metric", "Train", "Translate"])
def test_panels_are_accessible(opened, name, label):
    notebook = opened(name)
    assert not serious_violations(notebook.page, notebook.panel(label))


def test_a_toggle_redraws_the_one_picture_once_and_in_place(opened):
    panel = opened("01_encoder").panel("metric")
    content, switch = panel.locator(".widget-html-content"), panel.get_by_label(title_of("bilstm-mean"), exact=True)
    first, height = panel.locator("img").get_attribute("src"), content.bounding_box()["height"]
    content.evaluate(WATCH)
    second = picture_after(panel, lambda: choose(switch, False))
    assert "bilstm-mean" not in panel.locator("img").get_attribute("alt")
    panel.get_by_label("study", exact=True).select_option("this run")  # as it is: nothing to draw
    assert picture_after(panel, lambda: choose(switch, True)) == first != second
    redraws = content.evaluate("element => element.redraws")
    assert [pictures for pictures, _ in redraws] == [1, 1], "one redraw a change, one picture each time"
    assert {round(now) for _, now in redraws} == {round(height)}, "what stands below does not jump"


def test_the_explorer_by_keyboard_and_each_seed(opened):
    notebook = opened("01_encoder")
    panel, keyboard = notebook.panel("metric"), notebook.page.keyboard
    panel.get_by_label(title_of("baseline"), exact=True).focus()
    keyboard.press("Tab")  # to the next variant
    picture_after(panel, lambda: keyboard.press("Space"))
    assert "bilstm-concat" not in panel.locator("img").get_attribute("alt")
    picture_after(panel, lambda: keyboard.press("Space"))
    picture_after(panel, lambda: choose(panel.get_by_label("each seed", exact=True), True))
    panel.get_by_label("metric", exact=True).focus()
    keyboard.press("Space")  # opens the list; on a closed one JupyterLab takes the arrow keys for its cells
    keyboard.press("ArrowDown")
    picture_after(panel, lambda: keyboard.press("Enter"))
    assert panel.locator("img").get_attribute("alt").startswith("test perplexity")
    assert panel.get_by_label("each seed", exact=True).is_disabled()


def set_numbers(panel, **values):
    for label, value in values.items():
        field = panel.get_by_label(re.compile(label.replace("_", " ")))
        field.fill(str(value))
        field.press("Tab")


@pytest.mark.parametrize("fresh_seed", [77], indirect=True)
def test_training_stops_and_trains_again_while_the_kernel_answers(opened, fresh_seed):
    from playwright.sync_api import expect

    notebook = opened("02_decoder")
    panel, explorer = notebook.panel("Train"), notebook.panel("metric")
    train, stop = (panel.get_by_role("button", name=name, exact=True) for name in ("Train", "Stop"))
    set_numbers(panel, epochs=2000, seed=fresh_seed)
    train.click()
    expect(panel).to_contain_text(re.compile(r"Step \d+ of 10000, training loss"), timeout=SOON)
    picture_after(explorer, lambda: choose(explorer.get_by_label(title_of("tied"), exact=True), False))
    expect(train).to_be_disabled()
    expect(panel.locator("img")).to_have_count(1)
    stop.click()
    expect(panel).to_contain_text(re.compile(r"Stopped at step \d+ of 10000"), timeout=SOON)

    set_numbers(panel, epochs=3)
    train.click()
    expect(panel).to_contain_text("Done. Test perplexity", timeout=SOON)
    expect(panel.locator("table")).to_contain_text("baseline, epochs 3")
    expect(panel.locator("img")).to_have_count(1)
    assert not serious_violations(notebook.page, panel)


def test_a_size_that_cannot_work_is_a_sentence(opened):
    from playwright.sync_api import expect

    panel = opened("02_decoder").panel("Train")
    set_numbers(panel, hidden=0)
    panel.get_by_role("button", name="Train", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("Sizes.hidden is 0", timeout=SOON)
    set_numbers(panel, hidden=24)


def test_a_sentence_is_translated_with_attention(opened):
    from playwright.sync_api import expect

    notebook = opened("03_enc_dec")
    panel = notebook.panel("Translate")
    panel.get_by_label("sentence", exact=True).fill("My unicorn sleeps.")
    notebook.page.keyboard.press("Enter")
    expect(panel.locator("mark")).to_have_text("unicorn", timeout=SOON)
    expect(panel.locator("tbody tr")).to_have_count(2)
    choose(panel.get_by_label(title_of("attention-dot"), exact=True), True)
    expect(panel.get_by_alt_text(re.compile("Where attention-dot looks"))).to_be_visible(timeout=SOON)
    assert not serious_violations(notebook.page, panel)
    panel.get_by_label("sentence", exact=True).fill("")
    notebook.page.keyboard.press("Enter")
    expect(panel.get_by_role("alert")).to_have_text("Type a sentence first.", timeout=SOON)


def test_a_translation_is_stepped_through_by_mouse_and_keyboard(opened):
    from playwright.sync_api import expect

    notebook = opened("03_enc_dec")
    panel, keyboard = notebook.panel("next ▶"), notebook.page.keyboard
    told, step = panel.get_by_role("status"), panel.get_by_label("step", exact=True)
    expect(told).to_contain_text("Step 1 of 8: Attention: QKV writes “le”", timeout=SOON)
    panel.get_by_role("button", name="next ▶", exact=True).click()
    expect(told).to_contain_text("Step 2 of 8: Attention: QKV writes “policier”", timeout=SOON)
    expect(panel).to_contain_text("Looks at: policeman")
    keyboard.press("Space")  # the button has the focus
    expect(told).to_contain_text("Step 3 of 8: Attention: QKV writes “canadien”", timeout=SOON)
    expect(panel).to_contain_text("Looks at: canadian")
    step.focus()
    keyboard.press("ArrowUp")
    expect(told).to_contain_text("Step 4 of 8", timeout=SOON)
    panel.get_by_role("button", name="◀ back", exact=True).click()
    expect(told).to_contain_text("Step 3 of 8", timeout=SOON)  # a choice among the words of step 4 would be lost
    panel.get_by_label("choose (first model)", exact=True).select_option(index=1)
    expect(told).to_contain_text("Step 3 of 8: Attention: QKV writes “canadiens”", timeout=SOON)
    assert not serious_violations(notebook.page, panel)


def test_nothing_was_complained_of(opened):
    for name in NOTEBOOKS:
        assert not opened(name).complaints


@pytest.mark.parametrize("fresh_seed", [78], indirect=True)
def test_no_run_outlives_its_kernel(opened, fresh_seed):
    """The last of this file: it ends the kernel of a notebook."""
    from playwright.sync_api import expect

    notebook = opened("02_decoder")
    panel = notebook.panel("Train")
    set_numbers(panel, epochs=2000, seed=fresh_seed)
    panel.get_by_role("button", name="Train", exact=True).click()
    expect(panel).to_contain_text(re.compile(r"Step \d+ of 10000, training loss"), timeout=SOON)
    family = psutil.Process(notebook.server.pid).children(recursive=True)
    workers = [one for one in family if "LokyProcess" in str(one.cmdline()) and one.ppid() in map(_pid, family)]
    at_work = max(workers, key=psutil.Process.create_time)  # those of the notebook's study may still idle
    os.kill(at_work.ppid(), signal.SIGKILL)
    at_work.wait(SOON / 1000)


def _pid(process):
    return process.pid
