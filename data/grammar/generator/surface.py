"""From token lists to written sentences: contraction, elision, a/an, spacing, and the distance of agreements."""

import unicodedata

from .core import Phrase, Tok

CONTRACTIONS = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
ELIDED = {
    word: word[:-1] + "'"
    for word in ["le", "la", "de", "je", "me", "te", "se", "ne", "que", "jusque", "lorsque", "puisque"]
}
ELIDED["ce"] = "c'"  # the pronoun; the determiner has its own form before a vowel
CLOSING = (",", ".")


def opens_with_vowel(word: str) -> bool:
    """A starred word (h aspiré) and a word in y do not elide; the clitic y does."""
    first = unicodedata.normalize("NFD", word)[0].lower()
    return word == "y" or first in "aeiouhœ"


def contract(tokens: list[Tok]) -> list[Tok]:
    out: list[Tok] = []
    for i, token in enumerate(tokens):
        previous = out[-1] if out else Tok("")
        vowel = i + 1 < len(tokens) and opens_with_vowel(tokens[i + 1].text)
        merged = CONTRACTIONS.get((previous.text, token.text)) if token.article else None
        if merged and not (vowel and token.text == "le"):
            out[-1] = Tok(merged, token.heads, token.agrees)
        else:
            out.append(token)
    return out


def elide(tokens: list[Tok]) -> list[str]:
    out = []
    for token, following in zip(tokens, [*tokens[1:], Tok(".")], strict=True):
        text = token.text
        if opens_with_vowel(following.text):
            text = token.alt or ELIDED.get(text, text)
        if text == "si" and following.text in ("il", "ils"):
            text = "s'"
        out.append(text.lstrip("*"))
    return out


def agreement_distance(tokens: list[Tok]) -> int:
    """The largest distance between a controller's head and a token that agrees with it; 0 if nothing agrees."""
    where = {head: i for i, token in enumerate(tokens) for head in token.heads}
    spans = [abs(i - where[c]) for i, token in enumerate(tokens) for c in token.agrees if c in where]
    return max(spans, default=0)


def capitalized(text: str) -> str:
    """A capital at the start, and after a question that something follows."""
    sentences = text.split("? ")
    return "? ".join(part[0].upper() + part[1:] for part in sentences)


def write_french(tokens: list[Tok]) -> tuple[str, set[str]]:
    """The sentence, and the tags that can only be known here."""
    merged = contract(tokens)
    texts = elide(merged)
    line = ""
    for text in texts:
        glued = not line or line.endswith("'") or text in CLOSING or text[0] == "-"
        line += text if glued else " " + text
    tags = {f"agreement:{agreement_distance(merged)}"}
    tags |= {"contraction"} if len(merged) < len(tokens) else set()
    tags |= {"elision"} if any(t.endswith("'") for t in texts) else set()
    tags |= {"h-aspire"} if any(t.text.startswith("*") for t in tokens) else set()
    return capitalized(line), tags


AN_EXCEPTIONS = ("uniform", "euro", "university", "useful", "unicorn", "European")
AN_SILENT = ("honest", "hour")


def article_a(following: str) -> str:
    if following.startswith(AN_SILENT):
        return "an"
    return "an" if following[0].lower() in "aeiou" and not following.startswith(AN_EXCEPTIONS) else "a"


def write_english(words: list[str]) -> str:
    line = ""
    for word, following in zip(words, [*words[1:], "."], strict=True):
        word = article_a(following) if word == "a" else word
        glued = not line or word in (*CLOSING, "?", "!", "n't", "'s", "'")
        line += word if glued else " " + word
    return capitalized(line)


def write(phrase: Phrase) -> tuple[str, str, str]:
    french, found = write_french(phrase.fr)
    tags = sorted(phrase.tags | {t for t in found if not t.startswith("agreement:")})
    return write_english(phrase.en), french, " ".join([*tags, *(t for t in found if t.startswith("agreement:"))])
