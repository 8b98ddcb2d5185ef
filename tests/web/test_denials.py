"""A shut door is the same page for what is foreign and what is missing, and leaves a row in the log (11.3)."""

from collections.abc import Callable
from uuid import UUID, uuid4

from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.outside.clock import FrozenClock
from parentportal.rules.audit import Event
from tests.consents import WEB_PHOTO, YES, School
from tests.people import People
from tests.services.story import item_id, send, visitor
from tests.visit import Visit

VisitAs = Callable[..., Visit]


def denials(database: Database) -> list[tuple[UUID | None, str]]:
    """Who was turned away, and from which door, in order."""
    with database.read() as session:
        query = select(AuditEvent.by_id, AuditEvent.detail).where(AuditEvent.event == Event.ACCESS_DENIED)
        return [(row.by_id, row.detail["endpoint"]) for row in session.execute(query.order_by(AuditEvent.number))]


def test_what_is_of_another_family_is_noted_each_time_it_is_tried(
    visit_as: VisitAs, database: Database, clock: FrozenClock, people: People
) -> None:
    school = School(database, clock, people)
    receipt = school.says("noor", "sem", {WEB_PHOTO: YES})
    request = send(
        database, visitor(database, people, "noor"), {item_id(database, people.sem, "pupil.phone"): "0612345678"}
    )
    ravi = visit_as("ravi")
    for path in (
        f"/mijn/kinderen/{people.sem}/gegevens",
        f"/mijn/kinderen/{people.sem}/toestemming",
        f"/mijn/verzoeken/{request}",
        f"/mijn/ontvangstbewijs/{receipt}",
    ):
        ravi.get(path, status=404)
    assert denials(database) == [
        (people.ravi, "parent.child_items"),
        (people.ravi, "parent.child_consents"),
        (people.ravi, "parent.privacy_request"),
        (people.ravi, "parent.consent_receipt"),
    ]


def test_staff_of_elsewhere_and_roles_without_the_right_are_noted_too(
    visit_as: VisitAs, database: Database, people: People
) -> None:
    for who, path in (
        ("bas", f"/werk/mag-dit/{people.group5}"),
        ("mirjam", f"/werk/gezag/leerlingen/{people.sem}"),
        ("petra", "/werk/verzoeken"),
        ("hugo", f"/werk/mag-dit/{people.group5}"),
    ):
        visit_as(who).get(path, status=404)
    assert denials(database) == [
        (people.bas, "school.group_purposes"),
        (people.mirjam, "school.show_family"),
        (people.petra, "school.inbox"),
        (people.hugo, "school.group_purposes"),
    ]


def test_what_does_not_exist_reads_and_is_noted_like_what_is_foreign(
    visit_as: VisitAs, database: Database, people: People
) -> None:
    ravi = visit_as("ravi")
    foreign = ravi.get(f"/mijn/kinderen/{people.sem}/gegevens", status=404)
    missing = ravi.get(f"/mijn/kinderen/{uuid4()}/gegevens", status=404)
    assert foreign.title == missing.title
    assert denials(database) == [(people.ravi, "parent.child_items")] * 2


def test_an_address_without_a_page_and_an_open_door_leave_nothing(
    visit_as: VisitAs, database: Database, people: People
) -> None:
    noor = visit_as("noor")
    noor.get("/mijn/bestaat-niet", status=404)
    noor.get(f"/mijn/kinderen/{people.sem}/gegevens")
    assert denials(database) == []
