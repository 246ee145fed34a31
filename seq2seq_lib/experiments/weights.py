"""The weights that runs leave beside their records: written, found again, loaded."""

from __future__ import annotations

from pathlib import Path

from seq2seq_lib.config import Sizes
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.records import Record, RecordError
from seq2seq_lib.experiments.spec import Job, fingerprint
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import Variant, find_variant
from seq2seq_lib.training.checkpoint import write_tensors


def write_weights(model: Seq2Seq, record: Record, folder: Path) -> None:
    """Writes the weights beside the record that goes into `folder`, a shared one once."""
    from safetensors.torch import save_file

    # a copy each: on a GPU the weights of an LSTM are views of one block, which safetensors takes for shared ones
    tensors = {name: weight.detach().clone().cpu() for name, weight in model.named_parameters()}
    write_tensors(weights_path(record, folder), lambda path: save_file(tensors, path))


def weights_path(record: Record, folder: Path) -> Path:
    """Where the weights of a record in `folder` lie."""
    return (folder / records.file_name(record)).with_suffix(".safetensors")


def load_trained(record: Record, folder: Path | None = None, variant: Variant | None = None) -> Seq2Seq:
    """The trained model of a record, from the weights that its run left on this machine.

    Args:
        record: of a run.
        folder: where its study's records are; by default the cache of its profile.
        variant: what the record's name stands for; by default the catalogue's entry.

    Raises:
        RecordError: when the weights are not on this machine or damaged, or the variant has been redefined since.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_model

    path, name = weights_path(record, folder or records.CACHE / record["profile"]), record["variant"]
    if not path.exists():
        raise RecordError(f"The weights of {records.file_name(record)} are not on this machine: run its study here.")
    vocabulary = record["vocabulary"]
    shape = vocabulary["source"], vocabulary["target"], Sizes(**record["settings"]["sizes"])
    variant = variant or find_variant(name)
    if fingerprint(variant, *shape) != record["settings"]["model"]:
        raise RecordError(f"{name!r} was trained by another definition than it has now: run its study again.")
    model = variant.build(*shape)
    try:
        load_model(model, path)
    except (SafetensorError, RuntimeError) as error:
        raise RecordError(
            f"{path.name} holds no weights of this model ({type(error).__name__}): delete it and its record, and run "
            "its study again."
        ) from None
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
    if not weights_path(record, where).exists():
        first = "leave --records out" if folder else "delete that file"
        name = records.file_name(record)
        raise RecordError(f"{name} is in {where} without its weights: {first}, and `{job.command()}` trains them.")
    return load_trained(record, where, job.variant)
