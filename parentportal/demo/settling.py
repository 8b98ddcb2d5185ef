"""The administration of the demo confirms who has authority and prints letters; parents make their accounts."""

from uuid import UUID

from sqlalchemy import select

from parentportal.access import Visitor
from parentportal.demo.accounts import activate
from parentportal.demo.beginning import ADMINISTRATION
from parentportal.demo.cast import Child, Tie
from parentportal.demo.town import Town
from parentportal.models.authority import Authority
from parentportal.rules.authority import SCOPED, Evidence, Status
from parentportal.rules.roles import Role
from parentportal.services import authority, invitations, people

#: Parents make their accounts over so many days, a few a day.
DAYS_TO_ACTIVATE = 5
FIRST_LETTERS = 39


def join_doubles(town: Town) -> None:
    """A teacher who is a parent too stands there twice; the administration makes one person of it."""
    for parent in town.cast.parents():
        if parent.same_as is None:
            continue
        with town.visit(ADMINISTRATION["99AA"], Role.ADMINISTRATION, "99AA") as visitor:
            town.act(people.merge, town.adults[parent.same_as], town.adults[parent.key], by=visitor)
        town.adults[parent.key] = town.adults[parent.same_as]


def confirm_authority(town: Town, brin: str) -> None:
    """One by one where somebody must look, and all ordinary families together."""
    with town.visit(ADMINISTRATION[brin], Role.ADMINISTRATION, brin) as visitor:
        for family in town.cast.families_of(brin):
            for child in family.children:
                for tie in child.ties:
                    _look_at(town, child, tie, visitor)
        while shown := _families_to_confirm(town, visitor):
            town.act(authority.confirm_families, seen=shown, by=visitor)


def _look_at(town: Town, child: Child, tie: Tie, visitor: Visitor) -> None:
    authority_id = _authority_id(town, child, tie)
    if tie.kind is not None and tie.evidence is not None and tie.evidence is not Evidence.DELIVERY:
        town.act(
            authority.confirm,
            authority_id,
            seen=Status.UNKNOWN,
            kind=tie.kind,
            evidence=tie.evidence,
            for_school=tie.kind in SCOPED,
            by=visitor,
        )
    if tie.flags:
        town.act(authority.set_flags, authority_id, flags=tie.flags, by=visitor)


def _authority_id(town: Town, child: Child, tie: Tie) -> UUID:
    with town.database.read() as session:
        return session.scalars(
            select(Authority.id).where(
                Authority.board_id == town.board_id,
                Authority.pupil_id == town.pupils[child.key],
                Authority.adult_id == town.adults[tie.parent],
            )
        ).one()


def _families_to_confirm(town: Town, visitor: Visitor) -> str | None:
    with town.database.read() as session:
        families = authority.list_bulk_families(session, by=visitor)
    return authority.fingerprint(families) if families else None


def invite(town: Town, brin: str) -> None:
    """Print letters for everybody; the parents of the demo use theirs in the days after."""
    with town.visit(ADMINISTRATION[brin], Role.ADMINISTRATION, brin) as visitor:
        letters = town.act(invitations.invite_school, town.schools[brin], by=visitor)
    codes = {letter.adult_id: letter.code for letter in letters}
    born = {tie.parent: child.born for child in town.cast.children() for tie in child.ties if tie.kind is not None}
    waiting = [parent for family in town.cast.families_of(brin) for parent in family.parents if parent.account]
    for number, parent in enumerate(waiting):
        town.go_to(FIRST_LETTERS - 1 - number % DAYS_TO_ACTIVATE, 19, number)
        adult_id = town.adults[parent.key]
        activate(town, adult_id, codes[adult_id], parent.email, born[parent.key], language=parent.language)
