"""Tags and agreement distances."""

import re
from collections import Counter

from grammar_files import GRAMMAR, SIZES, read_split


def inventory() -> dict[str, dict[str, int]]:
    """The tags of the README's table, with their counts."""
    readme = (GRAMMAR / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| (\d+) \| (\d+) \|$", readme, flags=re.MULTILINE)
    return {tag: {"train": int(train), "test": int(test)} for tag, train, test in rows}


def test_tags():
    documented = inventory()
    splits = {split: read_split(split) for split in SIZES}
    assert len(documented) > 30
    for split, found in splits.items():
        counts = Counter(tag for pair in found for tag in pair[2].split() if ":" not in tag)
        assert set(counts) == set(documented), split
        assert all(counts[tag] == row.get(split, counts[tag]) for tag, row in documented.items()), split
        assert split != "test" or min(counts.values()) >= 30, counts.most_common()[-3:]
        spans = [re.findall(r"agreement:(\d+)", pair[2]) for pair in found]
        assert all(len(span) == 1 for span in spans)
        assert max(int(span[0]) for span in spans) >= 10


def test_each_tag_shows_in_the_text(pairs):
    """What a tag announces can be seen in the French sentence, and is not seen without the tag."""
    signs = {
        "elision": r"'",
        "neg-jamais": r"\bjamais\b",
        "neg-rien": r"\brien\b",
        "causative": r"\b(?:fait|fera) \w+r[e]?\b",
    }
    signs |= {"neg-personne": r"\b[Pp]ersonne\b", "depuis": r"\bdepuis\b", "question-est-ce-que": r"[Ee]st-ce qu"}
    signs |= {"relative-ou": r"\w+ où (?!.*\?)", "il-y-a": r"\b[Ii]l (?:n'y|y) a", "comparative": r"\b(?:que|qu')"}
    exact = set(signs) - {"causative", "relative-ou", "il-y-a", "comparative", "elision"}
    for _, written, tags in pairs:
        for tag, sign in signs.items():
            seen = bool(re.search(sign, written))
            assert seen or tag not in tags.split(), (tag, written)
            assert not seen or tag in tags.split() or tag not in exact, (tag, written)


def test_agreement_distance_examples():
    """Distances counted by hand on derivations."""
    from generator.core import Tok
    from generator.surface import agreement_distance

    # les(0) lettres(1) que(2) Marie(3) a(4) écrites(5)
    relative = [Tok("les", agrees=(1,)), Tok("lettres", heads=(1,)), Tok("que"), Tok("Marie", heads=(2,))]
    relative += [Tok("a", agrees=(2,)), Tok("écrites", agrees=(1,))]
    assert agreement_distance(relative) == 4
    assert agreement_distance(relative[:2]) == 1
    assert agreement_distance([Tok("il"), Tok("pleut")]) == 0


def test_agreement_distance_in_the_files(pairs):
    """A subject noun, its relative clause and the adjective after est: the last lies at least as far as announced."""
    checked = 0
    for _, written, tags in pairs:
        match = re.match(r"(?:Le|La) (\w+) qui (.*) (?:est|était) (\w+)\.$", written)
        if match and "'" not in written and "-" not in written:
            distance = len(match[2].split()) + 3
            assert f"agreement:{distance}" in tags, (distance, written, tags)
            checked += 1
    assert checked > 30
