"""A model as data: its encoder, its bridge, its decoder."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import nn

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.models.bridges import AsIs
from seq2seq_lib.models.decoders import LSTMDecoder
from seq2seq_lib.models.encoders import LSTMEncoder
from seq2seq_lib.models.seq2seq import Seq2Seq, count_parameters

#: Of the original's three sections, and "size": models that check whether a gain is due to parameters alone.
SECTIONS = ("encoder", "decoder", "enc_dec", "size")


@dataclass(frozen=True)
class Variant:
    """A model, as data.

    Args:
        section: "encoder", "decoder", "enc_dec" or "size"; "all" puts the variant into every section.
        title: a few words for legends and tables.
        why: one sentence: why it might help.
        encoder: (vocab_size, sizes) -> encoder with `state_shape` and `output_size`.
        bridge: (the encoder's state shape) -> bridge with `state_shape`.
        decoder: (vocab_size, sizes, the bridge's state shape, memory_size) -> decoder.
        colour: of its lines and dots in every figure, `#rrggbb`; without one, one is chosen by its name.
    """

    section: str
    title: str
    why: str
    encoder: Callable[..., nn.Module] = LSTMEncoder
    bridge: Callable[..., nn.Module] = AsIs
    decoder: Callable[..., nn.Module] = LSTMDecoder
    colour: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if self.section not in (*SECTIONS, "all"):
            raise ConfigError(f"Variant.section is {self.section!r}; choose one of {', '.join(SECTIONS)} or all.")

    def build(self, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes) -> Seq2Seq:
        """The model with freshly drawn weights."""
        encoder = self.encoder(src_vocab_size, sizes)
        bridge = self.bridge(encoder.state_shape)
        decoder = self.decoder(tgt_vocab_size, sizes, bridge.state_shape, encoder.output_size)
        return Seq2Seq(encoder, bridge, decoder)


@dataclass(frozen=True)
class Widened(Variant):
    """A variant, by default the lab's model, with wider states, so that it has as many parameters as another.

    Whoever finds the other one better than the lab's model has compared an idea and a size at once. This has the size
    alone.

    Args:
        like: the other one. H becomes the whole number that comes nearest to its number of parameters.
    """

    like: Variant = field(kw_only=True)

    def build(self, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes) -> Seq2Seq:
        """As `Variant.build`, with another H than `sizes` has."""
        vocabularies = src_vocab_size, tgt_vocab_size

        def excess(hidden: int) -> int:
            return count_parameters(super(Widened, self).build(*vocabularies, replace(sizes, hidden=hidden))) - wanted

        with torch.device("meta"):
            wanted = count_parameters(self.like.build(*vocabularies, sizes))
            above = bisect_left(range(1, 16 * sizes.hidden), 0, key=excess) + 1
            nearest = min((max(above - 1, 1), above), key=lambda hidden: abs(excess(hidden)))
        return super().build(*vocabularies, replace(sizes, hidden=nearest))


@dataclass(frozen=True)
class SharedEmbedding(Variant):
    """A variant whose encoder and decoder share one embedding: with a tied decoder, one table serves three times.

    Source: Press & Wolf (2017), "Using the Output Embedding to Improve Language Models", section 5: three-way tying.
    """

    def build(self, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes) -> Seq2Seq:
        """As `Variant.build`.

        Raises:
            ConfigError: when the languages do not share one vocabulary.
        """
        if src_vocab_size != tgt_vocab_size:
            raise ConfigError(
                f"{self.title} needs one vocabulary for both languages, and these have {src_vocab_size:,} and "
                f"{tgt_vocab_size:,} tokens: prepare the corpus with shared=True, or take the profile subwords."
            )
        model = super().build(src_vocab_size, tgt_vocab_size, sizes)
        model.encoder.embedding.weight = model.decoder.embedding.weight
        return model
