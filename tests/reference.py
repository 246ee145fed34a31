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


def _reversed_packed(model, src):
    return _packed(model, reverse_real_tokens(src))


def _packed_and_concatenated(model, src):
    outputs, hidden, cell = _packed(model, src)
    return outputs, *(join_each_layer(state, lambda a, b: torch.cat([a, b], dim=1)) for state in (hidden, cell))


def _packed(model, src):
    """Each sentence for itself and without its PAD: the states after the last real token, zeros where PAD was."""
    alone = []
    for column in range(src.size(1)):
        words = src[:, column][src[:, column] != 0].unsqueeze(1)
        outputs, hidden, cell = lstm(model.encoder.rnn, model.encoder.embedding(words))
        filler = torch.zeros(len(src) - len(words), 1, outputs.size(2))
        alone.append((torch.cat([outputs, filler]), hidden, cell))
    return tuple(torch.cat(parts, dim=1) for parts in zip(*alone, strict=True))


def _gru(model, src):
    """The gated recurrent unit written out; its state stands for hidden and cell."""
    layer_input, states, rnn = model.encoder.embedding(src), [], model.encoder.rnn
    for layer in range(rnn.num_layers):
        w_ih, w_hh, b_ih, b_hh = (getattr(rnn, f"{name}_l{layer}") for name in WEIGHTS)
        hidden, outputs = torch.zeros(src.size(1), rnn.hidden_size), []
        for step in layer_input:
            reset_x, update_x, new_x = (step @ w_ih.t() + b_ih).chunk(3, dim=1)
            reset_h, update_h, new_h = (hidden @ w_hh.t() + b_hh).chunk(3, dim=1)
            update = (update_x + update_h).sigmoid()
            proposal = (new_x + (reset_x + reset_h).sigmoid() * new_h).tanh()
            hidden = (1 - update) * proposal + update * hidden
            outputs.append(hidden)
        layer_input = torch.stack(outputs)
        states.append(hidden)
    return layer_input, torch.stack(states), torch.stack(states)


