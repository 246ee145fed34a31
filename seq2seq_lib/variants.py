"""The catalogue: one entry a variant names its encoder, its bridge and its decoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from torch import nn

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.models import bridges, encoders
from seq2seq_lib.models.bridges import AsIs, JoinDirections, ProjectDirections
from seq2seq_lib.models.decoders import LSTMDecoder
from seq2seq_lib.models.encoders import LSTMEncoder
from seq2seq_lib.models.seq2seq import Seq2Seq

SECTIONS = ("encoder", "decoder", "enc_dec")


@dataclass(frozen=True)
class Variant:
    """A model of the report, as data.

    Args:
        section: "encoder", "decoder" or "enc_dec"; "all" puts the variant into every section.
        title: a few words for legends and tables.
        why: one sentence: why it might help.
        encoder: (vocab_size, sizes) -> encoder with `state_shape` and `output_size`.
        bridge: (the encoder's state shape) -> bridge with `state_shape`.
        decoder: (vocab_size, sizes, the bridge's state shape, memory_size) -> decoder.
    """

    section: str
    title: str
    why: str
    encoder: Callable[..., nn.Module] = LSTMEncoder
    bridge: Callable[..., nn.Module] = AsIs
    decoder: Callable[..., nn.Module] = LSTMDecoder

    def __post_init__(self) -> None:
        if self.section not in (*SECTIONS, "all"):
            raise ConfigError(f"Variant.section is {self.section!r}; choose one of {', '.join(SECTIONS)} or all.")

    def build(self, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes) -> Seq2Seq:
        """The model with freshly drawn weights."""
        encoder = self.encoder(src_vocab_size, sizes)
        bridge = self.bridge(encoder.state_shape)
        decoder = self.decoder(tgt_vocab_size, sizes, bridge.state_shape, encoder.output_size)
        return Seq2Seq(encoder, bridge, decoder)


BiLSTMEncoder = partial(LSTMEncoder, bidirectional=True)

VARIANTS: Mapping[str, Variant] = {
    "baseline": Variant(
        "all", "Lab's model", "The point of comparison: a two-layer LSTM whose last state starts the decoder."
    ),
    "bilstm-concat": Variant(
        "encoder", "BiLSTM, concatenated",
        "Both directions reach the decoder whole; the decoder must become twice as wide.",
        BiLSTMEncoder, partial(JoinDirections, join=bridges.concatenate),
    ),
    "bilstm-mean": Variant(
        "encoder", "BiLSTM, averaged", "Both directions share one vector; the decoder keeps its size.",
        BiLSTMEncoder, partial(JoinDirections, join=bridges.mean),
    ),
    "bilstm-sum": Variant(
        "encoder", "BiLSTM, summed", "As the mean, at twice the magnitude.",
        BiLSTMEncoder, partial(JoinDirections, join=bridges.add),
    ),
    "bilstm-linear": Variant(
        "encoder", "BiLSTM, Linear", "The model learns what to keep of the two directions.",
        BiLSTMEncoder, ProjectDirections,
    ),
    "bilstm-deep-decoder": Variant(
        "encoder", "BiLSTM, decoder of 2L layers",
        "The decoder takes all four states as they are, in twice as many layers.", BiLSTMEncoder,
    ),
    "reversed": Variant(
        "encoder", "Source reversed, PAD first",
        "The last step reads the first word, and PAD no longer stands between the words and the decoder.",
        partial(LSTMEncoder, reading=encoders.reversed_padded),
    ),
    "reversed-tokens": Variant(
        "encoder", "Words reversed, PAD last", "The reversal alone: PAD is still read after the last word.",
        partial(LSTMEncoder, reading=encoders.reversed_tokens),
    ),
    "reversed-batch": Variant(
        "encoder", "Batch axis flipped (the report's code)",
        "It cannot help: each source is paired with another sentence's target.",
        partial(LSTMEncoder, reading=encoders.reversed_batch),
    ),
}  # fmt: skip


def variants_of(section: str, catalogue: Mapping[str, Variant] = VARIANTS) -> tuple[str, ...]:
    """Names of a section's variants, the ones of every section first.

    Raises:
        ConfigError: for a section that does not exist.
    """
    if section not in SECTIONS:
        raise ConfigError(f"The section is {section!r}; choose one of {', '.join(SECTIONS)}.")
    return tuple(name for name, variant in catalogue.items() if variant.section in (section, "all"))


def find_variant(name: str) -> Variant:
    """The catalogue's entry called `name`.

    Raises:
        ConfigError: for a name that is not in the catalogue.
    """
    if name not in VARIANTS:
        raise ConfigError(f"There is no variant {name!r}; the catalogue has {', '.join(VARIANTS)}.")
    return VARIANTS[name]


def title_of(name: str) -> str:
    """What legends and tables call a variant: its title, or its name where the catalogue lacks it."""
    return VARIANTS[name].title if name in VARIANTS else name


def build_model(name: str, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes | None = None) -> Seq2Seq:
    """The model of a variant with freshly drawn weights; without `sizes`, at the report's.

    Raises:
        ConfigError: for a name that is not in the catalogue.
    """
    return find_variant(name).build(src_vocab_size, tgt_vocab_size, sizes or Sizes())
