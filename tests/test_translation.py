"""Greedy search is the arg-max of each step; a beam of 1 is greedy search, and a beam of all is exhaustive search."""

import itertools

import pytest
import torch

from seq2seq_lib.config import Sizes
from seq2seq_lib.data.batches import Batch
from seq2seq_lib.data.corpora import Corpus
from seq2seq_lib.data.pairs import Pair
from seq2seq_lib.data.tokenization import prepare
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS
from seq2seq_lib.evaluation.search import WIDEST, beam, greedy
from seq2seq_lib.evaluation.translation import translate
from seq2seq_lib.models.variants import VARIANTS, build_model
from tests.reference import random_batch

STEPS = 40


def restless(name, seed=7, tgt_vocab=12, times=5):
    """A model with weights so large that its sentences differ and end at different steps."""
    torch.manual_seed(seed)
    model = build_model(name, 23, tgt_vocab, Sizes(6, 8, 2, 0.0)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(times)
    return model


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_greedy_search_is_the_arg_max_of_each_step(name):
    model = restless(name)
    src, src_lengths, _ = random_batch(23, 12, batch=16)
    found = greedy(model, Batch(src, src_lengths, src), max_length=STEPS)
    target = torch.full((STEPS + 1, 16), SOS)
    logits = model(src, src_lengths, target, teacher_forcing_ratio=0.0)
    for column, ids in enumerate(found):
        chosen = logits[:, column].argmax(-1).tolist()
        until = chosen.index(EOS) if EOS in chosen else len(chosen)
        assert ids == [token for token in chosen[:until] if token != PAD]
    if name == "baseline":
        assert len({len(ids) for ids in found}) > 1, "the test needs sentences of different lengths"


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_beam_of_one_is_greedy_search(name):
    src, src_lengths, _ = random_batch(23, 12, batch=16)
    batch = Batch(src, src_lengths, src)
    for seed in (7, 8, 9):
        model = restless(name, seed)
        assert beam(model, batch, 1, max_length=STEPS) == greedy(model, batch, max_length=STEPS)


@pytest.mark.parametrize("name", sorted(set(VARIANTS) - {"reversed-batch"}))  # which mixes neighbours on purpose
def test_a_batch_gives_what_each_sentence_gives_alone(name):
    model = restless(name)
    src, src_lengths, _ = random_batch(23, 12, batch=6)
    together = beam(model, Batch(src, src_lengths, src), 3, max_length=12)
    alone = [
        beam(model, Batch(src[:, [i]], src_lengths[[i]], src[:, [i]]), 3, max_length=12)[0] for i in range(src.size(1))
    ]
    assert together == alone


def log_probabilities(model, src, src_lengths, hypotheses):
    """log P of each tuple of target ids given one source [S, 1], from the teacher-forced logits."""
    longest = max(map(len, hypotheses))
    rows = torch.tensor([[SOS, *ids, *[PAD] * (longest - len(ids))] for ids in hypotheses]).t()
    logits = model(src.expand(-1, len(hypotheses)), src_lengths.expand(len(hypotheses)), rows, 1.0).log_softmax(-1)
    each = logits.gather(2, rows[1:].unsqueeze(2)).squeeze(2)
    return [each[: len(ids), i].sum().item() for i, ids in enumerate(hypotheses)]


@torch.no_grad()
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_a_beam_as_wide_as_all_hypotheses_finds_the_best(alpha):
    vocabulary, steps = range(6), 3
    others = [token for token in vocabulary if token != EOS]
    ended = [(*ids, EOS) for length in range(steps) for ids in itertools.product(others, repeat=length)]
    hypotheses = [*ended, *itertools.product(others, repeat=steps)]
    src, src_lengths, _ = random_batch(23, 6, batch=3)
    missed = 0
    for seed in range(8):
        model = restless("baseline", seed, tgt_vocab=len(vocabulary))
        found = beam(model, Batch(src, src_lengths, src), len(hypotheses), steps, alpha)
        by_one = greedy(model, Batch(src, src_lengths, src), steps)
        for i in range(src.size(1)):
            sums = log_probabilities(model, src[:, [i]], src_lengths[[i]], hypotheses)
            worth = [score / ((5 + len(ids)) / 6) ** alpha for score, ids in zip(sums, hypotheses, strict=True)]
            best = hypotheses[worth.index(max(worth))]
            assert found[i] == [token for token in best if token not in (PAD, EOS)]
            missed += by_one[i] != found[i]
    assert missed, "the test needs sentences that greedy search gets wrong"


def plain_beam(model, src, src_lengths, width, steps, alpha):
    """Beam search for one source as a list of (ids, sum of log-probabilities, ended), no tensor kept."""

    def worth(hypothesis):
        return hypothesis[1] / ((5 + len(hypothesis[0])) / 6) ** alpha

    kept = [((), 0.0, False)]
    for _ in range(steps):
        extended = [hypothesis for hypothesis in kept if hypothesis[2]]
        for ids, score, _ in (hypothesis for hypothesis in kept if not hypothesis[2]):
            inputs = torch.tensor([[SOS, *ids, PAD]]).t()
            gains = model(src, src_lengths, inputs, 1.0)[-1, 0].log_softmax(0).tolist()
            extended += [((*ids, token), score + gain, token == EOS) for token, gain in enumerate(gains)]
        kept = sorted(extended, key=worth, reverse=True)[:width]
    return [token for token in kept[0][0] if token not in (PAD, EOS)]


@torch.no_grad()
@pytest.mark.parametrize(("times", "width", "alpha"), [(3, 2, 0.6), (3, 3, 0.0), (5, 2, 1.0), (5, 4, 3.0)])
def test_a_narrow_beam_is_the_textbooks(times, width, alpha):
    src, src_lengths, _ = random_batch(23, 12, batch=5)
    for seed in range(5):
        model = restless("attention-dot", seed, times=times)
        found = beam(model, Batch(src, src_lengths, src), width, 8, alpha)
        for i, ids in enumerate(found):
            assert ids == plain_beam(model, src[:, [i]], src_lengths[[i]], width, 8, alpha)


def test_a_higher_length_penalty_gives_longer_sentences():
    src, src_lengths, _ = random_batch(23, 12, batch=16)
    model = restless("baseline")
    words = [sum(map(len, beam(model, Batch(src, src_lengths, src), 4, 20, alpha))) for alpha in (0.0, 1.0, 3.0)]
    assert words == sorted(words)
    assert words[0] < words[-1]


def test_a_source_of_one_token_and_a_beam_wider_than_the_vocabulary():
    src = torch.tensor([[EOS]])
    for width in (1, 5, 40):
        (ids,) = beam(restless("baseline"), Batch(src, torch.tensor([1]), src), width, max_length=5)
        assert len(ids) <= 5


@pytest.mark.parametrize("width", [0, WIDEST + 1])
def test_a_beam_needs_a_width(width):
    src = torch.tensor([[EOS]])
    sentence = rf"width is {width}; give a whole number from 1 \(greedy search\) to 1,000\.$"
    with pytest.raises(ValueError, match=sentence) as raised:
        beam(restless("baseline"), Batch(src, torch.tensor([1]), src), width)
    assert "\n" not in str(raised.value)


def test_translate_takes_the_width_of_the_beam():
    english, french = "cat dog bird child man fish", "chat chien oiseau enfant homme poisson"
    pairs = tuple(map(Pair, english.split(), french.split()))
    data = prepare(Corpus("words", "en", "fr", pairs, pairs[:1], pairs[:1]))
    torch.manual_seed(3)
    model = build_model("baseline", len(data.src.vocab), len(data.tgt.vocab), Sizes(6, 8, 2, 0.0))
    sentences = [pair.source for pair in pairs]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(5)
    plain = translate(model, data, sentences, pad_to=4)
    assert translate(model, data, sentences, pad_to=4, beam=1) == plain
    wider = translate(model, data, sentences, pad_to=4, beam=4)
    assert len(wider) == len(plain)
    assert wider != plain
    with pytest.raises(ValueError, match="width is -1"):
        translate(model, data, sentences, beam=-1)
