"""What the portal itself no longer needs is gone when its term is over, and not a day before."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.address_changes import AddressChange
from parentportal.models.base import new_id
from parentportal.models.imports import Delivery, DeliveryState, Source
from parentportal.models.password_resets import PasswordReset, ResetWish
from parentportal.models.second_factors import PasskeyChallenge, PendingApp
from parentportal.models.sign_in import Account, Activation, Attempt, KnownDevice, SignInSession
from parentportal.models.submissions import Submission
from parentportal.outside.clock import FrozenClock
from parentportal.outside.passkeys import Site
from parentportal.rules.roles import Role
from parentportal.rules.second_factors import Purpose
from parentportal.services import (
    activation,
    address_changes,
    invitations,
    known_devices,
    passkeys,
    password_resets,
    throttling,
    tidying,
)
from parentportal.services.sign_in import Browser
from parentportal.services.throttling import Action
from tests.people import People
from tests.sessions import PASSWORD, find_or_make_account, open_session

HOME = "192.0.2.10/32"


def count_of(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_letter_that_lapsed_keeps_nothing_of_who_began_with_it(
    database: Database, clock: FrozenClock, people: People
) -> None:
    made = database.write(lambda session: invitations.invite_school(session, people.regenboog, by=OPERATOR))
    code = next(letter.code for letter in made if letter.adult_id == people.noor)
    carrier = database.write(lambda session: activation.claim(session, code, date(2017, 3, 27), network=HOME))
    assert carrier is not None
    database.write(lambda session: activation.do_without_email(session, carrier))
    activation.choose_password(database, carrier, PASSWORD)
    clock.advance(invitations.CODE_STANDS - timedelta(seconds=1))
    database.write(tidying.forget)
    assert None not in begun(database, people.noor), "the letter still works"
    clock.advance(timedelta(seconds=1))
    database.write(tidying.forget)
    assert begun(database, people.noor) == [None] * 4


def begun(database: Database, adult_id: UUID) -> Sequence[object]:
    """What is kept of an activation half-way."""
    with database.read() as session:
        row = session.scalars(select(Activation).where(Activation.adult_id == adult_id)).one()
        return [row.sign_in_name, row.password_hash, row.totp_secret, row.carrier_digest]


def test_sessions_forms_and_tries_go_when_they_can_no_longer_count(
    database: Database, clock: FrozenClock, people: People
) -> None:
    def used(session: Session) -> None:
        session.add(Submission(id=new_id(), owner="x", endpoint="y", location="/z", at=clock.now()))
        throttling.count(session, Action.PASSWORD, who="noor", network=HOME)

    open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    database.write(used)
    tables = (SignInSession, Submission, Attempt)
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [1, 1, 4]
    clock.advance(timedelta(days=1))
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [0, 1, 0]
    clock.advance(timedelta(days=1))
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [0, 0, 0]


def test_what_waited_for_an_answer_goes_when_its_time_is_over(
    database: Database, clock: FrozenClock, people: People
) -> None:
    def wait(session: Session) -> None:
        account = find_or_make_account(session, clock, people.noor)
        password_resets.wish(session, "niemand@post.example", browser=Browser(HOME), language="nl")
        passkeys.ask_to_prove(session, holder="noor", purpose=Purpose.SIGN_IN, site=Site.at("https://p.example"))
        session.add(link_of(account, clock))
        session.add(change_of(account, clock))
        row = session.scalars(select(SignInSession)).one()
        session.add(
            PendingApp(
                id=new_id(),
                board_id=account.board_id,
                session_id=row.id,
                secret=b"key",
                expires_at=clock.now() + timedelta(minutes=30),
            )
        )

    open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    database.write(wait)
    tables = (PasskeyChallenge, AddressChange, ResetWish, PasswordReset, PendingApp)
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [1, 1, 1, 1, 1]
    clock.advance(timedelta(minutes=5))
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [0, 1, 1, 1, 1]
    clock.advance(timedelta(minutes=10))
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [0, 0, 1, 1, 1]
    clock.advance(timedelta(minutes=15))
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [0, 0, 0, 0, 0]


def link_of(account: Account, clock: FrozenClock) -> PasswordReset:
    return PasswordReset(
        id=new_id(),
        board_id=account.board_id,
        account_id=account.id,
        token_digest=b"link",
        stamp=account.stamp,
        made_at=clock.now(),
        expires_at=clock.now() + password_resets.LINK_STANDS,
    )


def change_of(account: Account, clock: FrozenClock, *, is_done: bool = False) -> AddressChange:
    return AddressChange(
        id=new_id(),
        board_id=account.board_id,
        account_id=account.id,
        new_address="noor@elders.example",
        old_address=account.email if is_done else None,
        code_digest=b"code",
        created_at=clock.now(),
        expires_at=clock.now() + address_changes.CODE_STANDS,
        used_at=clock.now() if is_done else None,
    )


def test_old_addresses_go_after_a_month_and_known_devices_after_a_year(
    database: Database, clock: FrozenClock, people: People
) -> None:
    def begin(session: Session) -> None:
        account = find_or_make_account(session, clock, people.noor)
        session.add(change_of(account, clock, is_done=True))
        known_devices.remember(session, account, "a browser", tell=False)

    database.write(begin)
    tables = (AddressChange, KnownDevice)
    clock.advance(timedelta(days=29))
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [1, 1]
    clock.advance(timedelta(days=1))
    database.write(tidying.forget)
    assert [count_of(database, table) for table in tables] == [0, 1]
    clock.advance(timedelta(days=334))
    database.write(tidying.forget)
    assert count_of(database, KnownDevice) == 1
    clock.advance(timedelta(days=1))
    database.write(tidying.forget)
    assert count_of(database, KnownDevice) == 0


def test_a_file_goes_two_weeks_after_it_counted_and_a_month_after_it_came(
    database: Database, clock: FrozenClock, people: People
) -> None:
    applied = database.write(lambda session: bring(session, clock, people, DeliveryState.APPLIED))
    waiting = database.write(lambda session: bring(session, clock, people, DeliveryState.PREVIEW))
    clock.advance(timedelta(days=14))
    database.write(tidying.forget)
    assert (is_kept(database, applied), is_kept(database, waiting)) == (False, True)
    clock.advance(timedelta(days=16))
    database.write(tidying.forget)
    assert not is_kept(database, waiting)


def bring(session: Session, clock: FrozenClock, people: People, state: DeliveryState) -> UUID:
    source = session.scalars(select(Source).where(Source.school_id == people.regenboog)).one()
    row = Delivery(
        id=new_id(),
        board_id=people.waterlijn,
        school_id=people.regenboog,
        source_id=source.id,
        filename="leerlingen.xml",
        sha256=state.value,
        size=3,
        format="edexml",
        version="2.1",
        state=state,
        counts={},
        problems=[],
        guesses=[],
        content=b"xml",
        received_at=clock.now(),
        received_by="operator",
        applied_at=clock.now() if state is DeliveryState.APPLIED else None,
        applied_by="operator" if state is DeliveryState.APPLIED else None,
    )
    session.add(row)
    session.flush()
    return row.id


def is_kept(database: Database, delivery_id: UUID) -> bool:
    with database.read() as session:
        return session.get_one(Delivery, delivery_id).content is not None
