"""Every number in the notebooks' prose and in the findings comes from records or from what the text itself sets."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from pathlib import Path

import pytest

from seq2seq_lib.analysis.verdicts import LEVEL, MARGIN
from seq2seq_lib.config import PROFILES, Schedule, Sizes
from seq2seq_lib.evaluation.metrics import LENGTHS
from seq2seq_lib.experiments.studies import recorded_study
from seq2seq_lib.models.seq2seq import count_parameters
from seq2seq_lib.models.variants import build_model
from seq2seq_lib.report.findings import IN_WORDS, ON_CAPTIONS
from seq2seq_lib.report.prose import DriftError, fill
from tests import made_up

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SAY = re.compile(r"say\('''\n(.*)''', (\w+)\)\s*", re.S)
#: What the notebooks call the stored studies.
STUDIES = {"ours": ("all", "quick"), "ours_long": ("decoder", "longer"), "captions": ("all", "report")}


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


def texts():
    """(where, text) of each piece of prose, with its placeholders."""
    for path in NOTEBOOKS:
        for number, cell in enumerate(cells(path)):
            if cell["cell_type"] == "markdown":
                yield f"{path.stem}, cell {number}", source(cell)
            elif found := SAY.fullmatch(source(cell)):
                yield f"{path.stem}, cell {number}", found.group(1)
    for path in (IN_WORDS, ON_CAPTIONS):
        yield path.stem, path.read_text(encoding="utf-8")


def filled():
    """(where, text, study) of each text that is filled from records."""
    for path in NOTEBOOKS:
        for number, cell in enumerate(cells(path)):
            if found := SAY.fullmatch(source(cell)):
                yield pytest.param(found.group(1), found.group(2), id=f"{path.stem}-{number}")


@cache
def study(name):
    return recorded_study(*STUDIES[name])


@pytest.mark.parametrize(("text", "name"), list(filled()))
def test_the_stored_records_bear_the_text_out(text, name):
    assert "{" not in fill(text, study(name))


def test_every_cell_that_says_something_is_filled():
    said = [cell for path in NOTEBOOKS for cell in cells(path) if "prose" in cell["metadata"].get("tags", [])]
    assert len(said) == len(list(filled())) > 20


@cache
def known_numbers():
    """What the text may say without a record: settings, facts of the report, and arithmetic on both."""
    sizes, schedule, quick = Sizes(), Schedule(), PROFILES["quick"]
    hidden = sizes.hidden
    lab, tied = (build_model(name, src_vocab_size=8_290, tgt_vocab_size=11_847) for name in ("baseline", "tied"))
    settings = {
        sizes.embedding, hidden, 2 * hidden, hidden + 1, schedule.batch_size, schedule.pad_to, schedule.epochs,
        quick.train_pairs, 29_000, 8_290, 11_847, PROFILES["longer"].schedule.epochs, *LENGTHS,
        *(length + 1 for length in LENGTHS), round(100 * LEVEL), round(100 * (1 - LEVEL)), round(100 * MARGIN),
    }  # fmt: skip
    counts = {count_parameters(tied.decoder), count_parameters(lab.decoder)}
    millions = {f"{count / 1e6:.1f}" for count in (*counts, count_parameters(lab.encoder))}
    products = hidden * 11_847, (hidden + 11_847) * sizes.embedding
    output_layer = {f"{count / 1e6:.1f}" for count in products}
    by_hand = {f"{math.sqrt(hidden):.1f}", *(f"{1 / (1 + math.exp(sign * 2)):.2f}" for sign in (-1, 1))}
    minutes = {"37", "36"}
    whole = {f"{number:,}" for number in settings | counts} | {str(2 * hidden)}
    return whole | millions | output_layer | by_hand | minutes


@pytest.mark.parametrize(("where", "text"), list(texts()))
def test_a_number_that_nothing_generates_is_a_setting_or_a_fact_of_the_report(where, text):
    prose = re.sub(r"`[^`]*`|\{[^}]*\}|<[^>]*>|\]\([^)]*\)|^#+ .*$", "", text, flags=re.M)
    numbers = re.findall(r"(?<![\w.])\d[\d,.]*\d", prose)
    citations = re.findall(r"\b(?:19|20)\d\d\b", prose)
    unknown = set(numbers) - set(citations) - known_numbers()
    assert not unknown, f"{where}: {unknown} should come from records, by a placeholder"


def test_a_text_that_drifts_from_the_records_is_caught():
    with pytest.raises(DriftError):
        fill("The lab's model is best{holds:test_perplexity baseline < attention-qkv}.", study("ours"))


def test_models_are_compared_over_the_seeds_that_they_share():
    """The second seed of one is far worse; the other was not trained with it."""
    made = made_up.study({"baseline": (1.0, 3.0), "tied": (0.9,)})
    assert fill("{change:tied/baseline}", made) == "9.5% lower"
    assert fill("{change:baseline/tied}{holds:test_perplexity baseline < 1.2*tied}", made) == "10.5% higher"
    with pytest.raises(DriftError):
        fill("{holds:test_perplexity baseline < tied}", made)
    assert fill("{pairs:}", made) == "1 to 2"
