"""Any language: joining undoes splitting, subwords, apostrophes, capitals, copies, lengths, three-way tying."""

import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq_lib import PROFILES, Corpus, Pair, Sizes, load_corpus, prepare, run_study
from seq2seq_lib.config import ConfigError, Schedule
from seq2seq_lib.data import words
from seq2seq_lib.data.dataset import load_data, save_data
from seq2seq_lib.data.subwords import Subwords, train_subwords
from seq2seq_lib.data.vocabulary import EOS, SOS, SPECIALS, UNK, Example
from seq2seq_lib.evaluation.metrics import bleu
from seq2seq_lib.evaluation.translation import cased_like, copied, translate_as_typed
from seq2seq_lib.models.seq2seq import count_parameters
from seq2seq_lib.models.variants import WITH_ONE_VOCABULARY, find_variant

CASES = Path(__file__).resolve().parent.parent.parent / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the cases do not lie beside the project")


@cache
def tokenized_languages() -> list[str]:
    """Those that spaCy splits by itself; it takes seconds to ask for all."""
    return [language for language in words.language_codes() if words.has_tokenizer(language)]


SENTENCES = (
    '¿Tienes un perro? — Sí, "claro"; l\'homme (et) 3,5 kg - ok.',
    "Wo ist das Haus? „Gut“, sagte er…",
    "don’t “do” it: a/b & c-d !  «  x »",
    "그는 웃었다. 정말? 私は学生です。 ฉันรักเธอ 你好,世界 abc 你",
    "U.S.A. e.g. 10:30pm 5€ #tag @me http://a.b/c?d=1 x￭y ￭ ␣z",
)
TEXTS = st.text(
    st.one_of(st.sampled_from("abcé ßñç'’\"-.,;:!?¿¡()[]{}«»„“… 10%€$@#/\\"), st.characters(exclude_categories=("C",))),
    max_size=40,
)


def test_joining_undoes_splitting_in_every_language():
    assert len(tokenized_languages()) > 70
    for language in tokenized_languages():
        for sentence in SENTENCES:
            assert words.join(words.split(sentence, language), language) == " ".join(sentence.split()).lower(), language


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.deferred(lambda: st.sampled_from(tokenized_languages())), TEXTS)
def test_a_perfect_translation_has_bleu_100_in_every_language(language, text):
    reference = " ".join(text.split())
    joined = words.join(words.split(text, language), language)
    if bleu([reference], [reference]).score > 99:  # shorter than four words it has less, whatever is compared
        assert bleu([joined], [reference]).score == pytest.approx(100)
    assert joined.casefold() == reference.lower().casefold()


def test_english_and_french_vocabularies_hold_plain_words():
    data = prepare(corpus_of([("The dog (a cat) - it's here.", "L'homme dit : « oui » !")] * 3))
    for side in (data.src, data.tgt):
        assert not [token for token in side.vocab.tokens if token[0] in (words.GLUED, words.SPACED)]


def corpus_of(pairs, languages=("en", "fr")):
    pairs = tuple(Pair(*pair) for pair in pairs)
    return Corpus("made", *languages, pairs, pairs[:2], pairs[:2])


# Subwords


def test_subwords_undo_and_have_no_more_than_asked_for():
    sentences = [*SENTENCES, "the lower the low the lowest"] * 3
    subwords = train_subwords(sentences, 150)
    assert len(subwords.tokens) <= 150
    for sentence in sentences:
        assert Subwords.join(subwords.split(sentence)) == " ".join(sentence.split()).lower()
    assert subwords.split("the low") == ["▁the", "▁low"]
    with pytest.raises(ValueError, match="fewer than the"):
        train_subwords(sentences, 20)


def test_what_training_lacks_is_named_and_unknown():
    subwords = train_subwords(["a b c", "b c d"], 20)
    assert subwords.split("a zebra") == ["▁a", "▁", "z", "e", "b", "r", "a"] or "z" in subwords.split("a zebra")
    data = prepare(corpus_of([("a b c", "a b"), ("b c d", "b c")]), subwords=20)
    assert UNK in data.src.encode("z")
    assert [token for token in data.src.tokens("a z <unk> <pad>") if token not in data.src.vocab]
    assert not {0, 2, 3} & set(data.src.encode("a <pad> <sos> <eos>"))


