"""Clauses: subject and verb phrase in both languages, questions, infinitives, sentences with times."""

from . import english, french
from .core import Grammar, Phrase, Tok, fr
from .english import Group
from .lexicon import Verb
from .phrases import subject as any_subject
from .verbs import (
    ASPECTS,
    REFLEXIVE,
    VerbPhrase,
    choose_verb,
    clitic_tokens,
    french_group,
    verb_phrase,
)

BE = Verb(en="be", fr="être")
NEGATION_WEIGHTS = {"": 84, "not": 9, "never": 4, "no longer": 3}


def english_group(g: Grammar, verb: str, subject, tense: str, negation: str) -> Group:
    if negation:
        return english.negated(verb, subject, tense, negation, g.chance(0.5))
    return english.group(verb, subject, tense)


def clause(g: Grammar, subject, vp: VerbPhrase, tense: str, negation="", freq=None, pdo=None, hide=False) -> Phrase:
    """A finite clause; `hide` leaves the subject out (relative qui), `pdo` is an object that stands before it."""
    group = english_group(g, vp.verb.en, subject, tense, negation)
    adverb = freq["en"].split() if freq else []
    words = [*group.aux, *adverb, *group.main, *vp.english_tail(), *group.tail]
    middle = fr(freq["fr"]) if freq else []
    verb_group = french_group(vp, subject, tense, negation, middle, pdo)
    tokens = verb_group.fr + vp.french_tail()
    tags = verb_group.tags | vp.tags()
    if hide:
        return Phrase(words, tokens, tags)
    return Phrase([*subject.en, *words], subject.fr + tokens, tags | subject.tags)


def infinitive(vp: VerbPhrase, subject) -> Phrase:
    """The bare infinitive with its complements; its clitics stand before it and follow the subject."""
    tokens = [*clitic_tokens(vp, subject), Tok(vp.verb.fr), *infinitive_adverb(vp), *vp.french_tail()]
    return Phrase([*vp.verb.en.split(), *vp.english_tail()], tokens, vp.tags() | {"infinitive"})


def infinitive_adverb(vp: VerbPhrase) -> list[Tok]:
    return fr(vp.adverb["fr"]) if vp.adverb and vp.adverb["early"] else []


def question(g: Grammar, subject, vp: VerbPhrase, tense: str, style: str, wh=None, pdo=None) -> Phrase:
    """style: est-ce-que or inversion. `wh` is the phrase asked with, in front on both sides."""
    wh = wh or Phrase()
    group = english.group(vp.verb.en, subject, tense, support=True)
    words = [*wh.en, *group.aux, *subject.en, *group.main, *vp.english_tail(), *group.tail, "?"]
    inverted = style == "inversion"
    verb_group = french_group(vp, subject, tense, pdo=pdo, inverted=inverted)
    opening = [] if inverted else fr("est -ce que")
    said = [] if inverted and subject.kind == "pronoun" else subject.fr
    tokens = wh.fr + opening + said + verb_group.fr + vp.french_tail() + fr("?")
    tags = verb_group.tags | vp.tags() | subject.tags | wh.tags | {f"question-{style}"}
    return Phrase(words, tokens, tags)


def sentence(*parts: Phrase, tags: str = "") -> Phrase:
    """Parts in one order on both sides; a string is punctuation or a word that both sides share."""
    out = Phrase(tags=set(tags.split()))
    for part in parts:
        if isinstance(part, str):
            out.en, out.fr = out.en + part.split(), out.fr + fr(part)
        else:
            out.en, out.fr, out.tags = out.en + part.en, out.fr + part.fr, out.tags | part.tags
    return out


def timed(g: Grammar, body: Phrase, when: Phrase | None, end: str = ".", front: float = 0.3) -> Phrase:
    """The clause with its time behind it, or in front with a comma."""
    if when is None:
        return sentence(body, end)
    if g.chance(front):
        return sentence(when, ",", body, end)
    return sentence(body, when, end)


def pick_tense(g: Grammar, verb: Verb) -> str:
    tenses = ASPECTS["unwilled" if "unwilled" in verb.flags and verb.aspect == "p" else verb.aspect]
    return g.pick([t for t in tenses if not (t in ("used", "progressive") and "clock" in verb.flags)])


def simple(g: Grammar, verb=None, tense=None, negation="", subject=None, aspects="heps", pronouns=0.25, place=0.5):
    """Choose verb, subject, tense and complements: (subject, vp, tense)."""
    verb = verb or choose_verb(g, aspects, lambda v: possible(v, tense))
    tense = settled(verb, tense)
    subject = subject or any_subject(g, verb.subject, pronouns)
    tense = tense or pick_tense(g, verb)
    return subject, verb_phrase(g, verb, subject, tense, negation, place), tense


def settled(verb: Verb, tense: str | None) -> str | None:
    """What is not willed is not announced."""
    return "past" if tense == "future" and "unwilled" in verb.flags else tense


def possible(verb: Verb, tense) -> bool:
    """Nobody plans what is not willed, and getting up is no former habit."""
    return not (tense == "future" and "unwilled" in verb.flags) and not (
        tense in ("used", "progressive") and "clock" in verb.flags
    )


def copula(g: Grammar, subject, tense: str, complement: Phrase, negation: str = "") -> Phrase:
    """subject + be + complement."""
    group = english_group(g, "be", subject, tense, negation)
    verb_group = french_group(VerbPhrase(BE), subject, tense, negation)
    words = [*subject.en, *group.aux, *group.main, *complement.en, *group.tail]
    return Phrase(words, subject.fr + verb_group.fr + complement.fr, subject.tags | verb_group.tags | complement.tags)


def imperative(g: Grammar, vp: VerbPhrase, slot: int, negation: bool = False) -> Phrase:
    """An order to tu (1), us (3) or vous (4), without clitics."""
    opening = ["let", "'s"] if slot == 3 else []
    refusal = (["not"] if slot == 3 else ["do", "n't"]) if negation else []
    form = Tok(french.imperative(vp.verb.fr, slot))
    tokens = [Tok("ne"), form, Tok("pas")] if negation else [form]
    if vp.verb.reflexive:
        assert negation, "reflexive orders only under negation"
        tokens.insert(1, Tok(REFLEXIVE[slot]))
    tags = vp.tags() | {"imperative"} | ({"negation"} if negation else set())
    return Phrase([*opening, *refusal, *vp.verb.en.split(), *vp.english_tail()], tokens + vp.french_tail(), tags)
