"""The report's algorithms, one time step and one variant at a time, as a reference for parity tests.

Nothing here shares code with the library: a reference takes the library's weights, runs the report's semantics in
plain steps, and returns what the report's loop would have collected.
"""

from __future__ import annotations

import torch

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def random_batch(src_vocab: int, tgt_vocab: int, batch: int = 5, longest: int = 9, pad_to: int = 12, seed: int = 0):
    """src [pad_to, B], src_lengths [B], tgt [T, B]: random ids, EOS (3) last, PAD (0) after it, SOS (2) first."""
    generator = torch.Generator().manual_seed(seed)

    def rows(vocab: int, length: int, start: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        lengths = torch.randint(1, longest, (batch,), generator=generator)
        columns = torch.zeros(length, batch, dtype=torch.long)
        for index, words in enumerate(lengths.tolist()):
            ids = [*start, *torch.randint(4, vocab, (words,), generator=generator).tolist(), 3]
            columns[: len(ids), index] = torch.tensor(ids)
        return columns, lengths + 1 + len(start)

    src, src_lengths = rows(src_vocab, pad_to, [])
    tgt, tgt_lengths = rows(tgt_vocab, longest + 2, [2])
    return src, src_lengths, tgt[: int(tgt_lengths.max())]


def lstm(rnn: torch.nn.LSTM, embedded: torch.Tensor):
    """The encoder's recurrence written out for one sentence and one cell at a time: outputs, hidden, cell."""
    directions = 2 if rnn.bidirectional else 1
    layer_input, hiddens, cells = embedded, [], []
    for layer in range(rnn.num_layers):
        outputs = []
        for direction in range(directions):
            suffix = f"_l{layer}" + ("_reverse" if direction else "")
            w_ih, w_hh, b_ih, b_hh = (getattr(rnn, name + suffix) for name in WEIGHTS)
            hidden = cell = torch.zeros(embedded.size(1), rnn.hidden_size)
            steps = range(len(layer_input) - 1, -1, -1) if direction else range(len(layer_input))
            collected: dict[int, torch.Tensor] = {}
            for step in steps:
                gates = layer_input[step] @ w_ih.t() + b_ih + hidden @ w_hh.t() + b_hh
                i, f, g, o = gates.chunk(4, dim=1)
                cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
                hidden = o.sigmoid() * cell.tanh()
                collected[step] = hidden
            outputs.append(torch.stack([collected[step] for step in range(len(layer_input))]))
            hiddens.append(hidden)
            cells.append(cell)
        layer_input = torch.cat(outputs, dim=2)
    return layer_input, torch.stack(hiddens), torch.stack(cells)


def encode(model, src, read=lambda src: src):
    """The lab's encoder on the source as `read` arranges it."""
    return lstm(model.encoder.rnn, model.encoder.embedding(read(src)))


def join_each_layer(state, join):
    """[2L, B, H] -> [L, B, H'] by a function of the two directions of each layer."""
    return torch.stack([join(state[2 * layer], state[2 * layer + 1]) for layer in range(len(state) // 2)])


def _joined(join):
    def run(model, src):
        outputs, hidden, cell = encode(model, src)
        return outputs, join_each_layer(hidden, join), join_each_layer(cell, join)

    return run


def _linear(model, src):
    def through(linear):
        return lambda a, b: torch.cat([a, b], dim=1) @ linear.weight.t() + linear.bias

    outputs, hidden, cell = encode(model, src)
    return (
        outputs,
        join_each_layer(hidden, through(model.bridge.hidden)),
        join_each_layer(cell, through(model.bridge.cell)),
    )


def _read_with(read):
    return lambda model, src: encode(model, src, read)


def reverse_real_tokens(src):
    """Each column's tokens before its PAD, reversed one by one."""
    result = src.clone()
    for column in range(src.size(1)):
        tokens = [token for token in src[:, column].tolist() if token != 0]
        result[: len(tokens), column] = torch.tensor(tokens[::-1])
    return result


#: variant -> (model, src) -> encoder outputs, and the hidden and cell state that start the decoder.
ENCODERS = {
    "baseline": encode,
    "bilstm-concat": _joined(lambda a, b: torch.cat([a, b], dim=1)),
    "bilstm-mean": _joined(lambda a, b: (a + b) / 2),
    "bilstm-sum": _joined(lambda a, b: a + b),
    "bilstm-linear": _linear,
    "bilstm-deep-decoder": encode,
    "reversed": _read_with(lambda src: torch.stack([src[step] for step in range(len(src) - 1, -1, -1)])),
    "reversed-tokens": _read_with(reverse_real_tokens),
    "reversed-batch": _read_with(lambda src: torch.stack([step.flip(0) for step in src])),
}


def decoder_step(decoder, token, hidden, cell):
    """One step of the lab's decoder: token [B] -> logits [B, V], hidden, cell."""
    inputs = decoder.embedding(token)
    new_hidden, new_cell = [], []
    for layer in range(decoder.rnn.num_layers):
        w_ih, w_hh, b_ih, b_hh = (getattr(decoder.rnn, f"{name}_l{layer}") for name in WEIGHTS)
        i, f, g, o = (inputs @ w_ih.t() + b_ih + hidden[layer] @ w_hh.t() + b_hh).chunk(4, dim=1)
        new_cell.append(f.sigmoid() * cell[layer] + i.sigmoid() * g.tanh())
        new_hidden.append(o.sigmoid() * new_cell[-1].tanh())
        inputs = new_hidden[-1]
    return inputs @ decoder.output.weight.t() + decoder.output.bias, torch.stack(new_hidden), torch.stack(new_cell)


def report_logits(name, model, src, tgt, coins):
    """The report's loop without its all-zero first row: logits [T-1, B, V]."""
    _, hidden, cell = ENCODERS[name](model, src)
    token, collected = tgt[0], []
    for step in range(1, len(tgt)):
        logits, hidden, cell = decoder_step(model.decoder, token, hidden, cell)
        collected.append(logits)
        token = tgt[step] if coins[step - 1] else logits.argmax(1)
    return torch.stack(collected)


def report_loss(logits, tgt):
    """Mean negative log-likelihood of the real target tokens, summed up one token at a time."""
    total, count = torch.tensor(0.0), 0
    for step, row in enumerate(tgt[1:].tolist()):
        for sentence, token in enumerate(row):
            if token != 0:
                total = total - logits[step, sentence].log_softmax(0)[token]
                count += 1
    return total / count