def test_subwords_come_from_the_training_split_alone_and_count_for_the_fingerprint():
    pairs = tuple(Pair(f"word {n}", f"mot {n}") for n in range(9))
    corpus = Corpus("made", "en", "fr", pairs, (Pair("zzz", "zzz"),), (Pair("zzz", "zzz"),))
    data = prepare(corpus, subwords=30)
    assert "z" not in data.src.subwords.characters
    assert len({prepare(corpus, subwords=size).fingerprint for size in (20, 30)} | {prepare(corpus).fingerprint}) == 3


def test_a_shared_vocabulary_is_one():
    data = prepare(corpus_of([("le train", "le train"), ("the man", "l'homme")]), subwords=60, shared=True)
    assert data.src.vocab is data.tgt.vocab
    assert data.src.encode("le train") == data.tgt.encode("le train")


def test_subwords_survive_packing_and_pickling(tmp_path):
    import pickle

    data = prepare(corpus_of([("le train", "le train"), ("the man", "l'homme")]), subwords=60, shared=True)
    save_data(data, tmp_path / "packed.json.gz")
    for again in (load_data(tmp_path / "packed.json.gz"), pickle.loads(pickle.dumps(data))):
        assert again == data
        assert again.src.tokens("the train") == data.src.tokens("the train")


@pytest.mark.parametrize("language", ["ko", "ja", "th", "vi"])
def test_a_language_that_spacy_needs_a_package_for_goes_by_subwords_and_says_so(language, capsys):
    sentence = {"ko": "나는 달린다.", "ja": "私は学生です。", "th": "ฉันรักเธอ", "vi": "Tôi là sinh viên."}[language]
    data = prepare(corpus_of([(sentence, "I run."), ("그!私ฉT", "Go!")], (language, "en")))
    assert f"{language}: split into subwords" in capsys.readouterr().out
    assert data.tgt.subwords is None
    assert Subwords.join(data.src.tokens(sentence)) == sentence.lower()


# Look-up, capitals, copies, lengths


def test_both_apostrophes_are_one_sign():
    data = prepare(corpus_of([("I don't know it's here.", "Je n'ai pas d’or.")] * 2))
    assert data.src.encode("I don’t know it’s here.") == data.src.encode("I don't know it's here.")
    assert data.tgt.encode("Je n’ai pas d'or.") == data.tgt.encode("Je n'ai pas d’or.")
    assert UNK not in data.src.encode("I don’t know")


@pytest.mark.parametrize(
    ("translation", "sentence", "expected"),
    [
        ("l'homme dort.", "The man sleeps.", "L'homme dort."),
        ("¿dónde está?", "Where is it?", "¿Dónde está?"),
        ("l'homme", "the man", "l'homme"),
        ("«oui»", "“Yes”", "«Oui»"),
        ("⁇ dort", "Zorro sleeps", "⁇ dort"),
        ("", "Yes", ""),
        ("3 hommes", "Three men", "3 Hommes"),
    ],
)
def test_a_sentences_first_letter_comes_back(translation, sentence, expected):
    assert cased_like(translation, sentence) == expected


@pytest.mark.parametrize(
    ("translation", "sentence", "expected"),
    [
        ("ces lettres ? elle les a lues.", "These letters? She read them.", "Ces lettres ? Elle les a lues."),
        ("l'amie de zoé dort.", "Is Zoé's friend asleep?", "L'amie de Zoé dort."),
        ("la sœur de paul vit à londres.", "Paul's sister lives in London.", "La sœur de Paul vit à Londres."),
        ("il aime l'angleterre, claire.", "he likes England, Claire.", "il aime l'Angleterre, Claire."),
        ("une eau claire.", "Clear water.", "Une eau claire."),
        ("le chat", "THE CHAT", "Le chat"),
    ],
)
def test_names_get_their_capitals_back(translation, sentence, expected):
    training = ["Paul vit à Londres.", "Oui, Londres.", "L'Angleterre ? Elle est claire.", "Il dit : claire, Claire."]
    capitals = words.capitals(training)
    assert capitals == {"londres": "Londres", "angleterre": "Angleterre"}
    assert cased_like(translation, sentence, {**capitals, "paul": "Paul"}) == expected


