"""What the walks share."""

from collections.abc import Callable

import pytest
from flask import Flask

from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from tests.house.objects import Objects, gather
from tests.people import ROLES_OF, People
from tests.sessions import open_session
from tests.visit import Visit


@pytest.fixture
def objects(database: Database, clock: FrozenClock, people: People) -> Objects:
    """One real object of Noor, Sem and De Regenboog for every place in an address."""
    return gather(database, clock, people)


@pytest.fixture
def visit_as(app: Flask, database: Database, clock: FrozenClock, people: People) -> Callable[..., Visit]:
    """As everywhere, but a second factor was shown a moment ago: the walks go through every door that this opens."""

    def open_browser(name: str, role: Role | None = None) -> Visit:
        own_role, school = ROLES_OF[name]
        school_id = getattr(people, school) if school else None
        token = open_session(database, clock, getattr(people, name), role or own_role, school_id, proved=Act)
        return Visit(app).sign_in_as(token)

    return open_browser
