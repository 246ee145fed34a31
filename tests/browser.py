"""The machine's own Chromium, for tests that look at pages as a reader does; nothing is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """The first Chromium on the search path, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def require_chromium() -> str:
    """The path of Chromium; without one the test is skipped, or fails where `SEQ2SEQ_BROWSER_TESTS=required`."""
    if (found := chromium_path()) is not None:
        return found
    reason = f"needs a browser: none of {', '.join(NAMES)} is on the search path"
    if os.environ.get("SEQ2SEQ_BROWSER_TESTS") == "required":
        pytest.fail(f"SEQ2SEQ_BROWSER_TESTS=required, and this test {reason}", pytrace=False)
    pytest.skip(reason)


@contextmanager
def open_chromium() -> Iterator:
    """A running Chromium as Playwright's `Browser`, closed at the end; skips or fails as `require_chromium` does."""
    path = require_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # the sandbox cannot start as root, which is who runs tests in a container; the pages are our own
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
