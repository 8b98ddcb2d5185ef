"""Z1 and Z2: every door as everybody, with own, foreign and missing objects; and forged values in all that is sent."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

import parentportal
from parentportal.access import AccessRule, Visitor
from parentportal.models.base import Base
from parentportal.reads import children
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.house.doors import DOORS
from tests.house.objects import Objects, gather
from tests.house.test_routes import OF_NOOR_ALONE, STRANGERS, ajar, answering, told_apart
from tests.house.walking import address, doors, knock, token_of
from tests.people import ROLES_OF
from tests.visit import BASE, Visit

EVERY_ACT = tuple(Act)
METHODS = ("PUT", "PATCH", "DELETE", "TRACE")
PARAMETER = re.compile(r'request\.args(?:\.get\(|\[)"([\w-]+)"')
PRIVATE = re.compile(r"\b(Noor|Daan|Sem|Geheimlaan|Winterveen|pufje)\b")
"""What nobody outside Noor's family may read, whatever is forged."""
NOT_COMPARED = frozenset({"audit_event", "submission", "attempt", "passkey_challenge", "sign_in_session", "step_up"})
"""Tables in which knocking itself leaves rows."""
NOT_THEIRS = frozenset({"group_id", "delivery_id", "role_id", "assignment_id", "recovery_id", "task_id"})
"""Objects of the school, which others may have to do with as well."""
MOST_PAGES = 60


def walk_doors(portal: Portal, dose: int) -> Result:
    """The first `dose` people of the cast, and somebody who is not signed in, at every door there is."""
    app, objects = portal.app, _objects(portal)
    wrong, asked = [], _Count(app)
    nobody = portal.visit()
    token = token_of(nobody)
    for door in doors(app):
        if DOORS.get(door.endpoint) != "anyone":
            answer = knock(nobody, door, address(app, door, objects.at(door)), token)
            if answer.status_code != 303 or not answer.headers["Location"].startswith("/inloggen"):
                wrong.append(f"nobody: {door.rule.rule}")
    wrong += sorted({door.endpoint for door in doors(app)} ^ set(DOORS))
    people = [*STRANGERS, *(name for name in ROLES_OF if name not in STRANGERS)][:dose]
    for name in people:
        role, visit = ROLES_OF[name][0], portal.visit_as(name, proved=EVERY_ACT)
        wrong += [f"{name}: {door}" for door in ajar(app, objects, visit, role, DOORS)]
        closed, own = _closed_to(name, objects), [door for door in doors(app) if role in DOORS[door.endpoint]]
        theirs = [door for door in own if door.places & closed]
        wrong += [f"{name}: {door}" for door in told_apart(app, objects, visit, theirs)]
        methods = METHODS if dose > 1 else METHODS[:1]
        wrong += [f"{name}: {method} {rule}" for method in methods for rule in answering(app, objects, visit, method)]
    return Result(
        f"{len(set(DOORS))} routes × {len(people) + 1} people, {asked.number:,} requests",
        f"{len(wrong)} otherwise than the list says {'; '.join(wrong[:3])}".strip(),
        not wrong,
    )


def _closed_to(name: str, objects: Objects) -> frozenset[str]:
    """Which objects are foreign to somebody: all of them, or what Noor alone may have."""
    if name in STRANGERS:
        return objects.owned
    return OF_NOOR_ALONE if name == "daan" else frozenset()


class _Count:
    """How many requests an application has answered since."""

    def __init__(self, app: Flask) -> None:
        self.number = 0
        app.after_request_funcs.setdefault(None, []).append(self._add)

    def _add(self, response: Any) -> Any:
        self.number += 1
        return response


def _objects(portal: Portal) -> Objects:
    return gather(portal.database, portal.clock, portal.people)


@contextmanager
def open_to_everybody(_portal: Portal) -> Iterator[None]:
    """The mark of a route admits whoever is signed in."""

    def admits(rule: AccessRule, visitor: Visitor | None) -> bool:
        return rule.anyone or visitor is not None

    with patch.object(AccessRule, "admits", admits):
        yield


def forge(portal: Portal, dose: int) -> Result:
    """Strangers send Noor's ids wherever something is sent: in paths, queries and every field of every form."""
    objects = _objects(portal)
    theirs = [value for place, value in objects.items() if isinstance(value, UUID) and place not in NOT_THEIRS]
    victims = {*theirs, *(portal.person(name) for name in ("noor", "daan", "sem", "lot"))}
    before = _rows_of(portal, victims)
    asked, read = _Count(portal.app), []
    for name in ("ravi", "olga", "mirjam")[:dose]:
        visit = portal.visit_as(name, proved=EVERY_ACT)
        forger = _Forger(portal, visit, objects, victims, pages=MOST_PAGES if dose > 1 else 3)
        read += [f"{name}: {where}" for where in forger.run(ROLES_OF[name][0])]
    after = _rows_of(portal, victims)
    changed = {table for table in before if before[table] != after[table]}
    return Result(
        f"{asked.number:,} requests with forged values",
        f"{len(read)} foreign reads {'; '.join(read[:3])}, {len(changed)} tables with foreign writes "
        f"{', '.join(sorted(changed))}".replace(" ,", ",").strip(),
        not read and not changed,
    )


