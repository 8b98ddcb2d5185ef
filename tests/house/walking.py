"""How the walks go through the portal: every route, with real addresses, as every person of the cast."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.visit import BASE, Visit

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
CHANGING = re.compile(
    r'(name="(?:csrf_token|idempotency_key)" value=")[^"]*|(<b class="mono ltr" dir="ltr">)[^<]*|(Stand van )\d\d:\d\d'
)


@dataclass(frozen=True, slots=True)
class Door:
    """One route with one method."""

    endpoint: str
    method: str
    rule: Rule

    @property
    def places(self) -> frozenset[str]:
        return frozenset(self.rule.arguments)


def doors(app: Flask) -> Iterator[Door]:
    """Every route and method there is, but for what serves static files."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield Door(rule.endpoint, method, rule)


def address(app: Flask, door: Door, values: Mapping[str, object]) -> str:
    """The path of a door with these objects in it."""
    return app.url_map.bind("portaal.example").build(door.endpoint, values, method=door.method)


def knock(visit: Visit, door: Door, path: str, token: str) -> TestResponse:
    """One request as the browser of this person would send it; a form without any field filled in."""
    if door.method == "GET":
        return visit.raw("GET", path)
    return visit.raw("POST", path, data={"csrf_token": token}, headers={"Referer": BASE + path})


def token_of(visit: Visit) -> str:
    """A CSRF token that belongs to this browser."""
    for path in ("/hulp", "/inloggen"):
        found = TOKEN.search(visit.raw("GET", path).get_data(as_text=True))
        if found:
            return found.group(1)
    raise AssertionError("no page gave a token")


def plain(answer: TestResponse) -> str:
    """The body without what differs at every request."""
    return CHANGING.sub(r"\1\2\3", answer.get_data(as_text=True))
