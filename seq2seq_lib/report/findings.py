"""The findings of README and joined report: what the report said, what the pairs say, and what follows, all from records."""

from __future__ import annotations

import pandas as pd

from seq2seq_lib.analysis.claims import CLAIMS
from seq2seq_lib.analysis.verdicts import verdicts
from seq2seq_lib.experiments.studies import Study, recorded_study
from seq2seq_lib.report.prose import numbers
from seq2seq_lib.report.tables import effect, how_judged, spoken_interval


def findings(ours: Study, long: Study, captions: Study) -> str:
    """The README's findings as Markdown.

    Args:
        ours: all sections on the embedded corpus.
        long: the longer training on it.
        captions: all sections on Multi30k at the report's sizes.
    """
    return "\n\n".join(
        [
            how_judged(ours),
            report_claims(ours, long, captions),
            in_words(numbers(ours)),
            on_captions(numbers(captions)),
        ]
    )


def recorded_findings() -> str:
    """`findings` of the committed records."""
    studies = ("all", "quick"), ("decoder", "longer"), ("all", "report")
    return findings(*(recorded_study(section, profile) for section, profile in studies))


def recorded_findings_in_words() -> str:
    """Those of the embedded corpus for the README, without the table of claims."""
    return in_words(numbers(recorded_study("all", "quick")))


def in_words(n: numbers) -> str:
    """What the study of the embedded corpus says, in words; each rests on a condition."""
    assert n.word("multihead-over-qkv") == "undecided"
    assert n.word("packed-like-reversed") == "contradicted"
    assert n.word("tokens-help") == "undecided"
    return f"""
- **Attention is worth more than anything else**: {n.effect("dot-helps", expect="supported")} for the plain dot product, {n.effect("qkv-helps", expect="supported")} for
query, key and value, where the report saw "slightly better". At equal size it is still {n.effect("dot-over-size", expect="supported")}.
The division by √H, which the report's code leaves out, is worth {n.effect("scale-helps", expect="supported")}; eight heads against one is undecided.
- **Padding gets in the way.** The lab's encoder ends on PAD. Reading PAD first helps ({n.effect("reversed-helps", expect="supported")}), not reading it
helps less ({n.effect("packed-helps", expect="supported")}), and reversing the words with PAD still last shows no gain.
- **Tied weights help** at these sizes ({n.effect("tied-worse", expect="contradicted")}, with {n.parameters("tied")} parameters against {n.parameters("baseline")}), where the report found them slightly worse.
- **Two directions help** when concatenated ({n.effect("concat-helps", expect="supported")}), averaged ({n.effect("mean-helps", expect="supported")}) or joined by a
Linear ({n.effect("linear-helps", expect="supported")}), and not for their size alone: against a lab's model
with as many parameters, concatenation is still at {n.effect("concat-over-size", expect="supported")}.
- **Deep decoders come last**: four layers behind two end at {n.effect("dec4-equal", expect="contradicted")}, where the report saw them about equal.
- **The report's reversal flips the batch, not the sentence.** Its model cannot read its source, and neither a falling curve nor a score gives it away: perplexity
{n.effect("reversal-hurts", expect="supported")} against the lab's model, test BLEU {n.bleu("reversed-batch")} beside {n.bleu("baseline")}.
""".strip()


def on_captions(c: numbers) -> str:
    """The same of the study on captions."""
    assert 0.85 * c.ppl("baseline") < c.ppl("attention-qkv-unscaled") < c.ppl("baseline")
    assert c.ppl("attention-qkv") < 0.5 * c.ppl("baseline")
    assert 1.2 * c.ppl("baseline") < c.ppl("bilstm-deep-decoder")
    assert 2 * c.bleu("baseline") < c.bleu("bilstm-deep-decoder")
    assert 0.75 * c.ppl("attention-dot") < c.ppl("attention-dot-unmasked") < 1.25 * c.ppl("attention-dot")
    assert 0.8 * c.ppl("attention-dot") < c.ppl("bilstm-concat") < 1.2 * c.ppl("attention-dot")
    assert c.ppl("gru") < 0.95 * c.ppl("baseline")
    return f"""
On captions (runs a model: {c.pairs}; too few for verdicts):

- **A likely reason why the report saw attention "slightly better"**: its QKV lacked the division by √H. Without it QKV ends {c.change("attention-qkv-unscaled", "baseline")} than the lab's
model, with it {c.change("attention-qkv", "baseline")}, and test BLEU goes from {c.bleu("baseline")} to {c.bleu("attention-qkv")}.
- **The deep decoder translates better than it predicts**: perplexity {c.change("bilstm-deep-decoder", "baseline")} than the lab's model's, test BLEU
{c.bleu("bilstm-deep-decoder")} beside {c.bleu("baseline")}.
- **Not as on the embedded corpus**: with and without the mask ({c.ppl("attention-dot")} and {c.ppl("attention-dot-unmasked")}) cannot be told apart, concatenation
ends beside plain dot attention ({c.ppl("bilstm-concat")}), and a GRU ahead of the LSTM ({c.change("gru", "baseline")}).
""".strip()


def report_claims(ours: Study, long: Study, captions: Study) -> str:
    """A Markdown table: each of the report's claims, with its verdict and effect, and the effect on captions."""
    by_length = {**verdicts(long), **verdicts(ours)}
    on_captions = verdicts(captions)
    rows = [
        {
            "the report said": claim.text,
            "metric": claim.metric.replace("_", " "),
            "verdict": by_length[claim.key].word,
            "effect": effect(claim, by_length[claim.key].effect),
            "95 % interval": spoken_interval(claim, by_length[claim.key]),
            "pairs": by_length[claim.key].pairs,
            "on captions": _with_pairs(effect(claim, there.effect), there.pairs)
            if (there := on_captions.get(claim.key))
            else "–",
        }
        for claim in CLAIMS
        if claim.who == "report"
    ]
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def _with_pairs(text: str, pairs: int) -> str:
    return f"{text} (pairs: {pairs})" if pairs else "–"
