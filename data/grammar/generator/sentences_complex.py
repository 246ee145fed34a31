"""Sentences of two clauses: relatives, because, when, if, while, that, passives."""

from . import adjuncts, english
from .clauses import clause, copula, sentence, simple
from .core import Grammar, Phrase, compose, fr
from .lexicon import Verb
from .phrases import noun_phrase, pronoun, same, subject, subject_pronoun
from .registry import pattern
from .sentences_actions import everyday
from .sentences_facts import weather_clause
from .sentences_qualities import adjective_phrase, predicate_adjective, someone
from .verbs import VerbPhrase, choose_verb, french_group, verb_phrase


def state_phrase(g: Grammar, row: dict, who, tense: str) -> Phrase:
    """was tired, was hungry, was late"""
    be = english.be(who, "present" if tense == "present" else "past")
    verb = "avoir" if row["kind"] == "avoir" else "être"
    group = french_group(VerbPhrase(Verb("", verb)), who, tense)
    tokens = fr(row["fr"])
    tags = group.tags | who.tags
    if row["kind"] == "adjective":
        adjective = next(a for a in g.lex.adjectives if a.en == row["en"])
        done = adjective_phrase(adjective, who)
        tokens, tags = done.fr, tags | done.tags
    return Phrase([*who.en, be, row["en"]], who.fr + group.fr + tokens, tags)


@pattern(3)
def because(g: Grammar) -> Phrase:
    """went home because she was tired"""
    row = g.pick(g.lex.states)
    some = row["verbs"].split(",")
    verb = choose_verb(g, "hep", lambda v: v.en in some and "name" in v.subject)
    who = someone(g, 0.2)
    if who.slot == 4 or (verb.det == "hum" and who.slot in (2, 5) and who.kind == "pronoun"):
        return None
    vp = verb_phrase(g, verb, who, "past", place=0.25)
    if (vp.object is not None and vp.object.human) or (verb.en == "close" and vp.object.noun.type == "case"):
        return None
    again = who if who.kind == "pronoun" and who.slot in (0, 3) else subject_pronoun(g, who)
    if again is who:
        again = retaken(g, who)
    reason = state_phrase(g, row, again, "state-past")
    body = clause(g, who, vp, "past")
    return compose("{b} because {r} .", "{b} parce que {r} .", "subordinate", b=body, r=reason)


def retaken(g: Grammar, who):
    return pronoun(g, who.slot, who.gender)


ARRIVALS = "arrive,come back,come in,go home,wake up,get up,leave,come,finish"


@pattern(2.6)
def when_future(g: Grammar) -> Phrase:
    """When Marie arrives, we will have dinner: quand + future."""
    first = choose_verb(g, "hep", lambda v: v.en in ARRIVALS.split(",") and not (v.en == "leave" and v.object))
    one, two = someone(g, 0.2), someone(g, 0.4)
    if same(one, two):
        return None
    vp = verb_phrase(g, first, one, "future", place=0.3)
    vp.adverb = None
    second = choose_verb(g, "hep", lambda v: everyday(v) and "name" in v.subject)
    result = clause(g, two, verb_phrase(g, second, two, "future", place=0.2), "future")
    words = clause(g, one, vp, "present")
    condition = Phrase(words.en, clause(g, one, vp, "future").fr, words.tags - {"present"} | {"future"})
    if g.chance(0.6):
        return compose("when {c} , {r} .", "quand {c} , {r} .", "subordinate", c=condition, r=result)
    return compose("{r} when {c} .", "{r} quand {c} .", "subordinate", c=condition, r=result)


@pattern(2.6)
def if_clause(g: Grammar) -> Phrase:
    """If it rains tomorrow, Paul will stay at home; if she comes, ... : si + present."""
    two = someone(g, 0.4)
    if g.chance(0.55):
        row = g.pick(g.lex.weather)
        sunny = row["en"] in ("sunny", "hot", "mild")
        some = (
            "swim,go for a walk,go out,run,have fun,camp,play" if sunny else "stay,read,watch,cook,listen to,rest,work"
        )
        second = choose_verb(g, "hep", lambda v: v.en in some.split(",") and "name" in v.subject and v.prep != "de")
        when = g.pick([r for r in g.lex.times if r["kind"] == "future" and r["scale"] == "day"])
        time = Phrase(when["en"].split(), fr(when["fr"]), {"time"})
        condition = sentence(weather_clause(g, row, "present"), time)
        vp = verb_phrase(g, second, two, "future", place=0.7)
        if not sunny:
            vp.place = adjuncts.place_row(next(r for r in g.lex.places if r["en"] == "@home"), False)
    else:
        first = choose_verb(g, "hep", lambda v: v.en in ARRIVALS.split(",") and not (v.en == "leave" and v.object))
        one = someone(g, 0.2)
        if same(one, two):
            return None
        second = choose_verb(g, "hep", lambda v: everyday(v) and "name" in v.subject)
        condition = clause(g, one, verb_phrase(g, first, one, "future", place=0.3), "present")
        vp = verb_phrase(g, second, two, "future", place=0.2)
    result = clause(g, two, vp, "future")
    if g.chance(0.65):
        return compose("if {c} , {r} .", "si {c} , {r} .", "subordinate", c=condition, r=result)
    return compose("{r} if {c} .", "{r} si {c} .", "subordinate", c=condition, r=result)


