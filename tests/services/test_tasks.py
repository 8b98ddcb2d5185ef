"""Tasks: done with proof, reasoned with a reason, never twice, and only by the school they are for."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock
from parentportal.reads import tasks as lists
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.rules.tasks import NewTask, TaskKind, TaskState
from parentportal.services import audit, tasks
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.people import People

Finish = Callable[..., None]


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def add(school: School, kind: TaskKind = TaskKind.FORWARD_PREFERENCE, **more: object) -> UUID:
    origin = tasks.Origin(school.people.waterlijn, school.people.regenboog, pupil_id=school.people.asha, **more)
    return school.database.write(
        lambda session: tasks.add(session, NewTask(kind, "parnassys", date(2026, 11, 24)), origin)
    )


def finish(school: School, task_id: UUID, state: TaskState, note: str = "", by: str = "petra") -> None:
    visitor = school.visitor(by)
    school.database.write(lambda session: tasks.finish(session, task_id, state, note, by=visitor))


def stored(school: School, task_id: UUID) -> Task:
    with school.database.read() as session:
        return session.get_one(Task, task_id)


def test_the_same_task_is_listed_once_until_it_is_done(school: School) -> None:
    first = add(school)
    assert add(school) == first
    finish(school, first, TaskState.DONE)
    assert add(school) != first


def test_petra_marks_a_task_as_done_and_the_chain_knows(school: School) -> None:
    task_id = add(school)
    finish(school, task_id, TaskState.DONE, "In ParnasSys gezet")
    task = stored(school, task_id)
    assert (task.state, task.done_by_id, task.done_at) == (TaskState.DONE, school.people.petra, school.clock.now())
    with school.database.read() as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.event == "task:done")).one()
        assert row.about_id == task_id
        assert list(audit.verify(session)) == []
        detail = lists.get_task(session, task_id, by=school.visitor("petra"))
    assert (detail.note, detail.done_by) == ("In ParnasSys gezet", "Petra Schouten")


def test_a_note_lies_sealed_in_the_database(school: School) -> None:
    task_id = add(school)
    finish(school, task_id, TaskState.DONE, "Leesbaar briefje")
    note = stored(school, task_id).note
    assert note is not None
    assert b"Leesbaar" not in note


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (TaskKind.FORWARD_PREFERENCE, TaskState.REASONED),
        (TaskKind.REMOVE_PUBLICATION, TaskState.DONE),
        (TaskKind.ERASE_AT_PROCESSOR, TaskState.DONE),
        (TaskKind.INFORM_RECIPIENT, TaskState.DONE),
    ],
)
def test_no_proof_or_reason_is_not_done(school: School, kind: TaskKind, state: TaskState) -> None:
    task_id = add(school, kind)
    with pytest.raises(Invalid) as problem:
        finish(school, task_id, state)
    assert list(problem.value.problems) == ["note"]
    assert stored(school, task_id).state is TaskState.OPEN
    finish(school, task_id, state, "Nagekeken op de website")
    assert stored(school, task_id).state is state


def test_only_done_or_reasoned_can_be_chosen(school: School) -> None:
    task_id = add(school)
    with pytest.raises(Invalid):
        finish(school, task_id, TaskState.NOT_YET_PROCESSED, "nee")


def test_what_is_settled_stays_settled_until_it_is_opened_again(school: School) -> None:
    task_id = add(school)
    finish(school, task_id, TaskState.REASONED, "De leverancier bestaat niet meer")
    with pytest.raises(NotNow):
        finish(school, task_id, TaskState.DONE)
    visitor = school.visitor("petra")
    school.database.write(lambda session: tasks.reopen(session, task_id, by=visitor))
    assert stored(school, task_id).state is TaskState.OPEN
    finish(school, task_id, TaskState.DONE)
    with pytest.raises(NotNow):
        school.database.write(lambda session: tasks.reopen(session, task_id, by=visitor))


def test_a_task_that_an_import_contradicted_can_be_done_again(school: School) -> None:
    task_id = add(school)
    school.database.write(
        lambda session: session.execute(update(Task).values(state=TaskState.NOT_YET_PROCESSED)).rowcount
    )
    finish(school, task_id, TaskState.DONE)
    assert stored(school, task_id).state is TaskState.DONE


def test_nobody_else_touches_the_tasks_of_a_school(school: School) -> None:
    task_id = add(school)
    for name in ("mirjam", "ilse", "noor", "hugo", "olga"):
        with pytest.raises(NotFound):
            finish(school, task_id, TaskState.DONE, by=name)
    with pytest.raises(NotFound):
        finish(school, uuid4(), TaskState.DONE)
    finish(school, task_id, TaskState.DONE, by="hanna")


def test_the_administration_does_not_get_the_tasks_of_the_director(school: School) -> None:
    task_id = add(school, role=Role.DIRECTOR)
    with pytest.raises(NotFound):
        finish(school, task_id, TaskState.DONE)
    with school.database.read() as session:
        assert lists.list_tasks(session, by=school.visitor("petra")).rows == []
        assert [row.id for row in lists.list_tasks(session, by=school.visitor("hanna")).rows] == [task_id]


def test_a_choice_that_goes_back_and_forth_leaves_one_task_for_each_place(school: School) -> None:
    for choice in (YES, NO, YES, NO):
        school.says("ravi", "asha", {WEB_PHOTO: choice})
    assert school.tasks() == [
        ("forward_preference", "parnassys", "open"),
        ("remove_publication", "website", "open"),
    ]
    with school.database.read() as session:
        (forward, remove) = session.execute(select(Task.due_on).order_by(Task.id)).scalars()
    assert (forward, remove) == (date(2026, 11, 24), date(2026, 11, 19))


def test_social_media_use_by_the_child_is_erased_at_the_supplier(school: School) -> None:
    school.says("ravi", "asha", {"SM-KIND": YES})
    school.says("ravi", "asha", {"SM-KIND": NO})
    assert ("erase_at_processor", "learning_tools", "open") in school.tasks()


def test_a_telephone_number_leaves_a_task_with_the_adult_it_is_of(school: School) -> None:
    school.says("noor", "sem", {"KL-TEL": YES})
    school.says("noor", "sem", {"KL-TEL": NO})
    with school.database.read() as session:
        shown = lists.list_tasks(session, by=school.visitor("petra"))
    assert {(row.kind, row.adult_name) for row in shown.rows} == {
        (TaskKind.FORWARD_PREFERENCE, "Noor de Wit"),
        (TaskKind.RENEW_LIST, "Noor de Wit"),
    }
