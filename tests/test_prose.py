"""Every number in the notebooks' prose and in the findings comes from records or from what the text itself sets."""

from __future__ import annotations

import ast
import inspect
import json
import math
import re
from functools import cache
from pathlib import Path

import pytest

from seq2seq_lib.analysis.verdicts import LEVEL, MARGIN
from seq2seq_lib.config import PROFILES, Schedule, Sizes
from seq2seq_lib.evaluation.metrics import LENGTHS
from seq2seq_lib.experiments.studies import recorded_study, studies_at_rates
from seq2seq_lib.models.seq2seq import count_parameters
from seq2seq_lib.models.variants import build_model
from seq2seq_lib.report import findings
from seq2seq_lib.report.prose import DriftError, numbers, say
from tests import made_up

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: What the notebooks call the stored studies.
STUDIES = {
    "n": ("all", "long"), "b": ("all", "short"), "c": ("all", "report"),
    "f": ("all", "full"), "s": ("all", "subwords", "baseline", "tied", "three-way-tied"),
}  # fmt: skip


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


def says(cell):
    return "prose" in cell["metadata"].get("tags", [])


def prose_cells():
    """(source, stored text) of each cell that says something from records."""
    for path in NOTEBOOKS:
        for number, cell in enumerate(cells(path)):
            if says(cell):
                stored = "".join("".join(output["data"]["text/markdown"]) for output in cell["outputs"])
                yield pytest.param(source(cell), stored, id=f"{path.stem}-{number}")


def typed(code):
    """What stands in the f-strings and strings of a piece of code, without what is filled in."""
    tree = ast.parse(code)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue) for part in ast.walk(node)}
    conditions = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Assert) for part in ast.walk(node)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return " ".join(node.value for node in strings if id(node) not in inside | conditions)


def texts():
    """(where, text) of each piece of prose, without what is filled in."""
    for path in NOTEBOOKS:
        for number, cell in enumerate(cells(path)):
            if cell["cell_type"] == "markdown":
                yield f"{path.stem}, cell {number}", source(cell)
            elif says(cell):
                yield f"{path.stem}, cell {number}", typed(source(cell))
    for write in (findings.introduction, findings.in_words, findings.on_captions):
        yield write.__name__, typed(inspect.getsource(write))


@cache
def measured(name):
    section, profile, *variants = STUDIES[name]
    return numbers(recorded_study(section, profile, variants=variants or None))


@cache
def at_rates(profile):
    return {rate: numbers(study) for rate, study in studies_at_rates(profile).items()}


def run_cell(code):
    """The Markdown that a cell says."""
    tree = ast.parse(code)
    tree.body[-1] = ast.Assign([ast.Name("said", ast.Store())], tree.body[-1].value)
    rates = {"r": at_rates("short"), "e": at_rates("long")}
    names = {"say": say, "MARGIN": MARGIN, **rates, **{name: measured(name) for name in STUDIES}}
    exec(compile(ast.fix_missing_locations(tree), "<prose>", "exec"), names)
    return names["said"].data


@pytest.mark.parametrize(("code", "stored"), list(prose_cells()))
def test_the_stored_records_bear_the_text_out_and_it_is_what_the_notebook_shows(code, stored):
    assert run_cell(code) == stored.strip()


def test_many_cells_say_something():
    assert len(list(prose_cells())) > 20


@cache
def known_numbers():
    """What the text may say without a record: settings, facts of the report, and arithmetic on both."""
    sizes, schedule, short, long = Sizes(), Schedule(), PROFILES["short"], PROFILES["long"]
    hidden = sizes.hidden
    lab, tied = (build_model(name, src_vocab_size=8_290, tgt_vocab_size=11_847) for name in ("baseline", "tied"))
    settings = {
        sizes.embedding, hidden, 2 * hidden, hidden + 1, schedule.batch_size, schedule.pad_to, schedule.epochs,
        long.schedule.pad_to, short.train_pairs, 24_000, 400, 29_000, 8_290, 11_847, long.schedule.epochs, *LENGTHS,
        *(length + 1 for length in LENGTHS), round(100 * LEVEL), round(100 * (1 - LEVEL)), round(100 * MARGIN),
    }  # fmt: skip
    counts = {count_parameters(tied.decoder), count_parameters(lab.decoder)}
    millions = {f"{count / 1e6:.1f}" for count in (*counts, count_parameters(lab.encoder))}
    products = hidden * 11_847, (hidden + 11_847) * sizes.embedding
    output_layer = {f"{count / 1e6:.1f}" for count in products}
    by_hand = {f"{math.sqrt(hidden):.1f}", *(f"{1 / (1 + math.exp(sign * 2)):.2f}" for sign in (-1, 1))}
    of_the_original = {"37", "36", "15", "40"}  # minutes of two trainings, points of the assignment
    whole = {f"{number:,}" for number in settings | counts} | {str(2 * hidden)}
    return whole | millions | output_layer | by_hand | of_the_original


