"""Pictures of what models read and where they look. Each returns a Figure and shows nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure

from seq2seq_lib.config import Sizes
from seq2seq_lib.data.batches import collate, pad
from seq2seq_lib.data.pairs import Pair
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.vocabulary import EOS, SOS, Example
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import VARIANTS, title_of
from seq2seq_lib.report.figures import colour_of, new_axes, no_formulas
from seq2seq_lib.report.fonts import drawable, with_korean
from seq2seq_lib.utils.device import device_of

#: Backgrounds that tell the sentences of a small batch apart, in grey by their lightness.
TINTS = ("#d8e8f7", "#f7c795", "#9fca9b", "#b193d0")


@no_formulas
def reading_orders(pairs: Sequence[tuple[str, str]], variants: Sequence[str]) -> Figure:
    """What each encoder reads at each time step, and which target it is paired with; one colour a sentence.

    The grids are computed by the variants' own reading orders, not drawn by hand.

    Args:
        pairs: up to four (source, target) of a small batch, words separated by spaces.
        variants: whose encoders have a `reading`.
    """
    sources = [[*source.split(), "EOS"] for source, _ in pairs]
    steps = max(map(len, sources)) + 1
    # word w of sentence b has the id steps·b + w + 1, so that an id tells its owner and 0 stays PAD
    columns = [[steps * b + w + 1 for w in range(len(words))] for b, words in enumerate(sources)]
    src, lengths = pad(columns, steps), torch.tensor([len(words) for words in sources])
    wide = min(2, len(variants))  # a page has no room for the words of more
    rows = -(-len(variants) // wide)
    targets = [fill(target, 9, break_long_words=False) for _, target in pairs]
    low = 0.4 + 0.55 * max(target.count("\n") + 1 for target in targets)  # of the targets' cells; a word's is 1 high
    size = (3.7 * wide, (0.25 * (steps + low + 0.7) + 0.36) * rows)
    figure, panels = new_axes(size, rows, wide, squeeze=False, layout=None)
    for axes, name in zip(panels.flat, variants, strict=False):
        encoder = VARIANTS[name].encoder(steps * (len(pairs) + 1), Sizes(1, 1, 1, 0.0))
        for step, row in enumerate(encoder.reading(src, lengths).tolist()):
            for column, word in enumerate(row):
                owner, place = divmod(word - 1, steps)
                text = sources[owner][place] if word else "PAD"
                _cell(axes, column, step, text, TINTS[owner % 4] if word else "#f7f7f7")
            axes.text(-0.08, step + 0.45, f"{step + 1}", ha="right", va="center", fontsize=8, color="#666666")
        for column, target in enumerate(targets):
            _cell(axes, column, steps + 0.6, target, TINTS[column % 4], height=low)
        axes.text(len(pairs) / 2, steps + 0.3, "has to become", ha="center", va="center", fontsize=8, color="#666666")
        axes.set(xlim=(-0.3, len(pairs)), ylim=(steps + 0.7 + low, 0), title=title_of(name))
        axes.title.set_fontsize(9.5)
        axes.axis("off")
    with_korean(figure).tight_layout()
    return figure


def _cell(axes: plt.Axes, column: float, step: float, text: str, tint: str, height: float = 0.92) -> None:
    axes.add_patch(plt.Rectangle((column, step), 0.95, height, color=tint, lw=0))
    colour = "#767676" if text == "PAD" else "black"
    words = "\n".join(map(drawable, text.split("\n")))
    axes.text(column + 0.475, step + height / 2, words, ha="center", va="center", fontsize=8, color=colour)


@torch.inference_mode()
@no_formulas
def attention_maps(
    models: Mapping[str, Seq2Seq],
    data: Data,
    pair: Pair | Example,
    pad_to: int | None,
    *,
    show_pad: bool = False,
    columns: int = 3,
) -> Figure:
    """Where each model looks at each step of the same sentence, its target as input: one map a model, shared axes.

    Args:
        models: name -> trained model whose encoder reads the source as written and whose decoder has `attend`.
        data: whose vocabularies the models were trained on.
        pair: source and reference; or their ids, such as those of a model's own translation.
        pad_to: source positions, as in training: what the encoder hands over depends on the PAD it reads.
        show_pad: whether the PAD positions have columns of their own, marked by a dot, or are cut off.
        columns: maps side by side.
    """
    example = pair
    if not isinstance(pair, Example):
        example = Example([*data.src.encode(pair.source), EOS], [SOS, *data.tgt.encode(pair.target), EOS])
    batch = collate([example], pad_to)
    rows = -(-len(models) // columns)
    shown = len(batch.src) if show_pad else len(example.source)
    wide, high = 0.26 * shown + 0.7, 0.24 * (len(batch.tgt) - 1) + 0.8
    size = (wide * min(columns, len(models)), high * rows)
    figure, panels = new_axes(size, rows, columns, sharex=True, sharey=True, squeeze=False)
    source = [*map(drawable, data.src.vocab.decode(example.source)), *["·"] * (shown - len(example.source))]
    target = [*map(drawable, data.tgt.vocab.decode(example.target[1:]))]
    for axes, (name, model) in zip(panels.flat, models.items(), strict=False):
        src, src_lengths, tgt = batch.to(device_of(model))
        memory, state = model.eval().encode(src, src_lengths)
        weights = model.decoder.attend(tgt[:-1], state, memory)[0, :, :shown]
        axes.imshow(weights.cpu(), cmap="Blues", vmin=0, vmax=1)
        axes.set_title(title_of(name), fontsize=9, color=colour_of(name))
        axes.set_xticks(range(len(source)), source, rotation=90, fontsize=8)
        axes.set_yticks(range(len(batch.tgt) - 1), target, fontsize=8)
    for axes in panels.flat[len(models) :]:
        axes.axis("off")
    return with_korean(figure)
