"""What every view works with: the portal's settings, its database, and the two ways to use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from flask import Flask, current_app, flash, g, redirect, request, session
from werkzeug.wrappers import Response

from parentportal.db import Database
from parentportal.outside.clock import Clock
from parentportal.outside.passkeys import Site
from parentportal.outside.vault import Vault
from parentportal.reads import visitors
from parentportal.rules.errors import NotFound
from parentportal.services import submissions
from parentportal.settings import Settings
from parentportal.web.fields import PortalForm
from parentportal.web.languages import translate

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

P = ParamSpec("P")
T = TypeVar("T")
TOKEN = "token"


class LeftMeanwhile(Exception):
    """Whoever the guard let in lost that right before the act could be done; nothing was written (control Z07)."""


@dataclass(frozen=True)
class Portal:
    """One running portal: everything a view may reach that is not in the request.

    `site` is where passkeys belong; None where browsers know none (`Site.at`).
    """

    settings: Settings
    database: Database
    clock: Clock
    vault: Vault
    site: Site | None


def init_app(app: Flask, portal: Portal) -> None:
    app.extensions["portal"] = portal
    app.teardown_appcontext(lambda _error: _end_moment())


def this_portal() -> Portal:
    found: Portal = current_app.extensions["portal"]
    return found


def reading() -> AbstractContextManager[Session]:
    """A session to look things up with; writing in it raises.

    Whatever fetches a page shares one session, so that the page is of one moment; acting ends it. Where a form was
    handed in each has its own.
    """
    return _moment() if request.method in ("GET", "HEAD") else this_portal().database.read()


@contextmanager
def _moment() -> Iterator[Session]:
    if "moment" not in g:
        opened = this_portal().database.read()
        g.moment = opened, opened.__enter__()
    session: Session = g.moment[1]
    try:
        yield session
        session.flush()
    except BaseException as error:
        _end_moment(error)
        raise


def _end_moment(error: BaseException | None = None) -> None:
    opened, _session = g.pop("moment", (None, None))
    if opened is not None:
        opened.__exit__(type(error) if error else None, error, None)


def act(service: Callable[Concatenate[Session, P], T], *args: P.args, **options: P.kwargs) -> T:
    """Run one service in one transaction, which is retried as a whole when the database is busy.

    What a signed-in visitor does touches rows of the own board alone, so boards need not wait for each other.
    """
    _end_moment()
    return _write(lambda session: service(session, *args, **options), g.get("board_id"))


def act_for_all(service: Callable[Concatenate[Session, P], T], *args: P.args, **options: P.kwargs) -> T:
    """As `act`, for what touches rows of no board: the counters of tries, which all boards share."""
    _end_moment()
    return _write(lambda session: service(session, *args, **options), None)


def act_once(form: PortalForm, work: Callable[[Session], str], *, done: str = "", for_all: bool = False) -> Response:
    """Do what a form asks, once however often it is handed in, say `done` and go to the address that `work` answers.

    `work` is a service call that ends in an address, for instance
    `lambda s: url_for(".show", receipt_id=consents.decide(s, pupil_id, answers, by=visitor))`.
    `for_all`: it also touches rows of no board, as in `act_for_all`.
    """
    key = form.key()
    if key is None:
        raise NotFound
    owner = str(session.get("visit", ""))
    endpoint = str(request.endpoint)
    _end_moment()
    location = _write(
        lambda unit: submissions.once(unit, key, owner=owner, endpoint=endpoint, work=work),
        None if for_all else g.get("board_id"),
    )
    if done:
        flash(translate(done), "ok")
    return redirect(location, 303)


def _write(work: Callable[[Session], T], board: UUID | None) -> T:
    def checked(unit: Session) -> T:
        refuse_who_left(unit)
        return work(unit)

    return this_portal().database.write(checked, board=board)


def refuse_who_left(unit: Session) -> None:
    """Look once more, inside the unit, whether the visitor may still be here; raises `LeftMeanwhile`.

    Between the guard and this unit somebody may have ended the session or role, or blocked the account.
    """
    role = g.get("admitted_as")
    if role is None:
        return
    found = visitors.find_visitor(unit, str(session.get(TOKEN)))
    if found is None or found.role is not role:
        raise LeftMeanwhile
