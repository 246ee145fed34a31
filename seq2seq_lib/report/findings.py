"""The findings that the README shows: what the report said, what the pairs say, and what follows, all from records."""

from __future__ import annotations

import pandas as pd

from seq2seq_lib.analysis.claims import CLAIMS
from seq2seq_lib.analysis.verdicts import verdicts
from seq2seq_lib.experiments.records import ROOT
from seq2seq_lib.experiments.studies import Study, recorded_study
from seq2seq_lib.report.prose import fill
from seq2seq_lib.report.tables import effect, how_judged, spoken_interval

#: The findings in words, filled from the study of the embedded corpus; conditions guard every word that compares.
IN_WORDS = ROOT / "data" / "findings.md"
#: The same of the study on captions.
ON_CAPTIONS = ROOT / "data" / "findings-captions.md"


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
            fill(IN_WORDS.read_text(encoding="utf-8"), ours).strip(),
            fill(ON_CAPTIONS.read_text(encoding="utf-8"), captions).strip(),
        ]
    )


def recorded_findings() -> str:
    """`findings` of the committed records."""
    studies = ("all", "quick"), ("decoder", "longer"), ("all", "report")
    return findings(*(recorded_study(section, profile) for section, profile in studies))


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
