"""The findings of README and joined report: what the original said, and what the records say of it."""

from __future__ import annotations

import pandas as pd

from seq2seq_lib.analysis.claims import CLAIMS, Claim
from seq2seq_lib.analysis.statistics import FEWEST
from seq2seq_lib.analysis.verdicts import MARGIN, verdicts
from seq2seq_lib.experiments.studies import Study, recorded_study
from seq2seq_lib.report.prose import numbers
from seq2seq_lib.report.tables import assignment, effect

#: The words of the table of claims.
JUDGED = (
    "Change is that of test perplexity by the end of training, where nothing else is said. *Supported* and *contradicted*:"
    f" shown by a paired test over at least {FEWEST} seeds, corrected for all claims. *Equal*: shown to lie less than"
    f" {MARGIN:.0%} apart. *Undecided*: neither could be shown. Times are not judged."
)


def findings(ours: Study, short: Study, captions: Study, captions_end: Study) -> str:
    """The findings of the joined report as Markdown.

    Args:
        ours: all sections on the embedded corpus, trained to the end.
        short: the same after 400 updates of narrower models.
        captions: all sections on Multi30k at the original's sizes, after one epoch.
        captions_end: the same after ten.
    """
    return "\n\n".join(
        [
            "Perplexity on test sentences, where nothing else is said: better when lower. BLEU: better when higher, 100 at"
            " most. PAD fills a batch's sentences up to one length; QKV is attention by query, key and value.",
            in_words(numbers(ours), numbers(short), numbers(captions_end)),
            on_captions(numbers(captions)),
            f"## What the original said\n\n{JUDGED}",
            report_claims(ours, captions),
            "## Where each item of the assignment is answered",
            assignment().to_markdown(index=False, disable_numparse=True),
        ]
    )


def recorded_findings() -> str:
    """`findings` of the committed records."""
    return findings(*(recorded_study("all", profile) for profile in ("long", "short", "report", "full")))


def recorded_findings_in_words() -> str:
    """Those of the README, without the table of claims."""
    return in_words(*(numbers(recorded_study("all", profile)) for profile in ("long", "short", "full")))


def in_words(n: numbers, b: numbers, f: numbers) -> str:
    """What the studies say, in words, each of which rests on a condition.

    Args:
        n, b: the embedded corpus, at the end of training and after 400 updates of narrower models.
        f: captions after ten epochs.
    """
    assert n.ppl("attention-qkv") < n.ppl("attention-dot") < 0.6 * n.ppl("bilstm-concat")
    assert n.ppl("together").always_below(n.ppl("attention-qkv"))
    assert n.ppl("bilstm-concat") < n.ppl("bilstm-deep-decoder") < n.ppl("bilstm-mean") < n.ppl("bilstm-linear")
    assert n.ppl("bilstm-linear") < n.ppl("baseline") < b.ppl("baseline") < b.ppl("bilstm-deep-decoder")
    assert n.ppl("packed") < n.ppl("reversed") < n.ppl("tied") < n.ppl("baseline")
    assert b.ppl("reversed") < b.ppl("packed")
    assert n.ppl("tied").always_below(n.ppl("baseline"))
    assert 3 * n.ppl("baseline") < n.ppl("reversed-batch")
    assert b.ppl("reversed-batch") < 1.1 * b.ppl("baseline")
    return f"""
- **Attention is what makes these models translate.** Trained to the end, the lab's model reaches BLEU {n.bleu("baseline")} on the embedded corpus, the plain dot product {n.bleu("attention-dot")}, query, key and
value {n.bleu("attention-qkv")}, where the original saw "slightly better"; two directions, PAD ignored, QKV and tied weights together {n.bleu("together")}. On real captions, after ten epochs: {f.bleu("baseline")} and {f.bleu("attention-qkv")} (one run each).
- **A small, short study misleads.** After 400 updates of narrower models a decoder of twice the layers is behind the lab's ({b.ppl("bilstm-deep-decoder")} against {b.ppl("baseline")}) and reading PAD first is ahead of
ignoring it. At the end the deep decoder is far ahead ({n.ppl("bilstm-deep-decoder")} against {n.ppl("baseline")}), and reading PAD first ({n.ppl("reversed")}) has lost its lead over ignoring it ({n.ppl("packed")}).
- **Two directions help most when they are concatenated** ({n.ppl("bilstm-concat")}), less when they are averaged ({n.ppl("bilstm-mean")}), and hardly through a Linear ({n.ppl("bilstm-linear")}).
- **Tied weights cost nothing**: {n.ppl("tied")}, lower than the lab's with every seed so far, with {n.parameters("tied")} parameters instead of {n.parameters("baseline")}. The original found them slightly worse, then equal.
- **The original's reversal flips the batch, not the sentence.** Its model cannot read its source. In the short study nothing gives that away ({b.effect("reversal-hurts", expect="supported")} against the lab's model); at the
end it stands at {n.ppl("reversed-batch")}, with BLEU {n.bleu("reversed-batch")}.
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

- **A likely reason why the original saw attention "slightly better"**: its QKV lacked the division by √H. Without it QKV ends {c.change("attention-qkv-unscaled", "baseline")} than the lab's
model, with it {c.change("attention-qkv", "baseline")}; test BLEU is {c.bleu("attention-qkv-unscaled")} without it, {c.bleu("attention-qkv")} with it, and {c.bleu("baseline")} for the lab's model.
- **The deep decoder translates better than it predicts**: perplexity {c.change("bilstm-deep-decoder", "baseline")} than the lab's model's, test BLEU
{c.bleu("bilstm-deep-decoder")} beside {c.bleu("baseline")}.
- **Not as on the embedded corpus**: with and without the mask ({c.ppl("attention-dot")} and {c.ppl("attention-dot-unmasked")}) cannot be told apart, concatenation
ends beside plain dot attention ({c.ppl("bilstm-concat")}), and a GRU ahead of the LSTM ({c.change("gru", "baseline")}).
""".strip()


def report_claims(ours: Study, captions: Study) -> str:
    """A Markdown table: each of the original's claims, with its verdict and effect, and its effect on captions."""
    found, there = verdicts(ours), verdicts(captions)
    rows = [
        {
            "the original said": claim.text,
            "verdict": found[claim.key].word,
            "change": effect(claim, found[claim.key].effect) + _unit(claim),
            "on captions": effect(claim, there[claim.key].effect) if claim.key in there else "–",
        }
        for claim in CLAIMS
        if claim.who == "original"
    ]
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def _unit(claim: Claim) -> str:
    return "" if claim.metric == "test_perplexity" else f" ({claim.metric.replace('_', ' ')})"
