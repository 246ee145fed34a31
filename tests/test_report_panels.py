"""Panels redraw once a change, carry a static twin, train in a process of their own, and say errors in a sentence."""

import asyncio
import html
import multiprocessing
import re
import shutil
import time
from copy import deepcopy
from dataclasses import replace

import psutil
import pytest

from seq2seq_lib.config import PROFILES, Schedule, Sizes
from seq2seq_lib.data.batches import collate
from seq2seq_lib.evaluation.translation import translate_as_typed
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.models.variants import VARIANTS, find_variant, title_of
from seq2seq_lib.report.panels import explorer
from seq2seq_lib.report.panels import translation as module
from seq2seq_lib.report.panels.background import BackgroundRun
from seq2seq_lib.report.panels.explorer import curve_explorer
from seq2seq_lib.report.panels.panel import picture, sentence
from seq2seq_lib.report.panels.training import training_panel
from seq2seq_lib.report.panels.translation import translation_panel
from tests.made_up import study

WIDGET = "application/vnd.jupyter.widget-view+json"
TINY = replace(
    PROFILES["smoke"], name="tiny", sizes=Sizes(8, 8, 1, 0.1), seeds=(1,),
    schedule=Schedule(epochs=2, batch_size=8, pad_to=9, log_every=1, learning_rate=0.01),
)  # fmt: skip


@pytest.fixture
def two_variants():
    return study({"baseline": (1.0, 1.1), "bilstm-mean": (0.8, 0.9)})


@pytest.fixture(scope="module")
def trained_once(tiny_data, tmp_path_factory):
    folder, names = tmp_path_factory.mktemp("trained"), ["baseline", "attention-dot"]
    return run_study("enc_dec", TINY, variants=names, data=tiny_data, n_jobs=1, folder=folder)


@pytest.fixture
def trained(trained_once, tmp_path):
    """A study of two small models whose weights are there, in a folder of the test's own."""
    return replace(
        trained_once,
        records=deepcopy(trained_once.records),
        folder=shutil.copytree(trained_once.folder, tmp_path / "records"),
    )


def controls_of(panel):
    """description -> control, of all rows of a panel; a variant's switch also by the variant's name."""
    found = {control.description: control for row in panel.children for control in getattr(row, "children", ())}
    return found | {name: found[title_of(name)] for name in VARIANTS if title_of(name) in found}


def text_of(panel):
    """What the panel's HTML widgets say, without their tags."""
    widgets = [*panel.children, *(control for row in panel.children for control in getattr(row, "children", ()))]
    return re.sub("<[^>]*>", "", " ".join(widget.value for widget in widgets if type(widget).__name__ == "HTML"))


def test_the_explorer_draws_once_a_change_and_what_was_asked(two_variants, monkeypatch):
    drawn = []

    def watched(study, metric, chosen, **options):
        drawn.append((metric, chosen, *options.values()))
        return explorer.spread(study, "bleu", chosen)

    monkeypatch.setattr(explorer, "curves", watched)
    controls = controls_of(curve_explorer(two_variants))
    controls["baseline"].value = False
    controls["metric"].value = "train_loss"
    controls["logarithmic axis"].value = False
    controls["smoothing"].value = 5
    assert drawn == [
        ("valid_perplexity", ["baseline", "bilstm-mean"], True, "step", 1, False),
        ("valid_perplexity", ["bilstm-mean"], True, "step", 1, False),
        ("train_loss", ["bilstm-mean"], True, "step", 1, False),
        ("train_loss", ["bilstm-mean"], False, "step", 1, False),
        ("train_loss", ["bilstm-mean"], False, "step", 5, False),
    ]


def test_the_explorer_changes_its_one_picture_and_says_what_it_shows(two_variants):
    panel = curve_explorer({"this run": two_variants, "stored": study({"baseline": (2.0,)})})
    controls, image = controls_of(panel), panel.children[-1]
    pictures = [image.value]
    for description, value in (
        ("metric", "bleu"),
        ("bilstm-mean", False),
        ("study", "stored"),
        ("metric", "train_loss"),
    ):
        controls[description].value = value
        pictures.append(image.value)
    assert len(set(pictures)) == len(pictures)
    assert all(picture.count("<img") == 1 for picture in pictures)
    assert 'alt="test BLEU: baseline, bilstm-mean (this run)"' in pictures[1]
    assert controls["bilstm-mean"].disabled, "the stored study has no run of it"
    controls["baseline"].value = False
    assert "Choose at least one variant" in image.value


