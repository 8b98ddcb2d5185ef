"""The real browser of the tests; without one they fail and say how to get it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.machine import FLAGS, NO_BROWSER, Missing, installed_browser

ALONE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1"
"""No other host is ever found, so that a page that leads away is seen at once."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium, with the back/forward cache that Playwright would switch off; one at a time in a process."""
    with sync_playwright() as playwright:
        path = installed_browser() or playwright.chromium.executable_path
        if not Path(path).exists():
            raise Missing(NO_BROWSER)
        browser = playwright.chromium.launch(
            executable_path=path, args=[*FLAGS, ALONE], ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        browser.close()
