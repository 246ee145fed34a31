"""English morphology: plurals, verb forms, degrees of adjectives, and verb groups with their auxiliaries."""

from dataclasses import dataclass, field

from .lexicon import rows

IRREGULAR = {row["base"]: row for row in rows("english_verbs")}
VOWELS = "aeiou"
BE = {"present": ("am", "is", "are"), "past": ("was", "was", "were")}
DEGREES = {"good": ("better", "best"), "bad": ("worse", "worst"), "shy": ("shyer", "shyest")}


def add_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")) or word in ("go", "do"):
        return word + "es"
    return word[:-1] + "ies" if word[-1] == "y" and word[-2] not in VOWELS else word + "s"


def plural(noun) -> str:
    return noun.en_pl or add_s(noun.en)


def suffixed(word: str, suffix: str) -> str:
    """-ed, -er and -est, with carried, bigger and nicer."""
    if word.endswith("e"):
        return word + suffix[1:]
    if word[-1] == "y" and word[-2] not in VOWELS:
        return word[:-1] + "i" + suffix
    return (word + word[-1] if doubles(word) else word) + suffix


def doubles(word: str) -> bool:
    short = sum(letter in VOWELS for letter in word) == 1 and len(word) > 2
    return short and word[-1] not in VOWELS + "wxy" and word[-2] in VOWELS


def verb_form(verb: str, form: str) -> str:
    """base, s, past, participle or ing of the first word of `verb` (look for -> looked for)."""
    word, _, rest = verb.partition(" ")
    row = IRREGULAR.get(word, {})
    if form == "s":
        word = {"be": "is", "have": "has"}.get(word) or add_s(word)
    elif form == "ing":
        word = row.get("ing") or (
            word[:-1] + "ing" if word.endswith("e") and not word.endswith("ee") else regular_ing(word)
        )
    elif form != "base":
        word = row.get(form) or suffixed(word, "ed")
    return f"{word} {rest}".strip()


def regular_ing(word: str) -> str:
    return (word + word[-1] if doubles(word) else word) + "ing"


def degree(adjective, index: int) -> list[str]:
    """The comparative (0) or superlative (1)."""
    if adjective.en in DEGREES:
        return [DEGREES[adjective.en][index]]
    if adjective.compare == "er":
        return [suffixed(adjective.en, ("er", "est")[index])]
    return [("more", "most")[index], adjective.en]


def third(subject) -> bool:
    return subject.slot == 2


def be(subject, tense: str) -> str:
    return BE[tense][0 if subject.slot == 0 else 1 if third(subject) else 2]


@dataclass
class Group:
    """A verb group: the auxiliary (if any), what follows it, and words that come at the end of the clause."""

    aux: list[str]
    main: list[str]
    tail: list[str] = field(default_factory=list)

    def words(self, adverb=()) -> list[str]:
        return [*self.aux, *adverb, *self.main]


AUXILIARY = {
    "progressive": ("be-present", "ing"),
    "past-progressive": ("be-past", "ing"),
    "perfect": ("have", "participle"),
    "future": ("will", "base"),
    "conditional": ("would", "base"),
}


def group(verb: str, subject, tense: str, support: bool = False) -> Group:
    """`support` asks for an auxiliary (questions and not)."""
    have = "has" if third(subject) else "have"
    if tense == "since":
        return Group([have], f"been {verb_form(verb, 'ing')}".split())
    if tense in AUXILIARY:
        aux, form = AUXILIARY[tense]
        aux = have if aux == "have" else be(subject, aux[3:]) if aux.startswith("be-") else aux
        return Group([aux], verb_form(verb, form).split())
    past = tense in ("past", "state-past")
    if verb == "be" and tense != "used":
        return Group([be(subject, "past" if past else "present")], [])
    if tense == "used":
        return Group(["did"], ["use", "to", *verb.split()]) if support else Group([], ["used", "to", *verb.split()])
    if support:
        return Group(["did" if past else "does" if third(subject) else "do"], verb.split())
    return Group([], verb_form(verb, "past" if past else "s" if third(subject) else "base").split())


NEGATION = {"not": [], "no longer": ["anymore"], "nothing": ["anything"], "nobody": ["anybody"]}


def negated(verb: str, subject, tense: str, negation: str, short: bool) -> Group:
    if negation == "never":
        plain = group(verb, subject, tense)
        return Group(plain.aux, ["never", *plain.main])
    out = group(verb, subject, tense, support=True)
    if short and out.aux[-1] != "am":
        aux = {"will": "wo", "can": "ca"}.get(out.aux[-1], out.aux[-1])
        return Group([aux, "n't"], out.main, list(NEGATION[negation]))
    return Group(out.aux, ["not", *out.main], list(NEGATION[negation]))
