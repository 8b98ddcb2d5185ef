"""Walks every page as the people it is for: house rules, headers, statements, and that looking changes nothing."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse

from parentportal.db import Database, Statements, count_statements
from parentportal.migrations.tables import metadata
from parentportal.models.items import PersonKind
from parentportal.rules.authority import Relation
from tests.house.doors import DOORS, NOT_NOW
from tests.house.objects import Objects
from tests.house.walking import address, doors
from tests.page import Page, markup
from tests.people import ROLES_OF, People, Settler
from tests.visit import Visit

WALKERS = ("noor", "ilse", "hanna", "petra", "hugo")
MOST_STATEMENTS = 5

MORE_STATEMENTS: dict[str, str] = {}
"""Pages that may cost more, each with its reason; still a fixed number."""

MAY_CHANGE = {
    "sign_in_session": "when a session was last seen",
    "audit_event": "that something sensitive was read, or refused",
}

SHEETS = {"school.group_sheet_print", "school.paper_letter", "school.printed_notices"}
"""Pages that are sheets of paper and nothing else."""

CARRIED = ("content-security-policy", "x-content-type-options", "referrer-policy", "cache-control", "vary")


def walk(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> Iterator[tuple[str, str, Callable[[], TestResponse]]]:
    """Every page that somebody may open: who, which, and how to fetch it."""
    for name, visit in {name: visit_as(name) for name in WALKERS}.items():
        role = ROLES_OF[name][0]
        for door in doors(app):
            listed = DOORS[door.endpoint]
            mine = listed != "anyone" and role in listed and (name, door.endpoint) not in NOT_NOW
            if door.method == "GET" and mine:
                path = address(app, door, objects.at(door))
                yield name, door.endpoint, lambda visit=visit, path=path: visit.raw("GET", path)  # type: ignore[misc]


def contents(database: Database) -> dict[str, str]:
    """A digest of every table that looking must not change."""
    found = {}
    with database.read() as session:
        for table in metadata.sorted_tables:
            if table.name not in MAY_CHANGE:
                rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
                found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def too_many(counted: dict[tuple[str, str], Statements]) -> dict[str, int]:
    return {
        f"{name}: {endpoint}": len(statements)
        for (name, endpoint), statements in counted.items()
        if len(statements) > MOST_STATEMENTS and endpoint not in MORE_STATEMENTS
    }


@pytest.mark.same_on_both
def test_every_page_keeps_the_house_rules_and_looking_changes_nothing(
    app: Flask, database: Database, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    before = None
    seen = 0
    for name, endpoint, fetch in walk(app, objects, visit_as):
        before = before or contents(database)
        answer = fetch()
        assert answer.status_code in (200, 302, 303), f"{name}: {endpoint} {answer.status_code}"
        assert "no-store" in answer.headers["Cache-Control"], endpoint
        assert all(header in answer.headers for header in CARRIED), endpoint
        if answer.status_code == 200 and answer.mimetype == "text/html":
            seen += 1
            page = Page(answer)
            assert "{{" not in page.html, endpoint
            assert "None" not in page.text.split(), f"{endpoint}: {page.text[:300]}"
            if endpoint in SHEETS:
                continue
            assert "autoriteitpersoonsgegevens.nl" in page.html, f"{endpoint}: no way to the regulator"
            assert {"/privacy", "/toegankelijkheid"} <= set(page.links().values()), endpoint
    assert seen > 50
    assert contents(database) == before


def test_a_page_costs_a_fixed_small_number_of_statements(
    app: Flask, database: Database, people: People, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    few = counts(app, database, objects, visit_as)
    assert len(few) > 50
    assert too_many(few) == {}
    database.write(lambda session: grow(session, people))
    many = counts(app, database, objects, visit_as)
    grown = {key: (len(few[key]), len(many[key])) for key in few if len(many[key]) > len(few[key])}
    assert grown == {}


def counts(
    app: Flask, database: Database, objects: Objects, visit_as: Callable[..., Visit]
) -> dict[tuple[str, str], Statements]:
    counted = {}
    for name, endpoint, fetch in walk(app, objects, visit_as):
        assert fetch().status_code in (200, 302, 303), f"{name}: {endpoint}"
        with count_statements(database) as statements:
            fetch()
        counted[name, endpoint] = statements
    return counted


def grow(session: Session, people: People) -> None:
    """Three more children for Noor, twenty more pupils in Sem's group with a guardian each, and more about Sem."""
    settler = Settler(session, people.waterlijn)
    settler.source[people.regenboog] = _source(session, people)
    for number in range(20):
        pupil = settler.pupil(people.regenboog, people.group5, f"Kind{number}", "", "Veel", date(2017, 1, 1 + number))
        adult = settler.adult(f"Ouder{number}", "", "Veel", f"o{number}@post.example", "", people.regenboog)
        settler.authority(pupil, adult, Relation.SOLE)
        if number < 3:
            settler.authority(pupil, people.noor, Relation.JOINT)
    for code in ("pupil.email", "pupil.initials", "pupil.first_names", "pupil.username"):
        settler.item(people.sem, PersonKind.PUPIL, code, "meer", people.regenboog)


