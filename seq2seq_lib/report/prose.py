"""Numbers for sentences, from records, so that text and measurement cannot drift apart.

A cell that says something is plain Python: conditions that its words rest on, and an f-string.

    assert n.ppl("reversed") < n.ppl("packed")
    say(f"Packing helps ({n.effect('packed-helps', expect='supported')}), and reading PAD first helps more.")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from math import log
from statistics import fmean, stdev

from seq2seq_lib.analysis.claims import CLAIMS, Claim
from seq2seq_lib.analysis.statistics import LEVEL
from seq2seq_lib.analysis.verdicts import Verdict, verdicts
from seq2seq_lib.experiments.dataframes import by_length
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.report.tables import digits_of, effect, spoken_interval, unbroken

_CLAIMS = {claim.key: claim for claim in CLAIMS}


class DriftError(AssertionError):
    """A sentence that the records no longer bear out; the message says what it took for granted and what they say."""


def say(text: str):
    """The text as Markdown that a notebook shows."""
    from IPython.display import Markdown

    return Markdown(text.strip())


class Measure:
    """A figure of one model with each of its seeds. As text it is their mean, by default with ± its deviation.

    It is compared with a number, or with another model's over the seeds that both have: only these saw the same
    batches. `0.5 * measure` is a measure too.
    """

    def __init__(self, by_seed: Mapping[int, float], text: Callable[[Measure], str]) -> None:
        self.by_seed, self._text = dict(by_seed), text

    @property
    def mean(self) -> float:
        """Over all its seeds."""
        return fmean(self.by_seed.values())

    def __str__(self) -> str:
        return self._text(self)

    def __lt__(self, other: Measure | float) -> bool:
        ours, others = self._over_shared_seeds(other)
        return ours < others

    def __gt__(self, other: Measure | float) -> bool:
        ours, others = self._over_shared_seeds(other)
        return ours > others

    def __mul__(self, factor: float) -> Measure:
        return Measure({seed: factor * value for seed, value in self.by_seed.items()}, self._text)

    __rmul__ = __mul__

    def always_below(self, other: Measure) -> bool:
        """Whether it is the lower one with each seed that both have."""
        return all(value < other.by_seed[seed] for seed, value in self.by_seed.items() if seed in other.by_seed)

    def change(self, other: Measure) -> str:
        """How much higher or lower it is than the other, over the seeds of both: `9.5% lower`."""
        ours, others = self._over_shared_seeds(other)
        return f"{abs(ours / others - 1):.1%} {'higher' if ours > others else 'lower'}"

    def _over_shared_seeds(self, other: Measure | float) -> tuple[float, float]:
        if not isinstance(other, Measure):
            return self.mean, other
        shared = self.by_seed.keys() & other.by_seed.keys()
        return fmean(self.by_seed[seed] for seed in shared), fmean(other.by_seed[seed] for seed in shared)


def _with_deviation(measure: Measure, digits: int = 1) -> str:
    spread = f" ± {stdev(measure.by_seed.values()):.{digits}f}" if len(measure.by_seed) > 1 else ""
    return unbroken(f"{measure.mean:.{digits}f}{spread}")


def _perplexity(measure: Measure) -> str:
    return _with_deviation(measure, digits_of(measure.mean))


class numbers:
    """What a text may say of a study, on its test split unless said otherwise.

    Raises:
        KeyError: from each method, when the study has no such variant, or there is no such claim.
        DriftError: when a verdict is another than the text expects.
    """

    def __init__(self, study: Study) -> None:
        self.study = study

    def ppl(self, name: str, length: str | None = None) -> Measure:
        """Perplexity; with `length`, of sources of that length (`7-9` tokens with EOS, say)."""
        if length is None:
            return self.column("test_perplexity", name)
        return Measure(self._lengths["perplexity"][name, length], lambda it: f"{it.mean:.{digits_of(it.mean)}f}")

    def chrf_gained(self, first: str, second: str, length: str) -> float:
        """The points of chrF by which `first` is above `second` on sources of that length, by their means."""
        ours, others = (self._lengths["chrf"][name, length].values() for name in (first, second))
        return fmean(ours) - fmean(others)

    def valid(self, name: str, epoch: int | None = None) -> Measure:
        """Validation perplexity: the lowest of a run, or with `epoch` the one after that many epochs."""
        if epoch is None:
            return self.column("valid_perplexity", name)
        curve = self.study.frame.query("metric == 'valid_perplexity' and variant == @name and epoch == @epoch")
        if curve.empty:
            raise KeyError((name, epoch))
        return Measure(curve.set_index("seed")["value"].to_dict(), _perplexity)

    def bleu(self, name: str) -> Measure:
        """BLEU of greedy search."""
        return self.column("bleu", name)

    def parameters(self, name: str) -> Measure:
        """Of the whole model; as text in millions."""
        return Measure(self.column("parameters", name).by_seed, lambda measure: f"{measure.mean / 1e6:.2f} M")

    def column(self, column: str, name: str) -> Measure:
        """Any column of `Study.runs`."""
        runs = self.study.runs[self.study.runs["variant"] == name].set_index("seed")[column]
        if runs.empty:
            raise KeyError(name)
        return Measure(runs.to_dict(), _perplexity if column.endswith("perplexity") else _with_deviation)

    def change(self, first: str, second: str, length: str | None = None) -> str:
        """How much higher or lower the perplexity of `first` is than that of `second`."""
        return self.ppl(first, length).change(self.ppl(second, length))

    def ratio(self, first: str, second: str, length: str | None = None) -> Measure:
        """The perplexity of `first` as a share of that of `second`, for each seed that both have."""
        above, below = self.ppl(first, length).by_seed, self.ppl(second, length).by_seed
        return Measure({seed: above[seed] / below[seed] for seed in above if seed in below}, _perplexity)

    def loss_saved(self, first: str, second: str) -> float:
        """The part of the loss of `second` that `first` does without; near perplexity 1 it says more than a ratio."""
        return 1 - log(self.ppl(first).mean) / log(self.ppl(second).mean)

    def loss_taken_off(self, name: str, epoch: int) -> float:
        """The part of its validation loss that this epoch, the second or a later one, took off a model."""
        return 1 - log(self.valid(name, epoch).mean) / log(self.valid(name, epoch - 1).mean)

    def verdict(self, key: str, expect: str | None = None) -> str:
        """The verdict on a claim of `claims.CLAIMS`, in bold, with effect, interval and pairs."""
        return _spoken(_CLAIMS[key], self._expected(key, expect))

    def effect(self, key: str, expect: str | None = None) -> str:
        """The effect that the verdict rests on, alone."""
        return effect(_CLAIMS[key], self._expected(key, expect).effect)

    def word(self, key: str, expect: str | None = None) -> str:
        """The verdict's word alone."""
        return self._expected(key, expect).word

    def sentences(self, length: str) -> int:
        """How many test sentences have that length."""
        return int(by_length(self.study.records).groupby("length")["pairs"].first()[length])

    @property
    def pairs(self) -> str:
        """How many runs a model has."""
        counts = self.study.runs.groupby("variant").size()
        return str(counts.min()) if counts.min() == counts.max() else f"{counts.min()} to {counts.max()}"

    @property
    def pad(self) -> str:
        """Share of source positions that hold PAD."""
        return f"{self.study.records[0]['pad_share']:.0%}"

    def _expected(self, key: str, expect: str | None) -> Verdict:
        found = self._verdicts[key]
        if expect not in (None, found.word):
            raise DriftError(f"The text takes {key!r} for {expect!r}, but the records say {found}: rewrite it.")
        return found

    @cached_property
    def _verdicts(self) -> Mapping[str, Verdict]:
        return verdicts(self.study)

    @cached_property
    def _lengths(self) -> Mapping[str, Mapping[tuple[str, str], dict[int, float]]]:
        groups = by_length(self.study.records).set_index("seed").groupby(["variant", "length"])
        return {
            metric: {place: values.to_dict() for place, values in groups[metric]} for metric in ("perplexity", "chrf")
        }


def _spoken(claim: Claim, verdict: Verdict) -> str:
    if not verdict.pairs:
        return f"**{verdict.word}**"
    between = spoken_interval(claim, verdict)
    parts = [effect(claim, verdict.effect) + (f" {between}" if between != "–" else "")]
    parts.append(f"{verdict.agreeing} of {verdict.pairs} pairs")
    if verdict.word == "undecided" and verdict.p <= LEVEL:  # its own interval leaves out 0: among many claims no proof
        parts.append(f"p {verdict.p:.3f}, among all claims {verdict.corrected:.2f}")
    return f"**{verdict.word}** ({', '.join(parts)})"
