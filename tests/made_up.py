"""Records that no run made, for tests of what is drawn from records."""

from __future__ import annotations

import math

from seq2seq_lib.config import PROFILES
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.studies import Study


def record(variant="baseline", seed=1, losses=(3.0, 2.5), train_loss=None, **changes):
    """A whole record with the given validation losses, one an epoch."""
    settings = {"variant": variant, "seed": seed, "sizes": {"embedding": 4, "hidden": 4, "layers": 1, "dropout": 0.0}}
    made = {
        "format": records.FORMAT,
        "key": records.key_of(settings),
        "semantics": records.SEMANTICS,
        "variant": variant,
        "seed": seed,
        "profile": "short",
        "environment": {"device": "cpu (x86_64)"},
        "settings": settings,
        "vocabulary": {"source": 20, "target": 30},
        "parameters": {"encoder": 1_000_000, "bridge": 0, "decoder": 2_000_000, "total": 3_000_000},
        "train_loss": train_loss or [[10 * epoch, loss + 0.5] for epoch, loss in enumerate(losses, start=1)],
        "epochs": [
            {
                "epoch": epoch, "step": 10 * epoch, "valid_loss": loss, "valid_perplexity": math.exp(loss),
                "seconds": 2.0, "tokens": 500,
            }
            for epoch, loss in enumerate(losses, start=1)
        ],
        "best_epoch": 1 + losses.index(min(losses)),
        "tokens_per_second": 250.0,
        "test": {
            "loss": min(losses), "perplexity": math.exp(min(losses)), "bleu": 10.0 + seed, "signature": "made up",
            "chrf": 30.0 + seed, "chrf_signature": "made up", "token_accuracy": 0.5, "exact": 0.25,
            "by_tag": {
                "tag": ["agreement 0-1", "clitic"], "pairs": [8, 4], "exact": [0.5, 0.25],
                "token_accuracy": [0.75, 0.5],
            },
            "by_length": {
                "length": ["1-6", "16+"], "pairs": [6, 2], "perplexity": [4.0, 8.0], "token_accuracy": [0.75, 0.25],
                "bleu": [20.0, 5.0], "chrf": [40.0, 25.0],
            },
        },
        "translations": [{"source": "A cat sleeps.", "reference": "Un chat dort.", "translation": f"{variant} dort."}],
    }  # fmt: skip
    return {**made, **changes}


def study(losses_by_variant, section="encoder"):
    """A study with one record for each loss in `losses_by_variant`: variant -> best losses of seeds 1, 2, …"""
    made = [
        record(name, seed, (loss + 0.4, loss))
        for name, losses in losses_by_variant.items()
        for seed, loss in enumerate(losses, start=1)
    ]
    return Study(section, PROFILES["short"], tuple(losses_by_variant), tuple(made))
