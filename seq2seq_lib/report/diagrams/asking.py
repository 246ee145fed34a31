"""What a diagram of a model shows, found by building the model and sending a tiny batch through it.

Nothing here is written down by variant: words in the order in which they are read, where the state leaves, which
encoder layer feeds which decoder layer, whether attention sees PAD, which tables are one. Each is asked of the model.
"""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor, nn

from seq2seq_lib.config import ConfigError, Sizes
from seq2seq_lib.data.batches import Batch, collate
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, SPECIALS, Example
from seq2seq_lib.models.bridges import State
from seq2seq_lib.models.encoders import Memory, as_written
from seq2seq_lib.models.parallel_encoders import ParallelEncoder
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.models.variants import find_variant
from seq2seq_lib.report.anatomy import REPORT_BATCH, REPORT_VOCABULARY
from seq2seq_lib.report.diagrams.facts import Blueprint, Look, Part, Row

#: Two pairs of one length that fill the batch in turn, so that a batch read in another order shows.
PAIRS = (("she sings", "elle chante"), ("he runs", "il court"))
#: What diagrams call a function or a class; what is not listed goes by its own name.
WORDS = {
    "concatenate": "concatenated", "add": "sum", "keep_last": "last layers", "average": "mean of two",
    "repeat": "copied", "fill_with_zeros": "zeros above", "AsIs": "as it is", "Conv1d": "convolutions",
    "TransformerEncoderLayer": "self-attention layers", "DotAttention": "dot product",
    "DotValueAttention": "dot product",
    "GeneralAttention": "general", "AdditiveAttention": "additive", "QKVAttention": "QKV",
    "MultiHeadAttention": "multi-head",
}  # fmt: skip


@torch.inference_mode()
def blueprint(name: str, sizes: Sizes | None = None) -> Blueprint:
    """Builds the variant with the original's vocabularies and looks at what it does with a tiny batch.

    Args:
        name: of the catalogue.
        sizes: by default the original's.

    Raises:
        ConfigError: for a name that is not in the catalogue.
    """
    with torch.random.fork_rng(devices=[]):  # drawing a model must not change what is drawn at random afterwards
        model = _built(name, sizes).eval()
    batch, vocabulary = tiny_batch(REPORT_BATCH)
    memory, state = model.encode(batch.src, batch.src_lengths)
    read = getattr(model.encoder, "reading", as_written)(batch.src, batch.src_lengths)[:, 0].tolist()
    target = [vocabulary[word] for word in batch.tgt[:, 0].tolist()]
    shapes, seen = _decoded(model, batch, memory, state)
    sides = {"decoder": model.decoder, "encoder": model.encoder}
    facts = Blueprint(
        words=tuple(vocabulary[word] for word in read),
        reads=tuple(memory.outputs[:, 0].ne(0).any(-1).tolist()),
        rows=_encoder_rows(model.encoder, memory),
        block="" if hasattr(model.encoder, "rnn") else _block(model.encoder),
        start="mean, Linear" if isinstance(model.encoder, ParallelEncoder) else "",
        inputs=tuple(target[:-1]),
        targets=tuple(target[1:]),
        links=_links(model.bridge, memory),
        bridge=_bridge_in_words(model.bridge),
        handed="hidden = cell" if memory.cell is memory.hidden else "hidden, cell",
        decoder=_decoder_rows(model.decoder),
        seen=seen,
        look=_look(model, batch, memory, state),
        tables=_tables(model),
        table=tuple(side for side, one in sides.items() if one.embedding.weight is model.decoder.output.weight),
        shapes=shapes,
        parts={},
    )
    facts.parts.update(_parts(model, facts))
    return facts


def tiny_batch(batch_size: int) -> tuple[Batch, dict[int, str]]:
    """The pairs in turn, padded by one PAD, and the words of their ids."""
    vocabulary = {PAD: "PAD", SOS: SPECIALS[SOS], EOS: "EOS"}
    examples = []
    for pair in PAIRS:
        sides = []
        for side in pair:
            sides.append([len(vocabulary) + 1 + place for place in range(len(side.split()))])
            vocabulary |= dict(zip(sides[-1], side.split(), strict=True))
        examples.append(Example([*sides[0], EOS], [SOS, *sides[1], EOS]))
    rows = [examples[row % len(examples)] for row in range(batch_size)]
    return collate(rows, 1 + max(len(example.source) for example in rows)), vocabulary


