"""The first days of the demo: the board, its people at work, the first files and the accounts of staff."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR, Visitor
from parentportal.db import Database
from parentportal.demo import files
from parentportal.demo.accounts import activate
from parentportal.demo.cast import Colleague, gather
from parentportal.demo.town import Town
from parentportal.models.boards import School
from parentportal.models.imports import SourceKey
from parentportal.outside.clock import FrozenClock, amsterdam_date
from parentportal.rules.roles import Role
from parentportal.services import boards, imports, staff
from parentportal.services.imports import Report
from parentportal.services.imports.known import GUARDIAN, PUPIL

HERE = Path(__file__).parent
#: So long ago the demo's life in the portal began.
WEEKS = 6
ADMINISTRATION = {"99AA": "petra", "99AB": "gerda"}


class Refused(RuntimeError):
    """A file of the demo was not taken in; `reason` is the code of the import."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report.filename}: {report.outcome} {report.reason}")


def begin(database: Database, clock: FrozenClock, today: datetime) -> Town:
    """Load the board; nobody is there yet."""
    board = (HERE / "waterlijn.toml").read_text(encoding="utf-8")
    cast = gather(amsterdam_date(today))
    clock.set_to(today)
    town = Town(database, clock, today, cast, board_id=UUID(int=0), schools={})
    town.go_to(7 * WEEKS, 9)
    town.board_id = database.write(lambda session: boards.load(session, board, by=OPERATOR)).board_id
    with database.read() as session:
        rows = session.execute(select(School.brin, School.id).where(School.board_id == town.board_id))
        town.schools = {str(row.brin): row.id for row in rows}
    return town


def hire(town: Town, *, with_groups: bool) -> None:
    """Add the people who work there: those without a group first, teachers once their groups are there."""
    for colleague in town.cast.staff:
        if bool(colleague.groups) is with_groups:
            _hire(town, colleague)


def _hire(town: Town, colleague: Colleague) -> None:
    school_id = town.schools[colleague.brin] if colleague.brin else None
    added = town.write(
        lambda session: staff.add(
            session,
            town.board_id,
            school_id,
            role=colleague.role,
            name=colleague.name.display(),
            email=colleague.email,
            group_names=colleague.groups,
            by=OPERATOR,
        )
    )
    town.adults[colleague.key] = added.adult_id
    if added.letter is None:
        raise LookupError(f"{colleague.key} has an account already")
    activate(town, added.adult_id, added.letter.code, colleague.email)


def deliver(town: Town, brin: str, *, turn: int = 0) -> None:
    """Let the administration of a school bring its files, look at what they change, and apply them."""
    made = files.school_files(town.cast, brin, amsterdam_date(town.clock.now()), turn=turn)
    with town.visit(ADMINISTRATION[brin], Role.ADMINISTRATION, brin) as visitor:
        for one in made:
            _apply(town, town.schools[brin], one.name, one.content, visitor)


def _apply(town: Town, school_id: UUID, name: str, content: bytes, visitor: Visitor) -> None:
    parsed = imports.parse(content, name)
    looked_at = town.write(lambda session: imports.receive(session, school_id, parsed, by=visitor))
    if looked_at.outcome == "no-change":
        return
    report = town.write(lambda session: imports.apply(session, looked_at.delivery_id, parsed, confirm=True, by=visitor))
    if report.outcome != "applied":
        raise Refused(report)


def learn_ids(town: Town) -> None:
    """Find everybody whom the files brought, by the keys under which the source system knows them."""
    with town.database.read() as session:
        pupils, adults = (_known(session, town.board_id, kind) for kind in (PUPIL, GUARDIAN))
    town.pupils |= {key: pupils[number] for key, number in files.pupil_keys(town.cast).items()}
    town.adults |= {key: adults[number] for key, number in files.parent_keys(town.cast).items()}


def _known(session: Session, board_id: UUID, kind: str) -> dict[str, UUID]:
    rows = session.execute(
        select(SourceKey.value, SourceKey.object_id).where(SourceKey.board_id == board_id, SourceKey.kind == kind)
    )
    return {row.value: row.object_id for row in rows}
