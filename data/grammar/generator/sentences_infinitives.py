"""Infinitives: modals and other verbs that take one, purpose, causatives, orders reported."""

from . import adjuncts, english
from .chains import chained, willed
from .clauses import clause, infinitive, sentence, simple, timed
from .core import Grammar, Phrase, compose, fr
from .lexicon import Verb
from .phrases import subject
from .registry import pattern
from .sentences_actions import everyday
from .sentences_objects import topic_parts
from .verbs import VerbPhrase, choose_verb, person_object, verb_phrase


def inner_verb(g: Grammar, row: dict) -> Verb:
    only = row["only"].split(",") if row["only"] else []
    return choose_verb(g, "hep" if not only else "heps", lambda v: v.en in only if only else willed(v))


def catenative(g: Grammar, test) -> tuple:
    row = g.pick([row for row in g.lex.catenatives if test(row)])
    verb = inner_verb(g, row)
    tense = g.pick(row["tenses"].split(","))
    who = subject(g, verb.subject & {"name", "kin", "kid", "job", "pers"} or {"name"})
    context = (
        "generic"
        if (row["form"] == "ing" and row["en"] not in ("stop", "finish")) or row["en"] == "learn"
        else "future"
    )
    vp = verb_phrase(g, verb, who, context, place=0.3 if context != "generic" else 0)
    vp.adverb = vp.adverb if row["form"] != "ing" and row["en"] in ("want", "hope", "must", "can", "try") else None
    return row, who, vp, tense


def chained_sentence(g: Grammar, test) -> Phrase:
    row, who, vp, tense = catenative(g, test)
    body = chained(g, who, row, vp, tense)
    dated = tense in ("past", "future") and g.chance(0.6)
    if row["en"] in ("want", "must", "can", "hope", "prefer") and tense == "present" and g.chance(0.4):
        return sentence(body, adjuncts.listed_time(g, "future", vp.verb), ".")
    return timed(g, body, adjuncts.time(g, tense, vp.verb) if dated else None, front=0.8)


@pattern(3)
def modal(g: Grammar) -> Phrase:
    return chained_sentence(g, lambda row: not row["prep"] and row["form"] != "ing")


@pattern(2.4)
def likes_doing(g: Grammar) -> Phrase:
    return chained_sentence(g, lambda row: row["form"] == "ing")


@pattern(3)
def infinitive_with_preposition(g: Grammar) -> Phrase:
    return chained_sentence(g, lambda row: row["prep"] and row["form"] == "to")


@pattern(4.6)
def would_like(g: Grammar) -> Phrase:
    """Conditional: voudrais, devriez, pourrait."""
    verb = choose_verb(g, "hep", willed)
    who = subject(g, verb.subject & {"name", "kin", "kid", "job", "pers"})
    vp = verb_phrase(g, verb, who, "future", place=0.3)
    rows = [("would like", "vouloir", "to"), ("should", "devoir", "modal"), ("could", "pouvoir", "modal")]
    english_verb, french_verb, form = g.pick(rows)
    row = {"en": english_verb, "fr": french_verb, "form": form, "prep": ""}
    if form == "to":
        row["en"] = "like"
    return timed(g, chained(g, who, row, vp, "conditional"), adjuncts.listed_time(g, "future", vp.verb), front=0)


@pattern(2)
def asked_to(g: Grammar) -> Phrase:
    """asked her brother to close the door: demander à quelqu'un de."""
    row = g.pick(g.lex.helpers)
    who = subject(g, {"name", "kin", "job"})
    other = person_object(g, who)
    verb = choose_verb(g, "hep", lambda v: v.en in row["only"].split(",") and willed(v))
    low = verb_phrase(g, verb, other, "future", place=0.2)
    if low.object and low.object.kind == "name" and low.object.en == other.en:
        return None
    tense = g.pick(row["tenses"].split(","))
    outer = VerbPhrase(Verb(en=row["en"], fr=row["fr"], prep=row["dative"]), other)
    inner = infinitive(low, other)
    body = clause(g, who, outer, tense)
    tokens = body.fr + fr(row["prep"]) + inner.fr
    return timed(g, Phrase([*body.en, "to", *inner.en], tokens, body.tags | inner.tags), None)


