"""On the day after help at the counter no number is shown in full, whatever is handed in; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.outside.clock import FrozenClock
from parentportal.rules.errors import NotNow
from parentportal.services import items
from tests.consents import School
from tests.items import BSN, give
from tests.people import People

IBAN = "NL91ABNA0417164300"


def test_a_number_stays_covered_until_the_day_is_over(database: Database, clock: FrozenClock, people: People) -> None:
    own = give(database, people, "guardian.iban", IBAN, people.noor)
    of_sem = give(database, people, "pupil.bsn", BSN, people.sem)
    noor = replace(School(database, clock, people).visitor("noor"), cautious_until=clock.now() + timedelta(hours=24))
    with pytest.raises(NotNow, match="tot 18-11-2026 10:00 uur"):
        database.write(lambda session: items.reveal_own_number(session, own, by=noor))
    with pytest.raises(NotNow, match="Voor uw veiligheid"):
        database.write(lambda session: items.reveal_number(session, people.sem, of_sem, by=noor))
    with database.read() as session:
        assert session.scalar(select(func.count()).where(AuditEvent.event == "sensitive:read")) == 0
    clock.advance(timedelta(hours=24))
    assert database.write(lambda session: items.reveal_own_number(session, own, by=noor))
