"""Staff: one row for one person, roles and groups with an end, and the code to hand over; on both databases."""

from typing import Any

import pytest
from sqlalchemy import func, select

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.groups import TeacherAssignment
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Activation
from parentportal.outside.clock import FrozenClock
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.services import staff
from parentportal.services.staff import AddedStaff
from tests.consents import School
from tests.people import People


def add(database: Database, people: People, **options: Any) -> AddedStaff:
    chosen: dict[str, Any] = {
        "role": Role.TEACHER,
        "name": "Tom van der Berg",
        "email": "tom@waterlijn.example",
        "by": OPERATOR,
    }
    school_id = options.pop("school_id", people.regenboog)
    return database.write(lambda session: staff.add(session, people.waterlijn, school_id, **{**chosen, **options}))


def test_a_teacher_gets_a_role_a_group_and_a_code(database: Database, people: People, clock: FrozenClock) -> None:
    added = add(database, people, group_names=("5", "2"))
    assert (added.name, added.groups) == ("Tom van der Berg", ("5", "2"))
    assert added.letter is not None
    assert added.letter.at_desk
    with database.read() as session:
        adult = session.get_one(Adult, added.adult_id)
        assert (adult.first_name, adult.prefix, adult.surname) == ("Tom", "van der", "Berg")
        days = session.scalars(
            select(TeacherAssignment.starts_on).where(TeacherAssignment.adult_id == added.adult_id)
        ).all()
        assert days == [clock.now().date()] * 2
        assert session.scalars(select(Activation.school_id)).all() == [people.regenboog]


def test_adding_again_changes_nothing_but_the_code(database: Database, people: People) -> None:
    first, second = (add(database, people, group_names=("5",)) for _time in range(2))
    assert first.adult_id == second.adult_id
    assert first.letter is not None
    assert second.letter is not None
    assert first.letter.code != second.letter.code
    with database.read() as session:
        for column in (StaffRole.adult_id, TeacherAssignment.adult_id):
            assert session.scalar(select(func.count()).where(column == first.adult_id)) == 1
        open_codes = select(func.count()).where(Activation.revoked_at.is_(None))
        assert session.scalar(open_codes) == 1


def test_a_parent_who_comes_to_work_keeps_the_one_account(
    database: Database, people: People, clock: FrozenClock
) -> None:
    School(database, clock, people)
    added = add(database, people, role=Role.ADMINISTRATION, name="Noor de Wit", email="Noor@post.example")
    assert (added.adult_id, added.letter) == (people.noor, None)
    shared = add(database, people, role=Role.ADMINISTRATION, name="Kees de Wit", email="noor@post.example")
    assert shared.adult_id != people.noor, "a shared address does not make two people one"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"role": Role.GUARDIAN}, "role"),
        ({"role": Role.OFFICER}, "role"),
        ({"role": Role.DIRECTOR, "school_id": None}, "role"),
        ({"role": Role.DIRECTOR, "group_names": ("5",)}, "groups"),
        ({"group_names": ("9",)}, "groups"),
        ({"name": "Tom"}, "name"),
        ({"email": "tom"}, "email"),
    ],
    ids=["not staff", "of a board", "without school", "director", "no such group", "one name", "no address"],
)
def test_what_does_not_fit_is_refused_and_nobody_is_made(
    database: Database, people: People, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(database, people, **options)
    assert list(refused.value.problems) == [field]
    with database.read() as session:
        assert session.scalar(select(func.count()).where(Adult.email == "tom@waterlijn.example")) == 0


def test_the_groups_that_exist_are_named(database: Database, people: People) -> None:
    with pytest.raises(Invalid) as refused:
        add(database, people, group_names=("9",))
    assert "Groepen: 2, 5." in refused.value.problems["groups"]


def test_a_school_of_another_board_does_not_exist(database: Database, people: People) -> None:
    with pytest.raises(NotFound):
        add(database, people, school_id=people.zandloper)


def test_an_officer_belongs_to_the_board(database: Database, people: People) -> None:
    added = add(database, people, role=Role.OFFICER, school_id=None)
    with database.read() as session:
        assert session.scalars(select(StaffRole.school_id).where(StaffRole.adult_id == added.adult_id)).one() is None


def test_the_last_director_stays_until_there_is_another(database: Database, people: People, clock: FrozenClock) -> None:
    hanna = School(database, clock, people).visitor("hanna")
    with database.read() as session:
        role_id = session.scalars(select(StaffRole.id).where(StaffRole.adult_id == people.hanna)).one()
    with pytest.raises(NotNow):
        database.write(lambda session: staff.end_role(session, role_id, by=hanna))
    add(database, people, role=Role.DIRECTOR)
    assert database.write(lambda session: staff.end_role(session, role_id, by=hanna)) == people.hanna
    with pytest.raises(NotNow):
        database.write(lambda session: staff.end_role(session, role_id, by=hanna))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ilse Vermeer", Name("Ilse", "", "Vermeer")),
        ("  Lot   de Wit ", Name("Lot", "de", "Wit")),
        ("Jan van der Berg-Smit", Name("Jan", "van der", "Berg-Smit")),
        ("Anne van", Name("Anne", "", "van")),
        ("Cher", Name("Cher", "", "")),
        ("", Name("", "", "")),
    ],
)
def test_a_full_name_falls_into_its_parts(text: str, name: Name) -> None:
    assert staff.split_name(text) == name
