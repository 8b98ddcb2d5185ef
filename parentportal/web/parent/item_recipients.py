"""The second door to a child's data: who gets what, and who at school may read what."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.catalogue import categories, grounds, never_a_switch
from parentportal.reads import item_recipients, items
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.pages import page
from parentportal.web.parent.items import chips
from parentportal.web.parent.room import blueprint
from parentportal.web.parent.slugs import RECIPIENT_OF, RECIPIENT_SLUG_OF
from parentportal.web.portal import reading

KINDS = ("processor", "legal", "internal", "consent", "public")
ICONS = {"processor": "settings", "legal": "gov", "internal": "school", "consent": "hand", "public": "eye"}


@blueprint.get("/kinderen/<uuid:pupil_id>/ontvangers")
@allow(Role.GUARDIAN)
def child_recipients(pupil_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        children, child, held = items.list_held(session, pupil_id, by=visitor)
        policy = items.get_policy(session, by=visitor)
    receivers = item_recipients.list_receivers(policy, held)
    return page(
        "parent/items/recipients.html",
        child=child,
        chips=chips(children, child),
        groups=[(kind, [one for one in receivers if one.recipient.kind == kind]) for kind in KINDS],
        icons=ICONS,
        slugs=RECIPIENT_SLUG_OF,
    )


@blueprint.get("/kinderen/<uuid:pupil_id>/ontvangers/<recipient>")
@allow(Role.GUARDIAN)
def child_recipient(pupil_id: UUID, recipient: str) -> ResponseReturnValue:
    if recipient not in RECIPIENT_OF:
        raise NotFound
    visitor = this_visitor()
    with reading() as session:
        _children, child, held = items.list_held(session, pupil_id, by=visitor)
        policy = items.get_policy(session, by=visitor)
    receiver = item_recipients.get_receiver(policy, RECIPIENT_OF[recipient], held)
    code = receiver.recipient.code
    return page(
        "parent/items/recipient.html",
        child=child,
        receiver=receiver,
        one=receiver.recipient,
        ground=grounds()[receiver.recipient.ground],
        reasons=[fixed.reason for fixed in never_a_switch().values() if fixed.recipient == code],
        groups=_by_card(receiver),
        terms=policy.processor_terms,
        of_parent=", ".join(_(one.label) for one in receiver.of_parent),
        names=", ".join(_(name) for name in (receiver.recipient.name, *receiver.alternatives)),
    )


def _by_card(receiver: item_recipients.Receiver) -> list[tuple[str, list[item_recipients.Given]]]:
    """What is given, under the titles of the cards, in their order."""
    found = [
        (card.title, [given for given in receiver.given if given.field.category == card.code])
        for card in categories().values()
    ]
    return [(title, given) for title, given in found if given]


@blueprint.get("/wie-mag-wat-zien")
@allow(Role.GUARDIAN)
def access() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        policy = items.get_policy(session, by=visitor)
    rows = item_recipients.list_access(policy)
    titles = {row.reader.code: ", ".join(_(card.title) for card in row.cards) for row in rows}
    return page("parent/items/access.html", rows=rows, titles=titles, as_stated=policy.readers.as_stated)
