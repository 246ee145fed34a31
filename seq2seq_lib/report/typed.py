"""Sentences as people type them: how models that learnt from patterns do where no pattern made the sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.stats import binomtest

from seq2seq_lib.data.pairs import Pair
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.evaluation.metrics import bleu, is_exact
from seq2seq_lib.evaluation.translation import translate
from seq2seq_lib.experiments.records import ROOT
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.report.figures import new_axes
from seq2seq_lib.report.lines import STROKES

#: From so many new neighbours on, sentences stand together.
MANY_NEW = 3


def typed_pairs() -> tuple[Pair, ...]:
    """Everyday English sentences in the words of the embedded corpus but not its patterns, and their French."""
    lines = (ROOT / "data" / "grammar" / "typed.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Pair(*line.split("\t")) for line in lines)


def new_neighbours(data: Data, pairs: Sequence[Pair]) -> list[int]:
    """Of each source, how many of its pairs of neighbouring words stand nowhere side by side in the training split."""
    known = {two for example in data.train for two in pairwise(example.source[:-1])}
    return [sum(two not in known for two in pairwise(data.src.encode(pair.source))) for pair in pairs]


def typed_table(study: Study, data: Data, variants: Sequence[str]) -> pd.DataFrame:
    """BLEU and exact translations of the test split, from the record, beside those of `typed_pairs`, translated now.

    Args:
        study: whose first seed of each variant translates.
        data: the corpus they were trained on.
        variants: a row each; their weights have to be on this machine.
    """
    pairs, rows = typed_pairs(), {}
    references = [pair.target for pair in pairs]
    for name in variants:
        written = _translations(study.model(name), data, pairs, study.profile.schedule.pad_to)
        right, test = sum(_exact(written, data, pairs)), study.record(name)["test"]
        rows[name] = {
            "BLEU, test set": f"{test['bleu']:.1f}",
            "BLEU, everyday": f"{bleu(written, references, data.tgt.language).score:.1f}",
            "word for word, test set": f"{test['exact']:.0%}",
            "word for word, everyday": f"{right / len(pairs):.0%} ({right} of {len(pairs)})",
        }
    return pd.DataFrame(rows).T


def by_new_neighbours(model: Seq2Seq, data: Data, groups: Mapping[str, Sequence[Pair]], pad_to: int | None) -> Figure:
    """The share of exact translations against how many neighbouring words are new, a line for each group of pairs.

    A bar is the 95 % interval of a share (Wilson 1927); beside a point stands how many sentences it is made of.
    """
    figure, axes = new_axes((7.4, 2.8))
    for (label, pairs), stroke in zip(groups.items(), STROKES(), strict=False):
        new = pd.Series(new_neighbours(data, pairs)).clip(upper=MANY_NEW)
        exact = (
            pd.Series(_exact(_translations(model, data, pairs, pad_to), data, pairs)).groupby(new).agg(["sum", "size"])
        )
        share = exact["sum"] / exact["size"]
        ends = [binomtest(*counts).proportion_ci(method="wilson") for counts in exact.itertuples(index=False)]
        reach = [[value - end.low, end.high - value] for value, end in zip(share, ends, strict=True)]
        axes.errorbar(share.index, share, list(zip(*reach, strict=True)), label=label, capsize=3, **stroke)
        for place, value in share.items():
            axes.annotate(f"{exact['size'][place]:,}", (place, value), (5, 4), textcoords="offset points", fontsize=8)
    axes.set_xticks(range(MANY_NEW + 1), [*map(str, range(MANY_NEW)), f"{MANY_NEW} or more"])
    axes.set(xlabel="neighbouring words that training never had side by side", ylabel="exact translations", ylim=(0, 1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(frameon=False, fontsize=8)
    axes.grid(alpha=0.25)
    return figure


def _translations(model: Seq2Seq, data: Data, pairs: Sequence[Pair], pad_to: int | None) -> list[str]:
    return translate(model, data, [pair.source for pair in pairs], pad_to=pad_to)


def _exact(written: Sequence[str], data: Data, pairs: Sequence[Pair]) -> list[bool]:
    """Whether each translation is its reference, word for word in lower case."""
    return [is_exact(text, data.tgt.encode(pair.target), data) for text, pair in zip(written, pairs, strict=True)]
