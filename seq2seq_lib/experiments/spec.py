"""One run to be done, and the key of the record that it leaves."""

from __future__ import annotations

import math
import secrets
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from seq2seq_lib.config import Profile, Sizes, check_name, check_seed
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.identity import identify
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import SECTIONS, Variant


@dataclass(frozen=True)
class RunSpec:
    """One run to be done: everything a worker process needs beside the data.

    Raises:
        ConfigError: when the variant's name cannot be part of a file's, or the seed is too large a number.
    """

    name: str
    variant: Variant
    profile: Profile
    seed: int

    def __post_init__(self) -> None:
        check_name("A variant's name", self.name)
        check_seed("A seed", self.seed)

    def build(self, data: Data) -> Seq2Seq:
        """The variant's model for this data; its weights are drawn from the seed."""
        torch.manual_seed(self.seed)
        return self.variant.build(len(data.src.vocab), len(data.tgt.vocab), self.profile.sizes)

    def model(self, data: Data) -> str:
        """The fingerprint of the variant's model for this data, whatever the seed."""
        return fingerprint(self.variant, len(data.src.vocab), len(data.tgt.vocab), self.profile.sizes)

    def settings(self, data: Data, model: str | None = None) -> dict[str, Any]:
        """All that determines the run's result, as plain values.

        The model enters by `fingerprint`, which another run may have found out already, so that a variant that was
        redefined under its old name is trained anew.
        """
        profile = self.profile
        schedule = asdict(profile.schedule)
        if not schedule["cooldown"]:  # records are older than this setting, and their keys stay what they are
            del schedule["cooldown"]
        return {
            "variant": self.name,
            "model": model or self.model(data),
            "data": data.fingerprint,
            "pairs": [profile.train_pairs, profile.valid_pairs, profile.test_pairs],
            "sizes": asdict(profile.sizes),
            "schedule": schedule,
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


def fingerprint(variant: Variant, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes) -> str:
    """Sixteen hex digits that stand for the model that a variant builds; see `identity`.

    Where they cannot tell it from every other, a sentence on standard output says so, and more digits follow that no
    other call gives, so that no record is taken for its own and it is trained anew.
    """
    digest, doubts = identify(variant, src_vocab_size, tgt_vocab_size, sizes)
    if not doubts:
        return digest
    print(f"{variant.title!r} is trained anew: it cannot be told from another definition, as {'; '.join(doubts)}.")
    return f"{digest}-{secrets.token_hex(4)}"


def still_stands(model: str, variant: Variant, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes) -> bool:
    """Whether a variant builds the model that was given the fingerprint `model`; a sentence says where it may not."""
    digest, doubts = identify(variant, src_vocab_size, tgt_vocab_size, sizes)
    same = digest == model.partition("-")[0]
    if same and doubts:
        print(f"{variant.title!r} may be another than what was trained: it cannot be told, as {'; '.join(doubts)}.")
    return same
