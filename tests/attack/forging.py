"""Z2: forged ids in every path, query, field and body that somebody can send; nothing foreign is shown or changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import has_request_context
from sqlalchemy.orm import Session

from parentportal.reads import children
from tests.attack.doors import Count
from tests.attack.forger import VALUES, Done, Forger, Names
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.attack.strangers import ATTACKERS, Town
from tests.cheap_passwords import cheap_passwords


def forge(portal: Portal, dose: int) -> Result:
    """The first `dose` people, each at every door of their role and with every form on all pages; else a sample."""
    town, asked, names, done = Town(portal), Count(portal.app), Names(portal.app), Done()
    people = [make(town) for make in ATTACKERS[:dose]]
    found: list[str] = []
    with cheap_passwords():
        for one in people:
            forger = Forger(portal, one, names, done, whole=dose == len(ATTACKERS))
            found += [f"{one.name}: {what}" for what in forger.run()]
    return Result(
        f"{asked.number:,} requests of {dose} people, {VALUES} values each: {done.paths:,} paths, "
        f"{done.parameters} query parameters, {done.fields} parameters of {done.forms} forms "
        f"({done.accepted} of these taken, {done.gone} forms gone), {done.rows:,} rows of others compared",
        f"{len(found)} foreign reads and writes {'; '.join(found[:3])}".strip(),
        not found,
    )


@contextmanager
def family_of_everybody(portal: Portal) -> Iterator[None]:
    """Whoever asks for a page as a guardian of the board is taken for Noor, as without the owner in the query."""
    look_up = children.fetch

    def as_noor(session: Session, statement: Any, **given: Any) -> Any:
        who = {"adult": portal.people.noor} if has_request_context() else {}
        return look_up(session, statement, **given | who)

    with patch.object(children, "fetch", as_noor):
        yield


ROWS = (
    Row(
        "Z2",
        "forged values in paths, queries, every field and JSON",
        "0 foreign reads, 0 foreign writes",
        forge,
        family_of_everybody,
        "children are found without their guardian",
        small=2,
        full=len(ATTACKERS),
        controlled=1,
    ),
)
