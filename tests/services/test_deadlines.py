"""No deadline passes unseen: reminders, hand-overs, old drafts and silent parents."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.groups import Placement
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import StaffRole
from parentportal.models.privacy_requests import PrivacyRequest, RequestEvent
from parentportal.outside.clock import FrozenClock
from parentportal.rules.errors import NotFound
from parentportal.rules.privacy_requests import Event, Kind, State
from parentportal.rules.roles import Role
from parentportal.services import deadlines, privacy_requests
from parentportal.services.privacy_requests import cases
from tests.people import People
from tests.services.story import get, item_id, send, version, visitor
from tests.sessions import open_session


@pytest.fixture
def noor(database: Database, people: People) -> Visitor:
    return visitor(database, people, "noor")


@pytest.fixture
def phone(database: Database, people: People) -> UUID:
    return item_id(database, people.sem, "pupil.phone")


@pytest.fixture
def request_id(database: Database, clock: FrozenClock, people: People, noor: Visitor, phone: UUID) -> UUID:
    """Noor's request at Ilse's desk; Ilse, Hanna and Hugo can get mail."""
    for name, role in (("ilse", Role.TEACHER), ("hanna", Role.DIRECTOR), ("hugo", Role.OFFICER)):
        open_session(database, clock, getattr(people, name), role, people.regenboog if name != "hugo" else None)
    return send(database, noor, {phone: "0612345678"})


def pick_up(database: Database, people: People, request_id: UUID) -> None:
    ilse, seen = visitor(database, people, "ilse"), version(database, request_id)
    database.write(lambda s: privacy_requests.pick_up(s, request_id, version=seen, by=ilse))


def mails_to(database: Database, adult_id: UUID) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(OutboxMail.adult_id == adult_id)) or 0


def test_a_case_nobody_picks_up_goes_to_the_director_after_five_school_days(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    clock.set_to(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    database.write(deadlines.remind)
    assert get(database, request_id).handler_role is Role.TEACHER
    clock.set_to(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    database.write(deadlines.remind)
    request = get(database, request_id)
    assert (request.handler_role, request.group_id, request.state) == (Role.DIRECTOR, None, State.ASSIGNED)
    with database.read() as session:
        events = session.scalars(select(RequestEvent.event).where(RequestEvent.request_id == request_id)).all()
    assert Event.REASSIGN in events
    assert mails_to(database, people.hanna) == 1


@pytest.mark.parametrize("days_before", [14, 7, 3, 1])
def test_the_handler_is_reminded_once_on_each_of_the_days(
    database: Database, clock: FrozenClock, people: People, request_id: UUID, days_before: int
) -> None:
    pick_up(database, people, request_id)
    before = mails_to(database, people.ilse)
    clock.set_to(datetime(2026, 12, 15, 9, 0, tzinfo=UTC) - timedelta(days=days_before))
    database.write(deadlines.remind)
    database.write(deadlines.remind)
    assert mails_to(database, people.ilse) == before + 1


def test_nobody_is_reminded_on_an_ordinary_day(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    pick_up(database, people, request_id)
    before = [mails_to(database, one) for one in (people.ilse, people.hanna, people.hugo)]
    clock.advance(timedelta(days=3))
    database.write(deadlines.remind)
    assert [mails_to(database, one) for one in (people.ilse, people.hanna, people.hugo)] == before


def test_a_late_case_calls_teacher_director_and_officer_every_day(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    pick_up(database, people, request_id)
    clock.set_to(datetime(2026, 12, 16, 9, 0, tzinfo=UTC))
    everybody = (people.ilse, people.hanna, people.hugo)
    for day in (1, 2):
        before = [mails_to(database, one) for one in everybody]
        database.write(deadlines.remind)
        assert [mails_to(database, one) for one in everybody] == [count + 1 for count in before], day
        clock.advance(timedelta(days=1))


def test_a_reminder_does_not_spoil_an_open_page(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    seen = version(database, request_id)
    clock.advance(timedelta(days=1))
    database.write(deadlines.remind)
    assert version(database, request_id) == seen
    assert get(database, request_id).reminded_on is not None


def test_a_case_of_a_teacher_on_leave_goes_to_the_director(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    pick_up(database, people, request_id)
    database.write(
        lambda s: s.execute(update(StaffRole).where(StaffRole.adult_id == people.ilse).values(on_leave=True))
    )
    database.write(deadlines.remind)
    request = get(database, request_id)
    assert (request.handler_role, request.handler_id) == (Role.DIRECTOR, None)


def test_a_case_follows_the_child_to_another_group(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    database.write(
        lambda s: s.execute(update(Placement).where(Placement.pupil_id == people.sem).values(group_id=people.group2))
    )
    database.write(deadlines.remind)
    request = get(database, request_id)
    assert (request.handler_role, request.group_id) == (Role.TEACHER, people.group2)


def test_a_silent_parent_does_not_stop_the_case(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    pick_up(database, people, request_id)
    ilse, seen = visitor(database, people, "ilse"), version(database, request_id)
    database.write(lambda s: privacy_requests.ask(s, request_id, "Welk nummer?", version=seen, by=ilse))
    clock.advance(timedelta(days=6))
    database.write(deadlines.remind)
    assert get(database, request_id).state is State.INFORMATION_NEEDED
    clock.advance(timedelta(days=1))
    database.write(deadlines.remind)
    assert get(database, request_id).state is State.IN_PROGRESS


def test_a_draft_is_kept_for_thirty_days(database: Database, clock: FrozenClock, noor: Visitor, phone: UUID) -> None:
    database.write(lambda s: privacy_requests.start(s, phone, Kind.RECTIFICATION, "0612345678", by=noor))
    for days, left in ((30, 1), (1, 0)):
        clock.advance(timedelta(days=days))
        database.write(deadlines.remind)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(PrivacyRequest)) == left


def test_a_case_that_no_director_may_see_goes_to_the_board(
    database: Database, clock: FrozenClock, people: People, noor: Visitor, phone: UUID
) -> None:
    request_id = send(database, noor, {phone: "0612345678"}, to=Role.DIRECTOR)
    database.write(
        lambda s: s.execute(
            update(StaffRole)
            .where(StaffRole.role == Role.DIRECTOR)
            .values(ended_at=clock.now(), ended_by_id=people.hugo)
        )
    )
    clock.advance(timedelta(days=8))
    database.write(deadlines.remind)
    assert get(database, request_id).handler_role is Role.DIRECTOR, "there is nobody at the board either"
    database.write(
        lambda s: s.add(
            StaffRole(
                id=new_id(), board_id=people.waterlijn, adult_id=people.hanna, role=Role.BOARD, granted_at=clock.now()
            )
        )
    )
    clock.advance(timedelta(days=1))
    database.write(deadlines.remind)
    assert get(database, request_id).handler_role is Role.BOARD


def test_the_new_director_is_reminded_of_the_case_that_the_former_one_took_on(
    database: Database, clock: FrozenClock, people: People, request_id: UUID
) -> None:
    hanna, seen = visitor(database, people, "hanna"), version(database, request_id)
    database.write(lambda s: privacy_requests.pick_up(s, request_id, version=seen, by=hanna))
    followed_up(database, clock, people)
    before = mails_to(database, people.hanna), mails_to(database, people.mirjam)
    clock.set_to(datetime(2026, 12, 8, 9, 0, tzinfo=UTC))
    database.write(deadlines.remind)
    assert (mails_to(database, people.hanna), mails_to(database, people.mirjam)) == (before[0], before[1] + 1)


def followed_up(database: Database, clock: FrozenClock, people: People) -> None:
    """Mirjam comes to De Regenboog as director, and Hanna goes."""

    def work(session: Session) -> None:
        role = session.scalars(select(StaffRole).where(StaffRole.adult_id == people.hanna)).one()
        role.ended_at, role.ended_by_id = clock.now(), people.petra
        session.add(
            StaffRole(
                id=new_id(),
                board_id=people.waterlijn,
                adult_id=people.mirjam,
                school_id=people.regenboog,
                role=Role.DIRECTOR,
                granted_at=clock.now(),
            )
        )

    database.write(work)
    open_session(database, clock, people.mirjam, Role.DIRECTOR, people.regenboog)


def test_a_fault_in_one_case_stops_no_deadline_of_another(
    database: Database,
    clock: FrozenClock,
    people: People,
    request_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = item_id(database, people.lot, "pupil.surname")
    send(database, visitor(database, people, "noor"), {name: "Witte"})
    sound = cases.tell_handler

    def broken(session: Session, request: PrivacyRequest) -> None:
        if request.id == request_id:
            raise NotFound
        sound(session, request)

    monkeypatch.setattr(cases, "tell_handler", broken)
    before = mails_to(database, people.hanna)
    clock.set_to(datetime(2026, 12, 8, 9, 0, tzinfo=UTC))
    database.write(deadlines.remind)
    database.write(deadlines.remind)
    assert get(database, request_id).handler_role is Role.TEACHER, "nothing of it is half done"
    assert mails_to(database, people.hanna) == before + 1, "about the name of Lot, which lies with her, once"
    assert [record.request for record in caplog.records] == [str(request_id)]  # type: ignore[attr-defined]  # our extra
