"""Verb phrases and their French groups: clitics, negation, auxiliaries, participles."""

from dataclasses import dataclass, replace

from . import adjuncts, french
from .core import Grammar, NounPhrase, Phrase, Tok, fr
from .lexicon import Verb
from .phrases import HUMAN, OWNED, any_owner, attribute, human, name, noun_phrase, plurality

FRENCH_TENSE = {"progressive": "present", "since": "present", "used": "imperfect", "past-progressive": "imperfect"}
FRENCH_TENSE |= {"state-past": "imperfect", "past": "pc", "perfect": "pc"}
NEGATIONS = {"not": "pas", "never": "jamais", "no longer": "plus", "nothing": "rien", "nobody": "personne"}
NEG_TAGS = {"never": "neg-jamais", "no longer": "neg-plus", "nothing": "neg-rien", "nobody": "neg-personne"}
REFLEXIVE = ["me", "te", "se", "nous", "vous", "se"]
INVERTED = {0: "-je", 1: "-tu", 3: "-nous", 4: "-vous"}
RANKS = {"le": 1, "la": 1, "les": 1, "lui": 2, "leur": 2}
ASPECTS = {
    "h": ["present", "progressive", "used", "past", "future"],
    "e": ["progressive", "past", "future"],
    "p": ["past", "past", "future"],
    "unwilled": ["past"],
    "s": ["present", "state-past"],
}


@dataclass
class VerbPhrase:
    verb: Verb
    object: NounPhrase | None = None
    recipient: NounPhrase | None = None
    place: Phrase | None = None
    adverb: dict | None = None

    def parts(self) -> list[Phrase]:
        return [part for part in (self.object, self.recipient, self.place) if part]

    def clitics(self) -> list[NounPhrase]:
        return [part for part in (self.object, self.recipient) if part and part.kind == "pronoun"]

    def direct_object(self) -> NounPhrase | None:
        """The object that a participle would agree with: a clitic before the auxiliary."""
        return self.object if self.object and self.object.kind == "pronoun" and not self.verb.prep else None

    def english_tail(self) -> list[str]:
        words = [*(self.object.en if self.object else [])]
        words += ["to", *self.recipient.en] if self.recipient else []
        words += self.adverb["en"].split() if self.adverb else []
        return words + (self.place.en if self.place else [])

    def french_tail(self) -> list[Tok]:
        tokens = [] if not self.adverb or self.adverb["early"] else fr(self.adverb["fr"])
        for part, prep in ((self.object, self.verb.prep), (self.recipient, self.verb.recipient)):
            if part and part.kind != "pronoun":
                tokens += (fr(prep) if prep else []) + part.fr
        return tokens + (self.place.fr if self.place else [])

    def tags(self) -> set[str]:
        tags = {tag for part in self.parts() for tag in part.tags}
        tags |= {"reflexive"} if self.verb.reflexive else set()
        return tags | ({"clitic-order"} if len(self.clitics()) > 1 else set())


OBJECT_DETS = {"": {"def": 3, "indef": 4, "poss": 1, "dem": 1, "num": 1}, "def": {"def": 5, "dem": 2, "poss": 2}}
OBJECT_DETS |= {"some": {"indef": 5, "num": 1, "def": 1}, "some1": {"indef": 4, "def": 3, "poss": 1, "dem": 1}}
HABIT_DETS = {"indef": 6, "num": 1}
NEGATED = ("buy", "eat", "drink", "own", "receive", "wear", "read", "write", "sell", "grow", "prepare", "see")


def object_det(g: Grammar, verb: Verb, noun, tense: str, negation: str) -> str:
    if verb.det in ("gen", "gdef"):
        return "gen" if verb.det == "gen" else "def"
    weights = dict(OBJECT_DETS[verb.det if verb.det in OBJECT_DETS else ""])
    if tense in ("present", "used", "generic") and "indef" in weights:
        weights = dict(HABIT_DETS) if tense != "generic" else {"indef": 1}
    if negation and "indef" in weights and verb.en not in NEGATED:
        weights = dict(OBJECT_DETS["def"])
    if negation:
        weights.pop("num", None)
    if noun.type not in OWNED:
        weights.pop("poss", None)
    if noun.count == "m":
        weights = {"def": 1, "partitive": 4} if "indef" in weights else {"def": 3, "dem": 1}
        if tense in ("present", "used", "generic") and "partitive" in weights:
            weights = {"partitive": 1}
    det = g.weighted(weights)
    if negation and det in ("indef", "partitive"):
        return "neg-mass" if det == "partitive" else "neg"
    return det


def objects_for(g: Grammar, verb: Verb, subject: NounPhrase) -> list:
    """The nouns that may be the verb's object; men and groups here wear no dresses."""
    plain = verb.en == "wear" and (subject.gender == "m" or subject.slot != 2)
    return [n for n in g.lex.nouns_of(verb.object) if not (plain and n.en in ("dress", "skirt"))]


