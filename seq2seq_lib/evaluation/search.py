"""Greedy and beam search: translations for sentences whose target is not known."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.tokenization import MAX_LENGTH
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS
from seq2seq_lib.models.seq2seq import Seq2Seq

#: Vaswani et al. (2017), section 6.1: alpha for English–French, tuned on their development set.
LENGTH_PENALTY = 0.6
#: The widest beam that is taken: one of 100,000 fills the memory.
WIDEST = 1_000


@torch.inference_mode()
def greedy(model: Seq2Seq, batch: Batch, max_length: int = MAX_LENGTH) -> list[list[int]]:
    """Feeds each step's arg-max to the next step until every sentence has ended.

    Args:
        model: in evaluation mode.
        batch: its `src` [S, B] and `src_lengths` [B] are read, its `tgt` is not.
        max_length: steps after which an unended sentence is left as it is.

    Returns:
        B lists of target ids, without SOS and EOS.
    """
    memory, state = model.encode(batch.src, batch.src_lengths)
    tokens = torch.full((1, batch.src.size(1)), SOS, device=batch.src.device)
    ended = torch.zeros_like(tokens, dtype=torch.bool)
    steps = []
    while len(steps) < max_length and not ended.all():
        features, state = model.decoder(tokens, state, memory)
        tokens = model.decoder.output(features).argmax(-1)
        steps.append(tokens.masked_fill(ended, PAD))
        ended = ended | (tokens == EOS)
    return _words(torch.cat(steps))


@torch.inference_mode()
def beam(
    model: Seq2Seq, batch: Batch, width: int, max_length: int = MAX_LENGTH, length_penalty: float = LENGTH_PENALTY
) -> list[list[int]]:
    """Keeps the `width` best hypotheses of each sentence until all of them have ended, and takes the best.

    A hypothesis is worth log P(tokens) / lp(length), lp(n) = ((5 + n) / 6)^alpha, with EOS counted: Wu et al. (2016),
    "Google's Neural Machine Translation System", eq. 14, without their coverage term. One that has ended keeps its
    place for as long as it is worth it. Width 1 is greedy search.

    Args:
        model: in evaluation mode.
        batch: its `src` [S, B] and `src_lengths` [B] are read, its `tgt` is not.
        width: K, hypotheses kept a sentence.
        max_length: steps after which unended hypotheses compete as they are.
        length_penalty: alpha; 0 compares sums of log-probabilities, which favours short sentences.

    Returns:
        B lists of target ids, without SOS and EOS.

    Raises:
        ValueError: when `width` is below 1 or above `WIDEST`.
    """
    if not 1 <= width <= WIDEST:
        raise ValueError(f"The beam's width is {width}; give a whole number from 1 (greedy search) to {WIDEST:,}.")
    memory, state = model.encode(batch.src, batch.src_lengths)
    copies = torch.arange(batch.src.size(1), device=batch.src.device).repeat_interleave(width)
    memory, state = memory.select(copies), state.select(copies)
    found = _first_hypotheses(copies, width)
    while len(found.tokens) <= max_length and not found.finished:
        features, state = model.decoder(found.tokens[-1:], state, memory)
        found, rows = _extend(found, model.decoder.output(features[0]), width, length_penalty)
        state = state.select(rows)  # the memory stays: hypotheses come from others of the same sentence
    return _words(found.tokens[1:, ::width])


class _Hypotheses(NamedTuple):
    """B·K hypotheses, those of a sentence side by side and the best of them first.

    Attributes:
        tokens: [1 + steps, B·K], SOS first, PAD after EOS.
        scores: [B·K] sums of log-probabilities in nats; -inf where a sentence has fewer than K hypotheses.
        lengths: [B·K] tokens, EOS included.
        ended: [B·K].
    """

    tokens: Tensor
    scores: Tensor
    lengths: Tensor
    ended: Tensor

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to extend."""
        return bool((self.ended | self.scores.isneginf()).all())


def _first_hypotheses(copies: Tensor, width: int) -> _Hypotheses:
    """SOS alone, once a sentence: its other K-1 places are empty until there are continuations to fill them."""
    scores = torch.full(copies.shape, -torch.inf, device=copies.device)
    scores[::width] = 0.0
    return _Hypotheses(
        torch.full_like(copies, SOS).unsqueeze(0), scores, torch.zeros_like(copies), torch.zeros_like(copies).bool()
    )


def _extend(found: _Hypotheses, logits: Tensor, width: int, alpha: float) -> tuple[_Hypotheses, Tensor]:
    """The best K of all continuations by one token.

    Args:
        logits: [B·K, V], of the next token.

    Returns:
        The new hypotheses, and which row [B·K] each continues.
    """
    # No more than K tokens can follow one hypothesis into the beam. They are ranked by their logits, as in greedy
    # search, so that the rounding of sums cannot change their order.
    best, tokens = logits.topk(min(width, logits.size(1)))
    gains = best - logits.logsumexp(1, keepdim=True)
    gains[found.ended] = -torch.inf  # an ended hypothesis has one continuation, itself, and it is free
    gains[found.ended, 0] = 0.0
    tokens = tokens.masked_fill(found.ended.unsqueeze(1), PAD)

    scores = found.scores.unsqueeze(1) + gains
    lengths = found.lengths + ~found.ended
    worth = scores / ((5 + lengths) / 6).pow(alpha).unsqueeze(1)
    chosen = worth.view(-1, width * best.size(1)).topk(width).indices
    first = torch.arange(len(chosen), device=chosen.device).unsqueeze(1) * (width * best.size(1))
    chosen = (first + chosen).flatten()
    rows = chosen // best.size(1)
    new = tokens.flatten()[chosen]
    return _Hypotheses(
        torch.cat([found.tokens[:, rows], new.unsqueeze(0)]),
        scores.flatten()[chosen],
        lengths[rows],
        found.ended[rows] | (new == EOS),
    ), rows


def _words(tokens: Tensor) -> list[list[int]]:
    """[steps, B] -> B lists of ids, without EOS and the PAD after it."""
    return [[token for token in row if token not in (PAD, EOS)] for row in tokens.t().tolist()]


def search(model: Seq2Seq, batch: Batch, width: int, max_length: int = MAX_LENGTH) -> list[list[int]]:
    """Greedy search for width 1, beam search for more."""
    return greedy(model, batch, max_length) if width == 1 else beam(model, batch, width, max_length)
