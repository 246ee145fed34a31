"""Encoder, bridge and decoder joined; decoding in segments; the loss.

The original's loop calls the decoder once a time step and tosses a coin after each: the next input is the reference
token or the arg-max of the logits just made. The coins do not depend on the logits, so they can be drawn first. They
cut the target into segments: only the first input of a segment may be an arg-max, all others are reference tokens and
go through the decoder in one call. The result is the same to rounding, with far fewer and larger calls.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from seq2seq_lib.config import ConfigError
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.models.bridges import State
from seq2seq_lib.models.encoders import Memory
from seq2seq_lib.models.fast.lstm import arranged
from seq2seq_lib.models.fast.matmul import widened
from seq2seq_lib.models.fast.output_layer import OutputLayer


def teacher_forcing_mask(
    steps: int, teacher_forcing_ratio: float, generator: torch.Generator | None = None
) -> list[bool]:
    """One coin a time step for the whole batch: True, with the ratio's probability, for the reference token next."""
    return (torch.rand(steps, generator=generator) < teacher_forcing_ratio).tolist()


def segments(forced: list[bool]) -> Iterator[tuple[int, int]]:
    """Cuts the time steps 0 … len(forced)-1 into stretches [start, end) of known inputs.

    Coin t decides the input of step t+1, so a new segment starts after each False; the last coin decides nothing.
    """
    start = 0
    for step, reference_next in enumerate(forced, start=1):
        if step == len(forced) or not reference_next:
            yield start, step
            start = step


class Seq2Seq(nn.Module):
    """An encoder–decoder that translates `src` [S, B] into `tgt` [T, B].

    Args:
        encoder: (src, src_lengths) -> Memory.
        bridge: (hidden, cell) -> State.
        decoder: (inputs, state, memory) -> (features, State), with `prepare`: memory -> memory, and
            `output`, the Linear from features onto the vocabulary.

    Raises:
        ConfigError: when the decoder's `output` is no Linear, whose weights the loss needs.
    """

    def __init__(self, encoder: nn.Module, bridge: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        if not isinstance(getattr(decoder, "output", None), nn.Linear):
            raise ConfigError(
                f"{type(decoder).__name__}.output must be an nn.Linear from features onto the vocabulary; whatever "
                "else makes the logits belongs into its forward."
            )
        self.encoder = encoder
        self.bridge = bridge
        self.decoder = decoder

    def encode(self, src: Tensor, src_lengths: Tensor) -> tuple[Memory, State]:
        """src [S, B], src_lengths [B] -> the memory, prepared for the decoder, and the decoder's first state."""
        memory = self.encoder(src, src_lengths)
        return self.decoder.prepare(memory), self.bridge(memory.hidden, memory.cell)

    def forward(
        self,
        src: Tensor,
        src_lengths: Tensor,
        tgt: Tensor,
        teacher_forcing_ratio: float = 0.5,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Logits [T-1, B, V]: the predictions of tgt[1:], PAD positions included.

        Args:
            src: [S, B] source ids.
            src_lengths: [B] real tokens of each source.
            tgt: [T, B] target ids, SOS first.
            teacher_forcing_ratio: probability that a step's next input is the reference token.
            generator: draws the coins, one for each of the T-1 steps; None takes torch's own.
        """
        memory, state = self.encode(src, src_lengths)
        features: list[Tensor] = []
        for start, end in segments(teacher_forcing_mask(len(tgt) - 1, teacher_forcing_ratio, generator)):
            inputs = self._inputs(tgt, start, end, features)
            stretch, state = self.decoder(inputs, state, memory)
            features.append(stretch)
        return self.decoder.output(torch.cat(features))

    def loss(
        self,
        src: Tensor,
        src_lengths: Tensor,
        tgt: Tensor,
        teacher_forcing_ratio: float = 0.5,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Mean cross-entropy over real target tokens, a scalar in nats: `forward`'s, without its needless work.

        Sentences are sorted by target length and leave the batch once they have ended, and only features of real
        target tokens are projected. Arguments as for `forward`.
        """
        output = OutputLayer(self.decoder.output)
        memory, state = self.encode(src, src_lengths)
        decoder = arranged(self.decoder)
        lengths, order = (tgt[1:] != PAD).sum(0).sort(descending=True, stable=True)
        tgt, memory, state = tgt.index_select(1, order), memory.select(order), state.select(order)
        unfinished = (lengths.cpu() > torch.arange(len(tgt) - 1).unsqueeze(1)).sum(1)

        inside, at_ends, known, guess = [], [], [], tgt[0]
        for start, end in segments(teacher_forcing_mask(len(tgt) - 1, teacher_forcing_ratio, generator)):
            rows = int(unfinished[start])
            if not rows:  # all these sentences have ended, though others of their joined batch have not
                break
            if rows < tgt.size(1):
                tgt, memory, state, guess = tgt[:, :rows], memory.first(rows), state.first(rows), guess[:rows]
            inputs = torch.cat([guess.unsqueeze(0), tgt[start + 1 : end]])
            stretch, state = decoder(inputs, state, memory)
            inside.append(_unfinished(stretch[:-1], tgt[start + 1 : end], unfinished[start : end - 1]))
            at_ends.append(_unfinished(stretch[-1:], tgt[end : end + 1], unfinished[end - 1 : end]))
            if end < len(tgt) - 1:
                known.append(output.logits(at_ends[-1][0]))
                guess = widened(known[-1]).max(-1).indices  # on a CPU twice as fast as argmax
        features, targets = (torch.cat(parts) for parts in zip(*at_ends, *inside, strict=True))
        return output.loss(features, targets, known)

    @torch.no_grad()
    def _inputs(self, tgt: Tensor, start: int, end: int, features: list[Tensor]) -> Tensor:
        """Input tokens [end - start, B] of a segment: the arg-max of the step before it, then reference tokens."""
        if start == 0:
            return tgt[:end]
        return torch.cat([self.decoder.output(features[-1][-1]).argmax(-1).unsqueeze(0), tgt[start + 1 : end]])


def _unfinished(stretch: Tensor, targets: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Of stretch [T', B, F] and targets [T', B] the first `rows`[t] of each step t, one after the other."""
    real = torch.arange(stretch.size(1)) < rows.unsqueeze(1)
    places = real.flatten().nonzero().squeeze(1).to(targets.device)
    return stretch.flatten(0, 1).index_select(0, places), targets.flatten().index_select(0, places)


def count_parameters(module: nn.Module) -> int:
    """Unique trainable numbers: a weight shared by two layers counts once."""
    return sum(parameter.numel() for parameter in module.parameters())


def parameters_by_part(model: Seq2Seq) -> dict[str, int]:
    """`count_parameters` of encoder, bridge and decoder, and of the whole as `total`."""
    parts = {name: count_parameters(module) for name, module in model.named_children()}
    return {**parts, "total": count_parameters(model)}
