"""The gallery shows every component, to builders alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from parentportal.app import create_app
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.settings import Settings
from tests.visit import Visit

TEMPLATES = Path(__file__).parents[2] / "templates"


def shown_from(start: Path) -> set[str]:
    """Components that a template shows, itself or through other components."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        text = waiting.pop().read_text("utf-8")
        for name in set(re.findall(r'"((?:components|gallery)/[\w]+\.html)"', text)) - found:
            found.add(name)
            waiting.append(TEMPLATES / name)
    return found


def test_every_component_is_in_the_gallery() -> None:
    components = {f"components/{path.name}" for path in (TEMPLATES / "components").glob("*.html")}
    assert len(components) > 30
    shown = set().union(*(shown_from(page) for page in (TEMPLATES / "gallery").glob("*.html")))
    shown |= shown_from(TEMPLATES / "layout" / "base.html")
    assert components - shown == set()


def test_builders_see_the_gallery(settings: Settings, database: Database, clock: FrozenClock) -> None:
    app = create_app(replace(settings, demo=True), database=database, clock=clock)
    assert Visit(app).get("/stijlgids").says("Stijlgids van Kijkglas")
    assert Visit(app).get("/stijlgids/brief").h1 == "Wie mag op de foto?"
    assert Visit(app).get("/stijlgids/einde").h1 == "Uw verzoek is verstuurd"


def test_a_real_portal_has_no_gallery(visit: Callable[[], Visit]) -> None:
    visit().get("/stijlgids", status=404)
