"""Passkeys as the portal keeps them: each challenge once, for one purpose and one browser; a copy is seen and told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.outbox import OutboxMail
from parentportal.models.second_factors import Passkey, PasskeyChallenge
from parentportal.outside.clock import FrozenClock
from parentportal.outside.passkeys import Site
from parentportal.rules.errors import NotFound
from parentportal.rules.second_factors import CHALLENGE_STANDS, Purpose
from parentportal.services import passkeys
from parentportal.services.passkeys import MOST_CHALLENGES, Outcome, Unproved
from tests.authenticator import Authenticator, Cheat
from tests.people import People
from tests.ways_in import SITE, account_of, give_passkey

BROWSER = "browser of noor"
ELSEWHERE = Site("elders.example", "https://elders.example")


@pytest.fixture
def phone(database: Database, clock: FrozenClock, people: People) -> Authenticator:
    """Noor's telephone, with a passkey in it."""
    return give_passkey(database, clock, people.noor)[0]


def ask(database: Database, purpose: Purpose = Purpose.SIGN_IN, holder: str = BROWSER) -> dict[str, Any]:
    return database.write(lambda s: passkeys.ask_to_prove(s, holder=holder, purpose=purpose, site=SITE))


def prove(
    database: Database, answer: str, purpose: Purpose = Purpose.SIGN_IN, holder: str = BROWSER
) -> Outcome | Unproved:
    return database.write(lambda s: passkeys.prove(s, answer, holder=holder, site=SITE, purpose=purpose))


def make(database: Database, owner: UUID, answer: Callable[[dict[str, Any]], str], **other: Any) -> object:
    """Ask for a new key for somebody, answer it, and check; `other` differs between the two."""
    asked: dict[str, Any] = {"holder": BROWSER, "purpose": Purpose.ADD, "site": SITE}
    options = database.write(
        lambda s: passkeys.ask_to_make(s, **asked, owner=owner, name="noor@post.example", shown_as="Noor")
    )
    made = answer(options)
    return database.write(lambda s: passkeys.check_new(s, made, **{**asked, **other}))


def events(database: Database, event: str) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(AuditEvent.event == event)) or 0


def mails(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.scalars(select(OutboxMail).where(OutboxMail.template == "security_notice"))
        return [str(row.context["what"]) for row in rows]


def test_a_real_key_proves_whose_it_is_and_its_counter_is_kept(
    database: Database, clock: FrozenClock, people: People, phone: Authenticator
) -> None:
    outcome = prove(database, phone.prove(ask(database)))
    assert isinstance(outcome, Outcome)
    with database.read() as session:
        assert outcome.account_id == account_of(session, people.noor).id
        row = session.get_one(Passkey, outcome.passkey_id)
        assert (row.sign_count, row.used_at) == (1, clock.now())


def test_an_answer_counts_once(database: Database, phone: Authenticator) -> None:
    answer = phone.prove(ask(database))
    assert isinstance(prove(database, answer), Outcome)
    assert prove(database, answer) is Unproved.TOO_LATE


def test_an_answer_that_was_refused_counts_no_second_time_either(database: Database, phone: Authenticator) -> None:
    options = ask(database)
    assert prove(database, phone.prove(options, Cheat(verified=False))) is Unproved.NOT_VERIFIED
    assert prove(database, phone.prove(options)) is Unproved.TOO_LATE


@pytest.mark.parametrize("purpose", [Purpose.ADD, Purpose.ACTIVATE, Purpose.STEP_UP])
def test_an_answer_for_another_purpose_opens_nothing(
    database: Database, phone: Authenticator, purpose: Purpose
) -> None:
    answer = phone.prove(ask(database, purpose))
    assert prove(database, answer) is Unproved.TOO_LATE
    assert isinstance(prove(database, answer, purpose), Outcome)


def test_an_answer_from_another_browser_opens_nothing(database: Database, phone: Authenticator) -> None:
    answer = phone.prove(ask(database))
    assert prove(database, answer, holder="browser of somebody else") is Unproved.TOO_LATE


def test_an_answer_counts_for_five_minutes(database: Database, clock: FrozenClock, phone: Authenticator) -> None:
    early, late = ask(database), ask(database)
    clock.advance(CHALLENGE_STANDS - timedelta(seconds=1))
    assert isinstance(prove(database, phone.prove(early)), Outcome)
    clock.advance(timedelta(seconds=1))
    assert prove(database, phone.prove(late)) is Unproved.TOO_LATE


def test_a_challenge_that_nobody_gave_is_too_late(database: Database, phone: Authenticator) -> None:
    answer = phone.prove(ask(database), Cheat(challenge=bytes(32)))
    assert prove(database, answer) is Unproved.TOO_LATE


@pytest.mark.parametrize(
    ("cheat", "why"),
    [
        (Cheat(verified=False), Unproved.NOT_VERIFIED),
        (Cheat(origin="https://elders.example"), Unproved.OTHER_PLACE),
        (Cheat(framed=True), Unproved.OTHER_PLACE),
        (Cheat(spoiled=True), Unproved.WRONG),
        (Cheat(host="elders.example"), Unproved.WRONG),
        (Cheat(owner=UUID(int=7).bytes), Unproved.WRONG),
    ],
)
def test_what_is_off_by_one_thing_proves_nothing_and_moves_no_counter(
    database: Database, phone: Authenticator, cheat: Cheat, why: Unproved
) -> None:
    assert prove(database, phone.prove(ask(database), cheat)) is why
    with database.read() as session:
        assert session.scalars(select(Passkey.sign_count)).all() == [0]
    assert mails(database) == []


def test_a_key_that_is_not_ours_is_wrong(database: Database, people: People, phone: Authenticator) -> None:
    stranger = Authenticator(SITE)
    made = make(database, people.daan, stranger.make)
    assert not isinstance(made, Unproved), "a real key, which nobody kept"
    assert prove(database, stranger.prove(ask(database))) is Unproved.WRONG


def test_a_copy_is_seen_noted_and_told_to_the_owner(database: Database, phone: Authenticator) -> None:
    thief = phone.copy()
    assert isinstance(prove(database, phone.prove(ask(database))), Outcome)
    assert prove(database, thief.prove(ask(database))) is Unproved.COPIED
    assert events(database, "passkey:copied") == 1
    assert mails(database) == ["passkey_copied"]


def test_nobody_can_say_which_of_two_is_the_copy_so_neither_opens_anything(
    database: Database, phone: Authenticator
) -> None:
    thief = phone.copy()
    assert isinstance(prove(database, phone.prove(ask(database))), Outcome)
    prove(database, thief.prove(ask(database)))
    assert prove(database, thief.prove(ask(database))) is Unproved.COPIED
    assert prove(database, phone.prove(ask(database))) is Unproved.COPIED
    assert mails(database) == ["passkey_copied"], "told once"


def test_a_key_that_is_kept_in_step_never_counts_and_is_no_copy(
    database: Database, clock: FrozenClock, people: People
) -> None:
    phone, _id = give_passkey(database, clock, people.ravi, synced=True)
    tablet = phone.copy()
    for device in (phone, tablet, phone):
        assert isinstance(prove(database, device.prove(ask(database))), Outcome)


def test_the_key_of_a_blocked_account_opens_nothing(database: Database, people: People, phone: Authenticator) -> None:
    def block(session: Session) -> None:
        account = account_of(session, people.noor)
        account.blocked_at, account.blocked_by_id = account.created_at, account.id

    database.write(block)
    assert prove(database, phone.prove(ask(database))) is Unproved.WRONG


def test_without_an_account_any_key_may_answer_and_with_one_only_its_own(
    database: Database, people: People, phone: Authenticator
) -> None:
    assert ask(database)["allowCredentials"] == []

    def mine(session: Session) -> dict[str, Any]:
        account_id = account_of(session, people.noor).id
        return passkeys.ask_to_prove(session, holder=BROWSER, purpose=Purpose.STEP_UP, site=SITE, account_id=account_id)

    assert len(database.write(mine)["allowCredentials"]) == 1


def test_a_browser_keeps_five_challenges_and_loses_the_oldest(database: Database, phone: Authenticator) -> None:
    asked = [ask(database) for _ in range(MOST_CHALLENGES + 1)]
    ask(database, holder="browser of somebody else")
    assert prove(database, phone.prove(asked[0])) is Unproved.TOO_LATE
    for options in asked[1:]:
        assert isinstance(prove(database, phone.prove(options)), Outcome)


def test_stale_challenges_are_thrown_away(database: Database, clock: FrozenClock) -> None:
    ask(database)
    clock.advance(CHALLENGE_STANDS)
    ask(database)
    database.write(passkeys.remove_stale)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PasskeyChallenge)) == 1


