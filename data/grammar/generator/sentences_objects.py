"""Objects before the verb: clitics, relative que, what is asked with combien de and quel. Participles agree there."""

from dataclasses import replace

from . import adjuncts
from .clauses import clause, settled, timed
from .core import Grammar, Phrase, Tok, compose
from .phrases import any_pronoun, name, noun_phrase, object_pronoun, plurality, pronoun, subject
from .registry import pattern
from .verbs import choose_verb, objects_for, person_object, verb_phrase

PLACED = ("lose", "hide", "forget", "sell", "break", "borrow", "eat", "clean", "repair", "wash")
TO_SOMEONE = ("give", "lend", "show", "offer", "throw", "bring", "return", "serve")  # odd without a recipient


def direct(verb) -> bool:
    """A verb whose object can be known to both speakers."""
    return bool(verb.object) and not verb.prep and verb.det in ("", "def", "some", "some1") and verb.aspect in "hep"


def free_subject(g: Grammar, verb, pronouns: float = 0.35, names: float = 0.6, asked: bool = False):
    """A short subject more often than not; nobody asks what I or we did."""
    if "name" in verb.subject and g.chance(names):
        return (pronoun_asked(g) if asked else any_pronoun(g)) if g.chance(pronouns) else name(g)
    return subject(g, verb.subject, 0 if asked else pronouns)


def pronoun_asked(g: Grammar):
    slot = g.weighted({4: 6, 2: 4, 5: 3})
    return pronoun(g, slot, g.pick("mf") if slot == 2 else "m")


def definite(g: Grammar, verb, who, dets=("def", "def", "dem"), plural=None):
    """A definite object of the verb, that is not a person."""
    options = [n for n in objects_for(g, verb, who) if n.type not in ("kin", "job", "pers", "kid", "infant")]
    if not options:
        return None
    noun = g.pick(options)
    plural = plurality(g, noun, 0.45) if plural is None else plural and noun.count != "m" and noun.count != "s"
    return noun_phrase(g, noun, g.pick(dets), plural or noun.count == "p")


def topic_parts(g: Grammar, test, tense: str = "past", plain: bool = True):
    """A topic and a verb phrase that takes it up with a clitic: (topic, subject, verb phrase)."""
    verb = choose_verb(g, "hep", lambda v: direct(v) and test(v) and not (plain and v.en in TO_SOMEONE))
    who = free_subject(g, verb)
    topic = definite(g, verb, who)
    if topic is None:
        return None
    vp = verb_phrase(g, verb, who, tense, place=0)
    vp.object, vp.recipient = object_pronoun(g, topic), None if plain else vp.recipient
    return topic, who, vp


@pattern(3)
def topic(g: Grammar) -> Phrase:
    """The letters? Marie wrote them yesterday."""
    tense = g.weighted({"past": 4, "future": 1})
    parts = topic_parts(g, lambda v: tense == settled(v, tense), tense)
    if parts is None:
        return None
    what, who, vp = parts
    negation = "not" if g.chance(0.25) else ""
    body = clause(g, who, vp, tense, negation)
    return compose("{w} ? {b} {t} .", "{w} ? {b} {t} .", w=what, b=body, t=adjuncts.listed_time(g, tense, vp.verb))


@pattern(2.4)
def where_is(g: Grammar) -> Phrase:
    """Where are the keys? Paul lost them."""
    parts = topic_parts(g, lambda v: v.en in PLACED)
    if parts is None:
        return None
    if parts[0].noun.type in ("room", "dwelling", "opening", "structure", "business"):
        return None
    what, who, vp = parts
    be = "are" if what.plural else "is"
    verb = Phrase([be], [Tok("sont" if what.plural else "est", agrees=what.ids)])
    body = clause(g, who, vp, "past")
    when = adjuncts.time(g, "past", vp.verb) if g.chance(0.6) else Phrase()
    tags = "question-word"
    return compose("where {v} {w} ? {b} {t} .", "où {v} {w} ? {b} {t} .", tags, v=verb, w=what, b=body, t=when)


