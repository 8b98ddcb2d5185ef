"""Who hears of a change in getting in: every address on file, and none that is no longer the person's."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.items import Item, Presence
from parentportal.models.people import Adult
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mail_text import SecurityEvent
from parentportal.services import account_notices, password_resets
from tests.people import People
from tests.resetting import HERE, NEW, NOOR, proved
from tests.services.signed_in import notices
from tests.sessions import make_account

OLD, WORK = "noors.ex@post.example", "noor@werk.example"


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def on_file(database: Database, people: People, **columns: object) -> None:
    """What the administration of the school has as Noor's address, and on her own row."""

    def work(session: Session) -> None:
        found = select(Item.id).where(Item.person_id == people.noor, Item.field_code == "guardian.email")
        session.execute(update(Item).where(Item.id.in_(found)).values(columns))
        session.execute(update(Adult).where(Adult.id == people.noor).values(email=columns["value"]))

    database.write(work)


def tell(database: Database, people: People) -> list[str]:
    def work(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        account_notices.tell_every_address(session, account, SecurityEvent.MEANS_ADDED)

    database.write(work)
    return [address for address, _what in notices(database)]


def test_every_address_on_file_hears_it(database: Database, people: People, noors_app: str) -> None:
    on_file(database, people, value=WORK)
    assert tell(database, people) == [NOOR, WORK]


@pytest.mark.parametrize("columns", [{"decided_value": WORK}, {"decided_value": NOOR}, {"presence": Presence.LAPSED}])
def test_an_address_that_was_corrected_or_dropped_hears_nothing(
    database: Database, people: People, noors_app: str, columns: dict[str, object]
) -> None:
    on_file(database, people, value=OLD, **columns)
    assert tell(database, people) == sorted({NOOR, str(columns.get("decided_value", NOOR))})


def test_the_address_of_the_account_always_hears_it(database: Database, people: People, noors_app: str) -> None:
    on_file(database, people, value=NOOR, decided_value=WORK)
    assert tell(database, people) == [NOOR, WORK]


def test_a_password_that_was_set_by_a_mailed_link_is_told_to_more_than_that_mailbox(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    on_file(database, people, value=WORK)
    token = proved(database, clock, noors_app)
    password_resets.choose(database, token, HERE, NEW)
    assert notices(database) == [(NOOR, "password_changed"), (WORK, "password_changed")]
