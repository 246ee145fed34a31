"""Names of variants, typed sentences and addresses are text as well: in panels, in figures, and for exports."""

import os

import ipywidgets
import nbformat
import pytest
from matplotlib.text import Text

from seq2seq_lib.data.corpora import load_corpus
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variants import find_variant
from seq2seq_lib.report.breakdowns import by_length, quality_against_parameters
from seq2seq_lib.report.export import pandoc
from seq2seq_lib.report.export.document import section_of
from seq2seq_lib.report.export.losses import Losses
from seq2seq_lib.report.export.title_block import TitleBlock
from seq2seq_lib.report.export.write import export_section, read_section
from seq2seq_lib.report.figures import curves, loss_and_perplexity, png_of, spread
from seq2seq_lib.report.panels.explorer import curve_explorer
from seq2seq_lib.report.panels.stepping import stepping_panel
from seq2seq_lib.report.panels.translation import translation_panel
from seq2seq_lib.report.pictures import attention_maps, reading_orders
from seq2seq_lib.report.tables import NO_FORMULAS
from tests.hostile import FORMULAS, NAMES, SENTENCES, missing, named_study, profile_of, squeezed, told, write_corpus
from tests.notebooks import code, notebook, picture, result

ALL = NAMES + FORMULAS


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepare(load_corpus(write_corpus(tmp_path_factory.mktemp("corpus") / "corpus.tsv"), quiet=True))


def model_for(data):
    return find_variant("attention-dot").build(len(data.src.vocab), len(data.tgt.vocab), profile_of("").sizes)


def html_of(widget):
    """The HTML of a widget and of all inside it."""
    inside = "".join(map(html_of, getattr(widget, "children", ())))
    return inside + (widget.value if isinstance(widget, ipywidgets.HTML) else "")


def test_the_explorer_holds_names_as_text():
    assert missing(told(html_of(curve_explorer(named_study(ALL)))), ALL) == []


def untrained_study(data):
    """A study of all names, each of which has a model."""

    class Untrained(Study):
        def model(self, variant, seed=None):
            return model_for(data)

    return Untrained("enc_dec", profile_of(""), ALL, named_study(ALL).records)


def test_the_translator_holds_names_and_what_is_typed_as_text(data):
    chosen, study = ALL[:5], untrained_study(data)
    panel = translation_panel(study, data, "</q><script>owned = 1</script> " + SENTENCES[1], chosen)
    for page in (html_of(panel), panel._repr_mimebundle_()["text/html"]):
        assert missing(told(page), [*chosen, "</q><script>", SENTENCES[1]]) == []
    assert panel._repr_mimebundle_()["text/html"].count(f'class="{NO_FORMULAS}"') == 2, "the words and the table"
    panel.children[0].children[0].value = False
    told(html_of(panel))


@pytest.mark.parametrize("chosen", list(zip(ALL[::2], ALL[1::2], strict=False)))
def test_the_stepper_holds_names_and_what_is_typed_as_text(data, chosen):
    typed = "</q><script>owned = 1</script> " + SENTENCES[1]
    panel = stepping_panel(untrained_study(data), data, typed, chosen)
    assert missing(told(html_of(panel)), [*chosen, "</q><script>", SENTENCES[1]]) == []
    panel.children[3].children[1].click()
    told(html_of(panel))


@pytest.mark.filterwarnings("error")
def test_the_stepper_draws_names_and_words_as_they_are(data):
    study = untrained_study(data)
    for sentence in (SENTENCES[21], SENTENCES[23], *FORMULAS[:2]):
        drawn(stepping_panel(study, data, sentence, ALL[:1])._instead())
    assert missing(drawn(stepping_panel(study, data, "x^2", FORMULAS[:2])._instead()), FORMULAS[:2]) == []


def drawn(figure):
    """All that a figure says once it has been drawn; a `$` that matplotlib would read as a formula fails the test."""
    png_of(figure)
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    assert not [text for text in texts if "$" in text.get_text() and text.get_parse_math()]
    return squeezed("".join(text.get_text() for text in texts))


@pytest.mark.parametrize("draw", [curves, loss_and_perplexity, spread, by_length, quality_against_parameters])
def test_figures_write_names_as_they_are(draw):
    assert missing(drawn(draw(named_study(ALL))), ALL) == []


@pytest.mark.filterwarnings("error")
def test_figures_write_words_of_a_corpus_as_they_are(data):
    assert missing(drawn(reading_orders([(words, words) for words in FORMULAS[:4]], ["baseline"])), FORMULAS[:4]) == []
    drawn(reading_orders([(SENTENCES[21], SENTENCES[23])], ["baseline"]))
    pair = next(pair for pair in data.corpus.train if pair.source.startswith(SENTENCES[9]))
    assert missing(drawn(attention_maps({"attention-dot": model_for(data)}, data, pair, 40)), ["x^2", "$$"]) == []


def test_only_pictures_in_the_notebooks_own_folder_come_along(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside.svg"
    inside.mkdir()
    for path in (outside, inside / "here.svg", inside / "notes.txt"):
        path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    os.symlink(outside, inside / "linked.svg")
    addresses = ["../outside.svg", str(outside), outside.as_uri(), "notes.txt", "linked.svg", "../../etc/hostname"]
    marked = " ".join(f"![{address}]({address})" for address in ("here.svg", *addresses))
    tagged = " ".join(f"<img src='{address}' alt='{address}'>" for address in addresses)
    blocks = list(section_of(notebook(marked, code("1", result(text_html=tagged))), "made", inside).blocks)
    assert [pandoc.plain_text(node) for node in pandoc.nodes(blocks) if node["t"] == "Image"] == ["here.svg"]
    assert all(pandoc.plain_text(blocks).count(address) >= 2 for address in addresses), "named, and left where they are"


def test_a_loss_is_one_line_whatever_a_picture_is_called():
    losses = Losses()
    shown = result(
        text_html='<img src="a&#10;other.ipynb, cell 9: b&#27;[2Jc&#x202e;d"><span data-place="e&#10;f">g</span>'
    )
    section_of(notebook(code("1", shown)), "made", None, losses)
    (line,) = losses.told
    assert line.startswith("made.ipynb, cell 1: the picture a")
    assert line.isprintable()


@pytest.mark.parametrize("name", ["...ipynb", "..#read(x).ipynb"])
def test_an_export_stays_in_its_folder(tmp_path, name):
    nbformat.write(notebook("# Made", code("1", result(image_png=picture()))), tmp_path / name)
    out = tmp_path / "a" / "b"
    files = [export_section(read_section(tmp_path / name), to, out, TitleBlock()) for to in ("html", "pdf")]
    assert sorted(out.iterdir()) == sorted(files)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "a"])