def test_a_new_key_is_asked_for_its_owner_and_not_twice_on_one_device(
    database: Database, people: People, phone: Authenticator
) -> None:
    seen: list[dict[str, Any]] = []

    def answer(options: dict[str, Any]) -> str:
        seen.append(options)
        return Authenticator(SITE).make(options)

    assert not isinstance(make(database, people.noor, answer), Unproved)
    assert len(seen[0]["excludeCredentials"]) == 1


@pytest.mark.parametrize("other", [{"holder": "somebody else"}, {"purpose": Purpose.ACTIVATE}])
def test_a_new_key_is_kept_only_for_who_was_asked_and_why(
    database: Database, people: People, other: dict[str, Any]
) -> None:
    assert make(database, people.noor, Authenticator(SITE).make, **other) is Unproved.TOO_LATE


def test_a_new_key_without_verification_is_refused(database: Database, people: People) -> None:
    def answer(options: dict[str, Any]) -> str:
        return Authenticator(SITE).make(options, Cheat(verified=False))

    assert make(database, people.noor, answer) is Unproved.NOT_VERIFIED


def test_a_key_that_is_here_already_is_no_new_one(database: Database, people: People, phone: Authenticator) -> None:
    """Somebody who hands in the credential of another account gets nothing of it."""

    def answer(options: dict[str, Any]) -> str:
        return Authenticator(SITE).make(options, Cheat(credential_id=phone.keys[0].credential_id))

    assert make(database, people.daan, answer) is Unproved.WRONG


@pytest.mark.parametrize("answer", ["", "{}", "x" * 20_000, '{"response":{}}'])
def test_nonsense_proves_nothing(database: Database, answer: str) -> None:
    assert prove(database, answer) is Unproved.WRONG


def test_where_browsers_know_no_passkeys_none_are_asked_for(database: Database, people: People) -> None:
    with pytest.raises(NotFound):
        database.write(lambda s: passkeys.ask_to_prove(s, holder=BROWSER, purpose=Purpose.SIGN_IN, site=None))
    with pytest.raises(NotFound):
        database.write(
            lambda s: passkeys.ask_to_make(
                s, holder=BROWSER, purpose=Purpose.ADD, site=None, owner=people.noor, name="n", shown_as="n"
            )
        )


def test_another_site_does_not_believe_our_keys(database: Database, phone: Authenticator) -> None:
    answer = phone.prove(ask(database))
    outcome = database.write(
        lambda s: passkeys.prove(s, answer, holder=BROWSER, site=ELSEWHERE, purpose=Purpose.SIGN_IN)
    )
    assert outcome is Unproved.OTHER_PLACE
