"""Objects in front: relative que, combien de, quel, clefts. Participles agree with them."""

from . import adjuncts, english
from .clauses import clause, question, sentence, settled
from .core import Grammar, Phrase, Tok, compose, fr
from .phrases import noun_phrase, same
from .registry import pattern
from .sentences_objects import TO_SOMEONE, definite, direct, free_subject
from .sentences_qualities import predicate
from .verbs import choose_verb, objects_for, verb_phrase, without_object


def relative_que(g: Grammar, np, verb, who, tense: str, when: Phrase | None = None) -> Phrase:
    """np + that + subject + verb (+ time), the participle agreeing with np."""
    vp = without_object(verb_phrase(g, verb, who, tense, place=0.2))
    if vp.recipient is not None and g.chance(0.5) and verb.en not in TO_SOMEONE:
        vp.recipient = None
    body = clause(g, who, vp, tense, pdo=np)
    return compose("that {b} {w}", "que {b} {w}", "relative-que", b=body, w=when or Phrase())


def antecedent(g: Grammar, test, dets=("def",), plural=None):
    """A verb and a definite object for it to stand in a relative clause."""
    verb = choose_verb(g, "hep", lambda v: direct(v) and test(v))
    who = free_subject(g, verb, 0.4)
    return verb, who, definite(g, verb, who, dets, plural)


@pattern(3.4)
def that_are(g: Grammar) -> Phrase:
    """The letters that Marie wrote last week are interesting."""
    verb, who, np = antecedent(g, lambda v: v.en not in ("eat", "drink", "break", "lose", "peel", "pick"))
    if np is None or np.noun.count == "m":
        return None
    fitting = [a for a in g.lex.adjectives_for(np.noun.type, np.noun.roles, "pred", np.noun.en) if a.use == "both"]
    if not fitting:
        return None
    when = adjuncts.time(g, "past", verb) if g.chance(0.5) else None
    relative = relative_que(g, np, verb, who, "past", when)
    tail = predicate(g, np, g.pick(fitting), "present")
    return sentence(np, relative, tail, ".")


LATER = "read,sell,find,look for,use,hide,watch,send,repair,sign,translate,wash,correct,borrow,listen to,forget,taste"
LATER += ",clean,iron,photograph,receive,open"  # what may be done to something after something else


@pattern(3.4)
def that_was(g: Grammar) -> Phrase:
    """Paul found the keys that his sister lost yesterday."""
    verb, who, np = antecedent(g, lambda v: v.en not in ("eat", "drink"), plural=g.chance(0.6))
    if np is None:
        return None
    bad = (verb.en, "buy") if verb.en in ("sell", "find", "own") else (verb.en,)
    outer = [
        v for v in g.lex.verbs if direct(v) and np.noun.is_a(v.object) and v.en not in bad and v.en in LATER.split(",")
    ]
    if not outer:
        return None
    first = g.pick(outer)
    actor = free_subject(g, first)
    if same(actor, who):
        return None
    tense = settled(first, g.weighted({"past": 3, "future": 1}))
    vp = verb_phrase(g, first, actor, tense, place=0)
    vp.object, vp.recipient = np, None
    when = adjuncts.time(g, "past", verb) if g.chance(0.6) else None
    return sentence(clause(g, actor, vp, tense), relative_que(g, np, verb, who, "past", when), ".")


@pattern(2.2)
def how_many(g: Grammar) -> Phrase:
    """How many letters did Marie write? Combien de lettres Marie a-t-elle écrites ?"""
    verb = choose_verb(
        g, "hep", lambda v: direct(v) and v.det in ("", "some") and not v.recipient and "erect" not in v.object
    )
    who = free_subject(g, verb, 0.4, asked=True)
    nouns = [n for n in objects_for(g, verb, who) if n.count in ("", "p")]
    if not nouns:
        return None
    what = noun_phrase(g, g.pick(nouns), "gen", True)
    wh = Phrase(["how", "many", *what.en], [Tok("combien"), Tok("de"), *what.fr[1:]], {"question-word"})
    return asked(g, wh, what, verb, who)


def asked(g: Grammar, wh: Phrase, what, verb, who) -> Phrase:
    vp = without_object(verb_phrase(g, verb, who, "past", place=0))
    vp.recipient = None
    when = adjuncts.listed_time(g, "past", vp.verb) if g.chance(0.5) else None
    body = question(g, who, vp, "past", "inversion", wh, pdo=what)
    return before_mark(body, when) if when else body


def before_mark(body: Phrase, when: Phrase) -> Phrase:
    """A time at the end of a question."""
    words, tokens = [*body.en[:-1], *when.en, "?"], [*body.fr[:-1], *when.fr, *fr("?")]
    return Phrase(words, tokens, body.tags | when.tags)


@pattern(2.2)
def which(g: Grammar) -> Phrase:
    """Which songs did you choose? Quelles chansons avez-vous choisies ?"""
    verb = choose_verb(g, "hep", lambda v: direct(v) and v.en not in ("count", "cut", *TO_SOMEONE))
    who = free_subject(g, verb, 0.5, asked=True)
    np = definite(g, verb, who, ("def",), plural=g.chance(0.6))
    if np is None or np.noun.count == "m":
        return None
    form = {"m": ("quel", "quels"), "f": ("quelle", "quelles")}[np.gender][np.plural]
    word = english.plural(np.noun) if np.plural else np.noun.en
    wh = Phrase(["which", word], [Tok(form, agrees=np.ids), *np.fr[1:]], {"question-word"})
    return asked(g, wh, np, verb, who)


@pattern(2.6)
def it_is_that(g: Grammar) -> Phrase:
    """It is the letter that Marie wrote: C'est ... que."""
    verb, who, np = antecedent(g, lambda v: v.en not in ("eat", "drink", "count"), ("def", "dem"))
    if np is None or np.noun.count == "m" or np.plural:
        return None
    opening = compose("it is {n}", "ce est {n}", "cleft", n=np)
    return sentence(opening, relative_que(g, np, verb, who, "past", adjuncts.time(g, "past", verb)), ".")
