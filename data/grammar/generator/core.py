"""Data that travels through a derivation: tokens with agreement links, phrases, and the generator's state."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tok:
    """A French token. `heads` and `agrees` hold controller numbers: who governs, and who follows, an agreement."""

    text: str
    heads: tuple[int, ...] = ()
    agrees: tuple[int, ...] = ()
    alt: str = ""  # the form before a vowel: le/l', ce/cet, beau/bel
    article: bool = False  # contracts with a preceding à or de


@dataclass
class Phrase:
    en: list[str] = field(default_factory=list)
    fr: list[Tok] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)


@dataclass
class NounPhrase(Phrase):
    """A phrase with the features other words agree with."""

    slot: int = 2  # row of the French paradigm: je tu il nous vous ils
    plural: bool = False  # number of adjectives and participles (false for one person called vous)
    gender: str = "m"
    ids: tuple[int, ...] = ()
    kind: str = "noun"  # noun, name or pronoun
    human: bool = True
    noun: object = None

    @property
    def agr(self) -> tuple[str, bool]:
        return self.gender, self.plural


class Grammar:
    """The lexicon, the random stream and the next free controller number."""

    def __init__(self, lexicon, seed: int):
        self.lex, self.rng, self.last_id = lexicon, random.Random(seed), 0

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, options):
        return options[int(self.rng.random() * len(options))]

    def weighted(self, table: dict):
        """A key of `table`, in proportion to its value."""
        point = self.rng.random() * sum(table.values())
        for key, weight in table.items():
            point -= weight
            if point < 0:
                return key
        return key


def fr(text: str) -> list[Tok]:
    """Plain French tokens, written with spaces between them."""
    return [Tok(word) for word in text.split()]


def compose(en: str, french: str, tags: str = "", **slots: Phrase) -> Phrase:
    """Fill two templates, whose {name}s are phrases and whose other words stand for themselves."""
    out = Phrase(tags=set(tags.split()))
    for word in en.split():
        out.en += slots[word[1:-1]].en if word[0] == "{" else [word]
    for word in french.split():
        out.fr += slots[word[1:-1]].fr if word[0] == "{" else [Tok(word)]
    for phrase in slots.values():
        out.tags |= phrase.tags
    return out
