"""Variants × seeds: what has a record is skipped, the rest is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from seq2seq_lib.config import ConfigError, Profile, check_count, check_distinct, find_profile
from seq2seq_lib.data.batches import count_cut
from seq2seq_lib.data.tokenization import Data, prepare_for
from seq2seq_lib.experiments import dataframes, records
from seq2seq_lib.experiments.records import Record
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.experiments.tracking import check_tracker
from seq2seq_lib.experiments.weights import has_weights, load_trained
from seq2seq_lib.experiments.workers import train_all
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import find_variant, variants_of
from seq2seq_lib.training.checkpoint import forget_finished
from seq2seq_lib.training.distributed import find_process_group


@dataclass(frozen=True)
class Study:
    """The records of variants × seeds of one section under one profile.

    Attributes:
        section: "encoder", "decoder", "enc_dec" or "all".
        profile: what they were run with.
        variants: names, in the catalogue's order.
        records: one a run.
        folder: where its runs left their weights; None for the cache of the profile.
    """

    section: str
    profile: Profile
    variants: tuple[str, ...]
    records: tuple[Record, ...]
    folder: Path | None = None

    @cached_property
    def frame(self):
        """All curves as one tidy DataFrame (see `dataframes.tidy`)."""
        return dataframes.tidy(self.records)

    @cached_property
    def runs(self):
        """One row a run as a DataFrame (see `dataframes.summarise`)."""
        return dataframes.summarise(self.records)

    def record(self, variant: str, seed: int | None = None) -> Record:
        """The record of a variant's run with `seed`, by default the first.

        Raises:
            ConfigError: when the study has no such run.
        """
        for record in self.records:
            if record["variant"] == variant and seed in (None, record["seed"]):
                return record
        raise ConfigError(f"This study has no run of {variant!r} with seed {seed}; it has {', '.join(self.variants)}.")

    def model(self, variant: str, seed: int | None = None) -> Seq2Seq:
        """The trained model of a variant's run with `seed`, by default the first, where this machine trained it.

        Raises:
            ConfigError: when the study has no such run.
            RecordError: when its weights are not on this machine.
        """
        return load_trained(self.record(variant, seed), self.folder)

    def ranked(self) -> list[str]:
        """The variants by mean validation perplexity, the best first."""
        return [*self.runs.groupby("variant")["valid_perplexity"].mean().sort_values(kind="stable").index]

    @property
    def with_models(self) -> tuple[str, ...]:
        """The variants whose `model` is on this machine."""
        return tuple(name for name in self.variants if has_weights(self.record(name), self.folder))


def run_study(
    section: str,
    profile: str | Profile = "quick",
    *,
    variants: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    data: Data | None = None,
    n_jobs: int | None = None,
    folder: Path | None = None,
    log: str | None = None,
) -> Study:
    """Trains what has no record yet and returns all records of the study.

    Each finished run is on disk before the next one starts, so an interrupted study goes on where it stopped. Runs go
    side by side on this machine's cores; under `joblib.parallel_config(backend="dask")` they go to the workers of a
    cluster. A worker that does not have `folder`, being another machine, leaves the weights in its own data/cache, and
    `load_trained` finds them only there; the record comes here. Under torchrun or `accelerate launch` all processes
    train each run together, one run at a time; call this in each of them with the same arguments.

    Args:
        section: "encoder", "decoder", "enc_dec", or "all" for the whole catalogue.
        profile: a name from `PROFILES`, or a Profile of your own.
        variants: names of the catalogue; by default all of the section.
        seeds: by default the profile's.
        data: prepared already, here or elsewhere (see `data.dataset`); by default the profile's corpus is prepared.
        n_jobs: runs side by side, one thread each; 1 gives a single run all threads of this process. By default one a
            core; on a cluster any other number than 1 means one run a worker.
        folder: of the records; by default data/cache/<profile>.
        log: "tensorboard" or "wandb", to watch the same curves there; what is on record already is not shown.

    Raises:
        ConfigError: for an unknown section, profile or variant, an impossible seed or number of jobs, a seed or variant
            that is named twice, or a tracker whose package is not there.
        TrainingError: when a run's loss is no finite number.
    """
    profile, group = find_profile(profile), find_process_group()
    check_count("n_jobs", n_jobs)
    check_tracker(log)
    names, seeds = tuple(variants or variants_of(section)), tuple(seeds or profile.seeds)
    wanted = [RunSpec(name, find_variant(name), profile, seed) for seed in seeds for name in names]
    check_distinct("The list of variants", names)
    check_distinct("The list of seeds", seeds)
    data = data or prepare_for(profile, quiet=not group.is_main)
    folder = folder or records.CACHE / profile.name
    models = {spec.name: spec.model(data) for spec in wanted[: len(names)]}
    settings = [spec.settings(data, models[spec.name]) for spec in wanted]
    keys = [records.key_of(one) for one in settings]
    recorded = group.broadcast([records.find_record(folder, key) is not None for key in keys])
    missing = [(spec, one) for spec, one, there in zip(wanted, settings, recorded, strict=True) if not there]
    if group.is_main:
        forget_finished(folder, (key for key, there in zip(keys, recorded, strict=True) if there))
        print(f"Profile {profile.name}: {len(wanted)} runs, {sum(recorded)} on record, {len(missing)} to train.")
        if (used := len(data.train[: profile.train_pairs])) < len(data.train):
            print(f"The profile trains on the first {used:,} of {len(data.train):,} pairs.")
        if long := count_cut(data.train[: profile.train_pairs], profile.schedule.pad_to):
            print(f"{long:,} training sources are longer than {profile.schedule.pad_to} positions and are cut there.")
    train_all(missing, data, folder, n_jobs, group, log)
    found = group.broadcast(tuple(records.find_record(folder, key) for key in keys))
    if group.is_main and (cut := sum(record.get("cut", {}).get("translations", 0) for record in found)):
        print(f"{cut:,} translations of test sentences had not ended after {data.max_length} tokens and are cut there.")
    return Study(section, profile, names, found, folder)


def recorded_study(
    section: str, profile: str | Profile, *, variants: Sequence[str] | None = None, folder: Path | None = None
) -> Study:
    """The committed records of a section under a profile: nothing is trained, no corpus is needed.

    They may have more seeds than the profile, which says how many a study trains when it is not told.

    Args:
        section: "encoder", "decoder", "enc_dec" or "all".
        profile: a name from `PROFILES`, or a Profile of your own.
        variants: names of the catalogue; by default those of the section. What has no record is left out.
        folder: of the records; by default data/records/<profile>.

    Raises:
        ConfigError: when a variant is named twice.
        RecordError: when there is none, or a run was recorded twice, with other data or settings.
    """
    profile = find_profile(profile)
    check_distinct("The list of variants", variants or ())
    folder = folder or records.COMMITTED / profile.name
    found = records.read_records(folder)
    if not found:
        raise records.RecordError(
            f"{folder} holds no records: `python -m seq2seq_lib study {section} --profile "
            f"{profile.name} --records {folder}` makes them."
        )
    by_run: dict[tuple[str, int], str] = {}
    for record in found:
        run, name = (record["variant"], record["seed"]), records.file_name(record)
        if (twin := by_run.setdefault(run, name)) != name:
            raise records.RecordError(f"{profile.name} holds one run twice: keep one of {twin} and {name}.")
    recorded = {record["variant"] for record in found}
    names = tuple(name for name in variants or variants_of(section) if name in recorded)
    return Study(section, profile, names, tuple(record for record in found if record["variant"] in names))


def studies_at_rates(profile: str | Profile) -> dict[float, Study]:
    """Learning rate -> the committed study of all sections at it, ascending, the profile's own rate among them.

    Those at other rates have their records in data/records/<profile>-rates/<rate>.
    """
    profile = find_profile(profile)
    places = {float(place.name): place for place in (records.COMMITTED / f"{profile.name}-rates").iterdir()}
    places[profile.schedule.learning_rate] = records.COMMITTED / profile.name
    return {rate: recorded_study("all", profile, folder=places[rate]) for rate in sorted(places)}
