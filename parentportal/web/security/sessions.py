"""How long a session still lasts: a warning before it ends, and a way to say that somebody is still there."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, Visitor, allow
from parentportal.services import sign_in
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.portal import act, this_portal
from parentportal.web.security.room import blueprint


@blueprint.get("/sessie")
@allow(EVERYBODY_SIGNED_IN)
def time_left() -> ResponseReturnValue:
    """Asked by a script shortly before the end, with what to say: another tab may have been used meanwhile."""
    return jsonify(
        left=seconds_left(this_visitor()),
        warning=_("U wordt over twee minuten uitgelogd, omdat u een tijd niets deed."),
        button=_("Ik ben er nog"),
        ended=_(
            "U bent uitgelogd. Wat u typte, staat er nog. Verstuurt u het? Dan vragen wij u eerst om in te loggen."
        ),
    )


@blueprint.post("/sessie")
@allow(EVERYBODY_SIGNED_IN)
def stay() -> ResponseReturnValue:
    """Somebody touched the button that says so."""
    act(sign_in.note_seen, this_visitor().session_id)
    return "", 204


def seconds_left(visitor: Visitor) -> int:
    """Until the session is over without a click; 0 when it is."""
    if visitor.ends_at is None:
        return 0
    return max(int((visitor.ends_at - this_portal().clock.now()).total_seconds()), 0)