@pattern(2)
def purpose(g: Grammar) -> Phrase:
    """went to the market to buy bread: aller ... pour."""
    kinds = {"shop": "buy", "library": "study,read", "water": "swim", "eat": "have lunch,have dinner", "park": "play"}
    kinds |= {"wild": "camp,photograph", "nation": "visit,work,study", "site": "meet"}
    kind = g.pick(list(kinds))
    verb = choose_verb(g, "hep", lambda v: v.en in kinds[kind].split(",") and "name" in v.subject)
    who = subject(g, verb.subject & {"name", "kin", "pers"})
    low = verb_phrase(g, verb, who, "present", place=0)
    if verb.en == "buy" and verb.det == "":
        return None  # groceries only
    if low.object and low.object.noun is None:
        return None  # not to Montreal to visit Egypt
    if kind == "park" and verb.prep == "de":
        return None
    low.adverb = None
    outer = VerbPhrase(Verb(en="go", fr="aller"), place=adjuncts.place(g, [kind], goal=True))
    tense = g.pick(["past", "past", "future", "present" if kind != "nation" else "past"])
    inner = infinitive(low, who)
    parts = compose("{m} to {i}", "{m} pour {i}", m=clause(g, who, outer, tense), i=inner)
    return timed(g, parts, adjuncts.time(g, tense, verb))


@pattern(4.6)
def causative(g: Grammar) -> Phrase:
    """made the children laugh: faire rire les enfants."""
    verb = g.pick([Verb("laugh", "rire"), Verb("cry", "pleurer"), Verb("dream", "rêver"), Verb("smile", "sourire")])
    verb = (
        verb
        if g.chance(0.6)
        else g.pick([Verb("work", "travailler"), Verb("wait", "attendre"), Verb("dance", "danser")])
    )
    cause = {
        "laugh": "film,joke,play,comedy,story",
        "cry": "film,letter,song,novel,story",
        "smile": "joke,photo,message",
    }
    cause |= {"dream": "music,journey,painting,novel,tale,film,poem", "dance": "musician,singer"}
    cause |= {"work": "teacher,headmistress,mother,father", "wait": "doctor,lawyer,mayor,dentist"}
    noun_classes = g.lex.expand(cause[verb.en])
    source = subject(g, noun_classes, 0, plural=False)
    people = subject(g, {"kid", "pers", "kin", "job"}, 0, plural=g.pick([True, False]))
    if people.noun == source.noun:
        return None
    tense = g.pick(["past", "past", "future"])
    outer = VerbPhrase(Verb(en="make", fr="faire"))
    body = clause(g, source, outer, tense)
    words, tokens = [*body.en, *people.en, verb.en], [*body.fr, *fr(verb.fr), *people.fr]
    phrase = Phrase(words, tokens, body.tags | people.tags | {"causative", "infinitive"})
    return timed(g, phrase, adjuncts.time(g, tense, verb) if g.chance(0.5) else None)


@pattern(2)
def before_doing(g: Grammar) -> Phrase:
    """before leaving, without waiting: avant de, sans."""
    verb = choose_verb(g, "hep", lambda v: everyday(v) and "name" in v.subject)
    who, vp, tense = simple(g, verb=verb, tense=g.pick(["past", "future"]), place=0.2)
    words, prep, some = g.pick(
        [
            (
                "before",
                "avant de",
                "go to bed,leave,go out,have dinner,have lunch,come back,fall asleep,answer,rest,travel",
            ),
            ("without", "sans", "smile,laugh,hurry,stop,rest,answer,wait"),
        ]
    )
    low_verb = choose_verb(g, "hep", lambda v: v.en in some.split(",") and (not v.object or v.prep != ""))
    if low_verb.en == verb.en or verb.en in ("stay", "leave", "go out", "go home", "go to bed"):
        return None
    low = VerbPhrase(low_verb)
    ing = Phrase([words, *english.verb_form(low_verb.en, "ing").split()], fr(prep) + infinitive(low, who).fr)
    ing.tags = {"infinitive", *low.tags()}
    return sentence(clause(g, who, vp, tense), ing, ".")


@pattern(2)
def this_wish(g: Grammar) -> Phrase:
    """This song? I want to listen to it: the clitic climbs no higher than the infinitive."""
    parts = topic_parts(g, willed)
    if parts is None:
        return None
    topic, who, vp = parts
    rows = [row for row in g.lex.catenatives if row["en"] in ("want", "can", "must", "try", "refuse", "hope")]
    row = g.pick(rows)
    tense = g.pick([t for t in row["tenses"].split(",") if t != "progressive"])
    body = chained(g, who, row, vp, tense)
    return compose("{t} ? {b} .", "{t} ? {b} .", "clitic", t=topic, b=body)
