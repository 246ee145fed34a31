"""The steps of a translation are those of greedy search, with the attention that the maps draw; and what shows them."""

import re
from itertools import pairwise

import pytest
import torch

from seq2seq_lib.config import Sizes
from seq2seq_lib.data.batches import Batch, collate
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, Example
from seq2seq_lib.evaluation.search import greedy
from seq2seq_lib.evaluation.steps import SHOWN, Step, decode_steps
from seq2seq_lib.models.encoders import reversed_padded
from seq2seq_lib.models.variants import VARIANTS, build_model
from seq2seq_lib.report.figures import png_of
from seq2seq_lib.report.pictures import attention_maps
from seq2seq_lib.report.steps import (
    COLUMNS,
    NO_ATTENTION,
    SIZE,
    WIDTH,
    ink,
    looks,
    looks_in_words,
    shade,
    source_words,
    step_strip,
    strip_in_words,
)
from tests.reference import random_batch

WORDS = ["red", "car", "end"]


def model_of(name, source=23, target=12, times=5):
    """With dropout that would be seen if it were on, and weights so large that sentences differ."""
    torch.manual_seed(7)
    model = build_model(name, source, target, Sizes(6, 8, 2, 0.5)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(times)
    return model


def single_batches(count=8):
    src, src_lengths, _ = random_batch(23, 12, batch=count)
    return [Batch(src[:, [i]], src_lengths[[i]], src[:, [i]]) for i in range(count)]


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_the_steps_write_what_greedy_search_writes(name):
    model = model_of(name)
    for batch in single_batches():
        steps = decode_steps(model, batch, max_length=20)
        assert [[step.chosen for step in steps if step.chosen not in (PAD, EOS)]] == greedy(model, batch, 20)
        assert [step.fed for step in steps] == [SOS, *(step.chosen for step in steps[:-1])]
        assert all(step.chosen == step.likeliest[0] for step in steps)
        assert EOS not in [step.chosen for step in steps[:-1]]
        assert len(steps) == 20 or steps[-1].chosen == EOS


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_probabilities_are_the_models_own(name):
    model, batch = model_of(name, times=2), single_batches(1)[0]
    steps = decode_steps(model, batch, max_length=6)
    target = torch.tensor([[step.fed for step in steps] + [EOS]]).t()
    expected = model(batch.src, batch.src_lengths, target, 1.0).softmax(-1)[:, 0]
    for step, all_words in zip(steps, expected, strict=True):
        assert len(step.likeliest) == SHOWN
        torch.testing.assert_close(torch.tensor(step.probabilities), all_words.topk(SHOWN).values)
        torch.testing.assert_close(torch.tensor(step.probabilities), all_words[list(step.likeliest)])


def test_the_attention_is_what_the_maps_draw(tiny_data):
    attending = [name for name in VARIANTS if hasattr(model_of(name).decoder, "attend")]
    assert len(attending) > 3
    source = tiny_data.test[0].source
    for name in attending:
        model = model_of(name, len(tiny_data.src.vocab), len(tiny_data.tgt.vocab), times=3)
        steps = decode_steps(model, collate([Example(source, [SOS, EOS])], 14), max_length=9)
        written = Example(source, [SOS, *(step.chosen for step in steps)])
        drawn = attention_maps({name: model}, tiny_data, written, 14, show_pad=True).axes[0].images[0].get_array()
        torch.testing.assert_close(torch.tensor([step.weights for step in steps]), torch.as_tensor(drawn.data))


def test_without_attention_a_step_looks_nowhere():
    assert all(step.weights is None for step in decode_steps(model_of("baseline"), single_batches(1)[0]))


def test_weights_stand_where_the_source_has_their_words():
    plain, turned = model_of("attention-dot", times=2), model_of("attention-dot", times=2)
    turned.encoder.reading = reversed_padded
    src = torch.tensor([[5], [9], [EOS]])
    (step, *_), length = decode_steps(turned, Batch(src, torch.tensor([3]), src), 1), torch.tensor([3])
    read = reversed_padded(src, length)
    memory, state = plain.encode(read, length)
    as_read = plain.decoder.attend(torch.tensor([[SOS]]), state, memory)[0, 0]
    for word, weight in zip(read[:, 0].tolist(), as_read.tolist(), strict=True):
        assert step.weights[src[:, 0].tolist().index(word)] == pytest.approx(weight)


def test_a_chosen_word_is_written_and_changes_what_follows_alone():
    model, batch = model_of("attention-dot"), single_batches(1)[0]
    steps = decode_steps(model, batch, max_length=8)
    other = steps[2].likeliest[1]
    changed = decode_steps(model, batch, 8, {2: other})
    assert changed[:2] == steps[:2]
    assert changed[2] == steps[2]._replace(chosen=other)
    assert changed[3].fed == other
    assert changed[3].probabilities != steps[3].probabilities
    assert decode_steps(model, batch, 8, {2: steps[2].chosen}) == steps
    assert len(decode_steps(model, batch, 8, {2: EOS})) == 3


def test_steps_are_those_of_one_sentence():
    src, src_lengths, _ = random_batch(23, 12, batch=2)
    with pytest.raises(ValueError, match="holds 2 sentences; give one"):
        decode_steps(model_of("baseline"), Batch(src, src_lengths, src))


def step(weights, probabilities=(0.6, 0.2, 0.1, 0.05, 0.01), chosen=4, likeliest=(4, 5, 6, 7, EOS)):
    return Step(SOS, likeliest, probabilities, weights, chosen)


def test_what_is_looked_at_is_said_in_words():
    assert looks_in_words(step((0.2, 0.71, 0.09, 0.0)), WORDS) == "looks at: car 0.71, red 0.20, end 0.09"
    assert looks_in_words(step((0.02, 0.95, 0.03)), WORDS) == "looks at: car 0.95"
    assert looks_in_words(step(None), WORDS) == NO_ATTENTION
    assert looks(step((0.5, 0.2, 0.1, 0.15, 0.05)), WORDS)[-1] == ("PAD", pytest.approx(0.2)), "what is spent on PAD"
    assert looks_in_words(step((0.5, 0.2, 0.1, 0.15, 0.05)), WORDS) == "looks at: red 0.50, car 0.20, PAD 0.20"


def test_source_words_are_as_typed_and_cut_as_the_models_source_is(tiny_data):
    text = "Today a dragon sleeps."
    assert source_words(tiny_data, text, None) == ["today", "a", "dragon", "sleeps", ".", "end"]
    assert source_words(tiny_data, text, 4) == ["today", "a", "dragon", "end"]


def texts_of(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_the_figure_tells_each_of_the_first_steps(tiny_data):
    steps = [step((0.2, 0.71, 0.09), chosen=EOS)] * (COLUMNS + 3)
    figure = step_strip({"attention-dot": steps, "baseline": [step(None)] * 2}, WORDS, tiny_data.tgt)
    png_of(figure)
    texts = texts_of(figure)
    assert figure.get_size_inches()[0] == WIDTH <= 6.5, (
        "no wider than a page's text, or its letters are printed smaller"
    )
    assert min(text.get_fontsize() for axes in figure.axes for text in axes.texts) >= SIZE >= 8
    assert [texts.count(word) for word in ("<sos>", "0.71", "0.60", NO_ATTENTION)] == [
        COLUMNS + 2,
        COLUMNS,
        COLUMNS + 2,
        1,
    ]
    assert texts.count("end") == 1 + 2 * COLUMNS + 2, "a source position, a candidate each step, and what is written"
    widths = {round(patch.get_width(), 3) for patch in figure.axes[1].patches}
    assert len(widths) == SHOWN, "bars as long as probabilities"
    told = strip_in_words(steps, WORDS, tiny_data.tgt)
    assert told.count("looks at: car 0.71, red 0.20, end 0.09") == told.count("writes end (0.01)") == COLUMNS


def test_shades_darken_and_their_numbers_can_be_read():
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    weights = [n / 50 for n in range(51)]
    lightness = [luminance(shade(weight)) for weight in weights]
    assert all(later < earlier for earlier, later in pairwise(lightness))
    for weight, light in zip(weights, lightness, strict=True):
        contrast = (light + 0.05) / 0.05 if ink(weight) == "black" else 1.05 / (light + 0.05)
        assert contrast >= 4.5


def test_long_words_end_before_their_numbers(tiny_data):
    figure = step_strip({"attention-dot": [step((0.5, 0.5))]}, ["x" * 60, "end"], tiny_data.tgt)
    (shown,) = [text for text in texts_of(figure) if text.startswith("xx")]
    assert re.fullmatch("x{5,10}…", shown)
