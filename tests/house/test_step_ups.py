"""Walks the doors that ask for a fresh second factor: a table kept by hand, and never one that takes a consent back."""

from collections.abc import Mapping

import pytest
from flask import Flask

from parentportal.access import allow, rule_of
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from tests.house.doors import STEP_UPS
from tests.house.objects import Objects
from tests.house.walking import address, doors, knock, token_of
from tests.people import ROLES_OF, People
from tests.sessions import open_session
from tests.visit import Visit


def marked(app: Flask) -> dict[str, Act]:
    """Every endpoint whose mark asks for a second factor, and for which act."""
    rules = {name: rule_of(view) for name, view in app.view_functions.items()}
    return {name: rule.step_up for name, rule in rules.items() if rule is not None and rule.step_up is not None}


def of_consents(app: Flask, table: Mapping[str, Act]) -> set[str]:
    """Doors about consents that ask for a second factor: taking one back is as easy as giving it (AVG 7(3))."""
    about = {door.endpoint for door in doors(app) if "toestemming" in door.rule.rule or "consent" in door.endpoint}
    assert len(about) > 5
    return about & set(table)


def test_every_mark_stands_in_the_table_and_nothing_else(app: Flask) -> None:
    assert marked(app) == STEP_UPS


def test_taking_a_consent_back_never_asks(app: Flask) -> None:
    assert of_consents(app, marked(app)) == set()


@pytest.mark.parametrize("act", Act)
def test_a_mark_that_nobody_listed_is_caught(app: Flask, act: Act) -> None:
    app.add_url_rule("/geplant", "planted", allow(Role.GUARDIAN, step_up=act)(lambda: "open"))
    assert set(marked(app)) ^ set(STEP_UPS) == {"planted"}


def test_a_consent_that_asks_is_caught(app: Flask) -> None:
    app.add_url_rule(
        "/mijn/geplant", "parent.consent_planted", allow(Role.GUARDIAN, step_up=Act.REVEAL)(lambda: "open")
    )
    assert of_consents(app, marked(app)) == {"parent.consent_planted"}


def test_without_a_second_factor_none_of_these_doors_opens(
    app: Flask, objects: Objects, database: Database, clock: FrozenClock, people: People
) -> None:
    """A page leads to the question; a form comes back with the question, and its view has not run."""
    asked = set()
    for name, (role, school) in ROLES_OF.items():
        school_id = getattr(people, school) if school else None
        visit = Visit(app).sign_in_as(open_session(database, clock, getattr(people, name), role, school_id))
        token = token_of(visit)
        for door in doors(app):
            rule = rule_of(app.view_functions[door.endpoint])
            if door.endpoint not in STEP_UPS or rule is None or role not in rule.roles:
                continue
            answer = knock(visit, door, address(app, door, objects.at(door)), token)
            if door.method == "GET":
                assert answer.status_code == 303, door
                assert answer.headers["Location"].startswith("/beveiliging/bevestigen"), door
            else:
                assert answer.status_code == 403, door
            asked.add(door.endpoint)
    assert asked == set(STEP_UPS)
