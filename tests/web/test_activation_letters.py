"""What a letter is worth: to whom, for how long, in which browser; and that its code leaves no trace."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.people import Pupil
from parentportal.models.sign_in import Account, Activation
from parentportal.outside.clock import FrozenClock
from parentportal.rules.authority import Status
from parentportal.services import invitations
from parentportal.services.invitations import InvitationLetter
from tests.activating import PASSWORD, SEM_BORN, app_code, as_far_as_app, claim, key_on, scan
from tests.people import People
from tests.visit import Visit


def test_another_browser_needs_code_and_date_and_starts_anew_and_then_the_first_stops(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str]
) -> None:
    first, second = visit(), visit()
    as_far_as_app(first, letters["noor"], mail_code, "noor@post.example")
    scan(second, letters["noor"])
    assert second.fill().h1 == "Wanneer is het kind geboren?"
    assert second.fill(SEM_BORN).h1 == "Wat is uw e-mailadres?"
    assert first.get("/activeren/codes-app").h1 == "Wat is de code in uw brief?"


def test_whoever_had_the_letter_first_leaves_nothing_of_his_own_in_her_account(
    visit: Callable[[], Visit],
    letters: dict[str, InvitationLetter],
    mail_code: Callable[[], str],
    database: Database,
    clock: FrozenClock,
) -> None:
    stranger, noor = visit(), visit()
    his_key = key_on(as_far_as_app(stranger, letters["noor"], mail_code, "ander@post.example"))
    page = as_far_as_app(noor, letters["noor"], mail_code, "noor@post.example")
    assert key_on(page) != his_key
    noor.fill({"code": app_code(key_on(page), clock)})
    assert noor.hand_in(form="overslaan").status_code == 303
    with database.read() as session:
        account = session.scalars(select(Account)).one()
        assert (account.sign_in_name, account.email) == ("noor@post.example", "noor@post.example")


def test_the_same_browser_may_scan_the_letter_again_and_keeps_its_key(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str]
) -> None:
    browser = visit()
    key = key_on(as_far_as_app(browser, letters["noor"], mail_code, "noor@post.example"))
    page = claim(browser, letters["noor"])
    assert page.h1 == "Zet de codes-app klaar"
    assert key_on(page) == key


def test_staff_get_in_with_a_code_in_hand_and_must_keep_saved_codes(
    visit: Callable[[], Visit],
    database: Database,
    people: People,
    mail_code: Callable[[], str],
    clock: FrozenClock,
) -> None:
    letter = database.write(
        lambda session: invitations.invite_staff(session, people.ilse, people.regenboog, by=OPERATOR)
    )
    browser = visit()
    page = as_far_as_app(browser, letter, mail_code, "ilse@waterlijn.example")
    page = browser.fill({"code": app_code(key_on(page), clock)})
    assert page.h1 == "Bewaar uw noodcodes"
    assert not any("overslaan" in str(form["action"]) for form in page.forms())
    codes = [line.get_text() for line in page.soup.select(".codes li")]
    assert len(set(codes)) == 10
    token = browser.held(page.form()).get("csrf_token")
    refused = browser.raw(
        "POST",
        "/activeren/overslaan",
        data={"csrf_token": token},
        headers={"Referer": "https://portaal.example/activeren/noodcodes"},
    )
    assert refused.headers["Location"].endswith("/activeren/noodcodes")
    browser.fill({"code": "ABCD-EFGH-JKLM-NP"}, status=422)
    assert browser.hand_in({"code": codes[0]}).status_code == 303
    with database.read() as session:
        assert session.scalars(select(Account.adult_id)).one() == people.ilse


def test_a_letter_works_fourteen_days_and_once(
    visit: Callable[[], Visit],
    letters: dict[str, InvitationLetter],
    mail_code: Callable[[], str],
    clock: FrozenClock,
) -> None:
    noor = visit()
    page = as_far_as_app(noor, letters["noor"], mail_code, "noor@post.example")
    noor.fill({"code": app_code(key_on(page), clock)})
    noor.hand_in(form="overslaan")
    again = visit()
    claim(again, letters["noor"], status=422)
    clock.advance(timedelta(days=14))
    late = visit()
    claim(late, letters["daan"], status=422)


def test_a_relation_that_ended_closes_its_letter(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], database: Database, people: People
) -> None:
    def suspend(session: Session) -> None:
        session.get_one(Authority, people.daan_of_sem).status = Status.SUSPENDED

    database.write(suspend)
    browser = visit()
    claim(browser, letters["daan"], status=422)


def test_without_a_birth_date_the_letter_is_handed_over_and_asks_none(
    visit: Callable[[], Visit], database: Database, people: People
) -> None:
    def forget(session: Session) -> None:
        session.get_one(Pupil, people.asha).birth_date = None

    database.write(forget)
    made = database.write(lambda session: invitations.invite_school(session, people.regenboog, by=OPERATOR))
    letter = next(letter for letter in made if letter.adult_id == people.ravi)
    assert letter.at_desk
    assert letter.address == ()
    browser = visit()
    scan(browser, letter)
    assert browser.fill().h1 == "Wat is uw e-mailadres?"


def test_no_code_reaches_the_log_or_the_database(
    visit: Callable[[], Visit],
    letters: dict[str, InvitationLetter],
    mail_code: Callable[[], str],
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = visit()
    page = as_far_as_app(browser, letters["noor"], mail_code, "noor@post.example")
    secrets = [letters["noor"].code, letters["noor"].code.replace("-", ""), PASSWORD, key_on(page).replace(" ", "")]
    written = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    with database.read() as session:
        row = session.scalars(select(Activation).where(Activation.carrier_digest.is_not(None))).one()
        stored = " ".join(repr(value) for value in vars(row).values())
    for secret in secrets:
        assert secret not in written
        assert secret not in stored


def test_the_code_never_leaves_with_a_referrer(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter]
) -> None:
    answer = visit().raw("GET", letters["noor"].url(""))
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/activeren"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]
