"""Letters in place of mail on screen: a list, one press, sheets without content, and once more within the hour."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database, count_statements
from parentportal.models.authority import Authority
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mail_text import SecurityEvent
from parentportal.services import account_notices, outbox
from tests.people import People
from tests.visit import Visit

LIST = "/werk/brieven/berichten"
SHEETS = f"{LIST}/geprint"
NAME = "roos-4711"


@pytest.fixture
def noor_on_paper(visit_as: Callable[..., Visit], database: Database, people: People) -> None:
    """Noor has an account with a sign-in name and no address, and there is news for her."""
    visit_as("noor")

    def work(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        account.email, account.email_confirmed_at, account.sign_in_name = None, None, NAME
        session.flush()
        outbox.tell(session, people.noor, board_id=people.waterlijn, school_name="De Regenboog")

    database.write(work)


@pytest.mark.usefixtures("noor_on_paper")
def test_petra_prints_what_waits_and_again_within_the_hour(visit_as: Callable[..., Visit], clock: FrozenClock) -> None:
    petra = visit_as("petra")
    page = petra.get("/werk/")
    page = petra.get(next(url for url in page.links().values() if url.endswith("/berichten")))
    assert page.says("Noor de Wit")
    page = petra.fill(button="Print 1 bericht")
    (sheet,) = page.soup.select("article.sheet")
    words = sheet.get_text(" ", strip=True)
    assert "De Regenboog" in words
    assert "Dijkweg 12" in words
    assert "nieuws" in words
    assert "https://portaal.example" in words
    assert sheet.select('p[lang="en"]')
    for secret in ("Sem", "Lot", "groep", NAME, "noor@post.example"):
        assert secret not in words
    page = petra.get(LIST)
    assert page.says("Er wacht geen bericht")
    page = petra.get(page.links()["Bekijk de laatste berichten"])
    assert [sheet.get_text(" ", strip=True) for sheet in page.soup.select("article.sheet")] == [words]
    clock.advance(timedelta(hours=1))
    late = visit_as("petra")
    assert late.get(SHEETS).h1 == "Berichten op papier"
    assert late.page is not None
    assert late.page.soup.select("article.sheet") == []


@pytest.mark.usefixtures("noor_on_paper")
def test_a_reader_who_may_not_know_the_school_hears_from_the_board(
    visit_as: Callable[..., Visit], database: Database, people: People
) -> None:
    database.write(
        lambda session: session.execute(
            update(Authority).where(Authority.id == people.noor_of_sem).values(no_location=True)
        )
    )
    petra = visit_as("petra")
    petra.get(LIST)
    (sheet,) = petra.fill(form="printen").soup.select("article.sheet")
    words = sheet.get_text(" ", strip=True)
    assert "Waterlijn" in words
    for hint in ("Regenboog", "0123-111222", "Kade", "op school"):
        assert hint not in words


@pytest.mark.usefixtures("noor_on_paper")
def test_a_change_of_the_account_says_what_changed_and_what_to_do(
    visit_as: Callable[..., Visit], database: Database, people: People
) -> None:
    def change(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        account_notices.tell(session, account, SecurityEvent.PASSWORD_CHANGED)

    database.write(change)
    petra = visit_as("petra")
    petra.get(LIST)
    sheets = petra.fill(button="Print 2 berichten").soup.select("article.sheet")
    words = " ".join(sheet.get_text(" ", strip=True) for sheet in sheets)
    assert "Uw wachtwoord voor het privacyportaal is veranderd." in words
    assert "Was u dit niet? Bel dan meteen met de school." in words


@pytest.mark.usefixtures("noor_on_paper")
def test_a_copied_key_is_no_act_of_the_reader_so_the_letter_says_what_to_do(
    visit_as: Callable[..., Visit], database: Database, people: People
) -> None:
    def change(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        account_notices.tell(session, account, SecurityEvent.PASSKEY_COPIED)

    database.write(change)
    petra = visit_as("petra")
    petra.get(LIST)
    page = petra.fill(button="Print 2 berichten")
    assert page.says("Log in op een andere manier en haal de sleutel weg.")
    assert not page.says("Hebt u dit zelf gedaan?")


@pytest.mark.usefixtures("noor_on_paper")
def test_the_form_twice_prints_once_and_leads_to_the_same_sheets(
    visit_as: Callable[..., Visit], database: Database
) -> None:
    petra = visit_as("petra")
    petra.get(LIST)
    first, second = (petra.hand_in(form="printen") for _time in range(2))
    assert (first.status_code, first.headers["Location"]) == (303, SHEETS)
    assert (second.status_code, second.headers["Location"]) == (303, SHEETS)
    with database.read() as session:
        assert len(session.scalars(select(PaperNotice.id)).all()) == 1


@pytest.mark.usefixtures("noor_on_paper")
def test_another_school_sees_and_prints_nothing(visit_as: Callable[..., Visit], database: Database) -> None:
    mirjam = visit_as("mirjam")
    page = mirjam.get(LIST)
    assert page.says("Er wacht geen bericht")
    assert page.forms() == []
    assert mirjam.get(SHEETS).h1 == "Berichten op papier"
    with database.read() as session:
        assert session.scalars(select(PaperNotice.printed_at)).all() == [None]


@pytest.mark.usefixtures("noor_on_paper")
def test_both_pages_cost_at_most_five_statements(visit_as: Callable[..., Visit], database: Database) -> None:
    petra = visit_as("petra")
    petra.get(LIST)
    with count_statements(database) as listed:
        petra.get(LIST)
    petra.fill(form="printen")
    with count_statements(database) as printed:
        petra.get(SHEETS)
    assert max(len(listed), len(printed)) <= 5
