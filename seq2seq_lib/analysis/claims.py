"""What the original said, and what we expected, as data: one entry a claim."""

from __future__ import annotations

from dataclasses import dataclass

from seq2seq_lib.config import ConfigError

RELATIONS = ("lower", "higher", "equal")
#: Metrics that are read off the model, the same for every seed: compared, not tested.
COUNTED = ("parameters", "decoder_parameters")
#: Metrics that a shared seed does not pair: a run's time depends on what else the machine does. Effects only.
TIMED = ("seconds_per_epoch", "tokens_per_second")
#: Metrics whose difference is given in points; that of all others is a ratio.
IN_POINTS = ("bleu", "chrf")


@dataclass(frozen=True)
class Claim:
    """A statement that the runs of two variants, or of one variant and a bound, can support or contradict.

    Args:
        key: short name.
        section: of the notebooks.
        who: "original" or "ours".
        text: what was said.
        first: the variant that it is about.
        second: the variant that it is compared with, or a bound on the metric.
        relation: of `first` to `second`: "lower", "higher", or "equal", a difference of at most `verdicts.MARGIN`.
        metric: a column of `Study.runs`; models are selected on validation, so claims are judged on test.
        epochs: the fewest after which it was said; a shorter training does not judge it.
    """

    key: str
    section: str
    who: str
    text: str
    first: str
    second: str | float
    relation: str = "lower"
    metric: str = "test_perplexity"
    epochs: int = 1

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise ConfigError(f"Claim.relation is {self.relation!r}; choose one of {', '.join(RELATIONS)}.")
        if self.relation == "equal" and self.metric in IN_POINTS:
            raise ConfigError(f"Claim.relation is 'equal' for {self.metric}, which has no margin: choose another.")

    @property
    def is_paired(self) -> bool:
        """Whether it compares two variants, not one with a bound."""
        return isinstance(self.second, str)


def _said(who: str, section: str, *rows: tuple) -> tuple[Claim, ...]:
    """Claims from rows of key, text, first, second and, where they differ from a Claim's, relation, metric, epochs."""
    return tuple(Claim(key, section, who, *rest) for key, *rest in rows)


