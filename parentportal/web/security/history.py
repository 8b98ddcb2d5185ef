"""What happened to one's own account, in words, newest first."""

from collections.abc import Sequence

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, allow
from parentportal.reads import account_history as reads
from parentportal.reads.account_history import HistoryRow
from parentportal.rules.audit import Event
from parentportal.rules.sentences import N_
from parentportal.web.guard import this_visitor
from parentportal.web.languages import moment
from parentportal.web.languages import translate as _
from parentportal.web.portal import reading
from parentportal.web.security.changes import own_page
from parentportal.web.security.room import blueprint

MOST_DIGITS = 6

WORDS: dict[Event, str] = {
    Event.ACCOUNT_ACTIVATED: N_("U maakte uw account."),
    Event.SIGN_IN_SUCCEEDED: N_("U logde in."),
    Event.SIGN_IN_FAILED: N_("Inloggen lukte niet."),
    Event.SIGN_IN_ENDED: N_("U logde uit."),
    Event.RECOVERY_CODE_USED: N_("Er is een noodcode gebruikt."),
    Event.ROLE_CHANGED: N_("U ging verder in een andere rol."),
    Event.STEP_UP_PROVED: N_("U liet nog eens zien dat u het bent."),
    Event.STEP_UP_FAILED: N_("Iemand wilde iets veranderen, maar de code klopte niet."),
    Event.PASSKEY_ADDED: N_("U voegde een sleutel toe: gezicht, vinger of schermcode."),
    Event.PASSKEY_REMOVED: N_("U haalde een sleutel weg."),
    Event.PASSKEY_COPIED: N_("Wij hielden een sleutel tegen. Het leek een kopie."),
    Event.CODES_APP_ADDED: N_("U voegde een codes-app toe."),
    Event.CODES_APP_REMOVED: N_("U haalde een codes-app weg."),
    Event.RECOVERY_CODES_MADE: N_("U maakte nieuwe noodcodes."),
    Event.PASSWORD_CHANGED: N_("U koos een nieuw wachtwoord."),
    Event.PASSWORD_RESET_ASKED: N_("Iemand vroeg om een nieuw wachtwoord."),
    Event.ADDRESS_CHANGED: N_("Uw e-mailadres is veranderd."),
    Event.ADDRESS_RESTORED: N_("Uw oude e-mailadres is teruggezet."),
    Event.SESSIONS_ENDED: N_("U logde andere apparaten uit."),
    Event.RECOVERY_ASKED: N_("Op school is om een nieuw inlogmiddel voor u gevraagd."),
    Event.RECOVERY_CONFIRMED: N_("Een tweede collega op school keurde het nieuwe inlogmiddel goed."),
    Event.RECOVERY_STOPPED: N_("De vraag om een nieuw inlogmiddel is gestopt."),
    Event.RECOVERY_DONE: N_("U stelde na hulp op school een nieuw inlogmiddel in."),
}
MORE_WORDS: dict[tuple[Event, str], str] = {
    (Event.SIGN_IN_SUCCEEDED, "code"): N_("U logde in met uw wachtwoord en een code uit de app."),
    (Event.SIGN_IN_SUCCEEDED, "saved_code"): N_("U logde in met uw wachtwoord en een noodcode."),
    (Event.SIGN_IN_SUCCEEDED, "passkey"): N_("U logde in met uw gezicht, vinger of schermcode."),
    (Event.SIGN_IN_FAILED, "password"): N_("Inloggen lukte niet: het wachtwoord klopte niet."),
    (Event.SIGN_IN_FAILED, "code"): N_("Inloggen lukte niet: de code klopte niet."),
    (Event.SIGN_IN_FAILED, "passkey"): N_("Inloggen lukte niet: de sleutel klopte niet."),
    (Event.CODES_APP_REMOVED, "removed"): N_("U haalde uw laatste codes-app weg, en daarmee uw wachtwoord."),
    (Event.SIGN_IN_FAILED, "reset"): N_("Iemand wilde een nieuw wachtwoord kiezen, maar de code klopte niet."),
    (Event.PASSWORD_CHANGED, "reset"): N_("U koos een nieuw wachtwoord, met een link uit de mail."),
    (Event.SESSIONS_ENDED, "one"): N_("U logde een ander apparaat uit."),
}


@blueprint.get("/geschiedenis")
@allow(EVERYBODY_SIGNED_IN)
def history() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        found = reads.get_history(unit, _asked_page(), by=visitor)
    return own_page(
        "security/history.html",
        visitor,
        history=found,
        rows=lines(found.rows),
        before=url_for(".history", bladzijde=found.page - 1) if found.page > 1 else None,
        after=url_for(".history", bladzijde=found.page + 1) if found.page < found.pages else None,
        back_url=url_for(".show"),
    )


def lines(rows: Sequence[HistoryRow]) -> list[list[str]]:
    """When, and what happened, as rows of a table."""
    return [[moment(row.at), _(MORE_WORDS.get((row.event, row.way), WORDS[row.event]))] for row in rows]


def _asked_page() -> int:
    asked = request.args.get("bladzijde", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS else 1
