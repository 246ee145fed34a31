"""The findings of README and joined report: what the original said, and what the records say of it."""

from __future__ import annotations

import pandas as pd

from seq2seq_lib.analysis.claims import CLAIMS
from seq2seq_lib.analysis.verdicts import verdicts
from seq2seq_lib.experiments.studies import Study, recorded_study
from seq2seq_lib.report.prose import numbers
from seq2seq_lib.report.tables import effect, how_judged, spoken_interval


def findings(ours: Study, long: Study, end: Study, captions: Study, captions_end: Study) -> str:
    """The findings of the joined report as Markdown.

    Args:
        ours: all sections on the embedded corpus, after a short training.
        long: the longer training on it that the original's claims about ten epochs are held against.
        end: the same models trained to the end.
        captions: all sections on Multi30k at the original's sizes, after one epoch.
        captions_end: the same after ten.
    """
    return "\n\n".join(
        [
            in_words(numbers(ours), numbers(end), numbers(captions_end)),
            f"What the original said, after a short training. {how_judged(ours)}",
            report_claims(ours, long, captions),
            on_captions(numbers(captions)),
        ]
    )


def recorded_findings() -> str:
    """`findings` of the committed records."""
    studies = ("all", "quick"), ("decoder", "longer"), ("all", "long"), ("all", "report"), ("all", "full")
    return findings(*(recorded_study(section, profile) for section, profile in studies))


def recorded_findings_in_words() -> str:
    """Those of the README, without the table of claims."""
    return in_words(*(numbers(recorded_study("all", profile)) for profile in ("quick", "long", "full")))


def in_words(n: numbers, e: numbers, f: numbers) -> str:
    """What the studies say, in words, each of which rests on a condition.

    Args:
        n, e: the embedded corpus, after a short training and at the end.
        f: captions after ten epochs.
    """
    assert e.ppl("attention-qkv") < e.ppl("attention-dot") < 0.6 * e.ppl("bilstm-concat")
    assert e.ppl("together").always_below(e.ppl("attention-qkv"))
    assert e.ppl("bilstm-concat") < e.ppl("bilstm-deep-decoder") < e.ppl("bilstm-mean") < e.ppl("bilstm-linear")
    assert e.ppl("bilstm-linear") < e.ppl("baseline") < n.ppl("baseline") < n.ppl("bilstm-deep-decoder")
    assert e.ppl("packed") < e.ppl("reversed") < e.ppl("tied") < e.ppl("baseline")
    assert n.ppl("reversed") < n.ppl("packed")
    assert 3 * e.ppl("baseline") < e.ppl("reversed-batch")
    assert n.ppl("reversed-batch") < 1.1 * n.ppl("baseline")
    return f"""
- **Attention is what makes these models translate.** Trained to the end, the lab's model reaches BLEU {e.bleu("baseline")} on the embedded corpus, the plain dot product {e.bleu("attention-dot")}, query, key and
value {e.bleu("attention-qkv")}, where the original saw "slightly better"; all ideas together {e.bleu("together")}. On real captions, after ten epochs: {f.bleu("baseline")} and {f.bleu("attention-qkv")} (one run each).
- **A short training misleads.** After the first minutes a decoder of twice the layers is behind the lab's model ({n.ppl("bilstm-deep-decoder")} against {n.ppl("baseline")}) and reading PAD first is ahead of
ignoring it; at the end both are the other way round ({e.ppl("bilstm-deep-decoder")} against {e.ppl("baseline")}; {e.ppl("reversed")} and {e.ppl("packed")}).
- **Two directions help**, however they are joined: concatenated {e.ppl("bilstm-concat")}, averaged {e.ppl("bilstm-mean")}, through a Linear {e.ppl("bilstm-linear")}.
- **Tied weights help** ({e.ppl("tied")}) with {e.parameters("tied")} parameters instead of {e.parameters("baseline")}; the original found them slightly worse, then equal.
- **The original's reversal flips the batch, not the sentence.** Its model cannot read its source. In the first minutes nothing gives that away ({n.effect("reversal-hurts", expect="supported")} against the lab's model); at the
end it stands at {e.ppl("reversed-batch")}, with BLEU {e.bleu("reversed-batch")}.
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
model, with it {c.change("attention-qkv", "baseline")}, and test BLEU goes from {c.bleu("baseline")} to {c.bleu("attention-qkv")}.
- **The deep decoder translates better than it predicts**: perplexity {c.change("bilstm-deep-decoder", "baseline")} than the lab's model's, test BLEU
{c.bleu("bilstm-deep-decoder")} beside {c.bleu("baseline")}.
- **Not as on the embedded corpus**: with and without the mask ({c.ppl("attention-dot")} and {c.ppl("attention-dot-unmasked")}) cannot be told apart, concatenation
ends beside plain dot attention ({c.ppl("bilstm-concat")}), and a GRU ahead of the LSTM ({c.change("gru", "baseline")}).
""".strip()


def report_claims(ours: Study, long: Study, captions: Study) -> str:
    """A Markdown table: each of the original's claims, with its verdict and effect, and the effect on captions."""
    by_length = {**verdicts(long), **verdicts(ours)}
    on_captions = verdicts(captions)
    rows = [
        {
            "the original said": claim.text,
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
        if claim.who == "original"
    ]
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def _with_pairs(text: str, pairs: int) -> str:
    return f"{text} (pairs: {pairs})" if pairs else "–"
