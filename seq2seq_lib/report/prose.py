"""Sentences whose numbers come from records, so that text and measurement cannot drift apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seq2seq_lib.claims import CLAIMS, Claim
from seq2seq_lib.evidence import FEWEST, MARGIN, Verdict, verdicts
from seq2seq_lib.records import by_length, by_tag
from seq2seq_lib.report.tables import effect, mean_and_sd, spoken_interval
from seq2seq_lib.studies import Study
from seq2seq_lib.variants import variants_of

_CLAIMS = {claim.key: claim for claim in CLAIMS}


class _Figure:
    """What `{name:argument}` in a text stands for: the argument goes to a function of the study."""

    def __init__(self, value_of: Callable[[str], str]) -> None:
        self.value_of = value_of

    def __format__(self, argument: str) -> str:
        return self.value_of(argument)


def say(text: str, study: Study):
    """The text as Markdown, its placeholders filled from the study's records.

    - `{ppl:NAME}`, `{test:NAME}`, `{bleu:NAME}`, `{seconds:NAME}`: mean over the seeds, with ± its standard deviation
      where there is more than one;
    - `{parameters:NAME}`: in millions;
    - `{change:A/B}`: how much higher or lower A's mean validation perplexity is than B's, in percent;
    - `{length:NAME/LENGTH}`: mean test perplexity of sources of that length (`7-9` tokens with EOS, say), and
      `{length_change:A/B/LENGTH}`: how much higher or lower A's is than B's, in percent;
    - `{accuracy:NAME/TAG}`: mean token accuracy in test sentences with that tag, in percent; `{accuracy:NAME}` in all;
    - `{verdict:KEY}`: the verdict on a claim of `claims.CLAIMS`, in bold, with effect, interval and pairs;
    - `{effect:KEY}`: the effect alone, and `{word:KEY}` the verdict's word alone;
    - `{pad:}`: share of source positions that hold PAD;
    - `{best:SECTION}`: the variant of the section with the lowest mean validation perplexity.

    Raises:
        KeyError: when the study has no such variant, or there is no such claim.
    """
    from IPython.display import Markdown

    return Markdown(text.format_map(_values(study)))


def _values(study: Study) -> Mapping[str, _Figure]:
    runs = study.runs.groupby("variant", sort=False)

    def column(name: str, digits: int) -> _Figure:
        return _Figure(mean_and_sd(runs[name], digits).__getitem__)

    ppl = runs["valid_perplexity"].mean()
    lengths = by_length(study.records).groupby(["variant", "length"])["perplexity"].mean()
    found = verdicts(study)
    return {
        "ppl": column("valid_perplexity", 1),
        "test": column("test_perplexity", 1),
        "bleu": column("bleu", 1),
        "seconds": column("seconds_per_epoch", 1),
        "parameters": _Figure(lambda name: f"{runs['parameters'].first()[name] / 1e6:.2f} M"),
        "change": _Figure(lambda pair: _change(ppl, *pair.split("/"))),
        "length": _Figure(lambda place: f"{lengths[tuple(place.split('/'))]:.1f}"),
        "length_change": _Figure(lambda place: _change_at(lengths, *place.split("/"))),
        "accuracy": _Figure(lambda place: f"{_accuracy(study, *place.split('/')):.0%}"),
        "verdict": _Figure(lambda key: _spoken(_CLAIMS[key], found[key])),
        "effect": _Figure(lambda key: effect(_CLAIMS[key], found[key].effect)),
        "word": _Figure(lambda key: found[key].word),
        "best": _Figure(lambda section: ppl[[name for name in variants_of(section) if name in ppl]].idxmin()),
        "pairs": _Figure(lambda _: str(study.runs["seed"].nunique())),
        "margin": _Figure(lambda _: f"{MARGIN:.0%}"),
        "pad": _Figure(lambda _: f"{study.records[0]['pad_share']:.0%}"),
    }


def _change(values, first: str, second: str) -> str:
    return _percent(values[first] / values[second] - 1)


def _change_at(lengths, first: str, second: str, length: str) -> str:
    return _change(lengths.xs(length, level="length"), first, second)


def _accuracy(study: Study, name: str, tag: str | None = None) -> float:
    if tag is None:
        return study.runs.groupby("variant")["token_accuracy"].mean()[name]
    return by_tag(study.records).groupby(["variant", "tag"])["token_accuracy"].mean()[name, tag]


def _percent(change: float) -> str:
    return f"{abs(change):.1%} {'higher' if change > 0 else 'lower'}"


def _spoken(claim: Claim, verdict: Verdict) -> str:
    if not verdict.pairs:
        return f"**{verdict.word}**"
    between = f", 95 % interval {spoken_interval(claim, verdict)[1:-1].replace(', ', ' to ')}"
    agreeing = f", {verdict.agreeing} of {verdict.pairs} pairs agree"
    return f"**{verdict.word}** ({effect(claim, verdict.effect)}{between if verdict.pairs >= FEWEST else ''}{agreeing})"
