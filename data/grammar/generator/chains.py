"""Two verbs with one subject: want to, try to, be going to, have just."""

from . import english
from .clauses import infinitive
from .core import Grammar, Phrase, fr
from .lexicon import Verb
from .verbs import VerbPhrase, french_group

MODALS = {"can": "can", "must": "must", "should": "should", "could": "could"}


def willed(verb: Verb) -> bool:
    return "unwilled" not in verb.flags and "name" in verb.subject and verb.aspect != "s"


def english_chain(row: dict, who, tense: str, inner: VerbPhrase, tail: list[str]) -> list[str]:
    """who + governing verb + to infinitive, -ing form, bare infinitive or participle + tail."""
    base = {"to": "base", "modal": "base", "ing": "ing", "participle": "participle"}[row["form"]]
    verb = english.verb_form(inner.verb.en, base).split()
    if row["form"] == "modal":
        head = [MODALS[row["en"]]]
    elif row["en"].startswith("be "):
        head = [english.be(who, "present"), *row["en"].split()[1:]]
    else:
        head = english.group(row["en"], who, tense).words()
    return [*head, *(["to"] if row["form"] == "to" else []), *verb, *tail]


def chained(g: Grammar, who, row: dict, inner: VerbPhrase, tense: str, tag: str = "") -> Phrase:
    """want to, try to, begin to ...: two verbs with one subject; clitics stand before the infinitive."""
    low = infinitive(inner, who)
    outer = VerbPhrase(Verb(en=row["en"], fr=row["fr"]))
    group = french_group(outer, who, tense)
    words = english_chain(row, who, tense, inner, inner.english_tail())
    tokens = who.fr + group.fr + (fr(row["prep"]) if row["prep"] else []) + low.fr
    tags = who.tags | group.tags | low.tags | ({tag} if tag else set())
    if tag:
        tags -= {"present"}
    return Phrase([*who.en, *words], tokens, tags)
