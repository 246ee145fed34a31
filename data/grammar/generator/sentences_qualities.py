"""Qualities: predicate adjectives near and far, degrees, comparisons, superlatives."""

from . import adjuncts
from .clauses import clause, copula, sentence, settled, timed
from .core import Grammar, NounPhrase, Phrase, Tok, compose, fr
from .lexicon import Noun, Verb
from .phrases import HUMAN, adjective_tokens, coordinate, human, name, noun_phrase, pronoun, same, subject, thing
from .registry import pattern
from .verbs import VerbPhrase, choose_verb, verb_phrase

DEGREES = [("very", "très"), ("quite", "assez"), ("really", "vraiment"), ("too", "trop"), ("so", "si")]


PEOPLE = {"name", "kin", "job", "pers", "kid"}


BECOME = Verb("become", "devenir", flags=("long", "slow"))
MOODS = ("glad", "furious", "surprised", "ready", "busy", "disappointed", "relieved", "sick", "worried")
COPULA_TENSES = {"present": 5, "state-past": 4, "future": 1}


def predicative(g: Grammar, noun_type: str, roles=(), noun_en: str = "") -> list:
    kinds = g.lex.adjectives_for(noun_type, roles, "pred", noun_en)
    return [a for a in kinds if a.compare != "-"]


def human_adjective(g: Grammar, np: NounPhrase):
    kind = np.noun.type if np.noun else "name"
    return g.pick([a for a in predicative(g, kind) if kind in ("name", "kin") or a.en not in ("old", "bad", "good")])


def adjective_for(g: Grammar, np: NounPhrase):
    if np.human:
        return human_adjective(g, np)
    fitting = predicative(g, np.noun.type, np.noun.roles, np.noun.en)
    return g.pick(fitting) if fitting else None


def some_thing(g: Grammar, plural=None, dets=None) -> NounPhrase:
    nouns = [n for n in g.lex.nouns if n.type not in (*HUMAN, "infant") and predicative(g, n.type, n.roles, n.en)]
    noun = g.pick([n for n in nouns if n.count != "m" or not plural])
    return thing(g, noun, plural, 0, dets)


def someone(g: Grammar, pronouns: float = 0.2, plural=None) -> NounPhrase:
    return subject(g, PEOPLE, pronouns, plural)


def predicate_adjective(g: Grammar, pronouns: float = 0.2):
    while True:
        np = someone(g, pronouns) if g.chance(0.55) else some_thing(g)
        if np.slot == 4 or {"adjective-before", "adjective-after"} & np.tags:
            continue  # you: gender and number need a vocative
        np_adjective = adjective_for(g, np)
        if np_adjective:
            return np, np_adjective


def adjective_phrase(adjective, np: NounPhrase, degree=None) -> Phrase:
    token, tags = adjective_tokens(adjective, np.agr, np.ids)
    words, tokens = ([degree[0]], fr(degree[1])) if degree else ([], [])
    return Phrase([*words, adjective.en], [*tokens, token], tags | {"predicate-adjective"})


def degree_of(g: Grammar, adjective, np, chance: float = 0.35) -> Phrase:
    graded = adjective.compare != "-" and adjective.en not in (
        "huge",
        "superb",
        "magnificent",
        "delicious",
        "absurd",
        "exceptional",
        "ready",
    )
    degree = g.pick(DEGREES[:3]) if graded and g.chance(chance) else None
    return adjective_phrase(adjective, np, degree)


def predicate(g: Grammar, np, adjective, tense: str, negation: str = "") -> Phrase:
    """be + adjective, without the subject."""
    degree = degree_of(g, adjective, np, 0 if negation else 0.35)
    full = copula(g, np, tense, degree, negation)
    return Phrase(full.en[len(np.en) :], full.fr[len(np.fr) :], full.tags)


@pattern(4)
def quality(g: Grammar) -> Phrase:
    np, adjective = predicate_adjective(g)
    tense = g.weighted(COPULA_TENSES)
    negation = g.weighted({"": 6, "not": 2, "never": 0.5 if np.human else 0, "no longer": 0.7 if np.human else 0})
    lasting = tense == "future" and adjective.en in ("tall", "old", "thin")
    tense = "present" if negation in ("never", "no longer") or lasting else tense
    return sentence(np, predicate(g, np, adjective, tense, negation), ".")


FRIENDS = [Noun("friend", "ami", "m", "pers"), Noun("friend", "amie", "f", "pers")]


