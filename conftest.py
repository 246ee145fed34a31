"""What nbval lets pass in a notebook: words on stderr, as warnings are."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    for output in getattr(item, "test_outputs", None) or ():  # a cell's, where nbval has run one
        assert output.get("name") != "stderr", output["text"]
    return result
