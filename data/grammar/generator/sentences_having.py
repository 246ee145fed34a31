"""What people have: belongings, food, ages, needs, aches."""

from . import adjuncts, english
from .clauses import clause, english_group, sentence, timed
from .core import Grammar, Phrase, Tok, fr
from .lexicon import Verb
from .phrases import attribute, name, noun_phrase, object_pronoun, plurality, subject, thing
from .registry import pattern
from .sentences_qualities import PEOPLE, someone
from .verbs import VerbPhrase, choose_verb, french_group, person_object, verb_phrase


@pattern(1.8)
def age(g: Grammar) -> Phrase:
    """Marie is twelve years old: avoir."""
    who = someone(g, 0.2)
    if who.plural:
        return None
    value = adjuncts.number(g, 5, 60)
    noun_type = who.noun.type if who.noun else "name"
    low = {"kid": (5, 12), "job": (30, 60), "pers": (30, 60)}.get(noun_type, (20, 60))
    value = adjuncts.number(g, *low)
    tense = g.pick(["present", "present", "state-past", "future"])
    be = english.group("be", who, tense).words()
    be = ["will", "be"] if tense == "future" else be
    group = french_group(VerbPhrase(Verb("have", "avoir")), who, tense)
    body = Phrase(
        [*who.en, *be, *value.en, "years", "old"], who.fr + group.fr + value.fr + fr("ans"), who.tags | group.tags
    )
    body.tags |= value.tags | {"avoir-expression"}
    return timed(g, body, adjuncts.time(g, "future") if tense == "future" else None)


@pattern(2)
def sensation(g: Grammar) -> Phrase:
    """is hungry, is afraid of the dog, needs an umbrella: avoir faim, peur de, besoin de."""
    who = someone(g, 0.3)
    tense, negation = g.pick(["present", "state-past"]), g.weighted({"": 5, "not": 2})
    kind = g.pick(["plain", "fear", "need", "need"])
    degree = Phrase()
    if kind == "plain":
        row = g.pick(g.lex.expressions)
        words, tokens, tail = [row["en"]], fr(row["fr"]), Phrase()
        if negation and row["en"] == "lucky":
            tokens = fr("de chance")
        if not negation and row["en"] in ("hungry", "thirsty", "cold", "hot", "sleepy"):
            degree = g.pick([Phrase(["very"], fr("très")), Phrase()])
    elif kind == "fear":
        noun = g.pick(g.lex.nouns_of("wild,dog,horse,mouse"))
        tail = noun_phrase(g, noun, "gen", True) if g.chance(0.6) else noun_phrase(g, noun, "dem")
        words, tokens = ["afraid", "of"], fr("peur de")
    else:
        return need(g, who, tense, negation)
    group = english_group(g, "be", who, tense, negation)
    verb = french_group(VerbPhrase(Verb("have", "avoir")), who, tense, negation)
    words = [*who.en, *group.aux, *group.main, *degree.en, *words, *tail.en, *group.tail]
    body = Phrase(
        words, who.fr + verb.fr + degree.fr + tokens + tail.fr, who.tags | verb.tags | tail.tags | {"avoir-expression"}
    )
    return timed(g, body, adjuncts.listed_time(g, "past") if tense == "state-past" and kind == "plain" else None)


def need(g: Grammar, who, tense: str, negation: str) -> Phrase:
    """besoin d'un parapluie; besoin de farine (the partitive article drops)."""
    noun = g.pick(g.lex.nouns_of("groceries,tool,clothes,linen,machine,dishes,dictionary"))
    if noun.count == "m":
        what = noun_phrase(g, noun, "gen")
        what.fr = what.fr[1:]
    else:
        plural = noun.count == "p"
        what = noun_phrase(g, noun, "gen" if plural else "indef", plural)
        what.fr = what.fr[1:] if plural else what.fr
    outer = VerbPhrase(Verb("need", "avoir"))
    body = clause(g, who, outer, tense, negation)
    phrase = Phrase(
        [*body.en, *what.en], [*body.fr, *fr("besoin de"), *what.fr], body.tags | what.tags | {"avoir-expression"}
    )
    return sentence(phrase, ".")


