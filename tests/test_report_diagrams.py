"""Diagrams hold what running the model gives, colour what differs and nothing else, and keep words apart."""

import base64
import json
import re
import warnings
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.models import variants
from seq2seq_lib.models.variants import VARIANTS, WITH_ONE_VOCABULARY, build_model, find_variant
from seq2seq_lib.report.anatomy import REPORT_VOCABULARY
from seq2seq_lib.report.diagrams import asking, describe, diagram, overview
from seq2seq_lib.report.diagrams.asking import blueprint, tiny_batch
from seq2seq_lib.report.figures import colour_of

SIZES = Sizes(12, 16, 2, 0.5)
NAMES = (*VARIANTS, *WITH_ONE_VOCABULARY)
JOINS = [name for name in VARIANTS if name.startswith("bilstm")]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Vocabularies of another size than the report's: nothing in a picture may be written down by hand."""
    monkeypatch.setattr(asking, "REPORT_VOCABULARY", (90, 110))


def texts(figure):
    return [text for axes in figure.axes for text in axes.texts if text.get_text()]


def said(figure):
    return [text.get_text() for text in texts(figure)]


def boxes_of(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    return [(text, text.get_window_extent(renderer)) for text in texts(figure)]


def overlapping(boxes):
    return [(a.get_text(), b.get_text()) for (a, x), (b, y) in combinations(boxes, 2) if x.overlaps(y)]


def thick(figure, name):
    """How many boxes and arrows have the variant's colour and a thicker line."""
    return sum(
        to_hex(patch.get_edgecolor()) == colour_of(name).lower() and patch.get_linewidth() > 1.5
        for axes in figure.axes
        for patch in axes.patches
    )


@cache
def drawn(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = diagram(name, SIZES)
        FigureCanvasAgg(figure).draw()
    return figure


@pytest.mark.parametrize("name", NAMES)
def test_each_variant_is_drawn_in_its_place(name, caplog):
    """No warnings, nothing open, no letter below 7 points; words neither leave the page nor lie on each other."""
    figure = drawn(name)
    assert not caplog.records, "a font that lacks something says so in the log"
    assert plt.get_fignums() == []
    assert figure.get_size_inches()[0] < 8.27, "an A4 page"
    page, boxes = figure.bbox, boxes_of(figure)
    for text, box in boxes:
        assert text.get_fontsize() >= 7
        assert page.contains(*box.min), text.get_text()
        assert page.contains(*box.max), text.get_text()
    assert overlapping(boxes) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_shapes_are_those_of_a_run(name):
    sizes = (110, 110) if name in WITH_ONE_VOCABULARY else (90, 110)
    model = build_model(name, *sizes, SIZES).eval()
    batch, _ = tiny_batch(64)
    memory, state = model.encode(batch.src, batch.src_lengths)
    features, _ = model.decoder(batch.tgt[:-1], state, memory)
    logits = model(batch.src, batch.src_lengths, batch.tgt)
    ran = {str([*tensor.shape]) for tensor in (memory.outputs, memory.hidden, state.cell, features, logits)}
    assert set(re.findall(r"\[[\d, ]+\]", " ".join(said(drawn(name))))) == ran


@pytest.mark.parametrize("name", NAMES)
def test_in_colour_is_what_differs_from_the_labs_model(name):
    same = str(build_model(name, 110, 110, SIZES)) == str(build_model("baseline", 110, 110, SIZES))
    assert bool(thick(drawn(name), name)) is not same
    assert not thick(diagram(name, SIZES, against=name), name)


def test_what_two_models_share_is_grey():
    changed = {part[0] for part in blueprint("attention-qkv", SIZES).differing(blueprint("baseline", SIZES))}
    assert changed == {"attention", "output layer", "shape"}
    assert blueprint("packed", SIZES).differing(blueprint("baseline", SIZES)) == {
        ("handing over", "1", "forward"), ("handing over", "2", "forward"),
    }  # fmt: skip
    kinds = blueprint("attention-qkv", SIZES).differing(blueprint("attention-qkv-unscaled", SIZES))
    assert kinds == {("attention",)}


@pytest.mark.parametrize(
    ("name", "words", "leaves"),
    [("baseline", "she sings EOS PAD", "PAD"), ("packed", "she sings EOS PAD", "EOS"),
     ("reversed", "PAD EOS sings she", "she"), ("reversed-tokens", "EOS sings she PAD", "PAD"),
     ("reversed-packed", "EOS sings she PAD", "she"), ("reversed-batch", "he runs EOS PAD", "PAD")],
)  # fmt: skip
def test_words_stand_in_the_order_in_which_they_are_read_and_the_state_leaves_where_it_does(name, words, leaves):
    facts = blueprint(name, SIZES)
    assert " ".join(facts.words) == words
    assert {facts.words[row.leaves] for row in facts.rows} == {leaves}
    assert all(word in said(drawn(name)) for word in facts.words)


@pytest.mark.parametrize(
    ("name", "links"),
    [("baseline", [(0,), (1,)]), ("bilstm-mean", [(0, 1), (2, 3)]), ("bilstm-deep-decoder", [(0,), (1,), (2,), (3,)]),
     ("enc4-dec2", [(2,), (3,)]), ("enc4-dec2-mean", [(0, 1), (2, 3)]), ("enc2-dec4", [(0,), (1,), (0,), (1,)]),
     ("enc2-dec4-zeros", [(0,), (1,), (), ()]), ("enc4-dec2-linear", [(0, 1, 2, 3)] * 2)],
)  # fmt: skip
def test_links_through_the_bridge(name, links):
    found = blueprint(name, SIZES).links
    assert [tuple(place for place, link in enumerate(line) if link) for line in found] == links


@pytest.mark.parametrize("name", NAMES)
def test_each_direction_leaves_after_the_word_that_it_reads_last(name):
    """What is read from right to left has read PAD first and the first word last: the picture and its words say so."""
    facts, shown = blueprint(name, SIZES), [text for text in said(overview([name], SIZES)) if "after" in text]
    read = [word for word, reads in zip(facts.words, facts.reads, strict=True) if reads]
    both = any(row.backward for row in facts.rows)
    assert both is name.startswith(("bilstm", "together"))
    if both:
        assert shown == [f"→ after {read[-1]}", f"← after {read[0]}"]
        assert f"forward after {read[-1]}, backward after {read[0]}" in describe(name, SIZES)
    else:
        assert shown == ([f"after {read[-1]}"] if facts.rows else [])
        assert (f" after {read[-1]};" in describe(name, SIZES)) is bool(facts.rows)


def test_attention_and_ties_are_found_in_the_model():
    looks = {name: look for name in VARIANTS if (look := blueprint(name, SIZES).look)}
    assert {name for name in VARIANTS if name.startswith("attention-")} < set(looks)
    assert not {"baseline", "wide-attention", "transformer-encoder"} & set(looks)
    assert {name for name, look in looks.items() if all(look.positions)} == {"attention-dot-unmasked"}
    assert {name for name, look in looks.items() if look.before and look.feeds} == {"attention-bahdanau"}
    tied = {name for name in NAMES if blueprint(name, SIZES).table}
    assert tied == {"tied", "together", "together-small", "three-way-tied"}
    assert blueprint("three-way-tied", SIZES).table == ("decoder", "encoder")
    assert blueprint("all-layers", SIZES).seen == (0, 1)


def test_an_overview_has_a_panel_a_model():
    figure = overview(JOINS, SIZES)
    assert len(figure.axes) == len(JOINS) == 5
    for axes, name in zip(figure.axes, JOINS, strict=True):
        words = [text.get_text() for text in axes.texts]
        facts = blueprint(name, SIZES)
        assert f"bridge: {facts.bridge}" in words
        assert {str([*facts.shapes["hidden"]]), str([*facts.shapes["first hidden"]])} <= set(words)
    for names in (JOINS, NAMES):
        figure = overview(names, SIZES)
        assert overlapping(boxes_of(figure)) == []
    with pytest.raises(ValueError, match="at least one"):
        overview([])


@pytest.mark.parametrize("name", NAMES)
def test_a_model_in_words(name):
    facts, text = blueprint(name, SIZES), describe(name, SIZES)
    assert text.startswith(find_variant(name).title)
    assert ", ".join(facts.words) in text
    assert str([*facts.shapes["first hidden"]]) in text
    assert ("by attention" in text) is (facts.look is not None)
    assert ("differs in" in text) is (name != "baseline")


def test_names_and_words_are_drawn_as_they_are(monkeypatch):
    title, source = "100 % of $x_1$ and \U0001f984", "$a$ 한국어"
    monkeypatch.setitem(variants.VARIANTS, "mine", replace(VARIANTS["packed"], title=title))
    monkeypatch.setattr(asking, "PAIRS", ((source, "50% $b$"), ("he runs", "il court")))
    figure = diagram("mine", SIZES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FigureCanvasAgg(figure).draw()
    assert "100 % of $x_1$ and \ufffd" in said(figure)
    assert {"$a$", "50%", "$b$"} <= set(said(figure))
    assert not any(text.get_parse_math() for text in texts(figure))


def test_the_notebooks_hold_their_diagrams():
    """A figure that pyplot did not make has no picture in a notebook that drew no other before."""
    for path in sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        shown = [c for c in cells if re.search(r"^(diagram|overview)\(", "".join(c["source"]), re.M)]
        assert len(shown) >= 4
        assert all("image/png" in cell["outputs"][0]["data"] for cell in shown), path.stem


def test_random_numbers_are_left_alone_and_a_wrong_name_is_named():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    diagram("baseline", SIZES)
    assert torch.rand(1) == expected
    with pytest.raises(ConfigError, match="no variant 'nobody'"):
        diagram("nobody")


def test_the_report_s_sizes_are_the_default():
    assert blueprint("baseline").shapes["logits"][-1] == 110
    assert REPORT_VOCABULARY[1] == 11_847
    assert blueprint("baseline").shapes["outputs"] == (4, 64, 512)


@pytest.mark.parametrize("drawn", [diagram("reversed"), overview(["reversed", "tied"])])
def test_a_notebook_gets_the_diagram_in_words_as_well(drawn, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **options: shown.append((bundle, options)))
    drawn._ipython_display_()
    ((bundle, options),) = shown
    assert bundle["text/plain"] == options["metadata"]["image/png"]["alt"] == drawn.words
    assert drawn.words.startswith(describe("reversed"))
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
