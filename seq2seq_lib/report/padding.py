"""Pictures of PAD: how much there is, and what reading it does to the state and to the gradient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from seq2seq_lib.config import Profile
from seq2seq_lib.data.batches import Batch, collate, pad_share
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.report.anatomy import distance_from_mean
from seq2seq_lib.report.figures import new_axes, no_formulas
from seq2seq_lib.report.lines import STROKES, log_scale, name_ends
from seq2seq_lib.utils.device import device_of

#: Colours of lines that stand for no variant.
COLOURS = plt.cycler(color=["#0072b2", "#d55e00", "#009e73", "#7a4fa3"])


def padding(data: Data, profile: Profile) -> Figure:
    """The first training batch, one column a sentence, and the whole split by length: what is text and what is PAD."""
    schedule, examples = profile.schedule, data.train[: profile.train_pairs]
    batch = collate(examples[: schedule.batch_size], schedule.pad_to)
    figure, (left, right) = new_axes((9.2, 2.8), 1, 2)
    left.yaxis.get_major_locator().set_params(integer=True)
    left.imshow(batch.src != PAD, aspect="auto", cmap=ListedColormap(["#f0f0f0", "#4292c6"]), interpolation="none")
    left.set(
        xlabel="sentence of the first batch", ylabel="source position", title="dark (blue): words, pale (grey): PAD"
    )
    lengths = [min(len(example.source), len(batch.src)) for example in examples]
    right.hist(lengths, bins=range(1, len(batch.src) + 2), color="#4292c6", align="left")
    right.axvline(len(batch.src), color="#b2182b", lw=1.5, ls="--")
    share = pad_share(examples, schedule.pad_to)
    right.set(
        xlabel="tokens of a source, with EOS\n(red, dashed: positions it is padded to)", ylabel="training sentences",
        title=f"mean {sum(lengths) / len(lengths):.1f} of {len(batch.src)} positions; {share:.0%} of all is PAD",
    )  # fmt: skip
    for axes in (left, right):
        axes.title.set_fontsize(10)
    return figure


@torch.inference_mode()
def fading(models: Mapping[str, Seq2Seq], data: Data, steps: int = 15) -> Figure:
    """How far apart the encoder's states of 64 sentences stay while it reads PAD after the last word.

    The axis is logarithmic: states that lose the same share at every PAD fall in a straight line.

    Args:
        models: label -> model with the lab's encoder.
        data: whose validation sentences are read.
        steps: PAD positions after the end of each sentence.
    """
    longest = max(len(example.source) for example in data.valid[:64])
    batch = collate(data.valid[:64], longest + steps)

    def distances(model: Seq2Seq) -> list[float]:
        embedded = model.encoder.embedding(batch.src.to(device_of(model)))
        packed = (
            pack_padded_sequence(embedded, batch.src_lengths + more, enforce_sorted=False) for more in range(steps + 1)
        )
        return [distance_from_mean(model.encoder.rnn(one)[1][0]) for one in packed]

    return _by_pad(models, distances, "PAD positions read after the last word", "mean distance\nfrom the mean state")


def gradients(models: Mapping[str, Seq2Seq], data: Data, steps: int = 15) -> Figure:
    """How much of the loss's gradient still reaches a source word when so many PAD follow the sentence.

    The mean norm of the gradient by a source word's embedding, against that without PAD: what a word can teach.

    Args:
        models: label -> model, which stays as it is.
        data: up to 64 of its validation sentences, all of the length that is most frequent there.
        steps: PAD positions after the end of each sentence.
    """
    length, _ = Counter(len(example.source) for example in data.valid).most_common(1)[0]
    examples = [example for example in data.valid if len(example.source) == length][:64]

    def shares(model: Seq2Seq) -> list[float]:
        reached = torch.stack([_gradient(model, collate(examples, length + more)) for more in range(steps + 1)])
        return (reached / reached[0]).tolist()

    return _by_pad(models, shares, "PAD positions after the last word", "gradient at a source word\n(without PAD: 1)")


@no_formulas
def _by_pad(
    models: Mapping[str, Seq2Seq], measure: Callable[[Seq2Seq], Sequence[float]], xlabel: str, ylabel: str
) -> Figure:
    """A line a model: what `measure` finds in it after 0, 1, 2, … PAD."""
    figure, axes = new_axes((7.4, 2.9))
    ends = []
    for (label, model), colour, stroke in zip(models.items(), COLOURS(), STROKES(), strict=False):
        values = measure(model.eval())
        (line,) = axes.plot(values, ms=4, label=label, **colour, **stroke)
        ends.append((line, values[-1]))
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.xaxis.get_major_locator().set_params(integer=True)
    log_scale(axes, "y")
    name_ends(axes, ends, 10)
    axes.grid(alpha=0.25)
    return figure


def _gradient(model: Seq2Seq, batch: Batch) -> Tensor:
    """Mean norm, over the real source words of the batch, of the gradient by their embeddings; a scalar."""
    src, src_lengths, tgt = batch.to(device_of(model))
    read: list[Tensor] = []
    hook = model.encoder.embedding.register_forward_hook(lambda module, ids, embedded: read.append(embedded))
    try:
        loss = model.loss(src, src_lengths, tgt, 1.0)
    finally:
        hook.remove()
    (gradient,) = torch.autograd.grad(loss, read[0])
    return gradient.norm(dim=-1)[src != PAD].mean().cpu()
