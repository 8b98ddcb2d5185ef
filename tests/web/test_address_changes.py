"""One's own mail address, page by page: the code, the mail to the old one, and the way back for who was shut out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.jobs.worker import work_once
from parentportal.models.address_changes import AddressChange
from parentportal.models.outbox import OutboxMail
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside import one_time_codes
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mailer import MemoryMailer
from parentportal.rules.step_ups import Act
from parentportal.services import outbox
from tests.page import Page
from tests.people import People
from tests.resetting import change, count_of, events, mailed
from tests.sessions import make_account
from tests.visit import BASE, Visit

OLD, FRESH = "noor@post.example", "noor@nieuw.example"
HERE = "/beveiliging/e-mail"


@pytest.fixture
def noor(visit_as: Callable[..., Visit]) -> Visit:
    """Noor's browser, a moment after she showed a second factor for this."""
    return visit_as("noor", proved=[Act.ADDRESS])


def newest(database: Database, template: str) -> dict[str, str]:
    with database.read() as session:
        mails = session.scalars(
            select(OutboxMail).where(OutboxMail.template == template).order_by(OutboxMail.created_at, OutboxMail.id)
        ).all()
        return dict(outbox.values_of(session, mails[-1]))


def begin(noor: Visit, database: Database, address: str = FRESH) -> str:
    """Ask for another address; answers the code that was mailed."""
    noor.get(HERE)
    page = noor.fill({"email": address}, form=HERE)
    assert page.h1 == "Welke code staat in de mail?"
    return newest(database, "confirm_email")["code"]


def move(noor: Visit, database: Database) -> Page:
    code = begin(noor, database)
    return noor.fill({"code": code}, form=f"{HERE}/code")


def way_back(database: Database) -> str:
    return f"/adres-terug/{newest(database, 'address_changed')['token']}"


def test_noor_moves_to_another_address(noor: Visit, database: Database) -> None:
    page = noor.get("/beveiliging/")
    page = noor.get(page.links()["E-mailadres wijzigen"])
    assert page.says(OLD)
    assert page.says("Dat verandert hiermee niet."), "the list of the school is another one"
    assert "Naar mijn gegevens" in page.links()
    page = move(noor, database)
    assert "Uw e-mailadres is veranderd." in page.html
    assert page.says(FRESH)
    assert not page.says(OLD)
    mailer = MemoryMailer()
    work_once(database, mailer, "https://portaal.waterlijn.example")
    to_old = next(mail for mail in mailer.sent if mail.to == OLD)
    assert "https://portaal.waterlijn.example/adres-terug/" in to_old.text
    for mail in mailer.sent:
        assert FRESH not in mail.text + mail.html + mail.subject, "no mail tells the other address"


def test_whoever_gets_a_made_name_reads_to_write_it_down(
    noor: Visit, database: Database, clock: FrozenClock, people: People
) -> None:
    make_account(database, clock, people.daan)

    def take(session: Session, account: Account) -> None:
        account.sign_in_name = FRESH

    change(database, people.daan, take)
    page = move(noor, database)
    with database.read() as session:
        name = session.scalars(select(Account.sign_in_name).where(Account.adult_id == people.noor)).one()
    assert name != FRESH
    assert page.says(name)
    assert page.says("Schrijf deze op.")


