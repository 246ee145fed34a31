"""One run of one variant, from settings to record."""

from __future__ import annotations

import hashlib
import math
import platform
import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from seq2seq_lib import records
from seq2seq_lib.batches import pad_share
from seq2seq_lib.config import Profile, Sizes
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.records import Record, RecordError
from seq2seq_lib.scoring import judge, scores
from seq2seq_lib.text import Data
from seq2seq_lib.training import History, evaluate, evaluate_sentences, parameters_by_part, perplexity, train
from seq2seq_lib.translation import translate
from seq2seq_lib.variants import SECTIONS, Variant, find_variant

SHOWN_TRANSLATIONS = 5


@dataclass(frozen=True)
class Job:
    """One run to be done: everything a worker process needs beside the data."""

    name: str
    variant: Variant
    profile: Profile
    seed: int

    def build(self, data: Data) -> Seq2Seq:
        """The variant's model for this data; its weights are drawn from the seed."""
        torch.manual_seed(self.seed)
        return self.variant.build(len(data.src.vocab), len(data.tgt.vocab), self.profile.sizes)

    def settings(self, data: Data) -> dict[str, Any]:
        """All that determines the run's result, as plain values.

        The model enters by its printed structure, so that a variant that was redefined under its old name is trained
        anew.
        """
        profile = self.profile
        with torch.device("meta"):
            structure = repr(self.variant.build(len(data.src.vocab), len(data.tgt.vocab), profile.sizes))
        return {
            "variant": self.name,
            "model": hashlib.sha256(structure.encode()).hexdigest()[:16],
            "data": data.fingerprint,
            "pairs": [profile.train_pairs, profile.valid_pairs, profile.test_pairs],
            "sizes": asdict(profile.sizes),
            "schedule": asdict(profile.schedule),
            "seed": self.seed,
        }

    def key(self, data: Data) -> str:
        """The key of the record that this run leaves."""
        return records.key_of(self.settings(data))

    def command(self, folder: Path | None = None) -> str:
        """What trains this run from a shell, its record and weights going to `folder` or the profile's cache."""
        section = SECTIONS[0] if self.variant.section == "all" else self.variant.section
        words = ["python", "-m", "seq2seq_lib", "study", section, "--profile", self.profile.name]
        words += ["--variants", self.name, "--seeds", str(self.seed)]
        return shlex.join([*words, "--records", str(folder)] if folder else words)

    def steps(self, data: Data) -> int:
        """Updates of the whole run."""
        schedule = self.profile.schedule
        return schedule.epochs * math.ceil(len(data.train[: self.profile.train_pairs]) / schedule.batch_size)


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
    _write_weights(model, record, folder)
    records.write_record(record, folder)
    return record


def load_trained(record: Record, folder: Path | None = None) -> Seq2Seq:
    """The trained model of a record, from the weights that its run left on this machine.

    Args:
        record: of a run.
        folder: where its study's records are; by default the cache of its profile.

    Raises:
        RecordError: when the weights are not on this machine.
    """
    from safetensors.torch import load_model

    path = _weights_path(record, folder or records.CACHE / record["profile"])
    if not path.exists():
        raise RecordError(f"The weights of {records.file_name(record)} are not on this machine: run its study here.")
    vocabulary = record["vocabulary"]
    sizes = Sizes(**record["settings"]["sizes"])
    model = find_variant(record["variant"]).build(vocabulary["source"], vocabulary["target"], sizes)
    load_model(model, path)
    return model.eval()


def find_trained(job: Job, data: Data, folder: Path | None = None) -> Seq2Seq:
    """The model of exactly this run, where a study has trained it on this machine.

    Args:
        job, data: what determines the run's key.
        folder: of the study's records; by default the cache of the profile.

    Raises:
        RecordError: when the record or the weights are not there; the message says which command makes them.
    """
    where = folder or records.CACHE / job.profile.name
    record = records.find_record(where, job.key(data))
    if record is None:
        raise RecordError(f"{where} has no run of {job.name} with seed {job.seed}: `{job.command(folder)}` trains it.")
    if not _weights_path(record, where).exists():
        first = "leave --records out" if folder else "delete that file"
        name = records.file_name(record)
        raise RecordError(f"{name} is in {where} without its weights: {first}, and `{job.command()}` trains them.")
    return load_trained(record, where)


def _write_weights(model: Seq2Seq, record: Record, folder: Path) -> None:
    from safetensors.torch import save_model

    records.write_whole(_weights_path(record, folder), lambda path: save_model(model, path))


def _weights_path(record: Record, folder: Path) -> Path:
    return (folder / records.file_name(record)).with_suffix(".safetensors")


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
    loss = evaluate(model, examples, schedule)
    translations = translate(model, data, [pair.source for pair in pairs], pad_to=schedule.pad_to)
    forced = evaluate_sentences(model, examples, schedule)
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
