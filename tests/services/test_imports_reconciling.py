"""Whether a decided change really arrived in the source system: the next import tells (traps T17 and T40)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.imports import Source
from parentportal.models.items import Item, Tombstone
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import Pupil
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock
from parentportal.reads import privacy_requests as requests
from parentportal.rules.outcomes import LetterPart, Outcome
from parentportal.rules.privacy_requests import Kind, State
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.services import boards, privacy_requests, tasks
from parentportal.services.privacy_requests import LineDecision
from parentportal.services.privacy_requests.letters import read_letter
from tests.deliveries import ASHA, LOT, SEM, bring, edexml
from tests.people import WATERLIJN, People
from tests.services.story import get, item_id, send, version, visitor
from tests.sessions import make_account

WITH_MAIL = {**SEM, "emailadres": "sem@school.example"}
CORRECTED = "sem.bakker@school.example"


@pytest.fixture
def granted(database: Database, people: People, clock: FrozenClock) -> UUID:
    """Noor asked for another mail address of Sem, and Hanna granted it."""
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA), confirm=True)
    make_account(database, clock, people.noor)
    return decide(database, people, {"pupil.email": CORRECTED}, Kind.RECTIFICATION)


def decide(database: Database, people: People, wanted: dict[str, str], kind: Kind) -> UUID:
    noor, hanna = visitor(database, people, "noor"), visitor(database, people, "hanna")
    items = {item_id(database, people.sem, code): value for code, value in wanted.items()}
    request_id = send(database, noor, items, kind, Role.DIRECTOR)
    seen = version(database, request_id)
    database.write(lambda s: privacy_requests.pick_up(s, request_id, version=seen, by=hanna))
    seen = version(database, request_id)
    granted = {1: LineDecision(Outcome.GRANTED)}
    database.write(lambda s: privacy_requests.decide(s, request_id, granted, version=seen, by=hanna))
    return request_id


def states(database: Database, request_id: UUID, system: str = "parnassys") -> dict[TaskKind, TaskState]:
    with database.read() as session:
        found = session.scalars(select(Task).where(Task.request_id == request_id, Task.system_name == system))
        return {task.kind: task.state for task in found}


def mail_item(database: Database, people: People) -> Any:
    query = select(Item.value, Item.decided_value, Item.decided_line_id)
    with database.read() as session:
        return session.execute(query.where(Item.person_id == people.sem, Item.field_code == "pupil.email")).one()


def mails_to(database: Database, adult_id: UUID) -> int:
    with database.read() as session:
        return len(session.scalars(select(OutboxMail.id).where(OutboxMail.adult_id == adult_id)).all())


def test_the_new_value_in_a_file_closes_the_task_and_tells_the_parent(
    database: Database, people: People, granted: UUID
) -> None:
    assert states(database, granted)[TaskKind.FIX_SOURCE] is TaskState.OPEN
    before = mails_to(database, people.noor)
    report = bring(database, people, edexml({**WITH_MAIL, "emailadres": CORRECTED}, LOT, ASHA, on="2026-11-02"))
    assert report.outcome == "applied"
    assert states(database, granted) == {
        TaskKind.FIX_SOURCE: TaskState.DONE,
        TaskKind.CHECK_AFTER_IMPORT: TaskState.DONE,
    }
    assert tuple(mail_item(database, people)) == (CORRECTED, None, None)
    assert mails_to(database, people.noor) == before + 1
    assert get(database, granted).state is State.SETTLED
    with database.read() as session:
        closed = select(AuditEvent.id).where(AuditEvent.event == "task:done")
        assert len(session.scalars(closed).all()) == 2


def test_the_old_value_in_a_file_is_not_yet_processed_and_the_decided_one_stays_visible(
    database: Database, people: People, granted: UUID
) -> None:
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA, on="2026-11-02"))
    assert set(states(database, granted).values()) == {TaskState.NOT_YET_PROCESSED}
    value, decided, line_id = mail_item(database, people)
    assert (value, decided) == ("sem@school.example", CORRECTED)
    assert line_id is not None
    bring(database, people, edexml({**WITH_MAIL, "emailadres": CORRECTED}, LOT, ASHA, on="2026-11-03"))
    assert set(states(database, granted).values()) == {TaskState.DONE}


def test_a_school_that_chose_one_of_several_systems_gets_the_task_all_the_same(
    database: Database, people: People, clock: FrozenClock
) -> None:
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA), confirm=True)

    def forget_which(session: Session) -> None:
        one = '[[systems]]\ncode = "parnassys"\n'
        boards.load(session, WATERLIJN.replace(one, f'{one}one_of = "leerlingadministratie"\n'), by=OPERATOR)
        session.execute(update(Source).values(system_name=""))
        session.execute(update(Item).values(system_name=""))

    database.write(forget_which)
    request_id = decide(database, people, {"pupil.email": CORRECTED}, Kind.RECTIFICATION)
    assert states(database, request_id, "")[TaskKind.FIX_SOURCE] is TaskState.OPEN
    noor = visitor(database, people, "noor")
    with database.read() as session:
        case = requests.get_own(session, request_id, noor)
        told = [read_letter(one.text) for one in requests.list_entries(session, case, noor)]
    assert [parts[LetterPart.RECIPIENTS] for parts in told if parts] == [
        "De school geeft het door aan: de leerlingadministratie."
    ]
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA, on="2026-11-02"))
    assert set(states(database, request_id, "").values()) == {TaskState.NOT_YET_PROCESSED}
    bring(database, people, edexml({**WITH_MAIL, "emailadres": CORRECTED}, LOT, ASHA, on="2026-11-03"))
    assert set(states(database, request_id, "").values()) == {TaskState.DONE}


def test_a_third_value_waits_too_and_stands_beside_the_decided_one(
    database: Database, people: People, granted: UUID
) -> None:
    third = "iets@anders.example"
    bring(database, people, edexml({**WITH_MAIL, "emailadres": third}, LOT, ASHA, on="2026-11-02"))
    assert set(states(database, granted).values()) == {TaskState.NOT_YET_PROCESSED}
    assert tuple(mail_item(database, people))[:2] == (third, CORRECTED)


def test_a_task_that_was_ticked_off_opens_again_when_the_old_value_returns(
    database: Database, people: People, granted: UUID, clock: FrozenClock
) -> None:
    petra = visitor(database, people, "petra")
    with database.read() as session:
        task_id = session.scalars(
            select(Task.id).where(Task.request_id == granted, Task.kind == TaskKind.FIX_SOURCE)
        ).one()
    database.write(lambda s: tasks.finish(s, task_id, TaskState.DONE, "", by=petra))
    clock.advance(timedelta(days=1))
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA, on="2026-11-02"))
    with database.read() as session:
        task = session.get_one(Task, task_id)
        assert (task.state, task.done_at, task.checked_at) == (TaskState.NOT_YET_PROCESSED, None, clock.now())
        reopened = select(AuditEvent.about_id).where(AuditEvent.event == "task:reopened")
        assert session.scalars(reopened).all() == [task_id]


def test_an_old_value_that_comes_back_after_it_was_mended_reopens_the_task(
    database: Database, people: People, granted: UUID
) -> None:
    bring(database, people, edexml({**WITH_MAIL, "emailadres": CORRECTED}, LOT, ASHA, on="2026-11-02"))
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA, on="2026-11-03"))
    assert set(states(database, granted).values()) == {TaskState.NOT_YET_PROCESSED}
    assert tuple(mail_item(database, people))[:2] == ("sem@school.example", CORRECTED)


def test_a_later_change_of_the_school_reopens_nothing(database: Database, people: People, granted: UUID) -> None:
    bring(database, people, edexml({**WITH_MAIL, "emailadres": CORRECTED}, LOT, ASHA, on="2026-11-02"))
    later = "sem@nieuw.example"
    bring(database, people, edexml({**WITH_MAIL, "emailadres": later}, LOT, ASHA, on="2026-11-03"))
    assert set(states(database, granted).values()) == {TaskState.DONE}
    assert tuple(mail_item(database, people)) == (later, None, None)


def test_a_decided_name_stays_on_every_page_until_the_source_has_it(
    database: Database, people: People, clock: FrozenClock
) -> None:
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA), confirm=True)
    decide(database, people, {"pupil.call_name": "Semmie"}, Kind.RECTIFICATION)
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA, on="2026-11-02"))
    with database.read() as session:
        assert session.get_one(Pupil, people.sem).call_name == "Semmie"
        stored = select(Item.value).where(Item.person_id == people.sem, Item.field_code == "pupil.call_name")
        assert session.scalar(stored) == "Sem", "what the source says is still there to read"


def test_what_was_erased_never_comes_back_and_its_task_says_so(
    database: Database, people: People, clock: FrozenClock
) -> None:
    bring(database, people, edexml(WITH_MAIL, LOT, ASHA), confirm=True)
    request_id = decide(database, people, {"pupil.email": ""}, Kind.ERASURE)
    report = bring(database, people, edexml(WITH_MAIL, LOT, ASHA, on="2026-11-02"))
    assert report.outcome == "applied"
    assert [warned.count for warned in report.warnings if warned.code == "erased-returns"] == [1]
    with database.read() as session:
        code = select(Item.id).where(Item.person_id == people.sem, Item.field_code == "pupil.email")
        assert session.scalar(code) is None
        assert session.scalar(select(Tombstone.id)) is not None
    assert set(states(database, request_id).values()) == {TaskState.NOT_YET_PROCESSED}
    bring(database, people, edexml(LOT, ASHA, SEM, on="2026-11-03"))
    assert set(states(database, request_id).values()) == {TaskState.DONE}
