"""What others have published about Multi30k, beside which our figures may or may not be set."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd


class Published(NamedTuple):
    """One published figure, as it was read in its source, and whether ours can be compared with it."""

    system: str
    figure: str
    trained: str
    comparable: str
    source: str


#: English→French on test_2016_flickr unless a row says otherwise.
PUBLISHED = (
    Published(
        "LSTM with attention, 3 layers, words, greedy", "BLEU 56.83", "to the end (length not stated)",
        "the nearest: same 29,000 pairs, same test set, words; but a full training, and the BLEU tool is not named",
        "Lample, Denoyer & Ranzato (2018), arXiv 1711.00043, Table 2 (supervised)",
    ),
    Published(
        "word-by-word dictionary", "BLEU 8.54", "no parallel data",
        "as a floor: what needs no sentence pair reaches", "the same, Table 2",
    ),
    Published(
        "GRU with attention, subwords (BPE)", "BLEU 59.02", "up to 100 epochs, early stopping",
        "no: subwords, and BLEU on references that were tokenised beforehand",
        "LIUM-CVC's systems for WMT17 (Caglayan et al., 2017), README of the code, single run",
    ),
    Published(
        "LSTM without attention; GRU; GRU with attention", "test perplexity 52.0; 34.7; 24.0", "10 epochs",
        "no: German→English, and its evaluation feeds the model's own words, which raises perplexity",
        "Trevett, pytorch-seq2seq, notebooks 1 to 3",
    ),
)  # fmt: skip


def published() -> pd.DataFrame:
    """`PUBLISHED` as a table, to stand beside the recorded runs."""
    return pd.DataFrame(PUBLISHED, index=range(1, len(PUBLISHED) + 1)).rename(columns={"comparable": "comparable?"})
