"""The course's training step as its report lists it: one call of the decoder a time step, for every row, PAD included.

Written with torch's own modules, which hold the same weights as our model, and with none of our model's calls, so that
it stays what it is whatever becomes of those. Letters in shapes: S source length, T target length, B batch, H hidden,
V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.vocabulary import PAD
from seq2seq_lib.models.decoders import AttentionDecoder, MultiHeadDecoder
from seq2seq_lib.models.encoders import PackedLSTMEncoder


def loop_loss(model: nn.Module, batch: Batch, teacher_forcing_ratio: float, generator: torch.Generator) -> Tensor:
    """The loss of the report's `forward` and criterion: a scalar in nats, the mean over real target tokens.

    Args:
        model: a `Seq2Seq` with an LSTM on both sides, attention none, dot product or several heads.
        batch: src [S, B], src_lengths [B], tgt [T, B].
        teacher_forcing_ratio: probability that a step's next input is the reference token, for the whole batch.
        generator: draws one coin a time step, in the order in which our model draws them.
    """
    src, src_lengths, tgt = batch
    decoder = model.decoder
    coins = (torch.rand(len(tgt) - 1, generator=generator) < teacher_forcing_ratio).tolist()
    seen, hidden, cell = encode(model.encoder, src, src_lengths)
    state, padding = tuple(model.bridge(hidden, cell)), (src == PAD).t()

    outputs = torch.zeros(*tgt.shape, decoder.output.out_features, device=tgt.device, dtype=seen.dtype)
    token = tgt[0]
    for step in range(1, len(tgt)):
        output, state = decoder.rnn(decoder.dropout(decoder.embedding(token.unsqueeze(0))), state)
        prediction = decoder.output(look_up(decoder, output, seen, padding).squeeze(0))
        outputs[step] = prediction
        token = tgt[step] if coins[step - 1] else prediction.argmax(1)
    return functional.cross_entropy(outputs[1:].flatten(0, 1), tgt[1:].flatten(), ignore_index=PAD)


def encode(encoder: nn.Module, src: Tensor, src_lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """src [S, B] -> outputs [S, B, D·H], hidden and cell [L·D, B, H]."""
    embedded = encoder.dropout(encoder.embedding(src))
    if not isinstance(encoder, PackedLSTMEncoder):
        outputs, (hidden, cell) = encoder.rnn(embedded)
        return outputs, hidden, cell
    packed = pack_padded_sequence(embedded, src_lengths, enforce_sorted=False)
    packed, (hidden, cell) = encoder.rnn(packed)
    return pad_packed_sequence(packed, total_length=len(src))[0], hidden, cell


def look_up(decoder: nn.Module, output: Tensor, seen: Tensor, padding: Tensor) -> Tensor:
    """What one step's output layer reads: output [1, B, H], with attention also the context beside it [1, B, 2H].

    Unlike the report's, both attentions leave PAD out, as our variants do, or the two could not agree.

    Args:
        output: [1, B, H], of the decoder's LSTM.
        seen: [S, B, H], the encoder's outputs.
        padding: [B, S], True on PAD.
    """
    if not isinstance(decoder, AttentionDecoder):
        return output
    if isinstance(decoder, MultiHeadDecoder):  # projects keys and values anew, as the report's decoder does
        context, _ = decoder.attention.heads(output, seen, seen, key_padding_mask=padding)
        return decoder.dropout(torch.cat([output, context], dim=2))
    scores = torch.bmm(output.transpose(0, 1), seen.permute(1, 2, 0)).masked_fill(padding.unsqueeze(1), -torch.inf)
    context = torch.bmm(torch.softmax(scores, dim=2), seen.permute(1, 0, 2))
    return torch.cat([output, context.transpose(0, 1)], dim=2)