class _Forger:
    """Somebody who is signed in and sends what is not theirs; `run` answers where that showed something private."""

    def __init__(self, portal: Portal, visit: Visit, objects: Objects, victims: set[UUID], *, pages: int) -> None:
        self._portal, self._visit, self._objects, self._pages = portal, visit, objects, pages
        self._forged = [
            str(portal.people.sem),
            str(portal.people.noor),
            str(objects["request_id"]),
            str(uuid4()),
            str(UUID(int=0)),
        ]
        self._forged = self._forged[: 5 if pages == MOST_PAGES else 1]
        self._found: list[str] = []

    def run(self, role: Role) -> list[str]:
        token = token_of(self._visit)
        for door in doors(self._portal.app):
            if DOORS[door.endpoint] == "anyone" or role not in DOORS[door.endpoint]:
                continue
            for value in self._forged:
                places: dict[str, Any] = {
                    place: UUID(value) if isinstance(it, UUID) else it for place, it in self._objects.at(door).items()
                }
                path = address(self._portal.app, door, places)
                self._look(path, knock(self._visit, door, path, token).get_data(as_text=True))
        for path, page in self._own_pages():
            self._ask_with_parameters(path)
            for form in page.select("main form"):
                if str(form.get("method", "get")).lower() == "post":
                    self._forge_form(path, form)
        return self._found

    def _own_pages(self) -> Iterator[tuple[str, BeautifulSoup]]:
        """What links lead to, from the first page on."""
        todo, seen = ["/mijn/", "/werk/", "/toezicht/", "/beveiliging/"], set()
        while todo and len(seen) < self._pages:
            path = todo.pop(0)
            if path in seen:
                continue
            seen.add(path)
            answer = self._visit.raw("GET", path)
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            body = answer.get_data(as_text=True)
            self._look(path, body)
            page = BeautifulSoup(body, "html.parser")
            yield path, page
            hrefs = [str(link["href"]).split("#")[0] for link in page.select("a[href]")]
            todo += [href for href in hrefs if href.startswith(("/mijn", "/werk", "/toezicht", "/beveiliging"))]

    def _ask_with_parameters(self, path: str) -> None:
        for name in parameters():
            for value in self._forged:
                answer = self._visit.raw("GET", path.split("?")[0], query_string={name: value})
                self._look(f"{path}?{name}", answer.get_data(as_text=True))

    def _forge_form(self, path: str, form: Tag) -> None:
        held = self._visit.held(form)
        for name in [name for name in held if name != "csrf_token"]:
            for value in self._forged:
                data = held.copy()
                data.setlist(name, [value])
                if name != "idempotency_key":
                    data["idempotency_key"] = str(uuid4())
                headers = {"Origin": BASE, "Referer": BASE + path}
                answer = self._visit.raw("POST", str(form["action"]), data=data, headers=headers)
                self._look(f"{form['action']} {name}", answer.get_data(as_text=True))

    def _look(self, where: str, body: str) -> None:
        if seen := PRIVATE.search(body):
            self._found.append(f"{where} shows {seen.group()}")


def parameters() -> list[str]:
    """Every name that the product looks up in a query."""
    folder = Path(parentportal.__file__).parent / "web"
    return sorted({name for path in folder.rglob("*.py") for name in PARAMETER.findall(path.read_text("utf-8"))})


def _rows_of(portal: Portal, victims: set[UUID]) -> dict[str, set[str]]:
    """Every row that is of these people or about their things, by table."""
    ids = {value.hex for value in victims}
    found = {}
    with portal.database.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in NOT_COMPARED:
                rows = session.execute(text(f"SELECT * FROM {table.name}"))  # noqa: S608  # a name of our own
                found[table.name] = {repr(tuple(row)) for row in rows if _mentions(tuple(row), ids)}
    return found


def _mentions(row: tuple[object, ...], ids: set[str]) -> bool:
    return any(str(value).replace("-", "") in ids for value in row)


@contextmanager
def family_of_everybody(portal: Portal) -> Iterator[None]:
    """Whoever is a guardian of the board is taken for Noor, as without the owner in the query."""
    look_up = children.fetch

    def as_noor(session: Session, statement: Any, **given: Any) -> Any:
        return look_up(session, statement, **given | {"adult": portal.people.noor})

    with patch.object(children, "fetch", as_noor):
        yield


ROWS = (
    Row(
        "Z1",
        "every route as everybody, own, foreign and missing objects, all methods",
        "as the list of doors says; foreign = missing",
        walk_doors,
        open_to_everybody,
        "a mark admits whoever is signed in",
        small=1,
        full=len(ROLES_OF),
        controlled=1,
    ),
    Row(
        "Z2",
        "forged values in paths, queries and every field, 5 each",
        "0 foreign reads, 0 foreign writes",
        forge,
        family_of_everybody,
        "children are found without their guardian",
        small=1,
        full=3,
        controlled=1,
    ),
)
