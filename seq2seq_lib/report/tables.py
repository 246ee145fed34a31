"""Tables: shapes, sizes, the comparison of a study, translations. All are pandas DataFrames."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import torch

from seq2seq_lib.batches import EOS, SOS, Example, collate
from seq2seq_lib.config import Profile, Sizes
from seq2seq_lib.models.seq2seq import Seq2Seq
from seq2seq_lib.runs import Job
from seq2seq_lib.studies import Study
from seq2seq_lib.text import Data
from seq2seq_lib.training import count_parameters, parameters_by_part
from seq2seq_lib.variants import build_model, find_variant, title_of

#: Vocabulary sizes of the report: the target's is printed there, the source's follows from its 5.8 M encoder.
REPORT_VOCABULARY = (8_290, 11_847)
REPORT_BATCH, REPORT_LENGTH = 64, 30


def shapes(names: Sequence[str], sizes: Sizes | None = None) -> pd.DataFrame:
    """Shapes that one batch of the report's size takes on its way, measured by sending one through.

    Args:
        names: variants of the catalogue.
        sizes: by default the report's.

    Returns:
        One row a variant: encoder outputs [S, B, D·H], encoder state [L·D, B, H], decoder state [L', B, H'] and the
        logits of one step [1, B, V].
    """
    example = Example([*[4] * (REPORT_LENGTH - 1), EOS], [SOS, EOS])
    batch = collate([example] * REPORT_BATCH)
    return pd.DataFrame([_shapes(name, sizes, batch) for name in names]).set_index("variant")


@torch.inference_mode()
def _shapes(name: str, sizes: Sizes | None, batch) -> dict[str, object]:
    model = build_model(name, *REPORT_VOCABULARY, sizes).eval()
    memory, state = model.encode(batch.src, batch.src_lengths)
    return {
        "variant": name,
        "encoder outputs": list(memory.outputs.shape),
        "encoder hidden, cell": list(memory.hidden.shape),
        "decoder hidden, cell": list(state.hidden.shape),
        "logits of a step": list(model(batch.src, batch.src_lengths, batch.tgt).shape),
    }


def parameter_counts(names: Sequence[str], sizes: Sizes | None = None) -> pd.DataFrame:
    """Unique trainable numbers of encoder, bridge and decoder at the report's vocabulary sizes.

    Returns:
        One row a variant: the three parts, their total, and the total against the first variant's.
    """
    rows = []
    for name in names:
        with torch.device("meta"):  # counting needs no memory for the weights
            model = build_model(name, *REPORT_VOCABULARY, sizes)
        rows.append({"variant": name, **parameters_by_part(model)})
    table = pd.DataFrame(rows).set_index("variant")
    first = table["total"].iloc[0]
    table[f"against {names[0]}"] = [f"{total / first - 1:+.0%}" for total in table["total"]]
    return table.map(lambda value: f"{value:,}" if isinstance(value, int) else value)


@torch.inference_mode()
def handed_over(names: Sequence[str], data: Data, profile: Profile) -> pd.DataFrame:
    """How much the state that starts the decoder tells about the sentence, before any training.

    Returns:
        One row a variant: width H' of the hidden state, its mean Euclidean norm over 64 validation sentences, and how
        far it lies on average from the mean state of these sentences (what a decoder can tell them apart by). Both are
        averaged over all layers and the profile's seeds.
    """
    batch = collate(data.valid[:64], profile.schedule.pad_to)
    rows = []
    for name in names:
        models = [Job(name, find_variant(name), profile, seed).build(data).eval() for seed in profile.seeds]
        states = torch.stack([model.encode(batch.src, batch.src_lengths)[1].hidden for model in models])
        apart = states - states.mean(dim=2, keepdim=True)
        norm, spread = (part.norm(dim=-1).mean().item() for part in (states, apart))
        rows.append({"variant": name, "H'": states.size(-1), "norm": norm, "distance from the mean state": spread})
    return pd.DataFrame(rows).set_index("variant").sort_values("distance from the mean state").round(2)


def model_summary(model: Seq2Seq) -> str:
    """torchinfo's summary for one batch of the report's size, and the true count of unique parameters below it.

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
    left_out = (
        "Total mult",
        "Trainable",
        "Non-trainable",
        "Input size",
        "Forward/backward",
        "Params size",
        "Estimated",
    )
    kept = [line.rstrip() for line in str(drawn).splitlines() if not line.startswith(left_out)][:-1]
    return "\n".join([*kept, f"Unique parameters: {count_parameters(model):,}"])


