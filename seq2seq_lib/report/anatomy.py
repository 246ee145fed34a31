"""Tables of models themselves: shapes, parameters, memory, and what an encoder hands over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor, nn

from seq2seq_lib.config import Profile, Schedule, Sizes
from seq2seq_lib.data.batches import collate
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, Example
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.models.seq2seq import Seq2Seq, count_parameters, parameters_by_part
from seq2seq_lib.models.variants import build_model, find_variant
from seq2seq_lib.training.trainer import train_step
from seq2seq_lib.utils.device import device_of

#: Vocabulary sizes of the original: the target's is printed there, the source's follows from its 5.8 M encoder.
REPORT_VOCABULARY = (8_290, 11_847)
REPORT_BATCH, REPORT_LENGTH = 64, 30
#: What the original says of its models' shapes and sizes; for the others it shows pictures, or nothing.
REPORT_SHAPES = {
    "baseline": "[30, 64, 512], [2, 64, 512]",
    "bilstm-concat": "[30, 64, 1024], [2, 64, 1024]",
    "bilstm-mean": "[30, 64, 512], [2, 64, 512]",
    "bilstm-deep-decoder": "[30, 64, 1024], [4, 64, 512]",
    "enc4-dec2": "[4, 64, 512] → [2, 64, 512]",
    "enc2-dec4": "[2, 64, 512] → [4, 64, 512]",
}
REPORT_PARAMETERS = {"baseline": "5.8 M, 12.8 M", "tied": "decoder 6.8 M"}
NOT_PRINTED = "–"


@torch.inference_mode()
def shapes(names: Sequence[str], sizes: Sizes | None = None) -> pd.DataFrame:
    """Shapes that one batch of the original's size takes on its way, measured by sending one through.

    Args:
        names: variants of the catalogue.
        sizes: by default the original's.

    Returns:
        One row a variant: encoder outputs [S, B, D·H], encoder state [L·D, B, H], decoder state [L', B, H'], the logits
        of one step [1, B, V], and what the original says.
    """
    example = Example([*[4] * (REPORT_LENGTH - 1), EOS], [SOS, EOS])
    batch = collate([example] * REPORT_BATCH)
    rows = []
    for name in names:
        model = build_model(name, *REPORT_VOCABULARY, sizes).eval()
        memory, state = model.encode(batch.src, batch.src_lengths)
        rows.append({
            "variant": name,
            "encoder outputs": list(memory.outputs.shape),
            "encoder hidden, cell": list(memory.hidden.shape),
            "decoder hidden, cell": list(state.hidden.shape),
            "logits of a step": list(model(batch.src, batch.src_lengths, batch.tgt).shape),
            "the original says": REPORT_SHAPES.get(name, NOT_PRINTED),
        })  # fmt: skip
    return pd.DataFrame(rows).set_index("variant")


def parameter_counts(names: Sequence[str], sizes: Sizes | None = None) -> pd.DataFrame:
    """Unique trainable numbers of encoder, bridge and decoder at the original's vocabulary sizes.

    Returns:
        One row a variant: the three parts, their total, the total against the first variant's, and what the original
        says.
    """
    rows = []
    for name in names:
        with torch.device("meta"):  # counting needs no memory for the weights
            model = build_model(name, *REPORT_VOCABULARY, sizes)
        rows.append({"variant": name, **parameters_by_part(model)})
    table = pd.DataFrame(rows).set_index("variant")
    first = table["total"].iloc[0]
    table[f"against {names[0]}"] = [f"{total / first - 1:+.0%}" for total in table["total"]]
    table["the original says"] = [REPORT_PARAMETERS.get(name, NOT_PRINTED) for name in names]
    return table.map(lambda value: f"{value:,}" if isinstance(value, int) else value)


def layer_counts(module: nn.Module) -> pd.DataFrame:
    """Unique trainable numbers of each child of a module, and its share of their sum; a shared weight counts once.

    Args:
        module: such as `model.decoder`.

    Returns:
        One row a child with parameters, in the order of the module; a child whose weights all stand in an earlier one
        has 0.
    """
    seen: set[int] = set()
    counts = {}
    for name, child in module.named_children():
        parameters = list(child.parameters())
        if parameters:
            counts[name] = sum(parameter.numel() for parameter in parameters if id(parameter) not in seen)
        seen.update(map(id, parameters))
    total = sum(counts.values())
    rows = {name: (f"{count:,}", f"{count / total:.0%}") for name, count in counts.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["parameters", "share"])


def training_memory(names: Sequence[str]) -> pd.DataFrame:
    """What weights, gradients and Adam's two averages occupy after one training step at the original's sizes.

    The prediction is 4 numbers of 4 bytes for each unique parameter; the rest is measured on the tensors themselves.
    Activations come on top and depend on the batch.

    Returns:
        One row a variant, in megabytes (10^6 bytes).
    """
    words = [4] * (REPORT_LENGTH // 2)
    batch = collate([Example([*words, EOS], [SOS, *words, EOS])] * 2, REPORT_LENGTH)
    rows = []
    for name in names:
        model = build_model(name, *REPORT_VOCABULARY)
        optimizer = torch.optim.Adam(model.parameters())
        train_step(model, optimizer, batch, Schedule(), torch.Generator())
        held = {
            "weights": list(model.parameters()),
            "gradients": [parameter.grad for parameter in model.parameters()],
            "Adam": [tensor for state in optimizer.state.values() for tensor in state.values()],
        }
        measured = {part: sum(tensor.nbytes for tensor in tensors) / 1e6 for part, tensors in held.items()}
        predicted = 4 * 4 * count_parameters(model) / 1e6
        rows.append({"variant": name, "predicted": predicted, **measured, "measured": sum(measured.values())})
    return pd.DataFrame(rows).set_index("variant").round(1)


def distance_from_mean(states: Tensor) -> float:
    """How far the states [..., B, H] of B sentences lie on average from their mean state: Euclidean distance."""
    return (states - states.mean(dim=-2, keepdim=True)).norm(dim=-1).mean().item()


@torch.inference_mode()
def handed_over(names: Sequence[str], data: Data, profile: Profile) -> pd.DataFrame:
    """How much the state that starts the decoder tells about the sentence, before any training.

    Args:
        names: variants of the catalogue.
        data: whose first 64 validation sentences are encoded.
        profile: sizes, padding and seeds of the models.

    Returns:
        One row a variant: layers L' and width H' of the hidden state, its mean Euclidean norm over the sentences, and
        how far it lies on average from their mean state (what a decoder can tell them apart by). Both are of the whole
        state, all layers side by side, since models differ in how many they share it out among; both are averaged over
        the profile's seeds.
    """
    batch = collate(data.valid[:64], profile.schedule.pad_to)
    rows = []
    for name in names:
        jobs = [RunSpec(name, find_variant(name), profile, seed) for seed in profile.seeds]
        models = [job.build(data).eval() for job in jobs]
        states = torch.stack([model.encode(batch.src, batch.src_lengths)[1].hidden for model in models])
        whole = states.transpose(1, 2).flatten(2)  # [models, L', B, H'] -> [models, B, L'·H']
        rows.append(
            {
                "variant": name,
                "L'": states.size(1),
                "H'": states.size(-1),
                "norm": whole.norm(dim=-1).mean().item(),
                "distance from the mean state": distance_from_mean(whole),
            }
        )
    return pd.DataFrame(rows).set_index("variant").sort_values("distance from the mean state").round(2)


@torch.inference_mode()
def attention_focus(models: Mapping[str, Seq2Seq], data: Data, pad_to: int | None) -> pd.DataFrame:
    """Where attention falls, averaged over every real target token of 64 validation sentences, reference as input.

    Args:
        models: name -> trained model whose decoder has `attend`.
        data: the models' corpus.
        pad_to: source positions, as in training.

    Returns:
        One row a model: share of the weight on PAD; the largest weight of a step; and over how many positions the
        weight is spread, exp of its entropy in nats (1: one position; n: n positions alike). Several heads count by
        their mean, which is less pointed than each of them.
    """
    batch = collate(data.valid[:64], pad_to)
    rows = []
    for name, model in models.items():
        src, src_lengths, tgt = batch.to(device_of(model))
        real = (tgt[1:] != PAD).t()
        memory, state = model.eval().encode(src, src_lengths)
        weights = model.decoder.attend(tgt[:-1], state, memory)[real]
        on_pad = (weights * ~memory.mask.t().unsqueeze(1).expand(-1, len(tgt) - 1, -1)[real]).sum(-1)
        spread = torch.special.entr(weights).sum(-1).exp()
        rows.append({
            "variant": name,
            "weight on PAD": f"{on_pad.mean().item():.1%}",
            "largest weight": round(weights.max(-1).values.mean().item(), 2),
            "spread over positions": round(spread.mean().item(), 1),
        })  # fmt: skip
    return pd.DataFrame(rows).set_index("variant")


def model_summary(model: Seq2Seq) -> str:
    """torchinfo's summary for one batch of the original's size, and the true count of unique parameters below it.

    torchinfo 1.8.0 counts a weight that two layers share twice; the last line does not.

    Args:
        model: whose vocabularies have at least five entries.
    """
    from torchinfo import summary

    words = [4] * (REPORT_LENGTH - 2)
    batch = collate([Example([4, *words, EOS], [SOS, *words, EOS])] * REPORT_BATCH)
    drawn = summary(
        model, input_data=list(batch), teacher_forcing_ratio=1.0, depth=2, verbose=0, col_width=18,
        col_names=("input_size", "output_size", "num_params"), row_settings=("depth",),
    )  # fmt: skip
    left_out = ("Total mult", "Trainable", "Non-trainable", "Input", "Forward/backward", "Params size", "Estimated")
    kept = [line.rstrip() for line in str(drawn).splitlines() if not line.startswith(left_out)][:-1]
    return "\n".join([*kept, f"Unique parameters: {count_parameters(model):,}"])
