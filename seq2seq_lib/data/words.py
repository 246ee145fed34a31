"""Sentences to words and back: spaCy's tokenizers are known to this file alone.

Words alone do not say where spaces were. In English and French, rules put them back, and vocabularies hold plain words.
In every other language a token carries a sign wherever those rules would be wrong, so that joining undoes splitting.
"""

from __future__ import annotations

import pkgutil
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache

#: Before a token that the rules would set apart and that was not, and before one that they would join and that was not.
GLUED, SPACED = "￭", "␣"


@cache
def tokenizer(language: str) -> Callable[[str], list[str]]:
    """spaCy's rule-based tokenizer for `language` ("en", "fr", …), each token in lower case.

    A blank pipeline tokenises exactly as the downloadable ones do and needs no download. Tokens are lower-cased after
    they are cut, because rules look at capitals ("St." is one token, "st." two). Where a sentence has more white space
    than one space, spaCy makes a token of it, and it stays: Multi30k's 5,893 English types count one.

    Raises:
        ValueError: spaCy has no tokenizer for `language`, or needs another package for it.
    """
    tokenize = _pipeline(language).tokenizer
    return lambda sentence: [token.lower_ for token in tokenize(sentence)]


@cache
def _pipeline(language: str) -> Callable:
    """A blank pipeline, which splits a text into words and, by its full stops, into sentences."""
    import spacy

    try:
        pipeline = spacy.blank(language)
    except ImportError as error:
        if language in language_codes():
            reason = str(error).splitlines()[0]
            raise ValueError(f"the tokenizer for {language!r} needs another package: {reason}") from None
        codes = ", ".join(language_codes())
        raise ValueError(f"no tokenizer for language {language!r}; these codes work: {codes}") from None
    pipeline.add_pipe("sentencizer")
    return pipeline


@cache
def language_codes() -> tuple[str, ...]:
    """The languages that spaCy knows of, some of them only with another package."""
    import spacy

    return tuple(sorted(module.name for module in pkgutil.iter_modules(spacy.lang.__path__) if module.ispkg))


@cache
def has_tokenizer(language: str) -> bool:
    """Whether spaCy splits this language into words here."""
    try:
        _pipeline(language)
    except ValueError:
        return False
    return True


def sentences(text: str, language: str) -> list[str]:
    """A text cut into sentences; a text in a language that spaCy does not split here is one.

    Full stops of abbreviations end none, and what goes on in lower case is no new one ("Go!" she said).
    """
    text = unicodedata.normalize("NFC", " ".join(text.translate(_INVISIBLE).split()))
    if not has_tokenizer(language):
        return [text] if text else []
    found: list[str] = []
    for piece in (span.text for span in _pipeline(language)(text).sents):
        first = piece.lstrip("\"'»”’ ")[:1]
        if found and (not first or first.islower()):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found


#: Byte order marks, soft hyphens, and spaces of no width: nobody has typed them on purpose.
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u00ad\u200b\u2060"))


#: A word in running text, and the same where no sentence begins.
WORD = r"[^\W\d_]+"
_INNER_WORD = re.compile(rf"(?<=[^\W\d_]['’-]){WORD}|(?<=[\w,;)]\s){WORD}|(?<=[\w,;)]\s[(“«]){WORD}")


def inner_capitals(sentence: str) -> list[str]:
    """The words, not the letters, that begin with a capital where no sentence begins."""
    return [word for word in _INNER_WORD.findall(sentence) if word[0].isupper() and len(word) > 1]


def capitals(sentences: Iterable[str]) -> dict[str, str]:
    """How words that have a capital within sentences more often than not are written then, by their lower case: names.

    Source: Lita et al. (2003), "tRuEcasIng", section 2, the baseline of the most frequent form.
    """
    forms: dict[str, Counter[str]] = {}
    for sentence in sentences:
        for word in _INNER_WORD.findall(sentence):
            forms.setdefault(word.lower(), Counter())[word] += 1
    most_frequent = ((lower, counts.most_common(1)[0][0]) for lower, counts in forms.items())
    return {lower: form for lower, form in most_frequent if form != lower}


