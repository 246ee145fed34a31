"""What a grey print needs: lines of different dashes and markers, names at their ends, plain numbers on log axes."""

import math
import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from seq2seq_lib.models.variants import VARIANTS, WITH_ONE_VOCABULARY
from seq2seq_lib.report.breakdowns import by_learning_rate, by_length, quality_against_parameters
from seq2seq_lib.report.figures import curves, loss_and_perplexity, new_axes, spread, strokes_of
from seq2seq_lib.report.lines import apart, log_scale, name_ends
from tests.made_up import study

#: Losses whose perplexities lie between 1.0 and 2.7, so that many lines end at nearly the same height.
LOSSES = [0.02 + 0.98 * (place / 13) ** 3 for place in range(14)]
NAMES = list(VARIANTS)[:14]


def names_beside(axes):
    """The names to the right of the axes, from bottom to top."""
    return [text.get_text() for legend in axes.findobj(Legend) for text in legend.get_texts()]


def made(number):
    return study({name: (loss, loss + 0.01) for name, loss in zip(NAMES[:number], LOSSES, strict=False)})


def rates_of(made_up):
    return by_learning_rate({0.1: made_up, 0.01: made_up}, made_up.variants)


def drawn(figure):
    """The figure's renderer, after everything has got its place."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas.get_renderer()


def looks_of(axes):
    """Dash and marker of each named line, which errorbars and legends keep in two."""
    pieces = [legend.findobj(Line2D) for legend in axes.findobj(Legend)]
    return [
        (lines[0].get_linestyle(), *[line.get_marker() for line in lines if line.get_marker() != "none"])
        for lines in pieces
    ]


def overlapping(boxes):
    return [(a, b) for (a, first), (b, second) in combinations(boxes, 2) if first.overlaps(second)]


DRAWN = [curves, loss_and_perplexity, by_length, rates_of]


@pytest.mark.parametrize("number", [1, 4, 14])
@pytest.mark.parametrize("draw", DRAWN)
def test_no_two_lines_look_alike_without_colour(draw, number):
    axes = draw(made(number)).axes[-1]
    looks = looks_of(axes)
    assert len(set(looks)) == len(looks) == number
    assert len(set(looks[:5])) == min(number, 5)


def test_the_whole_catalogue_has_strokes_enough_and_the_first_differ_in_both():
    strokes = [tuple(stroke.values()) for stroke in strokes_of([*VARIANTS, *WITH_ONE_VOCABULARY]).values()]
    assert len(set(strokes)) == len(strokes) == len(VARIANTS) + len(WITH_ONE_VOCABULARY)
    for first, second in combinations(strokes[:5], 2):
        assert first[0] != second[0]
        assert first[1] != second[1]


@pytest.mark.parametrize("number", [1, 4, 14])
@pytest.mark.parametrize("draw", DRAWN)
def test_names_at_the_ends_lie_neither_on_each_other_nor_off_the_page(draw, number):
    figure = draw(made(number))
    renderer, axes = drawn(figure), figure.axes[-1]
    boxes = [
        (text.get_text(), text.get_window_extent(renderer))
        for legend in axes.findobj(Legend)
        for text in legend.get_texts()
    ]
    assert len(boxes) == number
    assert overlapping(boxes) == []
    for name, box in boxes:
        assert box.x0 > axes.bbox.x1, name
        assert figure.bbox.x1 >= box.x1, name
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1, name


def test_a_name_stands_where_its_line_ends():
    """With `behind`, the line ends on the way, and its band goes on to the edge where the name stands."""
    far = study({"baseline": (3.0,), "tied": (0.5,)})
    longer = tuple({**one, "epochs": [*one["epochs"], {**one["epochs"][-1], "epoch": 3, "step": 30,
                                                       "valid_perplexity": 10.0}]} for one in far.records)  # fmt: skip
    stored = type(far)(far.section, far.profile, far.variants, longer)
    for behind, ends in ((None, {"Lab's model": math.exp(3), "Tied output weights": math.exp(0.5)}),
                         (stored, {"Lab's model": 10.0, "Tied output weights": 10.0})):  # fmt: skip
        figure = curves(far, behind=behind)
        renderer, axes = drawn(figure), figure.axes[0]
        for legend in axes.findobj(Legend):
            (text,) = legend.get_texts()
            box, high = text.get_window_extent(renderer), axes.transData.transform((1, ends[text.get_text()]))[1]
            assert (box.y0 + box.y1) / 2 == pytest.approx(high, abs=1.5 * text.get_fontsize() / 72 * figure.dpi)


def test_names_without_room_stand_in_one_legend_from_top_to_bottom():
    _, axes = new_axes((7, 2))
    lines = [axes.plot([0, 1], [0, end], label=f"line {end}")[0] for end in range(40)]
    name_ends(axes, [(line, end) for end, line in enumerate(lines)])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [f"line {end}" for end in range(39, -1, -1)]


@pytest.mark.parametrize(("places", "gap"), [([0.1, 0.5, 0.9], 0.2), ([0.5] * 5, 0.2), ([0.97, 0.98, 1.0], 0.1),
                                             ([0.0, 0.01, 0.5, 0.51], 0.3), ([-1.0, 2.0], 0.1)])  # fmt: skip
def test_places_are_moved_apart_within_the_axes_and_no_more_than_needed(places, gap):
    moved = apart(np.array(places), gap)
    assert all(high - low >= gap - 1e-9 for low, high in pairwise(moved))
    assert -1e-9 <= moved[0] <= moved[-1] <= 1 + 1e-9
    if all(high - low >= gap for low, high in pairwise(places)) and 0 <= places[0] <= places[-1] <= 1:
        assert moved == pytest.approx(places)


def test_places_without_room_are_none():
    assert apart(np.array([0.1, 0.2, 0.3]), 0.6) is None


def labels_of(axis, renderer):
    """The labels in sight, each with its box."""
    low, high = sorted(axis.get_view_interval())
    shown = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
    return [(text.get_text(), text.get_window_extent(renderer)) for place, text in shown if low <= place <= high]


def check_plain(figure, axis):
    """At least two plain numbers that do not lie on each other, nothing between them, and a label that says so."""
    renderer = drawn(figure)
    labels = labels_of(axis, renderer)
    assert len(labels) >= 2
    assert all(re.fullmatch(r"\d+(\.\d+)?", label) for label, _ in labels), labels
    assert overlapping(labels) == []
    assert not [text for text in axis.get_minorticklabels() if text.get_text()]
    assert axis.get_scale() == "log"
    assert "log scale" in axis.get_label_text()


@pytest.mark.parametrize("number", [1, 14])
@pytest.mark.parametrize(
    ("draw", "which"),
    [(curves, "y"), (loss_and_perplexity, "y"), (spread, "x"), (by_length, "y"), (rates_of, "xy"),
     (quality_against_parameters, "xy")],
)  # fmt: skip
def test_log_axes_have_plain_numbers_and_say_what_they_are(draw, which, number):
    figure = draw(made(number))
    for name in which:
        check_plain(figure, getattr(figure.axes[-1], f"{name}axis"))


@pytest.mark.parametrize("which", ["x", "y"])
@pytest.mark.parametrize("low", [0.004, 1, 1.05, 4.6, 70])
@pytest.mark.parametrize("times", [1.1, 1.5, 3, 10, 25, 300, 4000])
def test_numbers_of_a_log_axis_fit_whatever_the_range(which, low, times):
    figure, axes = new_axes((4.5, 2.5))
    axes.set(**{f"{which}label": "a score", f"{which}lim": (low, low * times)})
    log_scale(axes, which)
    check_plain(figure, getattr(axes, f"{which}axis"))


@pytest.mark.parametrize("draw", [*DRAWN, spread, quality_against_parameters])
def test_a_page_shows_a_figure_of_many_models_without_making_it_smaller(draw):
    """On A4 a picture is scaled to the line, 166 mm, and then down to a height of 110 mm if it is higher."""
    wide, high = draw(made(14)).get_size_inches()
    assert 166 * high / wide <= 110


def test_what_is_no_perplexity_keeps_its_linear_axis():
    axes = spread(made(3), "bleu").axes[0]
    assert axes.get_xscale() == "linear"
    assert axes.get_xlabel().startswith("test BLEU at")
    assert "log scale" not in axes.get_xlabel()
    assert spread(made(3)).axes[0].get_xlim()[0] == 1, "the least perplexity there is"
