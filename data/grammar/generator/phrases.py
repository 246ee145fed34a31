"""Noun phrases: determiners, adjectives, names, pronouns, possessors."""

from . import english, french
from .core import Grammar, NounPhrase, Phrase, Tok, fr

PRONOUNS = {0: ("I", "je"), 1: ("you", "tu"), 3: ("we", "nous"), 4: ("you", "vous")}
OBJECT_EN = {0: "me", 1: "you", 3: "us", 4: "you", 5: "them"}
OWNER_EN = {0: "my", 1: "your", 3: "our", 4: "your", 5: "their"}
OWNER_FR = [("mon", "ma", "mes"), ("ton", "ta", "tes"), ("son", "sa", "ses")]
OWNER_FR += [("notre", "notre", "nos"), ("votre", "votre", "vos"), ("leur", "leur", "leurs")]
HUMAN = ("kin", "job", "pers", "kid", "name", "noble")
OWNED = [
    "clothes",
    "furniture",
    "vehicle",
    "object",
    "machine",
    "instrument",
    "case",
    "text",
    "thought",
    "anecdote",
    "dwelling",
    "art",
    "linen",
    "paper",
]


def pronoun(g: Grammar, slot: int, gender: str = "m") -> NounPhrase:
    """A subject pronoun; we and they are masculine, you (vous) is one man unless a vocative says otherwise."""
    if slot in (2, 5):
        pair = {
            (2, "m"): ("he", "il"),
            (2, "f"): ("she", "elle"),
            (5, "m"): ("they", "ils"),
            (5, "f"): ("they", "elles"),
        }
        english_word, french_word = pair[slot, gender]
    else:
        english_word, french_word = PRONOUNS[slot]
    mine = (g.new_id(),)
    tags = {"vous"} if slot == 4 else {"tu"} if slot == 1 else set()
    token = Tok(french_word, heads=mine)
    return NounPhrase([english_word], [token], tags, slot, slot in (3, 5), gender, mine, "pronoun")


def any_pronoun(g: Grammar) -> NounPhrase:
    slot = g.weighted({0: 4, 2: 5, 3: 3, 4: 3, 5: 3})
    return pronoun(g, slot, g.pick("mf") if slot == 2 else "m")


def subject_pronoun(g: Grammar, np: NounPhrase) -> NounPhrase:
    """The pronoun that takes up `np`: he, she, it or they."""
    out = pronoun(g, 5 if np.slot == 5 else 2, np.gender)
    if out.slot == 2 and not np.human:
        out.en = ["it"]
    out.human = np.human
    return out


def object_pronoun(g: Grammar, np: NounPhrase | None = None, case: str = "acc") -> NounPhrase:
    """A clitic: for an antecedent in the sentence (which then controls agreement) or a person known to all."""
    base = np or (any_pronoun(g))
    slot = base.slot
    if slot in (2, 5):
        known = {"acc": ("le", "la", "les"), "dat": ("lui", "lui", "leur")}[case]
        word = known[2 if slot == 5 else "mf".index(base.gender)]
        english_word = "them" if slot == 5 else ("him", "her")["mf".index(base.gender)] if base.human else "it"
    else:
        word, english_word = {0: "me", 1: "te", 3: "nous", 4: "vous"}[slot], OBJECT_EN[slot]
    token = Tok(word, heads=() if np else base.ids)
    plural, tags = base.plural, {"clitic", *({"vous"} if slot == 4 else ())}
    return NounPhrase([english_word], [token], tags, slot, plural, base.gender, base.ids, "pronoun", base.human)


def name(g: Grammar, gender: str = "") -> NounPhrase:
    row = g.pick([row for row in g.lex.names if gender in ("", row["gender"])])
    mine = (g.new_id(),)
    return NounPhrase([row["name"]], [Tok(row["name"], heads=mine)], set(), 2, False, row["gender"], mine, "name")


def owner_word(owner: NounPhrase) -> str:
    return OWNER_EN.get(owner.slot) or ("his", "her")["mf".index(owner.gender)]


def determiner(g: Grammar, det: str, gender: str, plural: bool, mine, owner=None) -> Phrase:
    """English and French determiner; `mine` is the controller it agrees with."""
    form = 2 if plural else "mf".index(gender)

    def one(english_words: str, choices: tuple, alts=("", "", ""), tags=(), article=False) -> Phrase:
        token = Tok(choices[form], agrees=mine, alt=alts[form], article=article)
        return Phrase(english_words.split(), [token], set(tags))

    if det == "def":
        return one("the", ("le", "la", "les"), article=True)
    if det == "indef":
        return one(("some" if g.chance(0.5) else "") if plural else "a", ("un", "une", "des"))
    if det == "gen":
        return one("", ("le", "la", "les"), article=True)
    if det == "partitive":
        out = one("some" if g.chance(0.5) else "", ("le", "la", "les"), tags=["partitive"], article=True)
        return Phrase(out.en, [Tok("de"), *out.fr], out.tags)
    if det in ("neg", "neg-mass"):
        return Phrase(["any"] if plural or det == "neg-mass" else ["a"], fr("de"), {"neg-de"})
    if det == "dem":
        return one("these" if plural else "this", ("ce", "cette", "ces"), ("cet", "", ""), ["demonstrative"])
    if det == "poss":
        alts = ("", OWNER_FR[owner.slot][0], "")
        return one(owner_word(owner), OWNER_FR[owner.slot], alts, ["possessive"])
    assert det == "num", det
    row = g.pick(g.lex.numbers[: 5 if g.chance(0.8) else 13])
    return Phrase([row["en"]], fr(row["fr"]), {"number"})


