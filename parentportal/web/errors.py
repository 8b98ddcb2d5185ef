"""The only place where an error becomes an answer (controls U07, D02): plain words, a reference, the input kept."""

import logging
import secrets
from datetime import datetime

from flask import Flask, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from parentportal.access import Visitor, rule_of
from parentportal.db import Busy, CommitUnknown, OutOfOrder
from parentportal.rules.errors import Invalid, NotFound, NotNow, TooManyAttempts
from parentportal.services import denials
from parentportal.web.guard import PROOF_FIELDS, SignInAgain, StepUpNeeded, find_visitor
from parentportal.web.languages import hour, translate
from parentportal.web.pages import render
from parentportal.web.portal import LeftMeanwhile, act
from parentportal.web.security import step_ups

log = logging.getLogger(__name__)
NEVER_KEPT = frozenset({"csrf_token", "password", "code", "key", "answer", *PROOF_FIELDS})
PAGES = frozenset({400, 404, 405, 409, 413, 422, 429, 500, 503})


def init_app(app: Flask) -> None:
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(NotNow, lambda error: answer(409, message=error.message))
    app.register_error_handler(SignInAgain, lambda error: answer(403, template="signed_out", retry=True))
    app.register_error_handler(LeftMeanwhile, _left)
    app.register_error_handler(StepUpNeeded, _ask_proof)
    app.register_error_handler(Invalid, lambda error: answer(400))
    app.register_error_handler(TooManyAttempts, lambda error: answer(429, until=error.until))
    app.register_error_handler(Busy, lambda error: answer(503, retry=True))
    app.register_error_handler(CommitUnknown, lambda error: answer(503, retry=True))
    app.register_error_handler(OutOfOrder, _out_of_order)
    app.register_error_handler(CSRFError, lambda error: answer(400, template="csrf", retry=True))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _last_resort)


def answer(
    status: int,
    *,
    template: str | None = None,
    message: str = "",
    until: datetime | None = None,
    retry: bool = False,
) -> Response:
    """One error page; with `retry` it offers to hand in the same form again, so that nothing typed is lost."""
    reference = secrets.token_hex(4).upper()
    name = template or str(status if status in PAGES else 400 if status < 500 else 500)
    log.info(
        "answered with an error",
        extra={"status": status, "reference": reference, "endpoint": request.endpoint},
    )
    resend_url, resend = again() if retry and request.method == "POST" else (None, [])
    body = render(
        f"errors/{name}.html",
        reference=reference,
        explanation_text=translate(message),
        retry=translate("om %(hour)s uur", hour=hour(until)) if until else None,
        resend_url=resend_url,
        resend=resend,
        written=_written() if status == 409 else [],
    )
    response = make_response(body, status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def again() -> tuple[str, list[tuple[str, str]]]:
    """The form as it came in, without secrets, to be sent once more from the error page."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT]
    return request.full_path.rstrip("?"), kept


def _ask_proof(needed: StepUpNeeded) -> Response:
    """The same form once more, with a field for the second factor: one tap, and nothing typed is lost."""
    action, kept = again()
    body = step_ups.ask(needed.act, needed.refused, action=action, kept=kept)
    return make_response(body, 403)


def _written() -> list[str]:
    """Texts that somebody wrote in the form that came in: shown again, so that they can be used elsewhere."""
    return [value for name, value in request.form.items(multi=True) if name not in NEVER_KEPT and " " in value.strip()]


def _left(_error: LeftMeanwhile) -> ResponseReturnValue:
    if request.method != "POST":
        return redirect(url_for("sign_in.start"), 303)
    return answer(403, template="signed_out", retry=True)


def _not_found(_error: NotFound) -> Response:
    """What is somebody else's looks like what does not exist, and is noted (requirements 11.3)."""
    visitor, endpoint = find_visitor(), request.endpoint
    if visitor is not None and endpoint is not None and _may_knock(endpoint, visitor):
        g.admitted_as = None  # a denial is noted of whoever left meanwhile too
        try:
            act(denials.note, endpoint=endpoint, by=visitor)
        except Busy:
            log.warning("denial not noted", extra={"endpoint": endpoint})
    return answer(404)


def _may_knock(endpoint: str, visitor: Visitor) -> bool:
    """Whether the door itself is open to this role; where it is not, the guard has noted it already."""
    rule = rule_of(current_app.view_functions[endpoint])
    return rule is not None and not rule.anyone and rule.admits(visitor)


def _http(error: HTTPException) -> Response:
    return answer(error.code or 500)


def _out_of_order(error: OutOfOrder) -> Response:
    """Nothing was done and nobody let in; the same form may be sent again once somebody has mended it."""
    log.error("the database is out of order", exc_info=(type(error), error, error.__traceback__))
    return answer(503, retry=True)


def _last_resort(error: Exception) -> Response:
    log.error(
        "unexpected error",
        exc_info=(type(error), error.with_traceback(error.__traceback__), error.__traceback__),
    )
    return answer(500)
