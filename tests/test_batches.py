"""Padding, cutting and the order of batches."""

from itertools import chain

import torch

from seq2seq_lib.data.batches import batches, collate, count_cut
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, Example


def examples(lengths):
    return [Example([*range(10, 10 + length), EOS], [SOS, *range(20, 20 + length), EOS]) for length in lengths]


def test_collate_is_time_major_and_pads_at_the_end():
    batch = collate(examples([3, 1]), pad_to=6)
    assert batch.src.t().tolist() == [[10, 11, 12, EOS, PAD, PAD], [10, EOS, PAD, PAD, PAD, PAD]]
    assert batch.tgt.t().tolist() == [[SOS, 20, 21, 22, EOS], [SOS, 20, EOS, PAD, PAD]]
    assert batch.src_lengths.tolist() == [4, 2]
    assert batch.src.is_contiguous()


def test_without_a_length_the_longest_source_decides():
    assert collate(examples([3, 1])).src.shape == (4, 2)


def test_a_long_source_is_cut_counted_and_keeps_its_end():
    pairs = examples([3, 9])
    batch = collate(pairs, pad_to=5)
    assert batch.src[:, 1].tolist() == [10, 11, 12, 13, EOS]
    assert batch.src_lengths.tolist() == [4, 5]
    assert count_cut(pairs, 5) == 1
    assert count_cut(pairs, None) == 0
    assert len(pairs[1].source) == 10


def sentence_starts(shuffle):
    pairs = [Example([10 + index, EOS], [SOS, EOS]) for index in range(20)]
    return [batch.src[0].tolist() for batch in batches(pairs, 6, shuffle=shuffle)]


def test_every_pair_comes_once_an_epoch():
    for shuffle in (None, (1, 1)):
        rows = sentence_starts(shuffle)
        assert [len(row) for row in rows] == [6, 6, 6, 2]
        assert sorted(chain(*rows)) == list(range(10, 30))


def test_seed_and_epoch_alone_fix_the_order():
    assert sentence_starts(None) == sentence_starts(None)
    assert list(chain(*sentence_starts(None))) == list(range(10, 30))
    assert sentence_starts((1, 1)) == sentence_starts((1, 1))
    assert len({str(sentence_starts(shuffle)) for shuffle in [None, (1, 1), (1, 2), (2, 1)]}) == 4
    torch.manual_seed(99)
    assert sentence_starts((1, 1)) == sentence_starts((1, 1))
