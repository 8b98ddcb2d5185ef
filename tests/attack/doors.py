"""Z1: every door as everybody: who may enter, with which method, and whether somebody else's looks like nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import true

from parentportal.access import AccessRule, Visitor
from parentportal.reads import children
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.attack.strangers import ATTACKERS, Attacker, Town
from tests.house.doors import DOORS, NOT_NOW
from tests.house.test_routes import ajar, answering, told_apart
from tests.house.walking import Door, address, doors, knock, token_of
from tests.visit import Visit

METHODS = ("PUT", "PATCH", "DELETE", "TRACE")
AT_HOME = ("noor", "ilse", "hanna", "petra", "hugo")
"""People whom every door of their role opens for, with the things of De Regenboog."""
EVERY = 7
"""In a small dose: one door in so many."""


def walk_doors(portal: Portal, dose: int) -> Result:
    """The first `dose` people, and somebody who is not signed in, at every door there is; a sample when it is few."""
    app, town, asked = portal.app, Town(portal), Count(portal.app)
    every = list(doors(app))
    tried = sample(every, dose)
    wrong = [f"unlisted: {endpoint}" for endpoint in sorted({door.endpoint for door in every} ^ set(DOORS))]
    wrong += [f"nobody: {rule}" for rule in _open_to_nobody(app, town, portal.visit(), tried)]
    people = [make(town) for make in ATTACKERS[:dose]]
    for one in people:
        if one.role is not None:
            visit = one.come_in(portal)
            wrong += [f"{one.name}: {door}" for door in ajar(app, town.regenboog, visit, one.role, DOORS, tried)]
            methods = METHODS if dose == len(ATTACKERS) else METHODS[:1]
            wrong += [
                f"{one.name}: {method} {rule}"
                for method in methods
                for rule in answering(app, town.regenboog, visit, method, tried)
            ]
            wrong += [f"{one.name}: {rule} is shut" for rule in _shut_at_home(app, one, visit, tried)]
    return Result(
        f"{len(set(DOORS))} routes × {len(people)} people, {len(METHODS) + 2} methods: {asked.number:,} requests",
        f"{len(wrong)} otherwise than the list says {'; '.join(wrong[:3])}".strip(),
        not wrong,
    )


def sample(every: list[Door], dose: int) -> list[Door]:
    return every if dose == len(ATTACKERS) else every[::EVERY]


class Count:
    """How many requests an application has answered since."""

    def __init__(self, app: Flask) -> None:
        self.number = 0
        app.after_request_funcs.setdefault(None, []).append(self._add)

    def _add(self, response: Any) -> Any:
        self.number += 1
        return response


def _open_to_nobody(app: Flask, town: Town, nobody: Visit, tried: list[Door]) -> Iterator[str]:
    token = token_of(nobody)
    for door in tried:
        if DOORS.get(door.endpoint) != "anyone":
            answer = knock(nobody, door, address(app, door, town.regenboog.at(door)), token)
            if answer.status_code != 303 or not answer.headers["Location"].startswith("/inloggen"):
                yield door.rule.rule


def _shut_at_home(app: Flask, one: Attacker, visit: Visit, tried: list[Door]) -> Iterator[str]:
    """Doors that do not open for who belongs there."""
    for door in tried:
        belongs = one.name in AT_HOME and one.role in DOORS[door.endpoint]
        if door.method == "GET" and belongs and (one.name, door.endpoint) not in NOT_NOW:
            answer = visit.raw("GET", address(app, door, one.own.at(door)))
            if answer.status_code not in (200, 302, 303):
                yield door.rule.rule


@contextmanager
def open_to_everybody(_portal: Portal) -> Iterator[None]:
    """The mark of a route admits whoever is signed in."""

    def admits(rule: AccessRule, visitor: Visitor | None) -> bool:
        return rule.anyone or visitor is not None

    with patch.object(AccessRule, "admits", admits):
        yield


def compare(portal: Portal, dose: int) -> Result:
    """Everything that is foreign to the first `dose` people, at each of their doors, beside what does not exist."""
    app, town, asked = portal.app, Town(portal), Count(portal.app)
    people = [one for make in ATTACKERS[:dose] if (one := make(town)).role is not None]
    apart, things = [], 0
    for one in people:
        visit = one.come_in(portal)
        apart += [f"{one.name}: {path}" for path in _not_kept(one, visit)]
        own = [door for door in doors(app) if one.role in DOORS[door.endpoint]]
        for foreign in one.foreign:
            theirs = [door for door in own if door.places & foreign.places and door.places <= set(foreign.objects)]
            theirs = theirs if dose == len(ATTACKERS) else theirs[::3]
            things += len(theirs)
            apart += [f"{one.name}: {door}" for door in told_apart(app, foreign.objects, visit, theirs)]
    return Result(
        f"{things:,} foreign things at a door × {len(people)} people: {asked.number:,} requests",
        f"{len(apart)} told apart {'; '.join(apart[:3])}".strip(),
        not apart,
    )


def _not_kept(one: Attacker, visit: Visit) -> Iterator[str]:
    """Pages that somebody should still have and has not, or that say something of others."""
    for path in one.keeps:
        answer = visit.raw("GET", path, follow_redirects=True)
        if answer.status_code != 200 or one.words.search(answer.get_data(as_text=True)):
            yield f"GET {path}: {answer.status_code}"


@contextmanager
def ended_still_opens(_portal: Portal) -> Iterator[None]:
    """A child is found through any authority there ever was."""
    with patch.object(children, "holds_authority", lambda _on: true()):
        statement = children._statement.__wrapped__()
    with patch.object(children, "_statement", lambda: statement):
        yield


ROWS = (
    Row(
        "Z1a",
        "every route as everybody, all methods",
        "as the list of doors says, 0 unlisted",
        walk_doors,
        open_to_everybody,
        "a mark admits whoever is signed in",
        small=2,
        full=len(ATTACKERS),
        controlled=1,
    ),
    Row(
        "Z1b",
        "own, foreign and missing things at every door of one's role",
        "foreign = missing, byte for byte",
        compare,
        ended_still_opens,
        "authority that ended still opens the child",
        small=2,
        full=len(ATTACKERS),
        controlled=2,
    ),
)
