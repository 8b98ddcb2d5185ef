"""Walks the menus: every entry leads somewhere its role may go, and every page stands in a menu or under one."""

from flask import Flask

from parentportal.rules.roles import Role
from parentportal.web.navigation import MENUS, ROOM_OF
from tests.house.doors import DOORS
from tests.house.walking import doors

ELSEWHERE = {
    "sign_in": "before anybody has a menu",
    "public": "in the foot of every page",
    "security": "under “Meer” of every role",
}


def lost_pages(app: Flask, rooms: dict[str, str]) -> set[str]:
    """Pages that are in no menu and under no entry of one."""
    entries = {endpoint for menu in MENUS.values() for _label, endpoint, _icon in menu}
    pages = {door.endpoint for door in doors(app) if door.method == "GET"}
    return {page for page in pages - entries - set(rooms) if page.partition(".")[0] not in ELSEWHERE}


def test_every_entry_leads_where_its_role_may_go(app: Flask) -> None:
    for role, menu in MENUS.items():
        assert len(menu) >= 1
        for label, endpoint, _icon in menu:
            assert role in DOORS[endpoint], f"{role}: {label}"


def test_every_role_has_a_menu() -> None:
    assert set(MENUS) == set(Role)


def test_every_page_stands_in_a_menu_or_under_an_entry_of_one(app: Flask) -> None:
    assert lost_pages(app, ROOM_OF) == set()


def test_every_page_stands_under_an_entry_that_exists(app: Flask) -> None:
    entries = {endpoint for menu in MENUS.values() for _label, endpoint, _icon in menu}
    assert {entry for entry in ROOM_OF.values() if entry not in entries} == set()


def test_a_page_without_a_place_is_caught(app: Flask) -> None:
    without = {page: entry for page, entry in ROOM_OF.items() if page != "parent.consent_receipt"}
    assert lost_pages(app, without) == {"parent.consent_receipt"}
