"""Statements about actions: all tenses, negation, motion, reflexives, habits, orders."""

from . import adjuncts
from .chains import chained, willed
from .clauses import clause, sentence, settled, simple, timed
from .core import Grammar, NounPhrase, Phrase, Tok, fr
from .french import takes_etre
from .phrases import HUMAN, attribute, coordinate, name, noun_phrase, plurality, same, subject
from .registry import pattern
from .verbs import choose_verb, french_group, verb_phrase

TIME_CHANCE = {"present": 1, "progressive": 0.35, "used": 0.6, "past": 0.85, "future": 0.9}


def time_for(g: Grammar, tense: str, verb, negation: str = ""):
    if verb.aspect == "s" or tense not in TIME_CHANCE or not g.chance(TIME_CHANCE[tense]):
        return None
    if negation and tense in ("past", "future"):  # not three days ago
        return adjuncts.listed_time(g, tense, verb)
    return adjuncts.time(g, tense, verb)


def frequency(g: Grammar) -> dict:
    return g.pick([row for row in g.lex.adverbs if row["kind"] == "frequency"])


def statement(g: Grammar, **choices) -> Phrase:
    who, vp, tense = simple(g, **choices)
    return timed(
        g,
        clause(g, who, vp, tense, choices.get("negation", "")),
        time_for(g, tense, vp.verb, choices.get("negation", "")),
    )


@pattern(5)
def action(g: Grammar) -> Phrase:
    return statement(g, aspects="hep")


@pattern(2)
def past_action(g: Grammar) -> Phrase:
    return statement(g, aspects="hep", tense="past")


@pattern(2)
def future_action(g: Grammar) -> Phrase:
    return statement(g, aspects="hep", tense="future")


@pattern(2)
def habit_then(g: Grammar) -> Phrase:
    return statement(g, aspects="h", tense="used")


@pattern(2)
def state(g: Grammar) -> Phrase:
    return statement(g, aspects="s")


@pattern(2.5)
def often(g: Grammar) -> Phrase:
    who, vp, tense = simple(g, aspects="h", tense="present")
    vp.adverb = vp.adverb if "clock" in vp.verb.flags else None
    body = clause(g, who, vp, tense, freq=frequency(g))
    return None if "number" in body.tags else sentence(body, ".")  # nobody often grows six apricots


@pattern(3)
def motion(g: Grammar) -> Phrase:
    verb = choose_verb(g, "hep", lambda v: takes_etre(v.fr))
    return statement(g, verb=verb, tense=g.weighted({"past": 4, "future": 1}), pronouns=0.15, place=0.6)


@pattern(3)
def reflexive(g: Grammar) -> Phrase:
    return statement(g, verb=choose_verb(g, "hep", lambda v: v.reflexive), place=0.6)


@pattern(3)
def negative(g: Grammar) -> Phrase:
    tense = g.pick(["past", "past", "future", "progressive", "state"])
    if tense == "state":
        return statement(g, aspects="s", negation="not")
    return statement(g, aspects="hep" if tense != "progressive" else "he", tense=tense, negation="not", place=0.3)


@pattern(4.6)
def never(g: Grammar) -> Phrase:
    if g.chance(0.5):
        who, vp, _ = simple(g, aspects="h", tense="present", negation="never")
        return sentence(clause(g, who, vp, "present", "never"), ".")
    verb = choose_verb(g, "hep", lambda v: v.en not in ("leave", "arrive", "come in", "answer"))
    who, vp, _ = simple(g, verb=verb, tense="past", negation="never")
    return sentence(clause(g, who, vp, "perfect", "never"), ".")


@pattern(4.6)
def no_longer(g: Grammar) -> Phrase:
    verb = choose_verb(g, "hs", lambda v: v.en not in ("remember", "look like") and "clock" not in v.flags)
    who, vp, tense = simple(g, verb=verb, tense="present", negation="no longer")
    return sentence(clause(g, who, vp, tense, "no longer"), ".")


@pattern(4.6)
def nothing(g: Grammar) -> Phrase:
    some = [
        "eat",
        "drink",
        "buy",
        "find",
        "read",
        "write",
        "understand",
        "prepare",
        "sell",
        "receive",
        "forget",
        "hide",
        "borrow",
        "lose",
        "break",
    ]
    return missing(g, "nothing", choose_verb(g, "hep", lambda v: v.en in some and not v.recipient))


