"""One's own means to sign in: what may come and go, who hears of it, and what ends elsewhere."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Busy, Database
from parentportal.models.audit import AuditEvent
from parentportal.models.second_factors import CodesApp, Passkey, PendingApp, RecoveryCode
from parentportal.models.sign_in import KnownDevice, SignInSession
from parentportal.outside.clock import FrozenClock
from parentportal.reads import ways_in as reads
from parentportal.rules.errors import Invalid, NotFound, NotNow, TooManyAttempts
from parentportal.rules.roles import Role
from parentportal.rules.second_factors import MOST_APPS, MOST_PASSKEYS
from parentportal.services import known_devices, own_account, second_factors, ways_in
from parentportal.services.own_account import LAST_TWO, LAST_WAY, Changed
from parentportal.services.passkeys import Unproved
from parentportal.services.second_factors import Refused
from tests import one_time_codes
from tests.authenticator import Authenticator, Cheat
from tests.people import People
from tests.services.signed_in import Person, events, notices, number_of
from tests.sessions import PASSWORD
from tests.ways_in import SITE, account_of, give_app, give_codes, give_passkey

T = TypeVar("T")


@pytest.fixture
def noor(database: Database, clock: FrozenClock, people: People) -> Person:
    """Signed in, with a password and one codes app."""
    return Person(database, clock, people, "noor")


@pytest.fixture
def ilse(database: Database, clock: FrozenClock, people: People) -> Person:
    """A teacher, with a password and one codes app."""
    return Person(database, clock, people, "ilse")


def drop_password(session: Session, adult_id: UUID) -> None:
    """Leave somebody with passkeys alone."""
    account = account_of(session, adult_id)
    account.password_hash = None
    for app in second_factors.list_apps(session, account):
        session.delete(app)


# What every change does


def test_a_change_ends_every_other_session_and_goes_on_here_under_another_token(noor: Person) -> None:
    other, before = noor.elsewhere(), noor.token
    noor.do(ways_in.remove_passkey, give_passkey(noor.database, noor.clock, noor.adult_id)[1], site=SITE)
    assert noor.is_in()
    assert not noor.is_in(before), "the old token is worth nothing"
    assert not noor.is_in(other)


def test_a_change_forgets_every_known_device_but_this_one(noor: Person) -> None:
    def know(session: Session) -> None:
        account = account_of(session, noor.adult_id)
        here = session.get_one(SignInSession, noor.by.session_id)
        here.known_device_id = known_devices.remember(session, account, "here", tell=False)
        known_devices.remember(session, account, "elsewhere", tell=False)

    noor.change(know)
    noor.do(ways_in.remove_passkey, give_passkey(noor.database, noor.clock, noor.adult_id)[1], site=SITE)
    with noor.database.read() as session:
        (device,) = session.scalars(select(KnownDevice)).all()
        assert device.id == session.get_one(SignInSession, noor.by.session_id).known_device_id
        assert device.stamp == account_of(session, noor.adult_id).stamp


def test_a_session_that_was_ended_meanwhile_changes_nothing(noor: Person) -> None:
    passkey_id = give_passkey(noor.database, noor.clock, noor.adult_id)[1]
    noor.change(lambda s: s.delete(s.get_one(SignInSession, noor.by.session_id)))
    with pytest.raises(NotFound):
        noor.do(ways_in.remove_passkey, passkey_id, site=SITE)
    assert noor.count().passkeys == 1


def test_a_session_from_before_the_last_change_changes_nothing(noor: Person) -> None:
    passkey_id = give_passkey(noor.database, noor.clock, noor.adult_id)[1]

    def outdate(session: Session) -> None:
        account_of(session, noor.adult_id).stamp += 1

    noor.change(outdate)
    with pytest.raises(NotFound):
        noor.do(ways_in.remove_passkey, passkey_id, site=SITE)


# Passkeys


def add_passkey(person: Person, phone: Authenticator, cheat: Cheat | None = None) -> Changed | Unproved:
    options = person.do(ways_in.ask_passkey, site=SITE)
    answer = phone.make(options, cheat) if cheat else phone.make(options)
    return person.do(ways_in.add_passkey, answer, name="Chrome (Android), 17 nov 2026", site=SITE)


def test_noor_adds_a_passkey_and_every_address_of_hers_hears_it(noor: Person) -> None:
    assert isinstance(add_passkey(noor, Authenticator(SITE)), Changed)
    assert noor.count().number == 2
    assert events(noor.database)[-1] == "passkey:added"
    assert notices(noor.database) == [("noor@post.example", "means_added")]


def test_a_passkey_that_was_made_without_verification_is_not_kept_and_nothing_ends(noor: Person) -> None:
    other = noor.elsewhere()
    assert add_passkey(noor, Authenticator(SITE), Cheat(verified=False)) is Unproved.NOT_VERIFIED
    assert noor.count().passkeys == 0
    assert noor.is_in(other)
    assert notices(noor.database) == []


def test_an_answer_for_another_session_adds_nothing(noor: Person, ilse: Person) -> None:
    options = noor.do(ways_in.ask_passkey, site=SITE)
    answer = Authenticator(SITE).make(options)
    assert ilse.do(ways_in.add_passkey, answer, name="x", site=SITE) is Unproved.TOO_LATE
    assert ilse.count().passkeys == 0


def test_there_are_at_most_ten_passkeys(noor: Person) -> None:
    for _ in range(MOST_PASSKEYS):
        give_passkey(noor.database, noor.clock, noor.adult_id)
    with pytest.raises(NotNow):
        noor.do(ways_in.ask_passkey, site=SITE)
    with pytest.raises(NotNow):
        noor.do(ways_in.add_passkey, "{}", name="x", site=SITE)


def test_a_passkey_gets_a_name_of_its_owner_and_not_of_others(noor: Person, ilse: Person) -> None:
    passkey_id = give_passkey(noor.database, noor.clock, noor.adult_id)[1]
    noor.do(ways_in.rename_passkey, passkey_id, "  Mijn telefoon  ")
    with noor.database.read() as session:
        assert session.get_one(Passkey, passkey_id).name == "Mijn telefoon"
    with pytest.raises(Invalid):
        noor.do(ways_in.rename_passkey, passkey_id, "  ")
    with pytest.raises(NotFound):
        ilse.do(ways_in.rename_passkey, passkey_id, "Van mij")
    with pytest.raises(NotFound):
        ilse.do(ways_in.remove_passkey, passkey_id, site=SITE)


def test_a_removed_passkey_is_gone_noted_and_told(noor: Person) -> None:
    noor.do(ways_in.remove_passkey, give_passkey(noor.database, noor.clock, noor.adult_id)[1], site=SITE)
    assert noor.count().passkeys == 0
    assert events(noor.database)[-1] == "passkey:removed"
    assert notices(noor.database) == [("noor@post.example", "means_removed")]


# The last way in


def test_the_last_way_in_of_a_guardian_stays(noor: Person) -> None:
    (app_id,) = noor.ids(CodesApp)
    with pytest.raises(NotNow, match="laatste"):
        noor.do(ways_in.remove_app, app_id, site=SITE)
    assert noor.count().apps == 1
    assert LAST_WAY != LAST_TWO


def test_a_passkey_that_works_nowhere_here_is_no_way_in(noor: Person) -> None:
    """An installation at an address where browsers know no passkeys: the app is all she can sign in with."""
    passkey_id = give_passkey(noor.database, noor.clock, noor.adult_id)[1]
    (app_id,) = noor.ids(CodesApp)
    with pytest.raises(NotNow, match="laatste"):
        noor.do(ways_in.remove_app, app_id, site=None)
    with noor.database.read() as session:
        assert not reads.get_ways(session, site=None, by=noor.by).may_remove
        assert reads.get_ways(session, site=SITE, by=noor.by).may_remove
    noor.do(ways_in.remove_passkey, passkey_id, site=None)
    assert (noor.count().passkeys, noor.count().apps) == (0, 1)


def test_the_only_passkey_of_a_guardian_stays(noor: Person) -> None:
    passkey_id = give_passkey(noor.database, noor.clock, noor.adult_id)[1]
    noor.change(lambda session: drop_password(session, noor.adult_id))
    give_codes(noor.database, noor.clock, noor.adult_id)
    with pytest.raises(NotNow, match="laatste"):
        noor.do(ways_in.remove_passkey, passkey_id, site=SITE)


def test_somebody_at_work_keeps_two(ilse: Person) -> None:
    passkey_id = give_passkey(ilse.database, ilse.clock, ilse.adult_id)[1]
    with pytest.raises(NotNow, match="twee manieren"):
        ilse.do(ways_in.remove_passkey, passkey_id, site=SITE)
    give_app(ilse.database, ilse.clock, ilse.adult_id)
    ilse.do(ways_in.remove_passkey, passkey_id, site=SITE)
    assert ilse.count().number == 2


def test_a_teacher_who_is_signed_in_as_a_parent_keeps_two_as_well(
    database: Database, clock: FrozenClock, people: People
) -> None:
    as_parent = Person(database, clock, people, "ilse", Role.GUARDIAN)
    passkey_id = give_passkey(database, clock, people.ilse)[1]
    with pytest.raises(NotNow, match="twee manieren"):
        as_parent.do(ways_in.remove_passkey, passkey_id, site=SITE)


def all_at_once(jobs: list[Callable[[], T]]) -> list[T]:
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]


@pytest.mark.parametrize(("name", "keeps"), [("noor", 1), ("ilse", 2)])
def test_removals_at_once_never_leave_too_few(
    database: Database, clock: FrozenClock, people: People, name: str, keeps: int
) -> None:
    for _ in range(3):
        person = Person(database, clock, people, name)
        while person.count().passkeys < 3:
            give_passkey(database, clock, person.adult_id)

        def remove(service: Callable[..., object], identity: UUID, person: Person = person) -> bool:
            for _try in range(10):  # a machine that is busy elsewhere is no verdict
                try:
                    person.do(service, identity, site=SITE)
                except (NotNow, NotFound):
                    return False
                except Busy:
                    continue
                return True
            raise AssertionError("never got a turn")

        jobs = [lambda one=one: remove(ways_in.remove_passkey, one) for one in person.ids(Passkey)]  # type: ignore[misc]
        jobs += [lambda one=one: remove(ways_in.remove_app, one) for one in person.ids(CodesApp)]  # type: ignore[misc]
        assert all_at_once(jobs).count(True) == len(jobs) - keeps
        assert person.count().number == keeps
        if not person.count().apps:
            give_app(database, clock, person.adult_id)
            person.do(own_account.choose_password, own_account.hash_password(database, PASSWORD, by=person.by))


# Codes apps


def test_noor_adds_a_codes_app_that_then_opens_her_account(noor: Person) -> None:
    key = noor.learn_app()
    code = one_time_codes.app_code(key, noor.clock.now())
    assert isinstance(noor.add_app(code), Changed)
    assert noor.count().apps == 2
    assert events(noor.database)[-1] == "codes_app:added"
    assert notices(noor.database) == [("noor@post.example", "means_added")]
    with noor.database.read() as session:
        newest = session.get_one(CodesApp, noor.ids(CodesApp)[-1])
        assert newest.name == "Werktelefoon"

    def take(at: timedelta) -> Refused | None:
        noor.clock.advance(at)
        digits = one_time_codes.app_code(key, noor.clock.now())
        return noor.database.write(lambda s: second_factors.take_code(s, account_of(s, noor.adult_id), digits))

    assert take(timedelta(0)) is Refused.WRONG, "the code that set it up has been used"
    assert take(timedelta(seconds=30)) is None


def test_the_key_stays_the_same_for_half_an_hour_and_then_is_another(noor: Person) -> None:
    first = noor.learn_app()
    noor.clock.advance(ways_in.APP_STANDS - timedelta(seconds=1))
    assert noor.learn_app() == first
    noor.clock.advance(timedelta(seconds=1))
    code = one_time_codes.app_code(first, noor.clock.now())
    assert noor.add_app(code) is Refused.START_AGAIN
    assert noor.learn_app() != first


def test_the_key_belongs_to_one_session(noor: Person) -> None:
    key = noor.learn_app()
    noor.by = noor.visitor(noor.elsewhere())
    assert noor.add_app(one_time_codes.app_code(key, noor.clock.now())) is Refused.START_AGAIN


def test_a_wrong_code_and_a_clock_that_is_off_are_told_apart(noor: Person) -> None:
    key = noor.learn_app()
    assert noor.add_app("000000") is Refused.WRONG
    late = one_time_codes.app_code(key, noor.clock.now() - timedelta(minutes=5))
    assert noor.add_app(late) is Refused.CLOCK_OFF
    assert noor.count().apps == 1


def test_guessing_is_slowed_down_within_the_one_budget_for_codes(noor: Person) -> None:
    noor.learn_app()
    for _ in range(5):
        assert noor.add_app("000000") is Refused.WRONG
    with pytest.raises(TooManyAttempts):
        noor.add_app("000000")


@pytest.mark.parametrize("code", ["", "12345", "１２３４５６", "0" * 10_000, "12\x003456"])
def test_what_is_no_code_sets_nothing_up(noor: Person, code: str) -> None:
    noor.learn_app()
    assert noor.add_app(code) is Refused.WRONG


def test_there_are_at_most_three_apps(noor: Person) -> None:
    while noor.count().apps < MOST_APPS:
        give_app(noor.database, noor.clock, noor.adult_id)
    with pytest.raises(NotNow, match="Haal er eerst een weg"):
        noor.do(ways_in.begin_app)


def test_an_app_needs_a_password_first(noor: Person) -> None:
    give_passkey(noor.database, noor.clock, noor.adult_id)
    noor.change(lambda session: drop_password(session, noor.adult_id))
    with pytest.raises(NotNow, match="wachtwoord"):
        noor.do(ways_in.begin_app)


def test_with_the_last_app_goes_a_password_that_nothing_is_left_to_use_with(noor: Person) -> None:
    give_passkey(noor.database, noor.clock, noor.adult_id)
    noor.do(ways_in.remove_app, noor.ids(CodesApp)[0], site=SITE)
    assert noor.count() == reads.Count(passkeys=1, apps=0, has_password=False, recovery_codes=0)
    with noor.database.read() as session:
        row = session.scalars(select(AuditEvent).order_by(AuditEvent.at.desc(), AuditEvent.number.desc())).first()
        assert row is not None
        assert (row.event, row.detail) == ("codes_app:removed", {"password": "removed"})


def test_a_password_stays_for_whoever_has_saved_codes(noor: Person) -> None:
    give_passkey(noor.database, noor.clock, noor.adult_id)
    give_codes(noor.database, noor.clock, noor.adult_id, 2)
    noor.do(ways_in.remove_app, noor.ids(CodesApp)[0], site=SITE)
    assert noor.count() == reads.Count(passkeys=1, apps=0, has_password=True, recovery_codes=2)


def test_nobody_removes_the_app_of_somebody_else(noor: Person, ilse: Person) -> None:
    give_passkey(ilse.database, ilse.clock, ilse.adult_id)
    give_passkey(ilse.database, ilse.clock, ilse.adult_id)
    with pytest.raises(NotFound):
        ilse.do(ways_in.remove_app, noor.ids(CodesApp)[0], site=SITE)
    with pytest.raises(NotFound):
        ilse.do(ways_in.remove_app, uuid4(), site=SITE)


def test_keys_that_no_app_learned_are_thrown_away(noor: Person) -> None:
    noor.learn_app()
    noor.database.write(ways_in.forget_lapsed)
    assert number_of(noor.database, PendingApp) == 1
    noor.clock.advance(ways_in.APP_STANDS)
    noor.database.write(ways_in.forget_lapsed)
    assert number_of(noor.database, PendingApp) == 0


def test_adding_what_was_lacking_opens_the_rest(ilse: Person) -> None:
    give_codes(ilse.database, ilse.clock, ilse.adult_id)

    def shut(session: Session) -> None:
        session.get_one(SignInSession, ilse.by.session_id).must_add = True

    ilse.change(shut)
    assert ilse.visitor().must_add
    done = add_passkey(ilse, Authenticator(SITE))
    assert isinstance(done, Changed)
    assert not done.must_add
    assert not ilse.visitor().must_add


def test_saved_codes_are_still_lacking_after_a_second_way(ilse: Person) -> None:
    done = add_passkey(ilse, Authenticator(SITE))
    assert isinstance(done, Changed)
    assert done.must_add
    assert number_of(ilse.database, RecoveryCode) == 0
