"""Records as pandas DataFrames: curves, runs, and the groups of the test split."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from seq2seq_lib.experiments.records import Record


def tidy(records: Iterable[Record]):
    """One tidy pandas DataFrame: a row for each measured value.

    Columns: variant, seed, metric (`train_loss`, `valid_loss`, `valid_perplexity`), step, epoch (a fraction for the
    training loss, which is measured inside epochs), value.
    """
    columns = ["variant", "seed", "metric", "step", "epoch", "value"]
    return pd.DataFrame((row for record in records for row in _rows(record)), columns=columns)


def _rows(record: Record):
    name, seed = record["variant"], record["seed"]
    steps_per_epoch = record["epochs"][0]["step"]
    for step, loss in record["train_loss"]:
        yield name, seed, "train_loss", step, step / steps_per_epoch, loss
    for epoch in record["epochs"]:
        for metric in ("valid_loss", "valid_perplexity"):
            yield name, seed, metric, epoch["step"], float(epoch["epoch"]), epoch[metric]


def summarise(records: Iterable[Record]):
    """One row a run: what its best epoch reached, and what it cost.

    Columns: variant, seed, parameters, decoder_parameters, seconds_per_epoch (of the fastest epoch, which other work
    on the machine disturbed least), tokens_per_second, train_loss (of the last interval), valid_loss,
    valid_perplexity, test_perplexity, bleu, chrf, token_accuracy; the last two are NaN in
    a record that is older than they are.
    """
    return pd.DataFrame(
        [
            {
                "variant": record["variant"],
                "seed": record["seed"],
                "parameters": record["parameters"]["total"],
                "decoder_parameters": record["parameters"]["decoder"],
                "seconds_per_epoch": min(epoch["seconds"] for epoch in record["epochs"]),
                "tokens_per_second": record["tokens_per_second"],
                "train_loss": record["train_loss"][-1][1],
                "valid_loss": (best := record["epochs"][record["best_epoch"] - 1])["valid_loss"],
                "valid_perplexity": best["valid_perplexity"],
                "test_perplexity": record["test"]["perplexity"],
                "bleu": record["test"]["bleu"],
                "chrf": record["test"].get("chrf", math.nan),
                "token_accuracy": record["test"].get("token_accuracy", math.nan),
            }
            for record in records
        ]
    )


def by_tag(records: Iterable[Record]):
    """One row a run and grammatical phenomenon of its test sentences (see `metrics.tag_scores`), as a tidy DataFrame.

    Columns: variant, seed, tag, pairs, exact, token_accuracy. A corpus without tags has no rows.
    """
    return _groups_of_test(records, "tag", ["pairs", "exact", "token_accuracy"])


def by_length(records: Iterable[Record]):
    """One row a run and interval of source lengths (see `metrics.length_scores`), as a tidy DataFrame.

    Columns: variant, seed, length, pairs, perplexity, token_accuracy, bleu, chrf.
    """
    return _groups_of_test(records, "length", ["pairs", "perplexity", "token_accuracy", "bleu", "chrf"])


def _groups_of_test(records: Iterable[Record], group: str, measures: list[str]):
    columns = [group, *measures]
    rows = [
        (record["variant"], record["seed"], *row)
        for record in records
        for row in zip(*(record["test"].get(f"by_{group}", {}).get(column, ()) for column in columns), strict=True)
    ]
    return pd.DataFrame(rows, columns=["variant", "seed", *columns])
