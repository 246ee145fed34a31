"""Agreement over the written sentences, through the tables and paradigms written here."""

import re

from generator import french
from grammar_files import table
from paradigms import DETERMINERS, FEMININE_WITHOUT_E, MASCULINE_IN_E, adjective_forms, noun_features


def verb_forms() -> set[str]:
    """Words that may be a noun or adjective but also a verb here: la cuisine, elle cuisine."""
    tenses = [("present", slot) for slot in range(6)] + [("imperfect", 2)]
    verbs = [re.sub(r"^(se |s')", "", row["fr"]) for row in table("verbs")]
    return {french.conjugate(verb, tense, slot) for verb in verbs for tense, slot in tenses}


def compatible(features: set[str], wanted: str) -> bool:
    return any(set(wanted) <= set(feature) for feature in features)


def words_of(sentence: str) -> list[str]:
    return re.findall(r"\w+'|[\w-]+|[.,?!]", sentence.lower())


def test_determiners_agree_with_their_nouns(pairs):
    verbs, adjectives, checked = verb_forms(), adjective_forms(), 0
    nouns = {word: features for word, features in noun_features().items() if word not in verbs}
    for _, written, _ in pairs:
        words = words_of(written)
        for i, word in enumerate(words):
            if word not in nouns or i == 0:
                continue
            j = i - 2 if words[i - 1] in adjectives and i > 1 else i - 1
            if words[j] in DETERMINERS and not (words[j] == "le" and word in ("soir",)):
                assert compatible(nouns[word], DETERMINERS[words[j]]), (words[j], word, written)
                checked += 1
            if j == i - 2:
                assert nouns[word] & adjectives[words[i - 1]] or words[j] in adjectives, (words[i - 1], word, written)
    assert checked > 20000


def test_adjectives_after_nouns_agree(pairs):
    verbs, checked = verb_forms(), 0
    nouns, adjectives = (
        {w: f for w, f in found.items() if w not in verbs} for found in (noun_features(), adjective_forms())
    )
    for _, written, _ in pairs:
        words = words_of(written)
        for before, noun, adjective in zip(words, words[1:], words[2:], strict=False):
            if before in DETERMINERS and noun in nouns and adjective in adjectives and noun not in adjectives:
                assert nouns[noun] & adjectives[adjective], (noun, adjective, written)
                checked += 1
    assert checked > 1500


def test_predicates_after_names_agree(pairs):
    """Marie est ..., Paul était ..., Marie est allée ..., and coordinated names, at the beginning of a clause."""
    gender = {row["name"]: row["gender"] for row in table("names")}
    adjectives, checked = adjective_forms(), 0
    verbs = sorted(re.sub(r"^(se |s')", "", row["fr"]) for row in table("verbs"))
    participles = {french.participle(verb) for verb in verbs}
    name = "|".join(gender)
    pattern = rf"(?:^|, |\? |[Qq]ue |[Qq]u'|[Qq]uand |[Ss]i |où )(?:({name}) et )?"
    pattern += rf"\b({name}) (?:ne |n')?(?:s')?(?:se )?(?:est|sont|était|étaient|sera|seront)"
    pattern += r" (?:pas |très |assez |vraiment |jamais |plus )?(\w+)"
    for _, written, _ in pairs:
        for first, second, word in re.findall(pattern, written):
            wanted = "f" if gender[second] == "f" and gender.get(first, "f") == "f" else "m"
            wanted += "p" if first else "s"
            if word == "cassé" and "s'est cassé l" in written:
                continue  # s'est cassé le bras: the reflexive is not the direct object
            if word in adjectives:
                assert compatible(adjectives[word], wanted), (wanted, written)
                checked += 1
            stem = word.removesuffix("s").removesuffix("e")
            if stem in participles and word not in adjectives:
                ending = {"ms": "", "fs": "e", "mp": "s", "fp": "es"}[wanted]
                assert word == stem + ending, (wanted, word, written)
                checked += 1
    assert checked > 500  # the patterns above still find something


def test_preceding_objects_agree(pairs):
    """les lettres que X a écrites, combien de lettres X a-t-il écrites: the participle ends as the noun asks."""
    nouns, checked = noun_features(), 0
    pattern = r"\b(?:[Ll]es|[Qq]uelles|[Qq]uels|[Cc]ombien (?:de|d')) ?(\w+) (?:\w+ )?(?:que |qu'|(?=.*\?))"
    pattern += (
        r"(?:(?!\bque |\bqu'|\bles\b).)*?\b(?:a|ai|as|avons|avez|ont)(?:-t)?(?:-il|-elle|-ils|-elles|-vous|-nous)? "
    )
    pattern += r"(?:\w+ment )?(\w+[éiust]e?s)\b"
    for _, written, tags in pairs:
        match = re.search(pattern, written)
        if match and "pdo-agreement" in tags and ("que " in written or "qu'" in written or "?" in written[-2:]):
            noun, word = match[1].lower(), match[2]
            if noun not in nouns or {"mp", "fp"} <= nouns[noun]:
                continue
            assert word.endswith("es") == ("fp" in nouns[noun]), (noun, word, written)
            checked += 1
    assert checked > 300


def test_english_articles_and_third_persons(pairs):
    for english, _, _ in pairs:
        assert not re.search(r"\b[Aa] (?!uniform|useful|European)[aeiouAEIOU]", english), english
        assert not re.search(r"\b[Aa]n (?!honest)[^aeiouAEIOU]", english), english
        assert not re.search(
            r"\b(?:did|does|do|didn't|doesn't|don't)(?: not)? \w+(?:ed|oes)\b(?<!need)(?<!feed)", english
        ), english
        assert not re.search(r"^(?:He|She) (?:are|have|do|were|don't)\b", english), english
        assert not re.search(r"\b(?:watch|teach|wash|fix|miss|cross|finish|publish|go)s\b", english), english
        assert not re.search(r"^(?:They|We|You) (?:is|was|has|does)\b", english), english


def test_genders_of_nouns():
    for row in table("nouns"):
        word = row["fr"].lstrip("*")
        feminine = word in FEMININE_WITHOUT_E.split() or (word.endswith("e") and word not in MASCULINE_IN_E.split())
        assert row["gender"] == ("f" if feminine else "m"), word


def test_paradigms_of_nouns_and_adjectives():
    """The generator's forms are those worked out here."""
    from generator.lexicon import Lexicon

    lexicon, nouns, adjectives = Lexicon(), noun_features(), adjective_forms()
    for noun in lexicon.nouns:
        for plural, number in ((False, "s"), (True, "p")):
            form = french.noun_form(noun, plural).lstrip("*")
            assert noun.gender + number in nouns.get(form, ()), form
    for adjective in lexicon.adjectives:
        for feature in ("ms", "fs", "mp", "fp"):
            form = french.adjective_form(adjective, feature[0], feature[1] == "p").lstrip("*")
            assert feature in adjectives.get(form, ()), (form, feature)
