"""HTML reports: one file that asks for nothing, complains of nothing, and can be read by everyone."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from seq2seq_lib.report.export.document import section_of
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.write import export_joined, export_section, read_section
from seq2seq_lib.report.fonts import korean_face
from tests.notebooks import ACCENTS, HOSTILE, KOREAN, LONG, code, everything, notebook

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
BLOCK = TitleBlock(course="자연어 처리 & more", student="Élodie <Œuvrard>", number="20261234", date="1 March 2026")
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """HTML files by name: of the hard notebook, of the first stored one, and of all joined."""
    out = tmp_path_factory.mktemp("html")
    sections = [read_section(path) for path in NOTEBOOKS]
    return {
        "made": export_section(section_of(everything(), "made", None), "html", out, BLOCK),
        "stored": export_section(sections[0], "html", out, BLOCK),
        "joined": export_joined(sections, "html", out, BLOCK),
    }


@pytest.fixture
def opened(files, browser):
    """Opens a file as a page; whatever it asks for or complains of fails the test."""
    pages, trouble = [], []

    def open_file(name, size=WIDE, scheme="light"):
        page = browser.new_page(viewport=size, color_scheme=scheme)
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: trouble.append(request.url) if not is_own(request.url, files) else None)
        page.goto(files[name].as_uri())
        pages.append(page)
        return page

    yield open_file
    for page in pages:
        page.close()
    assert trouble == []


def is_own(url, files):
    return url.startswith("data:") or url.split("#")[0] in [file.as_uri() for file in files.values()]


def serious(page):
    found = Axe().run(page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["made", "stored"])
def test_everyone_can_read_it(opened, name, scheme):
    page = opened(name, scheme=scheme)
    page.get_by_role("button", name="Show code").click()
    assert serious(page) == []


def test_the_joined_report_opens_with_all_sections_in_order(opened):
    page = opened("joined")
    chapters = page.locator("main h1").all_inner_texts()
    assert chapters == ["Findings at a glance", "1 · The encoder", "2 · The decoder", "3 · The connection"]
    numbers = [int(re.match(r"Figure (\d+)", text)[1]) for text in page.locator("figcaption").all_inner_texts()]
    assert numbers == [*range(1, len(numbers) + 1)]
    broken = page.eval_on_selector_all("img", "all => all.filter(one => !one.naturalWidth).length")
    assert (broken, page.locator("img").count()) == (0, len(numbers))


def test_every_entry_of_the_contents_leads_to_its_heading(opened):
    page = opened("joined")
    wanted = page.locator("main :is(h1, h2, h3)").all_inner_texts()
    assert page.locator("nav a").all_inner_texts() == wanted
    reached = "all => all.map(a => document.getElementById(decodeURIComponent(a.hash.slice(1)))?.innerText)"
    assert page.eval_on_selector_all("nav a", reached) == wanted


def test_code_is_folded_until_the_button_is_pressed(opened):
    page = opened("stored")
    cells = page.locator("details.code pre")
    assert cells.count() > 20
    assert not cells.first.is_visible()
    page.get_by_role("button", name="Show code").click()
    assert cells.first.is_visible()
    page.get_by_role("button", name="Hide code").click()
    assert not cells.first.is_visible()


@pytest.mark.parametrize(("scheme", "button"), [("light", "Dark"), ("dark", "Light")])
def test_the_scheme_is_the_systems_until_it_is_changed(opened, scheme, button):
    page = opened("made", scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    assert (before == "rgb(255, 255, 255)") == (scheme == "light")
    page.get_by_role("button", name=button).click()
    assert page.evaluate(ground) != before
    assert (
        page.evaluate("getComputedStyle(document.querySelector('figure img')).backgroundColor") == "rgb(255, 255, 255)"
    )


@pytest.mark.parametrize("name", ["made", "stored"])
def test_on_a_phone_nothing_but_tables_and_code_is_wider_than_the_screen(opened, name):
    page = opened(name, size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    boxes = page.locator(".scroll, pre")
    assert boxes.count() == page.locator(".scroll[tabindex='0'], pre[tabindex='0']").count() > 0


def test_on_paper_there_are_no_buttons_and_folded_code_stays_away(opened):
    page = opened("stored", scheme="dark")
    page.emulate_media(media="print")
    for thing in (".bar", "details.code"):
        assert not page.locator(thing).first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_all_letters_come_out_as_they_are(opened):
    page = opened("made")
    page.get_by_role("button", name="Show code").click()
    text = page.locator("main").inner_text()
    for words in (ACCENTS, HOSTILE, LONG, KOREAN):
        assert words in text
    assert text.count(KOREAN) == 3
    header = page.locator("header").inner_text()
    for words in BLOCK.lines().values():
        assert words in header


def test_korean_letters_come_along(opened, files):
    page = opened("made")
    fonts = page.evaluate("document.fonts.ready.then(all => [...all].map(one => [one.family, one.status]))")
    assert fonts == [["ReportKorean", "loaded"]]
    assert "@font-face" in files["made"].read_text(encoding="utf-8")
    assert korean_face("Voilà « l'œuvre »") == ""


def test_the_page_says_its_language_and_its_parts(files):
    page = files["made"].read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert '<a class="skip" href="#text">' in page
    assert "<em>x<sub>s</sub></em>" in page
    assert "<math" in page
    assert page.count("<h1") == 1
    assert "<figcaption><strong>Figure 1. </strong>A blue box, which says <code>nothing</code>.</figcaption>" in page
    assert 'alt="A blue box, which says nothing."' in page


def test_nothing_in_the_file_names_another_one(files):
    """Also what a browser would ask for only later: no style, script, font or picture from elsewhere."""
    for file in files.values():
        page = file.read_text(encoding="utf-8")
        assert not re.search(
            r"""(src|poster|srcset)\s*=\s*["'](?!data:)|@import|url\((?!data:)|<link(?! rel="icon" href="data:)""", page
        )


def test_code_without_output_or_captions_needs_nothing(tmp_path):
    section = section_of(notebook(code("a = 1")), "bare", None)
    page = export_section(section, "html", tmp_path, TitleBlock()).read_text(encoding="utf-8")
    assert "<title>bare</title>" in page


def test_answers_stay_folded_until_they_are_asked_for(tmp_path):
    answers = notebook("<details><summary>Answers</summary>\n\n1. *One.*\n2. Two.\n\n</details>\n\nBelow.")
    file = export_section(section_of(answers, "answers", None), "html", tmp_path, BLOCK)
    page = file.read_text("utf-8")
    assert re.search(
        r"<details><summary>Answers</summary>\s*<ol.*<em>One.</em>.*</ol>\s*</details>\s*<p>Below", page, re.S
    )
