"""Every finite form and participle of every verb, against verbecc."""

import os
import re

import pytest
from generator import french
from grammar_files import GRAMMAR, table

TENSES = [("present", "indicatif", "présent"), ("imperfect", "indicatif", "imparfait")]
TENSES += [("future", "indicatif", "futur-simple"), ("conditional", "conditionnel", "présent")]


def infinitives() -> list[str]:
    found = {re.sub(r"^(se |s')", "", row["fr"]) for row in table("verbs")}
    found |= {row["fr"] for name in ("catenatives", "helpers") for row in table(name)}
    found |= {row["fr"] for row in table("weather")}
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((GRAMMAR / "generator").glob("*.py")))
    found |= {verb.removeprefix("se ") for verb in re.findall(r"Verb\((?:en=)?\"[^\"]*\", (?:fr=)?\"([^\"]+)\"", code)}
    found |= {"être", "avoir", "aller", "venir", "faire", "devoir", "pouvoir", "vouloir", "savoir"}
    return sorted(found)


IMPERSONAL = {"pleuvoir", "neiger"}


@pytest.fixture(scope="module")
def conjugator(tmp_path_factory):
    here = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("verbecc"))  # it writes a log where it is imported
    verbecc = pytest.importorskip("verbecc")
    os.chdir(here)
    return verbecc.Conjugator(lang="fr")


def without_pronoun(form: str) -> str:
    return re.sub(r"^(?:je |j'|tu |il |nous |vous |ils |elle |on |me |m'|te |t'|se |s')+", "", form)


def test_every_finite_form(conjugator):
    wrong = []
    assert len(infinitives()) > 140
    for verb in infinitives():
        moods = conjugator.conjugate(verb)["moods"]
        for tense, mood, name in TENSES:
            expected = moods[mood][name]
            slots = [2] if verb in IMPERSONAL else range(6)
            theirs = [without_pronoun(expected[0 if verb in IMPERSONAL else slot]) for slot in slots]
            ours = [french.conjugate(verb, tense, slot) for slot in slots]
            if ours != theirs:
                wrong.append((verb, tense, ours, theirs))
    assert not wrong, wrong


def test_every_participle_and_imperative(conjugator):
    wrong = []
    for verb in sorted(set(infinitives()) - IMPERSONAL):
        moods = conjugator.conjugate(verb)["moods"]
        expected = moods["participe"]["participe-passé"]
        ours = [french.participle(verb, g, n) for g, n in (("m", False), ("m", True), ("f", False), ("f", True))]
        if ours[0] != expected[0] or (len(expected) == 4 and ours != expected):
            wrong.append((verb, ours, expected))
        orders = moods["imperatif"].get("imperatif-présent", [])
        mine = [french.imperative(verb, slot) for slot in (1, 3, 4)]
        if len(orders) == 3 and verb not in ("pouvoir", "vouloir", "devoir") and mine != orders:
            wrong.append((verb, mine, orders))
    assert not wrong, wrong
