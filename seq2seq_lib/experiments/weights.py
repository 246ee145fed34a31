"""The weights of recorded runs: written beside the record, shipped with the project in 16 bits, found and loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from glob import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from seq2seq_lib.config import Sizes
from seq2seq_lib.data.subwords import Subwords
from seq2seq_lib.data.tokenization import MAX_LENGTH, Data, Side
from seq2seq_lib.data.vocabulary import Vocab
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.records import Record, RecordError
from seq2seq_lib.experiments.spec import RunSpec, still_stands
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import Variant, find_variant
from seq2seq_lib.training.checkpoint import write_tensors

#: Weights of committed records that a fresh clone translates with, in 16 bits.
SHIPPED = records.ROOT / "data" / "weights"


class Translator(NamedTuple):
    """A trained model with what turns sentences into its ids and back: `translate` takes it for its model and data."""

    model: Seq2Seq
    src: Side
    tgt: Side
    pad_to: int | None
    max_length: int = MAX_LENGTH
    capitals: Mapping[str, str] = MappingProxyType({})


def write_weights(model: Seq2Seq, record: Record, folder: Path) -> None:
    """Writes the weights beside the record that goes into `folder`, a shared one once."""
    # a copy each: on a GPU the weights of an LSTM are views of one block, which safetensors takes for shared ones
    tensors = {name: weight.detach().clone().cpu() for name, weight in model.named_parameters()}
    _write(tensors, record, weights_path(record, folder))


def ship(record: Record, folder: Path, data: Data, into: Path = SHIPPED) -> Path:
    """Writes the weights of a run once more, in 16 bits and with the vocabularies, for a clone without its corpus.

    The run has left them in `folder`; the new file goes to the folder `into`, and its path is returned.
    """
    path = weights_path(record, into)
    vocabularies = [
        [side.language, side.vocab.tokens, side.subwords and side.subwords.as_json()] for side in (data.src, data.tgt)
    ]
    tensors = {name: tensor.half() for name, tensor in _read(weights_path(record, folder), record)[0].items()}
    _write(tensors, record, path, vocabularies=vocabularies, max_length=data.max_length)
    return path


def weights_path(record: Record, folder: Path) -> Path:
    """Where the weights of a record in `folder` lie."""
    return (folder / records.file_name(record)).with_suffix(".safetensors")


def load_trained(record: Record, folder: Path | None = None, variant: Variant | None = None) -> Seq2Seq:
    """The trained model of a record, from the weights that its run left on this machine or that the project ships.

    Args:
        record: of a run.
        folder: where its study's records are; by default the cache of its profile.
        variant: what the record's name stands for; by default the catalogue's entry.

    Raises:
        RecordError: when the weights are not on this machine, damaged or of another run, or the variant has been
            redefined since.
    """
    path = next(filter(Path.exists, _places(record, folder)), None)
    if path is None:
        raise RecordError(f"The weights of {records.file_name(record)} are not on this machine: run its study here.")
    return _load(path, record, variant)[0]


def load_shipped(
    profile: str, variant: str | None = None, folder: Path = SHIPPED, *, seed: int | None = None
) -> Translator | None:
    """A model of that profile that the project ships, with its vocabularies; None where there is none.

    Without a variant or a seed it is the one with the lowest validation perplexity.

    Raises:
        RecordError: when the file is damaged, or does not fit its record or the variant any more.
    """
    pattern = f"{escape(variant) if variant else '*'}-seed{'*' if seed is None else seed}-*.safetensors"
    places = ((records.COMMITTED / profile / path.name).with_suffix(".json") for path in sorted(folder.glob(pattern)))
    found = [records.read_record(place) for place in places if place.exists()]
    if not found:
        return None
    record = min(found, key=lambda record: min(epoch["valid_loss"] for epoch in record["epochs"]))
    model, told = _load(weights_path(record, folder), record)
    if "vocabularies" not in told:
        raise RecordError(f"{record['variant']}'s weights in {folder.name}/ have no vocabularies: take that file away.")
    src, tgt = (_side(*entry) for entry in told["vocabularies"])
    pad_to, longest = record["settings"]["schedule"]["pad_to"], told.get("max_length", MAX_LENGTH)
    return Translator(model, src, tgt, pad_to, longest)


def _side(language: str, tokens: Sequence[str], subwords: list | None = None) -> Side:
    return Side(language, Vocab(tuple(tokens)), Subwords.from_json(subwords))


def has_weights(record: Record, folder: Path | None = None) -> bool:
    """Whether `load_trained` finds weights for a record on this machine."""
    return any(map(Path.exists, _places(record, folder)))


def _places(record: Record, folder: Path | None) -> list[Path]:
    return [weights_path(record, place) for place in (folder or records.CACHE / record["profile"], SHIPPED)]


def _load(path: Path, record: Record, variant: Variant | None = None) -> tuple[Seq2Seq, Mapping[str, Any]]:
    name, vocabulary = record["variant"], record["vocabulary"]
    shape = vocabulary["source"], vocabulary["target"], Sizes(**record["settings"]["sizes"])
    variant = variant or find_variant(name)
    if not still_stands(record["settings"]["model"], variant, *shape):
        raise RecordError(f"{name!r} was trained by another definition than it has now: run its study again.")
    tensors, told = _read(path, record)
    model = variant.build(*shape)
    with torch.no_grad():
        for weight_name, weight in model.named_parameters():
            weight.copy_(tensors[weight_name])
    return model.eval(), told


def _write(tensors: Mapping[str, Tensor], record: Record, path: Path, **more: Any) -> None:
    told = json.dumps({"key": record["key"], "digest": _digest(tensors, more), **more}, ensure_ascii=False)
    # one entry, since safetensors writes several in any order
    write_tensors(path, lambda unfinished: save_file(dict(tensors), unfinished, {"run": told}))


def _read(path: Path, record: Record) -> tuple[dict[str, Tensor], Mapping[str, Any]]:
    """Tensors, and what is told beside them: the key of the record, a digest, and whatever more."""
    again = "delete it and its record, and run its study again."
    if path.parent == SHIPPED:
        again = "`git checkout -- data/weights` restores it."
    path.open("rb").close()  # raises as a file that may not be read should: safetensors says that there is none
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            told = json.loads((file.metadata() or {}).get("run", "{}"))
    except (SafetensorError, ValueError, OSError) as error:
        raise RecordError(f"{path.name} holds no weights ({type(error).__name__}): {again}") from None
    if not isinstance(told, dict) or told.get("key") != record["key"]:
        raise RecordError(f"{path.name} holds the weights of another run than its record's: {again}")
    more = {name: value for name, value in told.items() if name not in ("key", "digest")}
    if told.get("digest") != _digest(tensors, more):
        raise RecordError(f"{path.name} was changed after it had been written: {again}")
    return tensors, told


def _digest(tensors: Mapping[str, Tensor], more: Mapping[str, Any]) -> str:
    """Sixteen hex digits that stand for all names and numbers, and for whatever more is told."""
    found = hashlib.sha256(json.dumps(more, sort_keys=True).encode() if more else b"")
    for name in sorted(tensors):
        found.update(f"{name} {tuple(tensors[name].shape)}".encode())
        found.update(tensors[name].contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


def refuse_untrained(spec: RunSpec, folder: Path | None = None) -> None:
    """Does nothing where `find_trained` may find a run by its variant and seed, whatever its other settings.

    Raises:
        RecordError: otherwise; the message says which command trains it.
    """
    where = _folder_of(spec, folder)
    if not any(where.glob(f"{escape(spec.name)}-seed{spec.seed}-*.json")):
        raise _untrained(spec, where, folder)


def _folder_of(spec: RunSpec, folder: Path | None) -> Path:
    return folder or records.CACHE / spec.profile.name


def _untrained(spec: RunSpec, where: Path, folder: Path | None) -> RecordError:
    return RecordError(f"{where} has no run of {spec.name} with seed {spec.seed}: `{spec.command(folder)}` trains it.")


def find_trained(spec: RunSpec, data: Data, folder: Path | None = None) -> Seq2Seq:
    """The model of exactly this run, where a study has trained it on this machine, by default in the profile's cache.

    Raises:
        RecordError: when the record or the weights are not there; the message says which command makes them.
    """
    where = _folder_of(spec, folder)
    record = records.find_record(where, spec.key(data))
    if record is None:
        raise _untrained(spec, where, folder)
    if not weights_path(record, where).exists():
        first = "leave --records out" if folder else "delete that file"
        name = records.file_name(record)
        raise RecordError(f"{name} is in {where} without its weights: {first}, and `{spec.command()}` trains them.")
    return load_trained(record, where, spec.variant)
