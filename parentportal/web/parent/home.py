"""A parent's first page: children, what waits, and nothing when nothing waits."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import homes
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.languages import translate_many as ngettext
from parentportal.web.pages import page
from parentportal.web.parent.items import about
from parentportal.web.parent.room import blueprint
from parentportal.web.portal import reading


@blueprint.get("/")
@allow(Role.GUARDIAN)
def home() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        shown = homes.get_parent_home(session, by=visitor)
    children = [card.child for card in shown.cards]
    return page(
        "parent/home/index.html",
        first_name=visitor.first_name,
        cards=[(card, about(card.child, children)) for card in shown.cards],
        own_requests=shown.own_requests,
        tasks=_tasks(shown),
    )


def _tasks(shown: homes.ParentHome) -> list[dict[str, Any]]:
    """What waits for the parent; empty when nothing does."""
    tasks: list[dict[str, Any]] = []
    for card in shown.cards:
        for request in card.requests:
            if request.waits_for_parent:
                tasks.append(_answer(request.id, _("Geef antwoord over %(name)s", name=card.child.call_name)))
        if card.unanswered:
            hint = ngettext("Nog %(num)s vraag", "Nog %(num)s vragen", card.unanswered)
            title = _("Kies wat mag voor %(name)s", name=card.child.call_name)
            url = url_for("parent.child_consents", pupil_id=card.child.id)
            tasks.append({"title": title, "url": url, "hint": hint})
    for request in shown.own_requests:
        if request.waits_for_parent:
            tasks.append(_answer(request.id, _("Geef antwoord over uw eigen gegevens")))
    return tasks


def _answer(request_id: Any, title: str) -> dict[str, Any]:
    url = url_for("parent.privacy_request", request_id=request_id)
    return {"title": title, "url": url, "hint": _("De school wacht op u.")}
