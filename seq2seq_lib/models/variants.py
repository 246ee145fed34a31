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
    MultiHeadAttention,
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
from seq2seq_lib.models.parallel_encoders import ConvEncoder, TransformerEncoder
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variant import SECTIONS, SharedEmbedding, Variant, Widened

BiLSTMEncoder = partial(LSTMEncoder, bidirectional=True)
FourLayers = partial(LSTMEncoder, layers=4)
TwoLayers = partial(LSTMEncoder, layers=2)


def _attending(attention: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    return partial(AttentionDecoder, attention=attention)


VARIANTS: dict[str, Variant] = {
    "baseline": Variant(
        "all", "Lab's model", "The point of comparison: a two-layer LSTM whose last state starts the decoder.",
        colour="#333333",
    ),
    "bilstm-concat": Variant(
        "encoder", "BiLSTM, concatenated",
        "Both directions reach the decoder whole; the decoder must become twice as wide.",
        BiLSTMEncoder, partial(JoinDirections, join=bridges.concatenate), colour="#08519c",
    ),
    "bilstm-mean": Variant(
        "encoder", "BiLSTM, averaged", "Both directions share one vector; the decoder keeps its size.",
        BiLSTMEncoder, partial(JoinDirections, join=bridges.mean), colour="#4292c6",
    ),
    "bilstm-sum": Variant(
        "encoder", "BiLSTM, summed", "As the mean, at twice the magnitude.",
        BiLSTMEncoder, partial(JoinDirections, join=bridges.add), colour="#41b6c4",
    ),
    "bilstm-linear": Variant(
        "encoder", "BiLSTM, Linear", "The model learns what to keep of the two directions.",
        BiLSTMEncoder, ProjectDirections, colour="#238b45",
    ),
    "bilstm-deep-decoder": Variant(
        "encoder", "BiLSTM, decoder of 2L layers",
        "The decoder takes all four states as they are, in twice as many layers.", BiLSTMEncoder, colour="#7a4fb5",
    ),
    "reversed": Variant(
        "encoder", "Source reversed, PAD first",
        "The last step reads the first word, and PAD no longer stands between the words and the decoder.",
        partial(LSTMEncoder, reading=encoders.reversed_padded), colour="#d95f02",
    ),
    "reversed-tokens": Variant(
        "encoder", "Words reversed, PAD last", "The reversal alone: PAD is still read after the last word.",
        partial(LSTMEncoder, reading=encoders.reversed_tokens), colour="#e6a817",
    ),
    "reversed-batch": Variant(
        "encoder", "Batch axis flipped (the original's code)",
        "It cannot help: each source is paired with another sentence's target.",
        partial(LSTMEncoder, reading=encoders.reversed_batch), colour="#b2182b",
    ),
    "reversed-packed": Variant(
        "encoder", "Words reversed, PAD ignored", "The reversal without any PAD: what the order of words is worth.",
        partial(PackedLSTMEncoder, reading=encoders.reversed_tokens), colour="#7f3b08",
    ),
    "forget-bias": Variant(
        "encoder", "Forget bias 1",
        "Cells that keep three quarters at each step, not half, lose less of the sentence on PAD.",
        partial(LSTMEncoder, forget_bias=1.0), colour="#5e8c31",
    ),
    "gru": Variant(
        "encoder", "GRU", "One state instead of two, three blocks of weights instead of four.", GRUEncoder,
        colour="#8c564b",
    ),
    "conv-encoder": Variant(
        "encoder", "Convolutions, mean", "Windows of words, all at once; the mean over words forgets none of them.",
        ConvEncoder, colour="#d6409f",
    ),
    "transformer-encoder": Variant(
        "encoder", "Self-attention, mean", "Every word sees every other in one step, and none sees PAD.",
        TransformerEncoder, colour="#9aa314",
    ),
    "tied": Variant(
        "decoder", "Tied output weights",
        "What a word means as an input should serve to score it as an output, with half of the decoder saved.",
        decoder=TiedDecoder, colour="#c0392b",
    ),
    "untied": Variant(
        "decoder", "As tied, with two tables",
        "Starts as the tied model does and shares nothing: what sharing is worth, apart from the start.",
        decoder=UntiedDecoder, colour="#f1948a",
    ),
    "packed": Variant(
        "decoder", "PAD ignored (packed)", "The state handed over is that of the last word, not of the last PAD.",
        PackedLSTMEncoder, colour="#16a085",
    ),
    "all-layers": Variant(
        "decoder", "Output from all layers", "The lower layer's state is nearer to the word just read.",
        decoder=AllLayersDecoder, colour="#8e44ad",
    ),
    "attention-dot": Variant(
        "enc_dec", "Attention: dot", "Each step looks up the source words it needs.", decoder=_attending(DotAttention),
        colour="#2962ff",
    ),
    "attention-dot-unmasked": Variant(
        "enc_dec", "Attention: dot, PAD seen", "As the original's code: the weights also fall on PAD.",
        decoder=_attending(partial(DotAttention, masked=False)), colour="#8fb8de",
    ),
    "attention-general": Variant(
        "enc_dec", "Attention: general", "A learned matrix between query and key.",
        decoder=_attending(GeneralAttention), colour="#1fa187",
    ),
    "attention-additive": Variant(
        "enc_dec", "Attention: additive", "A small network scores each pair of query and key.",
        decoder=_attending(AdditiveAttention), colour="#6cbf3f",
    ),
    "attention-qkv": Variant(
        "enc_dec", "Attention: QKV", "What is compared and what is fetched are learned apart.",
        decoder=_attending(QKVAttention), colour="#e67e22",
    ),
    "attention-qkv-unscaled": Variant(
        "enc_dec", "Attention: QKV, unscaled", "As the original's code: the scores are not divided by √H.",
        decoder=_attending(partial(QKVAttention, scaled=False)), colour="#f4b183",
    ),
    "attention-dot-value": Variant(
        "enc_dec", "Attention: dot, own values", "Of query, key and value only the last: what is fetched is learned.",
        decoder=_attending(DotValueAttention), colour="#17a2c4",
    ),
    "attention-multihead": Variant(
        "enc_dec", "Attention: 8 heads", "Eight look-ups a step, each for another purpose.", decoder=MultiHeadDecoder,
        colour="#c2185b",
    ),
    "attention-multihead-plain": Variant(
        "enc_dec", "Attention: 8 heads, no dropout of their own",
        "The heads alone: the original's decoder also drops attention weights and features.",
        decoder=_attending(partial(MultiHeadAttention, heads=8)), colour="#e377c2",
    ),
    "attention-bahdanau": Variant(
        "enc_dec", "Attention: Bahdanau's order",
        "The look-up comes before the step and feeds it: the LSTM knows what was found.",
        decoder=partial(InputFeedingDecoder, attention=AdditiveAttention), colour="#0b7a75",
    ),
    "conv-attention": Variant(
        "enc_dec", "Convolutions, QKV", "Windows of words are enough where the decoder can look at each of them.",
        ConvEncoder, decoder=_attending(QKVAttention), colour="#a8327d",
    ),
    "transformer-attention": Variant(
        "enc_dec", "Self-attention, QKV", "The encoder of a Transformer, looked at as one looks at an LSTM's outputs.",
        TransformerEncoder, decoder=_attending(QKVAttention), colour="#bcbd22",
    ),
    "enc4-dec2": Variant(
        "enc_dec", "4 → 2 layers, last two", "A deeper encoder; the decoder takes the layers nearest to its output.",
        FourLayers, partial(FitLayers, layers=2), colour="#7b5b3a",
    ),
    "enc4-dec2-mean": Variant(
        "enc_dec", "4 → 2 layers, mean", "Nothing is left out: neighbouring layers are averaged.",
        FourLayers, partial(FitLayers, layers=2, fewer=bridges.average), colour="#b08d57",
    ),
    "enc4-dec2-linear": Variant(
        "enc_dec", "4 → 2 layers, Linear", "The model learns what to keep of four layers.",
        FourLayers, partial(ProjectLayers, layers=2), colour="#d9b44a",
    ),
    "enc2-dec4": Variant(
        "enc_dec", "2 → 4 layers, copied", "A deeper decoder; the encoder's layers serve twice.",
        TwoLayers, partial(FitLayers, layers=4), colour="#8b0a50",
    ),
    "enc2-dec4-zeros": Variant(
        "enc_dec", "2 → 4 layers, zeros", "The upper layers start empty, as an LSTM does without an encoder.",
        TwoLayers, partial(FitLayers, layers=4, more=bridges.fill_with_zeros), colour="#b497d6",
    ),
    "together": Variant(
        "enc_dec", "Together", "Two directions, PAD ignored, QKV attention and tied weights in one model.",
        partial(PackedLSTMEncoder, bidirectional=True), partial(JoinDirections, join=bridges.concatenate),
        partial(TiedAttentionDecoder, attention=QKVAttention), colour="#000075",
    ),
}  # fmt: skip


def _as_large_as(name: str, called: str, colour: str) -> Widened:
    why = f"What {called} has in parameters beyond the lab's model, without the idea: H is larger."
    return Widened("size", f"Lab's model, as large as {called}", why, like=VARIANTS[name], colour=colour)


VARIANTS |= {
    "together-small": Widened(
        "enc_dec", "Together, as small as the lab's", "The four ideas at the lab's number of parameters: H is smaller.",
        VARIANTS["together"].encoder, VARIANTS["together"].bridge, VARIANTS["together"].decoder,
        like=VARIANTS["baseline"], colour="#7777cc",
    ),
    "wide-mean": _as_large_as("bilstm-mean", "two directions", "#9e9e9e"),
    "wide-concat": _as_large_as("bilstm-concat", "concatenation", "#5f6a6a"),
    "wide-deep": _as_large_as("bilstm-deep-decoder", "the decoder of 2L layers", "#c4c4c4"),
    "wide-attention": _as_large_as("attention-dot", "attention", "#848484"),
    "wide-layers": _as_large_as("enc4-dec2", "two more layers", "#b3b3b3"),
}  # fmt: skip


#: For corpora whose languages share one vocabulary, beside those of the catalogue.
WITH_ONE_VOCABULARY: dict[str, Variant] = {
    "three-way-tied": SharedEmbedding(
        "decoder", "Three-way tying", "Encoder, decoder and output layer share one table of subwords.",
        decoder=TiedDecoder, colour="#7b241c",
    ),
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
    known = VARIANTS | WITH_ONE_VOCABULARY
    if name not in known:
        raise ConfigError(f"There is no variant {name!r}; the catalogue has {', '.join(known)}.")
    return known[name]


def title_of(name: str) -> str:
    """What legends and tables call a variant: its title, or its name where the catalogue lacks it."""
    known = VARIANTS | WITH_ONE_VOCABULARY
    return known[name].title if name in known else name


def build_model(name: str, src_vocab_size: int, tgt_vocab_size: int, sizes: Sizes | None = None) -> Seq2Seq:
    """The model of a variant with freshly drawn weights; without `sizes`, at the original's.

    Raises:
        ConfigError: for a name that is not in the catalogue.
    """
    return find_variant(name).build(src_vocab_size, tgt_vocab_size, sizes or Sizes())
