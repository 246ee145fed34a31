"""Tables: the comparison of a study, its findings, its verdicts, translations. All are pandas DataFrames."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence

import pandas as pd

from seq2seq_lib.analysis.claims import CLAIMS, COUNTED, IN_POINTS, TIMED, Claim
from seq2seq_lib.analysis.statistics import FEWEST
from seq2seq_lib.analysis.verdicts import MARGIN, Verdict, bleu_difference, verdicts, verdicts_of_section
from seq2seq_lib.experiments.records import ROOT
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variants import title_of

#: Class of HTML in which JupyterLab's MathJax leaves `$` and `\(` as they are.
NO_FORMULAS = "mathjax_ignore"


def comparison(study: Study) -> pd.DataFrame:
    """The study's table: what each variant costs and reaches, as mean ± standard deviation over its seeds.

    Columns: title, seeds, parameters, seconds an epoch (unless the runs had different machines), valid perplexity, by
    which epochs are selected, test perplexity, its change against the baseline over the seeds that both have, test BLEU
    and chrF (greedy).
    """
    runs = study.runs.groupby("variant", sort=False)
    names = [name for name in study.variants if name in runs.groups]
    by_seed = study.runs.pivot_table(index="seed", columns="variant", values="test_perplexity")
    table = pd.DataFrame(
        {
            "model": pd.Series({name: title_of(name) for name in names}),
            "seeds": runs.size(),
            "parameters": runs["parameters"].first().map(lambda count: f"{count / 1e6:.2f} M"),
            "s / epoch": runs["seconds_per_epoch"].mean().map("{:.1f}".format),
            "valid PPL": mean_and_sd(runs["valid_perplexity"]),
            "test PPL": mean_and_sd(runs["test_perplexity"]),
            "vs baseline": pd.Series({name: _against_baseline(by_seed, name) for name in names}),
            "test BLEU": mean_and_sd(runs["bleu"], digits=1),
            "test chrF": mean_and_sd(runs["chrf"], digits=1),
        }
    )
    if len({record["environment"]["device"] for record in study.records}) > 1:
        del table["s / epoch"]  # seconds of a CPU and of a GPU say nothing beside each other
    return table.reindex(names)


def _against_baseline(values: pd.DataFrame, name: str) -> str:
    """The change of the mean test perplexity (seeds × variants) over seeds that both have: others saw other batches."""
    shared = values[values[name].notna() & values.get("baseline", values[name] * math.nan).notna()]
    return "–" if shared.empty else f"{shared[name].mean() / shared['baseline'].mean() - 1:+.1%}"


def unbroken(text: str) -> str:
    """The text with spaces at which no table breaks it."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def mean_and_sd(grouped, digits: int | None = None) -> pd.Series:
    """A text such as `12.34 ± 0.05` for each group; one run alone has no spread, and – is what no run measured.

    Args:
        grouped: values by group.
        digits: behind the point; by default two for means below 10 and one for others.
    """
    found = pd.DataFrame({"mean": grouped.mean(), "sd": grouped.std()})
    return found.apply(lambda row: _mean_and_sd(row["mean"], row["sd"], digits), axis=1)


def _mean_and_sd(mean: float, deviation: float, digits: int | None) -> str:
    if pd.isna(mean):
        return "–"
    digits = digits_of(mean) if digits is None else digits
    return f"{mean:.{digits}f}" + ("" if pd.isna(deviation) else unbroken(f" ± {deviation:.{digits}f}"))


def digits_of(value: float) -> int:
    """Digits behind the point: two for values below 10, of which one would tell too little, and one for others."""
    return 2 if abs(value) < 10 else 1


def verdict_table(
    study: Study, section: str | None = None, claims: Sequence[Claim] = CLAIMS, but_not: Study | None = None
) -> pd.DataFrame:
    """The claims of a section that the study has pairs for, with what they say (see `verdicts.Verdict`).

    Columns: who, claim, metric, effect from the second to the first variant, its 95 % interval, how many of the pairs
    have its sign, p of the paired t test, p after Holm's correction for all claims tested on the study, verdict,
    and beside a perplexity the difference in test BLEU with its 95 % interval over sentences and seeds at once.

    Args:
        study: of any section or all; the more claims it can test, the stricter the correction.
        section: whose claims are shown; by default the study's.
        claims: that share the correction.
        but_not: a study whose claims, where it has pairs for them, are left out.
    """
    rows = [
        {
            "who": claim.who,
            "claim": claim.text,
            "metric": claim.metric.replace("_", " "),
            "effect": effect(claim, verdict.effect),
            "95 % interval": spoken_interval(claim, verdict),
            "pairs with its sign": unbroken(f"{verdict.agreeing} of {verdict.pairs}"),
            "p": _p(verdict.p),
            "corrected": _p(verdict.corrected),
            "verdict": verdict.word,
            "test BLEU": _bleu(claim, study),
        }
        for claim, verdict in verdicts_of_section(study, section, claims, but_not).items()
    ]
    return pd.DataFrame(rows, index=range(1, len(rows) + 1))


