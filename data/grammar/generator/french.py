"""French morphology: conjugation from a table of irregular verbs and rules, adjectives and plurals."""

from .lexicon import rows

IRREGULAR = {row["infinitive"]: row for row in rows("french_verbs")}
ENDINGS = {
    "er": ["e", "es", "e", "ons", "ez", "ent"],
    "ir": ["is", "is", "it", "issons", "issez", "issent"],
    "re": ["s", "s", "", "ons", "ez", "ent"],
    "imperfect": ["ais", "ais", "ait", "ions", "iez", "aient"],
    "future": ["ai", "as", "a", "ons", "ez", "ont"],
}
GRAVE = {"acheter", "lever", "promener", "geler", "peser", "mener", "enlever", "amener", "emmener"}
TENSES = {"present", "imperfect", "future", "conditional"}


def row_of(infinitive: str) -> dict:
    """The verb's row, with what its model says prefixed by what it has before the model (ap-prendre)."""
    row = dict(IRREGULAR.get(infinitive, {}))
    model = row.get("model")
    if model:
        prefix, base = family_prefix(infinitive, model), row_of(model)
        for key in ("present", "future", "participle"):
            row[key] = " ".join(prefix(form) for form in base[key].split())
    return row


def family_prefix(infinitive: str, model: str):
    """How the model's forms become the verb's: swap the beginnings in which the two infinitives differ."""
    common = 0
    while common < min(len(infinitive), len(model)) and infinitive[-1 - common] == model[-1 - common]:
        common += 1
    old, new = model[: len(model) - common], infinitive[: len(infinitive) - common]
    return lambda form: new + form[len(old) :]


def stressed(stem: str, infinitive: str) -> str:
    """The stem of an -er verb before a mute e: achèt-, appell-, répèt-, essai-."""
    if infinitive in GRAVE:
        return stem[:-2] + "è" + stem[-1]
    if infinitive.endswith(("eler", "eter")):
        return stem + stem[-1]
    if len(stem) > 1 and stem[-2] == "é":
        return stem[:-2] + "è" + stem[-1]
    return stem[:-1] + "i" if stem.endswith("y") else stem


def softened(stem: str, ending: str) -> str:
    """mangeons, commençons: keep the sound of g and c before a and o."""
    if ending[:1] in ("a", "o"):
        return stem + "e" if stem.endswith("g") else stem[:-1] + "ç" if stem.endswith("c") else stem
    return stem


def present(infinitive: str) -> list[str]:
    row = row_of(infinitive)
    if row.get("present"):
        return row["present"].split()
    stem, group = infinitive[:-2], infinitive[-2:]
    if group != "er":
        return [stem + ending for ending in ENDINGS[group]]
    mute = stressed(stem, infinitive)
    return [
        (mute if ending[0] == "e" and ending != "ez" else softened(stem, ending)) + ending for ending in ENDINGS["er"]
    ]


def future_stem(infinitive: str) -> str:
    row = row_of(infinitive)
    if row.get("future"):
        return row["future"]
    if not infinitive.endswith("er"):
        return infinitive.removesuffix("e")
    stem = infinitive[:-2]
    changes = stressed(stem, infinitive) if len(stem) < 2 or stem[-2] != "é" else stem
    return changes + "er"


def conjugate(infinitive: str, tense: str, slot: int) -> str:
    if tense == "present":
        return present(infinitive)[slot]
    if tense in ("future", "conditional"):
        return future_stem(infinitive) + ENDINGS["future" if tense == "future" else "imperfect"][slot]
    assert tense == "imperfect", tense
    special = {"être": "ét", "pleuvoir": "pleuv", "falloir": "fall"}
    stem = special.get(infinitive) or present(infinitive)[3].removesuffix("ons")
    ending = ENDINGS["imperfect"][slot]
    if infinitive.endswith(("ger", "cer")) and ending[0] == "i":
        stem = infinitive[:-2]
    return stem + ending


def imperative(infinitive: str, slot: int) -> str:
    """Slots 1 (tu), 3 (nous) and 4 (vous)."""
    special = row_of(infinitive).get("imperative")
    if special:
        return special.split()[(1, 3, 4).index(slot)]
    form = conjugate(infinitive, "present", slot)
    return form.removesuffix("s") if slot == 1 and form.endswith("es") else form


def participle(infinitive: str, gender: str = "m", plural: bool = False) -> str:
    form = row_of(infinitive).get("participle")
    if not form:
        form = infinitive[:-2] + {"er": "é", "ir": "i", "re": "u"}[infinitive[-2:]]
    if form == "dû" and (gender, plural) != ("m", False):
        form = "du"
    form += "e" if gender == "f" else ""
    return form + "s" if plural and not form.endswith("s") else form


def takes_etre(infinitive: str) -> bool:
    return row_of(infinitive).get("aux") == "être"


def feminine(adjective) -> str:
    form = adjective.fr
    if adjective.fem:
        return adjective.fem
    for ending, change in (
        ("er", "ère"),
        ("eux", "euse"),
        ("f", "ve"),
        ("oux", "ouse"),
        ("el", "elle"),
        ("en", "enne"),
    ):
        if form.endswith(ending):
            return form[: -len(ending)] + change
    special = {"blanc": "blanche", "faux": "fausse"}
    return special.get(form) or (form if form.endswith("e") else form + "e")


def pluralize(form: str) -> str:
    if form[-1] in "sxz":
        return form
    if form.endswith(("eau", "eu")) and form != "bleu":
        return form + "x"
    return form[:-2] + "aux" if form.endswith("al") else form + "s"


def adjective_form(adjective, gender: str, plural: bool) -> str:
    form = feminine(adjective) if gender == "f" else adjective.fr
    if not plural:
        return form
    return adjective.masc_pl or pluralize(form) if gender == "m" else form if adjective.masc_pl else pluralize(form)


def is_irregular(adjective) -> bool:
    """Whether more than -e and -s is at work."""
    plain = adjective.fr if adjective.fr.endswith("e") else adjective.fr + "e"
    return (
        feminine(adjective) != plain or bool(adjective.prevocalic or adjective.masc_pl) or adjective.fr.endswith("al")
    )


def noun_form(noun, plural: bool) -> str:
    return (noun.fr_pl or pluralize(noun.fr)) if plural else noun.fr
