"""Boards and schools from the command line's side: added, completed and refused; on both databases."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.boards import School
from parentportal.reads.boards import find_board_id, find_school, get_policy_of_board
from parentportal.rules.errors import Invalid
from parentportal.services import boards
from parentportal.services.boards import AddedSchool
from tests.people import People


def add_school(database: Database, people: People, brin: str, name: str, place: str = "Zomerdijk") -> AddedSchool:
    return database.write(
        lambda session: boards.add_school(session, people.waterlijn, brin=brin, name=name, place=place, by=OPERATOR)
    )


def test_a_board_is_added_with_the_careful_policy(database: Database) -> None:
    added = database.write(lambda session: boards.add(session, "  Stichting  De Kade ", by=OPERATOR))
    assert (added.name, added.version, added.new_schools) == ("Stichting De Kade", 1, 0)
    with database.read() as session:
        assert find_board_id(session, "stichting de kade") == find_board_id(session, "de-kade") == added.board_id
        assert get_policy_of_board(session, added.board_id).gaps, "a board decides for itself"


@pytest.mark.parametrize("name", ["", "  ", "Stichting De Waterlijn", "stichting de waterlijn", "Waterlijn"])
def test_a_name_that_is_empty_or_taken_is_refused(database: Database, people: People, name: str) -> None:
    with pytest.raises(Invalid):
        database.write(lambda session: boards.add(session, name, by=OPERATOR))


def test_a_school_is_added_once(database: Database, people: People) -> None:
    added = add_school(database, people, "99ac01", "De Sluis")
    assert (added.brin, added.branch, added.completed) == ("99AC", "01", False)
    again = add_school(database, people, "99AC01", "De Sluis")
    assert (again.school_id, again.completed) == (added.school_id, True)
    with database.read() as session:
        found = find_school(session, "99AC01")
        assert found is not None
        assert found.id == added.school_id
        events = session.scalars(select(AuditEvent.event)).all()
    assert events.count("school:added") == 1


def test_a_school_of_the_board_file_gets_its_number(database: Database, people: People) -> None:
    def forget_number(session: Session) -> None:
        session.get_one(School, people.kompas).brin = None

    database.write(forget_number)
    added = add_school(database, people, "99AD", "Het Kompas", "Winterveen")
    assert (added.school_id, added.completed) == (people.kompas, True)


@pytest.mark.parametrize(
    ("brin", "name", "place", "field"),
    [
        ("99A", "De Sluis", "Zomerdijk", "brin"),
        ("ABCD", "De Sluis", "Zomerdijk", "brin"),
        ("99AA", "De Sluis", "Zomerdijk", "brin"),
        ("99AE", "De Regenboog", "Zomerdijk", "brin"),
        ("99AC", "", "Zomerdijk", "name"),
        ("99AC", "De Sluis", " ", "place"),
    ],
    ids=["too short", "letters", "of another school", "a second number", "no name", "no place"],
)
def test_what_cannot_be_a_school_is_refused(
    database: Database, people: People, brin: str, name: str, place: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add_school(database, people, brin, name, place)
    assert list(refused.value.problems) == [field]
