"""Fixtures of the grammar tests."""

import pytest
from grammar_files import SIZES, read_split


@pytest.fixture(scope="session")
def pairs() -> list[list[str]]:
    return [pair for split in SIZES for pair in read_split(split)]


@pytest.fixture(scope="session")
def french_text(pairs) -> str:
    return "\n".join(pair[1] for pair in pairs)
