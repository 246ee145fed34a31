"""One run of one variant, from settings to record."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from seq2seq_lib.config import Profile
from seq2seq_lib.data.batches import count_cut, pad_share
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.evaluation.metrics import scores, sentence_results
from seq2seq_lib.evaluation.translation import is_cut, search_examples
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.records import Record
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.experiments.tracking import curves_of
from seq2seq_lib.experiments.weights import write_weights
from seq2seq_lib.models.seq2seq import Seq2Seq, parameters_by_part
from seq2seq_lib.training.checkpoint import Checkpoint, EpochResult, History
from seq2seq_lib.training.distributed import SINGLE, ProcessGroup
from seq2seq_lib.training.trainer import Trainer, evaluate_sentences, perplexity
from seq2seq_lib.utils.files import one_at_a_time

SHOWN_TRANSLATIONS = 5


def run(
    spec: RunSpec,
    data: Data,
    folder: Path,
    on_interval: Callable[[int, float], None] = lambda step, loss: None,
    *,
    settings: Mapping[str, Any] | None = None,
    group: ProcessGroup = SINGLE,
    log: str | None = None,
) -> Record:
    """Trains one model, measures its best epoch on the test split, and writes its weights and its record.

    A run that was interrupted goes on from its last checkpoint, to the record that it would have left; one that another
    process is at, or has done meanwhile, is not done again. A run that several processes share has no checkpoints.

    Args:
        on_interval: gets the step and the training loss now and then.
        settings: `spec.settings(data)`, from the process that will look for the record: in another one Python may not
            find the source text of a class or function that a notebook or script defines, and the key would differ.
        group: the processes that train this model together; each measures, the main one writes.
        log: a tracker that shows the curves elsewhere (see `tracking`), or None.
    """
    settings = dict(settings or spec.settings(data))
    key, name = records.key_of(settings), f"{spec.name}-seed{spec.seed}"

    def train(checkpoint: Checkpoint) -> Record:
        with curves_of(log if group.is_main else None, name, folder, settings) as curve:

            def interval(step: int, loss: float) -> None:
                on_interval(step, loss)
                curve("train", step, loss)

            def epoch(result: EpochResult) -> None:
                curve("valid", result.step, result.valid_loss)

            trainer = Trainer(spec.profile.schedule, spec.seed, interval, epoch, group, checkpoint)
            return _run(spec, data, folder, settings, trainer)

    if group.count > 1:
        return train(Checkpoint())
    with one_at_a_time(folder / ".locks" / key, f"{spec.name}, seed {spec.seed}"):
        checkpoint = Checkpoint(folder / f"{name}-{key}.unfinished")
        if found := records.find_record(folder, key):
            checkpoint.remove()  # of a process that was killed after it had written the record
            return found
        record = train(checkpoint)
        checkpoint.remove()
        return record


def _run(spec: RunSpec, data: Data, folder: Path, settings: Mapping[str, Any], trainer: Trainer) -> Record:
    profile, group = spec.profile, trainer.group
    model = spec.build(data).to(group.device)
    group.seed_dropout(spec.seed)
    train_pairs = data.train[: profile.train_pairs]
    history = trainer.fit(model, train_pairs, data.valid[: profile.valid_pairs])
    record = {
        "format": records.FORMAT,
        "key": records.key_of(settings),
        "semantics": records.SEMANTICS,
        "variant": spec.name,
        "seed": spec.seed,
        "profile": profile.name,
        "corpus": profile.corpus,
        "settings": dict(settings),
        "vocabulary": {"source": len(data.src.vocab), "target": len(data.tgt.vocab)},
        **_subwords(data),
        "pad_share": round(pad_share(train_pairs, profile.schedule.pad_to), 4),
        "environment": _environment(group),
        "parameters": parameters_by_part(model),
        **_curves(history),
        **_test(model, data, profile),
    }
    if group.is_main:
        write_weights(model, record, folder)
        records.write_record(record, folder)
    return record


def _subwords(data: Data) -> dict[str, Any]:
    """The encodings that split the sentences, where such did; one that both sides share stands once."""
    found = {name: side.subwords for name, side in (("source", data.src), ("target", data.tgt)) if side.subwords}
    if len(found) == 2 and found["source"] is found["target"]:
        found = {"shared": found["source"]}
    return {"subwords": {name: subwords.as_json() for name, subwords in found.items()}} if found else {}


def _environment(group: ProcessGroup) -> dict[str, Any]:
    device = group.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": f"{device.type} ({name})",
        "threads": torch.get_num_threads(),
        "processes": group.count,
        # the same seed gives the same record on one CPU with as many threads; a GPU's sums come in any order
        "repeatable": device.type == "cpu" and group.count == 1,
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
    found = search_examples(model, data, examples, pad_to=schedule.pad_to)
    translations = [data.tgt.decode(ids) for ids in found]
    forced = evaluate_sentences(model, examples, schedule)
    loss = sum(sentence.loss for sentence in forced) / sum(sentence.tokens for sentence in forced)
    return {
        "test": {
            "loss": loss,
            "perplexity": perplexity(loss),
            **scores(sentence_results(data, pairs, examples, translations, forced), data.tgt.language),
        },
        "cut": {
            "sources": count_cut(examples, schedule.pad_to),
            "translations": sum(is_cut(ids, data) for ids in found),
        },
        "translations": [
            {"source": pair.source, "reference": pair.target, "translation": translation}
            for pair, translation in list(zip(pairs, translations, strict=True))[:SHOWN_TRANSLATIONS]
        ],
    }
