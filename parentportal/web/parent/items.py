"""A child's registered data: by kind, one kind opened, and what is shown only after asking."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import items as reads
from parentportal.reads.children import Child, list_children
from parentportal.rules.authority import Hidden, hidden_by
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services import items
from parentportal.web.fields import PortalForm, new_key
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.parent.item_lines import held_back, line, lists
from parentportal.web.parent.room import blueprint
from parentportal.web.parent.slugs import CATEGORY_OF, SLUG_OF
from parentportal.web.portal import act_once, reading

TOKEN = "toon"
LATER = frozenset({"learning", "attendance", "care"})
"""Cards whose content lies in formats that the portal does not read yet."""

ICONS = {
    "names": "card",
    "contact": "phone",
    "school": "school",
    "learning": "book",
    "attendance": "calendar",
    "care": "heart",
    "origin": "person",
    "numbers": "list",
    "guardians": "persons",
    "images": "camera",
    "digital": "settings",
    "consent": "tick",
}

ROOM_OF.update(
    {
        f"parent.{name}": "parent.items"
        for name in ("child_items", "child_category", "child_recipients", "child_recipient", "own_data", "access")
    }
)


@blueprint.get("/gegevens", endpoint="items")
@allow(Role.GUARDIAN)
def show_items() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        children = list_children(session, visitor, board_id=visitor.board_id)
    return page("parent/items/index.html", children=[(child, about(child, children)) for child in children])


@blueprint.get("/kinderen/<uuid:pupil_id>/gegevens")
@allow(Role.GUARDIAN)
def child_items(pupil_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        shown = reads.get_overview(session, pupil_id, by=visitor)
    return page(
        "parent/items/overview.html",
        shown=shown,
        chips=chips(shown.children, shown.child),
        about=about(shown.child, shown.children),
        icons=ICONS,
        slugs=SLUG_OF,
    )


@blueprint.get("/kinderen/<uuid:pupil_id>/gegevens/<category>")
@allow(Role.GUARDIAN)
def child_category(pupil_id: UUID, category: str) -> ResponseReturnValue:
    visitor = this_visitor()
    code = category_of(category)
    with reading() as session:
        shown = reads.get_category(session, pupil_id, code, by=visitor, token=request.args.get(TOKEN, ""))
    key = new_key()
    token = request.args.get(TOKEN) if not shown.is_closed else None
    held = held_back()

    def reveal(item_id: UUID) -> str:
        return url_for(".reveal_number", pupil_id=pupil_id, item_id=item_id, toon=token)

    return page(
        "parent/items/category.html",
        key=key,
        shown=shown,
        chips=chips(shown.children, shown.child, category),
        lines=[line(row, reveal, key, held) for row in shown.rows if row.is_told_apart],
        lists=lists(shown.rows),
        comes_later=code in LATER,
        slug=category,
    )


@blueprint.post("/kinderen/<uuid:pupil_id>/gegevens/<category>/tonen")
@allow(Role.GUARDIAN)
def reveal_category(pupil_id: UUID, category: str) -> ResponseReturnValue:
    visitor = this_visitor()
    code = category_of(category)
    return act_once(
        PortalForm(),
        lambda unit: url_for(
            ".child_category",
            pupil_id=pupil_id,
            category=category,
            toon=items.reveal(unit, pupil_id, code, by=visitor),
        ),
    )


@blueprint.post("/kinderen/<uuid:pupil_id>/nummers/<uuid:item_id>/tonen")
@allow(Role.GUARDIAN, step_up=Act.REVEAL)
def reveal_number(pupil_id: UUID, item_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()

    def work(unit: Any) -> str:
        token = request.args.get(TOKEN, "")
        code, opened = items.reveal_number(unit, pupil_id, item_id, by=visitor, token=token)
        return url_for(".child_category", pupil_id=pupil_id, category=SLUG_OF[code], toon=opened)

    return act_once(PortalForm(), work)


def category_of(slug: str) -> str:
    """The card behind a Dutch address; `NotFound` when there is none."""
    if slug not in CATEGORY_OF:
        raise NotFound
    return CATEGORY_OF[slug]


def chips(children: Any, child: Child, category: str | None = None) -> list[dict[str, Any]]:
    """The viewer's children, on the same page of each."""
    return [
        {
            "name": one.call_name,
            "url": _address(one, category),
            "current": one.id == child.id,
        }
        for one in children
    ]


def _address(child: Child, category: str | None) -> str:
    if category:
        return url_for(".child_category", pupil_id=child.id, category=category)
    return url_for(".child_items", pupil_id=child.id)


def about(child: Child, children: Any) -> str:
    """Group and school of a child as far as this viewer may know; the school only where there are several."""
    hidden = hidden_by(child.flags)
    parts = []
    if child.group_name and Hidden.GROUP not in hidden:
        parts.append(_("groep %(name)s", name=child.group_name))
    if Hidden.SCHOOL not in hidden and len({one.school_id for one in children}) > 1:
        parts.append(child.school_name)
    return ", ".join(parts)