def _source(session: Session, people: People) -> UUID:
    table = metadata.tables["source"]
    found = session.scalar(select(table.c.id).where(table.c.school_id == people.regenboog))
    assert isinstance(found, UUID)
    return found


def test_a_page_that_asks_too_often_is_caught(database: Database, people: People) -> None:
    with count_statements(database) as statements, database.read() as session:
        for _ in range(MOST_STATEMENTS + 1):
            session.scalar(select(1))
    assert too_many({("noor", "planted"): statements}) == {"noor: planted": 6}


def test_a_look_that_changes_something_is_caught(database: Database, people: People) -> None:
    before = contents(database)
    database.write(lambda session: session.execute(metadata.tables["school"].update().values(phone="0")))
    assert contents(database) != before


@pytest.mark.parametrize("table", sorted(MAY_CHANGE))
def test_what_a_look_may_change_are_tables(table: str) -> None:
    assert table in metadata.tables


GOOD = (
    '<!doctype html><html lang="nl" dir="ltr"><head><title>Dag</title></head>'
    "<body><main><h1>Dag</h1>{}</main></body></html>"
)


@pytest.mark.parametrize(
    "planted",
    [
        "<p><b>verkeerd</p></b>",
        "<h1>Nog een</h1>",
        '<p id="a">een</p><p id="a">twee</p>',
        '<p style="color:red">rood</p>',
        '<p onclick="x()">klik</p>',
        "<script>x()</script>",
        '<input type="text" name="zonder">',
        '<form method="post" action="/"></form>',
    ],
)
def test_a_page_that_breaks_a_house_rule_is_caught(planted: str) -> None:
    Page(TestResponse([GOOD.format("<p>goed</p>").encode()], "200", Headers(), EnvironBuilder().get_request()))
    with pytest.raises(AssertionError):
        Page(TestResponse([GOOD.format(planted).encode()], "200", Headers(), EnvironBuilder().get_request()))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ('<input value="a">', '<input value="b">', True),
        (
            f'<p id="k-{UUID(int=1)}"><p id="k-{UUID(int=2)}">',
            f'<p id="k-{UUID(int=3)}"><p id="k-{UUID(int=4)}">',
            True,
        ),
        (
            f'<p id="k-{UUID(int=1)}"><p id="k-{UUID(int=2)}">',
            f'<p id="k-{UUID(int=3)}"><p id="k-{UUID(int=3)}">',
            False,
        ),
        ('<input value="a">', '<input value="a" onclick="x()">', False),
        ('<input value="a">', '<input value="&copy">', False),
        ('<input value="a">', '<input value="a\x01">', False),
        ("<p>een</p>", "<p>twee</p>", True),
        ("<title>een</title>", "<title> </title>", False),
        ("<p>een &amp; twee</p>", "<p>een & twee</p>", False),
        ("<script></script>", "<script>x()</script>", False),
    ],
)
def test_only_a_page_with_the_same_markup_is_not_looked_at_again(one: str, other: str, alike: bool) -> None:
    assert (markup(one) == markup(other)) is alike