@pattern(2.2)
def nobody(g: Grammar) -> Phrase:
    some = ["meet", "invite", "help", "recognize", "greet", "call", "thank", "encourage", "wait", "for", "wait for"]
    return missing(g, "nobody", choose_verb(g, "hep", lambda v: v.en in some and v.object))


def missing(g: Grammar, negation: str, verb) -> Phrase:
    tense = settled(verb, g.weighted({"past": 5, "future": 1}))
    who = subject(g, verb.subject)
    vp = verb_phrase(g, verb, who, tense, negation, place=0)
    vp.object = None
    return timed(g, clause(g, who, vp, tense, negation), adjuncts.listed_time(g, tense, vp.verb))


@pattern(1.6)
def nobody_as_subject(g: Grammar) -> Phrase:
    who = NounPhrase(["nobody"], fr("personne"), {"neg-personne"})
    who.ids, who.kind = (g.new_id(),), "name"
    who.fr = [Tok("personne", heads=who.ids)]
    verb = choose_verb(g, "hep", lambda v: "name" in v.subject and not v.recipient and v.det != "hum")
    tense = settled(verb, g.pick(["past", "past", "future"]))
    vp = verb_phrase(g, verb, who, tense)
    if vp.object and "possessive" in vp.object.tags:
        return None
    plain = clause(g, who, vp, tense)
    tokens = [who.fr[0], Tok("ne"), *french_group(vp, who, tense).fr, *vp.french_tail()]
    body = Phrase(plain.en, tokens, plain.tags | {"negation"})
    return timed(g, body, adjuncts.time(g, tense, vp.verb))


@pattern(4.6)
def going_to(g: Grammar) -> Phrase:
    verb = choose_verb(g, "hep", willed)
    who, vp, _ = simple(g, verb=verb, tense="future")
    return timed(g, near_future(g, who, vp), adjuncts.time(g, "future", vp.verb))


def near_future(g: Grammar, who, vp) -> Phrase:
    return chained(g, who, {"en": "be going", "fr": "aller", "prep": "", "form": "to"}, vp, "present", "near-future")


@pattern(4.6)
def just(g: Grammar) -> Phrase:
    """has just left: venir de partir."""
    verb = choose_verb(g, "hep", lambda v: willed(v) and v.en not in ("stay", "wear", "own"))
    who, vp, _ = simple(g, verb=verb, tense="past", place=0.15)
    vp.adverb = None
    have = {"en": "have just", "fr": "venir", "prep": "de", "form": "participle"}
    return sentence(chained(g, who, have, vp, "present", "recent-past"), ".")


@pattern(2)
def coordinated_subjects(g: Grammar) -> Phrase:
    """Gender resolution under être."""
    verb = choose_verb(g, "hep", lambda v: (takes_etre(v.fr) or v.reflexive) and "name" in v.subject)
    first = name(g)
    second = name(g) if g.chance(0.6) else subject(g, {"kin", "kid"}, plural=False)
    if same(first, second):
        return None
    who = coordinate(g, first, second)
    return statement(g, verb=verb, subject=who, tense=g.weighted({"past": 4, "future": 1}))


def everyday(verb) -> bool:
    return "everyday" in verb.flags


@pattern(1.5)
def listed_objects(g: Grammar) -> Phrase:
    """bought a shirt and a coat"""
    verb = choose_verb(
        g, "hep", lambda v: v.object and not v.recipient and v.det in ("", "def", "some", "some1") and not v.prep
    )
    who, vp, tense = simple(g, verb=verb, tense=g.pick(["past", "future"]))
    first = vp.object.noun
    if first is None or first.type in HUMAN or first.count == "m":
        return None
    others = [n for n in g.lex.nouns_of(verb.object) if n.type == first.type and n != first and n.count != "m"]
    if not others:
        return None
    det, second = g.pick(["def", "indef"]), g.pick(others)
    pair = [noun_phrase(g, n, det, plurality(g, n), attribute(g, n, 0.2)) for n in (first, second)]
    vp.object = coordinate(g, *pair)
    return timed(g, clause(g, who, vp, tense), adjuncts.time(g, tense, vp.verb))
