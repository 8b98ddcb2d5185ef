"""Parents of the demo answer the questions about consent, and some change their mind."""

from collections.abc import Mapping

from sqlalchemy import select

from parentportal.demo.beginning import ADMINISTRATION
from parentportal.demo.town import Town
from parentportal.models.tasks import Task
from parentportal.reads import consents as reads
from parentportal.rules.consents import Choice
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskState
from parentportal.services import consents, tasks

DONE = "Overgenomen en nagekeken."

#: Who answers about whom, so many days ago: "yes" to every card but those named here.
FIRST_ANSWERS: tuple[tuple[int, str, str, frozenset[str]], ...] = (
    (36, "noor", "sem", frozenset({"social-use"})),
    (36, "noor", "lot", frozenset({"social", "social-use"})),
    (35, "ravi", "asha", frozenset({"social", "website", "guide"})),
    (34, "daan", "sem", frozenset({"social", "class-list"})),
    (33, "femke", "jip", frozenset()),
    (33, "femke", "mees", frozenset()),
    (32, "marieke", "finn", frozenset({"website", "newsletter", "social", "guide", "class-list"})),
    (31, "samira", "ilyas", frozenset({"social"})),
    (30, "lisa", "tess", frozenset({"guide"})),
)
#: Who takes which card back, so many days ago.
SECOND_THOUGHTS: tuple[tuple[int, str, str, str], ...] = (
    (12, "noor", "sem", "social"),
    (9, "femke", "jip", "website"),
    (3, "noor", "sem", "website"),
)


def answer(town: Town) -> None:
    """Everybody's first answers."""
    for number, (days, parent, child, no) in enumerate(FIRST_ANSWERS):
        town.go_to(days, 20, number)
        _decide(town, parent, child, {"": Choice.YES} | dict.fromkeys(no, Choice.NO))


def think_again(town: Town, *, after: int, until: int) -> None:
    """The changes of mind between so many days ago and so many."""
    for days, parent, child, card in SECOND_THOUGHTS:
        if after > days >= until:
            town.go_to(days, 21)
            _decide(town, parent, child, {card: Choice.NO})


def carry_over(town: Town) -> None:
    """The administrations do what the first answers asked of them, and so keep up with their lists."""
    for brin, key in ADMINISTRATION.items():
        with town.visit(key, Role.ADMINISTRATION, brin) as visitor:
            with town.database.read() as session:
                open_tasks = session.scalars(
                    select(Task.id).where(
                        Task.board_id == town.board_id,
                        Task.school_id == visitor.school_id,
                        Task.consent_item_id.is_not(None),
                        Task.state == TaskState.OPEN,
                        Task.role == Role.ADMINISTRATION,
                    )
                ).all()
            for task_id in open_tasks:
                town.act(tasks.finish, task_id, TaskState.DONE, DONE, by=visitor)


def _decide(town: Town, parent: str, child: str, choices: Mapping[str, Choice]) -> None:
    """Answer by card; the empty card stands for all that are not named."""
    with town.visit(parent, Role.GUARDIAN) as visitor:
        with town.database.read() as session:
            page = reads.get_page(session, town.pupils[child], by=visitor)
        asked = [(choices.get(card.code, choices.get("")), row) for card in page.cards for row in card.rows]
        answers = {row.item_id: choice for choice, row in asked if choice is not None}
        wordings = {row.item_id: row.wording_id for _, row in asked}
        town.act(consents.decide, town.pupils[child], answers, wordings, by=visitor)
