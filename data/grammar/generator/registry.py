"""The sentence patterns, each with its share of the corpus."""

PATTERNS: dict[str, tuple] = {}


def pattern(weight: float):
    """Register a function of the grammar that returns a phrase, or None where the random choices do not fit."""

    def register(function):
        assert function.__name__ not in PATTERNS, function.__name__
        PATTERNS[function.__name__] = (function, weight)
        return function

    return register
