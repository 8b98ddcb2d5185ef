"""On the day after help at the counter nobody opens accounts of others with the one that was just given back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.rules.step_ups import Act
from parentportal.services.new_accounts import CAUTION
from tests.people import People
from tests.sessions import make_account
from tests.visit import Visit


@pytest.fixture
def petra(visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People) -> Visit:
    """Petra, whose account was given back to her a moment ago."""
    visit = visit_as("petra", proved=Act)

    def give_back(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.petra)).one()
        account.cautious_until = clock.now() + CAUTION

    database.write(give_back)
    return visit


def test_she_gives_nobody_a_role_and_reads_until_when(petra: Visit, clock: FrozenClock) -> None:
    page = petra.get("/werk/medewerkers/toevoegen", status=409)
    assert page.says("Uw account is kort geleden hersteld.")
    assert page.says("18 november 2026, 10:00 uur")
    clock.advance(CAUTION)
    assert petra.raw("GET", "/werk/medewerkers/toevoegen").status_code == 303, "she signed out meanwhile"


def test_she_gives_nobody_new_means(petra: Visit, people: People, database: Database, clock: FrozenClock) -> None:
    make_account(database, clock, people.noor)
    petra.get(f"/werk/inloghulp/personen/{people.noor}")
    token = petra.held(petra.get("/werk/inloghulp").form()).get("csrf_token")
    answer = petra.raw(
        "POST",
        f"/werk/inloghulp/personen/{people.noor}",
        data={"csrf_token": token, "identity": "document", "place": "screen"},
        headers={"Referer": "https://portaal.example/werk/inloghulp"},
    )
    assert answer.status_code == 409


def test_she_opens_no_child_for_anybody(petra: Visit, people: People) -> None:
    for path in (f"{people.daan_of_sem}/bevestigen", f"{people.daan_of_sem}/stoppen", "samen-bevestigen"):
        assert petra.get(f"/werk/gezag/{path}", status=409).says("Uw account is kort geleden hersteld.")
    assert petra.get(f"/werk/personen/{people.noor}/en/{people.ravi}", status=409).says("kort geleden hersteld")


def test_her_own_work_goes_on(petra: Visit, clock: FrozenClock) -> None:
    assert petra.get("/werk/brieven").h1 == "Brieven met een code"
    clock.advance(timedelta(minutes=1))
    assert petra.get("/beveiliging/wachtwoord").h1 == "Kies een nieuw wachtwoord"
