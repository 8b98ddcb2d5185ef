"""A second factor once more, in the browser of a test: the page that asks for it is open, and its form waits."""

from uuid import UUID

from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from tests import one_time_codes
from tests.page import Page
from tests.sessions import make_account
from tests.visit import Visit


def prove(visit: Visit, database: Database, clock: FrozenClock, adult_id: UUID, *, status: int = 200) -> Page:
    """Type what the codes app of this adult shows now; answers the page that this was for."""
    assert visit.page is not None
    assert visit.page.h1 == "Bent u het echt?", visit.page.h1
    shown = one_time_codes.app_code(make_account(database, clock, adult_id), clock.now())
    return visit.fill({"proof_code": shown}, status=status)