@pattern(2.8)
def has(g: Grammar) -> Phrase:
    """Paul has two dogs; does not have a car: pas de voiture."""
    who = someone(g, 0.25)
    noun = g.pick(g.lex.nouns_of("pet,vehicle,machine,instrument,clothes,furniture,dwelling,kin,linen,art"))
    if noun.type == "kin" and noun.count == "s":
        return None
    negation = g.weighted({"": 6, "not": 2, "no longer": 1})
    if (noun.type == "kin" and noun.en in ("parent", "uncle")) or (negation == "no longer" and noun.type == "kin"):
        return None
    few = noun.type in ("dwelling", "vehicle", "instrument")
    det = "neg" if negation else "num" if g.chance(0.4) and not few else "indef"
    plural = det == "num" or plurality(g, noun, 0.2 if noun.type in ("clothes", "pet", "art", "linen") else 0)
    adjective = None if negation or noun.type == "kin" else attribute(g, noun, 0.45)
    vp = VerbPhrase(Verb("have", "avoir"), noun_phrase(g, noun, det, plural, adjective))
    tense = "present" if negation == "no longer" else g.pick(["present", "present", "state-past"])
    when = adjuncts.listed_time(g, "then") if tense == "state-past" else None
    return timed(g, clause(g, who, vp, tense, negation), when)


@pattern(4.6)
def fine_things(g: Grammar) -> Phrase:
    """bought old books: de vieux livres, not des."""
    some = ("have", "buy", "see", "own", "read", "wear", "write", "prepare", "discover", "draw", "receive", "choose")
    verb = choose_verb(g, "heps", lambda v: v.en in some and v.det in ("", "some1") and not v.prep)
    verb = (
        verb
        if g.chance(0.75)
        else Verb("have", "avoir", object=g.lex.expand("vehicle,clothes,furniture,art,pet"), aspect="s")
    )
    nouns = [n for n in g.lex.nouns_of(verb.object) if n.count != "m" and n.count != "s" and early_adjectives(g, n)]
    if not nouns:
        return None
    noun = g.pick(nouns)
    what = noun_phrase(g, noun, "indef", True, g.pick(early_adjectives(g, noun)))
    tense = g.pick(["present", "state-past"]) if verb.aspect == "s" else g.weighted({"past": 3, "future": 1})
    who = subject(g, verb.subject or PEOPLE)
    body = clause(g, who, VerbPhrase(verb, what), tense)
    return timed(g, body, adjuncts.time(g, tense, verb) if verb.aspect != "s" else None)


def early_adjectives(g: Grammar, noun) -> list:
    return [a for a in g.lex.adjectives_for(noun.type, noun.roles, "attr", noun.en) if a.position == "before"]


@pattern(4.8)
def some_of_it(g: Grammar) -> Phrase:
    """drinks milk, does not eat bread: du lait, pas de pain."""
    verb = choose_verb(g, "h", lambda v: v.en in ("eat", "drink") or (v.en == "buy" and v.det == "some"))
    who = subject(g, verb.subject, 0.3)
    negation = g.weighted({"": 6, "not": 2, "never": 1, "no longer": 1})
    tense = "present" if negation in ("never", "no longer") else g.pick(["present", "past", "future"])
    noun = g.pick([n for n in g.lex.nouns_of(verb.object) if n.count == "m"])
    vp = verb_phrase(g, verb, who, tense, negation, place=0.4)
    vp.object, vp.adverb = noun_phrase(g, noun, "neg-mass" if negation else "partitive"), None
    when = None if negation and tense == "present" else adjuncts.time(g, tense, verb)
    if negation == "never":
        vp.object.en = [noun.en]
    return timed(g, clause(g, who, vp, tense, negation), when)


