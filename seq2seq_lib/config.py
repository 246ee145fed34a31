"""Sizes of a model, the schedule of a run, and the profiles that pair them with a corpus."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from seq2seq_lib.utils.files import is_plain_name

PROFILE_VARIABLE = "SEQ2SEQ_PROFILE"


class ConfigError(ValueError):
    """A setting that cannot work; the message names it and says what to do."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Sizes:
    """Sizes of the lab's model; the defaults are the original's.

    Args:
        embedding: E, width of the source and target embeddings.
        hidden: H, width of the LSTM states of the encoder (per direction) and of the lab's decoder.
        layers: L, stacked LSTM layers in the encoder and in the lab's decoder.
        dropout: probability of dropping a unit, on embeddings and between LSTM layers.
    """

    embedding: int = 256
    hidden: int = 512
    layers: int = 2
    dropout: float = 0.5

    def __post_init__(self) -> None:
        for name in ("embedding", "hidden", "layers"):
            value = getattr(self, name)
            _require(_counts(value), f"Sizes.{name} is {value!r}; give a whole number from 1 up.")
        fits = _is_number(self.dropout) and 0 <= self.dropout < 1
        _require(fits, f"Sizes.dropout is {self.dropout!r}; give a probability from 0 to below 1.")


def check_name(setting: str, name: object) -> None:
    """Raises ConfigError when the name, which becomes part of a path, cannot be one."""
    _require(
        isinstance(name, str) and is_plain_name(name),
        f"{setting} is {name!r}; give a name of at most 100 characters that can be a file's: it begins with no dot, "
        'dash or space, and has none of / \\ : * ? " < > |.',
    )


def check_count(setting: str, value: object) -> None:
    """Raises ConfigError for what is neither None nor a whole number from 1 up."""
    _require(value is None or _counts(value), f"{setting} is {value!r}; give a whole number from 1 up.")


def check_distinct(setting: str, values: Iterable[object]) -> None:
    """Raises ConfigError when one of the values is given twice: one run would count as several that agree perfectly."""
    for value, times in Counter(values).items():
        _require(times == 1, f"{setting} has {value!r} {times} times; give each once, since each is one run.")


def check_seed(setting: str, seed: object) -> None:
    """Raises ConfigError when torch's generators, which get products of it, could not take the seed."""
    fits = isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) < 2**32
    _require(fits, f"{setting} is {seed!r}; give a whole number that is nearer to 0 than 2³².")


def check_heads(width: int, heads: int) -> None:
    """Raises ConfigError when attention of that width cannot be cut into so many heads."""
    _require(
        width % heads == 0,
        f"Sizes.hidden makes the attention {width} wide, which {heads} heads do not divide: "
        f"choose a multiple of {heads}.",
    )


@dataclass(frozen=True)
class Schedule:
    """How one run trains; epochs, batch size and padding default to the original's.

    Args:
        epochs: passes over the training pairs.
        batch_size: sentence pairs per step.
        pad_to: source positions S of every batch, PAD included; longer sources are cut and counted.
            None pads each batch to its own longest source.
        learning_rate: Adam's step size.
        clip: largest norm of all gradients together.
        teacher_forcing: probability that a time step's next input is the reference token, not the arg-max.
        log_every: steps per interval of the recorded training loss.
        precision: of the products in training, "fp32", or "bf16": bfloat16 where the device computes with it natively
            (elsewhere fp32). Weights, gradients and Adam stay in fp32, and so do validation and test.
        cooldown: the last share of all updates, over which the step size falls to 0 along half a cosine; until then it
            is constant (Hägele et al. 2024, "Scaling Laws and Compute-Optimal Training Beyond Fixed Training
            Durations", who let it fall along other curves).
    """

    epochs: int = 1
    batch_size: int = 64
    pad_to: int | None = 30
    learning_rate: float = 1e-3
    clip: float = 1.0
    teacher_forcing: float = 0.5
    log_every: int = 10
    precision: str = "fp32"
    cooldown: float = 0.0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "log_every"):
            value = getattr(self, name)
            _require(_counts(value), f"Schedule.{name} is {value!r}; give a whole number from 1 up.")
        _require(
            self.pad_to is None or (_counts(self.pad_to) and self.pad_to >= 2),
            f"Schedule.pad_to is {self.pad_to!r}; a source needs at least 2 positions (a token and <eos>), or None.",
        )
        for name in ("learning_rate", "clip"):
            value = getattr(self, name)
            _require(_is_number(value) and value > 0, f"Schedule.{name} is {value!r}; it must be a number above 0.")
        _require(
            _is_number(self.teacher_forcing) and 0 <= self.teacher_forcing <= 1,
            f"Schedule.teacher_forcing is {self.teacher_forcing!r}; give a probability between 0 and 1.",
        )
        _require(
            _is_number(self.cooldown) and 0 <= self.cooldown <= 1,
            f"Schedule.cooldown is {self.cooldown!r}; give the share of the updates, between 0 and 1.",
        )
        _require(self.precision in ("fp32", "bf16"), f"Schedule.precision is {self.precision!r}; choose fp32 or bf16.")

    def rate_at(self, step: int, steps: int) -> float:
        """The step size of update `step`, from 1, of `steps` in all."""
        if not self.cooldown:
            return self.learning_rate
        left = min(1.0, (steps - step + 1) / (self.cooldown * steps))
        return self.learning_rate * (1 - math.cos(math.pi * left)) / 2


