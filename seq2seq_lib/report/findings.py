"""The findings of README and joined report: what the original said, and what the records say of it."""

from __future__ import annotations

import pandas as pd

from seq2seq_lib.analysis.claims import CLAIMS, COUNTED
from seq2seq_lib.analysis.statistics import FEWEST
from seq2seq_lib.analysis.verdicts import MARGIN, verdicts
from seq2seq_lib.experiments.studies import Study, recorded_study
from seq2seq_lib.report.prose import numbers
from seq2seq_lib.report.tables import assignment, effect

#: The words of the table of claims.
JUDGED = (
    "How the first model's test perplexity differs from the second's by the end of training. *Supported* and"
    f" *contradicted*: shown by a paired test over at least {FEWEST} seeds, corrected for all claims. *Equal*: shown to"
    f" lie less than {MARGIN:.0%} apart. *Undecided*: neither could be shown. A verdict is about the direction, and says"
    ' nothing of "slightly". Captions have none: two runs each, after one epoch, or after ten where the original says so.'
)


def findings(ours: Study, short: Study, captions: Study, captions_end: Study) -> str:
    """The findings of the joined report as Markdown.

    Args:
        ours: all sections on the embedded corpus, trained to the end.
        short: the same after 400 updates of narrower models.
        captions: all sections on Multi30k at the original's sizes, after one epoch.
        captions_end: the same after ten.
    """
    n = numbers(ours)
    return "\n\n".join(
        [
            introduction(ours, short),
            in_words(n, numbers(short), numbers(captions_end)),
            on_captions(numbers(captions)),
            f"## Where each item of the assignment is answered\n\nThe lab's model: {n.ppl('baseline')}, BLEU"
            f" {n.bleu('baseline')}.",
            answered(n),
            f"## What the original said\n\n{JUDGED} {_on_sizes(ours)}",
            report_claims(ours, captions, captions_end),
        ]
    )


def introduction(ours: Study, short: Study) -> str:
    """What the findings speak of, in a few lines."""
    return f"""
**The lab's model** is the LSTM encoder–decoder that a course handed out; **the original** is a student's report that tried to improve it. This report repeats what the original tried, with more seeds and longer training,
on two corpora: the **embedded corpus**, 24,000 pairs written by a grammar, and **captions**, 29,000 pairs of Multi30k. On the first there is a **long study** of {ours.profile.schedule.epochs} epochs, meant where nothing else is
said, and a **short study** of {short.profile.schedule.epochs * short.profile.train_pairs // short.profile.schedule.batch_size} updates of narrower models. Numbers are test perplexities, better when lower, and BLEU in percent,
better when higher. PAD fills up a batch's shorter sentences; QKV is attention by query, key and value.
""".strip()


def answered(n: numbers) -> str:
    """The assignment's items as a Markdown table, with what the model that answers each has come to."""
    table = assignment()
    for column, measure in {"perplexity": n.ppl, "BLEU": n.bleu}.items():
        table[column] = [str(measure(name)) if name else "" for name in table["model"]]
    return table.drop(columns="model").to_markdown(index=False, disable_numparse=True)


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
    assert 0.99 * n.parameters("baseline") < n.parameters("together-small") < 1.01 * n.parameters("baseline")
    plain = [name for name in n.study.variants if "attention" not in name and "together" not in name]
    assert n.bleu("bilstm-concat").mean == max(n.bleu(name).mean for name in plain)
    assert n.word("transformer-like-lstm") == "supported"
    assert n.ppl("conv-attention").always_below(n.ppl("attention-qkv"))
    assert n.ppl("attention-dot").always_below(n.ppl("attention-qkv-unscaled"))
    assert n.ppl("attention-dot").always_below(n.ppl("attention-dot-unmasked"))
    assert n.ppl("attention-dot-unmasked") < n.ppl("attention-qkv-unscaled")
    assert n.ppl("bilstm-concat") < n.ppl("bilstm-deep-decoder") < n.ppl("bilstm-mean") < n.ppl("bilstm-linear")
    assert n.ppl("bilstm-linear") < n.ppl("baseline") < b.ppl("baseline") < b.ppl("bilstm-deep-decoder")
    assert n.ppl("bilstm-concat").always_below(n.ppl("wide-concat"))
    assert n.word("linear-helps") == "undecided"
    assert (
        n.ppl("bilstm-concat").mean / n.ppl("baseline").mean < (n.ppl("wide-concat").mean / n.ppl("baseline").mean) ** 3
    )
    assert n.ppl("packed").always_below(n.ppl("reversed"))
    assert n.ppl("reversed") < n.ppl("tied") < n.ppl("baseline")
    assert b.ppl("reversed") < b.ppl("packed")
    assert n.ppl("reversed-packed").always_below(n.ppl("packed"))
    assert n.ppl("tied") < n.ppl("baseline")
    assert 0.6 * n.parameters("baseline") < n.parameters("tied") < 0.7 * n.parameters("baseline")
    assert 3 * n.ppl("baseline") < n.ppl("reversed-batch")
    assert b.ppl("reversed-batch") < 1.1 * b.ppl("baseline")
    return f"""
- **With attention these models translate.** BLEU on the embedded corpus ends at {n.bleu("baseline")} for the lab's model, {n.bleu("bilstm-concat")} for the best without attention (two directions concatenated), {n.bleu("attention-dot")} for the plain dot product, {n.bleu("attention-qkv")} for QKV and {n.bleu("together")} for four ideas together (two directions, PAD ignored, QKV, tied weights), which come to {n.bleu("together-small")} with the lab's number of parameters. Under QKV the encoder need not be an LSTM: {n.bleu("conv-attention")} with convolutions, {n.bleu("transformer-attention")} with self-attention. On real captions: {f.bleu("baseline")} for the lab's model and {f.bleu("attention-qkv")} for QKV ({f.pairs} runs each).
- **One line can cost more than an idea brings.** Without the division by √H, which the original's code lacks, QKV ends at BLEU {n.bleu("attention-qkv-unscaled")}, behind the plain dot product. The mask over PAD, which it lacks too, is worth less, measured on the dot product: {n.bleu("attention-dot-unmasked")} without it, {n.bleu("attention-dot")} with it.
- **A small, short study can mislead.** After 400 updates of narrower models ({len(b.ppl("wide-deep").by_seed)} seeds), two directions with a decoder of twice the layers have a perplexity {b.effect("deep-over-size", expect="contradicted")[1:]} above that of the lab's model widened to their size; trained to the end, {n.effect("deep-over-size", expect="supported")[1:]} below ({n.ppl("bilstm-deep-decoder")}).
Reading backwards, PAD first, is ahead of ignoring PAD there, and at the end ({n.ppl("reversed")}) behind it ({n.ppl("packed")}) with every seed; both at once end at {n.ppl("reversed-packed")}.
- **Two directions help most when they are concatenated** ({n.ppl("bilstm-concat")}), less when they are averaged ({n.ppl("bilstm-mean")}); through a Linear ({n.ppl("bilstm-linear")}) no gain could be shown. Size is the smaller part: widened to as many parameters, the lab's model ends at {n.ppl("wide-concat")}.
- **Tied weights save a third of the parameters**, and over words no loss is seen: {n.ppl("tied")} against {n.ppl("baseline")} with {n.parameters("tied")} parameters instead of {n.parameters("baseline")}. The original found them
worse after one epoch, about equal after ten. (Over subwords the tied model translates worse: section 2.)
- **The original's reversal flips the batch, not the sentence.** Its model cannot read its source. The short study shows some harm ({b.effect("reversal-hurts", expect="supported")} against the lab's model), but does not show that nothing is read; at the
end it stands at {n.ppl("reversed-batch")}, with BLEU {n.bleu("reversed-batch")}.
""".strip()


