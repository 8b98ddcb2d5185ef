"""What the journeys share: telephones, each with one browser of one person."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.phone import Phone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


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
