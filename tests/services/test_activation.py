"""Activation as the service keeps it: one account a person, one browser at a time, guesses counted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import Adult
from parentportal.models.second_factors import RecoveryCode
from parentportal.models.sign_in import Account, Activation
from parentportal.outside import one_time_codes
from parentportal.outside.clock import FrozenClock
from parentportal.reads import activation as reads
from parentportal.rules.authority import Relation
from parentportal.rules.errors import Invalid, NotFound, NotNow, TooManyAttempts
from parentportal.rules.sentences import Sentence
from parentportal.services import activation, audit, invitations, outbox, second_factors, sign_in
from parentportal.services.invitations import InvitationLetter
from parentportal.services.sign_in import Entered, Refused
from tests.people import People, Settler
from tests.sessions import PASSWORD, make_account

HOME = "192.0.2.10/32"
SEM = date(2017, 3, 27)


@pytest.fixture
def letters(database: Database, people: People) -> dict[str, InvitationLetter]:
    """The letters of De Regenboog by first name."""
    made = database.write(lambda session: invitations.invite_school(session, people.regenboog, by=OPERATOR))
    return {letter.adult.split()[0].lower(): letter for letter in made}


def claim(database: Database, code: str, born: date | None = SEM, network: str = HOME) -> str | None:
    return database.write(lambda session: activation.claim(session, code, born, network=network))


@pytest.fixture
def go_to_last_step(database: Database, clock: FrozenClock) -> Callable[[str], str]:
    """Answers every question but the last for a code; gives what the browser carries."""

    def go(code: str) -> str:
        carrier = claim(database, code)
        assert carrier is not None
        database.write(lambda session: activation.do_without_email(session, carrier))
        activation.choose_password(database, carrier, PASSWORD)
        with database.read() as session:
            progress = reads.find_progress(session, carrier)
            assert progress is not None
            pending = reads.find_pending_app(session, progress)
        assert pending is not None
        shown = one_time_codes.current_code(pending.key, clock.now())
        assert database.write(lambda session: activation.confirm_app(session, carrier, shown, network=HOME)) is None
        return carrier

    return go


def count_of(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_sixteen_taps_on_the_last_button_make_one_account(
    database: Database, letters: dict[str, InvitationLetter], go_to_last_step: Callable[[str], str]
) -> None:
    carrier = go_to_last_step(letters["daan"].code)

    def finish(_number: int) -> bool:
        try:
            database.write(lambda session: activation.finish_without_codes(session, carrier))
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(finish, range(16))).count(True) == 1
    assert count_of(database, Account) == 1
    with database.read() as session:
        assert list(audit.verify(session)) == []


def test_the_code_that_activated_does_not_sign_in_again(
    database: Database,
    letters: dict[str, InvitationLetter],
    go_to_last_step: Callable[[str], str],
    clock: FrozenClock,
) -> None:
    carrier = go_to_last_step(letters["daan"].code)
    done = database.write(lambda session: activation.finish_without_codes(session, carrier))
    token = sign_in.with_password(database, done.sign_in_name, PASSWORD, network=HOME)
    assert token is not None
    with database.read() as session:
        account = session.scalars(select(Account)).one()
        (app,) = second_factors.list_apps(session, account)
        key = second_factors.open_key(session, account.id, app.secret)
    shown = one_time_codes.current_code(key, clock.now())
    assert database.write(lambda session: sign_in.with_code(session, token, shown, network=HOME)) is Refused.WRONG
    clock.advance(timedelta(seconds=30))
    shown = one_time_codes.current_code(key, clock.now())
    entered = database.write(lambda session: sign_in.with_code(session, token, shown, network=HOME))
    assert isinstance(entered, Entered)


def test_nothing_secret_stays_with_a_used_letter(
    database: Database, letters: dict[str, InvitationLetter], go_to_last_step: Callable[[str], str]
) -> None:
    carrier = go_to_last_step(letters["daan"].code)
    with database.read() as session:
        activation_id = reads.find_activation_id(session, carrier)
        assert activation_id is not None
        made = reads.get_recovery_codes(session, activation_id)
    database.write(lambda session: activation.confirm_recovery_codes(session, carrier, made[3].lower(), network=HOME))
    with database.read() as session:
        row = session.scalars(select(Activation).where(Activation.used_at.is_not(None))).one()
        assert (row.carrier_digest, row.password_hash, row.totp_secret, row.recovery_codes) == (None,) * 4
    assert count_of(database, RecoveryCode) == 10


def test_guessing_the_birth_date_is_slowed_down(
    database: Database, letters: dict[str, InvitationLetter], clock: FrozenClock
) -> None:
    tried = 0
    for day in range(24 * 4):
        with suppress(TooManyAttempts):
            assert claim(database, letters["daan"].code, date(2018, 1, 1) + timedelta(days=day)) is None
            tried += 1
        clock.advance(timedelta(minutes=15))
    assert tried <= 50
    clock.advance(timedelta(hours=1))
    assert claim(database, letters["daan"].code) is not None, "and the parent still gets in"


def test_guessing_the_mailed_code_is_slowed_down(database: Database, letters: dict[str, InvitationLetter]) -> None:
    carrier = claim(database, letters["daan"].code)
    assert carrier is not None
    database.write(lambda session: activation.ask_email(session, carrier, "daan@post.example", network=HOME))
    tried = 0
    for guess in range(20):
        with suppress(TooManyAttempts):
            code = f"{guess:06}"
            database.write(lambda session, code=code: activation.confirm_email(session, carrier, code, network=HOME))  # type: ignore[misc]  # a bound default
            tried += 1
    assert tried == 5


def test_nobody_is_flooded_with_codes(database: Database, letters: dict[str, InvitationLetter]) -> None:
    carrier = claim(database, letters["daan"].code)
    assert carrier is not None
    for _ in range(20):
        with suppress(TooManyAttempts):
            database.write(lambda session: activation.ask_email(session, carrier, "daan@post.example", network=HOME))
    assert count_of(database, OutboxMail) == 5


def test_an_older_mail_does_not_count_after_a_newer_one(
    database: Database, letters: dict[str, InvitationLetter]
) -> None:
    carrier = claim(database, letters["daan"].code)
    assert carrier is not None
    for address in ("daan@post.example", "bakker@post.example"):
        database.write(
            lambda session, address=address: activation.ask_email(session, carrier, address, network=HOME)  # type: ignore[misc]  # a bound default
        )
    with database.read() as session:
        mails = session.scalars(select(OutboxMail).order_by(OutboxMail.created_at, OutboxMail.id)).all()
        old, new = (outbox.values_of(session, mail) for mail in mails)
    assert not database.write(lambda session: activation.confirm_email(session, carrier, old["code"], network=HOME))
    assert database.write(lambda session: activation.confirm_email(session, carrier, new["code"], network=HOME))


def test_a_step_out_of_turn_is_not_there(database: Database, letters: dict[str, InvitationLetter]) -> None:
    carrier = claim(database, letters["daan"].code)
    assert carrier is not None
    with pytest.raises(NotFound):
        activation.choose_password(database, carrier, PASSWORD)
    with pytest.raises(NotFound):
        database.write(lambda session: activation.confirm_app(session, carrier, "123456", network=HOME))
    with pytest.raises(NotFound):
        database.write(lambda session: activation.finish_without_codes(session, carrier))
    with pytest.raises(NotFound):
        database.write(lambda session: activation.do_without_email(session, carrier + "x"))


def test_a_password_of_own_words_is_refused(database: Database, letters: dict[str, InvitationLetter]) -> None:
    carrier = claim(database, letters["daan"].code)
    assert carrier is not None
    database.write(lambda session: activation.do_without_email(session, carrier))
    with pytest.raises(Invalid) as refused:
        activation.choose_password(database, carrier, "SemBakkerRegenboog1")
    assert "password" in refused.value.problems


@pytest.mark.parametrize("password", ["kort", "lang" * 100])
def test_how_long_a_password_must_be_can_be_said_in_every_language(
    database: Database, letters: dict[str, InvitationLetter], password: str
) -> None:
    carrier = claim(database, letters["daan"].code)
    assert carrier is not None
    with pytest.raises(Invalid) as refused:
        activation.choose_password(database, carrier, password)
    said = refused.value.problems["password"]
    assert isinstance(said, Sentence)
    assert "%(" in said.msgid, "the number is filled in by whoever says it"


def test_adults_that_turned_out_to_be_one_have_no_second_letter(
    database: Database, letters: dict[str, InvitationLetter], people: People, clock: FrozenClock
) -> None:
    def merge(session: Session) -> None:
        daan = session.get_one(Adult, people.daan)
        daan.merged_into_id, daan.merged_at, daan.merged_by_id = people.noor, clock.now(), people.petra

    database.write(merge)
    assert claim(database, letters["daan"].code) is None


def test_the_operator_invites_again_and_the_old_codes_stop(
    database: Database, letters: dict[str, InvitationLetter], people: People
) -> None:
    again = database.write(lambda session: invitations.invite_school(session, people.regenboog, "5", by=OPERATOR))
    assert [letter.adult for letter in again] == ["Daan Bakker", "Ravi Sharma", "Noor de Wit"]
    assert {letter.group for letter in again} == {"5"}
    assert claim(database, letters["daan"].code) is None
    assert claim(database, again[0].code) is not None
    with pytest.raises(NotFound):
        database.write(lambda session: invitations.invite_school(session, people.regenboog, "9", by=OPERATOR))


def test_letters_lie_by_group_and_last_name(letters: dict[str, InvitationLetter], clock: FrozenClock) -> None:
    assert [(letter.group, letter.adult) for letter in letters.values()] == [
        ("2", "Noor de Wit"),
        ("5", "Daan Bakker"),
        ("5", "Ravi Sharma"),
    ]
    assert {letter.expires_on for letter in letters.values()} == {date(2026, 12, 1)}
    assert all(letter.code not in repr(letter) for letter in letters.values())


def test_staff_with_an_account_need_no_code(database: Database, people: People, clock: FrozenClock) -> None:
    letter = database.write(lambda session: invitations.invite_staff(session, people.hugo, None, by=OPERATOR))
    carrier = claim(database, letter.code, None)
    assert carrier is not None
    with database.read() as session:
        progress = reads.find_progress(session, carrier)
    assert progress is not None
    assert progress.sender == "Stichting De Waterlijn", "a role of the whole board has no school"
    make_account(database, clock, people.hugo)
    assert claim(database, letter.code, None) is None
    with pytest.raises(NotNow):
        database.write(lambda session: invitations.invite_staff(session, people.hugo, None, by=OPERATOR))


def test_every_act_leaves_its_row_and_no_value(
    database: Database, letters: dict[str, InvitationLetter], go_to_last_step: Callable[[str], str]
) -> None:
    carrier = go_to_last_step(letters["daan"].code)
    database.write(lambda session: activation.finish_without_codes(session, carrier))
    with database.read() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.event.like("%:%"))).all()
        events = [row.event for row in rows]
        written = " ".join(str(row.detail) for row in rows)
    assert events.count("invitation:made") == 3
    assert events[-2:] == ["account:activated", "sign_in:succeeded"]
    for value in (letters["daan"].code, "Daan", "daan@post.example"):
        assert value not in written


def test_no_mail_about_the_account_names_the_school_where_a_child_must_not_be_found(
    database: Database, people: People, go_to_last_step: Callable[[str], str]
) -> None:
    """Daan sees Sem; the place of Lot, over whom he has no authority, is secret to him."""

    def hide(session: Session) -> None:
        hidden = Settler(session, people.waterlijn).authority(people.lot, people.daan, Relation.WITHOUT)
        session.get_one(Authority, hidden).no_location = True

    database.write(hide)
    made = database.write(lambda session: invitations.invite_school(session, people.regenboog, by=OPERATOR))
    carrier = go_to_last_step(next(letter.code for letter in made if letter.adult_id == people.daan))
    database.write(lambda session: activation.finish_without_codes(session, carrier))
    with database.read() as session:
        (context,) = session.scalars(select(OutboxMail.context).where(OutboxMail.adult_id == people.daan))
    assert context["school"] == "Stichting De Waterlijn"
