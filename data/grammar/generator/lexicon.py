"""The tables of `lexicon/`, read into records and checked."""

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "lexicon"


@dataclass(frozen=True)
class Noun:
    en: str
    fr: str
    gender: str
    type: str
    roles: tuple[str, ...] = ()
    count: str = ""  # m: mass, s: singular only, p: plural only
    en_pl: str = ""
    fr_pl: str = ""

    def is_a(self, classes) -> bool:
        return self.type in classes or self.en in classes or any(role in classes for role in self.roles)


@dataclass(frozen=True)
class Adjective:
    en: str
    fr: str
    position: str
    types: frozenset
    use: str  # both, attr or pred
    compare: str  # er, more or - (no degrees)
    fem: str
    masc_pl: str
    prevocalic: str


@dataclass(frozen=True)
class Verb:
    en: str
    fr: str
    reflexive: bool = False
    subject: frozenset = frozenset()
    prep: str = ""
    object: frozenset = frozenset()
    det: str = ""  # determiners of the object: any, def, gen(eric), gdef (instruments), hum(an)
    recipient: str = ""
    aspect: str = "h"  # h: habit, e: event, p: punctual event, s: state
    places: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def rows(name: str) -> list[dict]:
    with open(FOLDER / f"{name}.tsv", encoding="utf-8", newline="") as handle:
        table = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in table:
        bad = None in row or None in row.values()
        assert not bad, f"{name}.tsv: bad row {row}"
    return table


def words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(",")) if cell else ()


def bare_infinitive(infinitive: str) -> tuple[str, bool]:
    for pronoun in ("se ", "s'"):
        if infinitive.startswith(pronoun):
            return infinitive[len(pronoun) :], True
    return infinitive, False


class Lexicon:
    def __init__(self):
        self.found: dict = {}  # answers of nouns_of and adjectives_for
        self.groups = {row["group"]: row["members"].split() for row in rows("groups")}
        self.nouns = [Noun(**{**row, "roles": words(row["roles"])}) for row in rows("nouns")]
        self.known = {noun.type for noun in self.nouns} | {noun.en for noun in self.nouns} | {"name", "nation"}
        self.known |= {role for noun in self.nouns for role in noun.roles}
        self.adjectives = [Adjective(**{**row, "types": self.expand(row["types"])}) for row in rows("adjectives")]
        self.verbs = [self.read_verb(row) for row in rows("verbs")]
        self.names, self.nations, self.places = rows("names"), rows("nations"), rows("places")
        self.times, self.adverbs, self.numbers = rows("times"), rows("adverbs"), rows("numbers")
        self.catenatives, self.helpers, self.states = rows("catenatives"), rows("helpers"), rows("states")
        self.weather, self.expressions = rows("weather"), rows("expressions")
        self.clashes = [words(row["adjectives"]) for row in rows("clashes")]  # not both of one thing
        self.pairs = [(row["first"], row["second"]) for row in rows("pairs")]
        self.by_en = {noun.en: noun for noun in self.nouns}
        assert {noun.count for noun in self.nouns} <= {"", "m", "s", "p"}, "nouns.tsv: unknown count"
        assert len(self.by_en) == len(self.nouns), "nouns.tsv: an English noun has two rows"

    def expand(self, cell: str) -> frozenset:
        found = [m for word in words(cell) for m in self.groups.get(word, [word])]
        unknown = [word for word in found if word not in self.known]
        assert not unknown, f"classes without a noun: {unknown}"
        return frozenset(found)

    def read_verb(self, row: dict) -> Verb:
        french, reflexive = bare_infinitive(row["fr"])
        changed = {"fr": french, "reflexive": reflexive, "places": words(row["places"]), "flags": words(row["flags"])}
        changed |= {key: self.expand(row[key]) for key in ("subject", "object")}
        return Verb(**{**row, **changed})

    def nouns_of(self, classes) -> list[Noun]:
        """The nouns of some classes, given as in the tables or as a set."""
        key = classes if isinstance(classes, str) else frozenset(classes)
        if key not in self.found:
            wanted = self.expand(classes) if isinstance(classes, str) else classes
            self.found[key] = [noun for noun in self.nouns if noun.is_a(wanted)]
        return self.found[key]

    def adjectives_for(self, noun_type: str, roles=(), use: str = "attr", noun_en: str = "") -> list[Adjective]:
        key = (noun_type, roles, use, noun_en)
        if key not in self.found:
            kinds = {noun_type, noun_en, *roles}
            self.found[key] = [a for a in self.adjectives if a.use in (use, "both") and a.types & kinds]
        return self.found[key]
