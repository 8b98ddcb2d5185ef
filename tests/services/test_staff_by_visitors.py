"""Roles that staff give each other on screen: only those that one may give, and never to oneself."""

from typing import Any

import pytest
from sqlalchemy import func, select

from parentportal.access import OPERATOR, Visitor
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.groups import TeacherAssignment
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Activation
from parentportal.outside.clock import FrozenClock
from parentportal.rules.errors import Invalid, NotFound
from parentportal.rules.roles import Role
from parentportal.services import staff
from parentportal.services.staff import AddedStaff
from tests.consents import School
from tests.people import People


def add(database: Database, by: Visitor, **options: Any) -> AddedStaff:
    chosen: dict[str, Any] = {"role": Role.TEACHER, "name": "Tom Berg", "email": "tom@waterlijn.example", "by": by}
    places = options.pop("board_id", by.board_id), options.pop("school_id", by.school_id)
    return database.write(lambda session: staff.add(session, *places, with_letter=False, **{**chosen, **options}))


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def roles_of(database: Database, adult_id: Any) -> set[Role]:
    with database.read() as session:
        return set(
            session.scalars(select(StaffRole.role).where(StaffRole.adult_id == adult_id, StaffRole.ended_at.is_(None)))
        )


def test_petra_adds_a_teacher_and_it_says_so_under_her_name(school: School, people: People) -> None:
    added = add(school.database, school.visitor("petra"), group_names=("5",))
    assert (added.has_account, added.letter, added.groups) == (False, None, ("5",))
    with school.database.read() as session:
        row = session.scalars(select(StaffRole).where(StaffRole.adult_id == added.adult_id)).one()
        assert (row.role, row.school_id, row.granted_by_id) == (Role.TEACHER, people.regenboog, people.petra)
        last = session.scalars(
            select(AuditEvent).where(AuditEvent.event == "staff:added").order_by(AuditEvent.number.desc())
        ).first()
        assert last is not None
        assert (last.by_id, last.detail) == (people.petra, {"role": "teacher"})
        assert session.scalar(select(func.count(Activation.id))) == 0


@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("petra", Role.ADMINISTRATION),
        ("petra", Role.DIRECTOR),
        ("petra", Role.OFFICER),
        ("hanna", Role.BOARD),
        ("hanna", Role.TECHNICAL),
        ("ilse", Role.SUPPORT),
        ("hanna", Role.GUARDIAN),
    ],
)
def test_a_role_that_one_may_not_give_is_refused_and_nobody_is_made(school: School, who: str, role: Role) -> None:
    with pytest.raises(Invalid) as refused:
        add(school.database, school.visitor(who), role=role)
    assert list(refused.value.problems) == ["role"]
    with school.database.read() as session:
        assert session.scalar(select(func.count()).where(Adult.email == "tom@waterlijn.example")) == 0


def test_nobody_gets_a_role_by_naming_oneself(school: School, people: People) -> None:
    name, email = known_as(school, people.hanna)
    with pytest.raises(Invalid) as refused:
        add(school.database, school.visitor("hanna"), name=name, email=email)
    assert list(refused.value.problems) == ["name"]
    assert roles_of(school.database, people.hanna) == {Role.DIRECTOR}


def known_as(school: School, adult_id: Any) -> tuple[str, str]:
    with school.database.read() as session:
        adult = session.get_one(Adult, adult_id)
        return f"{adult.first_name} {adult.surname}", adult.email or ""


def test_another_school_does_not_exist(school: School, people: People) -> None:
    for school_id in (people.kompas, None):
        with pytest.raises(NotFound):
            add(school.database, school.visitor("hanna"), school_id=school_id)


def test_hanna_makes_ilse_director_and_the_account_stays_one(school: School, people: People) -> None:
    hanna = school.visitor("hanna")
    added = school.database.write(lambda s: staff.give_role(s, people.ilse, role=Role.DIRECTOR, by=hanna))
    assert (added.adult_id, added.has_account, added.letter) == (people.ilse, True, None)
    assert roles_of(school.database, people.ilse) == {Role.TEACHER, Role.DIRECTOR}


def test_a_colleague_becomes_teacher_of_a_group_from_today(school: School, people: People, clock: FrozenClock) -> None:
    hanna = school.visitor("hanna")
    school.database.write(lambda s: staff.give_role(s, people.petra, role=Role.TEACHER, group_names=("2",), by=hanna))
    with school.database.read() as session:
        row = session.scalars(select(TeacherAssignment).where(TeacherAssignment.adult_id == people.petra)).one()
        assert (row.group_id, row.starts_on) == (people.group2, clock.now().date())


@pytest.mark.parametrize(
    ("whom", "options", "error"),
    [
        ("mirjam", {"role": Role.TEACHER}, NotFound),
        ("noor", {"role": Role.TEACHER}, NotFound),
        ("hanna", {"role": Role.TEACHER}, Invalid),
        ("ilse", {"role": Role.DIRECTOR, "group_names": ("5",)}, Invalid),
        ("ilse", {"role": Role.TEACHER, "group_names": ("9",)}, Invalid),
        ("ilse", {"role": Role.OFFICER}, Invalid),
    ],
    ids=["of elsewhere", "a parent", "herself", "a director with a group", "no such group", "of the board"],
)
def test_what_does_not_fit_gives_nobody_a_role(
    school: School, people: People, whom: str, options: dict[str, Any], error: type[Exception]
) -> None:
    before = roles_of(school.database, getattr(people, whom))
    with pytest.raises(error):
        school.database.write(
            lambda s: staff.give_role(s, getattr(people, whom), by=school.visitor("hanna"), **options)
        )
    assert roles_of(school.database, getattr(people, whom)) == before


def test_the_first_administrator_still_comes_from_the_command_line(database: Database, people: People) -> None:
    added = database.write(
        lambda s: staff.add(
            s,
            people.waterlijn,
            people.kompas,
            role=Role.ADMINISTRATION,
            name="Sam Voorbeeld",
            email="sam@school.example",
            by=OPERATOR,
        )
    )
    assert added.letter is not None
    assert not added.has_account