def _built(name: str, sizes: Sizes | None) -> Seq2Seq:
    variant, sizes = find_variant(name), sizes or Sizes()
    try:
        return variant.build(*REPORT_VOCABULARY, sizes)
    except ConfigError:  # a variant for languages that share one vocabulary, or sizes that no vocabulary mends
        return variant.build(REPORT_VOCABULARY[1], REPORT_VOCABULARY[1], sizes)


def _decoded(
    model: Seq2Seq, batch: Batch, memory: Memory, state: State
) -> tuple[dict[str, tuple[int, ...]], tuple[int, ...]]:
    """The shapes on the way, and the decoder layers whose last hidden states stand among the features."""
    caught = []
    # the projection, where there is one, narrows the features: what it is given still shows whose states they are
    inner = getattr(model.decoder, "projection", model.decoder.output)
    hook = inner.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    features, after = model.decoder(batch.tgt[:-1], state, memory)
    logits = model.decoder.output(features)
    hook.remove()
    tensors = {
        "outputs": memory.outputs, "hidden": memory.hidden, "cell": memory.cell, "first hidden": state.hidden,
        "first cell": state.cell, "features": features, "logits": logits,
    }  # fmt: skip
    seen = tuple(layer for layer, last in enumerate(after.hidden) if _holds(caught[0][-1], last))
    return {what: tuple(tensor.shape) for what, tensor in tensors.items()}, seen


def _holds(features: Tensor, hidden: Tensor) -> bool:
    """Whether hidden [B, H'] stands somewhere in features [B, F], at a multiple of its width."""
    pieces = features.split(hidden.size(-1), dim=-1)
    return any(piece.shape == hidden.shape and torch.allclose(piece, hidden) for piece in pieces)


def _encoder_rows(encoder: nn.Module, memory: Memory) -> tuple[Row, ...]:
    if not hasattr(encoder, "rnn"):
        return ()
    rnn, rows = encoder.rnn, []
    directions = 1 + rnn.bidirectional
    for layer, backward in product(range(rnn.num_layers), range(directions)):
        way = "backward" if backward else "forward"
        outputs = memory.outputs[:, 0].split(rnn.hidden_size, dim=-1)[backward]
        last = memory.hidden[backward - directions, 0]  # the top layer's, which alone stands among the outputs
        places = [place for place, output in enumerate(outputs) if torch.allclose(output, last)]
        leaves = (places[0] if backward else places[-1]) if places else None
        part = ("encoder layers", f"{layer + 1}", way)
        takes = getattr(rnn, f"weight_ih_l{layer}{'_reverse' if backward else ''}").size(1)
        note = f"forget bias {encoder.forget_bias:g}" if getattr(encoder, "forget_bias", 0) else ""
        rows.append(Row(part, layer + 1, bool(backward), type(rnn).__name__, rnn.hidden_size, takes, leaves, note))
    return tuple(rows)


def _decoder_rows(decoder: nn.Module) -> tuple[Row, ...]:
    if isinstance(decoder.rnn, nn.ModuleList):
        layers = [(rnn, rnn.input_size) for rnn in decoder.rnn]
    else:
        takes = (getattr(decoder.rnn, f"weight_ih_l{layer}").size(1) for layer in range(decoder.rnn.num_layers))
        layers = [(decoder.rnn, width) for width in takes]
    return tuple(
        Row(("decoder layers", f"{place}"), place, False, type(rnn).__name__, rnn.hidden_size, takes)
        for place, (rnn, takes) in enumerate(layers, start=1)
    )


def _block(encoder: nn.Module) -> str:
    """The stacks inside an encoder without recurrence, such as "2 convolutions"."""
    stacks = [child for child in encoder.children() if isinstance(child, nn.ModuleList) and len(child)]
    return "\n".join(f"{len(stack)} {_in_words(stack[0])}" for stack in stacks) or _in_words(encoder)


