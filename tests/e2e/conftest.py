"""The browser of the journeys; without one they fail and say how to get it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.phone import Phone
from tests.machine import FLAGS, NO_BROWSER, installed_browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, with the back/forward cache that Playwright would switch off."""
    with sync_playwright() as playwright:
        path = installed_browser() or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.fail(NO_BROWSER)
        launched = playwright.chromium.launch(
            executable_path=path, args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def phones() -> Iterator[list[Phone]]:
    """Every telephone of a module, put away at its end."""
    made: list[Phone] = []
    yield made
    for phone in made:
        phone.put_away()


@pytest.fixture(scope="module")
def new_phone(browser: Browser, phones: list[Phone]) -> Callable[..., Phone]:
    """Hands out telephones: `new_phone(base_url, script=False, name="noor")`."""

    seen: set[str] = set()

    def make(base_url: str, *, script: bool = False, name: str = "") -> Phone:
        phones.append(Phone(browser, base_url, script=script, name=name, seen=seen))
        return phones[-1]

    return make
