"""A run's key stands for the model that it trains, whoever defined it, and its weights go into no other."""

from functools import partial

import pytest

from seq2seq_lib.__main__ import _parser
from seq2seq_lib.config import PROFILES, Sizes
from seq2seq_lib.experiments.records import RecordError
from seq2seq_lib.experiments.spec import RunSpec, fingerprint
from seq2seq_lib.experiments.studies import run_study
from seq2seq_lib.models.attention import DotAttention, QKVAttention
from seq2seq_lib.models.bridges import FitLayers, JoinDirections, average, keep_last
from seq2seq_lib.models.decoders import AttentionDecoder, LSTMDecoder, MultiHeadDecoder
from seq2seq_lib.models.encoders import LSTMEncoder
from seq2seq_lib.models.parallel_encoders import TransformerEncoder
from seq2seq_lib.models.variants import VARIANTS, Variant, variants_of
from tests.test_studies import PROFILE

SIZES = Sizes(6, 8, 4, 0.1)


def print_of(**parts):
    return fingerprint(Variant("enc_dec", "", "", **parts), 20, 20, SIZES)


def once():
    class Doubled(LSTMDecoder):
        def project(self, features):
            return 2 * super().project(features)

    return Doubled


def again():
    class Doubled(LSTMDecoder):
        def project(self, features):
            return 3 * super().project(features)

    return Doubled


class FourHeads(TransformerEncoder):
    HEADS = 4


def attending(attention):
    return partial(AttentionDecoder, attention=attention)


def joining(join):
    return {"encoder": partial(LSTMEncoder, bidirectional=True), "bridge": partial(JoinDirections, join=join)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"decoder": partial(MultiHeadDecoder, heads=8)}, {"decoder": partial(MultiHeadDecoder, heads=4)}),
        ({"decoder": attending(DotAttention)}, {"decoder": attending(partial(DotAttention, masked=False))}),
        ({"decoder": attending(QKVAttention)}, {"decoder": attending(partial(QKVAttention, scaled=False))}),
        ({"bridge": partial(FitLayers, layers=2)}, {"bridge": partial(FitLayers, layers=2, fewer=average)}),
        ({"encoder": TransformerEncoder}, {"encoder": FourHeads}),
        ({"decoder": once()}, {"decoder": again()}),
        (joining(lambda one, other: one), joining(lambda one, other: other)),
    ],
)  # fmt: skip
def test_other_models_have_other_fingerprints(first, second):
    assert print_of(**first) == print_of(**first)
    assert print_of(**first) != print_of(**second)


def test_the_library_counts_by_its_structure_alone():
    assert print_of(bridge=partial(FitLayers, layers=4)) == print_of(
        bridge=partial(FitLayers, layers=4, fewer=keep_last)
    )


def test_weights_go_into_the_definition_that_trained_them_alone(tiny_data, tmp_path, monkeypatch):
    study = run_study("encoder", PROFILE, data=tiny_data, folder=tmp_path, variants=("reversed",), seeds=(1,), n_jobs=1)
    assert study.model("reversed").encoder.reading is VARIANTS["reversed"].encoder.keywords["reading"]
    monkeypatch.setitem(VARIANTS, "reversed", Variant("encoder", "", ""))
    with pytest.raises(RecordError, match="'reversed' was trained by another definition"):
        study.model("reversed")


@pytest.mark.parametrize("name", ["baseline", "packed", "attention-dot"])
def test_the_command_of_a_run_trains_that_run(name, tmp_path):
    words = RunSpec(name, VARIANTS[name], PROFILES["smoke"], 2).command(tmp_path).split()
    assert words[:3] == ["python", "-m", "seq2seq_lib"]
    options = _parser().parse_args(words[3:])
    assert name in variants_of(options.section)
    assert (options.variants, options.seeds, options.profile, options.records) == ([name], [2], "smoke", tmp_path)