def adjective_tokens(adjective, np_agr, mine) -> tuple[Tok, set[str]]:
    gender, plural = np_agr
    alt = adjective.prevocalic if (gender, plural) == ("m", False) else ""
    form = french.adjective_form(adjective, gender, plural)
    return Tok(form, agrees=mine, alt=alt), {"irregular-adjective"} if french.is_irregular(adjective) else set()


def noun_phrase(g: Grammar, noun, det: str, plural: bool = False, adjective=None, owner=None) -> NounPhrase:
    """Determiner, noun and perhaps an adjective; `owner` is the possessor of det "poss" or "of" (Paul's)."""
    if noun.count == "m" and adjective and adjective.en in ("big", "small"):
        adjective = None  # no de la grande soupe
    mine = (g.new_id(),)
    genitive = det == "of"
    opening = determiner(g, "def" if genitive else det, noun.gender, plural, mine, owner)
    head_fr = [Tok(french.noun_form(noun, plural), heads=mine)]
    head_en, tags = [english.plural(noun) if plural else noun.en], set(opening.tags)
    if genitive:
        opening.en, tags = [*owner.en, "'s"], tags | owner.tags | {"genitive"}
    if adjective:
        token, found = adjective_tokens(adjective, (noun.gender, plural), mine)
        before = adjective.position == "before"
        tags |= found | {"adjective-before" if before else "adjective-after"}
        head_fr = [token, *head_fr] if before else [*head_fr, token]
        head_en = [adjective.en, *head_en]
        if before and plural and det == "indef":
            opening.fr, tags = fr("de"), tags | {"de-adjective"}
    tokens = [*opening.fr, *head_fr, *(fr("de") + owner.fr if genitive else [])]
    slot = 5 if plural else 2
    human = noun.type in HUMAN
    return NounPhrase([*opening.en, *head_en], tokens, tags, slot, plural, noun.gender, mine, "noun", human, noun)


def plurality(g: Grammar, noun, chance: float = 0.3) -> bool:
    return noun.count == "p" or (noun.count == "" and g.chance(chance))


def attribute(g: Grammar, noun, chance: float):
    """An attributive adjective that suits the noun, or None."""
    fitting = g.lex.adjectives_for(noun.type, noun.roles, "attr", noun.en)
    return g.pick(fitting) if fitting and noun.type != "kin" and g.chance(chance) else None


def any_owner(g: Grammar, bound: NounPhrase | None = None) -> NounPhrase:
    """Whose: the subject's (Paul lost his keys), or anyone's."""
    if bound is not None and bound.human and g.chance(0.8):
        return bound
    if bound is not None and bound.slot in (1, 4):
        return pronoun(g, g.pick([0, 3]))  # your belongs to the one addressed
    slot = g.weighted({0: 4, 2: 3, 3: 2, 4: 2, 5: 1} if bound is None else {0: 3, 3: 1, 4: 1})
    return pronoun(g, slot, g.pick("mf") if slot == 2 else "m")


def human(g: Grammar, noun, plural=None, bound=None, adjective_chance: float = 0.22) -> NounPhrase:
    """A relative with a possessor, anyone else with an article or demonstrative."""
    plural = plurality(g, noun, 0.25) if plural is None else plural or noun.count == "p"
    if noun.type == "kin":
        if g.chance(0.25) and bound is None:
            return noun_phrase(g, noun, "of", plural, owner=name(g))
        return noun_phrase(g, noun, "poss", plural, owner=any_owner(g, bound))
    det = "dem" if g.chance(0.2) else "def"
    return noun_phrase(g, noun, det, plural, attribute(g, noun, adjective_chance))


def subject(g: Grammar, classes, pronouns: float = 0.25, plural=None) -> NounPhrase:
    """A subject among `classes`: a name, a pronoun, a person, an animal or a thing."""
    if "name" in classes and plural is not True:
        if g.chance(pronouns):
            return any_pronoun(g)
        if g.chance(0.35):
            return name(g)
    options = [n for n in g.lex.nouns_of(classes) if not plural or n.count in ("", "p")]
    if not options:
        return name(g)
    noun = g.pick(options)
    if noun.type in HUMAN:
        return human(g, noun, plural)
    return thing(g, noun, plural)


def thing(g: Grammar, noun, plural=None, adjective_chance: float = 0.2, dets=None) -> NounPhrase:
    plural = plurality(g, noun) if plural is None else plural
    det = g.weighted(dets or {"def": 5, "dem": 2, "poss": 3 if noun.type in OWNED else 0})
    owner = any_owner(g) if det == "poss" else None
    return noun_phrase(g, noun, det, plural, attribute(g, noun, adjective_chance), owner)


def with_owner_name(g: Grammar, noun, plural: bool = False) -> NounPhrase:
    return noun_phrase(g, noun, "of", plural, owner=name(g))


def same(one: NounPhrase, two: NounPhrase) -> bool:
    """Whether two subjects could be taken for one."""
    return one.en == two.en or (one.noun is not None and one.noun == two.noun)


def coordinate(g: Grammar, first: NounPhrase, second: NounPhrase, word=("and", "et")) -> NounPhrase:
    """A and B: plural, and masculine unless both are feminine."""
    english_words = [*first.en, word[0], *second.en]
    tokens = [*first.fr, Tok(word[1]), *second.fr]
    gender = "f" if first.gender == second.gender == "f" else "m"
    tags = first.tags | second.tags | {"coordination"}
    return NounPhrase(english_words, tokens, tags, 5, True, gender, first.ids + second.ids, "noun", first.human)
