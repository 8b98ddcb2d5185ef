"""Links as they arrive over the line: whole, from the settings' own address, and worth something once."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from parentportal.db import Database
from parentportal.jobs.worker import work_once
from parentportal.models.outbox import OutboxMail
from parentportal.models.password_resets import ResetWish
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mailer import SmtpMailer
from parentportal.reads import address_changes as address_reads
from parentportal.reads import password_resets as reset_reads
from parentportal.reads.visitors import find_visitor
from parentportal.rules.roles import Role
from parentportal.services import address_changes, outbox, password_resets
from tests.outside.mail_servers import Postbox, serving
from tests.people import People
from tests.resetting import HERE, HOME, NOBODY, NOOR, count_of, wish
from tests.sessions import make_account, open_session

BASE = "https://portaal.waterlijn.example"
FRESH = "noor@nieuw.example"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def mailer(postbox: Postbox) -> Iterator[SmtpMailer]:
    with serving(postbox) as port:
        yield SmtpMailer(f"smtp://127.0.0.1:{port}", "Kijkglas <portaal@waterlijn.example>")


def words(mail: EmailMessage) -> tuple[str, str]:
    """The mail as text and as HTML."""
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    return plain.get_content(), rich.get_content()


def test_a_link_to_a_new_password_leaves_in_the_round_that_finds_the_wish(
    database: Database, clock: FrozenClock, people: People, postbox: Postbox, mailer: SmtpMailer
) -> None:
    make_account(database, clock, people.noor)
    wish(database, NOBODY)
    wish(database, NOOR)
    work_once(database, mailer, BASE)
    (mail,) = postbox.kept
    assert mail["To"] == NOOR
    text, rich = words(mail)
    token = text.split(f"{BASE}/wachtwoord/")[1].split()[0]
    assert f'href="{BASE}/wachtwoord/{token}"' in rich
    with database.read() as session:
        assert reset_reads.find_open(session, token, HERE) is not None
        (sent,) = session.scalars(select(OutboxMail))
        assert (sent.sealed, sent.context) == (None, {}), "what was sent is kept nowhere"
    assert count_of(database, ResetWish) == 0


def test_an_address_is_proved_announced_and_taken_back_by_what_arrives(
    database: Database, clock: FrozenClock, people: People, postbox: Postbox, mailer: SmtpMailer
) -> None:
    with database.read() as session:
        own = find_visitor(session, open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog))
    assert own is not None
    database.write(lambda s: address_changes.ask(s, FRESH, network=HOME.network, by=own))
    work_once(database, mailer, BASE)
    (proof,) = postbox.kept
    assert proof["To"] == FRESH
    code = next(line.strip() for line in words(proof)[0].splitlines() if line.strip().isdigit())
    assert database.write(lambda s: address_changes.confirm(s, code, network=HOME.network, by=own))
    work_once(database, mailer, BASE)
    told = postbox.kept[-1]
    assert told["To"] == NOOR
    text, rich = words(told)
    token = text.split(f"{BASE}/adres-terug/")[1].split()[0]
    assert f'href="{BASE}/adres-terug/{token}"' in rich
    database.write(lambda s: address_changes.undo(s, token))
    with database.read() as session:
        found = address_reads.find_undoing(session, token)
        assert found is not None
        assert (found.is_done, found.sign_in_name) == (True, NOOR)
    work_once(database, mailer, BASE)
    assert sorted(mail["To"] for mail in postbox.kept[2:]) == [FRESH, NOOR]
    assert not any(FRESH in part for mail in postbox.kept for part in words(mail))


def test_a_fault_in_one_wish_leaves_the_others_for_the_next_round(
    database: Database, clock: FrozenClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a round or nothing: a wish is forgotten in the transaction that mails it, and in no other."""
    make_account(database, clock, people.noor)
    wish(database, NOOR)

    def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("planted")

    with monkeypatch.context() as planted:
        planted.setattr(outbox, "queue", broken)
        with pytest.raises(RuntimeError, match="planted"):
            database.write(password_resets.work_off)
    assert count_of(database, ResetWish) == 1
    database.write(password_resets.work_off)
    assert (count_of(database, ResetWish), count_of(database, OutboxMail)) == (0, 1)