@pytest.mark.parametrize(
    ("translation", "sentence", "expected"),
    [
        ("chloé dort.", unicodedata.normalize("NFD", "The cat of Chloé sleeps."), "Chloé dort."),
        ("il voit jean-pierre.", "He sees Jean-Pierre.", "Il voit Jean-Pierre."),
        ("il voit (zoé).", "He sees (Zoé).", "Il voit (Zoé)."),
        ("il voit zoé.", "He sees\u00a0Zoé.", "Il voit Zoé."),
        ("elle a une voiture.", "She has A car.", "Elle a une voiture."),
    ],
)
def test_a_copied_name_keeps_the_capitals_it_was_typed_with(translation, sentence, expected):
    assert cased_like(translation, sentence) == expected


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("A man runs. Two dogs sleep!  3 cats eat?", ["A man runs.", "Two dogs sleep!", "3 cats eat?"]),
        ("Mr. Smith met Dr. Brown. He left.", ["Mr. Smith met Dr. Brown.", "He left."]),
        ('"Go!" she said.', ['"Go!" she said.']),
        ("Wait... what?", ["Wait... what?"]),
        ("\ufeffA\u00a0man", ["A man"]),
        ("  ", []),
    ],
)
def test_a_text_is_cut_into_sentences(text, sentences):
    assert words.sentences(text, "en") == sentences


def test_a_text_in_a_language_without_a_tokenizer_is_one_sentence():
    assert words.sentences("A b. C d.", "xx-none") == ["A b. C d."]


@pytest.mark.parametrize("name", ["attention-dot", "attention-bahdanau", "together"])
def test_an_unknown_word_is_the_one_that_was_looked_at(name, monkeypatch):
    model = find_variant(name).build(9, 9, Sizes(embedding=4, hidden=6, layers=2, dropout=0.0)).eval()
    looks = torch.zeros(1, 3, 5)
    looks[0, 0, 1] = looks[0, 1, 2] = looks[0, 2, 0] = 1.0
    monkeypatch.setattr(type(model.decoder), "attend", lambda *args: looks)
    source = Example([4, 5, 6, EOS], [SOS, EOS])
    assert copied(model, [UNK, 7, UNK], source, ["one", "two", "three"], 5) == ["two", "one"]
    assert copied(model, [7, 8], source, ["one", "two", "three"], 5) == []
    assert copied(find_variant("baseline").build(9, 9, Sizes(4, 4, 2)), [UNK], source, ["one"], None) == []


def test_a_reversed_source_is_copied_from_where_its_words_were_read(monkeypatch):
    from functools import partial

    from seq2seq_lib.models.decoders import AttentionDecoder
    from seq2seq_lib.models.encoders import LSTMEncoder, reversed_tokens
    from seq2seq_lib.models.variant import Variant

    turned = Variant("encoder", "", "", partial(LSTMEncoder, reading=reversed_tokens), decoder=AttentionDecoder)
    model = turned.build(9, 9, Sizes(embedding=4, hidden=6, layers=2, dropout=0.0)).eval()
    looks = torch.zeros(1, 1, 5)
    looks[0, 0, 1] = 1.0  # EOS is read first, then the last word
    monkeypatch.setattr(AttentionDecoder, "attend", lambda *args: looks)
    assert copied(model, [UNK], Example([4, 5, 6, EOS], [SOS, EOS]), ["one", "two", "three"], 5) == ["three"]


def tiny(corpus: str, **changes):
    return replace(
        PROFILES["quick"], name="tiny", corpus=corpus, sizes=Sizes(embedding=32, hidden=64, layers=1, dropout=0.0),
        schedule=Schedule(epochs=40, batch_size=16, pad_to=None, learning_rate=1e-2, log_every=100, cooldown=0.4),
        seeds=(1,), train_pairs=None, valid_pairs=None, test_pairs=None, **changes,
    )  # fmt: skip


def learned_by_heart(data, tmp_path, epochs: int):
    """The record of a study whose test split is its training split."""
    data = replace(data, corpus=replace(data.corpus, test=data.corpus.train), test=data.train)
    profile = tiny("made")
    profile = replace(profile, schedule=replace(profile.schedule, epochs=epochs))
    study = run_study("enc_dec", profile, variants=["attention-qkv"], data=data, n_jobs=1, folder=tmp_path)
    return study, data


