"""Walks every route as every person: who may enter, and whether foreign looks exactly like missing."""

import re
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID, uuid4

import pytest
from flask import Flask

from parentportal.access import ANYONE, AccessRule, allow, rule_of
from parentportal.app import create_app
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.settings import Settings
from parentportal.web import rooms
from tests.house.doors import DOORS, NOT_NOW
from tests.house.objects import Objects
from tests.house.walking import Door, address, doors, knock, plain, token_of
from tests.people import ROLES_OF
from tests.visit import Visit

STRANGERS = ("ravi", "olga", "mirjam", "bas")
"""People who have nothing to do with Noor, Sem or De Regenboog's papers: they get nothing of theirs."""


def who_may(rule: AccessRule) -> frozenset[Role] | str:
    return "anyone" if rule.anyone else rule.roles


def unlisted(app: Flask, table: Mapping[str, object]) -> set[str]:
    return {door.endpoint for door in doors(app)} ^ set(table)


def test_every_route_stands_in_the_table_of_doors_and_nothing_else(app: Flask) -> None:
    assert len(DOORS) > 60
    assert unlisted(app, DOORS) == set()


def test_every_mark_says_what_the_table_says(app: Flask) -> None:
    different = {
        name: (who_may(rule), DOORS[name])
        for name, view in app.view_functions.items()
        if name != "static" and (rule := rule_of(view)) and who_may(rule) != DOORS[name]
    }
    assert different == {}