# How tokens are joined again: a pattern over the tokens with one space between, and what replaces it.
_JOINS_EVERYWHERE = (
    (r" ([.,)\]}%…])", r"\1"),
    (r"([(\[{]) ", r"\1"),
    (r'" ([^"]*?) "', r'"\1"'),
    (r"(?<=\w) - (?=\w)", "-"),
)
#: Letters of scripts that are written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han.
_SOLID = "[\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u3001-\u30ff\u3400-\u9fff\uff01-\uff60]"
_JOINS_ELSEWHERE = (
    *_JOINS_EVERYWHERE, (r" ([?!:;؟،。])", r"\1"), (r"([¿¡]) ", r"\1"), (rf"(?<={_SOLID}) (?={_SOLID})", ""),
)  # fmt: skip
_JOINS = {
    "en": (*_JOINS_EVERYWHERE, (r" ([?!:;])", r"\1"), (r" (n['’]t|['’](?:s|m|d|re|ve|ll))\b", r"\1")),
    "fr": (*_JOINS_EVERYWHERE, (r"(?<=\w)(['’]) (?=\w)", r"\1"), (r" (-\w)", r"\1")),
}


def keeps_plain_words(language: str) -> bool:
    """Whether the language's own rules put spaces back, so that its vocabularies need no signs."""
    return language in _JOINS


def split(sentence: str, language: str) -> list[str]:
    """The sentence's words in lower case, with signs where `join` alone would set a space wrongly.

    White space counts as one space. `join` gives the lower-cased sentence back, whatever the language.

    Raises:
        ValueError: as for `tokenizer`.
    """
    tokens, spaces, space = [], [], False
    for token in _pipeline(language).tokenizer(" ".join(sentence.split())):
        if token.is_space:
            space = True
            continue
        tokens.append(token.lower_)
        spaces.append(space)
        space = bool(token.whitespace_)
    by_rule = _spaces(_by_rules(tokens, language), tokens)
    return [
        token if own == ruled and token[0] not in (GLUED, SPACED) else (SPACED if own else GLUED) + token
        for token, own, ruled in zip(tokens, spaces, by_rule, strict=True)
    ]


def join(tokens: Sequence[str], language: str) -> str:
    """Tokens as a readable line: "l'", "homme", "." → "l'homme."

    French keeps a space before ? ! : ; as print does. sacreBLEU's 13a tokenisation cuts there anyway, but not at
    hyphens and apostrophes, so those decide: of Multi30k's 1,000 French test references all come back as they were (in
    lower case), of its English ones all but one.
    """
    plain = [token[1:] if _has_sign(token) else token for token in tokens]
    line = _by_rules(plain, language)
    if not any(map(_has_sign, tokens)):
        return line
    kept = [(token, word) for token, word in zip(tokens, plain, strict=True) if not word.isspace()]
    pieces = []
    for (token, word), space in zip(kept, _spaces(line, [word for _, word in kept]), strict=True):
        space = token[0] == SPACED if _has_sign(token) else space
        pieces.append(f" {word}" if space and pieces else word)
    return "".join(pieces)


def _has_sign(token: str) -> bool:
    return len(token) > 1 and token[0] in (GLUED, SPACED)


def _by_rules(tokens: Sequence[str], language: str) -> str:
    line = " ".join(" ".join(tokens).split())
    for pattern, joined in _JOINS.get(language, _JOINS_ELSEWHERE):
        line = re.sub(pattern, joined, line)
    return line


def _spaces(line: str, tokens: Sequence[str]) -> list[bool]:
    """Of each token whether a space stands before it in `line`, which is the tokens with some spaces between them."""
    found, place = [], 0
    for token in tokens:
        found.append(line.startswith(" ", place))
        place += found[-1] + len(token)
    return found
