"""The demo's people are invented, many and various, and their files read without a single remark."""

from datetime import date

import pytest
from stdnum.nl import bsn

from parentportal.demo import cast, files
from parentportal.rules.authority import Relation
from parentportal.sources import read
from parentportal.sources.delivery import Answer, Delivery, Standing

#: Ordinary days, the first and the last of a school year, and a day that most years lack.
DAYS = (date(2026, 11, 22), date(2027, 7, 31), date(2027, 8, 1), date(2028, 2, 29))


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("brin", ["99AA", "99AB"])
def test_every_file_of_the_demo_reads_without_a_remark(brin: str, day: date) -> None:
    deliveries = [read(made.content, made.name) for made in files.school_files(cast.gather(day), brin, day)]
    assert [delivery.problems for delivery in deliveries] == [(), (), ()]
    assert [delivery.unknown_fields for delivery in deliveries] == [(), (), ()]
    pupils, contact, guardians = deliveries
    assert pupils.school.brin == brin
    keys = {pupil.key for pupil in pupils.pupils}
    assert {pupil.key for pupil in contact.pupils} == keys
    assert {ref.pupil.key for ref in guardians.relations} == keys


def test_there_are_two_schools_with_at_least_sixty_pupils() -> None:
    people = cast.gather(DAYS[0])
    assert set(people.schools) == {"99AA", "99AB"}
    assert len(list(people.children())) >= 60
    keys = [person.key for person in (*people.children(), *people.parents())]
    assert len(keys) == len(set(keys))


def test_the_families_have_every_shape_that_needs_care() -> None:
    people = cast.gather(DAYS[0])
    ties = [tie for child in people.children() for tie in child.ties]
    kinds = {tie.kind for tie in ties}
    assert {
        Relation.JOINT,
        Relation.JOINT_SEPARATED,
        Relation.SOLE,
        Relation.WITHOUT,
        Relation.LEGAL_GUARDIAN,
        Relation.MANDATED,
        Relation.CARER,
        None,
    } <= kinds
    assert any(tie.flags for tie in ties)
    assert any(parent.secret for parent in people.parents())
    assert any(parent.organisation for parent in people.parents())
    assert any(parent.same_as for parent in people.parents())
    emails = [parent.email for parent in people.parents()]
    assert len(emails) - len(set(emails)) == 1, "one couple shares an address"
    assert any(not child.name.first for child in people.children())


def test_the_files_hold_a_child_that_left_and_one_that_is_still_to_come() -> None:
    standings = [pupil.standing for pupil in delivered("pupils").pupils]
    assert standings.count(Standing.LEFT) == 1
    assert standings.count(Standing.APPLIED) == 1


def test_a_secret_address_is_marked_in_the_list_and_nobody_else_is() -> None:
    marked = [relation for relation in delivered("guardians").relations if relation.address_secret is Answer.YES]
    assert len(marked) == 1


def test_citizen_numbers_pass_their_test_and_belong_to_nobody() -> None:
    numbers = [pupil.value("pupil.bsn") for pupil in delivered("pupils").pupils]
    assert all(number is not None and bsn.is_valid(number) and number.startswith("9999") for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_the_same_day_gives_the_same_files() -> None:
    first, second = (files.school_files(cast.gather(DAYS[0]), "99AA", DAYS[0]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("pupils", {("pupil.first_names", "Asha Devie", "Asha Devi")}),
        ("contact", {("pupil.birth_place", "Groningen", "Zomerdijk")}),
    ],
)
def test_in_the_next_delivery_some_corrections_have_arrived_and_nothing_else(kind: str, changes: set) -> None:
    old, new = delivered(kind).pupils, delivered(kind, turn=1).pupils
    changed = {
        (item.field_code, earlier.value, item.value)
        for was, now in zip(old, new, strict=True)
        for earlier, item in zip(was.items, now.items, strict=True)
        if earlier != item and item.field_code != "pupil.initials"
    }
    assert changed == changes


def test_the_files_are_written_where_only_their_owner_can_look(tmp_path) -> None:
    written = files.write_files(cast.gather(DAYS[0]), tmp_path / "bestanden", DAYS[0])
    assert sorted(path.suffix for path in written) == [".csv", ".csv", ".csv", ".csv", ".xml", ".xml"]
    assert (tmp_path / "bestanden").stat().st_mode & 0o077 == 0


def delivered(kind: str, *, turn: int = 0) -> Delivery:
    """What one file of De Regenboog says."""
    made = files.school_files(cast.gather(DAYS[0]), "99AA", DAYS[0], turn=turn)
    (found,) = [one for one in made if one.kind == kind]
    return read(found.content, found.name)