@dataclass(frozen=True)
class Profile:
    """One size of the whole study: corpus, model sizes, schedule, seeds.

    Args:
        train_pairs: the first so many pairs of the training split are used; None uses all. The vocabulary is
            always built from the whole training split.
        valid_pairs, test_pairs: the same for the other splits.
        subwords: how many at most; None takes words where spaCy has them.
        shared: whether both languages share one vocabulary of subwords.
    """

    name: str
    corpus: str
    sizes: Sizes
    schedule: Schedule
    seeds: tuple[int, ...]
    min_freq: int = 1
    train_pairs: int | None = None
    valid_pairs: int | None = None
    test_pairs: int | None = None
    subwords: int | None = None
    shared: bool = False

    def __post_init__(self) -> None:
        check_name("Profile.name", self.name)
        _require(
            isinstance(self.seeds, tuple | list) and bool(self.seeds),
            f"Profile.seeds is {self.seeds!r}; give at least one whole number.",
        )
        for seed in self.seeds:
            check_seed("One of Profile.seeds", seed)
        check_distinct("Profile.seeds", self.seeds)
        _require(_counts(self.min_freq), f"Profile.min_freq is {self.min_freq!r}; give a whole number from 1 up.")
        for name in ("train_pairs", "valid_pairs", "test_pairs", "subwords"):
            check_count(f"Profile.{name}", getattr(self, name))


# Four hundred updates: how soon a model learns, which is what a single epoch of captions shows as well.
_SHORT = Profile(
    "short", "grammar", Sizes(embedding=64, hidden=64, layers=2, dropout=0.1),
    Schedule(epochs=4, batch_size=32, pad_to=22, learning_rate=1e-2, log_every=10),
    seeds=(1, 2, 3), train_pairs=3_200, valid_pairs=500, test_pairs=500,
)  # fmt: skip
# bf16 because it is a quarter faster where the hardware has it, and changes no comparison (benchmarks/precision.py).
_REPORT = Profile("report", "multi30k", Sizes(), Schedule(precision="bf16"), seeds=(1, 2), min_freq=2)

_LONG = Profile(
    "long", "grammar", Sizes(embedding=64, hidden=128, layers=2, dropout=0.1),
    Schedule(epochs=10, batch_size=64, pad_to=22, learning_rate=4e-3, log_every=25, cooldown=0.4),
    seeds=tuple(range(1, 7)),
)  # fmt: skip
# The first two epochs of `long`, update for update: its curves are the beginnings of those on record.
_QUICK = replace(_LONG, name="quick", schedule=replace(_LONG.schedule, epochs=2, cooldown=0.0), seeds=(1,))

PROFILES: Mapping[str, Profile] = MappingProxyType({
    profile.name: profile
    for profile in (
        Profile(
            "smoke", "grammar", Sizes(embedding=16, hidden=24, layers=2, dropout=0.1),
            Schedule(epochs=2, batch_size=64, pad_to=22, learning_rate=5e-3, log_every=1),
            seeds=(1, 2, 3), train_pairs=320, valid_pairs=64, test_pairs=32,
        ),
        _QUICK,
        _LONG,
        _SHORT,
        replace(_LONG, name="subwords", schedule=replace(_LONG.schedule, pad_to=30), subwords=2_000, shared=True),
        _REPORT,
        replace(_REPORT, name="full", schedule=replace(_REPORT.schedule, epochs=10), seeds=tuple(range(1, 13))),
    )
})  # fmt: skip


def choose_profile(name: str = "quick") -> Profile:
    """The profile called `name`, unless the environment variable SEQ2SEQ_PROFILE names another.

    Raises:
        ConfigError: for a name that no profile has.
    """
    if os.environ.get(PROFILE_VARIABLE):
        return find_profile(os.environ[PROFILE_VARIABLE], said_by=PROFILE_VARIABLE)
    return find_profile(name)


def find_profile(profile: str | Profile, said_by: str = "The profile") -> Profile:
    """The profile itself, or the one of that name; `said_by` tells an error where the name comes from.

    Raises:
        ConfigError: for a name that no profile has.
    """
    if isinstance(profile, Profile):
        return profile
    _require(profile in PROFILES, f"{said_by} is {profile!r}; choose one of {', '.join(PROFILES)}.")
    return PROFILES[profile]
