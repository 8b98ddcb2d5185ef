"""After a change of one's own means: the session goes on under another token, and the way leads back to the page."""

from collections.abc import Callable
from typing import Any

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import Visitor
from parentportal.services.own_account import Changed
from parentportal.web.fields import PortalForm
from parentportal.web.pages import page, say
from parentportal.web.portal import TOKEN, act_once

COMPLETE = "klaar"
"""In the address of the page when the last thing that was lacking is there."""


def change_once(
    form: PortalForm, change: Callable[[Any], Changed], *, done: str, visitor: Visitor
) -> ResponseReturnValue:
    """Change something once, however often the form comes in, and go on in the same session."""
    changed: list[Changed] = []

    def work(unit: Any) -> str:
        changed.append(change(unit))
        return _next(changed[-1], visitor)

    answer = act_once(form, work, done=done)
    if changed:
        session[TOKEN] = changed[-1].token
    return answer


def go_on(changed: Changed, *, done: str, visitor: Visitor) -> ResponseReturnValue:
    """As `change_once`, for what was done already."""
    session[TOKEN] = changed.token
    say("ok", done)
    return redirect(_next(changed, visitor), 303)


def _next(changed: Changed, visitor: Visitor) -> str:
    is_complete = visitor.must_add and not changed.must_add
    return url_for("security.show", klaar="ja") if is_complete else url_for("security.show")


def own_page(template: str, visitor: Visitor, *, form: PortalForm | None = None, **context: Any) -> tuple[str, int]:
    """A page of this room; whoever must add a way in first sees no menu that leads nowhere."""
    if visitor.must_add:
        context["navigation"] = []
    return page(template, form=form, **context)