def hundred_pairs(languages):
    subjects = {"ko": ["나는", "너는", "그는", "우리는", "그들은"], "en": ["I", "you", "he", "we", "they"]}
    objects = {"ko": ["사과를", "물을", "책을", "집을"], "en": ["apples", "water", "books", "houses"]}
    verbs = {
        "ko": ["본다.", "원한다.", "산다!", "판다?", "잊는다."],
        "en": ["saw.", "wanted.", "bought!", "sold?", "forgot."],
    }
    source, target = languages
    order = {"en": "{s} {v} {o}", "ko": "{s} {o} {v}"}
    rows = []
    for s in range(5):
        for o in range(4):
            for v in range(5):
                sides = []
                for language in (source, target):
                    verb = verbs[language][v]
                    end, verb = verb[-1], verb[:-1]
                    words_of = {"s": subjects[language][s], "o": objects[language][o], "v": verb}
                    sides.append(order[language].format(**words_of) + end)
                rows.append(tuple(sides))
    return rows


@pytest.mark.parametrize("languages", [("ko", "en"), ("en", "ko")])
def test_a_korean_study_is_learned_by_heart(tmp_path, languages):
    data = prepare(corpus_of(hundred_pairs(languages), languages))
    study, data = learned_by_heart(data, tmp_path, epochs=25)
    assert study.record("attention-qkv")["test"]["exact"] == 1.0
    assert study.record("attention-qkv")["test"]["bleu"] == pytest.approx(100)
    first = data.corpus.train[0]
    assert (
        translate_as_typed(study.model("attention-qkv"), data, [first.source])[0].text.lower() == first.target.lower()
    )


@needs_cases
def test_a_german_spanish_study_is_learned_by_heart(tmp_path):
    corpus = load_corpus(CASES / "languages" / "pairs_de_es.tsv", source_language="de", target_language="es")
    study, _ = learned_by_heart(prepare(corpus), tmp_path, epochs=25)
    assert study.record("attention-qkv")["test"]["exact"] == 1.0
    assert study.record("attention-qkv")["test"]["bleu"] == pytest.approx(100)


@needs_cases
def test_the_limit_of_a_translation_follows_the_data(tmp_path, capsys):
    data = prepare(load_corpus(CASES / "languages" / "long_targets.tsv"))
    assert data.max_length > 70
    study, _ = learned_by_heart(data, tmp_path, epochs=12)
    assert study.record("attention-qkv")["test"]["exact"] == 1.0
    assert study.record("attention-qkv")["cut"] == {"sources": 0, "translations": 0}


# Three-way tying


def test_three_way_tying_shares_one_table_and_needs_one_vocabulary():
    sizes = Sizes(embedding=8, hidden=8, layers=2)
    model = WITH_ONE_VOCABULARY["three-way-tied"].build(50, 50, sizes)
    assert model.encoder.embedding.weight is model.decoder.embedding.weight is model.decoder.output.weight
    assert count_parameters(find_variant("tied").build(50, 50, sizes)) - count_parameters(model) == 50 * 8
    with pytest.raises(ConfigError, match="needs one vocabulary for both languages, and these have 50 and 51"):
        WITH_ONE_VOCABULARY["three-way-tied"].build(50, 51, sizes)


def test_a_study_over_shared_subwords_stores_them(tmp_path, capsys):
    data = prepare(corpus_of(hundred_pairs(("en", "ko"))[:40]), subwords=60, shared=True)
    profile = replace(tiny("made"), schedule=Schedule(epochs=1, batch_size=16, pad_to=None, log_every=10))
    names = ["baseline", "tied", "three-way-tied"]
    study = run_study("decoder", profile, variants=names, data=data, n_jobs=1, folder=tmp_path)
    for record in study.records:
        assert Subwords.from_json(record["subwords"]["shared"]) == data.src.subwords
    model = study.model("three-way-tied")
    assert model.encoder.embedding.weight is model.decoder.output.weight
    assert len(SPECIALS) + len(data.src.subwords.tokens) >= len(data.src.vocab)


def test_languages_without_spaces_are_scored_by_character():
    japanese = "私は学生です。"
    assert bleu([japanese], [japanese], "ja").score == pytest.approx(100)
    assert bleu([japanese], [japanese], "en").score < 100, "one word has no n-grams of four"
    assert "tok:zh" in bleu(["你好世界"], ["你好世界"], "zh").signature
