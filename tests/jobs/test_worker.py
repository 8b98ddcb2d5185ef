"""The worker goes on whatever happens to one job: a deadline must not wait for a fault elsewhere."""

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from parentportal.db import Busy, Database
from parentportal.jobs.worker import work_on
from parentportal.outside.mailer import MemoryMailer
from parentportal.rules.errors import NotFound, NotNow
from parentportal.services import outbox
from tests.people import WATERLIJN, People

BASE = "https://portaal.waterlijn.example"


def not_now(session: Session) -> None:
    raise NotNow("Dit kan nu niet.")


def not_found(session: Session) -> None:
    raise NotFound


def busy(session: Session) -> None:
    raise Busy


def broken(session: Session) -> None:
    session.execute(text("SELECT nothing FROM nowhere"))


@pytest.mark.parametrize("fault", [not_now, not_found, busy, broken])
def test_a_job_that_fails_holds_up_neither_the_next_nor_the_mail(
    database: Database, people: People, caplog: pytest.LogCaptureFixture, fault: object
) -> None:
    done: list[str] = []
    mailer = MemoryMailer()
    context = {"school": WATERLIJN}
    database.write(
        lambda s: outbox.queue(s, "news", board_id=people.waterlijn, to_address="noor@example.nl", context=context).id
    )
    with caplog.at_level(logging.WARNING):
        work_on(database, mailer, BASE, jobs=(fault, lambda session: done.append("next")))  # type: ignore[arg-type]  # a fault is a job
    assert done == ["next"]
    assert [mail.to for mail in mailer.sent] == ["noor@example.nl"]
    assert caplog.records[0].job == fault.__name__  # type: ignore[attr-defined]  # given as extra
