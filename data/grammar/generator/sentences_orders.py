"""Orders, and people who are addressed: tu after a first name, vous after Ladies or Sir."""

from . import adjuncts
from .clauses import clause, copula, imperative, sentence, settled
from .core import Grammar, Phrase, compose, fr
from .french import takes_etre
from .phrases import name, pronoun
from .registry import pattern
from .sentences_qualities import degree_of, human_adjective
from .verbs import choose_verb, verb_phrase


@pattern(1.8)
def quality_of_group(g: Grammar) -> Phrase:
    """Gentlemen, you are very patient: the vocative tells gender and number."""
    english_word, french_words, gender, plural = g.pick(VOCATIVES)
    if g.chance(0.4):
        called = name(g)
        np, tag = pronoun(g, 1, called.gender), "tu"
    else:
        called = Phrase([english_word], fr(french_words))
        np, tag = pronoun(g, 4, gender), "vous"
        np.plural = plural
    adjective = human_adjective(g, np)
    body = copula(g, np, g.weighted({"present": 5, "state-past": 2}), degree_of(g, adjective, np))
    return compose("{c} , {b} .", "{c} , {b} .", f"vocative {tag}", c=called, b=body)


VOCATIVES = [("Ladies", "Mesdames", "f", True), ("Gentlemen", "Messieurs", "m", True), ("Sir", "Monsieur", "m", False)]


VOCATIVES += [
    ("Madam", "Madame", "f", False),
    ("Children", "Les enfants", "m", True),
    ("Girls", "Les filles", "f", True),
]


def order_verb(g: Grammar, reflexive: bool = False):
    bad = ("laugh", "smile", "sell", "arrive", "serve", "give", "treat", "hunt", "teach", "know", "live", "come")

    def fits(verb) -> bool:
        human = "name" in verb.subject or "kin" in verb.subject
        return human and "unwilled" not in verb.flags and verb.en not in bad and verb.reflexive == reflexive

    return choose_verb(g, "hep", fits)


def ordered(g: Grammar, slot: int, negation: bool) -> Phrase:
    """An order; what is forbidden may be reflexive (ne vous dépêchez pas)."""
    verb = order_verb(g, negation and g.chance(0.25))
    who = pronoun(g, slot)
    vp = verb_phrase(g, verb, who, "future", "not" if negation else "", place=0.3)
    vp.adverb = None if negation else vp.adverb
    for part in (vp.object, vp.recipient):
        if part and part.kind == "noun" and "vous" in part.tags:
            return None
    return imperative(g, vp, slot, negation)


@pattern(2)
def order(g: Grammar) -> Phrase:
    """vous, with please; or let's."""
    if g.chance(0.35):
        body = ordered(g, 3, g.chance(0.25))
        return body and sentence(body, ".")
    body = ordered(g, 4, g.chance(0.3))
    if body is None:
        return None
    return compose("{b} , please .", "{b} , s' il vous plaît .", "vous", b=body)


@pattern(1.8)
def order_to_friend(g: Grammar) -> Phrase:
    """tu, cued by a first name."""
    body = ordered(g, 1, g.chance(0.4))
    return body and compose("{n} , {b} .", "{n} , {b} .", "tu vocative", n=name(g), b=body)


@pattern(2)
def friend_addressed(g: Grammar) -> Phrase:
    """Paul, you ...: tu, whose gender the name tells."""
    called = name(g)
    who = pronoun(g, 1, called.gender)
    verb = choose_verb(g, "hep", lambda v: "name" in v.subject)
    vp_tense = settled(
        verb, g.pick(["past", "future", "present"]) if verb.aspect == "h" else g.pick(["past", "future"])
    )
    body = clause(g, who, verb_phrase(g, verb, who, vp_tense), vp_tense)
    return compose(
        "{n} , {b} {t} .", "{n} , {b} {t} .", "vocative", n=called, b=body, t=adjuncts.time(g, vp_tense, verb)
    )


@pattern(1.6)
def group_addressed(g: Grammar) -> Phrase:
    """Ladies, you ...: vous, whose gender and number the vocative tells."""
    english_word, french_words, gender, plural = g.pick(VOCATIVES)
    who = pronoun(g, 4, gender)
    who.plural = plural
    verb = choose_verb(g, "hep", lambda v: "name" in v.subject and (v.reflexive or takes_etre(v.fr) or g.chance(0.2)))
    tense = settled(verb, g.pick(["past", "past", "future"]))
    body = clause(g, who, verb_phrase(g, verb, who, tense), tense)
    called = Phrase([english_word], fr(french_words), {"vocative"})
    return compose("{n} , {b} {t} .", "{n} , {b} {t} .", n=called, b=body, t=adjuncts.time(g, tense, verb))
