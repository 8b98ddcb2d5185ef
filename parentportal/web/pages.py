"""Rendering: one page in the language of this request, with what the frame of every page needs."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import flash, g, get_flashed_messages, has_request_context, url_for
from flask_wtf.csrf import generate_csrf

from parentportal.access import Visitor
from parentportal.reads import boards
from parentportal.rules.roles import STAFF
from parentportal.web import navigation
from parentportal.web.assets import asset
from parentportal.web.fields import PortalForm
from parentportal.web.folding import FoldingEnvironment
from parentportal.web.guard import find_visitor, visit_key
from parentportal.web.languages import environment_of, this_language, tongues, translate
from parentportal.web.portal import reading, this_portal


@dataclass(frozen=True, slots=True)
class Face:
    """The visitor as the frame shows it: a name and a role in words."""

    name: str
    role: str
    is_staff: bool
    roles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Office:
    """The board or its officer (FG), by office, as the frame shows how to reach it."""

    name: str
    email: str
    phone: str


def page(template: str, *, form: PortalForm | None = None, **context: Any) -> tuple[str, int]:
    """The page and its status: 422 when `form` was handed in and refused, otherwise 200."""
    refused = form is not None and bool(form.errors)
    body = render(template, form=form, has_errors=refused, **context)
    return body, 422 if refused else 200


def render(template: str, **context: Any) -> str:
    """One template in the language of this request; `context` wins over what the frame brings."""
    visitor = find_visitor()
    if visitor or context.get("form"):
        visit_key()
    frame: dict[str, Any] = {
        "has_errors": False,
        "theme": (visitor.theme if visitor else "") or "system",
        "languages": [] if visitor else tongues(),
        "visitor": _face(visitor) if visitor else None,
        "school": visitor.school if visitor and not visitor.school_is_hidden else None,
        "teacher": None,
        "navigation": navigation.entries(visitor),
        "flashes": get_flashed_messages(with_categories=True),
        "back_url": None,
        "is_demo": this_portal().settings.demo,
        "seconds_left": _seconds_left(visitor),
    }
    frame |= _controller(visitor)
    return _environment(this_language()).get_template(template).render(frame | context)


@cache
def _environment(language: str) -> FoldingEnvironment:
    environment = environment_of(language)
    environment.globals.update(url_for=url_for, asset=asset, icons_url=asset("img/icons.svg"), csrf_token=generate_csrf)
    environment.foldable |= {"url_for": _address, "asset": asset}
    return environment


def _address(endpoint: str, **values: Any) -> str:
    """The address of a page that is the same for everybody; raises `LookupError` for what depends on the request."""
    if endpoint.startswith(".") or not has_request_context():
        raise LookupError(endpoint)
    return url_for(endpoint, **values)


def say(kind: str, sentence: str) -> None:
    """Show one sentence on the next page; kind is ok, info, warn or error."""
    flash(translate(sentence), kind)


def _controller(visitor: Visitor | None) -> dict[str, Any]:
    """The board and its officer; for people who are not signed in only when there is one board."""
    if "offices" not in g:
        with reading() as session:
            g.offices = boards.list_offices(session, visitor.policy_id if visitor else None)
    if len(g.offices) != 1:
        return {"board": None, "officer": None}
    (office,) = g.offices
    officer = Office("", office.officer_email, office.officer_phone) if office.officer_email else None
    return {"board": Office(office.name, office.email, office.phone), "officer": officer}


def _seconds_left(visitor: Visitor | None) -> int:
    """Until this session ends without a click, for the warning before it does."""
    if visitor is None or visitor.ends_at is None:
        return 0
    return int((visitor.ends_at - this_portal().clock.now()).total_seconds())


def _face(visitor: Visitor) -> Face:
    roles: tuple[tuple[str, str], ...] = ()
    if visitor.has_more_roles:
        roles = ((translate("Andere rol kiezen"), url_for("sign_in.choose_role")),)
    return Face(visitor.name, navigation.role_name(visitor.role), visitor.role in STAFF, roles)
