"""The security page: what opens the account, and where it is open (ux 6.8)."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, allow
from parentportal.reads import account_history, ways_in
from parentportal.reads.ways_in import WaysIn
from parentportal.rules.second_factors import FEW_CODES, MOST_APPS, MOST_PASSKEYS, STAFF_WAYS
from parentportal.web.fields import new_key
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.more import entry
from parentportal.web.portal import reading, this_portal
from parentportal.web.security.changes import COMPLETE, own_page
from parentportal.web.security.history import lines
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.destination import home_of
from parentportal.web.sign_in.forms import Only

LATEST = 5


@blueprint.get("/")
@allow(EVERYBODY_SIGNED_IN)
def show() -> ResponseReturnValue:
    visitor, portal = this_visitor(), this_portal()
    with reading() as unit:
        ways = ways_in.get_ways(unit, site=portal.site, by=visitor)
        devices = ways_in.list_devices(unit, by=visitor)
        latest = account_history.list_latest(unit, LATEST, by=visitor)
    is_cautious = ways.cautious_until is not None and ways.cautious_until > portal.clock.now()
    return own_page(
        "security/show.html",
        visitor,
        ways=ways,
        devices=devices,
        keys=[new_key() for _device in devices],
        latest=lines(latest),
        end=Only(),
        has_passkeys=portal.site is not None,
        may_add_passkey=portal.site is not None and ways.count.passkeys < MOST_PASSKEYS,
        may_add_app=ways.count.apps < MOST_APPS,
        few=ways.count.has_password and ways.count.recovery_codes <= FEW_CODES,
        tasks=_tasks(ways) if visitor.must_add else [],
        home_url=home_of(visitor.role) if COMPLETE in request.args and not visitor.must_add else None,
        cautious_until=ways.cautious_until if is_cautious else None,
        change_address=entry("security.change_address", _("E-mailadres wijzigen")),
    )


def _tasks(ways: WaysIn) -> list[dict[str, object]]:
    """What somebody at work still has to do before anything else opens."""
    second = url_for(".add_passkey" if this_portal().site else ".add_app")
    return [
        {
            "title": _("Zorg voor twee manieren om in te loggen"),
            "url": second,
            "done": ways.count.number >= STAFF_WAYS,
            "hint": _("Raakt u uw telefoon kwijt? Dan kunt u er nog in."),
        },
        {
            "title": _("Maak noodcodes"),
            "url": url_for(".explain_codes"),
            "done": ways.count.recovery_codes > 0,
            "hint": _("Tien codes op papier, voor als niets anders werkt."),
        },
    ]
