"""One's own password, saved codes and sessions: changed by their owner alone, and never by halves."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.second_factors import CodesApp, RecoveryCode
from parentportal.models.sign_in import KnownDevice, SessionLevel, SignInSession
from parentportal.outside import passwords
from parentportal.outside.clock import FrozenClock
from parentportal.reads import account_history
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.services import known_devices, own_account, recovery_codes, second_factors, sign_in
from parentportal.services.own_account import Changed
from parentportal.services.recovery_codes import SHOWN_AGAIN
from parentportal.services.second_factors import Refused
from tests.people import People
from tests.services.signed_in import Person, events, notices, number_of
from tests.sessions import PASSWORD
from tests.ways_in import account_of, give_codes, give_passkey, session_of

NEW = "veertien gele regenlaarzen"


@pytest.fixture
def noor(database: Database, clock: FrozenClock, people: People) -> Person:
    return Person(database, clock, people, "noor")


@pytest.fixture
def ilse(database: Database, clock: FrozenClock, people: People) -> Person:
    return Person(database, clock, people, "ilse")


def choose(person: Person, password: str) -> Changed:
    return person.do(own_account.choose_password, own_account.hash_password(person.database, password, by=person.by))


def opens(person: Person, code: str) -> bool:
    """Whether a saved code is taken; it is burned then."""

    def take(session: Session) -> Refused | None:
        return second_factors.take_saved(session, account_of(session, person.adult_id), code)

    return person.database.write(take) is None


def see(person: Person, key: UUID) -> tuple[str, ...]:
    with person.database.read() as session:
        return recovery_codes.list_codes(session, key, by=person.by)


# Password


def test_a_new_password_replaces_the_old_one_and_everything_else_ends(noor: Person) -> None:
    other, before = noor.elsewhere(), noor.token
    choose(noor, NEW)
    assert (noor.is_in(), noor.is_in(other), noor.is_in(before)) == (True, False, False)
    with noor.database.read() as session:
        kept = account_of(session, noor.adult_id).password_hash
    assert passwords.verify(kept, NEW)
    assert not passwords.verify(kept, PASSWORD)
    assert events(noor.database)[-1] == "password:changed"
    assert notices(noor.database) == [("noor@post.example", "password_changed")]


def test_a_half_way_sign_in_with_the_old_password_ends_as_well(noor: Person) -> None:
    half = sign_in.with_password(noor.database, "noor@post.example", PASSWORD, network="192.0.2.10/32")
    assert half is not None
    choose(noor, NEW)
    with noor.database.read() as session:
        assert session.scalars(select(SignInSession.level)).all() == [SessionLevel.FULL]


@pytest.mark.parametrize(
    "weak", ["", "kort", "x" * 129, "wachtwoord123", "deregenboog2026", "semsemsemsem", "NoorNoorNoor1", "a" * 10_000]
)
def test_a_weak_password_is_refused_at_its_field_and_changes_nothing(noor: Person, weak: str) -> None:
    with pytest.raises(Invalid) as refused:
        choose(noor, weak)
    assert set(refused.value.problems) == {"password"}
    assert notices(noor.database) == []


def test_somebody_with_passkeys_alone_may_choose_a_first_password(noor: Person) -> None:
    give_passkey(noor.database, noor.clock, noor.adult_id)

    def drop(session: Session) -> None:
        account = account_of(session, noor.adult_id)
        account.password_hash = None
        session.query(CodesApp).delete()

    noor.change(drop)
    choose(noor, NEW)
    assert noor.count().password_is_idle


def test_a_session_that_ended_meanwhile_chooses_no_password(noor: Person) -> None:
    hashed = own_account.hash_password(noor.database, NEW, by=noor.by)
    noor.change(lambda s: s.delete(s.get_one(SignInSession, noor.by.session_id)))
    with pytest.raises(NotFound):
        noor.do(own_account.choose_password, hashed)
    with pytest.raises(NotFound):
        own_account.hash_password(noor.database, NEW, by=noor.by)


# Saved codes


def test_ten_new_codes_work_once_each_and_the_old_ones_not(noor: Person) -> None:
    (old, *_rest) = give_codes(noor.database, noor.clock, noor.adult_id)
    key = uuid4()
    assert isinstance(noor.do(recovery_codes.make, key), Changed)
    made = see(noor, key)
    assert len(set(made)) == 10
    assert {len(code) for code in made} == {14}
    assert not opens(noor, old)
    assert all(opens(noor, code) for code in made)
    assert not any(opens(noor, code) for code in made)


def test_new_codes_are_noted_and_told_and_end_everything_else(noor: Person) -> None:
    other = noor.elsewhere()
    noor.do(recovery_codes.make, uuid4())
    assert events(noor.database)[-1] == "recovery_codes:made"
    assert notices(noor.database) == [("noor@post.example", "recovery_codes_made")]
    assert (noor.is_in(), noor.is_in(other)) == (True, False)


def test_only_digests_are_kept(noor: Person) -> None:
    key = uuid4()
    noor.do(recovery_codes.make, key)
    with noor.database.read() as session:
        kept = b"".join(session.scalars(select(RecoveryCode.code_digest)))
    assert not any(code.encode() in kept for code in see(noor, key))


def test_the_same_form_shows_the_same_codes_for_an_hour_and_makes_them_once(noor: Person) -> None:
    key = uuid4()
    noor.do(recovery_codes.make, key)
    made = see(noor, key)
    noor.clock.advance(SHOWN_AGAIN - timedelta(seconds=1))
    assert noor.do(recovery_codes.make, key) is None
    assert see(noor, key) == made
    assert len(notices(noor.database)) == 1
    noor.clock.advance(timedelta(seconds=1))
    with pytest.raises(NotNow):
        see(noor, key)


def test_an_older_form_brings_no_older_codes_back(noor: Person) -> None:
    first, second = uuid4(), uuid4()
    noor.do(recovery_codes.make, first)
    (old, *_rest) = see(noor, first)
    noor.do(recovery_codes.make, second)
    assert noor.do(recovery_codes.make, first) is None
    with pytest.raises(NotNow):
        see(noor, first)
    assert not opens(noor, old)
    assert opens(noor, see(noor, second)[0])


def test_the_form_of_somebody_else_gives_other_codes(noor: Person, ilse: Person) -> None:
    key = uuid4()
    for_ilse = see(ilse, key)
    noor.do(recovery_codes.make, key)
    assert not set(see(noor, key)) & set(for_ilse)
    with pytest.raises(NotFound):
        ilse.do(recovery_codes.confirm, key, for_ilse[0])


def test_codes_need_a_password(noor: Person) -> None:
    def drop(session: Session) -> None:
        account_of(session, noor.adult_id).password_hash = None

    noor.change(drop)
    with pytest.raises(NotNow, match="wachtwoord"):
        noor.do(recovery_codes.make, uuid4())


def test_at_work_codes_count_when_one_was_typed_back_and_not_before(ilse: Person) -> None:
    (old, other_old, *_rest) = give_codes(ilse.database, ilse.clock, ilse.adult_id)
    key = uuid4()
    assert ilse.do(recovery_codes.make, key) is None
    made = see(ilse, key)
    assert opens(ilse, old)
    assert not opens(ilse, made[1])
    assert ilse.do(recovery_codes.confirm, key, "AAAA-BBBB-CCCC-DD") is None
    assert ilse.do(recovery_codes.confirm, key, other_old) is None
    typed = f" {made[0][:4].lower()}-{made[0][4:]} "
    assert isinstance(ilse.do(recovery_codes.confirm, key, typed), Changed)
    assert not opens(ilse, other_old)
    assert opens(ilse, made[1])


def test_typing_back_twice_changes_once(ilse: Person) -> None:
    key = uuid4()
    code = see(ilse, key)[0]
    for _ in range(2):
        assert isinstance(ilse.do(recovery_codes.confirm, key, code), Changed)
    assert ilse.is_in()
    assert events(ilse.database).count("recovery_codes:made") == 1


def test_typing_back_is_what_was_lacking(ilse: Person) -> None:
    give_passkey(ilse.database, ilse.clock, ilse.adult_id)

    def shut(session: Session) -> None:
        session.query(RecoveryCode).delete()
        session.get_one(SignInSession, ilse.by.session_id).must_add = True

    ilse.change(shut)
    key = uuid4()
    done = ilse.do(recovery_codes.confirm, key, see(ilse, key)[0])
    assert done is not None
    assert not done.must_add
    assert not ilse.visitor().must_add


# Sessions


def know(person: Person, token: str, browser: str) -> None:
    """Let a session be one of a known device."""

    def work(session: Session) -> None:
        row = session.get_one(SignInSession, session_id)
        row.known_device_id = known_devices.remember(session, account_of(session, person.adult_id), browser, tell=False)

    session_id = session_of(person.database, token)
    person.change(work)


def test_another_browser_is_signed_out_and_known_no_more(noor: Person) -> None:
    other, third = noor.elsewhere(), noor.elsewhere()
    know(noor, noor.token, "here")
    know(noor, other, "there")
    noor.do(own_account.end_session, session_of(noor.database, other))
    assert (noor.is_in(), noor.is_in(other), noor.is_in(third)) == (True, False, True)
    assert number_of(noor.database, KnownDevice) == 1
    assert events(noor.database)[-1] == "sessions:ended"


def test_two_sessions_in_one_browser_keep_it_known(noor: Person) -> None:
    other = noor.elsewhere()
    know(noor, noor.token, "here")
    know(noor, other, "here")
    noor.do(own_account.end_session, session_of(noor.database, other))
    assert number_of(noor.database, KnownDevice) == 1


def test_nobody_ends_the_own_session_or_that_of_somebody_else_by_its_number(noor: Person, ilse: Person) -> None:
    for session_id in (noor.by.session_id, ilse.by.session_id, uuid4()):
        with pytest.raises(NotFound):
            noor.do(own_account.end_session, session_id)
    assert ilse.is_in()


def test_all_others_end_at_once_and_this_one_goes_on_anew(noor: Person, ilse: Person) -> None:
    others, before = [noor.elsewhere() for _ in range(5)], noor.token
    for number, token in enumerate(others):
        know(noor, token, str(number))
    noor.do(own_account.end_other_sessions)
    assert noor.is_in()
    assert not any(noor.is_in(token) for token in (*others, before))
    assert number_of(noor.database, KnownDevice) == 0
    assert ilse.is_in()
    assert notices(noor.database) == [("noor@post.example", "sessions_ended")]


def test_no_mail_is_sent_where_nothing_else_was_open_nor_for_one_browser(noor: Person) -> None:
    noor.do(own_account.end_other_sessions)
    noor.do(own_account.end_session, session_of(noor.database, noor.elsewhere()))
    assert notices(noor.database) == []


# History


@pytest.mark.parametrize("event", account_history.SHOWN)
def test_every_event_that_the_history_shows_is_about_an_account(event: Event) -> None:
    assert event.value.split(":")[0] not in {"item", "consent", "request", "board", "school"}


def test_the_history_is_of_oneself_newest_first_and_25_to_a_page(noor: Person, ilse: Person) -> None:
    for person, times in ((noor, 27), (ilse, 3)):
        for _ in range(times):
            person.clock.advance(timedelta(minutes=1))
            elsewhere = session_of(person.database, person.elsewhere())
            person.do(own_account.end_session, elsewhere)
    with noor.database.read() as session:
        first = account_history.get_history(session, 1, by=noor.by)
        second = account_history.get_history(session, 2, by=noor.by)
        beyond = account_history.get_history(session, 999, by=noor.by)
    assert (len(first.rows), len(second.rows), first.pages) == (25, 2, 2)
    assert beyond == second
    times = [row.at for row in (*first.rows, *second.rows)]
    assert times == sorted(times, reverse=True)