CLAIMS = (
    *_said(
        "original", "encoder",
        ("concat-helps", "Two directions, concatenated, beat the lab's model", "bilstm-concat", "baseline"),
        ("mean-helps", "Two directions, averaged, beat the lab's model", "bilstm-mean", "baseline"),
        ("linear-helps", "Two directions through a Linear beat the lab's model", "bilstm-linear", "baseline"),
        ("deep-helps", "Two directions with twice the decoder layers beat the lab's model", "bilstm-deep-decoder",
         "baseline"),
        ("concat-over-mean", "Concatenating beats averaging", "bilstm-concat", "bilstm-mean"),
        ("concat-over-linear", "Concatenating beats Linear", "bilstm-concat", "bilstm-linear"),
        ("mean-over-linear", "Averaging beats Linear", "bilstm-mean", "bilstm-linear"),
        ("mean-keeps-decoder", "Averaging keeps the decoder's size", "bilstm-mean", "baseline", "equal",
         "decoder_parameters"),
        ("deep-like-concat", "Twice the layers is about as good as concatenating", "bilstm-deep-decoder",
         "bilstm-concat", "equal"),
        ("deep-smaller", "Twice the layers is smaller than concatenating", "bilstm-deep-decoder", "bilstm-concat",
         "lower", "parameters"),
        ("reversal-hurts", "Reversing (as its code did) is worse than the lab's model", "reversed-batch",
         "baseline", "higher"),
        ("reversal-no-faster", "Reversing (as its code did) takes as long as the lab's model", "reversed-batch",
         "baseline", "equal", "seconds_per_epoch"),
    ),
    *_said(
        "ours", "encoder",
        ("concat-over-size", "Concatenating beats the lab's model of the same size", "bilstm-concat", "wide-concat"),
        ("mean-over-size", "Averaging beats the lab's model of the same size", "bilstm-mean", "wide-mean"),
        ("deep-over-size", "Twice the decoder layers beat the lab's model of the same size", "bilstm-deep-decoder",
         "wide-deep"),
        ("size-helps", "The lab's model gains from the size of concatenation alone", "wide-concat", "baseline"),
        ("sum-helps", "Two directions, summed, beat the lab's model", "bilstm-sum", "baseline"),
        ("sum-like-mean", "Sum and mean do about the same", "bilstm-sum", "bilstm-mean", "equal"),
        ("reversed-helps", "Reversing with PAD first beats the lab's model", "reversed", "baseline"),
        ("tokens-help", "Reversing the words with PAD last beats the lab's model", "reversed-tokens", "baseline"),
        ("pad-first-matters", "PAD first beats PAD last when the words are reversed", "reversed", "reversed-tokens"),
        ("axis-matters", "Reversing time beats flipping the batch, as the original's code did", "reversed",
         "reversed-batch"),
        ("flip-is-blind", "Flipping the batch leaves translations below 1 BLEU", "reversed-batch", 1.0, "lower",
         "bleu"),
        ("reversed-over-packed", "Without any PAD, reversed words beat words in order", "reversed-packed", "packed"),
        ("forget-helps", "A forget bias of 1 beats the lab's model", "forget-bias", "baseline"),
        ("gru-like-lstm", "A GRU does about as well as the LSTM", "gru", "baseline", "equal"),
        ("conv-helps", "Convolutions with a mean beat the lab's model", "conv-encoder", "baseline"),
        ("transformer-helps", "Self-attention with a mean beats the lab's model", "transformer-encoder", "baseline"),
    ),
    *_said(
        "original", "decoder",
        ("tied-worse", "Tying is worse (said after 1 epoch)", "tied", "baseline", "higher"),
        ("tied-equal", "Tying is about equal (said after 10 epochs)", "tied", "baseline", "equal", "test_perplexity",
         10),
        ("tied-smaller", "Tying makes the decoder smaller", "tied", "baseline", "lower", "decoder_parameters"),
        ("tied-as-fast", "Tying takes about as long (37 against 36 minutes)", "tied", "baseline", "equal",
         "seconds_per_epoch"),
        ("packed-helps", "Ignoring PAD beats the lab's model", "packed", "baseline"),
    ),
    *_said(
        "ours", "decoder",
        ("packed-like-reversed", "Ignoring PAD does about what reading it first does", "packed", "reversed", "equal"),
        ("start-helps", "Two tables that start as the tied one does beat the lab's model", "untied", "baseline"),
        ("sharing-helps", "One shared table beats two that start alike", "tied", "untied"),
        ("all-layers-help", "Output from all layers beats the last alone", "all-layers", "baseline"),
        ("all-layers-over-size", "Output from all layers beats the lab's model of the same size", "all-layers",
         "wide-attention"),
    ),
    *_said(
        "original", "enc_dec",
        ("qkv-helps", "QKV attention is better than the lab's model", "attention-qkv", "baseline"),
        ("multihead-helps", "8 heads are better than the lab's model", "attention-multihead", "baseline"),
        ("multihead-over-qkv", "8 heads are better than QKV", "attention-multihead", "attention-qkv"),
        ("enc4-equal", "4 → 2 layers: about equal to the lab's model", "enc4-dec2", "baseline", "equal"),
        ("dec4-equal", "2 → 4 layers: about equal to the lab's model", "enc2-dec4", "baseline", "equal"),
    ),
    *_said(
        "ours", "enc_dec",
        ("dot-helps", "Dot attention beats the lab's model", "attention-dot", "baseline"),
        ("dot-over-packed", "Dot attention beats ignoring PAD", "attention-dot", "packed"),
        ("qkv-over-packed", "QKV attention beats ignoring PAD", "attention-qkv", "packed"),
        ("dot-over-size", "Dot attention beats the lab's model of the same size", "attention-dot", "wide-attention"),
        ("mask-helps", "Masking PAD beats looking at it", "attention-dot", "attention-dot-unmasked"),
        ("general-over-dot", "General attention beats dot attention", "attention-general", "attention-dot"),
        ("additive-over-dot", "Additive attention beats dot attention", "attention-additive", "attention-dot"),
        ("qkv-over-dot", "QKV attention beats dot attention", "attention-qkv", "attention-dot"),
        ("qkv-over-value", "QKV attention beats dot attention with learned values", "attention-qkv",
         "attention-dot-value"),
        ("scale-helps", "QKV attention: dividing by √H beats leaving it out", "attention-qkv",
         "attention-qkv-unscaled"),
        ("value-helps", "Dot attention: learned values beat the bare outputs", "attention-dot-value",
         "attention-dot"),
        ("heads-over-qkv", "8 heads without dropout of their own beat QKV", "attention-multihead-plain",
         "attention-qkv"),
        ("heads-dropout-helps", "8 heads: dropout of their own helps", "attention-multihead",
         "attention-multihead-plain"),
        ("feeding-helps", "Looking before the step (Bahdanau) beats looking after it", "attention-bahdanau",
         "attention-additive"),
        ("conv-needs-attention", "Convolutions gain from attention", "conv-attention", "conv-encoder"),
        ("transformer-needs-attention", "Self-attention gains from attention", "transformer-attention",
         "transformer-encoder"),
        ("conv-like-lstm", "Under QKV attention convolutions do about as well as the LSTM", "conv-attention",
         "attention-qkv", "equal"),
        ("transformer-like-lstm", "Under QKV attention self-attention does about as well as the LSTM",
         "transformer-attention", "attention-qkv", "equal"),
        ("together-best", "The four ideas together beat QKV attention alone", "together", "attention-qkv"),
        ("together-small-best", "At the lab's size the four ideas together beat QKV attention alone", "together-small",
         "attention-qkv"),
        ("together-over-lab", "At the lab's size the four ideas together beat the lab's model", "together-small",
         "baseline"),
        ("mean-over-last", "4 → 2 layers: the mean beats the last two", "enc4-dec2-mean", "enc4-dec2"),
        ("linear-over-last", "4 → 2 layers: Linear beats the last two", "enc4-dec2-linear", "enc4-dec2"),
        ("zeros-like-copies", "2 → 4 layers: zeros do as well as copies", "enc2-dec4-zeros", "enc2-dec4", "equal"),
        ("enc4-over-size", "4 → 2 layers beat the lab's model of the same size", "enc4-dec2", "wide-layers"),
        ("dec4-over-size", "2 → 4 layers beat the lab's model of the same size", "enc2-dec4", "wide-layers"),
    ),
)  # fmt: skip
