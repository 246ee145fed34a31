"""Relative clauses in qui and où, clefts in qui, passives."""

from . import adjuncts, english
from .clauses import clause, sentence, timed
from .core import Grammar, Phrase, Tok, compose, fr
from .french import conjugate, participle
from .phrases import human, name, noun_phrase
from .registry import pattern
from .sentences_qualities import adjective_for, human_adjective, predicate, someone
from .verbs import VerbPhrase, choose_verb, verb_phrase


def relative_qui(g: Grammar, np, aspects: str = "heps", place: float = 0.6) -> Phrase:
    """who works at the hospital"""
    verb = choose_verb(g, aspects, lambda v: np.noun.is_a(v.subject) and (v.object or v.places or aspects != "hs"))
    tense = "present" if verb.aspect in "hs" and g.chance(0.6) else "past"
    if verb.aspect == "s":
        tense = "present"
    vp = verb_phrase(g, verb, np, tense, place=place)
    when = (
        adjuncts.listed_time(g, "habit" if tense == "present" else "past", vp.verb) if verb.aspect != "s" else Phrase()
    )
    if tense == "present" and g.chance(0.4):
        when = Phrase()
    return compose("who {b} {w}", "qui {b} {w}", "relative-qui", b=clause(g, np, vp, tense, hide=True), w=when)


def bystander(g: Grammar, plural=None, kinds: str = "job,pers,kid"):
    noun = g.pick(g.lex.nouns_of(kinds))
    return human(g, noun, plural, adjective_chance=0.1)


@pattern(3.4)
def who_is(g: Grammar) -> Phrase:
    """The woman who works at the hospital is kind."""
    np = bystander(g)
    relative = relative_qui(g, np)
    adjective = human_adjective(g, np)
    return sentence(np, relative, predicate(g, np, adjective, "present"), ".")


@pattern(2.2)
def know_who(g: Grammar) -> Phrase:
    """I know a nurse who lives in Rome."""
    who = someone(g, 0.4)
    verb = choose_verb(
        g, "ps", lambda v: v.en in ("know", "meet", "help", "interview", "admire", "thank") and "name" in v.subject
    )
    if "job" not in verb.object or verb.prep:
        return None
    tense = "present" if verb.aspect == "s" else "past"
    det = "indef" if verb.en in ("know", "meet") else "def"
    noun = g.pick([n for n in g.lex.nouns_of("job") if n.count == ""])
    np = noun_phrase(g, noun, det, g.chance(0.3))
    vp = VerbPhrase(verb, np)
    return sentence(clause(g, who, vp, tense), relative_qui(g, np, "hs", 1), ".")


@pattern(2.6)
def it_is_who(g: Grammar) -> Phrase:
    """It is Marie who wrote this letter: C'est ... qui."""
    who = name(g) if g.chance(0.5) else human(g, g.pick(g.lex.nouns_of("kin,job")), False)
    if who.plural:
        return None
    verb = choose_verb(g, "ep", lambda v: "name" in v.subject and (who.noun is None or who.noun.is_a(v.subject)))
    vp = verb_phrase(g, verb, who, "past", place=0.2)
    body = clause(g, who, vp, "past", hide=True)
    slots = {"w": who, "b": body, "t": adjuncts.time(g, "past", vp.verb) if g.chance(0.6) else Phrase()}
    return compose("it is {w} who {b} {t} .", "ce est {w} qui {b} {t} .", "cleft relative-qui", **slots)


@pattern(4.6)
def place_where(g: Grammar) -> Phrase:
    """The city where Paul works is quiet; the restaurant where they had lunch was noisy."""
    kinds = {"town": "live,work,study", "business": "have lunch,have dinner,work", "site": "work,wait,arrive,meet"}
    kinds |= {
        "nature": "camp,go for a walk,swim,run,rest,have lunch",
        "dwelling": "live,sleep,rest,stay",
        "bedroom": "sleep,read,rest",
        "kitchen": "cook,work",
    }
    kind = g.pick(list(kinds))
    some = kinds[kind].split(",")
    verb = choose_verb(
        g,
        "heps",
        lambda v: v.en in some and "name" in v.subject and (not v.object or v.en in ("study", "read", "meet")),
    )
    nouns = [n for n in g.lex.nouns_of(kind) if g.lex.adjectives_for(n.type, n.roles, "pred", n.en)]
    if not nouns or (verb.en == "live" and kind not in ("town", "dwelling")):
        return None
    np = noun_phrase(g, g.pick(nouns), "def", g.chance(0.15) and kind not in ("bedroom", "kitchen"))
    if (
        np.noun.en in ("restaurant", "bakery", "pharmacy", "shop")
        and verb.en.startswith("have")
        and np.noun.en != "restaurant"
    ):
        return None
    if (np.noun.en == "lake") != (verb.en == "swim") and (verb.en == "swim" or np.noun.en == "lake"):
        return None
    who = someone(g, 0.35)
    present = verb.aspect in "hs" and g.chance(0.5)
    tense = "present" if present else "state-past" if verb.aspect == "s" else "past"
    vp = verb_phrase(g, verb, who, tense, place=0)
    vp.place = vp.adverb = None
    when = adjuncts.listed_time(g, "past", vp.verb) if tense == "past" and g.chance(0.6) else Phrase()
    relative = compose("where {b} {t}", "où {b} {t}", "relative-ou", b=clause(g, who, vp, tense), t=when)
    return sentence(np, relative, predicate(g, np, adjective_for(g, np), "present" if present else "state-past"), ".")


@pattern(4.6)
def passive(g: Grammar) -> Phrase:
    """The bridge was built by the workers: a été construit par."""
    some = "build,repair,write,publish,sign,organize,translate,paint,sell,find,correct,prepare,receive,hide,clean"
    verb = choose_verb(g, "hep", lambda v: v.en in some.split(",") and v.det in ("", "def", "some", "some1"))
    agent = (
        name(g)
        if g.chance(0.4) and "name" in verb.subject
        else human(g, g.pick([n for n in g.lex.nouns_of("job,kin") if n.is_a(verb.subject)]))
    )
    options = [n for n in g.lex.nouns_of(verb.object) if n.count != "m"]
    noun = g.pick(options)
    np = noun_phrase(g, noun, g.pick(["def", "def", "dem"]), noun.count == "p" or g.chance(0.4))
    tense = g.weighted({"past": 5, "future": 2})
    slot = np.slot
    done = Tok(participle(verb.fr, *np.agr), agrees=np.ids)
    if tense == "past":
        words, tokens = (
            ["were" if np.plural else "was"],
            [Tok(conjugate("avoir", "present", slot), agrees=np.ids), Tok("été"), done],
        )
    else:
        words, tokens = ["will", "be"], [Tok(conjugate("être", "future", slot), agrees=np.ids), done]
    past = english.verb_form(verb.en, "participle").split()
    tags = np.tags | agent.tags | {"passive", "participle-agreement", *(["future"] if tense == "future" else [])}
    body = Phrase([*np.en, *words, *past, "by", *agent.en], [*np.fr, *tokens, *fr("par"), *agent.fr], tags)
    return timed(g, body, adjuncts.time(g, tense, verb) if g.chance(0.6) else None)
