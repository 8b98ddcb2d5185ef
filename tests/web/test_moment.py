"""A page is of one moment: what it looks up shares a session, until somebody acts."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from parentportal.db import Database, WriteWhileReading, count_statements
from parentportal.web import portal


def moment_of(method: str, app: Flask, work: Callable[[], None]) -> None:
    with app.test_request_context("/", method=method):
        work()


def test_whatever_fetches_a_page_shares_one_session(app: Flask) -> None:
    def work() -> None:
        with portal.reading() as first, portal.reading() as second:
            assert first is second
        with portal.reading() as third:
            assert third is first

    moment_of("GET", app, work)


def test_acting_ends_the_moment_so_that_what_was_done_is_seen(app: Flask) -> None:
    def work() -> None:
        with portal.reading() as before:
            before.execute(text("SELECT 1"))
        portal.act(lambda session: session.execute(text("SELECT 1")).scalar())
        with portal.reading() as after:
            assert after is not before

    moment_of("GET", app, work)


def test_a_form_that_came_in_has_a_session_for_each_look(app: Flask) -> None:
    def work() -> None:
        with portal.reading() as first:
            pass
        with portal.reading() as second:
            assert first is not second

    moment_of("POST", app, work)


def test_a_session_that_failed_is_not_used_again(app: Flask) -> None:
    def work() -> None:
        with pytest.raises(LookupError), portal.reading() as first:
            raise LookupError
        with portal.reading() as second:
            assert first is not second

    moment_of("GET", app, work)


def test_nothing_can_be_saved_in_it(app: Flask) -> None:
    def work() -> None:
        with pytest.raises(WriteWhileReading), portal.reading() as session:
            session.execute(text("DELETE FROM outbox_mail"))

    moment_of("HEAD", app, work)


def test_the_connection_goes_back_when_the_page_is_made(app: Flask, database: Database) -> None:
    def work() -> None:
        with portal.reading() as session, count_statements(database) as statements:
            session.execute(text("SELECT 1"))
        assert len(statements) == 1
        assert database.engine.pool.checkedout() == 1  # type: ignore[attr-defined]  # of the pool that counts

    moment_of("GET", app, work)
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of the pool that counts
