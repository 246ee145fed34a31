"""Text: tokens, vocabularies whose ids do not depend on torchtext, ids and back."""

from __future__ import annotations

import builtins
import pickle
import random
import subprocess
import sys
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from seq2seq_lib.data import tokenization, vocabulary
from seq2seq_lib.data.corpora import Corpus, load_corpus
from seq2seq_lib.data.pairs import SPLITS, Pair
from seq2seq_lib.data.tokenization import Data, Side, prepare
from seq2seq_lib.data.vocabulary import EOS, PAD, SOS, SPECIALS, UNK, Vocab, build_vocab
from seq2seq_lib.data.words import join, tokenizer

ROOT = Path(__file__).resolve().parent.parent
MULTI30K = ROOT.parent / "shared" / "corpora" / "multi30k"


def torchtext_loads() -> bool:
    try:
        vocabulary._import_torchtext()
    except ImportError:
        return False
    return True


needs_torchtext = pytest.mark.skipif(not torchtext_loads(), reason="torchtext does not load beside this torch")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(
        name="tiny",
        source_language="en",
        target_language="fr",
        train=(Pair("The cat doesn't sleep.", "Le chat ne dort pas."), Pair("The man sleeps.", "L'homme dort.")),
        valid=(Pair("The dog sleeps.", "Le chien dort."),),
        test=(Pair("Does the man sleep?", "L'homme dort-il ?"),),
    )


@pytest.fixture(scope="module")
def data(corpus) -> Data:
    return prepare(corpus)


@pytest.fixture(scope="module")
def multi30k() -> Data:
    if not MULTI30K.is_dir():
        pytest.skip("Multi30k's files do not lie beside the project")
    return prepare(load_corpus("multi30k", cache=MULTI30K, quiet=True), min_freq=2)


# Tokens


def test_tokens_are_spacys_in_lower_case():
    assert tokenizer("en")("The man doesn't see John's T-shirt.") == (
        ["the", "man", "does", "n't", "see", "john", "'s", "t", "-", "shirt", "."]
    )
    assert tokenizer("fr")("L'homme est-il là ?") == ["l'", "homme", "est", "-il", "là", "?"]


def test_lower_case_comes_after_tokenising():
    assert "st." in tokenizer("en")("In front of a Prince St. cafe.")  # "st." alone would be cut in two


def test_unknown_language_lists_the_codes_that_work():
    for code in ("zzz", "", "../en", "EN"):
        with pytest.raises(ValueError, match=r"these codes work: .*\ben, .*\bfr,") as caught:
            tokenizer(code)
        assert repr(code) in str(caught.value)


# Vocabularies


def test_order_is_specials_then_frequency_then_code_points():
    vocab = build_vocab([["b", "a", "é", "z"], ["z", "B"]], backend="plain")
    assert vocab.tokens == (*SPECIALS, "z", "B", "a", "b", "é")
    assert tuple(SPECIALS.index(token) for token in ("<pad>", "<unk>", "<sos>", "<eos>")) == (PAD, UNK, SOS, EOS)


def test_encode_and_decode_are_inverse_and_unknown_is_unk():
    vocab = build_vocab([["a", "b"]])
    assert vocab.decode(vocab.encode(["b", "a"])) == ["b", "a"]
    assert vocab.encode(["a", "never seen"])[1] == UNK
    assert vocab.decode([PAD, UNK, SOS, EOS]) == list(SPECIALS)
    assert len(vocab) == 6
    assert "a" in vocab
    assert "never seen" not in vocab


@pytest.mark.parametrize("wrong", [-1, 6])
def test_ids_outside_the_vocabulary_are_refused(wrong):
    with pytest.raises(IndexError, match=f"{wrong}.*6 tokens"):
        build_vocab([["a", "b"]]).decode([4, wrong])


def test_min_freq_counts_occurrences_not_sentences():
    lists = [["a", "a"], ["b"], ["c"], ["c"]]
    assert [len(build_vocab(lists, min_freq=n)) - len(SPECIALS) for n in (1, 2, 3)] == [3, 2, 0]


@pytest.mark.parametrize("min_freq", [0, -1, 1.5, "2"])
def test_impossible_min_freq_is_refused(min_freq):
    with pytest.raises(ValueError, match="min_freq"):
        build_vocab([["a"]], min_freq=min_freq)


def test_unknown_backend_is_refused():
    with pytest.raises(ValueError, match="auto, torchtext, plain"):
        build_vocab([["a"]], backend="dict")


@pytest.mark.parametrize("backend", ["plain", pytest.param("torchtext", marks=needs_torchtext)])
def test_specials_in_a_text_never_reach_their_ids(backend):
    vocab = build_vocab([["<pad>", "<eos>", "<sos>", "<unk>", "<pad>", "a"]], backend=backend)
    assert vocab.tokens == (*SPECIALS, "a")
    assert vocab.encode(["<pad>", "<eos>", "<sos>", "<unk>", "a"]) == [UNK, UNK, UNK, UNK, 4]
    assert "<pad>" not in vocab