@pattern(2.4)
def then_it(g: Grammar) -> Phrase:
    """bought a car and sold it"""
    first, second = g.pick(g.lex.pairs)
    one = choose_verb(g, "hep", lambda v: v.en == first and v.object)
    two = choose_verb(g, "hep", lambda v: v.en == second and v.object and not v.prep)
    who = free_subject(g, one)
    shared = [n for n in g.lex.nouns_of(one.object) if n.is_a(two.object) and n.count != "m"]
    if not shared:
        return None
    noun = g.pick(shared)
    plural = plurality(g, noun, 0.5)
    vp = replace(verb_phrase(g, one, who, "past", place=0), recipient=None, adverb=None)
    vp.object = noun_phrase(
        g, noun, g.pick(["def", "indef", "indef", "num"]) if plural else g.pick(["def", "indef"]), plural
    )
    after = replace(verb_phrase(g, two, who, "past", place=0), recipient=None, object=object_pronoun(g, vp.object))
    if two.recipient and second in ("give", "lend"):
        after.recipient = person_object(g, who)
    tense = settled(two, settled(one, g.weighted({"past": 4, "future": 1})))
    tail = clause(g, who, after, tense, hide=True)
    body = compose("{a} and {b}", "{a} et {b}", "coordination", a=clause(g, who, vp, tense), b=tail)
    return timed(g, body, adjuncts.time(g, tense, vp.verb), front=0.4)


@pattern(2)
def known_person(g: Grammar) -> Phrase:
    """called him, thanked us"""
    verb = choose_verb(g, "hep", lambda v: v.det == "hum" and v.prep == "")
    who = free_subject(g, verb)
    tense = settled(verb, g.weighted({"past": 4, "future": 1}))
    vp = verb_phrase(g, verb, who, tense)
    vp.object = object_pronoun(g)
    if clash(who, vp.object):
        return None
    return timed(g, clause(g, who, vp, tense, "not" if g.chance(0.2) else ""), adjuncts.time(g, tense, vp.verb))


def clash(who, other) -> bool:
    """I ... me, I ... us, you ... you."""
    first = {0, 3}
    return (who.slot in first and other.slot in first) or (who.slot == other.slot and who.slot in (1, 4))


@pattern(2.2)
def known_recipient(g: Grammar) -> Phrase:
    """talks to her, sends them a letter"""
    verb = choose_verb(g, "hep", lambda v: v.recipient or (v.prep == "à" and v.det == "hum"))
    who = free_subject(g, verb)
    tense = settled(
        verb, g.pick(["past", "past", "future", "present"]) if verb.aspect == "h" else g.pick(["past", "future"])
    )
    negation = "not" if g.chance(0.15) else ""
    vp = verb_phrase(g, verb, who, tense, negation)
    person = object_pronoun(g, case="dat")
    if clash(who, person):
        return None
    if verb.recipient:
        vp.recipient = person
    else:
        vp.object = person
    return timed(g, clause(g, who, vp, tense, negation), adjuncts.time(g, tense, vp.verb))


@pattern(4.8)
def two_clitics(g: Grammar) -> Phrase:
    """This book? Paul lent it to me."""
    parts = topic_parts(g, lambda v: v.recipient, plain=False)
    if parts is None:
        return None
    what, who, vp = parts
    vp.recipient = object_pronoun(g, case="dat")
    if clash(who, vp.recipient):
        return None
    tense = g.weighted({"past": 4, "future": 2})
    body = clause(g, who, vp, tense, "not" if g.chance(0.25) else "")
    when = adjuncts.listed_time(g, tense, vp.verb) if g.chance(0.7) else Phrase()
    return compose("{w} ? {b} {t} .", "{w} ? {b} {t} .", w=what, b=body, t=when)
