"""Facts: what there is, weather, trades, ages, belongings, origins, prices, how long."""

from . import adjuncts, english
from .clauses import clause, copula, sentence, simple, timed
from .core import Grammar, NounPhrase, Phrase, Tok, compose, fr
from .french import conjugate, noun_form
from .lexicon import Verb
from .phrases import any_owner, attribute, name, noun_phrase, plurality, thing
from .registry import pattern
from .sentences_located import HOLDINGS, location
from .sentences_qualities import BECOME, someone
from .verbs import VerbPhrase, choose_verb, french_group

COST = Verb("cost", "coûter", flags=("long", "slow"))
THERE = {"present": ("is", "are", "a"), "past": ("was", "were", "avait"), "future": ("will be", "will be", "aura")}


SITES = {"town": "business,site,sight", "garden": "tree,plant,bird", "room": "furniture", "street": "vehicle,tree,kid"}


SITES |= {
    "farm": "farmyard",
    "forest": "wild,oak,bush",
    "shop": "clothes,dishes,book,novel,magazine,newspaper,dictionary",
}


def scene(g: Grammar) -> tuple[Phrase, str]:
    if g.chance(0.5):
        where, held = location(g)
        return where, HOLDINGS["surface"] if held == HOLDINGS["under"] else held
    kind = g.pick(list(SITES))
    noun = g.pick(g.lex.nouns_of(kind))
    inner = noun_phrase(g, noun, "dem" if g.chance(0.25) else "def")
    words, prep = ("on", "dans") if noun.en in ("farm", "island", "avenue") else ("in", "dans")
    if noun.en == "square":
        prep = "sur"
    return compose(f"{words} {{n}}", f"{prep} {{n}}", "place", n=inner), SITES[kind]


@pattern(4.2)
def there_is(g: Grammar) -> Phrase:
    """il y a, il y avait, il y aura; pas de under negation."""
    where, held = scene(g)
    tense = g.weighted({"present": 5, "past": 3, "future": 1})
    if g.chance(0.15):
        noun = g.pick(g.lex.nouns_of("groceries,staple"))
        where = adjuncts.place_row(next(r for r in g.lex.places if r["en"] == "kitchen"), False)
    else:
        noun = g.pick(g.lex.nouns_of(held))
    if noun.en in where.en:
        return None
    negation = g.chance(0.25)
    det = (
        "num" if g.chance(0.4) and noun.count != "m" and not negation else "partitive" if noun.count == "m" else "indef"
    )
    if negation:
        det = "neg-mass" if det == "partitive" else "neg"
    plural = det == "num" or plurality(g, noun, 0.4)
    what = noun_phrase(g, noun, det, plural, None if negation else attribute(g, noun, 0.3))
    return sentence(there(what, tense, negation), where, ".")


def there(what: NounPhrase, tense: str, negation: bool) -> Phrase:
    singular, plural, french_form = THERE[tense]
    words = ["there", *(plural if what.plural else singular).split()]
    if negation:
        words.insert(2, "not")
    tokens = fr(f"il ne y {french_form} pas") if negation else fr(f"il y {french_form}")
    tags = {"il-y-a", "imperfect" if tense == "past" else tense, *(["negation"] if negation else [])}
    return Phrase([*words, *what.en], tokens + what.fr, what.tags | tags)


def weather_clause(g: Grammar, row: dict, tense: str) -> Phrase:
    """il pleut, il a plu or il faisait froid, il fera froid."""
    words = row[tense].split()
    if tense == "past" and row["fr"] in ("pleuvoir", "neiger"):
        tokens = [Tok("il"), Tok("a"), Tok({"pleuvoir": "plu", "neiger": "neigé"}[row["fr"]])]
        return Phrase(words, tokens, {"weather", "pc-avoir"})
    kind = "imperfect" if tense == "past" else tense
    form = conjugate(row["fr"], kind, 2)
    tokens = fr(f"il y {form}" if row["fr"] == "avoir" else f"il {form}") + fr(row["infinitive"])
    return Phrase(words, tokens, {"weather", kind})


@pattern(2)
def weather(g: Grammar) -> Phrase:
    row, tense = g.pick(g.lex.weather), g.pick(["present", "past", "past", "future"])
    where = adjuncts.nation(g)
    body = sentence(weather_clause(g, row, tense), where)
    if tense == "present":
        when = g.pick([r for r in g.lex.times if r["en"] in ("in winter", "in summer", "in autumn", "in spring")])
        season = Phrase(when["en"].split(), fr(when["fr"]), {"time"})
        often = g.pick([("often", "souvent"), ("rarely", "rarement"), ("sometimes", "parfois")])
        words = body.en[:]
        spot = 2 if row["present"].startswith("it is") else 1
        words[spot:spot] = [often[0]]
        cut = 3 if row["fr"] == "avoir" else 2
        body = Phrase(words, [*body.fr[:cut], *fr(often[1]), *body.fr[cut:]], body.tags)
        return timed(g, body, season)
    return timed(g, body, adjuncts.listed_time(g, tense))


@pattern(2)
def trade(g: Grammar) -> Phrase:
    """My sister is a nurse: no article in French."""
    noun = g.pick(g.lex.nouns_of("job"))
    nouns = [n for n in g.lex.nouns_of("kin") if n.gender == noun.gender and n.count == ""]
    if g.chance(0.5):
        who = name(g, noun.gender)
    else:
        who = noun_phrase(g, g.pick(nouns), "poss" if g.chance(0.7) else "of", False, owner=name(g))
        if "possessive" in who.tags:
            who = noun_phrase(g, who.noun, "poss", False, owner=any_owner(g))
    what = Phrase(["a", noun.en], [Tok(noun_form(noun, False), agrees=who.ids)])
    tense = g.pick(["present", "state-past", "become", "become-future"])
    if tense.startswith("become"):
        when = "future" if tense == "become-future" else "past"
        body = sentence(clause(g, who, VerbPhrase(BECOME), when), what)
        return timed(g, body, adjuncts.time(g, when, BECOME) if when == "future" else adjuncts.year(g, 1990, 2024))
    where = adjuncts.nation(g) if g.chance(0.6) else Phrase()
    return sentence(copula(g, who, tense, what, "not" if g.chance(0.15) else ""), where, ".")


