"""A translation's first steps as one figure, a column a step: fed in, looked at, likeliest next words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from unicodedata import east_asian_width

import matplotlib.pyplot as plt
from matplotlib.colors import to_hex, to_rgb

from seq2seq_lib.data.batches import cut
from seq2seq_lib.data.tokenization import Data, Side
from seq2seq_lib.data.vocabulary import EOS
from seq2seq_lib.evaluation.steps import SHOWN, Step
from seq2seq_lib.models.variants import title_of
from seq2seq_lib.report.figures import Described, new_axes, no_formulas
from seq2seq_lib.report.fonts import drawable, with_korean

#: Steps in the figure; more are narrower than their words at a page's width.
COLUMNS = 5
#: Inches: a page's text is 6.5 wide, and what is wider is printed smaller.
WIDTH, LABELS, LINE = 6.4, 0.9, 0.165
#: Points; what is printed at this width stays legible.
SIZE = 8
#: What stands for the token that ends a sentence.
END = "end"
#: From this weight on a source word is named in words, and what is on PAD is shown.
WORTH_TELLING = 0.05
NO_ATTENTION = "no attention: all that this model knows of the source is in its state"
SHADES = plt.get_cmap("Blues")


def word(side: Side, token: int) -> str:
    """A token as a reader knows it: the end of a sentence is no tag."""
    return END if token == EOS else side.vocab.decode([token])[0]


def source_words(data: Data, text: str, pad_to: int | None) -> list[str]:
    """The source positions in words, unknown ones as they were typed, `END` last; cut as the models' source is."""
    tokens = data.src.tokens(text)
    return [*(cut([*tokens, END], pad_to)[:-1] if pad_to else tokens), END]


def looks(step: Step, words: Sequence[str]) -> list[tuple[str, float]]:
    """(source word, weight) in the order of `source_words`, PAD as one where it gets some; none without attention."""
    if step.weights is None:
        return []
    on_pad = sum(step.weights[len(words) :])
    seen = list(zip(words, step.weights, strict=False))
    return [*seen, ("PAD", on_pad)] if on_pad >= WORTH_TELLING else seen


def looks_in_words(step: Step, words: Sequence[str]) -> str:
    """`looks at: red 0.71, car 0.20`: up to three words, the most looked-at first; or that there is no attention."""
    seen = sorted(looks(step, words), key=lambda one: -one[1])
    if not seen:
        return NO_ATTENTION
    told = [one for one in seen[:3] if one[1] >= WORTH_TELLING] or seen[:3]
    return "looks at: " + ", ".join(f"{text} {weight:.2f}" for text, weight in told)


def strip_in_words(steps: Sequence[Step], words: Sequence[str], side: Side) -> str:
    """The figure for those who cannot see it: a sentence a step."""
    return " ".join(
        f"Step {number}: fed {word(side, step.fed)}, {looks_in_words(step, words)}, "
        f"writes {word(side, step.chosen)} ({_share_of_chosen(step)})."
        for number, step in enumerate(steps[:COLUMNS], start=1)
    )


def _share_of_chosen(step: Step) -> str:
    shares = dict(zip(step.likeliest, step.probabilities, strict=True))
    return f"{shares[step.chosen]:.2f}" if step.chosen in shares else "not among the likeliest"


@no_formulas
def step_strip(walks: Mapping[str, Sequence[Step]], words: Sequence[str], side: Side) -> Described:
    """The first steps of each model's translation of one sentence, one model below the other.

    Args:
        walks: name -> steps (see `evaluation.steps.decode_steps`).
        words: the sentence's `source_words`.
        side: the target language.
    """
    rows = {name: _rows(steps, words) for name, steps in walks.items()}
    high = [LINE * (count + 1.2) for count in rows.values()]
    grid = {"height_ratios": high, "left": 0, "bottom": 0, "right": 1, "top": 1, "hspace": 0}
    figure, panels = new_axes(
        (WIDTH, sum(high)), len(walks), 1, squeeze=False, layout=None, gridspec_kw=grid, FigureClass=Described
    )
    figure.words = " ".join(f"{title_of(name)}. {strip_in_words(steps, words, side)}" for name, steps in walks.items())
    for axes, (name, steps) in zip(panels.flat, walks.items(), strict=True):
        axes.set(xlim=(-LABELS, WIDTH - LABELS), ylim=(rows[name] + 0.8, -0.4))
        axes.axis("off")
        _line(axes, -LABELS + 0.05, 0.3, drawable(title_of(name)), fontsize=SIZE + 2)
        looked = _looked(steps, words)
        _labels(axes, steps, words, looked)
        for number, step in enumerate(steps[:COLUMNS]):
            _column(axes, number, step, words, side, looked)
    return with_korean(figure)


