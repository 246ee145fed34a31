"""What one vocabulary for both languages holds, and scores of models over it in the unit of words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seq2seq_lib.config import ConfigError
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.vocabulary import SPECIALS, Example
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.report.tables import comparison, mean_and_sd


def shared_subwords(data: Data, examples: int = 6) -> pd.DataFrame:
    """How many subwords the training sentences of each language use, and how many both do; the longest few of each.

    Args:
        data: prepared with one vocabulary for both sides.
        examples: subwords shown of each row.

    Raises:
        ConfigError: when each side has a vocabulary of its own.
    """
    if data.src.vocab.tokens != data.tgt.vocab.tokens:
        raise ConfigError("Each side has a vocabulary of its own: prepare the corpus with shared=True.")
    source, target = (
        {token for example in data.train for token in ids(example)} - set(range(len(SPECIALS)))
        for ids in (lambda example: example.source, lambda example: example.target)
    )
    rows = {f"{data.src.language} alone": source - target, "both": source & target}
    rows[f"{data.tgt.language} alone"] = target - source
    longest = {row: sorted(data.src.vocab.decode(sorted(ids)), key=len)[-examples:] for row, ids in rows.items()}
    return pd.DataFrame({
        "subwords": {row: len(ids) for row, ids in rows.items()},
        "share": {row: f"{len(ids) / len(source | target):.0%}" for row, ids in rows.items()},
        "the longest": {row: ", ".join(tokens) for row, tokens in longest.items()},
    })  # fmt: skip


def comparison_per_word(study: Study, pieces: Data, words: Data) -> pd.DataFrame:
    """The study's table with perplexity per subword, as trained, and per word, in which other studies can be compared.

    A sentence has one probability p, however it is cut: p^(−1 / words) = (p^(−1 / subwords))^(subwords / words).

    Args:
        study: over `pieces`.
        pieces, words: the same corpus, cut into the study's subwords and into words; ends of sentences count in both.
    """
    table, runs = comparison(study), study.runs.groupby("variant", sort=False)
    longer = _tokens(pieces.test) / _tokens(words.test)
    per_word = study.runs.assign(per_word=study.runs["test_perplexity"] ** longer).groupby("variant")
    full = runs["parameters"].first()["baseline"]
    table["saved"] = (1 - runs["parameters"].first() / full).map("{:.0%}".format)
    table["PPL a subword"] = mean_and_sd(runs["test_perplexity"], digits=2)
    table["PPL a word"] = mean_and_sd(per_word["per_word"], digits=2)
    return table[["model", "seeds", "parameters", "saved", "PPL a subword", "PPL a word", "test BLEU", "test chrF"]]


def _tokens(examples: Sequence[Example]) -> int:
    """Target tokens that are scored, ends included."""
    return sum(len(example.target) - 1 for example in examples)