@pattern(2)
def when_it_rains(g: Grammar) -> Phrase:
    """When it rains, the cat sleeps in the kitchen."""
    row = g.pick(g.lex.weather)
    sunny = row["en"] in ("sunny", "hot", "mild")
    some = "swim,go for a walk,go out,run,play" if sunny else "read,watch,cook,listen to,rest,sleep,work,get bored"
    verb = choose_verb(
        g, "h", lambda v: v.en in some.split(",") and "name" in v.subject and v.prep != "de" and v.det != "hum"
    )
    who = someone(g, 0.35) if g.chance(0.8) else subject(g, {"kid"}, 0)
    vp = verb_phrase(g, verb, who, "present", place=0.8 if sunny else 0)
    if not sunny:
        vp.place = adjuncts.place_row(next(r for r in g.lex.places if r["en"] == "@home"), False)
    result, condition = clause(g, who, vp, "present"), weather_clause(g, row, "present")
    if g.chance(0.6):
        return compose("when {c} , {r} .", "quand {c} , {r} .", "subordinate", c=condition, r=result)
    return compose("{r} when {c} .", "{r} quand {c} .", "subordinate", c=condition, r=result)


QUIET = "read,write,wash,iron,sew,repair,sleep,study,cook,watch,listen to,play,work,dance,clean,draw"
QUIET += ",peel,rest,prepare,paint,wait"


def doing(g: Grammar, who, place: float = 0.3) -> Phrase:
    some = QUIET.split(",")
    verb = choose_verb(
        g, "he", lambda v: v.en in some and "name" in v.subject and v.det != "hum" and "paint" not in v.object
    )
    vp = verb_phrase(g, verb, who, "progressive", place=place)
    vp.adverb = None
    return clause(g, who, vp, "past-progressive")


@pattern(2.4)
def meanwhile(g: Grammar) -> Phrase:
    """While Paul was washing the car, Marie was reading: imperfect twice."""
    one, two = someone(g, 0.1), someone(g, 0.2)
    if same(one, two):
        return None
    first, second = doing(g, one, 0.1), doing(g, two)
    if g.chance(0.6):
        return compose("while {a} , {b} .", "pendant que {a} , {b} .", "subordinate", a=first, b=second)
    return compose("{b} while {a} .", "{b} pendant que {a} .", "subordinate", a=first, b=second)


@pattern(2.4)
def interrupted(g: Grammar) -> Phrase:
    """Marie was reading when Paul came in: imperfect and passé composé."""
    one, two = someone(g, 0.2), someone(g, 0.2)
    some = "come in,arrive,come back,leave,go home,fall asleep,wake up,phone,call,fall,get up,go out"
    verb = choose_verb(
        g, "hep", lambda v: v.en in some.split(",") and "name" in v.subject and not (v.en == "leave" and v.object)
    )
    vp = verb_phrase(g, verb, two, "past", place=0.1)
    vp.adverb = None
    if same(one, two) or (vp.object is not None and vp.object.en == one.en):
        return None
    event = clause(g, two, vp, "past")
    return compose("{a} when {b} .", "{a} quand {b} .", "subordinate", a=doing(g, one), b=event)


@pattern(2.8)
def reported(g: Grammar) -> Phrase:
    """I think that Marie is tired; Paul says that ..."""
    who = someone(g, 0.5)
    words, french_verb = g.pick(
        [("think", "penser"), ("say", "dire"), ("hope", "espérer"), ("know", "savoir"), ("believe", "croire")]
    )
    opening = clause(g, who, VerbPhrase(Verb(words, french_verb)), "present")
    if g.chance(0.5) and words != "hope":
        np, adjective = predicate_adjective(g, 0)
        tense = g.weighted({"present": 4, "future": 1, "state-past": 1})
        body = copula(g, np, tense, adjective_phrase(adjective, np))
    else:
        np, vp, tense = simple(
            g, tense=g.pick(["past", "future"]) if words != "hope" else "future", aspects="hep", place=0.1
        )
        if (np.slot == 4 and who.slot == 4) or (np.kind == "pronoun" and np.slot in (2, 5)):
            return None
        body = clause(g, np, vp, tense)
    if same(np, who):
        return None
    return compose("{o} that {b} .", "{o} que {b} .", "subordinate", o=opening, b=body)


@pattern(2.2)
def contrast(g: Grammar) -> Phrase:
    """Paul likes cheese, but Marie prefers chocolate."""
    likes = choose_verb(g, "s", lambda v: v.en in ("like", "love", "hate"))
    other = (
        choose_verb(g, "s", lambda v: v.en == "prefer")
        if likes.en != "hate"
        else choose_verb(g, "s", lambda v: v.en == "love")
    )
    one, two = someone(g, 0.1), someone(g, 0.2)
    kind = g.pick(sorted(likes.object & other.object))
    nouns = [n for n in g.lex.nouns if n.is_a({kind})]
    if same(one, two) or len(nouns) < 2:
        return None
    phrases = []
    for who, verb in ((one, likes), (two, other)):
        noun = g.pick(nouns)
        vp = VerbPhrase(verb, noun_phrase(g, noun, "gen", noun.count in ("", "p")))
        phrases.append(clause(g, who, vp, "present"))
        nouns = [n for n in nouns if n != noun]
    return compose("{a} , but {b} .", "{a} , mais {b} .", "coordination", a=phrases[0], b=phrases[1])