@pattern(2)
def friend_quality(g: Grammar) -> Phrase:
    """my friend Marie: mon amie Marie."""
    friend = name(g)
    owner = pronoun(g, g.pick([0, 2, 3, 4]), g.pick("mf"))
    noun = next(n for n in FRIENDS if n.gender == friend.gender)
    np = noun_phrase(g, noun, "poss", False, owner=owner)
    np.en, np.fr, np.human = [*np.en, *friend.en], [*np.fr, *friend.fr], True
    np.fr[-1] = Tok(friend.fr[0].text)
    if g.chance(0.5):
        verb = choose_verb(g, "hep", lambda v: "name" in v.subject)
        tense = settled(verb, g.pick(["past", "past", "future"]))
        return timed(g, clause(g, np, verb_phrase(g, verb, np, tense), tense), adjuncts.time(g, tense, verb))
    adjective = g.pick(predicative(g, "name"))
    return sentence(np, predicate(g, np, adjective, g.weighted(COPULA_TENSES)), ".")


@pattern(2.2)
def becomes(g: Grammar) -> Phrase:
    """seems, became: sembler, devenir (with être)."""
    np = someone(g, 0.15)
    if np.slot == 4:
        return None
    states = (
        "famous rich strict independent jealous impatient optimistic ambitious nervous calm talkative generous curious"
    )
    moods = states + " worried sad furious disappointed patient modest stubborn shy careful"
    adjective = g.pick([a for a in g.lex.adjectives if a.en in moods.split()])
    verb, tense = g.pick([(BECOME, "past"), (BECOME, "future"),
                          (Verb("seem", "sembler"), "present"), (Verb("seem", "sembler"), "state-past")])  # fmt: skip
    quality_phrase = degree_of(g, adjective, np, 0.3 if verb.en == "seem" else 0)
    body = compose("{c} {q}", "{c} {q}", c=clause(g, np, VerbPhrase(verb), tense), q=quality_phrase)
    if verb.en == "become" and g.chance(0.4):
        return timed(g, body, adjuncts.time(g, tense, verb))
    return sentence(body, ".")


def comparable(g: Grammar, first, second):
    kinds = [np.noun.type if np.noun else "name" for np in (first, second)]
    fitting = predicative(g, kinds[0], first.noun.roles if first.noun else (), first.noun.en if first.noun else "")
    if second.noun:
        own = {second.noun.type, second.noun.en, *second.noun.roles}
        fitting = [a for a in fitting if a.types & own]
    fitting = [
        a
        for a in fitting
        if a.compare != "-" and a.en not in ("bad", "superb", "magnificent", "old" * first.human, *MOODS)
    ]
    return g.pick(fitting) if fitting else None


@pattern(3)
def coordinated_quality(g: Grammar) -> Phrase:
    """Gender resolution: Marie et Paul sont contents."""
    if g.chance(0.65):
        first = name(g) if g.chance(0.7) else human(g, g.pick(g.lex.nouns_of("kin,job")), False, adjective_chance=0)
        second = name(g) if g.chance(0.7) else human(g, g.pick(g.lex.nouns_of("kin,kid")), False, adjective_chance=0)
        adjective = g.pick(predicative(g, "name"))
    else:
        first = some_thing(g, False, {"def": 1, "dem": 1})
        rivals = [n for n in g.lex.nouns if n.type == first.noun.type and n != first.noun and n.count == ""]
        if not rivals:
            return None
        second = thing(g, g.pick(rivals), False, 0, {"def": 1})
        adjective = comparable(g, first, second)
    if same(first, second) or adjective is None:
        return None
    np = coordinate(g, first, second)
    return sentence(np, predicate(g, np, adjective, g.weighted(COPULA_TENSES), "not" if g.chance(0.15) else ""), ".")


@pattern(2)
def two_qualities(g: Grammar) -> Phrase:
    """long and white"""
    np, first = predicate_adjective(g, 0.1)
    second = adjective_for(g, np)
    if any(first.en in some and second.en in some for some in g.lex.clashes) or first.en == second.en:
        return None
    pair = compose(
        "{a} and {b}", "{a} et {b}", "coordination", a=adjective_phrase(first, np), b=adjective_phrase(second, np)
    )
    return sentence(copula(g, np, g.weighted(COPULA_TENSES | {"future": 0}), pair), ".")