def test_all_and_none_draw_once(two_variants, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        explorer, "curves", lambda s, m, chosen, **o: drawn.append(chosen) or explorer.spread(s, "bleu", chosen)
    )
    panel = curve_explorer(two_variants)
    controls = controls_of(panel)
    controls["none"].click()
    assert "Choose at least one variant" in panel.children[-1].value
    controls["all"].click()
    assert drawn == [["baseline", "bilstm-mean"]] * 2


def test_a_switch_says_what_the_legend_says(two_variants):
    controls = controls_of(curve_explorer(two_variants))
    assert controls[title_of("bilstm-mean")].tooltip.startswith("bilstm-mean: ")


def test_a_score_has_neither_steps_nor_smoothing(two_variants):
    controls = controls_of(curve_explorer(two_variants))
    assert not controls["logarithmic axis"].disabled
    assert controls["smoothing"].disabled, "there are as many validations as epochs"
    controls["metric"].value = "bleu"
    assert controls["logarithmic axis"].disabled


def test_a_panel_and_its_static_twin_are_one_output(two_variants, trained, tiny_data):
    for panel, static in (
        (curve_explorer(two_variants), "image/png"),
        (training_panel(trained, tiny_data), "image/png"),
        (translation_panel(trained, tiny_data), "text/html"),
    ):
        assert {WIDGET, static} <= set(panel._repr_mimebundle_())


def test_a_finished_run_has_a_line_of_its_own_and_an_error_leaves_no_picture(trained, tiny_data, monkeypatch):
    from seq2seq_lib.report.panels import training

    labels = []
    monkeypatch.setattr(
        training,
        "picture",
        lambda figure, words: labels.extend(t.get_text() for t in figure.axes[0].get_legend().get_texts()) or "<img>",
    )
    panel = training_panel(trained, tiny_data)
    job = panel.trainer.job()
    panel.trainer._join(trained.record("baseline"), job, "Done.")
    assert f"trained: baseline, seed {job.seed}" in labels
    assert panel.children[-2].value == "<img>"
    controls_of(panel)["H (hidden)"].value = 32.7
    controls_of(panel)["Train"].click()
    assert "Sizes.hidden is 32.7" in text_of(panel)
    assert panel.children[-2].value == panel.children[-1].value == ""


def test_what_is_shown_is_text(two_variants):
    assert "<script>" not in sentence("<script>")
    assert '"><script>' not in picture(explorer.spread(two_variants), '"><script>')


def run_panel(panel, **values):
    """Sets controls, presses Train and waits for the end, as a notebook's event loop does."""

    async def train():
        for description, value in values.items():
            controls_of(panel)[description.replace("_", " ")].value = value
        controls_of(panel)["Train"].click()
        if panel.trainer.run:
            await panel.trainer.task

    asyncio.run(train())
    return text_of(panel)


def test_a_run_from_the_panel_joins_the_comparison_and_is_kept(trained, tiny_data, tmp_path):
    panel = training_panel(trained, tiny_data)
    told = run_panel(panel, variant="attention-dot", epochs=3)
    assert "Done." in told
    assert "attention-dot, epochs 3" in told
    assert panel.study.record("attention-dot, epochs 3", 2)["epochs"][-1]["epoch"] == 3
    assert len(panel.study.records) == len(trained.records) + 1
    assert "on record" in run_panel(panel, variant="attention-dot", epochs=3)
    assert len(panel.study.records) == len(trained.records) + 1

    alone = run_study(
        "enc_dec", replace(TINY, schedule=replace(TINY.schedule, epochs=3)), variants=["attention-dot"], seeds=[2],
        data=tiny_data, n_jobs=1, folder=tmp_path / "alone",
    )  # fmt: skip
    assert alone.records[0]["train_loss"] == panel.study.records[-1]["train_loss"], "the same run, panel or not"


