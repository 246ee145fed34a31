"""JoeyNMT's recurrent encoder-decoder (Kreutzer, Bastings & Riezler, 2019) at our sizes, where it is installed.

It is another model: attention always (here Luong's "general", without input feeding), 2H features brought back to H
before the vocabulary, teacher forcing at every step. Its encoder hands over the last layer alone and, in version 2.3,
works with two directions only: here of H/2 each, so that its outputs are as wide as ours.
"""

from __future__ import annotations

import importlib.util
import logging
from types import SimpleNamespace

import torch
from torch import Tensor, nn

from seq2seq_lib.config import Sizes
from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.vocabulary import EOS, SOS, SPECIALS

TITLE = "JoeyNMT (its own model, always teacher-forced)"
MISSING = "JoeyNMT is not measured: the package joeynmt cannot be imported beside this torch."
THEIR_UNK, THEIR_PAD = 0, 1


def importable() -> bool:
    """Whether the package is there and loads, with what it needs in turn."""
    if importlib.util.find_spec("joeynmt") is None:
        return False
    try:
        import joeynmt.model  # noqa: F401
    except Exception:  # whatever its dependencies raise beside a torch they were not made for
        return False
    return True


def build(sizes: Sizes, src_vocab: int, tgt_vocab: int) -> nn.Module:
    """The model with two vocabularies of made-up words."""
    from joeynmt.model import build_model

    logging.getLogger("joeynmt.model").setLevel(logging.WARNING)
    embeddings = {"embedding_dim": sizes.embedding, "dropout": sizes.dropout}
    layers = {
        "type": "recurrent", "rnn_type": "lstm", "hidden_size": sizes.hidden, "num_layers": sizes.layers,
        "dropout": sizes.dropout, "embeddings": embeddings,
    }  # fmt: skip
    encoder = {**layers, "hidden_size": sizes.hidden // 2, "bidirectional": True}
    decoder = {**layers, "attention": "luong", "input_feeding": False, "init_hidden": "last"}
    config = {"encoder": encoder, "decoder": decoder}
    model = build_model(config, _vocabulary(src_vocab), _vocabulary(tgt_vocab))
    model.loss_function = ("crossentropy", 0.0)
    return model


def loss(model: nn.Module, batch: Batch, teacher_forcing_ratio: float, generator: torch.Generator) -> Tensor:
    """Mean over real target tokens in nats, through its own batch and its own loss; the coins are not for it."""
    from joeynmt.batch import Batch as JoeyBatch

    src, tgt = (_their_ids(ids.t()) for ids in (batch.src, batch.tgt))
    lengths, rows = batch.src_lengths.to(src.device), torch.arange(len(src))
    theirs = JoeyBatch(src, lengths, None, tgt, None, rows, src.device, THEIR_PAD, EOS)
    theirs.sort_by_src_length()
    total, *_ = model(return_type="loss", **vars(theirs))
    return theirs.normalize(total, "tokens")


def _their_ids(ids: Tensor) -> Tensor:
    """PAD and UNK change places: it wants them the other way round."""
    return torch.where(ids < 2, 1 - ids, ids)


def _vocabulary(size: int):
    from joeynmt.vocabulary import Vocabulary

    pad, unk, bos, eos = SPECIALS
    special = SimpleNamespace(
        pad_token=pad, unk_token=unk, bos_token=bos, eos_token=eos, sep_token=None, lang_tags=[],
        pad_id=THEIR_PAD, unk_id=THEIR_UNK, bos_id=SOS, eos_id=EOS,
    )  # fmt: skip
    return Vocabulary([f"word{number}" for number in range(size - len(SPECIALS))], special)
