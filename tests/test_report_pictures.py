"""Pictures are computed by the models' own code."""

from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgb

from seq2seq_lib.config import PROFILES, Sizes
from seq2seq_lib.data.batches import pad_share
from seq2seq_lib.models.variants import build_model
from seq2seq_lib.report.padding import fading, gradients, padding
from seq2seq_lib.report.pictures import TINTS, attention_maps, reading_orders
from tests.test_report_lines import check_plain, looks_of, names_beside


@pytest.fixture
def attending(tiny_data):
    sizes = Sizes(6, 8, 2, 0)
    names = ("attention-dot", "attention-dot-unmasked", "attention-multihead", "attention-qkv")
    return {name: build_model(name, len(tiny_data.src.vocab), len(tiny_data.tgt.vocab), sizes) for name in names}


def test_reading_orders_are_computed_by_the_encoders():
    pairs = [("a b", "x"), ("c", "y")]
    figure = reading_orders(pairs, ["baseline", "reversed", "reversed-tokens", "reversed-batch"])

    def words(panel):
        texts = [text.get_text() for text in figure.axes[panel].texts]
        return [text for text in texts if text in ("a", "b", "c", "EOS", "PAD")]

    assert words(0) == ["a", "c", "b", "EOS", "EOS", "PAD", "PAD", "PAD"]
    assert words(1) == ["PAD", "PAD", "EOS", "PAD", "b", "EOS", "a", "c"]
    assert words(2) == ["EOS", "EOS", "b", "c", "a", "PAD", "PAD", "PAD"]
    assert words(3) == ["c", "a", "EOS", "b", "PAD", "EOS", "PAD", "PAD"]


def test_the_sentences_of_a_batch_differ_in_grey_as_well():
    """By Rec. 601, as a grey print has it; black letters stay legible on each."""
    greys = sorted(255 * (0.299 * r + 0.587 * g + 0.114 * b) for r, g, b in map(to_rgb, TINTS))
    assert all(high - low > 18 for low, high in pairwise(greys))
    assert greys[0] > 140


def test_pictures_of_pad_have_lines_and_axes_that_a_grey_print_shows(tiny_data):
    sizes = len(tiny_data.src.vocab), len(tiny_data.tgt.vocab), Sizes(8, 16, 2, 0.1)
    models = {name: build_model("baseline", *sizes) for name in ("one", "other", "third")}
    for draw in (fading, gradients):
        figure = draw(models, tiny_data, steps=6)
        check_plain(figure, figure.axes[0].yaxis)
        assert len({*looks_of(figure.axes[0])}) == 3
        assert {*names_beside(figure.axes[0])} == {*models}


def test_the_picture_of_the_padding(tiny_data):
    profile = PROFILES["smoke"]
    left, right = padding(tiny_data, profile).axes
    shown = left.images[0].get_array()
    assert len(shown) == profile.schedule.pad_to
    assert shown.sum(0).tolist() == [len(e.source) for e in tiny_data.train[: shown.shape[1]]]
    assert f"{pad_share(tiny_data.train, profile.schedule.pad_to):.0%}" in right.get_title()


def test_states_of_the_labs_encoder_fade_while_it_reads_pad(tiny_data):
    torch.manual_seed(1)
    model = build_model("baseline", len(tiny_data.src.vocab), len(tiny_data.tgt.vocab), Sizes(8, 16, 2, 0))
    (line,) = fading({"untrained": model}, tiny_data, steps=12).axes[0].lines
    apart = line.get_ydata()
    assert len(apart) == 13
    assert apart[12] < apart[0] / 2


def test_less_gradient_reaches_the_words_the_more_pad_a_model_reads(tiny_data):
    torch.manual_seed(1)
    sizes = len(tiny_data.src.vocab), len(tiny_data.tgt.vocab), Sizes(8, 16, 2, 0.1)
    models = {name: build_model(name, *sizes) for name in ("baseline", "packed")}
    read, ignored = (line.get_ydata() for line in gradients(models, tiny_data, steps=6).axes[0].lines)
    assert len(read) == 7
    assert read[0] == ignored[0] == 1
    assert list(read) == sorted(read, reverse=True)
    assert read[6] < 0.5
    many = {str(number): models["packed"] for number in range(6)}
    assert len(gradients(many, tiny_data, steps=1).axes[0].lines) == 6, "none is left out for want of a colour"
    assert ignored == pytest.approx([1] * 7, rel=1e-4), "what is not read takes nothing away"
    assert all(parameter.grad is None for model in models.values() for parameter in model.parameters())


def test_attention_maps_show_the_weights_of_each_model(tiny_data, attending):
    pair = tiny_data.corpus.valid[0]
    source, target = tiny_data.valid[0]
    figure = attention_maps(attending, tiny_data, pair, None)
    panels = [axes for axes in figure.axes if axes.images]
    assert len(panels) == 4
    for axes in panels:
        weights = torch.as_tensor(axes.images[0].get_array())
        assert weights.shape == (len(target) - 1, len(source))
        torch.testing.assert_close(weights.sum(1), torch.ones(len(target) - 1), check_dtype=False)
    assert [label.get_text() for label in panels[0].get_yticklabels()][-1] == "<eos>"
    assert plt.get_fignums() == []


def test_attention_maps_can_show_pad(tiny_data, attending):
    pair = tiny_data.corpus.valid[0]
    cut = attention_maps(attending, tiny_data, pair, 14).axes[1].images[0].get_array()
    figure = attention_maps(attending, tiny_data, pair, 14, show_pad=True)
    masked, unmasked = (figure.axes[place].images[0].get_array() for place in (0, 1))
    words = len(tiny_data.valid[0].source)
    assert masked.shape[1] == 14
    assert (masked[:, words:] == 0).all()
    assert (unmasked[:, words:] > 0).all()
    assert cut.tolist() == unmasked[:, :words].tolist(), "cut off are the columns alone: the model reads the same PAD"