@pytest.mark.parametrize(("where", "text"), list(texts()))
def test_a_number_that_nothing_generates_is_a_setting_or_a_fact_of_the_report(where, text):
    prose = re.sub(r"`[^`]*`|<[^>]*>|\]\([^)]*\)|^#+ .*$", "", text, flags=re.M)
    typed_numbers = re.findall(r"(?<![\w.])\d[\d,.]*\d", prose)
    citations = re.findall(r"\b(?:19|20)\d\d\b", prose)
    unknown = set(typed_numbers) - set(citations) - known_numbers()
    assert not unknown, f"{where}: {unknown} should come from records"


def test_a_text_that_drifts_from_the_records_is_caught():
    with pytest.raises(AssertionError):
        run_cell('assert n.ppl("baseline") < n.ppl("attention-qkv")\nsay("The lab\'s model is best.")')
    with pytest.raises(DriftError, match="qkv-helps"):
        run_cell(
            'say(f"It hurts: {n.verdict("qkv-helps", expect="contradicted")}.")'.replace('f"It', "f'It").replace(
                '."', ".'"
            )
        )
    with pytest.raises(KeyError):
        run_cell("say(f'{n.ppl(\"no such variant\")}')")


def test_a_number_that_is_typed_is_seen():
    code = 'assert n.ppl("a") < 17.5\nsay(f"""It is {n.ppl("tied", "7-9")}, not 12.34.""")'
    assert typed(code) == "It is  , not 12.34."


def test_two_strings_side_by_side_are_no_number():
    assert typed('ends = "1-6", "13-15"') == "1-6 13-15"


def test_models_are_compared_over_the_seeds_that_they_share():
    """The second seed of one is far worse; the other was not trained with it."""
    n = numbers(made_up.study({"baseline": (1.0, 3.0), "tied": (0.9,)}))
    assert n.change("tied", "baseline") == "9.5% lower"
    assert n.change("baseline", "tied") == "10.5% higher"
    assert n.ppl("tied") < n.ppl("baseline") < 1.2 * n.ppl("tied")
    assert not n.ppl("baseline") < n.ppl("tied")
    assert 2 < n.ppl("baseline") < 30
    assert n.pairs == "1 to 2"


def test_validation_perplexity_after_an_epoch_is_not_the_lowest():
    n = numbers(made_up.study({"baseline": (1.0, 3.0)}))
    first, last = (n.valid("baseline", epoch=epoch).by_seed for epoch in (1, 2))
    assert first == {1: pytest.approx(math.exp(1.4)), 2: pytest.approx(math.exp(3.4))}
    assert last == n.valid("baseline").by_seed
    with pytest.raises(KeyError):
        n.valid("baseline", epoch=3)


def test_always_below_looks_at_each_seed():
    n = numbers(made_up.study({"baseline": (1.0, 3.0), "tied": (0.9, 3.1), "packed": (0.9, 2.9)}))
    assert n.ppl("tied").mean > n.ppl("packed").mean
    assert n.ppl("packed").always_below(n.ppl("baseline"))
    assert not n.ppl("tied").always_below(n.ppl("baseline"))


def test_a_ratio_is_taken_seed_by_seed():
    n = numbers(made_up.study({"baseline": (1.0, 3.0), "tied": (0.9, 2.8), "packed": (0.5,)}))
    assert n.ratio("tied", "baseline").by_seed == {1: pytest.approx(math.exp(-0.1)), 2: pytest.approx(math.exp(-0.2))}
    assert n.ratio("packed", "baseline").by_seed == {1: pytest.approx(math.exp(-0.5))}
    assert n.ratio("tied", "baseline", "16+").by_seed == {1: 1.0, 2: 1.0}, "the groups of made-up runs are alike"
