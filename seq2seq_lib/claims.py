"""What the report said, and what we expected, as data: one entry a claim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A statement that two variants' perplexities can support or contradict.

    Args:
        key: short name.
        section: of the notebooks.
        who: "report" or "ours".
        text: what was said.
        first, second: the variants compared.
        relation: "better" says that `first` has the lower perplexity, "equal" that they differ by at most
            `evidence.MARGIN`.
    """

    key: str
    section: str
    who: str
    text: str
    first: str
    second: str
    relation: str = "better"


ENCODER_CLAIMS = (
    *(
        Claim(f"{name}-helps", "encoder", "report", f"{name} is better than the lab's model", name, "baseline")
        for name in ("bilstm-concat", "bilstm-mean", "bilstm-linear", "bilstm-deep-decoder")
    ),
    Claim("concat-over-mean", "encoder", "report", "Concatenating beats averaging", "bilstm-concat", "bilstm-mean"),
    Claim("mean-over-linear", "encoder", "report", "Averaging beats Linear", "bilstm-mean", "bilstm-linear"),
    Claim(
        "deep-like-concat", "encoder", "report", "Twice the layers is about as good as concatenating",
        "bilstm-deep-decoder", "bilstm-concat", "equal",
    ),
    Claim(
        "reversal-hurts", "encoder", "report", "Reversing (as its code did) is slightly worse than the lab's model",
        "baseline", "reversed-batch",
    ),
    Claim("sum-helps", "encoder", "ours", "bilstm-sum is better than the lab's model", "bilstm-sum", "baseline"),
    Claim("sum-like-mean", "encoder", "ours", "Sum and mean do about the same", "bilstm-sum", "bilstm-mean", "equal"),
    Claim(
        "reversed-helps", "encoder", "ours", "Reversing with PAD first beats the lab's model", "reversed", "baseline"
    ),
    Claim(
        "tokens-help", "encoder", "ours", "Reversing the words with PAD last beats the lab's model", "reversed-tokens",
        "baseline",
    ),
    Claim(
        "pad-first-matters", "encoder", "ours", "PAD first beats PAD last when the words are reversed", "reversed",
        "reversed-tokens",
    ),
    Claim("gru-like-lstm", "encoder", "ours", "A GRU does about as well as the LSTM", "gru", "baseline", "equal"),
    Claim(
        "conv-helps", "encoder", "ours", "Convolutions with a mean beat the lab's model", "conv-encoder", "baseline"
    ),
    Claim(
        "transformer-helps", "encoder", "ours", "Self-attention with a mean beats the lab's model",
        "transformer-encoder", "baseline",
    ),
)  # fmt: skip

DECODER_CLAIMS = (
    Claim("tied-worse", "decoder", "report", "Tying is slightly worse (said after 1 epoch)", "baseline", "tied"),
    Claim(
        "tied-equal", "decoder", "report", "Tying is about equal (said after 10 epochs)", "tied", "baseline", "equal"
    ),
    Claim("packed-helps", "decoder", "report", "Ignoring PAD beats the lab's model", "packed", "baseline"),
    Claim(
        "all-layers-help", "decoder", "ours", "Output from all layers beats the last alone", "all-layers", "baseline"
    ),
    Claim(
        "packed-like-reversed", "decoder", "ours", "Ignoring PAD does about what reading it first does", "packed",
        "reversed", "equal",
    ),
)  # fmt: skip

CONNECTION_CLAIMS = (
    Claim(
        "qkv-helps", "enc_dec", "report", "QKV attention is better than the lab's model", "attention-qkv", "baseline"
    ),
    Claim(
        "multihead-helps", "enc_dec", "report", "8 heads are better than the lab's model", "attention-multihead",
        "baseline",
    ),
    Claim(
        "multihead-over-qkv", "enc_dec", "report", "8 heads are slightly better than QKV", "attention-multihead",
        "attention-qkv",
    ),
    Claim(
        "enc4-equal", "enc_dec", "report", "4 → 2 layers: about equal to the lab's model", "enc4-dec2", "baseline",
        "equal",
    ),
    Claim(
        "dec4-equal", "enc_dec", "report", "2 → 4 layers: about equal to the lab's model", "enc2-dec4", "baseline",
        "equal",
    ),
    Claim("dot-helps", "enc_dec", "ours", "Dot attention beats the lab's model", "attention-dot", "baseline"),
    Claim(
        "mask-helps", "enc_dec", "ours", "Masking PAD beats looking at it", "attention-dot", "attention-dot-unmasked"
    ),
    Claim(
        "general-over-dot", "enc_dec", "ours", "A learned product beats the plain one", "attention-general",
        "attention-dot",
    ),
    Claim(
        "additive-over-dot", "enc_dec", "ours", "A small network beats the plain product", "attention-additive",
        "attention-dot",
    ),
    Claim(
        "qkv-over-dot", "enc_dec", "ours", "Query, key and value beat the plain product", "attention-qkv",
        "attention-dot",
    ),
    Claim(
        "scale-helps", "enc_dec", "ours", "QKV: dividing by √H beats leaving it out (as the report's code)",
        "attention-qkv", "attention-qkv-unscaled",
    ),
    Claim(
        "value-helps", "enc_dec", "ours", "Dot product: values of their own beat the bare outputs",
        "attention-dot-value", "attention-dot",
    ),
    Claim(
        "mean-over-last", "enc_dec", "ours", "4 → 2 layers: the mean beats the last two", "enc4-dec2-mean", "enc4-dec2",
    ),
    Claim(
        "linear-over-last", "enc_dec", "ours", "4 → 2 layers: Linear beats the last two", "enc4-dec2-linear",
        "enc4-dec2",
    ),
    Claim(
        "zeros-like-copies", "enc_dec", "ours", "2 → 4 layers: zeros do as well as copies", "enc2-dec4-zeros",
        "enc2-dec4", "equal",
    ),
)  # fmt: skip

CLAIMS = (*ENCODER_CLAIMS, *DECODER_CLAIMS, *CONNECTION_CLAIMS)
