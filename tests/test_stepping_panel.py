"""The stepping panel goes through a translation and back, lets one choose a word, and says what it cannot do."""

import base64
import html
import re
from dataclasses import replace

import pytest

from seq2seq_lib.config import PROFILES, Schedule, Sizes
from seq2seq_lib.data.corpora import Corpus
from seq2seq_lib.data.pairs import Pair
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.evaluation.steps import decode_steps
from seq2seq_lib.evaluation.translation import translate
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.panels import stepping as module
from seq2seq_lib.report.panels.stepping import stepping_panel
from seq2seq_lib.report.steps import NO_ATTENTION
from tests.made_up import study

TEXT = "Today a cat eats."
TINY = replace(
    PROFILES["smoke"], name="tiny", sizes=Sizes(8, 8, 1, 0.1), seeds=(1,),
    schedule=Schedule(epochs=2, batch_size=8, pad_to=9, log_every=1, learning_rate=0.01),
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(tiny_data, tmp_path_factory):
    """A study of two small models whose weights are there."""
    folder = tmp_path_factory.mktemp("records")
    return run_study(
        "enc_dec", TINY, variants=["baseline", "attention-dot"], data=tiny_data, n_jobs=1, folder=folder
    )  # fmt: skip


def inside(widget):
    return [widget, *(each for child in getattr(widget, "children", ()) for each in inside(child))]


class Reader:
    """What one does with a panel, and what it then says."""

    def __init__(self, panel):
        self.panel = panel
        self.controls = {each.description: each for each in inside(panel) if getattr(each, "description", "")}

    def press(self, *labels):
        for label in labels:
            self.controls[label].click()

    def set(self, **values):
        for label, value in values.items():
            self.controls[label.replace("_", " ")].value = value

    @property
    def word(self):
        return self.controls["choose (first model)"]

    @property
    def page(self):
        """All that is said, without tags, of what is not hidden."""
        hidden = {id(each) for box in inside(self.panel) if box.layout.display == "none" for each in inside(box)}
        shown = [each for each in inside(self.panel) if type(each).__name__ == "HTML" and id(each) not in hidden]
        return " ".join(html.unescape(re.sub("<[^>]*>", " ", " ".join(each.value for each in shown))).split())

    def way(self):
        """The page at each step, from the first to the last."""
        pages, count = [], self.controls["step"].max
        for number in range(1, count + 1):
            self.set(step=number)
            pages.append(self.page)
        return pages


@pytest.fixture
def reader(trained, tiny_data):
    return Reader(stepping_panel(trained, tiny_data, TEXT))


def test_the_panel_opens_with_the_one_with_attention_beside_the_labs(reader, trained, tiny_data):
    assert reader.controls["first model"].value == "attention-dot"
    assert reader.controls["second model"].value == "baseline"
    assert "Fed in: <sos>" in reader.page
    assert reader.page.count("Written so far: nothing") == 2
    assert "Looks at: " in reader.page
    assert NO_ATTENTION.capitalize() in reader.page
    chosen = Reader(stepping_panel(trained, tiny_data, TEXT, ["baseline"]))
    assert (chosen.controls["first model"].value, chosen.controls["second model"].value) == ("baseline", None)


def test_the_last_step_has_written_what_the_library_translates(reader, trained, tiny_data):
    reader.set(second_model=None)
    reader.set(step=reader.controls["step"].max)
    (expected,) = translate(trained.model("attention-dot"), tiny_data, [TEXT], pad_to=9)
    assert expected
    assert expected in reader.page


def test_the_source_is_padded_as_in_training_and_translated_once(trained, tiny_data, monkeypatch):
    found = []
    monkeypatch.setattr(module, "decode_steps", lambda *given: found.append(given[1]) or decode_steps(*given))
    reader = Reader(stepping_panel(trained, tiny_data, TEXT))
    reader.press("next ▶", "next ▶", "◀ back")
    assert [len(batch.src) for batch in found] == [9, 9], "a translation each, and a state depends on the PAD it reads"


def test_buttons_and_number_go_forward_and_back_to_the_same(reader):
    assert reader.controls["step"].max > 2
    first = reader.page
    reader.press("next ▶")
    second = reader.page
    reader.press("next ▶")
    assert len({first, second, reader.page}) == 3
    reader.press("◀ back")
    assert reader.page == second
    assert reader.controls["step"].value == 2
    reader.press("◀ back", "◀ back", "◀ back")
    assert reader.page == first
    reader.press(*["next ▶"] * (reader.controls["step"].max + 3))
    assert reader.controls["step"].value == reader.controls["step"].max


def test_a_chosen_word_changes_the_rest_and_going_back_forgets_it(reader):
    before = reader.way()
    reader.set(step=2)
    reader.word.index = 1
    other = reader.word.label.split()[1]
    assert f"writes “{other}”" in reader.page
    reader.press("next ▶")
    assert f"Fed in: {other}" in reader.page
    reader.press("◀ back")
    assert reader.word.index == 1, "still chosen at the step itself"
    reader.press("◀ back")
    assert reader.way() == before
    assert reader.word.index == 0


def test_a_word_chosen_for_one_model_leaves_the_other_alone(reader):
    other = reader.panel.children[-1].children[1]
    before = [each.value for each in inside(other) if type(each).__name__ == "HTML"]
    reader.word.index = 2
    assert [each.value for each in inside(other) if type(each).__name__ == "HTML"] == before


def test_another_model_or_sentence_begins_anew(reader, trained, tiny_data):
    reader.word.index = 1
    reader.set(first_model="baseline", second_model=None)
    alone = Reader(stepping_panel(trained, tiny_data, TEXT, ["baseline"]))
    assert reader.page == alone.page
    reader.press("next ▶")
    reader.set(sentence="Here a dog runs.")
    assert "Step 1 of" in reader.page
    assert "here a dog runs" in reader.page


def test_what_cannot_be_translated_is_said_and_mended(reader, trained, tiny_data):
    before = reader.page
    reader.set(sentence="  ")
    assert reader.page.split() == ["Type", "a", "sentence", "first."]
    reader.press("next ▶", "◀ back")
    assert "text/html" in reader.panel._repr_mimebundle_()
    reader.set(sentence=TEXT)
    assert reader.page == before
    reader.set(sentence="Here a <b>dragon</b> sleeps.")
    assert '<mark title="not in the vocabulary">' in reader.panel.children[2].value
    assert "<b>" not in "".join(each.value for each in inside(reader.panel) if type(each).__name__ == "HTML")
    reader.set(sentence="Every day at noon a cat often sings and sings.")
    assert "Cut after 8 tokens" in reader.page


def test_models_that_are_not_here_or_read_other_words_are_said(trained, tiny_data):
    elsewhere = study({"attention-dot": (1.0,), "baseline": (1.1,)})
    assert (trained.with_models, elsewhere.with_models) == (("baseline", "attention-dot"), ())
    assert "not on this machine" in Reader(stepping_panel(elsewhere, tiny_data)).page
    wanted = Reader(stepping_panel(trained, tiny_data, TEXT, ["attention-dot", "baseline"]))
    assert [label for label, _ in wanted.controls["first model"].options] == list(map(title_of, trained.variants))
    pairs = tuple(Pair(text, text) for text in ("one two", "three four"))
    assert (
        "was trained on another corpus"
        in Reader(stepping_panel(trained, prepare(Corpus("other", "en", "fr", pairs, pairs, pairs)))).page
    )


def test_the_static_twin_is_a_picture_with_words(reader):
    reader.press("next ▶")
    data, metadata = reader.panel._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data
    told = metadata["image/png"]["alt"]
    assert told.startswith(f"{title_of('attention-dot')}. Step 1: fed <sos>, looks at: ")
    assert f"{title_of('baseline')}. Step 1: fed <sos>, {NO_ATTENTION}" in told