def on_captions(c: numbers) -> str:
    """The same of the study on captions."""
    assert 0.85 * c.ppl("baseline") < c.ppl("attention-qkv-unscaled") < c.ppl("baseline")
    assert c.ppl("attention-qkv") < 0.5 * c.ppl("baseline")
    assert c.ppl("attention-multihead") < 0.5 * c.ppl("baseline")
    assert 1.2 * c.ppl("baseline") < c.ppl("bilstm-deep-decoder")
    assert 2 * c.bleu("baseline") < c.bleu("bilstm-deep-decoder")
    assert 0.75 * c.ppl("attention-dot") < c.ppl("attention-dot-unmasked") < 1.25 * c.ppl("attention-dot")
    assert 0.8 * c.ppl("attention-dot") < c.ppl("bilstm-concat") < 1.2 * c.ppl("attention-dot")
    return f"""
On captions after one epoch ({c.pairs} runs a model, too few for verdicts):

- **One reason why the original may have seen QKV only "slightly better"**: it lacked the division by √H. Without it QKV ends {c.change("attention-qkv-unscaled", "baseline")} than the lab's
model, with it {c.change("attention-qkv", "baseline")}; test BLEU is {c.bleu("attention-qkv-unscaled")} without it, {c.bleu("attention-qkv")} with it, and {c.bleu("baseline")} for the lab's model. It does not explain the original's eight heads,
which do divide and were seen only slightly ahead, too (ours: {c.change("attention-multihead", "baseline")} than the lab's model). Both lacked the mask, which was not tried with them.
- **The deep decoder translates better than it predicts**: perplexity {c.change("bilstm-deep-decoder", "baseline")} than the lab's model's, test BLEU
{c.bleu("bilstm-deep-decoder")} beside {c.bleu("baseline")}.
- **Not as on the embedded corpus**: with and without the mask ({c.ppl("attention-dot")} and {c.ppl("attention-dot-unmasked")}) cannot be told apart, and concatenation
ends beside plain dot attention ({c.ppl("bilstm-concat")}).
""".strip()


def report_claims(ours: Study, captions: Study, captions_end: Study) -> str:
    """A Markdown table: each of the original's claims about perplexity, its verdict and effect, and that on captions.

    Captions are those of as many epochs as the claim was said after.
    """
    found = verdicts(ours)
    there = {**verdicts(captions_end), **verdicts(captions)}
    rows = [
        {
            "the original said": claim.text,
            "verdict": found[claim.key].word,
            "change": effect(claim, found[claim.key].effect),
            "on captions": effect(claim, there[claim.key].effect) if claim.key in there else "–",
        }
        for claim in CLAIMS
        if claim.who == "original" and claim.metric == "test_perplexity"
    ]
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def _on_sizes(ours: Study) -> str:
    found = verdicts(ours)
    sizes = [claim for claim in CLAIMS if claim.who == "original" and claim.metric in COUNTED]
    assert all(found[claim.key].word == "supported" for claim in sizes)
    return "What it said about sizes holds; times are not compared, for the runs come from different machines."
