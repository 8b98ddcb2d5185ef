"""N4 knows every route that takes a destination from outside."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, request

from parentportal.access import ANYONE, allow
from tests.attack.browser import WAYS

DESTINATION = ('request.args.get("naar"', "form.goal")


def taking_destinations(views: Mapping[str, Callable[..., Any]]) -> set[str]:
    """The endpoints whose view reads an address that comes in."""
    return {name for name, view in views.items() if any(word in inspect.getsource(view) for word in DESTINATION)}


def test_every_route_that_takes_a_destination_is_attacked(app: Flask) -> None:
    assert taking_destinations(app.view_functions) == set(WAYS)


def test_a_new_route_that_takes_one_is_seen(app: Flask) -> None:
    def planted() -> str:
        return request.args.get("naar", "")

    app.add_url_rule("/geplant", "planted", allow(ANYONE)(planted))
    assert taking_destinations(app.view_functions) - set(WAYS) == {"planted"}
