"""A forgotten password: nobody learns who has an account, no mail alone opens one, and each link counts once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database, count_statements
from parentportal.jobs.worker import work_once
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.outbox import OutboxMail
from parentportal.models.password_resets import PasswordReset, ResetWish
from parentportal.models.second_factors import Passkey
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mailer import MemoryMailer
from parentportal.reads import password_resets as reads
from parentportal.rules.errors import TooManyAttempts
from parentportal.services import known_devices, new_accounts, password_resets
from parentportal.services.sign_in import Browser
from tests.people import People
from tests.resetting import (
    HERE,
    NOBODY,
    NOOR,
    ask,
    blocked,
    change,
    count_of,
    events,
    mailed,
    nothing_to_sign_in_with,
    wish,
)
from tests.sessions import make_account

ELSEWHERE = Browser("198.51.100.7/32")
BASE = "https://portaal.waterlijn.example"


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def test_known_and_unknown_names_cost_the_same_statements_and_leave_the_same_rows(
    database: Database, noors_app: str
) -> None:
    wish(database, "eerder@post.example")
    sent, before = [], count_of(database, AuditEvent)
    for name in (NOOR, NOBODY):
        with count_statements(database) as statements:
            wish(database, name)
        sent.append(list(statements))
    assert sent[0] == sent[1]
    assert count_of(database, ResetWish) == 3
    assert (mailed(database), count_of(database, AuditEvent)) == ([], before)


def test_the_worker_mails_whoever_it_knows_and_forgets_every_wish(database: Database, noors_app: str) -> None:
    wish(database, NOBODY)
    wish(database, "  NOOR@post.example ")
    mailer = MemoryMailer()
    work_once(database, mailer, BASE)
    (mail,) = mailer.sent
    assert mail.to == NOOR
    token = mail.text.split(f"{BASE}/wachtwoord/")[1].split()[0]
    assert len(token) >= 22, "128 bits and more"
    assert count_of(database, ResetWish) == 0
    work_once(database, mailer, BASE)
    assert len(mailer.sent) == 1
    assert events(database, "password_reset:asked") == 1


def test_asking_five_times_gives_one_mail_a_round(database: Database, noors_app: str) -> None:
    for _ in range(4):
        wish(database)
    database.write(password_resets.work_off)
    assert [(template, to) for template, to, _token in mailed(database)] == [("password_reset", NOOR)]


def test_guessing_names_is_slowed_down_alike_for_known_and_unknown(database: Database, noors_app: str) -> None:
    tries = [tries_until_slowed_down(database, name) for name in (NOOR, NOBODY)]
    assert tries[0] == tries[1] < 10


def tries_until_slowed_down(database: Database, name: str) -> int:
    for done in range(100):
        try:
            wish(database, name, ELSEWHERE)
        except TooManyAttempts:
            return done
    return 100


def test_who_asks_for_noor_elsewhere_does_not_keep_her_from_asking_on_her_own_telephone(
    database: Database, people: People, noors_app: str
) -> None:
    change(database, people.noor, know_a_device)
    tries_until_slowed_down(database, NOOR)
    with pytest.raises(TooManyAttempts):
        wish(database, NOOR, ELSEWHERE)
    wish(database, NOOR, Browser(ELSEWHERE.network, token="a browser of hers"))


def know_a_device(session: Session, account: Account) -> None:
    known_devices.remember(session, account, "a browser of hers", tell=False)


def test_neither_the_token_nor_what_opens_it_is_in_the_database(database: Database, noors_app: str) -> None:
    token = ask(database)
    with database.read() as session:
        row = session.scalars(select(PasswordReset)).one()
        mail = session.scalars(select(OutboxMail)).one()
        assert token.encode() not in row.token_digest
        assert token not in str(mail.context)
        assert token.encode() not in (mail.sealed or b"")
        assert reads.find_open(session, row.token_digest.hex(), HERE) is None


def no_address(session: Session, account: Account) -> None:
    account.email = account.email_confirmed_at = None


def unconfirmed(session: Session, account: Account) -> None:
    account.email_confirmed_at = None


def address_just_changed(session: Session, account: Account) -> None:
    account.email_changed_at = account.created_at


@pytest.mark.parametrize("state", [no_address, unconfirmed, blocked, address_just_changed, nothing_to_sign_in_with])
def test_whoever_cannot_be_helped_by_mail_gets_none(
    database: Database, people: People, noors_app: str, state: Callable[[Session, Account], None]
) -> None:
    change(database, people.noor, state)
    wish(database)
    database.write(password_resets.work_off)
    assert (mailed(database), count_of(database, ResetWish)) == ([], 0)


def test_two_days_after_another_address_links_go_there_again(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    change(database, people.noor, address_just_changed)
    clock.advance(password_resets.HOLD - timedelta(seconds=1))
    wish(database)
    database.write(password_resets.work_off)
    assert mailed(database) == []
    clock.advance(timedelta(seconds=1))
    assert ask(database)


def test_whoever_signs_in_with_a_passkey_alone_hears_how_and_gets_no_link(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    change(database, people.noor, only_passkey)
    wish(database)
    database.write(password_resets.work_off)
    assert mailed(database) == [("no_password", NOOR, "")]
    assert count_of(database, PasswordReset) == 0


def only_passkey(session: Session, account: Account) -> None:
    new_accounts.drop_means(session, account)
    session.add(
        Passkey(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            credential_id=b"noor",
            public_key=b"key",
            sign_count=0,
            name="Telefoon",
            made_at=account.created_at,
        )
    )


def test_partners_with_one_address_each_get_a_link_for_their_own_account(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    make_account(database, clock, people.daan)

    def share(session: Session, account: Account) -> None:
        account.sign_in_name, account.email = "kdre4827", NOOR

    change(database, people.daan, share)
    wish(database)
    database.write(password_resets.work_off)
    mails = mailed(database)
    assert [to for _template, to, _token in mails] == [NOOR, NOOR]
    with database.read() as session:
        names = [found.sign_in_name for _t, _to, token in mails if (found := reads.find_open(session, token, HERE))]
    assert sorted(names) == ["kdre4827", NOOR]