def _links(bridge: nn.Module, memory: Memory) -> tuple[tuple[str, ...], ...]:
    """Found by moving one encoder state at a time and looking which decoder states move with it."""
    before, columns = bridge(memory.hidden, memory.cell).hidden, []
    for place in range(len(memory.hidden)):
        moved = memory.hidden.clone()
        moved[place] += 1
        follows = (bridge(moved, memory.cell).hidden != before).flatten(1).any(1)
        same = [torch.equal(state, memory.hidden[place]) for state in before]
        columns.append([("whole" if same[to] else "part") if moves else "" for to, moves in enumerate(follows)])
    return tuple(zip(*columns, strict=True))


def _bridge_in_words(bridge: nn.Module) -> str:
    function = getattr(bridge, "join", None) or getattr(bridge, "fit", None)
    if function is not None:
        return WORDS.get(function.__name__, function.__name__)
    return "Linear" if any(True for _ in bridge.parameters()) else _in_words(bridge)


def _look(model: Seq2Seq, batch: Batch, memory: Memory, state: State) -> Look | None:
    decoder = model.decoder
    if not hasattr(decoder, "attend"):
        return None
    weights = decoder.attend(batch.tgt[:1], state, memory)
    others = decoder.attend(batch.tgt[1:2], state, memory)
    takes = getattr(decoder.rnn, "input_size", 0)
    learned = [name for name, child in decoder.attention.named_children() if isinstance(child, nn.Linear)]
    scale = getattr(decoder.attention, "scale", 1.0)
    heads = getattr(getattr(decoder.attention, "heads", None), "num_heads", 0)
    return Look(
        _in_words(decoder.attention),
        f"{heads} heads" if heads else ", ".join([*learned, *([f"÷ √{scale**-2:.0f}"] if scale != 1 else [])]),
        tuple((weights[0, 0] > 0).tolist()),
        before=torch.equal(weights, others),
        feeds=takes > decoder.embedding.embedding_dim,
    )


def _in_words(module: nn.Module) -> str:
    return WORDS.get(type(module).__name__, type(module).__name__)


def _tables(model: Seq2Seq) -> dict[str, tuple[int, int]]:
    linears = {"projection": getattr(model.decoder, "projection", None), "output layer": model.decoder.output}
    embeddings = {"source embedding": model.encoder.embedding, "target embedding": model.decoder.embedding}
    return {
        **{name: tuple(table.weight.shape) for name, table in embeddings.items()},
        **{name: (linear.in_features, linear.out_features) for name, linear in linears.items() if linear is not None},
    }


def _parts(model: Seq2Seq, facts: Blueprint) -> dict[Part, object]:
    """Everything that is drawn, with what makes it the same as another model's: classes, widths, options, wiring."""
    encoder, decoder, bridge = model.encoder, model.decoder, model.bridge
    parts: dict[Part, object] = {("source words",): facts.words, ("encoder outputs",): facts.shapes["outputs"][2:]}
    parts |= {("shape", what): shape for what, shape in facts.shapes.items()}
    parts |= {(name,): sides for name, sides in facts.tables.items()}
    for row in facts.rows:
        parts[row.part] = (row.kind, row.width, row.takes, row.note)
        word = facts.words[row.leaves] if row.leaves is not None else None
        parts[("handing over", *row.part[1:])] = (word, parts[row.part])
    if facts.block:
        parts[("encoder block",)] = repr(encoder)
    kind = parts[("bridge",)] = (type(bridge).__name__, bridge.extra_repr())
    for place, line in enumerate(facts.links):
        for source, link in zip(facts.states, line, strict=True):
            if link:  # a state that goes over whole is the same link in whatever bridge
                made = parts.get(("encoder layers", *source))
                parts[("bridge", *source, f"to {place + 1}")] = made if link == "whole" else (kind, made)
        if not any(line):
            parts[("bridge", f"nothing to {place + 1}")] = kind
    for row in facts.decoder:
        parts[row.part] = (row.kind, row.width, row.takes)
        if row.layer - 1 in facts.seen:
            parts[("seen layers", f"{row.layer}")] = row.width
    if facts.look:
        parts[("attention",)] = (repr(decoder.attention), facts.look)
    parts[("output layer",)] = (facts.tables["output layer"], decoder.output.bias is not None)
    for side in facts.table:
        parts[("one table", side)] = True
    return parts