def test_nothing_of_it_is_shown_without_a_fresh_second_factor(
    visit_as: Callable[..., Visit], database: Database
) -> None:
    noor = visit_as("noor")
    for path in (HERE, f"{HERE}/code"):
        answer = noor.raw("GET", path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/beveiliging/bevestigen?naar=")
    token = noor.held(noor.get("/hulp").soup.find("form", method="post"))["csrf_token"]  # type: ignore[arg-type]  # there is one
    for path, data in ((HERE, {"email": FRESH}), (f"{HERE}/code", {"code": "123456"}), (f"{HERE}/stoppen", {})):
        answer = noor.client.post(
            path, data={"csrf_token": token, **data}, base_url=BASE, headers={"Referer": BASE + path}
        )
        assert (answer.status_code, "Bent u het echt?" in answer.get_data(as_text=True)) == (403, True)
    assert (count_of(database, AddressChange), mailed(database)) == (0, [])


def test_what_waits_is_shown_and_can_be_stopped(noor: Visit, database: Database) -> None:
    code = begin(noor, database)
    page = noor.get(HERE)
    assert page.says("Er wacht een nieuw adres")
    assert page.says(FRESH)
    page = noor.fill(form=f"{HERE}/stoppen")
    assert "Uw e-mailadres blijft zoals het was." in page.html
    assert not page.says(FRESH)
    assert noor.get(f"{HERE}/code").h1 == "Uw e-mailadres"
    assert len(code) == 6


@pytest.mark.parametrize("typed", ["", "noor", "noor@", OLD, "noor@nieuw.example, x@y.example"])
def test_what_cannot_be_an_address_is_said_at_the_field_and_kept(noor: Visit, database: Database, typed: str) -> None:
    noor.get(HERE)
    page = noor.fill({"email": typed}, form=HERE, status=422)
    assert page.errors()
    field = page.form(HERE).find("input", attrs={"name": "email"})
    assert field is not None
    assert field["value"] == typed
    assert mailed(database) == []


def test_a_wrong_code_is_said_at_the_field(noor: Visit, database: Database) -> None:
    code = begin(noor, database)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    page = noor.fill({"code": wrong}, form=f"{HERE}/code", status=422)
    assert page.says("Deze code klopt niet, of is verlopen.")
    assert noor.fill({"code": "9" * 10_000}, form=f"{HERE}/code", status=422).errors()
    assert noor.fill({"code": code}, form=f"{HERE}/code").says(FRESH)


def test_the_same_form_twice_mails_one_code(noor: Visit, database: Database) -> None:
    noor.get(HERE)
    for _ in range(3):
        answer = noor.hand_in({"email": FRESH}, form=HERE)
        assert answer.headers["Location"] == f"{HERE}/code"
    assert [template for template, _to, _token in mailed(database)] == ["confirm_email"]


def test_back_and_the_code_once_more_changes_the_address_once(noor: Visit, database: Database) -> None:
    code = begin(noor, database)
    for _ in range(3):
        assert noor.hand_in({"code": code}, form=f"{HERE}/code").headers["Location"] == HERE
    assert [template for template, _to, _token in mailed(database)].count("address_changed") == 1
    assert events(database, "address:changed") == 1


def test_every_other_browser_is_signed_out(noor: Visit, visit_as: Callable[..., Visit], database: Database) -> None:
    other = visit_as("noor")
    assert other.get("/beveiliging/").h1 == "Inloggen en beveiliging"
    move(noor, database)
    assert other.get("/beveiliging/").h1 == "Inloggen"
    assert noor.get("/beveiliging/").h1 == "Inloggen en beveiliging"


def test_after_help_at_the_counter_the_page_says_why_and_until_when(
    visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    noor = visit_as("noor", proved=[Act.ADDRESS])
    page = noor.get(HERE)
    token = noor.held(page.form(HERE))

    def be_cautious(session: Session, account: Account) -> None:
        account.cautious_until = clock.now() + timedelta(hours=24)

    change(database, people.noor, be_cautious)
    page = noor.get(HERE)
    assert page.says("Dit kan nu nog niet")
    assert page.says("woensdag 18 november 2026, 10:00 uur")
    assert page.main.find("input", attrs={"name": "email"}) is None
    token["email"] = FRESH
    answer = noor.client.post(HERE, data=token, base_url=BASE, headers={"Referer": BASE + HERE})
    assert answer.status_code == 409
    assert mailed(database) == []


def test_a_teacher_is_told_whom_to_ask_about_the_list_of_the_school(visit_as: Callable[..., Visit]) -> None:
    page = visit_as("ilse", proved=[Act.ADDRESS]).get(HERE)
    assert page.says("Vraag de administratie om het aan te passen.")
    assert "Naar mijn gegevens" not in page.links()


# The way back


def test_the_old_address_takes_back_what_somebody_else_changed(
    noor: Visit, visit: Callable[[], Visit], database: Database
) -> None:
    move(noor, database)
    owner = visit()
    path = way_back(database)
    answer = owner.raw("GET", path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/adres-terug")
    page = owner.get(path)
    assert page.says(OLD)
    assert not page.says(FRESH)
    assert (events(database, "address:restored"), count_of(database, SignInSession)) == (0, 1), (
        "looking changes nothing"
    )
    page = owner.fill(form="/adres-terug")
    assert page.h1 == "Uw oude adres is terug"
    assert page.says("Bel nu de school")
    assert noor.get("/beveiliging/").h1 == "Inloggen"
    assert owner.get(path).h1 == "Uw oude adres is terug"
    assert events(database, "address:restored") == 1


def test_a_double_tap_on_the_way_back_is_one_act(noor: Visit, visit: Callable[[], Visit], database: Database) -> None:
    move(noor, database)
    owner = visit()
    owner.get(way_back(database))
    for _ in range(3):
        assert owner.hand_in(form="/adres-terug").headers["Location"] == "/adres-terug"
    assert events(database, "address:restored") == 1
    assert [template for template, _to, _token in mailed(database)].count("security_notice") == 2


@pytest.mark.parametrize("path", ["/adres-terug", "/adres-terug/onzin", f"/adres-terug/{'x' * 5000}"])
def test_a_link_that_is_not_right_says_whom_to_call(visit: Callable[[], Visit], path: str) -> None:
    page = visit().get(path)
    assert page.h1 == "Deze link werkt niet meer"
    assert page.says("Bel dan meteen de school.")


def test_who_was_shut_out_gets_in_again_with_the_old_name(
    visit: Callable[[], Visit], visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    key = make_account(database, clock, people.noor)
    move(visit_as("noor", proved=[Act.ADDRESS]), database)
    owner = visit()
    owner.get(way_back(database))
    owner.fill(form="/adres-terug")
    owner.get("/inloggen")
    owner.fill({"name": OLD, "password": "dertien paarse fietsbellen"}, form="/inloggen")
    owner.fill({"code": one_time_codes.current_code(key, clock.now())}, form="/inloggen/code")
    assert owner.get("/beveiliging/").says(OLD)