def _rows(steps: Sequence[Step], words: Sequence[str]) -> int:
    """Lines of a model: its title, fed in, the source or a sentence, the likeliest words, written, and two gaps."""
    return 1 + 1 + _looked(steps, words) + SHOWN + 1 + 1


def _looked(steps: Sequence[Step], words: Sequence[str]) -> int:
    return max([1, *(len(looks(step, words)) for step in steps[:COLUMNS])])


def _labels(axes: plt.Axes, steps: Sequence[Step], words: Sequence[str], looked: int) -> None:
    """What the lines are, to the left of the columns."""
    left = -LABELS + 0.05
    _line(axes, left, 1.4, "fed in", style="italic")
    named = [text for text, _ in max((looks(step, words) for step in steps[:COLUMNS]), key=len, default=[])]
    for line, text in enumerate(named):
        _line(axes, -0.08, 2.4 + line, _short(text), ha="right")
    if not named:
        _line(axes, 0.04, 2.4, NO_ATTENTION, color="#444444")
    for line, text in ((0, "likeliest"), (1, "next words"), (SHOWN + 0.4, "writes")):
        _line(axes, left, 2.9 + looked + line, text, style="italic")


def _column(axes: plt.Axes, number: int, step: Step, words: Sequence[str], side: Side, looked: int) -> None:
    """One step; `looked` lines are kept for where it looks, whether it uses them or not."""
    wide = (WIDTH - LABELS) / COLUMNS
    left, width = wide * number, wide - 0.07
    _line(axes, left + 0.04, 1.4, _short(word(side, step.fed)))
    for line, (_, weight) in enumerate(looks(step, words)):
        axes.add_patch(plt.Rectangle((left, 1.95 + line), width, 0.94, color=shade(weight), lw=0))
        _line(axes, left + width / 2, 2.4 + line, f"{weight:.2f}", ha="center", color=ink(weight))
    for place, (token, share) in enumerate(zip(step.likeliest, step.probabilities, strict=True)):
        line = 2.9 + looked + place
        axes.add_patch(plt.Rectangle((left, line - 0.45), width * share, 0.9, color=shade(0.3), lw=0))
        _line(axes, left + 0.04, line, _short(word(side, token)))
        _line(axes, left + width - 0.02, line, f"{share:.2f}", ha="right")
    _line(axes, left + 0.04, 3.3 + looked + SHOWN, _short(word(side, step.chosen)))


def shade(weight: float) -> str:
    """The cell of a weight, from white to dark blue: darker is more, in grey as well."""
    return to_hex(SHADES(0.95 * weight))


def ink(weight: float) -> str:
    """Black or white, whichever has the stronger contrast on `shade`: 4.5 to 1 at least."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(shade(weight))]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]  # as in WCAG 2
    return "black" if luminance > 0.179 else "white"


def _short(text: str, room: int = 11) -> str:
    """What has room in a column; letters of East Asia are twice as wide."""
    text, ends = drawable(text), []
    for letter in text:
        ends.append((ends[-1] if ends else 0) + (2 if east_asian_width(letter) in "WF" else 1))
    return text if not ends or ends[-1] <= room else text[: sum(end < room for end in ends)] + "…"


def _line(axes: plt.Axes, left: float, line: float, text: str, **style: object) -> None:
    axes.text(left, line, text, **{"va": "center", "fontsize": SIZE, **style})