def _sentence_by_sentence(read):
    """An encoder without recurrence, on each sentence alone and without PAD; `read` maps inputs [n, H] to outputs."""

    def run(model, src):
        encoder, columns = model.encoder, []
        for column in range(src.size(1)):
            words = encoder.embedding(src[:, column][src[:, column] != 0])
            width = words.size(1)
            for place in range(len(words)):
                for column_of_word in range(width):
                    angle = torch.tensor(place / 10_000 ** (column_of_word // 2 * 2 / width))
                    words[place, column_of_word] += angle.cos() if column_of_word % 2 else angle.sin()
            outputs = read(encoder, words @ encoder.widen.weight.t() + encoder.widen.bias)
            outputs = layer_norm(encoder.norm, outputs)
            mean = outputs.mean(0)
            hidden = (encoder.hidden.weight @ mean + encoder.hidden.bias).tanh().view(-1, 1, outputs.size(1))
            cell = (encoder.cell.weight @ mean + encoder.cell.bias).view(-1, 1, outputs.size(1))
            filler = torch.zeros(len(src) - len(outputs), outputs.size(1))
            columns.append((torch.cat([outputs, filler]).unsqueeze(1), hidden, cell))
        return tuple(torch.cat(parts, dim=1) for parts in zip(*columns, strict=True))

    return run


def _windows(encoder, states):
    """Gated convolutions, one window of three words at a time; zeros beyond the ends."""
    for window in encoder.windows:
        edge = torch.zeros(1, states.size(1))
        padded = torch.cat([edge, states, edge])
        rows = []
        for place in range(len(states)):
            seen = sum(window.weight[:, :, offset] @ padded[place + offset] for offset in range(3)) + window.bias
            value, gate = seen.chunk(2)
            rows.append((value * gate.sigmoid() + states[place]) / 2**0.5)
        states = torch.stack(rows)
    return states


def layer_norm(norm, states):
    """Each row to mean 0 and variance 1, then scaled and shifted."""
    centred = states - states.mean(1, keepdim=True)
    return centred / (centred.square().mean(1, keepdim=True) + norm.eps).sqrt() * norm.weight + norm.bias


def _self_attention(encoder, states):
    for layer in encoder.layers:
        normed = layer_norm(layer.norm1, states)
        attended = [multi_head(layer.self_attn, row, normed)[0] for row in normed]
        states = states + torch.stack(attended)
        normed = layer_norm(layer.norm2, states)
        wide = (normed @ layer.linear1.weight.t() + layer.linear1.bias).relu()
        states = states + wide @ layer.linear2.weight.t() + layer.linear2.bias
    return states


def _fitted(fit):
    def run(model, src):
        outputs, hidden, cell = encode(model, src)
        return outputs, fit(model, hidden, "hidden"), fit(model, cell, "cell")

    return run


def _through_linear(model, state, which):
    """All layers of a sentence in one row, through the Linear, cut into the decoder's layers."""
    linear = getattr(model.bridge, which)
    width = state.size(2)
    layers = linear.out_features // width
    rows = [linear.weight @ torch.cat(list(state[:, sentence])) + linear.bias for sentence in range(state.size(1))]
    return torch.stack(
        [torch.stack([row[layer * width : (layer + 1) * width] for row in rows]) for layer in range(layers)]
    )


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
    "reversed-packed": _reversed_packed,
    "forget-bias": encode,
    "gru": _gru,
    "conv-encoder": _sentence_by_sentence(_windows),
    "transformer-encoder": _sentence_by_sentence(_self_attention),
    "tied": encode,
    "untied": encode,
    "packed": _packed,
    "all-layers": encode,
    "attention-dot": encode,
    "attention-dot-unmasked": encode,
    "attention-general": encode,
    "attention-additive": encode,
    "attention-qkv": encode,
    "attention-qkv-unscaled": encode,
    "attention-dot-value": encode,
    "attention-multihead": encode,
    "attention-multihead-plain": encode,
    "attention-bahdanau": encode,
    "conv-attention": _sentence_by_sentence(_windows),
    "transformer-attention": _sentence_by_sentence(_self_attention),
    "enc4-dec2": _fitted(lambda model, state, which: torch.stack([state[2], state[3]])),
    "enc4-dec2-mean": _fitted(
        lambda model, state, which: torch.stack([(state[0] + state[1]) / 2, (state[2] + state[3]) / 2])
    ),
    "enc4-dec2-linear": _fitted(_through_linear),
    "enc2-dec4": _fitted(lambda model, state, which: torch.cat([state] * 2, dim=0)),
    "enc2-dec4-zeros": _fitted(
        lambda model, state, which: torch.stack([state[0], state[1], torch.zeros_like(state[0]), 0 * state[0]])
    ),
    "together": _packed_and_concatenated,
    "together-small": _packed_and_concatenated,
    **dict.fromkeys(("wide-mean", "wide-concat", "wide-deep", "wide-attention", "wide-layers"), encode),
}


def multi_head(heads, query, memory):
    """nn.MultiheadAttention for one query [H] over a memory [n, H], head by head: context [H], mean weights [n]."""
    w_q, w_k, w_v = heads.in_proj_weight.chunk(3)
    b_q, b_k, b_v = heads.in_proj_bias.chunk(3)
    q, k, v = w_q @ query + b_q, memory @ w_k.t() + b_k, memory @ w_v.t() + b_v
    size, found, weights = heads.head_dim, [], []
    for head in range(heads.num_heads):
        own = slice(head * size, (head + 1) * size)
        weights.append((k[:, own] @ q[own] / size**0.5).softmax(0))
        found.append(weights[-1] @ v[:, own])
    return heads.out_proj.weight @ torch.cat(found) + heads.out_proj.bias, torch.stack(weights).mean(0)


def dot(attention, query, memory):
    return (memory @ query).softmax(0) @ memory


def _dot_value(attention, query, memory):
    values = memory @ attention.value.weight.t() + attention.value.bias
    return (memory @ query).softmax(0) @ values


def _general(attention, query, memory):
    return torch.stack([query @ (attention.key.weight @ place) for place in memory]).softmax(0) @ memory


def _additive(attention, query, memory):
    asked = attention.query.weight @ query
    energies = [(attention.energy.weight @ (asked + attention.key.weight @ place).tanh()) for place in memory]
    return torch.cat(energies).softmax(0) @ memory


def qkv(scale):
    """The report's QKV attention for one query; `scale` is what the scores are divided by."""

    def look_up(attention, query, memory):
        q = attention.query.weight @ query + attention.query.bias
        k = memory @ attention.key.weight.t() + attention.key.bias
        v = memory @ attention.value.weight.t() + attention.value.bias
        return (k @ q / scale(len(q))).softmax(0) @ v

    return look_up


def heads(attention, query, memory):
    return multi_head(attention.heads, query, memory)[0]


def through_attention(look_up, masked=True):
    """Linear(2H → V) over the hidden state and what `look_up` finds for it, one sentence at a time."""

    def predict(decoder, hidden, outputs, src):
        rows = []
        for sentence, query in enumerate(hidden[-1]):
            seen = outputs[:, sentence][src[:, sentence] != 0] if masked else outputs[:, sentence]
            rows.append(torch.cat([query, look_up(decoder.attention, query, seen)]))
        return torch.stack(rows) @ decoder.output.weight.t() + decoder.output.bias

    return predict


def _look_up_each(look_up, decoder, queries, outputs, src):
    """What each query [B, H] finds among its sentence's real positions: contexts [B, C]."""
    return torch.stack([
        look_up(decoder.attention, query, outputs[:, sentence][src[:, sentence] != 0])
        for sentence, query in enumerate(queries)
    ])  # fmt: skip


def _tied_attention(decoder, hidden, outputs, src):
    found = _look_up_each(qkv(lambda width: width**0.5), decoder, hidden[-1], outputs, src)
    wide = torch.cat([hidden[-1], found], dim=1)
    return (wide @ decoder.projection.weight.t() + decoder.projection.bias) @ decoder.embedding.weight.t()


def _last_layer(decoder, hidden, outputs, src):
    return hidden[-1] @ decoder.output.weight.t() + decoder.output.bias


def _tied(decoder, hidden, outputs, src):
    narrow = hidden[-1] @ decoder.projection.weight.t() + decoder.projection.bias
    return narrow @ decoder.embedding.weight.t()


def _as_tied(decoder, hidden, outputs, src):
    narrow = hidden[-1] @ decoder.projection.weight.t() + decoder.projection.bias
    return narrow @ decoder.output.weight.t()


def _every_layer(decoder, hidden, outputs, src):
    return torch.cat(list(hidden), dim=1) @ decoder.output.weight.t() + decoder.output.bias


#: variant -> (decoder, every layer's hidden state, encoder outputs, src) -> logits [B, V]; the lab's where none stands.
OUTPUTS = {
    "tied": _tied,
    "untied": _as_tied,
    "all-layers": _every_layer,
    "attention-dot": through_attention(dot),
    "attention-dot-unmasked": through_attention(dot, masked=False),
    "attention-general": through_attention(_general),
    "attention-additive": through_attention(_additive),
    "attention-qkv": through_attention(qkv(lambda width: width**0.5)),
    "attention-qkv-unscaled": through_attention(qkv(lambda width: 1)),
    "attention-dot-value": through_attention(_dot_value),
    "attention-multihead": through_attention(heads),
    "attention-multihead-plain": through_attention(heads),
    "attention-bahdanau": None,  # see `bahdanaus_logits`
    "conv-attention": through_attention(qkv(lambda width: width**0.5)),
    "transformer-attention": through_attention(qkv(lambda width: width**0.5)),
    "together": _tied_attention,
    "together-small": _tied_attention,
}


def decoder_step(decoder, inputs, hidden, cell):
    """One step of the decoder's LSTM: inputs [B, ·] -> every layer's new hidden and cell [L, B, H]."""
    new_hidden, new_cell = [], []
    for layer in range(len(hidden)):
        apart = isinstance(decoder.rnn, torch.nn.ModuleList)
        rnn, suffix = (decoder.rnn[layer], "_l0") if apart else (decoder.rnn, f"_l{layer}")
        w_ih, w_hh, b_ih, b_hh = (getattr(rnn, name + suffix) for name in WEIGHTS)
        i, f, g, o = (inputs @ w_ih.t() + b_ih + hidden[layer] @ w_hh.t() + b_hh).chunk(4, dim=1)
        new_cell.append(f.sigmoid() * cell[layer] + i.sigmoid() * g.tanh())
        new_hidden.append(o.sigmoid() * new_cell[-1].tanh())
        inputs = new_hidden[-1]
    return torch.stack(new_hidden), torch.stack(new_cell)


def report_logits(name, model, src, tgt, coins, predict=None):
    """The report's loop without its all-zero first row: logits [T-1, B, V]; `predict` stands in for OUTPUTS[name]."""
    if name == "attention-bahdanau":
        return bahdanaus_logits(model, src, tgt, coins)
    outputs, hidden, cell = ENCODERS[name](model, src)
    predict = predict or OUTPUTS.get(name, _last_layer)
    token, collected = tgt[0], []
    for step in range(1, len(tgt)):
        hidden, cell = decoder_step(model.decoder, model.decoder.embedding(token), hidden, cell)
        logits = predict(model.decoder, hidden, outputs, src)
        collected.append(logits)
        token = tgt[step] if coins[step - 1] else logits.argmax(1)
    return torch.stack(collected)


def bahdanaus_logits(model, src, tgt, coins):
    """The same loop in Bahdanau's order: the last state looks up, what it finds goes in beside the word."""
    decoder = model.decoder
    outputs, hidden, cell = encode(model, src)
    token, collected = tgt[0], []
    for step in range(1, len(tgt)):
        context = _look_up_each(_additive, decoder, hidden[-1], outputs, src)
        fed = torch.cat([decoder.embedding(token), context], dim=1)
        hidden, cell = decoder_step(decoder, fed, hidden, cell)
        seen = torch.cat([hidden[-1], context], dim=1)
        collected.append(seen @ decoder.output.weight.t() + decoder.output.bias)
        token = tgt[step] if coins[step - 1] else collected[-1].argmax(1)
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
