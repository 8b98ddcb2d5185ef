"""Parents of the demo ask for corrections and removals; staff are in the middle of answering them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from parentportal.demo.town import Town
from parentportal.models.items import Item
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.models.tasks import Task
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.services import privacy_requests as service
from parentportal.services import tasks
from parentportal.services.privacy_requests import LineDecision, Proposal
from parentportal.services.privacy_requests.drafting import MOST_LINES

Person = tuple[str, Role, str]
DIRECTOR: Person = ("hanna", Role.DIRECTOR, "99AA")
ILSE: Person = ("ilse", Role.TEACHER, "99AA")
BAS: Person = ("bas", Role.TEACHER, "99AA")
PETRA: Person = ("petra", Role.ADMINISTRATION, "99AA")


@dataclass(frozen=True, slots=True)
class Wish:
    """One request as a parent makes it: about which item of whom, what it must become, and to whom it goes."""

    parent: str
    person: str
    field_code: str
    kind: Kind
    value: str = ""
    to: Role = Role.TEACHER
    why: str = ""


def ask(town: Town, wish: Wish, *, send: bool = True) -> UUID:
    """Write a request, and send it unless it stays a draft."""
    person_id = town.pupils.get(wish.person) or town.adults[wish.person]
    with town.database.read() as session:
        item_id = session.scalars(
            select(Item.id).where(
                Item.board_id == town.board_id, Item.person_id == person_id, Item.field_code == wish.field_code
            )
        ).one()
    with town.visit(wish.parent, Role.GUARDIAN) as visitor:
        request_id = town.act(service.start, item_id, wish.kind, wish.value, by=visitor)
        if wish.why:
            town.act(service.explain, request_id, wish.why, by=visitor)
        if send:
            town.act(service.choose_addressee, request_id, wish.to, by=visitor)
            town.act(service.send, request_id, by=visitor)
    return request_id


def version(town: Town, request_id: UUID) -> int:
    """Which version of the case somebody would have on the screen now."""
    with town.database.read() as session:
        return session.get_one(PrivacyRequest, request_id).version


def pick_up(town: Town, request_id: UUID, who: Person) -> None:
    """Somebody at school takes the case on."""
    with town.visit(*who) as visitor:
        town.act(service.pick_up, request_id, version=version(town, request_id), by=visitor)


def settle_tasks(town: Town, request_id: UUID, note: str) -> None:
    """The administration does in the school's own systems what was decided; the check after an import comes later."""
    with town.visit(*PETRA) as visitor:
        for task_id in _tasks(town, request_id):
            town.act(tasks.finish, task_id, TaskState.DONE, note, by=visitor)


def propose(town: Town, request_id: UUID, who: Person, proposal: Proposal) -> None:
    """A teacher lays the same outcome for every line before the director."""
    with town.visit(*who) as visitor:
        proposals = dict.fromkeys(range(MOST_LINES), proposal)
        town.act(service.propose, request_id, proposals, version=version(town, request_id), by=visitor)


def decide(town: Town, request_id: UUID, decision: LineDecision) -> None:
    """The director decides the same on every line."""
    with town.visit(*DIRECTOR) as visitor:
        decisions = dict.fromkeys(range(MOST_LINES), decision)
        town.act(service.decide, request_id, decisions, version=version(town, request_id), by=visitor)


def close(town: Town, request_id: UUID) -> None:
    """The director closes a case in which nothing is left to do."""
    with town.visit(*DIRECTOR) as visitor:
        town.act(service.close, request_id, version=version(town, request_id), by=visitor)


def _tasks(town: Town, request_id: UUID) -> list[UUID]:
    with town.database.read() as session:
        return list(
            session.scalars(
                select(Task.id).where(
                    Task.board_id == town.board_id,
                    Task.request_id == request_id,
                    Task.state == TaskState.OPEN,
                    Task.kind != TaskKind.CHECK_AFTER_IMPORT,
                )
            )
        )
