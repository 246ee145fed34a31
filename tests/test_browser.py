"""Without a browser its tests are skipped and say so; where they are required they fail instead."""

import pytest

from tests import browser


def test_a_machine_without_chromium_skips_with_a_reason(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("SEQ2SEQ_BROWSER_TESTS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="none of chromium, chromium-browser, google-chrome"):
        browser.require_chromium()


def test_required_browser_tests_fail_without_chromium(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("SEQ2SEQ_BROWSER_TESTS", "required")
    with pytest.raises(pytest.fail.Exception, match="required"):
        browser.require_chromium()
