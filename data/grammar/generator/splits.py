"""The corpus: distinct pairs in proportion to the patterns' weights, shuffled into three splits."""

from importlib import import_module
from pathlib import Path

from .core import Grammar
from .lexicon import Lexicon
from .registry import PATTERNS
from .surface import write

for module in sorted(Path(__file__).parent.glob("sentences_*.py")):  # each registers its patterns
    import_module(f".{module.stem}", __package__)

SEED = 20240229
SIZES = {"train": 24000, "valid": 1000, "test": 2000}
LENGTHS = range(5, 19)  # of our own tokens; spaCy splits a few further (week-end) and joins a few (est-il)


def quotas(total: int) -> dict[str, int]:
    """Sentences of each pattern; what rounding leaves goes to the first."""
    weight = sum(share for _, share in PATTERNS.values())
    counts = {name: int(total * share / weight) for name, (_, share) in PATTERNS.items()}
    counts[next(iter(counts))] += total - sum(counts.values())
    return counts


def fits(phrase) -> bool:
    return len(phrase.en) in LENGTHS and len(phrase.fr) in LENGTHS


def draw(g: Grammar, name: str, seen: set[str]) -> tuple[str, str, str]:
    """A new sentence of the pattern `name`."""
    for _ in range(10000):
        phrase = PATTERNS[name][0](g)
        if phrase is None or not fits(phrase):
            continue
        pair = write(phrase)
        if pair[0].lower() not in seen:
            seen.add(pair[0].lower())
            return pair
    raise ValueError(f"the pattern {name} has no new sentences left")


def corpus(seed: int = SEED) -> dict[str, list[tuple[str, str, str]]]:
    grammar = Grammar(Lexicon(), seed)
    seen: set[str] = set()
    pairs = []
    for name, count in quotas(sum(SIZES.values())).items():
        pairs += [draw(grammar, name, seen) for _ in range(count)]
    return {split: shuffled(grammar, [p for i, p in enumerate(pairs) if split_of(i) == split]) for split in SIZES}


def split_of(index: int) -> str:
    """Of 27 sentences in the order of the patterns, 2 are for the test and 1 for validation: all have every pattern."""
    return {0: "test", 1: "valid", 2: "test"}.get(index % 27, "train")


def shuffled(g: Grammar, pairs: list) -> list:
    out = sorted(pairs)
    for i in range(len(out) - 1, 0, -1):
        j = int(g.rng.random() * (i + 1))
        out[i], out[j] = out[j], out[i]
    return out


def text(pairs) -> str:
    return "".join("\t".join(pair) + "\n" for pair in pairs)
