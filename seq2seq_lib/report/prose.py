"""Sentences whose numbers come from records, so that text and measurement cannot drift apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from seq2seq_lib.analysis.claims import CLAIMS, Claim
from seq2seq_lib.analysis.statistics import LEVEL
from seq2seq_lib.analysis.verdicts import MARGIN, Verdict, verdicts
from seq2seq_lib.experiments.dataframes import by_length, by_tag
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variants import variants_of
from seq2seq_lib.report.tables import effect, mean_and_sd, spoken_interval

_CLAIMS = {claim.key: claim for claim in CLAIMS}


class DriftError(AssertionError):
    """A sentence that the records no longer bear out; the message says which condition failed and what was measured."""


class _Figure:
    """What `{name:argument}` in a text stands for: the argument goes to a function of the study."""

    def __init__(self, value_of: Callable[[str], str]) -> None:
        self.value_of = value_of

    def __format__(self, argument: str) -> str:
        return self.value_of(argument)


def say(text: str, study: Study):
    """`fill`, as Markdown that a notebook shows."""
    from IPython.display import Markdown

    return Markdown(fill(text, study))


def fill(text: str, study: Study) -> str:
    """The text with its placeholders filled from the study's records.

    Numbers, measured on the test split unless said otherwise:

    - `{ppl:NAME}`, `{valid:NAME}` (validation perplexity), `{bleu:NAME}`, `{chrf:NAME}`, `{seconds:NAME}`: mean over
      the seeds, with ± its standard deviation where there is more than one;
    - `{parameters:NAME}` and `{decoder:NAME}`: in millions;
    - `{change:A/B}`: how much higher or lower A's mean perplexity is than B's, in percent, over the seeds of both;
    - `{length:NAME/LENGTH}`: mean perplexity of sources of that length (`7-9` tokens with EOS, say), and
      `{length_change:A/B/LENGTH}`: how much higher or lower A's is than B's, in percent; `{sentences:LENGTH}`: how
      many test sentences have it;
    - `{accuracy:NAME/TAG}`: mean token accuracy in sentences with that tag, in percent; `{accuracy:NAME}` in all;
    - `{verdict:KEY}`: the verdict on a claim of `claims.CLAIMS`, in bold, with effect, interval and pairs;
    - `{effect:KEY}`: the effect alone, and `{word:KEY}` the verdict's word alone;
    - `{pad:}`: share of source positions that hold PAD; `{pairs:}`: how many runs a model has; `{margin:}`: of "about
      equal";
    - `{best:SECTION}`: the variant of the section with the lowest mean validation perplexity.

    Conditions, which leave nothing in the text and guard the words beside them:

    - `{is:KEY WORD}`: the verdict on the claim has that word;
    - `{holds:METRIC A < B < C}`: the means, over the seeds that all of them have, are in that order; METRIC is a column
      of `Study.runs`, `accuracy/TAG` or `length/LENGTH` (the perplexity there; spaces as _), an operand a variant, a
      number, or a product such as `0.5*baseline`; `{each:METRIC A < B}`: a column of `Study.runs` is, with every seed.

    Raises:
        KeyError: when the study has no such variant, or there is no such claim.
        DriftError: when a condition is not met.
    """
    return text.format_map(_values(study))


def _values(study: Study) -> Mapping[str, _Figure]:
    runs = study.runs.groupby("variant", sort=False)

    def column(name: str, digits: int) -> _Figure:
        return _Figure(mean_and_sd(runs[name], digits).__getitem__)

    def millions(name: str) -> _Figure:
        return _Figure(lambda variant: f"{runs[name].first()[variant] / 1e6:.2f} M")

    valid = runs["valid_perplexity"].mean()
    at_lengths = by_length(study.records)
    lengths = at_lengths.groupby(["variant", "length"])["perplexity"].mean()
    sizes = at_lengths.groupby("length")["pairs"].first()
    found = verdicts(study)
    measured = cache(lambda: _measured(study))  # only a text that compares needs it, and often for several comparisons
    return {
        "ppl": column("test_perplexity", 1),
        "valid": column("valid_perplexity", 1),
        "bleu": column("bleu", 1),
        "chrf": column("chrf", 1),
        "seconds": column("seconds_per_epoch", 1),
        "parameters": millions("parameters"),
        "decoder": millions("decoder_parameters"),
        "change": _Figure(lambda pair: _change(*_over_shared_seeds(measured()["test_perplexity"], pair.split("/")))),
        "length": _Figure(lambda place: f"{lengths[tuple(place.split('/'))]:.1f}"),
        "length_change": _Figure(lambda place: _change_at(lengths, *place.split("/"))),
        "sentences": _Figure(lambda length: str(sizes[length])),
        "accuracy": _Figure(lambda place: f"{_accuracy(study, *place.split('/')):.0%}"),
        "verdict": _Figure(lambda key: _spoken(_CLAIMS[key], found[key])),
        "effect": _Figure(lambda key: effect(_CLAIMS[key], found[key].effect)),
        "word": _Figure(lambda key: found[key].word),
        "best": _Figure(lambda section: valid[[name for name in variants_of(section) if name in valid]].idxmin()),
        "pairs": _Figure(lambda _: _fewest_to_most(runs.size())),
        "margin": _Figure(lambda _: f"{MARGIN:.0%}"),
        "pad": _Figure(lambda _: f"{study.records[0]['pad_share']:.0%}"),
        "is": _Figure(lambda condition: _is(found, *condition.split(" ", 1))),
        "holds": _Figure(lambda condition: _holds(condition, measured())),
        "each": _Figure(lambda condition: _each(condition, study.runs)),
    }


def _change(first: float, second: float) -> str:
    return _percent(first / second - 1)


def _change_at(lengths, first: str, second: str, length: str) -> str:
    return _change(lengths[first, length], lengths[second, length])


def _over_shared_seeds(values, names: Sequence[str]) -> list[float]:
    """The mean of each variant over the seeds that all of them have: only these saw the same batches."""
    by_seed = values.unstack("variant")[list(dict.fromkeys(names))].dropna()
    return [by_seed[name].mean() for name in names]


def _accuracy(study: Study, name: str, tag: str | None = None) -> float:
    if tag is None:
        return study.runs.groupby("variant")["token_accuracy"].mean()[name]
    return by_tag(study.records).groupby(["variant", "tag"])["token_accuracy"].mean()[name, tag]


def _fewest_to_most(counts) -> str:
    low, high = counts.min(), counts.max()
    return str(low) if low == high else f"{low} to {high}"


def _percent(change: float) -> str:
    return f"{abs(change):.1%} {'higher' if change > 0 else 'lower'}"


def _spoken(claim: Claim, verdict: Verdict) -> str:
    if not verdict.pairs:
        return f"**{verdict.word}**"
    between = spoken_interval(claim, verdict)
    parts = [effect(claim, verdict.effect) + (f" {between}" if between != "–" else "")]
    parts.append(f"{verdict.agreeing} of {verdict.pairs} pairs")
    if verdict.word == "within noise" and verdict.p <= LEVEL:
        parts.append(f"p {verdict.p:.3f}, corrected {verdict.corrected:.2f}")
    return f"**{verdict.word}** ({', '.join(parts)})"


def _is(found: Mapping[str, Verdict], key: str, word: str) -> str:
    if found[key].word != word:
        raise DriftError(f"The text takes {key!r} for {word!r}, but the records say {found[key]}: rewrite it.")
    return ""


def _measured(study: Study):
    """A row a run, by variant and seed: all columns of `Study.runs`, and the groups of the test split."""
    run = ["variant", "seed"]
    runs = study.runs.set_index(run)
    groups = (("accuracy", "tag", "token_accuracy", by_tag), ("length", "length", "perplexity", by_length))
    for name, group, measure, read in groups:
        values = read(study.records).groupby([*run, group])[measure].mean().unstack()
        runs = runs.join(values.rename(columns=lambda label, name=name: f"{name}/{label.replace(' ', '_')}"))
    return runs


def _holds(condition: str, measured) -> str:
    metric, _, order = condition.partition(" ")
    operands = {text: _operand(text) for text in order.split(" < ")}
    names = list(dict.fromkeys(name for _, name in operands.values() if name))
    means = dict(zip(names, _over_shared_seeds(measured[metric], names), strict=True))
    values = {text: factor * means.get(name, 1) for text, (factor, name) in operands.items()}
    if not all(values[low] < values[high] for low, high in pairwise(values)):
        raise DriftError(f"The text rests on {condition!r}, but the records say {values}: rewrite it.")
    return ""


def _each(condition: str, runs) -> str:
    for seed in runs["seed"].unique():
        _holds(condition, runs[runs["seed"] == seed].set_index(["variant", "seed"]))
    return ""


def _operand(text: str) -> tuple[float, str]:
    """A number, or a factor and the name of a variant."""
    if re.fullmatch(r"[\d.]+", text):
        return float(text), ""
    factor, _, name = text.rpartition("*")
    return float(factor or 1), name
