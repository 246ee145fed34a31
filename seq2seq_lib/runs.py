"""One run of one variant, from settings to record."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from seq2seq_lib import records
from seq2seq_lib.batches import pad_share
from seq2seq_lib.config import Profile
from seq2seq_lib.jobs import Job
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.records import Record
from seq2seq_lib.scoring import judge, scores
from seq2seq_lib.text import Data
from seq2seq_lib.training import History, evaluate_sentences, parameters_by_part, perplexity, train
from seq2seq_lib.translation import translate
from seq2seq_lib.weights import write_weights

SHOWN_TRANSLATIONS = 5


def run_job(
    job: Job, data: Data, folder: Path, watch: Callable[[int, float], None] = lambda step, loss: None
) -> Record:
    """Trains one model, measures its best epoch on the test split, and writes its weights and its record.

    Args:
        job: variant, profile and seed.
        data: the profile's corpus, prepared.
        folder: where record and weights go.
        watch: is told the step and the training loss now and then.
    """
    profile = job.profile
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = job.build(data).to(device)
    history = train(
        model, data.train[: profile.train_pairs], data.valid[: profile.valid_pairs], profile.schedule, job.seed, watch
    )
    settings = job.settings(data)
    record = {
        "format": records.FORMAT,
        "key": records.key_of(settings),
        "variant": job.name,
        "seed": job.seed,
        "profile": profile.name,
        "corpus": profile.corpus,
        "settings": settings,
        "vocabulary": {"source": len(data.src.vocab), "target": len(data.tgt.vocab)},
        "pad_share": round(pad_share(data.train[: profile.train_pairs], profile.schedule.pad_to), 4),
        "environment": _environment(device),
        "parameters": parameters_by_part(model),
        **_curves(history),
        **_test(model, data, profile),
    }
    write_weights(model, record, folder)
    records.write_record(record, folder)
    return record


def _environment(device: torch.device) -> dict[str, Any]:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": f"{device.type} ({name})",
        "threads": torch.get_num_threads(),
    }


def _curves(history: History) -> dict[str, Any]:
    seconds = sum(epoch.seconds for epoch in history.epochs)
    return {
        "train_loss": [[step, round(loss, 5)] for step, loss in history.train_loss],
        "epochs": [
            {**epoch._asdict(), "seconds": round(epoch.seconds, 2), "valid_perplexity": perplexity(epoch.valid_loss)}
            for epoch in history.epochs
        ],
        "best_epoch": history.best.epoch,
        "tokens_per_second": round(sum(epoch.tokens for epoch in history.epochs) / seconds, 1),
    }


def _test(model: Seq2Seq, data: Data, profile: Profile) -> dict[str, Any]:
    """Teacher-forced perplexity and scores of greedy search on the test split, and the first few translations."""
    schedule = profile.schedule
    pairs, examples = data.corpus.test[: profile.test_pairs], data.test[: profile.test_pairs]
    translations = translate(model, data, [pair.source for pair in pairs], pad_to=schedule.pad_to)
    forced = evaluate_sentences(model, examples, schedule)
    loss = sum(sentence.loss for sentence in forced) / sum(sentence.tokens for sentence in forced)
    return {
        "test": {
            "loss": loss,
            "perplexity": perplexity(loss),
            **scores(judge(data, pairs, examples, translations, forced)),
        },
        "translations": [
            {"source": pair.source, "reference": pair.target, "translation": translation}
            for pair, translation in list(zip(pairs, translations, strict=True))[:SHOWN_TRANSLATIONS]
        ],
    }
