"""Rights that end while a request is under way: the guard let it in, and still nothing is written (control Z07)."""

from collections.abc import Callable

import pytest
from flask import Flask, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.consents import ConsentEvent
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.services import sign_in
from tests.people import People
from tests.visit import Visit


@pytest.fixture
def meanwhile(app: Flask, database: Database) -> Callable[[Callable[[Session], object]], None]:
    """`meanwhile(work)` does something between the guard and the view of the next request that changes something."""

    waiting: list[Callable[[Session], object]] = []

    @app.before_request
    def happen() -> None:
        if waiting and request.method == "POST":
            database.write(waiting.pop())

    return waiting.append


def answers(visit: Visit, people: People) -> str:
    """Say yes to everything that is asked about Sem; answers the address of the form."""
    page = visit.get(f"/mijn/kinderen/{people.sem}/toestemming")
    form = next(form for form in page.forms() if form.find("input", attrs={"type": "radio"}))
    visit.hand_in(
        {str(radio["name"]): "yes" for radio in form.find_all("input", attrs={"type": "radio"})},
        form=str(form["action"]),
    )
    return str(form["action"])


def count_choices(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(ConsentEvent)) or 0


def account_of(session: Session, people: People) -> Account:
    return session.scalars(select(Account).where(Account.adult_id == people.noor)).one()


def test_nothing_is_chosen_by_an_account_that_was_blocked_meanwhile(
    visit_as: Callable[..., Visit],
    meanwhile: Callable[[Callable[[Session], object]], None],
    database: Database,
    clock: FrozenClock,
    people: People,
) -> None:
    def block(session: Session) -> None:
        account = account_of(session, people)
        account.blocked_at, account.blocked_by_id = clock.now(), people.hanna

    noor = visit_as("noor")
    meanwhile(block)
    answers(noor, people)
    assert count_choices(database) == 0


def test_whoever_was_signed_out_meanwhile_keeps_what_was_filled_in(
    visit_as: Callable[..., Visit],
    meanwhile: Callable[[Callable[[Session], object]], None],
    database: Database,
    people: People,
) -> None:
    noor = visit_as("noor")
    page = noor.get(f"/mijn/kinderen/{people.sem}/toestemming")
    form = next(form for form in page.forms() if form.find("input", attrs={"type": "radio"}))
    first = str(form.find("input", attrs={"type": "radio"})["name"])  # type: ignore[index]  # there is one
    meanwhile(lambda session: sign_in.end_all(session, account_of(session, people).id))
    kept = noor.fill({first: "yes"}, form=str(form["action"]), status=403)
    assert kept.h1 == "U bent uitgelogd"
    assert noor.held(kept.form(str(form["action"]))).get(first) == "yes"
    assert count_choices(database) == 0


def test_no_leave_is_noted_by_somebody_whose_role_ended_meanwhile(
    visit_as: Callable[..., Visit],
    meanwhile: Callable[[Callable[[Session], object]], None],
    database: Database,
    clock: FrozenClock,
    people: People,
) -> None:
    def end(session: Session) -> None:
        row = session.scalars(select(StaffRole).where(StaffRole.adult_id == people.petra)).one()
        row.ended_at, row.ended_by_id = clock.now(), people.hanna

    petra = visit_as("petra")
    petra.get("/werk/medewerkers")
    meanwhile(end)
    assert petra.page is not None
    petra.hand_in(form=next(str(form["action"]) for form in petra.page.forms() if "/afwezig" in str(form["action"])))
    with database.read() as session:
        assert not session.scalars(select(StaffRole.id).where(StaffRole.on_leave)).all()