def object_of(g: Grammar, verb: Verb, subject: NounPhrase, tense: str, negation: str = "") -> NounPhrase:
    """An object that suits the verb, with a determiner that suits the tense."""
    if "nation" in verb.object and g.chance(0.3):
        row = g.pick(g.lex.nations)
        tokens = [adjuncts.article(row["gender"], row["number"] == "p")] if row["kind"] == "country" else []
        return NounPhrase(row["en"].split(), [*tokens, Tok(row["fr"])], {"place"}, human=False)
    if "name" in verb.object and g.chance(0.3):
        return name(g, "f" if subject.kind == "name" and subject.gender == "m" else "")
    noun = g.pick(objects_for(g, verb, subject))
    if noun.type in HUMAN and verb.det != "gen":
        return human(g, noun, bound=subject)
    det = object_det(g, verb, noun, tense, negation)
    chance = 0.1 if noun.type in ("business", "site", "town", "dwelling", "street") else 0.35
    many = 1 if tense == "generic" or verb.en == "grow" else 0.75 if verb.det == "some" else chance
    plural = noun.count == "p" or det == "num" or (det == "gen" and noun.count == "") or plurality(g, noun, many)
    if (noun.count in ("m", "s") and noun.count) or verb.det == "gdef":
        plural = False
    owner = any_owner(g, subject) if det == "poss" else None
    chance = 0 if tense == "generic" or det in ("gen", "neg", "neg-mass") or verb.det in ("gen", "gdef") else 0.35
    return noun_phrase(g, noun, det, plural, attribute(g, noun, chance), owner)


def verb_phrase(g: Grammar, verb: Verb, subject: NounPhrase, tense: str, negation: str = "", place=0.5) -> VerbPhrase:
    """Fill the verb's places: object, recipient, and sometimes a place or a manner."""
    vp = VerbPhrase(verb)
    if verb.object:
        vp.object = object_of(g, verb, subject, tense, negation)
    if verb.recipient and (g.chance(0.7) or verb.en in ("ask", "show", "give", "lend", "offer")):
        vp.recipient = person_object(g, subject)
    if verb.places and (verb.en == "live" or g.chance(place)):
        vp.place = adjuncts.place(g, verb.places, goal=verb.en in ("come", "come back"))
    fitting = [row for row in g.lex.adverbs if verb.en in row["kind"].split(",") and not verb.prep]
    if verb.fr == "fonctionner":
        fitting = [row for row in fitting if row["en"] == "well"]
    needed = "clock" in verb.flags or verb.aspect == "s"
    if fitting and not vp.object and g.chance(1 if needed else 0.3):
        vp.adverb = g.pick(fitting)
    return vp


def person_object(g: Grammar, subject: NounPhrase) -> NounPhrase:
    if g.chance(0.3) and subject.kind != "name":
        return name(g)
    return human(g, g.pick(g.lex.nouns_of("kin,job,pers,kid")), bound=subject)


def choose_verb(g: Grammar, aspects: str = "heps", test=None) -> Verb:
    return g.pick([v for v in g.lex.verbs if v.aspect in aspects and (test is None or test(v))])


def participle_token(verb: Verb, subject, pdo) -> tuple[Tok, set[str]]:
    """The participle and who it agrees with: the subject under être, a preceding direct object under avoir."""
    controller = subject if verb.reflexive or french.takes_etre(verb.fr) else pdo
    if controller is None:
        return Tok(french.participle(verb.fr)), set()
    tag = "pdo-agreement" if controller is pdo and pdo is not subject else "participle-agreement"
    return Tok(french.participle(verb.fr, *controller.agr), agrees=controller.ids), {tag}


def inverted_pronoun(subject: NounPhrase, form: str) -> list[Tok]:
    if subject.slot in INVERTED:
        return [Tok(INVERTED[subject.slot], heads=subject.ids)]
    word = {"m": "il", "f": "elle"}[subject.gender] + ("s" if subject.slot == 5 else "")
    own = {"heads": subject.ids} if subject.kind == "pronoun" else {"agrees": subject.ids}
    return [*(fr("-t") if form[-1] not in "td" else []), Tok("-" + word, **own)]


def clitic_tokens(vp: VerbPhrase, subject: NounPhrase) -> list[Tok]:
    tokens = [part.fr[0] for part in vp.clitics()]
    tokens.sort(key=lambda token: RANKS.get(token.text, 0))
    return ([Tok(REFLEXIVE[subject.slot])] if vp.verb.reflexive else []) + tokens


def french_group(
    vp: VerbPhrase, subject, tense: str, negation: str = "", adverb=(), pdo=None, inverted=False
) -> Phrase:
    """Everything from ne to the participle, clitics and an inverted pronoun included."""
    verb, tense = vp.verb, FRENCH_TENSE.get(tense, tense)
    pdo = pdo or vp.direct_object()
    etre = verb.reflexive or french.takes_etre(verb.fr)
    finite, kind = (("être" if etre else "avoir"), "present") if tense == "pc" else (verb.fr, tense)
    form = french.conjugate(finite, kind, subject.slot)
    tokens = (fr("ne") if negation else []) + clitic_tokens(vp, subject) + [Tok(form, agrees=subject.ids)]
    tokens += inverted_pronoun(subject, form) if inverted else []
    second = fr(NEGATIONS[negation]) if negation else []
    early = fr(vp.adverb["fr"]) if vp.adverb and vp.adverb["early"] else []
    tags = {("pc-etre" if etre else "pc-avoir") if tense == "pc" else tense}
    if negation:
        tags |= {"negation"} | {NEG_TAGS[n] for n in [negation] if n in NEG_TAGS}
    rest = []
    if tense == "pc":
        token, found = participle_token(verb, subject, pdo)
        rest, tags = [token], tags | found
    after = second if negation == "nobody" else []
    tokens += ([] if after else second) + list(adverb) + early + rest + after
    return Phrase([], tokens, tags)


def without_object(vp: VerbPhrase) -> VerbPhrase:
    return replace(vp, object=None)
