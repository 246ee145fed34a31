"""Notebooks are stored executed and clean, and keep the manners of the house."""

import ast
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from seq2seq_lib.analysis.claims import CLAIMS
from seq2seq_lib.analysis.verdicts import verdicts_of_section
from seq2seq_lib.experiments.studies import recorded_study
from seq2seq_lib.report.export.notebooks import split_options

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def outputs(cells):
    return [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]


def text_of(output):
    return "".join(output.get("text", "")) + "".join(output.get("data", {}).get("text/plain", ""))


def tagged(cell, tag):
    return tag in cell["metadata"].get("tags", [])


def mistakes_of_listings(cells):
    """What is wrong with the teaching listings: functions of up to 20 lines that say shapes, proved at once."""
    for cell, after in pairwise([*cells, {"metadata": {}, "source": []}]):
        source = "".join(cell["source"])
        if tagged(cell, "listing"):
            written = [line for line in source.splitlines() if line]
            if len(written) > 20:
                yield f"{cell['id']}: {len(written)} lines"
            if not re.match(r"def ", source):
                yield f"{cell['id']}: no function"
            computed = [line for line in written if re.match(r" +.* = |    return ", line)]
            if sum("# " in line for line in computed) < len(computed) / 2:
                yield f"{cell['id']}: half of its lines say no shape"
            if not tagged(after, "proof"):
                yield f"{cell['id']}: nothing proves it"
            elif not called(source, "".join(after["source"])):
                yield f"{after['id']}: proves something else"
        if tagged(cell, "proof"):
            shown = "".join(text_of(output) for output in cell["outputs"])
            if "same(" not in source or not re.search(r": the same, largest difference \de[+-]\d\d$", shown, re.M):
                yield f"{cell['id']}: shows no difference from the library"


def called(listing, proof):
    """Whether the proof calls what the listing defines."""
    defined = [node.name for node in ast.parse(listing).body if isinstance(node, ast.FunctionDef)]
    return any(f"{name}(" in proof for name in defined)


def test_a_listing_is_short_says_shapes_and_is_proved_by_the_next_cell(cells):
    assert sum(tagged(cell, "listing") for cell in cells) >= 4
    assert list(mistakes_of_listings(cells)) == []


LISTING = "def double(x):\n    y = x + x    # [B, H]\n    return y    # [B, H]"
SHOWN = [{"output_type": "stream", "text": ["x [2, 3]: the same, largest difference 1e-08\n"]}]


def made(source, tag, outputs=()):
    return {"id": tag, "metadata": {"tags": [tag]}, "source": [source], "outputs": [*outputs]}


PROOF = made('same("x", double(x), y)', "proof", SHOWN)


@pytest.mark.parametrize(
    ("listing", "after", "mistake"),
    [
        (LISTING, PROOF, None),
        (LISTING, made('same("x", double(x), y)', "other", SHOWN), "listing: nothing proves it"),
        (LISTING, made('same("x", triple(x), y)', "proof", SHOWN), "proof: proves something else"),
        (LISTING, made("print(double(x))", "proof", SHOWN), "proof: shows no difference from the library"),
        (LISTING, made('same("x", double(x), y)', "proof"), "proof: shows no difference from the library"),
        (LISTING.replace("# ", ""), PROOF, "listing: half of its lines say no shape"),
        (LISTING + "\n    pass" * 18, PROOF, "listing: 21 lines"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_listing_is_seen(listing, after, mistake):
    found = list(mistakes_of_listings([made(listing, "listing"), after]))
    assert found == ([mistake] if mistake else [])


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == ["01_encoder", "02_decoder", "03_enc_dec"]


def test_stored_as_run_from_top_to_bottom_without_error(cells):
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [output for output in outputs(cells) if output["output_type"] == "error"]


def test_no_debris_in_the_outputs(cells):
    for output in outputs(cells):
        assert output.get("name") != "stderr", text_of(output)
        assert not re.search(r"Warning|it/s\b|(?<!\w)/(home|root|work|tmp|Users)/", text_of(output))
        assert "widget-view" not in json.dumps(output)
        if "text/html" not in output.get("data", {}):  # a table's plain text is wrapped, and nobody sees it
            assert text_of(output).count("\n") < 22


def test_small_cells_with_prose_between(cells):
    in_a_row = 0
    for cell in cells:
        in_a_row = in_a_row + 1 if cell["cell_type"] == "code" else 0
        assert in_a_row <= 3
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            prose = tagged(cell, "prose")  # a text with its conditions, which nobody sees
            listing = tagged(cell, "listing")  # has rules of its own
            assert prose or listing or source.count("\n") < 15, source
            taught = listing or tagged(cell, "proof")
            trains = re.search(r"^class |\.backward\(|autograd|optimizer|optim\.", source, re.M)
            assert taught or not trains, "what is no listing trains by the library alone"


def test_shape_and_parameter_cells_are_compared(cells):
    compared = [cell for cell in cells if "nbval-check-output" in cell["metadata"].get("tags", [])]
    sources = "".join("".join(cell["source"]) for cell in compared)
    for call in ("shapes(", "parameter_counts(", "model_summary("):
        assert call in sources


def test_all_notebooks_keep_one_rhythm(cells):
    """The same steps in the same order, from the short answer to what to try next."""
    text = "".join("".join(cell["source"]) for cell in cells)
    (section,) = set(re.findall(r'run_study\("(\w+)", profile, variants=names', text))
    short, long = (recorded_study("all", profile) for profile in ("short", "long"))
    unfinished = verdicts_of_section(short, section, CLAIMS, but_not=long)
    not_yet = ("### Not yet trained to the end", "forest(brief") if unfinished else ()
    assert ("Not yet trained to the end" in text) == bool(not_yet)
    steps = (
        "## The short answer", "shapes(", "## The study", "run_study(", "loss_and_perplexity(study", "behind=ended",
        "comparison(study)", "curve_explorer(", "training_panel(study, data)", "## What they become", "spread(ended)",
        "comparison(ended)", "## The claims, one by one", "forest(stored", "### What a short training would have said",
        "then_and_now(", *not_yet, "## What the models write",
        "translations(stored", "translation_panel(stored, data", "## On real captions", "## What to try next",
        "## Summary", "## Exercises", "## Appendix", "verdict_table(stored",
    )  # fmt: skip
    places = [text.index(step) for step in steps]
    assert places == sorted(places)


def test_every_figure_and_table_has_a_caption_of_one_sentence(cells):
    kinds = {"image/png": "fig-cap", "text/html": "tbl-cap"}
    for cell in cells:
        if cell["cell_type"] == "code":
            outputs = [(kind, "".join(data)) for o in cell["outputs"] for kind, data in o.get("data", {}).items()]
            # HTML without a table is the line that says how long a training took
            shown = {
                kinds[kind] for kind, data in outputs if kind == "image/png" or (kind in kinds and "<table" in data)
            }
            options = split_options("".join(cell["source"])).options
            assert shown <= set(options), cell["id"]
            for key in shown:
                assert re.fullmatch(r"[A-Z][^.]{19,}\.", options[key]), options[key]
                assert not re.search(r"\d\.\d|\d ?%", options[key]), "measured numbers are the figure's to show"


def test_figures_are_written_by_the_notebooks():
    """All but those of `make bench` and the pictures of the panels, which have prefixes of their own."""
    sources = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    figures = (NOTEBOOKS[0].parent.parent / "figures").glob("*.png")
    kept = {path.stem for path in figures if not path.stem.startswith(("benchmark-", "panel-"))}
    assert kept
    for name in kept:
        assert f'\\"{name}\\"' in sources, f"no notebook writes figures/{name}.png"