@pattern(1.8)
def origin(g: Grammar) -> Phrase:
    """comes from Canada; was born in Rome in 1985."""
    who = someone(g, 0.15)
    if who.slot == 4:
        return None
    if g.chance(0.5):
        body = sentence(clause(g, who, VerbPhrase(Verb("come", "venir")), "present", "not" if g.chance(0.2) else ""))
        return sentence(body, adjuncts.origin(g), ".")
    group = french_group(VerbPhrase(Verb("be born", "naître")), who, "past")
    words = [*who.en, english.be(who, "past"), "born"]
    when = adjuncts.year(g, 1950, 2012) if g.chance(0.7) else Phrase()
    return sentence(Phrase(words, who.fr + group.fr, who.tags | group.tags), adjuncts.nation(g), when, ".")


@pattern(1.6)
def price(g: Grammar) -> Phrase:
    """These shoes cost fifty euros."""
    cheap, dear = (
        "dishes,candle,toy,ball,book,novel,magazine,dictionary,linen,umbrella,pen,gift",
        "clothes,furniture,machine,instrument,vehicle",
    )
    dear_one = g.chance(0.6)
    noun = g.pick(g.lex.nouns_of(dear if dear_one else cheap))
    what = thing(g, noun, None, 0.45, {"def": 1, "dem": 3})
    if "expensive" in what.en:
        return None
    value = g.pick([r for r in g.lex.numbers if int(r["value"]) <= 60])
    if noun.type in ("furniture", "machine", "instrument", "vehicle"):
        amount = g.pick(["two", "three", "four", "five", "six", "seven", "eight", "nine"])
        row = next(r for r in g.lex.numbers if r["en"] == amount)
        unit = (
            ("thousand", "mille")
            if noun.en in ("car", "truck", "van", "tractor", "motorcycle")
            else ("hundred", "cents")
        )
        price_phrase = Phrase([amount, unit[0]], fr(f"{row['fr']} {unit[1]}"), {"number"})
    else:
        price_phrase = Phrase(value["en"].split(), fr(value["fr"]), {"number"})
    tense = g.pick(["present", "state-past"])
    body = clause(g, what, VerbPhrase(COST), tense)
    when = Phrase() if tense == "present" else adjuncts.listed_time(g, "past", COST)
    return compose("{b} {p} euros {w} .", "{b} {p} euros {w} .", b=body, p=price_phrase, w=when)


@pattern(1.8)
def departure(g: Grammar) -> Phrase:
    """The train for Lyon leaves at eight o'clock."""
    noun = g.pick(g.lex.nouns_of("bus,train,plane,ferry,boat"))
    row = g.pick([r for r in g.lex.nations if r["kind"] == "city"])
    np = noun_phrase(g, noun, "dem" if g.chance(0.2) else "def", False, attribute(g, noun, 0))
    leaving = g.chance(0.6)
    link = Phrase(["for" if leaving else "from", *row["en"].split()], fr(("pour " if leaving else "de ") + row["fr"]))
    np.en, np.fr = np.en + link.en, np.fr + link.fr
    verb = Verb("leave", "partir") if leaving else Verb("arrive", "arriver")
    tense = g.pick(["present", "past", "future"])
    hour = adjuncts.number(g, 2, 11)
    clock = compose("at {n} o'clock", "à {n} heures", "time", n=hour)
    when = adjuncts.time(g, tense, verb) if tense != "present" else Phrase()
    if any(word in when.en for word in ("morning", "evening", "afternoon", "ago", "soon")) or "dans" in [
        t.text for t in when.fr
    ]:
        return None
    if (
        when.en
        and when.en[0] in ("last", "next", "in")
        and when.en[-1] in ("month", "year", "week", "winter", "summer", "spring")
    ):
        return None
    return sentence(clause(g, np, VerbPhrase(verb), tense), when if "year" not in when.en else Phrase(), clock, ".")


@pattern(4.6)
def since(g: Grammar) -> Phrase:
    """has been living in Paris for ten years: depuis + present."""
    some = {
        "live": "month year",
        "work": "week month year",
        "study": "month year",
        "learn": "week month year",
        "teach": "month year",
    }
    some |= {
        "play": "year month",
        "wait": "hour",
        "sleep": "hour",
        "wait for": "hour",
        "look for": "hour day week",
        "travel": "week month year",
    }
    some |= {"repair": "hour day", "cook": "hour", "dance": "hour year", "swim": "hour year", "sing": "hour year"}
    verb = choose_verb(g, "hes", lambda v: v.en in some and v.en != "repair" and "name" in v.subject)
    who, vp, _ = simple(g, verb=verb, tense="progressive", place=0.6)
    if verb.aspect == "h" and vp.object is not None and vp.object.noun is not None and verb.det == "":
        return None
    vp.adverb = None
    if g.chance(0.7) or "year" not in some[verb.en]:
        when = compose("for {d}", "depuis {d}", d=adjuncts.duration(g, some[verb.en].split()))
    else:
        value = adjuncts.year(g, 1990, 2024)
        when = Phrase(["since", value.en[1]], fr(f"depuis {value.en[1]}"))
    return sentence(clause(g, who, vp, "since"), when, ".", tags="depuis time")
