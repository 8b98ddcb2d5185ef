"""What anybody may read: what the portal is, rights, help, documents, and how to reach people."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, allow
from parentportal.catalogue.policy import Document
from parentportal.outside.translations import LIVE
from parentportal.reads import boards
from parentportal.rules.errors import NotFound
from parentportal.web.known_paths import find_known_path
from parentportal.web.languages import COOKIE, ONE_YEAR, short_day
from parentportal.web.languages import translate as _
from parentportal.web.pages import page
from parentportal.web.portal import reading, this_portal
from parentportal.web.public.room import blueprint


@blueprint.get("/")
@allow(ANYONE)
def home() -> ResponseReturnValue:
    return page("public/home.html")


@blueprint.get("/taal/<language>")
@allow(ANYONE)
def choose_language(language: str) -> ResponseReturnValue:
    """Kept in a cookie of its own, so that it outlives signing in and out; back to the page it was chosen on."""
    if language not in LIVE:
        raise NotFound
    back = find_known_path(request.args.get("naar", ""))
    answer = redirect(back.path if back else url_for(".home"), 303)
    secure = this_portal().settings.secure_cookies
    answer.set_cookie(COOKIE, language, max_age=ONE_YEAR, secure=secure, httponly=True, samesite="Lax")
    return answer


@blueprint.get("/hulp")
@allow(ANYONE)
def help() -> ResponseReturnValue:  # noqa: A001 - the page is called help
    return page("public/help.html")


@blueprint.get("/privacy")
@allow(ANYONE)
def privacy_notice() -> ResponseReturnValue:
    return page("public/privacy_notice.html")


@blueprint.get("/toegankelijkheid")
@allow(ANYONE)
def accessibility() -> ResponseReturnValue:
    return page("public/accessibility.html")


@blueprint.get("/uw-rechten")
@allow(ANYONE)
def rights() -> ResponseReturnValue:
    return page("public/rights.html")


@blueprint.get("/voor-kinderen")
@allow(ANYONE)
def rights_for_children() -> ResponseReturnValue:
    return page("public/rights_for_children.html")


@blueprint.get("/woordenlijst")
@allow(ANYONE)
def glossary() -> ResponseReturnValue:
    return page("public/glossary.html")


@blueprint.get("/misbruik-melden")
@allow(ANYONE)
def report_misuse() -> ResponseReturnValue:
    with reading() as session:
        offices = boards.list_offices(session)
    return page("public/report_misuse.html", offices=offices)


@blueprint.get("/documenten")
@allow(ANYONE)
def documents() -> ResponseReturnValue:
    with reading() as session:
        policies = boards.list_policies(session)
    listed = [
        {"title": document.title, "board": policy.name, "state": _state_of(document)}
        for policy in policies
        for document in policy.documents
    ]
    return page("public/documents.html", documents=listed)


def _state_of(document: Document) -> str:
    """The state of a document in words; an unconfirmed date is said to be so (trap T36)."""
    if document.state == "in_development":
        return _("In ontwikkeling. Uw rechten gelden nu al, want die staan in de wet.")
    if document.state == "withdrawn":
        return _("Ingetrokken.")
    if document.effective_from:
        return _("Geldt vanaf %(day)s.", day=short_day(document.effective_from))
    return _("Geldt. De datum is niet bevestigd.")
