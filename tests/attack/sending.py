"""Forms that are filled in and not yet sent, in a browser that reads a page without checking it; and a clean slate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from parentportal.models.base import Base
from parentportal.models.groups import TeacherAssignment
from parentportal.models.items import Item
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import Adult, StaffRole
from parentportal.services import outbox
from tests.attack.portal import Portal
from tests.databases import START
from tests.visit import BASE, Visit

LEFT_ALONE = frozenset(
    {
        "adult",
        "audit_event",
        "authority",
        "board",
        "board_policy",
        "consent_item",
        "consent_wording",
        "delivery",
        "item",
        "placement",
        "pupil",
        "school",
        "school_group",
        "source",
        "source_key",
        "staff_role",
        "teacher_assignment",
        "unknown_field",
    }
)
"""Tables that `start_over` does not empty: the cast, what was imported, and the log, which nobody can empty."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it is sent: from which browser, to where, with what."""

    visit: Visit
    path: str
    data: MultiDict[str, Any]

    def post(self, visit: Visit | None = None) -> TestResponse:
        return (visit or self.visit).raw("POST", self.path, data=self.data, headers={"Referer": BASE + self.path})


def form_on(visit: Visit, path: str, values: Mapping[str, Any] | None = None, *, form: str | None = None) -> Sent:
    """The form on a page, filled in: the one that goes to `form` or to an address that ends so, else to the page."""
    answer = visit.raw("GET", path, follow_redirects=True)
    return form_in(visit, answer, values, form=answer.request.path if form is None else form)


def form_in(visit: Visit, answer: TestResponse, values: Mapping[str, Any] | None = None, *, form: str) -> Sent:
    html = answer.get_data(as_text=True)
    forms = {str(tag.get("action", "")): visit.held(tag) for tag in _read(html).find_all("form")}
    found = {action: data for action, data in forms.items() if action == form or action.endswith(form)}
    assert found, f"no form to {form} on {answer.request.path} ({answer.status_code}): {_heading(html)}"
    action = form if form in found else min(found, key=len)
    data = found[action]
    for name, value in (values or {}).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return Sent(visit, action, data)


def go_on(visit: Visit, sent: Sent) -> TestResponse:
    """Send a form on the way to another one; the page that comes of it."""
    answer = sent.post()
    assert answer.status_code in (200, 303), f"{sent.path}: {answer.status_code} {_heading(answer.get_data(True))}"
    return answer if answer.status_code == 200 else visit.raw("GET", answer.headers["Location"], follow_redirects=True)


def choices(answer: TestResponse, name: str | None = None) -> dict[str, list[str]]:
    """The radio buttons on a page: the values of each name, or of one name."""
    found: dict[str, list[str]] = {}
    for radio in _read(answer.get_data(as_text=True)).find_all("input", attrs={"type": "radio"}):
        if name in (None, radio["name"]):
            found.setdefault(str(radio["name"]), []).append(str(radio["value"]))
    return found


def _read(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def _heading(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    return found.group(1).strip() if found else html[:200]


def mailed(portal: Portal, template: str) -> Mapping[str, str]:
    """What the newest mail of a kind is made of, with its code or token."""
    with portal.database.read() as session:
        mails = select(OutboxMail).where(OutboxMail.template == template).order_by(OutboxMail.created_at, OutboxMail.id)
        return outbox.values_of(session, session.scalars(mails).all()[-1])


def start_over(portal: Portal) -> None:
    """The cast as at first, without accounts, letters or requests; only the log and what was imported stay."""

    def clean(session: Session) -> None:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in LEFT_ALONE:
                session.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608  # names of our own tables
        session.execute(delete(TeacherAssignment).where(TeacherAssignment.assigned_at > START))
        session.execute(delete(StaffRole).where(StaffRole.granted_at > START))
        session.execute(delete(Adult).where(Adult.created_at > START))
        session.execute(update(StaffRole).values(on_leave=False).where(StaffRole.on_leave))
        touched = or_(Item.disputed, Item.decided_value.is_not(None))
        session.execute(update(Item).where(touched).values(disputed=False, decided_value=None, decided_line_id=None))

    portal.database.write(clean)
    portal.keys.clear()
