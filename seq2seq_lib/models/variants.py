"""The catalogue: one entry a variant names its encoder, its bridge and its decoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from torch import nn

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.models import bridges, encoders
from seq2seq_lib.models.attention import (
    AdditiveAttention,
    DotAttention,
    DotValueAttention,
    GeneralAttention,
    QKVAttention,
)
from seq2seq_lib.models.bridges import FitLayers, JoinDirections, ProjectDirections, ProjectLayers
from seq2seq_lib.models.decoders import (
    AllLayersDecoder,
    AttentionDecoder,
    InputFeedingDecoder,
    MultiHeadDecoder,
    TiedAttentionDecoder,
    TiedDecoder,
    UntiedDecoder,
)
from seq2seq_lib.models.encoders import GRUEncoder, LSTMEncoder, PackedLSTMEncoder
from seq2seq_lib.models.multi_head import MultiHeadAttention
from seq2seq_lib.models.parallel_encoders import ConvEncoder, TransformerEncoder
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variant import SECTIONS, Variant, Widened

BiLSTMEncoder = partial(LSTMEncoder, bidirectional=True)
FourLayers = partial(LSTMEncoder, layers=4)
TwoLayers = partial(LSTMEncoder, layers=2)


def _attending(attention: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    return partial(AttentionDecoder, attention=attention)


VARIANTS: dict[str, Variant] = {
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
    "reversed-packed": Variant(
        "encoder", "Words reversed, PAD ignored", "The reversal without any PAD: what the order of words is worth.",
        partial(PackedLSTMEncoder, reading=encoders.reversed_tokens),
    ),
    "forget-bias": Variant(
        "encoder", "Forget bias 1",
        "Cells that keep three quarters at each step, not half, lose less of the sentence on PAD.",
        partial(LSTMEncoder, forget_bias=1.0),
    ),
    "gru": Variant(
        "encoder", "GRU", "One state instead of two, three blocks of weights instead of four.", GRUEncoder
    ),
    "conv-encoder": Variant(
        "encoder", "Convolutions, mean", "Windows of words, all at once; the mean over words forgets none of them.",
        ConvEncoder,
    ),
    "transformer-encoder": Variant(
        "encoder", "Self-attention, mean", "Every word sees every other in one step, and none sees PAD.",
        TransformerEncoder,
    ),
    "tied": Variant(
        "decoder", "Tied output weights",
        "What a word means as an input should serve to score it as an output, with half of the decoder saved.",
        decoder=TiedDecoder,
    ),
    "untied": Variant(
        "decoder", "As tied, with two tables",
        "Starts as the tied model does and shares nothing: what sharing is worth, apart from the start.",
        decoder=UntiedDecoder,
    ),
    "packed": Variant(
        "decoder", "PAD ignored (packed)", "The state handed over is that of the last word, not of the last PAD.",
        PackedLSTMEncoder,
    ),
    "all-layers": Variant(
        "decoder", "Output from all layers", "The lower layer's state is nearer to the word just read.",
        decoder=AllLayersDecoder,
    ),
    "attention-dot": Variant(
        "enc_dec", "Attention: dot", "Each step looks up the source words it needs.", decoder=_attending(DotAttention)
    ),
    "attention-dot-unmasked": Variant(
        "enc_dec", "Attention: dot, PAD seen", "As the report's code: the weights also fall on PAD.",
        decoder=_attending(partial(DotAttention, masked=False)),
    ),
    "attention-general": Variant(
        "enc_dec", "Attention: general", "A learned matrix between query and key.",
        decoder=_attending(GeneralAttention),
    ),
    "attention-additive": Variant(
        "enc_dec", "Attention: additive", "A small network scores each pair of query and key.",
        decoder=_attending(AdditiveAttention),
    ),
    "attention-qkv": Variant(
        "enc_dec", "Attention: QKV", "What is compared and what is fetched are learned apart.",
        decoder=_attending(QKVAttention),
    ),
    "attention-qkv-unscaled": Variant(
        "enc_dec", "Attention: QKV, unscaled", "As the report's code: the scores are not divided by √H.",
        decoder=_attending(partial(QKVAttention, scaled=False)),
    ),
    "attention-dot-value": Variant(
        "enc_dec", "Attention: dot, own values", "Of query, key and value only the last: what is fetched is learned.",
        decoder=_attending(DotValueAttention),
    ),
    "attention-multihead": Variant(
        "enc_dec", "Attention: 8 heads", "Eight look-ups a step, each for another purpose.", decoder=MultiHeadDecoder
    ),
    "attention-multihead-plain": Variant(
        "enc_dec", "Attention: 8 heads, no dropout of their own",
        "The heads alone: the report's decoder also drops attention weights and features.",
        decoder=_attending(partial(MultiHeadAttention, heads=8)),
    ),
    "attention-bahdanau": Variant(
        "enc_dec", "Attention: Bahdanau's order",
        "The look-up comes before the step and feeds it: the LSTM knows what was found.",
        decoder=partial(InputFeedingDecoder, attention=AdditiveAttention),
    ),
    "conv-attention": Variant(
        "enc_dec", "Convolutions, QKV", "Windows of words are enough where the decoder can look at each of them.",
        ConvEncoder, decoder=_attending(QKVAttention),
    ),
    "transformer-attention": Variant(
        "enc_dec", "Self-attention, QKV", "The encoder of a Transformer, looked at as one looks at an LSTM's outputs.",
        TransformerEncoder, decoder=_attending(QKVAttention),
    ),
    "enc4-dec2": Variant(
        "enc_dec", "4 → 2 layers, last two", "A deeper encoder; the decoder takes the layers nearest to its output.",
        FourLayers, partial(FitLayers, layers=2),
    ),
    "enc4-dec2-mean": Variant(
        "enc_dec", "4 → 2 layers, mean", "Nothing is left out: neighbouring layers are averaged.",
        FourLayers, partial(FitLayers, layers=2, fewer=bridges.average),
    ),
    "enc4-dec2-linear": Variant(
        "enc_dec", "4 → 2 layers, Linear", "The model learns what to keep of four layers.",
        FourLayers, partial(ProjectLayers, layers=2),
    ),
    "enc2-dec4": Variant(
        "enc_dec", "2 → 4 layers, copied", "A deeper decoder; the encoder's layers serve twice.",
        TwoLayers, partial(FitLayers, layers=4),
    ),
    "enc2-dec4-zeros": Variant(
        "enc_dec", "2 → 4 layers, zeros", "The upper layers start empty, as an LSTM does without an encoder.",
        TwoLayers, partial(FitLayers, layers=4, more=bridges.fill_with_zeros),
    ),
    "together": Variant(
        "enc_dec", "Together", "Two directions, PAD ignored, QKV attention and tied weights in one model.",
        partial(PackedLSTMEncoder, bidirectional=True), partial(JoinDirections, join=bridges.concatenate),
        partial(TiedAttentionDecoder, attention=QKVAttention),
    ),
}  # fmt: skip


def _as_large_as(name: str, called: str) -> Widened:
    why = f"What {called} has in parameters beyond the lab's model, without the idea: H is larger."
    return Widened("size", f"Lab's model, as large as {called}", why, like=VARIANTS[name])


VARIANTS |= {
    "together-small": Widened(
        "enc_dec", "Together, as small as the lab's", "All ideas at the lab's number of parameters: H is smaller.",
        VARIANTS["together"].encoder, VARIANTS["together"].bridge, VARIANTS["together"].decoder,
        like=VARIANTS["baseline"],
    ),
    "wide-mean": _as_large_as("bilstm-mean", "two directions"),
    "wide-concat": _as_large_as("bilstm-concat", "concatenation"),
    "wide-deep": _as_large_as("bilstm-deep-decoder", "the decoder of 2L layers"),
    "wide-attention": _as_large_as("attention-dot", "attention"),
    "wide-layers": _as_large_as("enc4-dec2", "two more layers"),
}  # fmt: skip


def variants_of(section: str, catalogue: Mapping[str, Variant] = VARIANTS) -> tuple[str, ...]:
    """Names of a section's variants, the ones of every section first; "all" gives the whole catalogue.

    Raises:
        ConfigError: for a section that does not exist.
    """
    if section not in (*SECTIONS, "all"):
        raise ConfigError(f"The section is {section!r}; choose one of {', '.join(SECTIONS)} or all.")
    wanted = (*SECTIONS, "all") if section == "all" else (section, "all")
    return tuple(name for name, variant in catalogue.items() if variant.section in wanted)


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
