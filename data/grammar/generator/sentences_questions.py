"""Questions. Yes/no: est-ce que with a pronoun, inversion with a noun. Where, when, why: the reverse."""

from . import adjuncts
from .clauses import BE, clause, question, settled, simple
from .core import Grammar, Phrase, Tok, compose, fr
from .english import be
from .phrases import pronoun, subject
from .registry import pattern
from .sentences_fronted import before_mark
from .sentences_objects import free_subject, pronoun_asked
from .sentences_qualities import degree_of, predicate_adjective
from .verbs import VerbPhrase, choose_verb, french_group, inverted_pronoun, verb_phrase

WHY_NOT = ("look like", "own", "live", "remember", "know")


def question_subject(g: Grammar, verb, pronouns: bool):
    if pronouns:
        return pronoun_asked(g)
    return subject(g, verb.subject, 0)


def asked_about(g: Grammar, pronouns: bool, aspects: str, tense=None, test=None, place=0.3, negation=""):
    human = lambda v: (not pronouns or "name" in v.subject) and (test is None or test(v))  # noqa: E731
    verb = choose_verb(g, aspects, human)
    return simple(
        g, verb=verb, subject=question_subject(g, verb, pronouns), tense=tense, place=place, negation=negation
    )


def yes_no(g: Grammar, pronouns: bool, style: str) -> Phrase:
    who, vp, tense = asked_about(g, pronouns, "heps", test=lambda v: v.en not in ("obey",))
    body = question(g, who, vp, tense, style)
    if tense in ("past", "future") or (tense == "present" and vp.verb.aspect == "h"):
        return before_mark(body, adjuncts.time(g, tense, vp.verb))
    return body


@pattern(3)
def yes_no_pronoun(g: Grammar) -> Phrase:
    return yes_no(g, True, "est-ce-que")


@pattern(3)
def yes_no_noun(g: Grammar) -> Phrase:
    return yes_no(g, False, "inversion")


def wh_question(g: Grammar, pronouns: bool, style: str) -> Phrase:
    word, french_word = g.pick([("where", "où"), ("why", "pourquoi"), ("when", "quand")])
    if word == "where":
        who, vp, tense = asked_about(
            g, pronouns, "heps", test=lambda v: v.places and v.en not in ("come", "come back"), place=0
        )
        vp.place = None
    elif word == "when":
        who, vp, tense = asked_about(g, pronouns, "hep", g.pick(["past", "future"]), place=0.2)
    else:
        who, vp, tense = asked_about(g, pronouns, "hep", test=lambda v: v.en not in WHY_NOT)
    if tense == "used":
        return None
    vp.adverb = vp.adverb if "clock" in vp.verb.flags else None
    wh = Phrase([word], fr(french_word), {"question-word"})
    body = question(g, who, vp, tense, style, wh)
    if word != "when" and tense == "past" and g.chance(0.6):
        return before_mark(body, adjuncts.listed_time(g, "past", vp.verb))
    return body


@pattern(3)
def wh_noun(g: Grammar) -> Phrase:
    return wh_question(g, False, "est-ce-que")


@pattern(3)
def wh_pronoun(g: Grammar) -> Phrase:
    return wh_question(g, True, "inversion")


@pattern(2)
def what(g: Grammar) -> Phrase:
    """What did Paul buy? Qu'est-ce que Paul a acheté ?"""
    some = (
        "eat drink buy read write prepare sell find lose repair build draw wear cook forget hide give send break open "
    )
    some += "watch study explain clean plant grow peel taste borrow choose"
    verb = choose_verb(g, "hep", lambda v: v.object and not v.prep and v.en in some.split())
    who = free_subject(g, verb, 0.4, asked=True)
    tense = g.weighted({"past": 3, "future": 1})
    vp = verb_phrase(g, verb, who, tense, place=0)
    vp.object, vp.adverb = None, None
    wh = Phrase(["what"], fr("que"), {"question-word"})
    body = question(g, who, vp, tense, "est-ce-que", wh)
    return before_mark(body, adjuncts.time(g, tense, vp.verb))


@pattern(2)
def who(g: Grammar) -> Phrase:
    """Who wrote this letter?"""
    verb = choose_verb(g, "hep", lambda v: "name" in v.subject)
    asked = pronoun(g, 2)
    asked.en, asked.fr, asked.kind = ["who"], [Tok("qui", heads=asked.ids)], "name"
    tense = settled(verb, g.weighted({"past": 4, "future": 1}))
    vp = verb_phrase(g, verb, asked, tense)
    if vp.object and "his" in vp.object.en:
        return None
    body = clause(g, asked, vp, tense)
    if "his" in body.en:
        return None
    return compose("{b} {t} ?", "{b} {t} ?", "question-word", b=body, t=adjuncts.time(g, tense, vp.verb))


@pattern(2)
def is_it_so(g: Grammar) -> Phrase:
    """Is Marie ready? Marie est-elle prête ? Are you ready, Madam?"""
    np, adjective = predicate_adjective(g, pronouns=0)
    tense, english_tense = g.pick([("present", "present"), ("imperfect", "state-past")])
    degree = degree_of(g, adjective, np)
    group = french_group(VerbPhrase(BE), np, english_tense)
    verb = [*group.fr, *inverted_pronoun(np, group.fr[-1].text)]
    words = [be(np, "present" if tense == "present" else "past"), *np.en, *degree.en, "?"]
    tags = group.tags | np.tags | degree.tags | {"question-inversion", "predicate-adjective"}
    return Phrase(words, [*np.fr, *verb, *degree.fr, *fr("?")], tags)


@pattern(4.6)
def indirect(g: Grammar) -> Phrase:
    """I do not know where Paul lives; Do you know whether ...?"""
    openings = [
        ("I do n't know", "je ne sais pas", "negation present"),
        ("I wonder", "je me demande", "present reflexive"),
        ("we do not know", "nous ne savons pas", "negation present"),
        ("tell me", "dites -moi", "imperative vous clitic"),
        ("nobody knows", "personne ne sait", "negation neg-personne present"),
        ("do you know", "est -ce que vous savez", "question-est-ce-que vous present"),
    ]
    words, french_words, tags = g.pick(openings)
    word, french_word = g.pick(
        [("where", "où"), ("why", "pourquoi"), ("when", "quand"), ("whether", "si"), ("if", "si")]
    )
    aspects, place = "hep", 0.3 if word != "where" else 0
    if word == "where":
        verb = choose_verb(g, "heps", lambda v: v.places and v.en != "come")
        who, vp, tense = simple(g, verb=verb, place=0)
        vp.place = None
    else:
        allowed = ["past", "future"] if word != "why" else ["past"]
        who, vp, tense = simple(g, aspects=aspects, tense=g.pick(allowed), place=place)
    if who.kind == "pronoun" and who.slot != 2:
        return None
    end = "?" if words.startswith("do you") else "."
    when = adjuncts.time(g, tense, vp.verb) if word not in ("when",) and tense in ("past", "future") else Phrase()
    template = (f"{words} {word} {{c}} {{t}} {end}", f"{french_words} {french_word} {{c}} {{t}} {end}")
    return compose(*template, f"indirect-question {tags}", c=clause(g, who, vp, tense), t=when)
