"""Letters in place of mail, for people without an address: which wait, and printing them all in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import paper_notices as reads
from parentportal.rules.roles import Role
from parentportal.services import paper_notices as services
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import elsewhere, long_day, write_dutch
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading, this_portal
from parentportal.web.school.letters import HELP_AT_SCHOOL, MANY, OWN_LANGUAGE
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)

ROOM_OF.update({f"school.{name}": "school.invitations" for name in ("paper_notices", "printed_notices")})


@blueprint.get("/brieven/berichten", endpoint="paper_notices")
@allow(*WHO)
def show_waiting() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        waiting = reads.list_waiting(session, by=visitor)
        printed_at = reads.find_last_printed(session, by=visitor)
    return page(
        "school/paper_notices/list.html",
        form=PortalForm(),
        waiting=waiting,
        many=len(waiting) > MANY,
        printed_at=printed_at,
        back_url=url_for(".invitations"),
    )


@blueprint.post("/brieven/berichten/printen")
@allow(*WHO)
def print_notices() -> ResponseReturnValue:
    """What waits counts as printed; the sheets are on the page that follows, for an hour."""
    visitor = this_visitor()

    def work(unit: Session) -> str:
        services.print_waiting(unit, by=visitor)
        return url_for(".printed_notices")

    return act_once(PortalForm(), work)


@blueprint.get("/brieven/berichten/geprint")
@allow(*WHO)
def printed_notices() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        sheets = reads.list_printed(session, by=visitor)
    if not sheets:
        return redirect(url_for(".paper_notices"), 303)
    write_dutch()
    return page(
        "school/paper_notices/sheets.html",
        sheets=sheets,
        board_name=visitor.board_name,
        school=visitor.school,
        start_url=this_portal().settings.base_url,
        in_other_words=elsewhere(HELP_AT_SCHOOL, OWN_LANGUAGE),
        printed_on=long_day(this_portal().clock.now()),
        back_url=url_for(".paper_notices"),
    )
