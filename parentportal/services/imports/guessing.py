"""A person settles what a list leaves open, and the preview is made anew (formats 6)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.boards import School
from parentportal.models.imports import Delivery, DeliveryState, Source
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.sentences import N_
from parentportal.services.imports import reporting
from parentportal.services.imports.planning import make_plan
from parentportal.services.imports.reporting import Report
from parentportal.services.imports.staging import (
    Parsed,
    check_guesses,
    describe,
    get_delivery,
    get_school,
    keep_guesses,
    report_of,
)


def settle_guesses(session: Session, delivery_id: UUID, parsed: Parsed, *, by: Actor) -> Report:
    """Keep the guesses that `parsed` was read with instead of those of before, and compare anew.

    `parsed` comes from `reopen` with these guesses; with none, everything is open again. The same once more changes
    nothing. Raises `Invalid` for a guess that the file does not ask, and `NotNow` once the file was applied.
    """
    row = get_delivery(session, delivery_id, by=by)
    school = get_school(session, row.school_id, by=by)
    session.execute(select(School.id).where(School.id == school.id).with_for_update())
    if row.state is DeliveryState.APPLIED:
        raise NotNow(N_("Dit bestand is al verwerkt. Wat u koos, staat vast."))
    if row.state is DeliveryState.REFUSED or row.content is None or row.source_id is None:
        raise NotNow(N_("Dit bestand kan niet meer worden verwerkt. Lever het opnieuw in."))
    if parsed.sha256 != row.sha256 or parsed.delivered is None:
        raise NotFound
    check_guesses(parsed)
    if parsed.confirmed != frozenset(row.guesses):
        source = session.get_one(Source, row.source_id)
        last = session.get(Delivery, source.last_delivery_id) if source.last_delivery_id else None
        describe(row, make_plan(session, school, source, parsed.delivered, last))
        keep_guesses(session, row, parsed, by=by)
    return report_of(row, reporting.PREVIEW)
