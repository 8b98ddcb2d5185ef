"""Verzoeken at school: the list of who handles them, and one case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import Visitor, allow
from parentportal.catalogue import BoardPolicy, refusal_grounds
from parentportal.reads import boards
from parentportal.reads import inbox as reads
from parentportal.reads.inbox import InboxRow, StaffCase, StaffEntry
from parentportal.rules.privacy_requests import Event, State, events_for
from parentportal.rules.roles import Role
from parentportal.rules.terms import Extension, extension, local_day, terms_of
from parentportal.services import privacy_requests as service
from parentportal.services.privacy_requests.deciding import may_grant
from parentportal.services.privacy_requests.letters import read_letter
from parentportal.web import request_words as words
from parentportal.web.guard import this_visitor
from parentportal.web.languages import moment, this_language
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF, role_name
from parentportal.web.pages import page
from parentportal.web.portal import act, reading, this_portal
from parentportal.web.school.request_forms import ActForm
from parentportal.web.school.room import blueprint

HANDLING = (Role.TEACHER, Role.DIRECTOR, Role.BOARD)
TABS = ("open", "bij-directie", "uitvoering", "klaar")
KINDS = {"aanpassen": "rectification", "weghalen": "erasure"}
ROOM_OF["school.privacy_request"] = "school.inbox"


@blueprint.get("/verzoeken")
@allow(*HANDLING)
def inbox() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        rows = reads.list_inbox(session, visitor)
    asked = {name: request.args.get(name, "") for name in ("welke", "soort", "groep", "termijn")}
    tab = asked["welke"] if asked["welke"] in _tabs_of(visitor) else "open"
    chosen = [row for row in rows if _tab(row, visitor) == tab and _fits(row, asked)]
    return page(
        "school/inbox/list.html",
        rows=chosen,
        tabs=_tabs(rows, visitor, tab),
        tab=tab,
        filters=_filters(rows, asked),
        is_teacher=visitor.role is Role.TEACHER,
        late=sum(row.is_late for row in rows),
        is_filtered=any(asked[name] for name in ("soort", "groep", "termijn")),
        words=words,
    )


@blueprint.get("/verzoeken/<uuid:request_id>")
@allow(*HANDLING)
def privacy_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        shown = reads.get_case(session, request_id, visitor)
        policy = boards.get_policy(session, visitor.policy_id)
    if shown.is_sensitive:
        act(service.note_sensitive_read, request_id, by=visitor)
    return page(
        "school/inbox/show.html",
        shown=shown,
        case=shown.case,
        form=None,
        act_form=ActForm(version=shown.case.version),
        may=_may(shown, visitor, policy),
        timeline=[line for line in map(_entry, shown.entries) if line],
        letter=_letter(shown),
        grounds=refusal_grounds(),
        words=words,
        back_url=url_for(".inbox"),
    )


def _tabs_of(visitor: Visitor) -> tuple[str, ...]:
    return ("open", "bij-directie", "klaar") if visitor.role is Role.TEACHER else ("open", "uitvoering", "klaar")


def _tab(row: InboxRow, visitor: Visitor) -> str:
    """Under which tab a request lies: a teacher's work ends at the proposal, the director's at closing."""
    if row.tab == "klaar":
        return "klaar"
    if visitor.role is Role.TEACHER:
        return {"voor-mij": "open", "bij-directie": "bij-directie"}.get(row.tab, "klaar")
    return "uitvoering" if row.tab == "uitvoering" else "open"


def _tabs(rows: Any, visitor: Visitor, current: str) -> list[dict[str, Any]]:
    names = {
        "open": _("Voor mij") if visitor.role is Role.TEACHER else _("Open"),
        "bij-directie": _("Bij directie"),
        "uitvoering": _("In uitvoering"),
        "klaar": _("Klaar"),
    }
    return [
        {
            "label": names[slug],
            "count": sum(_tab(row, visitor) == slug for row in rows),
            "url": url_for(".inbox", welke=slug),
            "current": slug == current,
        }
        for slug in _tabs_of(visitor)
    ]


def _filters(rows: Any, asked: dict[str, str]) -> list[dict[str, Any]]:
    groups = sorted({row.group_name for row in rows if row.group_name})
    return [
        {
            "name": "termijn",
            "label": _("Termijn"),
            "value": asked["termijn"],
            "options": [("", _("Alles")), ("te-laat", _("Te laat")), ("bijna", _("Bijna te laat"))],
        },
        {
            "name": "soort",
            "label": _("Soort"),
            "value": asked["soort"],
            "options": [("", _("Alles")), ("aanpassen", _("Iets aanpassen")), ("weghalen", _("Iets weghalen"))],
        },
        {
            "name": "groep",
            "label": _("Groep"),
            "value": asked["groep"],
            "options": [("", _("Alle groepen")), *((name, name) for name in groups)],
        },
    ]


def _fits(row: InboxRow, asked: dict[str, str]) -> bool:
    if asked["soort"] in KINDS and row.kind.value != KINDS[asked["soort"]]:
        return False
    if asked["groep"] and row.group_name != asked["groep"]:
        return False
    if asked["termijn"] == "te-laat":
        return row.is_late
    return asked["termijn"] != "bijna" or row.marker == "almost_late"


def _may(shown: StaffCase, visitor: Visitor, policy: BoardPolicy) -> dict[str, bool]:
    """What this reader can do now; the services decide again."""
    case, events = shown.case, events_for(shown.case.state, visitor.role)
    decides = visitor.role in (Role.DIRECTOR, Role.BOARD)
    changes = [(line.field.code, line.old, line.new) for line in case.lines]
    working = case.state is State.IN_PROGRESS
    starting = case.state in (State.ASSIGNED, State.REOPENED, State.OBJECTION_PENDING)
    return {
        "pick_up": Event.PICK_UP in events,
        "ask": Event.ASK in events,
        "propose": Event.PROPOSE in events,
        "grant": working and may_grant(policy, visitor.role, case.kind, changes),
        "pass": visitor.role is Role.TEACHER and case.is_open,
        "decide": decides and (working or starting or case.state is State.PROPOSED),
        "return": Event.RETURN in events,
        "extend": decides and Event.EXTEND in events and _may_extend(shown, policy),
        "close": Event.CLOSE in events,
        "reopen": Event.FIND_NEW_FACT in events,
        "decides": decides,
    }


def _may_extend(shown: StaffCase, policy: BoardPolicy) -> bool:
    if shown.received_on is None:
        return False
    terms = terms_of(shown.received_on, policy_days=policy.reply_days)
    today = local_day(this_portal().clock.now())
    return extension(terms, today, extended=shown.case.is_extended) is Extension.POSSIBLE


def _entry(entry: StaffEntry) -> dict[str, Any] | None:
    """One line or bubble of the history."""
    when = {"when": moment(entry.at, this_language()), "stamp": entry.at.isoformat()}
    icon, sentence = words.event_words(entry.event, entry.role)
    if entry.text and not read_letter(entry.text):
        role = role_name(entry.role) if entry.role else ""
        return {"icon": "person", "who": f"{entry.who}, {role}", "said": entry.text, "inside": entry.inside, **when}
    return {"icon": icon, "text": sentence, **when} if sentence else None


def _letter(shown: StaffCase) -> list[tuple[str, str]]:
    """The newest answer as the guardian reads it."""
    letters = [parts for parts in (read_letter(entry.text) for entry in shown.entries) if parts]
    return [(words.part_name(part), text) for part, text in letters[-1].items()] if letters else []