def comparison(study: Study) -> pd.DataFrame:
    """The study's table: what each variant costs and reaches, as mean ± standard deviation over its seeds.

    Columns: title, seeds, parameters, seconds an epoch, valid perplexity, its change against the baseline, test
    perplexity, test BLEU (greedy).
    """
    runs = study.runs.groupby("variant", sort=False)
    valid = runs["valid_perplexity"].mean()
    against = valid / valid["baseline"] - 1 if "baseline" in valid else None
    table = pd.DataFrame(
        {
            "model": [title_of(name) for name in valid.index],
            "seeds": runs.size(),
            "parameters": [f"{count / 1e6:.2f} M" for count in runs["parameters"].first()],
            "s / epoch": runs["seconds_per_epoch"].mean().map("{:.1f}".format),
            "valid PPL": mean_and_sd(runs["valid_perplexity"]),
            "vs baseline": "–" if against is None else against.map("{:+.1%}".format),
            "test PPL": mean_and_sd(runs["test_perplexity"]),
            "test BLEU": mean_and_sd(runs["bleu"], digits=1),
        }
    )
    return table.reindex([name for name in study.variants if name in table.index])


def mean_and_sd(grouped, digits: int = 2) -> pd.Series:
    """A text such as `12.34 ± 0.05` for each group; one run alone has no spread to show."""
    means, deviations = grouped.mean(), grouped.std()
    texts = [
        f"{mean:.{digits}f}" if pd.isna(deviation) else f"{mean:.{digits}f} ± {deviation:.{digits}f}"
        for mean, deviation in zip(means, deviations, strict=True)
    ]
    return pd.Series(texts, index=means.index)


def findings(study: Study) -> str:
    """The comparison as a Markdown table for the README, best first, without the times, which depend on the machine."""
    table = comparison(study).drop(columns="s / epoch")
    best_first = study.runs.groupby("variant")["valid_perplexity"].mean().sort_values().index
    return table.loc[best_first].reset_index(names="variant").to_markdown(index=False, disable_numparse=True)


def translations(study: Study, variants: Sequence[str] | None = None, sentences: int = 5) -> pd.DataFrame:
    """The first test sentences, one a row, as the first seed of each variant translates them."""
    names = list(variants or study.variants)
    shown = {name: study.record(name)["translations"][:sentences] for name in names}
    first = shown[names[0]]
    columns = {
        "source": [pair["source"] for pair in first],
        "reference": [pair["reference"] for pair in first],
        **{name: [pair["translation"] for pair in pairs] for name, pairs in shown.items()},
    }
    return pd.DataFrame(columns, index=range(1, len(first) + 1))


def readable(table: pd.DataFrame):
    """The table as a pandas Styler with whole texts to the left; a bare DataFrame cuts them at 50 characters."""
    texts = table.select_dtypes(exclude="number").columns
    styles = {"text-align": "left", "white-space": "normal", "vertical-align": "top"}
    headings = [{"selector": "th", "props": [("text-align", "left")]}]
    shown = table.style.format(escape="html", subset=texts).set_properties(subset=texts, **styles)
    name = hashlib.sha256(table.to_csv().encode()).hexdigest()[:8]  # the same in every run, and no two on a page
    return shown.set_table_styles(headings).set_uuid(name)
