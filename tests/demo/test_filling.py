"""The demo is made through the services that people use, and shows every state there is to show."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.demo import filling
from parentportal.demo.town import Town
from parentportal.models.authority import Authority
from parentportal.models.consents import ConsentEvent
from parentportal.models.people import Adult, Pupil
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.models.sign_in import Account
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock, amsterdam_date
from parentportal.rules.authority import Status
from parentportal.rules.privacy_requests import State
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.services import audit, imports

pytestmark = pytest.mark.slow


def test_the_demo_has_everything_that_a_visitor_may_want_to_see(
    database: Database, clock: FrozenClock, tmp_path: Path
) -> None:
    town = filling.fill(database, clock, clock.now(), lambda step: None)
    every_state_is_there(town, clock)
    the_teacher_who_is_a_parent_is_one_person(town)
    the_files_that_lie_ready_bring_what_arrived_since(town, tmp_path)


@pytest.mark.same_on_both
def test_the_demo_can_be_made_on_the_first_day_of_a_school_year(database: Database, clock: FrozenClock) -> None:
    today = datetime(2027, 8, 1, 9, tzinfo=UTC)
    town = filling.fill(database, clock, today, lambda step: None)
    assert clock.now() == today
    assert len(town.pupils) >= 60


def every_state_is_there(town: Town, clock: FrozenClock) -> None:
    with town.database.read() as session:
        pupils = session.scalar(select(func.count()).select_from(Pupil))
        accounts = session.scalar(select(func.count()).select_from(Account))
        roles = {colleague.role for colleague in town.cast.staff}
        requests = session.scalars(select(PrivacyRequest)).all()
        statuses = Counter(session.scalars(select(Authority.status)))
        tasks = Counter((row.kind, row.state) for row in session.execute(select(Task.kind, Task.state)))
        answers = Counter(session.scalars(select(ConsentEvent.answer)))
        breaks = list(audit.verify(session))
    assert pupils is not None
    assert pupils >= 60
    assert accounts == len(town.cast.staff) + sum(parent.account for parent in town.cast.parents())
    assert {Role.TEACHER, Role.SUPPORT, Role.ADMINISTRATION, Role.DIRECTOR, Role.OFFICER} <= roles
    assert {State.DRAFT, State.ASSIGNED, State.IN_PROGRESS, State.INFORMATION_NEEDED, State.PROPOSED} <= {
        request.state for request in requests
    }
    assert {State.EXECUTING, State.SETTLED, State.CLOSED} <= {request.state for request in requests}
    today = amsterdam_date(clock.now())
    assert [request for request in requests if request.decided_at is None and (request.policy_due_on or today) < today]
    assert statuses[Status.CONFIRMED] > 60
    assert statuses[Status.UNKNOWN] >= 3
    assert any(state is TaskState.NOT_YET_PROCESSED for _, state in tasks), "the source system was not corrected"
    assert any(kind is TaskKind.CHECK_AFTER_IMPORT and state is TaskState.DONE for kind, state in tasks)
    assert any(kind is TaskKind.REMOVE_PUBLICATION for kind, _ in tasks), "a withdrawal left work"
    assert len(answers) >= 3
    assert breaks == []


def the_teacher_who_is_a_parent_is_one_person(town: Town) -> None:
    with town.database.read() as session:
        doubles = session.scalars(
            select(Adult).where(Adult.surname == "Molenaar", Adult.merged_into_id.is_(None))
        ).all()
    assert [adult.id for adult in doubles] == [town.adults["bas"]]


def the_files_that_lie_ready_bring_what_arrived_since(town: Town, tmp_path: Path) -> None:
    (pupils,) = [
        path for path in filling.lay_ready(town, tmp_path) if path.name.startswith("99AA") and ".xml" in path.name
    ]
    parsed = imports.parse(pupils.read_bytes(), pupils.name)
    report = town.act(imports.receive, town.schools["99AA"], parsed, by=OPERATOR)
    assert (report.outcome, report.reason) == ("preview", None)
    assert report.counts["items"]["changed"] >= 1
    assert report.counts["pupils"]["missing"] == 0
