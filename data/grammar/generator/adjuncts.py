"""Where and when: phrases of place and time, numbers."""

from .core import Grammar, Phrase, Tok, compose, fr

UNITS = {"day": "jour", "week": "semaine", "month": "mois", "year": "an", "hour": "heure"}
KINDS = {"present": "habit", "used": "then", "past": "past", "future": "future", "progressive": "now"}


def article(gender: str, plural: bool = False) -> Tok:
    return Tok("les" if plural else {"m": "le", "f": "la"}[gender], article=True)


def place_row(row: dict, goal: bool) -> Phrase:
    noun, _, number = row["fr"].partition(":")
    tokens = [Tok(row["goal"] if goal else row["fr_in"]), article(row["gender"], number == "p")]
    tokens.append(Tok(noun + "s" if number else noun))
    if row["en"].startswith("@"):
        where = row["en_in"]
        return Phrase((where.replace("at", "to") if goal and where != "at home" else where).split(), tokens, {"place"})
    word = "to" if goal else row["en_in"]
    return Phrase(f"{word} the {row['en']}".split(), tokens, {"place"})


def nation(g: Grammar, kind: str = "", goal: bool = False, row=None) -> Phrase:
    """à Paris, en France, au Japon, aux États-Unis."""
    row = row or g.pick([r for r in g.lex.nations if kind in ("", r["kind"])])
    words = [("to" if goal else "in"), *row["en"].split()]
    name = Tok(row["fr"])
    if row["kind"] == "city":
        tokens = [Tok("à"), name]
    elif row["gender"] == "f":
        tokens = [Tok("en"), name]
    else:
        tokens = [Tok("à"), article("m", row["number"] == "p"), name]
    return Phrase(words, tokens, {"place"})


def origin(g: Grammar) -> Phrase:
    """de Paris, de France, du Japon, des États-Unis."""
    row = g.pick(g.lex.nations)
    masculine = [article("m", row["number"] == "p")] if row["kind"] == "country" and row["gender"] == "m" else []
    return Phrase(["from", *row["en"].split()], [Tok("de"), *masculine, Tok(row["fr"])], {"place"})


def place(g: Grammar, kinds, goal: bool = False) -> Phrase:
    if "nation" in kinds or ("live" in kinds and g.chance(0.6)):
        return nation(g, goal=goal)
    if "city" in kinds or ("town" in kinds and g.chance(0.6)):
        return nation(g, "city", goal)
    rows = [r for r in g.lex.places if set(kinds) & set(r["kinds"].split(",")) and (r["goal"] or not goal)]
    return place_row(g.pick(rows), goal)


def number(g: Grammar, low: int, high: int) -> Phrase:
    row = g.pick([r for r in g.lex.numbers if low <= int(r["value"]) <= high])
    return Phrase(row["en"].split(), fr(row["fr"]), {"number"})


def duration(g: Grammar, units=("day", "week", "month", "year")) -> Phrase:
    unit = g.pick(units)
    french_unit = UNITS[unit] if UNITS[unit].endswith("s") else UNITS[unit] + "s"
    return compose(f"{{n}} {unit}s", f"{{n}} {french_unit}", n=number(g, 2, 5 if unit == "hour" else 12))


def year(g: Grammar, low: int, high: int) -> Phrase:
    value = str(low + int(g.rng.random() * (high - low)))
    return Phrase(["in", value], fr(f"en {value}"), {"time"})


def suits(row: dict, verb) -> bool:
    """Whether a time fits how long the verb's event lasts, and the part of the day it has."""
    flags = verb.flags if verb else ()
    wrong = {"long"} if not {"long", "both"} & {*flags} else {"day"} if "long" in flags else set()
    part = any(word in row["en"] for word in ("morning", "evening", "afternoon"))
    some = row["en"].split()[0] in ("once", "twice", "three", "from") or row["en"] == "right now"
    if ("slow" in flags and "week" in row["en"]) or (verb and verb.fr == "dormir" and row["en"].startswith("on ")):
        return False
    return row["scale"] not in wrong and not ("clock" in flags and (part or some))


def listed_time(g: Grammar, kind: str, verb=None) -> Phrase:
    row = g.pick([r for r in g.lex.times if r["kind"] == kind and suits(r, verb)])
    tokens = [Tok(word) for word in row["fr"].split()]
    return Phrase(row["en"].split(), tokens, {"time"})


def time(g: Grammar, tense: str, verb=None) -> Phrase:
    """A time that agrees with the tense and the verb."""
    kind, flags = KINDS[tense], verb.flags if verb else ()
    long = "long" in flags or "both" in flags
    units = ("day",) if not long else ("week", "month", "year") if "long" in flags else tuple(UNITS)[:4]
    units = units[1:] if "slow" in flags else units
    if kind == "past" and g.chance(0.2 if long else 0.1):
        return compose("{d} ago", "il y a {d}", "time", d=duration(g, units))
    if kind == "past" and long and g.chance(0.1):
        return year(g, 1990, 2024)
    if kind == "future" and g.chance(0.2 if long else 0.08):
        units = units if "both" not in flags else units[:3]
        return compose("in {d}", "dans {d}", "time", d=duration(g, units))
    return listed_time(g, kind, verb)
