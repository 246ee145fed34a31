"""Comparisons and superlatives of people, things and actions."""

from . import adjuncts, english
from .clauses import clause, copula, sentence
from .core import Grammar, Phrase, Tok, compose, fr
from .phrases import adjective_tokens, name, same, thing
from .registry import pattern
from .sentences_qualities import comparable, predicative, some_thing, someone
from .verbs import VerbPhrase, choose_verb


def comparison(g: Grammar, adjective, np, other: Phrase) -> Phrase:
    token, tags = adjective_tokens(adjective, np.agr, np.ids)
    kind = g.weighted({"plus": 6, "aussi": 2, "moins": 1.5 if adjective.compare == "more" else 0})
    if kind == "plus":
        words = [*english.degree(adjective, 0), "than", *other.en]
        tokens = [Tok(merged(token.text)[0], agrees=np.ids)] if adjective.en in ("good",) else [*fr("plus"), token]
    elif kind == "aussi":
        words, tokens = ["as", adjective.en, "as", *other.en], [*fr("aussi"), token]
    else:
        words, tokens = ["less", adjective.en, "than", *other.en], [*fr("moins"), token]
    return Phrase(words, [*tokens, *fr("que"), *other.fr], tags | other.tags | {"comparative", "predicate-adjective"})


def merged(form: str) -> list[str]:
    """plus + bon is meilleur."""
    return [form.replace("bonne", "meilleure") if form.startswith("bonne") else form.replace("bon", "meilleur")]


@pattern(3)
def compared(g: Grammar) -> Phrase:
    """Marie is taller than her brother; this dress is more expensive than that coat."""
    if g.chance(0.6):
        first, second = someone(g, 0.1), someone(g, 0)
        if first.slot == 4 or same(first, second):
            return None
    else:
        first = some_thing(g)
        rivals = [
            n for n in g.lex.nouns if n.type == first.noun.type and n != first.noun and n.count == first.noun.count
        ]
        if not rivals or "her" in first.en:
            return None
        second = thing(g, g.pick(rivals), None, 0, {"def": 3, "dem": 2})
    adjective = comparable(g, first, second)
    if adjective is None:
        return None
    body = copula(g, first, g.weighted({"present": 5, "state-past": 2}), comparison(g, adjective, first, second))
    return sentence(body, ".")


@pattern(4.6)
def superlative(g: Grammar) -> Phrase:
    """Marie is the most serious student in the class."""
    kind = g.weighted({"person": 3, "place": 2, "thing": 2})
    if kind == "person":
        nouns = g.lex.nouns_of("job,kid")
    elif kind == "place":
        nouns = g.lex.nouns_of("sight,town,business,nature")
    else:
        nouns = g.lex.nouns_of("text,clothes,vehicle,furniture,art,machine")
    noun = g.pick([n for n in nouns if not n.count])
    fitting = [
        a
        for a in predicative(g, noun.type, noun.roles)
        if a.use == "both" and a.compare != "-" and a.en not in ("magnificent", "superb")
    ]
    adjective = g.pick(fitting)
    best = superlative_phrase(g, noun, adjective)
    scope = scope_of(g, kind, noun)
    if kind == "person":
        who = name(g, noun.gender)
        opening = copula(g, who, g.weighted({"present": 4, "state-past": 1}), best)
        return sentence(opening, scope, ".")
    return compose("{d} {b} {s} .", "ce est {b} {s} .", "present", d=Phrase(["this", "is"]), b=best, s=scope)


def scope_of(g: Grammar, kind: str, noun) -> Phrase:
    if kind == "person":
        options = [
            ("school", "école", "f"),
            ("village", "village", "m"),
            ("group", "groupe", "m"),
            ("team", "équipe", "f"),
        ]
        options += (
            [("class", "classe", "f")] if noun.type == "kid" or noun.en == "student" else [("town", "ville", "f")]
        )
    elif kind == "place":
        row = g.pick([r for r in g.lex.nations if r["kind"] == "country"])
        tokens = [
            Tok("de"),
            *([adjuncts.article("m", row["number"] == "p")] if row["gender"] == "m" else []),
            Tok(row["fr"]),
        ]
        return Phrase(["in", *row["en"].split()], tokens, {"place"})
    else:
        options = [("collection", "collection", "f"), ("shop", "magasin", "m"), ("house", "maison", "f")]
    word, french_word, gender = g.pick(options)
    return Phrase(["in", "the", word], [Tok("de"), adjuncts.article(gender), Tok(french_word)], {"place"})


def superlative_phrase(g: Grammar, noun, adjective) -> Phrase:
    mine = (g.new_id(),)
    token, tags = adjective_tokens(adjective, (noun.gender, False), mine)
    article = Tok({"m": "le", "f": "la"}[noun.gender], agrees=mine, alt="l'", article=True)
    head = Tok(noun.fr, heads=mine)
    core = [Tok(merged(token.text)[0], agrees=mine)] if adjective.en == "good" else [Tok("plus"), token]
    before = adjective.position == "before"
    tokens = [article, *core, head] if before else [article, head, Tok(article.text), *core]
    tags |= {"superlative", "adjective-before" if before else "adjective-after"}
    return Phrase(["the", *english.degree(adjective, 1), noun.en], tokens, tags)


ADVERBS = [
    ("fast", "faster", "vite", "run,walk,swim,work,read,learn,eat"),
    ("well", "better", "bien", "sing,dance,swim,cook,play,work"),
]


ADVERBS += [("often", "more often", "souvent", "travel,laugh,cook,swim,dance,go out,read,cry,watch,go for a walk")]


ADVERBS += [
    ("slowly", "more slowly", "lentement", "walk,read,eat,work,drink,run"),
    ("early", "earlier", "tôt", "get up,leave,go to bed,wake up,arrive,have lunch"),
]


@pattern(2)
def compared_action(g: Grammar) -> Phrase:
    """runs faster than; mieux, plus tôt."""
    plain, more, french_word, some = g.pick(ADVERBS)
    verb = choose_verb(g, "hep", lambda v: v.en in some.split(",") and not v.object and "name" in v.subject)
    first, second = someone(g, 0.1), someone(g, 0)
    if same(first, second):
        return None
    tense = g.pick(["present", "state-past"]) if verb.aspect == "h" and g.chance(0.3) else "present"
    tense = "past" if tense == "state-past" else tense
    vp = VerbPhrase(verb)
    if g.chance(0.7):
        words, tokens = more.split(), fr("mieux" if french_word == "bien" else f"plus {french_word}")
        words, tokens = [*words, "than"], [*tokens, *fr("que")]
    else:
        words, tokens = ["as", plain, "as"], fr(f"aussi {french_word} que")
    degree = Phrase(words, tokens, {"comparative"})
    return sentence(clause(g, first, vp, tense), degree, second, ".")