def test_vocab_is_a_value():
    vocab = build_vocab([["a", "b"]])
    assert pickle.loads(pickle.dumps(vocab)) == vocab == Vocab((*SPECIALS, "a", "b"))
    assert len(repr(vocab)) < 40


# Parity with torchtext


def assert_parity(token_lists: list[list[str]], min_freq: int) -> None:
    plain, reference = (build_vocab(token_lists, min_freq, backend) for backend in ("plain", "torchtext"))
    assert plain.tokens == reference.tokens
    assert all(plain.encode(tokens) == reference.encode(tokens) for tokens in token_lists)


@needs_torchtext
@pytest.mark.parametrize("seed", range(20))
def test_plain_ids_are_torchtexts(seed):
    draw = random.Random(seed)
    words = [*SPECIALS, "l'", "homme", "Homme", "été", "etc.", " ", "日本", "🙂", "n't", "-il", *map(str, range(30))]
    lists = [draw.choices(words, k=draw.randint(0, 12)) for _ in range(40)]
    assert len(set(Counter(word for tokens in lists for word in tokens).values())) < 30  # there are ties
    for min_freq in (1, 2, 10, 1000):
        assert_parity(lists, min_freq)


@needs_torchtext
def test_plain_ids_are_torchtexts_on_sentences():
    subjects = ("Je", "Tu", "L'homme", "Qu'est-ce que le chat", "Les femmes")
    verbs = ("ne dors pas.", "dort-il ?", "<pad>")
    lists = [tokenizer("fr")(f"{subject} {verb}") for subject in subjects for verb in verbs]
    for min_freq in (1, 2):
        assert_parity(lists, min_freq)


@needs_torchtext
def test_plain_ids_are_torchtexts_on_multi30k(multi30k):
    for side, language in enumerate(("en", "fr")):
        lists = [tokenizer(language)(pair[side]) for pair in multi30k.corpus.train]
        for min_freq in (1, 2):
            assert_parity(lists, min_freq)
        assert build_vocab(lists, 2, "plain") == (multi30k.src, multi30k.tgt)[side].vocab


@pytest.mark.parametrize("failure", [OSError("undefined symbol"), ModuleNotFoundError("No module named 'torchtext'")])
def test_without_torchtext_the_ids_are_the_same(monkeypatch, corpus, data, failure):
    real = builtins.__import__

    def without_torchtext(name, *arguments, **options):
        if name.partition(".")[0] == "torchtext":
            raise failure
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_torchtext)
    with pytest.raises(ImportError):
        build_vocab([["a"]], backend="torchtext")
    assert prepare(corpus) == data


