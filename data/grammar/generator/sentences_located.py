"""Things in their places: the keys in the drawer, and qualities at a distance from their noun."""

from .clauses import sentence
from .core import Grammar, NounPhrase, Phrase, compose
from .phrases import noun_phrase, plurality, thing
from .registry import pattern
from .sentences_qualities import COPULA_TENSES, adjective_for, predicate, predicative

LOCATIONS = [
    ("on", "sur", "surface"),
    ("under", "sous", "surface"),
    ("in", "dans", "container"),
    ("near", "près de", "opening"),
]


READING = "book,novel,newspaper,magazine,letter,contract,dictionary,report,message"
HOLDINGS = {"surface": f"linen,dishes,small,box,bag,basket,{READING}"}
HOLDINGS |= {"container": f"linen,small,clothes,dishes,{READING}"}


HOLDINGS |= {"opening": "furniture,box,suitcase", "under": "toy,box,bag,suitcase,ball,pair,small"}


def location(g: Grammar) -> tuple[Phrase, str]:
    """on the table, in the drawer: the phrase, and what may be found there."""
    words, french_words, kind = g.pick(LOCATIONS)
    nouns = [n for n in g.lex.nouns_of(kind) if n.type != "text" and n.count != "p"]
    inner = thing(g, g.pick(nouns), False, 0, {"def": 6, "dem": 1, "poss": 1})
    phrase = compose(f"{words} {{n}}", f"{french_words} {{n}}", "place", n=inner)
    return phrase, HOLDINGS["under" if words == "under" else kind]


def located(g: Grammar, plural=None) -> NounPhrase:
    """the books on the table"""
    phrase, held = location(g)
    nouns = [n for n in g.lex.nouns_of(held) if n.count != "m" and predicative(g, n.type, n.roles, n.en)]
    noun = g.pick(nouns)
    np = noun_phrase(g, noun, "def", plurality(g, noun, 0.5) if plural is None else plural)
    if noun.en in phrase.en:
        return located(g, plural)
    np.en, np.fr, np.tags = np.en + phrase.en, np.fr + phrase.fr, np.tags | phrase.tags
    return np


@pattern(3)
def quality_far(g: Grammar) -> Phrase:
    """The keys in the drawer of the desk are ...: agreement across what stands between."""
    np = located(g)
    return sentence(np, predicate(g, np, adjective_for(g, np), g.weighted(COPULA_TENSES | {"future": 0})), ".")