def test_a_run_can_be_stopped_and_the_panel_trains_again(trained, tiny_data):
    panel = training_panel(trained, tiny_data)

    before = psutil.Process().children(recursive=True)  # workers of other tests' studies may still idle

    async def train_and_stop():
        controls = controls_of(panel)
        controls["epochs"].value = 100_000
        controls["Train"].click()
        assert controls["Train"].disabled
        while "Step" not in text_of(panel):
            await asyncio.sleep(0.1)
        at_work = [process for process in psutil.Process().children(recursive=True) if process not in before]
        controls["Stop"].click()
        await panel.trainer.task
        assert at_work
        assert not any(process.is_running() and "LokyProcess" in str(process.cmdline()) for process in at_work)
        assert controls["Stop"].disabled

    asyncio.run(train_and_stop())
    assert re.search(r"Stopped at step \d+ of 600000: no record is left.", text_of(panel))
    assert len(panel.study.records) == len(trained.records)
    assert "Done." in run_panel(panel, epochs=1)


def start_for_ever(job, data, folder, told):
    """In a process of its own, as a kernel is: trains in the background, and tells which process does."""
    run = BackgroundRun(job, data, folder)
    while not run.losses():
        time.sleep(0.1)
    (worker,) = [child for child in psutil.Process().children() if "LokyProcess" in str(child.cmdline())]
    told.send(worker.pid)
    time.sleep(600)


def test_a_run_ends_when_its_kernel_was_killed(tiny_data, tmp_path):
    job = RunSpec(
        "baseline", find_variant("baseline"), replace(TINY, schedule=replace(TINY.schedule, epochs=100_000)), 1
    )
    told, tell = multiprocessing.Pipe()
    kernel = multiprocessing.get_context("spawn").Process(target=start_for_ever, args=(job, tiny_data, tmp_path, tell))
    kernel.start()
    worker = psutil.Process(told.recv())
    kernel.kill()
    worker.wait(60)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"H_(hidden)": 0}, "Sizes.hidden is 0"),
        ({"dropout": 1.5}, "Sizes.dropout is 1.5"),
        ({"variant": "attention-multihead", "H_(hidden)": 9}, "choose a multiple of 8"),
        ({"learning_rate": 1e30}, "try a lower learning rate"),
    ],
)
def test_an_error_is_a_sentence_in_the_panel(trained, tiny_data, values, said):
    panel = training_panel(trained, tiny_data)
    assert said in run_panel(panel, **values)
    assert not controls_of(panel)["Train"].disabled


def test_translations_stand_side_by_side_and_unknown_words_are_marked(trained, tiny_data):
    panel = translation_panel(trained, tiny_data, "Here a <b>dragon</b> sleeps.")
    words, table, maps = (widget.value for widget in panel.children[-3:])
    assert '<mark title="not in the vocabulary">dragon' in words.replace("&lt;b&gt;", "")  # spaCy cuts <b> off or not
    assert "<b>" not in words
    assert table.count("<tr") == 3
    assert maps.count("<img") == 1, "of the two models one has attention"
    controls_of(panel)["sentence"].value = "Today a cat eats."
    assert "mark" not in panel.children[-3].value
    controls_of(panel)["attention-dot"].value = False
    assert panel.children[-1].value == ""


def test_models_that_are_elsewhere_are_not_offered(trained, tiny_data, monkeypatch):
    monkeypatch.setattr(type(trained), "with_models", property(lambda study: ("attention-dot",)))
    found = controls_of(translation_panel(trained, tiny_data))
    assert "attention-dot" in found
    assert "baseline" not in found


def test_the_panel_translates_as_the_library_does(trained, tiny_data, monkeypatch):
    padded = []
    monkeypatch.setattr(module, "collate", lambda examples, pad_to: padded.append(pad_to) or collate(examples, pad_to))
    panel = translation_panel(trained, tiny_data, "Today a cat eats.")
    for label, width in (("greedy", 1), ("beam of 5", 5)):
        controls_of(panel)["search"].label = label
        model = trained.model("attention-dot")
        (expected,) = translate_as_typed(model, tiny_data, ["Today a cat eats."], pad_to=9, beam=width)
        assert f">{expected.text}" in html.unescape(panel.children[-2].value)
    assert set(padded) == {9}, "the state of a model that reads PAD depends on it"


def test_what_cannot_be_translated_is_said(trained, tiny_data, two_variants):
    panel = translation_panel(trained, tiny_data)
    controls_of(panel)["sentence"].value = "  "
    assert "Type a sentence first." in text_of(panel)
    controls_of(panel)["sentence"].value = "Every day at noon a cat often sings and sings."
    assert "Cut after 8 tokens" in text_of(panel)
    assert "not on this machine" in text_of(translation_panel(two_variants, tiny_data))
