"""A database that cannot do its work: nobody is let in, what was typed is kept, and the log says so."""

import logging
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from parentportal.db import Database, OutOfOrder
from parentportal.outside import passwords
from parentportal.outside.clock import FrozenClock
from parentportal.services import throttling
from parentportal.services.throttling import Action
from tests.people import People
from tests.sessions import PASSWORD, make_account
from tests.visit import Visit


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


@pytest.fixture
def no_counting(database: Database, noors_app: str) -> Iterator[None]:
    """Tries cannot be written, as on a disk that gives up."""

    def fail(_c: object, _d: object, statement: str, _p: object, _x: object, _many: bool) -> None:
        if statement.startswith(("INSERT INTO attempt", "UPDATE attempt")):
            raise OperationalError(statement, None, Exception("disk I/O error"))

    event.listen(database.engine, "before_cursor_execute", fail)
    yield
    event.remove(database.engine, "before_cursor_execute", fail)


@pytest.mark.usefixtures("no_counting")
def test_a_try_that_cannot_be_counted_is_not_looked_at(
    visit: Callable[[], Visit], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(passwords, "verify", lambda *_: pytest.fail("it was looked at"))
    noor = visit()
    noor.get("/inloggen")
    with caplog.at_level(logging.ERROR, "parentportal"):
        page = noor.fill({"name": "noor@post.example", "password": PASSWORD}, status=503)
    assert page.h1 == "Het is nu even te druk"
    assert page.answer.headers["Retry-After"]
    assert noor.held(page.form("/inloggen")).get("name") == "noor@post.example"
    assert PASSWORD not in page.html
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.usefixtures("no_counting")
def test_counting_fails_before_anything_else_can_happen_in_the_unit(database: Database) -> None:
    looked_at: list[str] = []

    def look(session: object) -> None:
        throttling.count(session, Action.CODE, who="noor", network="192.0.2.1/32")  # type: ignore[arg-type]  # a unit's
        looked_at.append("a code")

    with pytest.raises(OutOfOrder):
        database.write(look)
    assert looked_at == []
