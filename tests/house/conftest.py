"""What the walks share."""

import pytest

from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from tests.house.objects import Objects, gather
from tests.people import People


@pytest.fixture
def objects(database: Database, clock: FrozenClock, people: People) -> Objects:
    """One real object of Noor, Sem and De Regenboog for every place in an address."""
    return gather(database, clock, people)