def test_a_route_without_a_mark_keeps_the_portal_from_starting(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask import Blueprint

    planted = Blueprint("planted", __name__)
    planted.add_url_rule("/geplant", "door", lambda: "open")
    monkeypatch.setattr(rooms, "ROOMS", (*rooms.ROOMS, planted))
    with pytest.raises(RuntimeError, match=r"planted\.door"):
        create_app(settings, database=database, clock=clock)


def test_a_route_that_nobody_listed_is_caught(app: Flask) -> None:
    app.add_url_rule("/geplant", "planted", allow(ANYONE)(lambda: "open"))
    assert unlisted(app, DOORS) == {"planted"}


def badly_written(app: Flask) -> list[str]:
    """Addresses that are not in kebab case, or take a word of any kind."""
    typed = re.compile(r"<(?:uuid|path|code|string\(length=\d+\)):\w+>")
    wrong = []
    for door in doors(app):
        bare = typed.sub("", door.rule.rule)
        loose = "<" in bare and door.endpoint not in WORDS_IN_ADDRESS
        if loose or re.search(r"[A-Z_]", re.sub(r"<[^>]*>", "", bare)):
            wrong.append(door.rule.rule)
    return wrong


def test_addresses_are_in_kebab_case_with_typed_places(app: Flask) -> None:
    assert badly_written(app) == []


@pytest.mark.parametrize("address", ["/geplant_pad", "/Geplant", "/geplant/<naam>"])
def test_a_badly_written_address_is_caught(app: Flask, address: str) -> None:
    app.add_url_rule(address, "planted", allow(ANYONE)(lambda naam="": "open"))
    assert badly_written(app) == [address]


WORDS_IN_ADDRESS = {
    "parent.child_category",
    "parent.reveal_category",
    "parent.child_recipient",
    "sign_in.activate_with",
    "sign_in.reset_with",
    "sign_in.restore_address_with",
    "parent.choose_item",
    "public.choose_language",
    "security.ask_to_confirm",
}
"""Routes with a word from a closed list, or a code from a letter, in their address."""


def test_who_is_not_signed_in_is_sent_to_the_front_door(app: Flask, objects: Objects) -> None:
    nobody = Visit(app)
    token = token_of(nobody)
    for door in doors(app):
        if DOORS[door.endpoint] == "anyone":
            continue
        answer = knock(nobody, door, address(app, door, objects.at(door)), token)
        assert answer.status_code == 303, f"{door}: {answer.status_code}"
        assert answer.headers["Location"].startswith("/inloggen"), door


def ajar(
    app: Flask,
    objects: Objects,
    visit: Visit,
    role: Role,
    table: Mapping[str, frozenset[Role] | str],
    to: Iterable[Door] = (),
) -> list[str]:
    """Doors, of all or of these, that answer somebody for whom the table has them shut."""
    token, tried = token_of(visit), list(to) or list(doors(app))
    shut = [door for door in tried if table[door.endpoint] != "anyone" and role not in table[door.endpoint]]
    assert len(shut) > 10
    answers = {door.rule.rule: knock(visit, door, address(app, door, objects.at(door)), token) for door in shut}
    return [f"{rule}: {answer.status_code}" for rule, answer in answers.items() if answer.status_code != 404]


def test_every_door_is_shut_for_who_is_not_on_its_list(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    for name, (role, _school) in ROLES_OF.items():
        assert ajar(app, objects, visit_as(name), role, DOORS) == [], name


def test_a_door_that_stands_ajar_is_caught(app: Flask, objects: Objects, visit_as: Callable[..., Visit]) -> None:
    app.add_url_rule("/geplant", "planted", allow(Role.GUARDIAN)(lambda: "open"))
    table = {**DOORS, "planted": frozenset({Role.OFFICER})}
    assert ajar(app, objects, visit_as("noor"), Role.GUARDIAN, table) == ["/geplant: 200"]


OF_NOOR_ALONE = frozenset({"request_id", "line_id", "receipt_id", "passkey_id", "app_id", "session_id"})
"""Places that hold what Noor herself asked, chose or received, and what opens her account."""


def told_apart(app: Flask, objects: Objects, visit: Visit, to: list[Door]) -> list[str]:
    """Doors at which somebody else's object answers otherwise than one that does not exist, or not with 404."""
    token = token_of(visit)
    found = []
    for door in to:
        missing = {place: uuid4() if isinstance(it, UUID) else it for place, it in objects.at(door).items()}
        foreign = knock(visit, door, address(app, door, objects.at(door)), token)
        absent = knock(visit, door, address(app, door, missing), token)
        if foreign.status_code != 404 or (absent.status_code, plain(absent)) != (404, plain(foreign)):
            found.append(f"{door.method} {door.rule.rule}: {foreign.status_code}, {absent.status_code}")
    return found


def test_what_belongs_to_others_looks_exactly_like_what_does_not_exist(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    for name in STRANGERS:
        role = ROLES_OF[name][0]
        theirs = [door for door in doors(app) if role in DOORS[door.endpoint] and door.places & objects.owned]
        assert len(theirs) > 5
        assert told_apart(app, objects, visit_as(name), theirs) == [], name


def test_the_other_parent_of_the_same_child_opens_nothing_that_noor_asked_or_received(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    hers = [door for door in doors(app) if Role.GUARDIAN in DOORS[door.endpoint] and door.places & OF_NOOR_ALONE]
    assert len(hers) > 10
    assert told_apart(app, objects, visit_as("daan"), hers) == []


@pytest.mark.parametrize("answer", [("van een ander", 404), ("van een ander", 403), ("van een ander", 200)])
def test_a_door_that_tells_foreign_from_missing_is_caught(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit], answer: tuple[str, int]
) -> None:
    def planted(request_id: UUID) -> tuple[str, int]:
        if request_id != objects["request_id"]:
            raise NotFound
        return answer

    app.add_url_rule("/geplant/<uuid:request_id>", "planted", allow(Role.GUARDIAN)(planted))
    (door,) = [door for door in doors(app) if door.endpoint == "planted"]
    assert told_apart(app, objects, visit_as("ravi"), [door]) != []


def test_who_belongs_there_gets_in(app: Flask, objects: Objects, visit_as: Callable[..., Visit]) -> None:
    refused = []
    for name in ("noor", "ilse", "hanna", "petra", "hugo"):
        visit = visit_as(name)
        role = ROLES_OF[name][0]
        for door in doors(app):
            listed = DOORS[door.endpoint]
            if door.method == "GET" and listed != "anyone" and role in listed:
                answer = visit.raw("GET", address(app, door, objects.at(door)))
                if answer.status_code not in (200, 302, 303):
                    refused.append((name, door.endpoint))
    assert set(refused) == set(NOT_NOW)


def taken_without_token(app: Flask, objects: Objects, visit: Visit) -> list[str]:
    """Doors that take a form without the token of its page."""
    posts = [door for door in doors(app) if door.method == "POST"]
    assert len(posts) > 10
    sent = {door.rule.rule: visit.raw("POST", address(app, door, objects.at(door)), data={"a": "x"}) for door in posts}
    return [rule for rule, answer in sent.items() if answer.status_code != 400]


def test_no_post_is_taken_without_its_token(app: Flask, objects: Objects, visit_as: Callable[..., Visit]) -> None:
    for name in ("noor", "ilse", "hanna", "petra", "hugo"):
        assert taken_without_token(app, objects, visit_as(name)) == [], name


def test_a_door_without_a_token_is_caught(app: Flask, objects: Objects, visit_as: Callable[..., Visit]) -> None:
    planted = allow(Role.GUARDIAN)(lambda: "open")
    app.add_url_rule("/geplant", "planted", planted, methods=["POST"])
    app.extensions["csrf"].exempt(planted)
    assert taken_without_token(app, objects, visit_as("noor")) == ["/geplant"]


def taken_from_elsewhere(app: Flask, objects: Objects, visit: Visit) -> list[str]:
    """Doors that take a form, with its token, from a page of another site."""
    token = token_of(visit)
    elsewhere = {
        "Origin": "https://elders.example",
        "Referer": "https://portaal.example/",
        "Sec-Fetch-Site": "cross-site",
    }
    found = []
    for door in doors(app):
        if door.method == "POST":
            path = address(app, door, objects.at(door))
            answer = visit.raw("POST", path, data={"csrf_token": token}, headers=elsewhere)
            if answer.status_code != 404:
                found.append(door.rule.rule)
    return found


def test_no_post_is_taken_from_another_site(app: Flask, objects: Objects, visit_as: Callable[..., Visit]) -> None:
    assert taken_from_elsewhere(app, objects, visit_as("noor")) == []


def test_a_portal_that_takes_forms_from_elsewhere_is_caught(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    checks = app.before_request_funcs[None]
    checks[:] = [check for check in checks if check.__module__ != "parentportal.web.origins"]
    assert len(taken_from_elsewhere(app, objects, visit_as("noor"))) > 10


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_refused_everywhere(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit], method: str
) -> None:
    assert answering(app, objects, visit_as("noor"), method) == []


def test_a_door_that_answers_another_method_is_caught(
    app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    app.add_url_rule("/geplant", "planted", allow(Role.GUARDIAN)(lambda: "open"), methods=["GET", "TRACE"])
    assert answering(app, objects, visit_as("noor"), "TRACE") == ["/geplant"]


def answering(app: Flask, objects: Objects, visit: Visit, method: str, to: Iterable[Door] = ()) -> list[str]:
    """Doors, of all or of these, that answer this method at all."""
    paths = {door.rule.rule: address(app, door, objects.at(door)) for door in list(to) or doors(app)}
    return [rule for rule, path in paths.items() if visit.raw(method, path).status_code not in (400, 404, 405)]


def test_there_is_an_object_for_every_place_in_an_address(app: Flask, objects: Objects) -> None:
    places = {place for door in doors(app) for place in door.places}
    assert places - set(objects) == set()
    assert all(isinstance(objects[place], UUID) for place in objects.owned)
