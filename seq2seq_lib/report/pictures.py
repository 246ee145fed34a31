"""Pictures of what models read: orders, padding, fading states, attention. Each returns a Figure and shows nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from torch.nn.utils.rnn import pack_padded_sequence

from seq2seq_lib.config import Profile, Sizes
from seq2seq_lib.data.batches import collate, pad, pad_share
from seq2seq_lib.data.pairs import Pair
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, Example
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import VARIANTS, title_of
from seq2seq_lib.report.anatomy import distance_from_mean
from seq2seq_lib.report.figures import DPI, colour_of, new_axes, no_formulas
from seq2seq_lib.report.fonts import drawable, with_korean
from seq2seq_lib.utils.device import device_of

#: Backgrounds that tell the sentences of a small batch apart.
TINTS = ("#cfe3f5", "#fde0c5", "#d5ecd4", "#eadcf3")


@no_formulas
def reading_orders(pairs: Sequence[tuple[str, str]], variants: Sequence[str]) -> Figure:
    """What each encoder reads at each time step, and which target it is paired with; one colour a sentence.

    The grids are computed by the variants' own reading orders, not drawn by hand.

    Args:
        pairs: up to four (source, target) of a small batch, words separated by spaces.
        variants: whose encoders have a `reading`.
    """
    sources = [source.split() for source, _ in pairs]
    steps = max(map(len, sources)) + 1
    # word w of sentence b has the id steps·b + w + 1, so that an id tells its owner and 0 stays PAD
    columns = [[steps * b + w + 1 for w in range(len(words))] for b, words in enumerate(sources)]
    src, lengths = pad(columns, steps), torch.tensor([len(words) for words in sources])
    wide = min(2, len(variants))  # a page has no room for the words of more
    rows = -(-len(variants) // wide)
    size = (3.3 * wide, (0.42 * steps + 1.5) * rows)
    figure, panels = plt.subplots(rows, wide, figsize=size, dpi=DPI, squeeze=False)
    plt.close(figure)
    for axes, name in zip(panels.flat, variants, strict=False):
        encoder = VARIANTS[name].encoder(steps * (len(pairs) + 1), Sizes(1, 1, 1, 0.0))
        for step, row in enumerate(encoder.reading(src, lengths).tolist()):
            for column, word in enumerate(row):
                owner, place = divmod(word - 1, steps)
                text = sources[owner][place] if word else "PAD"
                _cell(axes, column, step, text, TINTS[owner % 4] if word else "#f4f4f4")
            axes.text(-0.08, step + 0.45, f"{step + 1}", ha="right", va="center", fontsize=8, color="#666666")
        for column, (_, target) in enumerate(pairs):
            _cell(axes, column, steps + 0.6, target.replace(" ", "\n"), TINTS[column % 4], height=1.7)
        axes.text(len(pairs) / 2, steps + 0.3, "has to become", ha="center", va="center", fontsize=8, color="#666666")
        axes.set(xlim=(-0.3, len(pairs)), ylim=(steps + 2.4, 0), title=title_of(name))
        axes.title.set_fontsize(9.5)
        axes.axis("off")
    with_korean(figure).tight_layout()
    return figure


def _cell(axes: plt.Axes, column: float, step: float, text: str, tint: str, height: float = 0.92) -> None:
    axes.add_patch(plt.Rectangle((column, step), 0.95, height, color=tint, lw=0))
    colour = "#aaaaaa" if text == "PAD" else "black"
    words = "\n".join(map(drawable, text.split("\n")))
    axes.text(column + 0.475, step + height / 2, words, ha="center", va="center", fontsize=8, color=colour)


def padding(data: Data, profile: Profile) -> Figure:
    """The first training batch, one column a sentence, and the whole split by length: what is text and what is PAD.

    Args:
        data: the profile's corpus.
        profile: batch size, source positions and pairs.
    """
    schedule, examples = profile.schedule, data.train[: profile.train_pairs]
    batch = collate(examples[: schedule.batch_size], schedule.pad_to)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.4), dpi=DPI, layout="constrained")
    plt.close(figure)
    left.yaxis.get_major_locator().set_params(integer=True)
    left.imshow(batch.src != PAD, aspect="auto", cmap=ListedColormap(["#f0f0f0", "#4292c6"]), interpolation="none")
    left.set(xlabel="sentence of the first batch", ylabel="source position", title="blue: words, grey: PAD")
    lengths = [min(len(example.source), len(batch.src)) for example in examples]
    right.hist(lengths, bins=range(1, len(batch.src) + 2), color="#4292c6", align="left")
    right.axvline(len(batch.src), color="#b2182b", lw=1.5)
    share = pad_share(examples, schedule.pad_to)
    right.set(
        xlabel="tokens of a source, with EOS (red: positions it is padded to)", ylabel="training sentences",
        title=f"mean {sum(lengths) / len(lengths):.1f} of {len(batch.src)} positions; {share:.0%} of all is PAD",
    )  # fmt: skip
    for axes in (left, right):
        axes.title.set_fontsize(10)
    return figure


@torch.inference_mode()
@no_formulas
def fading(models: Mapping[str, Seq2Seq], data: Data, steps: int = 15) -> Figure:
    """How far apart the encoder's states of 64 sentences stay while it reads PAD after the last word.

    Args:
        models: label -> model with the lab's encoder.
        data: whose validation sentences are read.
        steps: PAD positions after the end of each sentence.
    """
    longest = max(len(example.source) for example in data.valid[:64])
    batch = collate(data.valid[:64], longest + steps)
    figure, axes = new_axes((7.4, 3.8))
    for number, (label, model) in enumerate(models.items()):
        embedded = model.eval().encoder.embedding(batch.src.to(device_of(model)))
        apart = []
        for extra in range(steps + 1):
            packed = pack_padded_sequence(embedded, batch.src_lengths + extra, enforce_sorted=False)
            hidden = model.encoder.rnn(packed)[1][0]
            apart.append(distance_from_mean(hidden))
        axes.plot(range(steps + 1), apart, marker="o", ms=4, color=plt.get_cmap("tab10")(number), label=label)
    axes.set(
        xlabel="PAD positions read after the last word", ylabel="mean distance from the mean state", ylim=(0, None)
    )
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    return figure


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
    figure, panels = plt.subplots(
        rows, columns, figsize=(wide * min(columns, len(models)), high * rows), dpi=DPI, sharex=True, sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    plt.close(figure)
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
