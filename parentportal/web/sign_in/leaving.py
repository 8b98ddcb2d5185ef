"""Signing out, and what to do when the telephone is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, redirect, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, SchoolCard, allow
from parentportal.reads import boards
from parentportal.services import sign_in
from parentportal.web.guard import find_visitor
from parentportal.web.pages import page
from parentportal.web.portal import TOKEN, act, reading
from parentportal.web.sign_in.browser import kept
from parentportal.web.sign_in.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CLEAR = '"cache", "storage"'
DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@blueprint.post("/uitloggen")
@allow(ANYONE)
def sign_out() -> ResponseReturnValue:
    """Open to everybody, so that it also works when the session is over already."""
    if token := kept(TOKEN):
        act(sign_in.end, token)
    session.clear()
    return redirect(url_for(".signed_out"), 303)


@blueprint.get("/uitgelogd")
@allow(ANYONE)
def signed_out() -> ResponseReturnValue:
    body, status = page("sign_in/signed_out.html")
    return body, status, {"Clear-Site-Data": CLEAR}


@blueprint.get("/uitgelogd/schoon.svg")
@allow(ANYONE)
def clean() -> ResponseReturnValue:
    """An invisible picture on that page. Only an answer within a page empties the cache that Back shows from."""
    return Response(DOT, mimetype="image/svg+xml", headers={"Clear-Site-Data": CLEAR})


@blueprint.get("/telefoon-kwijt")
@allow(ANYONE)
def lost_phone() -> ResponseReturnValue:
    """The school to go to stands here for its own parents, and for everybody where there is only one."""
    with reading() as unit:
        return page("sign_in/lost_phone.html", place=_school(unit))


def _school(unit: Session) -> SchoolCard | None:
    visitor = find_visitor()
    if visitor is not None:
        return None if visitor.school_is_hidden else visitor.school
    schools = boards.list_schools(unit)
    return boards.get_school_card(unit, schools[0].id) if len(schools) == 1 else None