def how_judged(study: Study) -> str:
    """One sentence: how the verdicts on this study come about, or why there are none."""
    seeds = study.runs["seed"].nunique()
    testable = [claim for claim in CLAIMS if claim.metric not in (*COUNTED, *TIMED)]
    tested = sum(verdict.pairs > 0 for verdict in verdicts(study, testable).values())
    without = len([claim for claim in testable if claim.epochs <= study.profile.schedule.epochs]) - tested
    heading = f"Profile {study.profile.name}, seeds: {seeds}."
    if without:
        heading += f" Claims without runs here: {without}."
    if seeds < FEWEST:
        return f"{heading} Effects only: {FEWEST} pairs are the fewest that are judged."
    return (
        f"{heading} Paired t test of logarithms over pairs of one seed, Holm's correction for {tested} claims; "
        f"equal means within ±{MARGIN:.0%}; times are not judged."
    )


def effect(claim: Claim, value: float) -> str:
    """A difference with its unit: percent of the second variant's metric, or points."""
    if math.isnan(value):
        return "–"
    return f"{value:+.2f} points" if claim.metric in IN_POINTS else f"{value:+.1%}"


def spoken_interval(claim: Claim, verdict: Verdict) -> str:
    """`[-3.0%, +1.0%]`, or – where the pairs are too few for one."""
    if not math.isfinite(verdict.high) or claim.metric in (*COUNTED, *TIMED):
        return "–"
    return f"[{effect(claim, verdict.low)}, {effect(claim, verdict.high)}]"


def _p(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.4f}" if value >= 0.0001 else "< 0.0001"


def _bleu(claim: Claim, study: Study) -> str:
    found = bleu_difference(claim, study) if claim.metric.endswith("perplexity") else None
    return f"{found.difference:+.1f} " + unbroken(f"[{found.low:+.1f}, {found.high:+.1f}]") if found else "–"


def then_and_now(
    studies: Mapping[str, Study],
    section: str | None = None,
    claims: Sequence[Claim] = CLAIMS,
    *,
    moved_only: bool = False,
) -> pd.DataFrame:
    """What a short and a long training say of each claim that both have pairs for, as a DataFrame.

    Columns: claim, verdict and effect under each of the two headings, the numbers of pairs, and what moved: "no";
    "verdict"; "sign" of the effect; "verdict, sign"; "not judged" where one of the two has too few pairs.

    Args:
        studies: heading -> study, the shorter training first.
        section: whose claims are shown; by default all.
        claims: that share the correction.
        moved_only: leaves out the claims of which nothing moved, or that are not judged.
    """
    found = {heading: verdicts_of_section(study, section or "all", claims) for heading, study in studies.items()}
    then, now = found.values()
    rows = [
        {
            "who": claim.who,
            "claim": claim.text,
            **{heading: f"{one[claim].word}, {effect(claim, one[claim].effect)}" for heading, one in found.items()},
            "pairs": f"{then[claim].pairs}, {now[claim].pairs}",
            "moved": _moved(then[claim], now[claim]),
        }
        for claim in then
        if claim in now and claim.metric not in (*COUNTED, *TIMED)
    ]
    table = pd.DataFrame(rows, index=range(1, len(rows) + 1))
    return table[~table["moved"].isin(["no", "not judged"])] if moved_only else table


def _moved(then: Verdict, now: Verdict) -> str:
    if "too few pairs" in (then.word, now.word):
        return "not judged"
    moved = {"verdict": then.word != now.word, "sign": then.effect * now.effect < 0}
    return ", ".join(what for what, has_moved in moved.items() if has_moved) or "no"


def translations(study: Study, variants: Sequence[str] | None = None, sentences: int = 5) -> pd.DataFrame:
    """The first test sentences, one a column, as the first seed of each variant translates them, one a row."""
    names = list(variants or study.variants)
    shown = {name: study.record(name)["translations"][:sentences] for name in names}
    first = shown[names[0]]
    rows = {
        "source": [pair["source"] for pair in first],
        "reference": [pair["reference"] for pair in first],
        **{name: [pair["translation"] for pair in pairs] for name, pairs in shown.items()},
    }
    return pd.DataFrame(rows, index=range(1, len(first) + 1)).T


def published() -> pd.DataFrame:
    """What others have published about Multi30k, as read in its source, and whether ours can be compared with it.

    English→French on test_2016_flickr.
    """
    return _numbered("published.csv")


def assignment() -> pd.DataFrame:
    """The items of the assignment that the original answered, with their points, and where this report answers each."""
    return _numbered("assignment.csv")


def _numbered(name: str) -> pd.DataFrame:
    """A table of texts in `data`, its rows counted from 1."""
    table = pd.read_csv(ROOT / "data" / name, dtype=str, keep_default_na=False)
    return table.set_axis(range(1, len(table) + 1))


def readable(table: pd.DataFrame):
    """The table as a pandas Styler with whole texts to the left; a bare DataFrame cuts them at 50 characters.

    Texts, row and column labels come from corpora and records: no tag and no formula in them is read as one.
    """
    texts = table.select_dtypes(exclude="number").columns
    styles = {"text-align": "left", "white-space": "normal", "vertical-align": "top"}
    headings = [{"selector": "th", "props": [("text-align", "left")]}]
    shown = table.style.format(escape="html", subset=texts).set_properties(subset=texts, **styles)
    for axis in ("index", "columns"):
        shown.format_index(escape="html", axis=axis)
    name = hashlib.sha256(table.to_csv().encode()).hexdigest()[:8]  # the same in every run, and no two on a page
    return shown.set_table_styles(headings).set_table_attributes(f'class="{NO_FORMULAS}"').set_uuid(name)