@needs_torchtext
def test_torchtext_is_used_where_it_loads_and_says_nothing():
    code = (
        "import sys\nfrom seq2seq_lib.data.tokenization import build_vocab\nassert 'torchtext' not in sys.modules\n"
        "build_vocab([['a']])\nassert 'torchtext.vocab' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "torchtext" not in (done.stdout + done.stderr).lower()


# Pairs to ids and back


def test_examples_carry_the_right_specials(data, corpus):
    for split in SPLITS:
        examples, pairs = getattr(data, split), getattr(corpus, split)
        assert len(examples) == len(pairs)
        for example, pair in zip(examples, pairs, strict=True):
            assert example.source == [*data.src.encode(pair.source), EOS]
            assert example.target == [SOS, *data.tgt.encode(pair.target), EOS]


def test_vocabularies_come_from_the_training_split_alone(data):
    assert "cat" in data.src.vocab
    assert "dog" not in data.src.vocab
    assert "chien" not in data.tgt.vocab
    assert data.valid[0].source == [data.src.vocab.encode(["the"])[0], UNK, *data.src.encode("sleeps."), EOS]


def test_each_sentence_is_tokenised_once(monkeypatch, corpus):
    seen = Counter()

    def counting(language):
        return lambda sentence: seen.update([sentence]) or sentence.split()

    monkeypatch.setattr(tokenization.words, "tokenizer", counting)
    prepare(corpus)
    assert set(seen.values()) == {1}
    assert len(seen) == 8


def numbered(pairs):
    """Sentences of ten words out of a thousand."""
    made = [Pair(*(" ".join(f"{side}{7 * n * (i + 1) % 1_000}" for i in range(10)) for side in "st")) for n in pairs]
    return Corpus("numbered", "en", "fr", tuple(made), tuple(made[:1]), tuple(made[:1]))


def peak_of(corpus):
    """Bytes that Python holds at most while it prepares the corpus."""
    tracemalloc.start()
    prepare(corpus)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_is_that_of_the_ids_and_not_of_the_tokens(monkeypatch):
    """A pair of ten words holds 2 x 11 ids, 8 bytes each, in four Python objects; its tokens would be 20 more."""
    monkeypatch.setattr(tokenization.words, "tokenizer", lambda language: str.split)
    few, many = (peak_of(numbered(range(count))) for count in (1_000, 5_000))
    assert (many - few) / 4_000 < 800


def test_white_space_that_training_lacks_is_no_word(corpus):
    """A double space is a token of spaCy's; in held-out text it is left out, as it is no unknown word."""
    untidy = Pair("The  cat sleeps.", "Le  chat dort.")
    data = prepare(replace(corpus, valid=(untidy,)))
    assert data.valid[0].source == [*data.src.encode("The cat sleeps."), EOS]
    seen = prepare(replace(corpus, train=(untidy, *corpus.train), valid=(untidy,)))
    assert seen.valid[0].source == [*seen.src.vocab.encode(["the", " ", "cat", "sleeps", "."]), EOS]


def test_tokenising_a_large_corpus_shows_how_far_it_is(monkeypatch, corpus, capsys):
    expected = prepare(corpus)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(tokenization, "LONG_JOB", 3)
    data = prepare(corpus)
    assert (data.train, data.valid, data.test, data.src.vocab) == (
        expected.train, expected.valid, expected.test, expected.src.vocab,
    )  # fmt: skip
    said = capsys.readouterr().err
    assert "Tokenising en: 100%" in said
    assert "Tokenising fr: 100%" in said


def test_sentences_come_back_readable(data, corpus):
    assert data.tgt.decode(data.train[1].target) == "l'homme dort."
    assert data.src.decode(data.train[0].source) == "the cat doesn't sleep."


def test_decoding_stops_at_eos_drops_padding_and_shows_unknowns(data):
    ids = [SOS, *data.tgt.encode("Le zèbre dort."), EOS, *data.tgt.encode("chat"), PAD, PAD]
    assert data.tgt.decode(ids) == "le ⁇ dort."
    assert data.tgt.decode([SOS, PAD, EOS]) == ""
    assert data.tgt.decode([]) == ""


def test_decoding_takes_tensors(data):
    torch = pytest.importorskip("torch")
    assert data.tgt.decode(torch.tensor(data.train[1].target)) == "l'homme dort."


def test_typed_sentences_may_be_untidy(data):
    tidy = data.tgt.encode("Le chat dort .")
    assert data.tgt.encode("  Le \xa0chat\n dort\u202f. ") == tidy
    assert UNK not in tidy
    accents = Side("fr", build_vocab([["café"]]))
    assert accents.encode("Cafe\u0301") == [4]
    assert accents.encode("") == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "she doesn't know it's john's t-shirt, does she?"),
        ("en", 'a man (in blue) says "go now"; he can\'t.'),
        ("fr", "l'homme n'est-il pas là, aujourd'hui ?"),
        ("fr", "qu'est-ce que c'est : y a-t-il un t-shirt (bleu) ?"),
        ("fr", 'j’ai vu "le chat" et l’ours !'),
        ("de", "der mann (alt) schläft."),
    ],
)
def test_joining_undoes_tokenising(language, sentence):
    assert join(tokenizer(language)(sentence), language) == sentence


def test_data_is_a_value_with_a_fingerprint(data, corpus):
    assert pickle.loads(pickle.dumps(data)) == data
    assert len(repr(data)) < 200
    others = [replace(data, min_freq=2), replace(data, corpus=replace(corpus, test=()))]
    assert len({data.fingerprint, *(other.fingerprint for other in others)}) == 3
    assert prepare(replace(corpus, name="renamed")).fingerprint == data.fingerprint


def test_min_freq_that_leaves_no_word_is_refused(corpus):
    with pytest.raises(ValueError, match=r"min_freq=9 .*'en'"):
        prepare(corpus, min_freq=9)


# Multi30k


def test_multi30k_has_its_known_vocabulary(multi30k):
    assert len(multi30k.src.vocab) == 5_893
    counts = Counter(token for pair in multi30k.corpus.train for token in tokenizer("en")(pair.source))
    assert 4 + sum(count >= 2 for count in counts.values()) == 5_893
    assert all(example.source.count(EOS) == 1 and PAD not in example.source for example in multi30k.train)


def test_multi30k_references_survive_tokenising_and_joining(multi30k):
    """So that BLEU against the lower-cased reference measures the model and not the joining."""
    references = [" ".join(pair.target.lower().split()) for pair in multi30k.corpus.test]
    joined = [join(tokenizer("fr")(pair.target), "fr") for pair in multi30k.corpus.test]
    assert sum(a != b for a, b in zip(references, joined, strict=True)) <= len(references) // 200
