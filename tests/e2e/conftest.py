"""What the journeys share: a school that is busy already, and telephones, each with one browser of one person."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from parentportal.demo import filling
from tests.e2e.phone import Phone
from tests.e2e.running import Running, running, serve


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole demo in it, keys and database, which nothing serves."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with running(folder) as made:
        filling.fill(made.database, made.clock, made.clock.now(), lambda step: None)
    return folder


@pytest.fixture(scope="module")
def demo(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole demo, on a server as a school runs it."""
    folder = tmp_path_factory.mktemp("portal") / "data"
    shutil.copytree(filled, folder)
    with running(folder) as made:
        yield serve(made)


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