@pattern(2)
def belongs(g: Grammar) -> Phrase:
    """This car belongs to my brother; it belongs to him: lui appartient."""
    noun = g.pick(
        g.lex.nouns_of("clothes,vehicle,furniture,object,machine,instrument,case,text,pet,dwelling,linen,art")
    )
    what = thing(g, noun, None, 0.3, {"def": 2, "dem": 3})
    verb = VerbPhrase(Verb("belong to", "appartenir", prep="à"))
    verb.object = object_pronoun(g, case="dat") if g.chance(0.3) else person_object(g, what)
    tense = g.pick(["present", "present", "state-past"])
    when = adjuncts.listed_time(g, "then") if tense == "state-past" and g.chance(0.5) else None
    return timed(g, clause(g, what, verb, tense, "not" if g.chance(0.25) else ""), when)


@pattern(1.6)
def this_is(g: Grammar) -> Phrase:
    """This is Marie's car: C'est la voiture de Marie."""
    noun = g.pick(
        g.lex.nouns_of("clothes,vehicle,furniture,object,machine,instrument,case,text,pet,dwelling,linen,art")
    )
    plural = plurality(g, noun, 0.3)
    owner = name(g) if g.chance(0.5) else subject(g, {"kin", "job", "pers"}, 0, False)
    if "genitive" in owner.tags or "demonstrative" in owner.tags:
        return None
    what = noun_phrase(g, noun, "of", plural, attribute(g, noun, 0.25), owner)
    negation = g.chance(0.25)
    words = ["these", "are"] if plural else ["this", "is"]
    verb = Tok("sont" if plural else "est", agrees=what.ids if plural else ())
    tokens = [*fr("ce ne"), verb, Tok("pas")] if negation else [Tok("ce", alt="c'"), verb]
    opening = Phrase(words + (["not"] if negation else []), tokens, {"present", *(["negation"] if negation else [])})
    return sentence(opening, what, ".")


@pattern(1.8)
def body_part(g: Grammar) -> Phrase:
    """broke his arm: s'est cassé le bras (no agreement); has a pain: avoir mal à."""
    who = someone(g, 0.3, plural=False)
    if who.plural:
        return None
    if g.chance(0.5):
        noun = g.pick(g.lex.nouns_of("limb"))
        verb = g.pick([Verb("break", "casser", True), Verb("hurt", "blesser", True)])
        prep = [] if verb.fr == "casser" else fr("à")
        if (verb.fr == "casser" and noun.en in ("shoulder", "hip", "hand", "ear", "foot")) or (
            verb.fr == "blesser" and noun.en == "hip"
        ):
            return None
        part = noun_phrase(g, noun, "poss", False, owner=who)
        article = noun_phrase(g, noun, "def").fr
        group = french_group(VerbPhrase(verb), who, "past")
        tokens, tags = group.fr, group.tags - {"participle-agreement"}
        if verb.fr == "casser":
            tokens = [*group.fr[:-1], Tok("cassé")]
        else:
            tags = group.tags
        words = [*who.en, *english.verb_form(verb.en, "past").split(), *part.en]
        body = Phrase(words, who.fr + tokens + prep + article, tags | who.tags | {"reflexive"})
        return timed(g, body, adjuncts.time(g, "past", verb))
    noun = g.pick(g.lex.nouns_of("ache"))
    tense = g.pick(["present", "state-past"])
    plural = noun.en in ("ear", "foot", "leg", "hand", "finger", "knee", "arm") and g.chance(0.5)
    np = noun_phrase(g, noun, "of" if who.kind != "pronoun" else "poss", plural, owner=who)
    words = [*np.en, *english.verb_form("hurt", "past" if tense == "state-past" else "base" if plural else "s").split()]
    group = french_group(VerbPhrase(Verb("have", "avoir")), who, tense)
    tokens = who.fr + group.fr + fr("mal à") + noun_phrase(g, noun, "def", plural).fr
    body = Phrase(words, tokens, who.tags | group.tags | {"avoir-expression"})
    when = adjuncts.listed_time(g, "past") if tense == "state-past" else Phrase(["today"], fr("aujourd'hui"), {"time"})
    return timed(g, body, when if tense == "state-past" or g.chance(0.6) else None)
