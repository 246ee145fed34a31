"""Figures draw what the frame holds, keep one colour a variant, and are returned, not shown."""

import matplotlib.pyplot as plt
import pytest

from seq2seq_lib.config import PROFILES
from seq2seq_lib.models.variants import VARIANTS
from seq2seq_lib.report.figures import colour_of, curves, loss_and_perplexity, save, spread
from tests.made_up import study
from tests.test_report_lines import names_beside


@pytest.fixture
def two_variants():
    return study({"baseline": (1.0, 1.1), "bilstm-mean": (0.8, 0.9)})


def lines_of(figure, panel=0):
    return {line.get_label(): line for line in figure.axes[panel].lines if not line.get_label().startswith("_")}


def test_curves_are_means_with_a_band_from_lowest_to_highest(two_variants):
    figure = curves(two_variants, "valid_loss", log=False)
    lines = lines_of(figure)
    assert list(lines) == ["Lab's model", "BiLSTM, averaged"]
    assert lines["Lab's model"].get_ydata() == pytest.approx([1.45, 1.05])
    bands = [band.get_paths()[0].vertices[:, 1] for band in figure.axes[0].collections]
    assert (bands[0].min(), bands[0].max()) == pytest.approx((1.0, 1.5))
    assert lines["BiLSTM, averaged"].get_color() == colour_of("bilstm-mean")


def test_nothing_stays_open_in_pyplot(two_variants):
    curves(two_variants)
    loss_and_perplexity(two_variants)
    spread(two_variants)
    assert plt.get_fignums() == []


def test_chosen_variants_alone_are_drawn(two_variants):
    assert list(lines_of(curves(two_variants, variants=["bilstm-mean"]))) == ["BiLSTM, averaged"]


def test_a_wrong_metric_is_named(two_variants):
    with pytest.raises(ValueError, match="valid_perplexity"):
        curves(two_variants, "bleu")


def test_spread_has_a_dot_for_each_seed(two_variants):
    axes = spread(two_variants).axes[0]
    dots = sorted(x for line in axes.lines if line.get_marker() == "o" for x in line.get_xdata())
    assert dots == pytest.approx(sorted(two_variants.runs["test_perplexity"]))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["BiLSTM, averaged", "Lab's model"]


def test_what_is_not_highlighted_is_grey_and_without_a_name(two_variants):
    axes = curves(two_variants, highlighted=["bilstm-mean"], log=False).axes[0]
    assert names_beside(axes) == ["BiLSTM, averaged"]
    grey, coloured = axes.lines
    assert grey.get_color() not in (colour_of("baseline"), coloured.get_color())
    assert len(axes.collections) == 1, "the band of the one that is highlighted"
    both = loss_and_perplexity(two_variants, highlighted=["bilstm-mean"]).axes
    assert [len(axes.collections) for axes in both] == [1, 1]


def test_a_stored_study_lies_behind_with_the_models_that_were_not_run(two_variants):
    stored = study({"baseline": (0.5, 2.0), "tied": (1.0,)})
    axes = curves(two_variants, "valid_loss", behind=stored, log=False).axes[0]
    assert set(names_beside(axes)) == {"Lab's model", "Tied output weights", "BiLSTM, averaged"}
    behind, own = (line for line in axes.lines if line.get_color() == colour_of("baseline"))
    assert behind.get_lw() < own.get_lw()
    assert behind.get_marker() == "None" != own.get_marker()
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.5, 2.4))
    assert len(axes.lines) == len(axes.collections) == 4
    some = curves(two_variants, "valid_loss", ["baseline"], behind=stored, highlighted=["tied"], log=False).axes[0]
    assert len(some.lines) == 1, "what is not asked for stays away, also behind"


def test_each_variant_has_a_colour_of_its_own():
    assert len({str(colour_of(name)) for name in VARIANTS}) == len(VARIANTS)
    assert all(variant.colour for variant in VARIANTS.values())
    assert colour_of("a variant of one's own")


def test_both_panels_draw_a_model_alike_and_name_it_once(two_variants):
    figure = loss_and_perplexity(two_variants)
    left, right = (lines_of(figure, panel) for panel in (0, 1))
    for name, line in left.items():
        assert (line.get_linestyle(), line.get_marker()) == (right[name].get_linestyle(), right[name].get_marker())
    assert [names_beside(axes) for axes in figure.axes] == [[], ["BiLSTM, averaged", "Lab's model"]]


def test_the_labs_model_has_the_same_line_wherever_it_stands():
    looks = set()
    for names in (["baseline", "tied"], ["tied", "packed", "baseline"]):
        line = lines_of(curves(study(dict.fromkeys(names, (1.0,)))))["Lab's model"]
        looks.add((line.get_linestyle(), line.get_marker()))
    assert len(looks) == 1


def test_a_smoke_run_leaves_the_kept_figures_alone(two_variants, tmp_path):
    figure = curves(two_variants)
    assert save(figure, "x", PROFILES["smoke"], tmp_path) is figure
    assert list(tmp_path.iterdir()) == []
    save(figure, "x", PROFILES["quick"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_an_axis_of_epochs_a_smoothed_curve_and_each_seed(two_variants):
    """Smoothing is the mean of a point and those before it, seed by seed; epochs are steps divided by their number."""
    line = lines_of(curves(two_variants, "train_loss", ["baseline"], by="epoch", smoothing=2))["Lab's model"]
    assert line.get_xdata() == pytest.approx([1.0, 2.0])
    assert line.get_ydata() == pytest.approx([1.95, 1.75])
    each = curves(two_variants, "train_loss", ["baseline"], each_seed=True).axes[0]
    assert [line.get_ydata()[-1] for line in each.lines] == pytest.approx([1.5, 1.6])
    assert not each.collections, "a band and its seeds at once would say the same twice"
    assert len(names_beside(each)) == 1


@pytest.mark.parametrize(("options", "said"), [({"by": "hour"}, "step, epoch"), ({"smoothing": 0}, "from 1 up")])
def test_wrong_options_of_curves_are_named(two_variants, options, said):
    with pytest.raises(ValueError, match=said):
        curves(two_variants, **options)
