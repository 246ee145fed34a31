"""Tables say what the records say."""

from dataclasses import replace

import pandas as pd
import pytest

from seq2seq_lib.analysis.claims import CLAIMS, Claim
from seq2seq_lib.experiments import dataframes
from seq2seq_lib.report.prose import DriftError, numbers, say
from seq2seq_lib.report.tables import (
    comparison,
    digits_of,
    how_judged,
    readable,
    then_and_now,
    translations,
    unbroken,
    verdict_table,
)
from tests.made_up import record, study


@pytest.fixture
def three_seeds():
    return study({"baseline": (1.0, 1.1, 0.9), "bilstm-mean": (0.8, 0.9, 0.7)})


def test_comparison_shows_mean_and_spread(three_seeds):
    table = comparison(three_seeds)
    assert list(table.index) == ["baseline", "bilstm-mean"]
    assert table["seeds"].tolist() == [3, 3]
    assert table.loc["baseline", "valid PPL"] == "2.73\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.27"
    assert table.loc["baseline", "vs baseline"] == "+0.0%"
    assert table.loc["bilstm-mean", "vs baseline"] == "-18.1%"
    assert table.loc["baseline", "parameters"] == "3.00 M"


def test_a_single_run_shows_no_spread():
    assert "±" not in comparison(study({"baseline": (1.0,)})).loc["baseline", "valid PPL"]


def test_a_model_is_set_against_the_baseline_over_the_seeds_that_both_have():
    table = comparison(study({"baseline": (1.0, 3.0), "tied": (0.9,)}))
    assert table["vs baseline"].tolist() == ["+0.0%", "-9.5%"]
    assert comparison(study({"tied": (0.9,)}))["vs baseline"].tolist() == ["–"]


def test_translations_stand_beside_source_and_reference(three_seeds):
    table = translations(three_seeds)
    assert table.index.tolist() == ["source", "reference", "baseline", "bilstm-mean"]
    assert table.loc["bilstm-mean", 1] == "bilstm-mean dort."


def test_a_readable_table_keeps_long_texts_whole_and_escapes_them():
    text = "word " * 30 + "<b>"
    shown = readable(pd.DataFrame({"claim": [text], "pairs": [3]})).to_html()
    assert "word " * 30 in shown
    assert "<b>" not in shown


def test_prose_takes_its_numbers_from_the_records(three_seeds):
    n = numbers(three_seeds)
    assert say(f" It ends at {n.ppl('baseline')}. ").data == "It ends at 2.73\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.27."
    assert n.change("bilstm-mean", "baseline") == "18.1% lower"
    assert n.verdict("mean-helps") == "**too few pairs** (-18.1%, 3 of 3 pairs)"
    assert (n.effect("mean-helps"), n.word("mean-helps")) == ("-18.1%", "too few pairs")
    assert n.pairs == "3"
    assert (str(n.bleu("baseline")), str(n.parameters("baseline"))) == (unbroken("12.0 ± 1.0"), "3.00 M")
    assert str(n.column("seconds_per_epoch", "baseline")) == unbroken("2.0 ± 0.0")


def test_prose_says_interval_and_pairs_where_there_are_enough():
    losses = [0.9, 1.0, 1.1, 0.8, 1.2, 1.0, 0.95, 1.05, 1.15, 0.85]
    made = study({"baseline": losses, "bilstm-mean": [loss - 0.1 for loss in losses]})
    text = numbers(made).verdict("mean-helps")
    assert text == "**supported** (-9.5% [-9.5%, -9.5%], 10 of 10 pairs)"
    assert numbers(made).verdict("gru-like-lstm") == "**no pairs**"


def test_the_verdict_table_has_a_row_for_each_claim_of_the_section(three_seeds):
    for section in ("encoder", "decoder", "enc_dec"):
        wanted = [
            claim.text
            for claim in CLAIMS
            if claim.section == section and {claim.first, claim.second} <= {*three_seeds.variants, 1.0}
        ]
        found = verdict_table(three_seeds, section)
        assert found.get("claim", found).tolist() == wanted if len(found) else not wanted
    table = verdict_table(three_seeds).set_index("claim")
    row = table.loc["Two directions, averaged, beat the lab's model"]
    assert row.drop(["who", "metric"]).tolist() == [
        "-18.1%",
        "–",
        "3\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}3",
        "–",
        "–",
        "too few pairs",
        "–",
    ]
    assert "Flipping the batch leaves translations below 1 BLEU" not in table.index, "the study has no such run"


