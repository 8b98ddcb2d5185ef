"""Boards: loading a board file makes or updates the board, its schools and its questions."""

import hashlib
import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal import catalogue
from parentportal.access import Actor
from parentportal.catalogue import BoardPolicy
from parentportal.models.base import new_id
from parentportal.models.boards import Board, BoardPolicyVersion, School, SchoolKind
from parentportal.models.consents import ConsentItem
from parentportal.outside import clock
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound
from parentportal.rules.identity import check_brin
from parentportal.rules.names import accent_free, tidy
from parentportal.rules.sentences import N_
from parentportal.services import audit, consent_wordings


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a board file did; equal to the version in force changes nothing."""

    board_id: UUID
    name: str
    version: int
    changed: bool
    new_schools: int
    new_questions: int
    new_wordings: int


def load(session: Session, text: str, *, by: Actor) -> Loaded:
    """Make or update a board from its file; raises `CatalogueError` with every fault, and then writes nothing."""
    policy = catalogue.load_board(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    board = _board(session, policy)
    newest = session.execute(
        select(BoardPolicyVersion.version, BoardPolicyVersion.sha256)
        .where(BoardPolicyVersion.board_id == board.id)
        .order_by(BoardPolicyVersion.version.desc())
        .limit(1)
    ).first()
    changed = newest is None or newest.sha256 != sha256
    version = (newest.version if newest else 0) + changed
    if changed:
        session.add(
            BoardPolicyVersion(
                id=new_id(),
                board_id=board.id,
                version=version,
                source=text,
                sha256=sha256,
                loaded_at=clock.now(session),
            )
        )
    schools = _add_schools(session, board, policy)
    questions, wordings = _sync_questions(session, board, policy)
    done = Loaded(board.id, board.name, version, changed, schools, questions, wordings)
    if changed or schools or questions or wordings:
        audit.record(
            session,
            Event.BOARD_LOADED,
            by=by,
            board_id=board.id,
            about=("board", board.id),
            detail={"version": version, "schools": schools, "questions": questions, "wordings": wordings},
            content=sha256,
        )
    return done


def add(session: Session, name: str, *, by: Actor) -> Loaded:
    """Make a board with the default policy. Raises `Invalid` for a name that is empty or taken."""
    name = tidy(name)
    code = re.sub(r"[^a-z0-9]+", "-", accent_free(name).removeprefix("stichting ")).strip("-")
    if not code:
        raise Invalid({"name": N_("Vul de naam van het bestuur in.")})
    taken = {entry.casefold() for row in session.execute(select(Board.code, Board.name)) for entry in row}
    if taken & {code, name.casefold()}:
        raise Invalid({"name": N_("Er is al een bestuur met deze naam. Kies een andere naam.")})
    return load(session, catalogue.default_board_text(code, name), by=by)


@dataclass(frozen=True, slots=True)
class AddedSchool:
    """A school with its number; `completed` when the board file had named it without one."""

    school_id: UUID
    board_id: UUID
    brin: str
    branch: str
    name: str
    place: str
    completed: bool


def add_school(
    session: Session,
    board_id: UUID,
    *,
    brin: str,
    name: str,
    place: str,
    kind: SchoolKind = SchoolKind.PRIMARY,
    by: Actor,
) -> AddedSchool:
    """Add a school, or give the one of that name and place its number.

    Raises `Invalid` for what is missing, for a number that is none, and for one that another school has.
    """
    if session.get(Board, board_id) is None:
        raise NotFound
    name, place = tidy(name), tidy(place)
    number = check_brin(brin)
    _refuse_faults(name, place, well_formed=number.doubt is None)
    code, branch = number.value[:4], number.value[4:]
    same_number = session.scalar(select(School).where(School.brin == code, School.branch == branch))
    school = session.scalar(
        select(School).where(School.board_id == board_id, School.name == name, School.place == place)
    )
    if same_number is not None and same_number is not school:
        values = {"number": number.value, "school": same_number.name}
        raise Invalid({"brin": N_("Nummer %(number)s is al van %(school)s. Controleer het nummer.", **values)})
    if school is not None and school.brin and (school.brin, school.branch) != (code, branch):
        values = {"number": f"{school.brin}{school.branch}", "school": school.name}
        raise Invalid({"brin": N_("%(school)s heeft al nummer %(number)s. Controleer het nummer.", **values)})
    completed = school is not None
    if school is None:
        school = School(id=new_id(), board_id=board_id, name=name, place=place, created_at=clock.now(session))
        school.kind = kind
        session.add(school)
    changed = (school.brin, school.branch) != (code, branch)
    school.brin, school.branch = code, branch
    session.flush()
    if changed:
        audit.record(session, Event.SCHOOL_ADDED, by=by, board_id=board_id, about=("school", school.id))
    return AddedSchool(school.id, board_id, code, branch, name, place, completed)


def _refuse_faults(name: str, place: str, *, well_formed: bool) -> None:
    problems = {}
    if not name:
        problems["name"] = N_("Vul de naam van de school in.")
    if not place:
        problems["place"] = N_("Vul de plaats van de school in.")
    if not well_formed:
        problems["brin"] = N_(
            "Vul het BRIN in: twee cijfers en twee letters, en als die er is de vestiging: 12AB of 12AB01."
        )
    if problems:
        raise Invalid(problems)


def _board(session: Session, policy: BoardPolicy) -> Board:
    board = session.scalar(select(Board).where(Board.code == policy.code))
    if board is None:
        board = Board(id=new_id(), code=policy.code, name=policy.name, created_at=clock.now(session))
        session.add(board)
        session.flush()
    board.name = policy.name
    return board


def _add_schools(session: Session, board: Board, policy: BoardPolicy) -> int:
    known = {
        (school.name, school.place): school
        for school in session.scalars(select(School).where(School.board_id == board.id))
    }
    added = 0
    for entry in policy.schools:
        school = known.get((entry.name, entry.place))
        if school is None:
            added += 1
            school = School(
                id=new_id(), board_id=board.id, name=entry.name, place=entry.place, created_at=clock.now(session)
            )
            session.add(school)
        school.kind = SchoolKind(entry.kind)
        if entry.brin:
            school.brin, school.branch = entry.brin, entry.branch
    session.flush()
    return added


def _sync_questions(session: Session, board: Board, policy: BoardPolicy) -> tuple[int, int]:
    """Offer exactly the questions of the policy; what is no longer asked is retired, its history stays."""
    known = {item.code: item for item in session.scalars(select(ConsentItem).where(ConsentItem.board_id == board.id))}
    now = clock.now(session)
    cards = {code: (card.code, card.title) for card in policy.cards for code in card.items}
    added = wordings = 0
    for position, code in enumerate(policy.items):
        source = catalogue.consent_items()[code]
        item = known.pop(code, None)
        if item is None:
            added += 1
            item = ConsentItem(id=new_id(), board_id=board.id, code=code, offered_at=now)
            session.add(item)
        card, title = cards.get(code, (code, source.title))
        item.card, item.position, item.retired_at = card, position, None
        item.subject, item.rule = source.subject, source.rule
        item.terms = _terms(source, title)
        session.flush()
        wordings += consent_wordings.publish(session, board.id, item.id, source)
    for item in known.values():
        item.retired_at = item.retired_at or now
    session.flush()
    return added, wordings


def _terms(source: catalogue.ConsentItem, card_title: str) -> dict[str, object]:
    """The catalogue's data of a question that is not wording."""
    return {
        "card_title": card_title,
        "family": source.family,
        "section": source.section,
        "kind": source.kind,
        "medium": source.medium,
        "channel": source.channel,
        "level": source.level,
        "scope": source.scope,
        "explicit": source.explicit,
        "follow_ups": list(source.follow_ups),
        "printed": source.printed,
        "blocked_by_safety": source.blocked_by_safety,
        "recipients": list(source.recipients),
        "retention": source.retention,
        "purpose": source.purpose,
        "meaning": source.version,
    }