def test_how_verdicts_come_about_is_said(three_seeds):
    assert "5 pairs are the fewest" in how_judged(three_seeds)
    enough = study({"baseline": [1.0] * 7, "bilstm-mean": [0.9] * 7, "gru": [1.0] * 7})
    assert "Holm's correction for 2 claims" in how_judged(enough)


def test_prose_can_speak_of_lengths(three_seeds):
    scores = dataframes.by_length(three_seeds.records)
    length = scores["length"].iloc[0]
    mean = scores[(scores["variant"] == "baseline") & (scores["length"] == length)]["perplexity"].mean()
    n = numbers(three_seeds)
    assert str(n.ppl("baseline", length)) == f"{mean:.2f}"
    assert n.change("baseline", "baseline", length) == "0.0% lower"
    assert n.sentences(length) == 6


def test_conditions_compare_means_over_shared_seeds(three_seeds):
    n = numbers(three_seeds)
    assert n.ppl("bilstm-mean") < n.ppl("baseline") < 3.5
    assert n.valid("bilstm-mean").always_below(0.9 * n.valid("baseline"))
    assert 7 < n.ppl("bilstm-mean", "16+") < 9
    assert not n.ppl("baseline") < n.ppl("bilstm-mean")
    assert not n.valid("bilstm-mean").always_below(0.5 * n.valid("baseline"))


def test_what_a_text_asks_for_must_be_there(three_seeds):
    n = numbers(three_seeds)
    with pytest.raises(KeyError):
        n.ppl("reversed")
    with pytest.raises(KeyError):
        n.verdict("no-such-claim")
    with pytest.raises(DriftError, match="mean-helps"):
        n.verdict("mean-helps", expect="supported")


def test_the_table_of_an_unpaired_record():
    made = study({"bilstm-mean": (1.0, 1.2)})
    assert comparison(made).loc["bilstm-mean", "vs baseline"] == "–"
    assert record()["variant"] == "baseline"


def test_a_small_perplexity_has_a_digit_more():
    assert [digits_of(value) for value in (1.12, 9.99, 10.0, 72.0)] == [2, 2, 1, 1]
    high = study({"baseline": (4.0, 4.0)})
    assert (
        comparison(high)
        .loc["baseline", "test PPL"]
        .startswith(f"{high.runs['test_perplexity'].mean():.1f}\N{NO-BREAK SPACE}")
    )


def test_seconds_of_different_machines_are_not_compared(three_seeds):
    assert "s / epoch" in comparison(three_seeds)
    first, *others = three_seeds.records
    elsewhere = {**first, "environment": {"device": "cuda (a GPU)"}}
    assert "s / epoch" not in comparison(replace(three_seeds, records=(elsewhere, *others)))


def test_what_a_longer_training_says_of_a_claim():
    """It helps for both lengths; it hurt first and helps later; five pairs against two; one has no run."""
    seeds = (0.0, 0.01, -0.01, 0.02, -0.02)
    claims = [
        Claim(name, "encoder", "ours", name, name, "baseline")
        for name in ("bilstm-mean", "bilstm-sum", "reversed", "gru", "conv-encoder")
    ]

    def trained(**changes):
        losses = {"baseline": [2.0 + seed for seed in seeds]}
        return study(losses | {name.replace("_", "-"): [2.0 + by + seed / 2 for seed in seeds[:n]]
                               for name, (by, n) in changes.items()})  # fmt: skip

    short = trained(
        bilstm_mean=(-0.5, 5), bilstm_sum=(0.5, 5), reversed=(-0.5, 5), gru=(-0.5, 5), conv_encoder=(-0.002, 5)
    )
    long = trained(bilstm_mean=(-0.4, 5), bilstm_sum=(-0.5, 5), reversed=(-0.5, 2), conv_encoder=(-0.5, 5))
    table = then_and_now({"first": short, "later": long}, claims=claims).set_index("claim")
    assert table["moved"].to_dict() == {
        "bilstm-mean": "no", "bilstm-sum": "verdict, sign", "reversed": "not judged", "conv-encoder": "verdict",
    }  # fmt: skip
    assert table.loc["reversed", "pairs"] == "5, 2"
    assert table.loc["bilstm-sum", "later"].startswith("supported, -3")
