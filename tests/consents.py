"""Shorthand for tests about consents: who asks, which question, what counts."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.consents import ConsentItem
from parentportal.models.tasks import Task
from parentportal.outside import codes
from parentportal.outside.clock import FrozenClock
from parentportal.reads import consent_standing
from parentportal.reads.visitors import find_visitor
from parentportal.rules.consents import Choice, Effective
from parentportal.services import consents
from tests.people import ROLES_OF, People
from tests.sessions import add_session
from tests.visit import Visit

WEB_PHOTO = "BM-F-WEB"
YES, NO = Choice.YES, Choice.NO


class School:
    """The cast with its consents: `school.says("noor", "sem", {WEB_PHOTO: YES})`."""

    def __init__(self, database: Database, clock: FrozenClock, people: People) -> None:
        self.database, self.clock, self.people = database, clock, people
        self.visitors = self._sign_in()

    def _sign_in(self) -> dict[str, Visitor]:
        tokens = {name: codes.token() for name in ROLES_OF}

        def work(session: Session) -> None:
            for name, token in tokens.items():
                role, place = ROLES_OF[name]
                school_id = getattr(self.people, place) if place else None
                add_session(session, self.clock, token, getattr(self.people, name), role, school_id)

        self.database.write(work)
        with self.database.read() as session:
            found = {name: visitor for name, token in tokens.items() if (visitor := find_visitor(session, token))}
        assert found.keys() == tokens.keys()
        return found

    def visitor(self, name: str) -> Visitor:
        """Somebody of the cast, signed in in the usual role; everybody has an account with an address."""
        return self.visitors[name]

    def pupil(self, name: str) -> UUID:
        return UUID(str(getattr(self.people, name)))

    def item(self, code: str, board: UUID | None = None) -> UUID:
        with self.database.read() as session:
            item_id = session.scalar(
                select(ConsentItem.id).where(
                    ConsentItem.board_id == (board or self.people.waterlijn), ConsentItem.code == code
                )
            )
        assert item_id is not None
        return item_id

    def wordings(self, board: UUID | None = None, *, language: str = "nl") -> dict[UUID, UUID]:
        """The newest words of every question in a language, in Dutch where that has none."""
        with self.database.read() as session:
            found = consent_standing.list_questions(session, board or self.people.waterlijn, language=language)
        return {item_id: question.wording.id for item_id, question in found.by_id.items()}

    def says(self, name: str, pupil: str, answers: Mapping[str, Choice], *, language: str = "nl") -> UUID | None:
        """Somebody chooses on the newest words of a language; answers with the receipt."""
        chosen = {self.item(code): choice for code, choice in answers.items()}
        wordings = self.wordings(language=language)
        return self.database.write(
            lambda session: consents.decide(session, self.pupil(pupil), chosen, wordings, by=self.visitor(name))
        )

    def counts(self, pupil: str, code: str, adult: str | None = None) -> Effective:
        """What counts now for a child."""
        adult_id = getattr(self.people, adult) if adult else None
        with self.database.read() as session:
            standing = consents.standing(session, self.people.waterlijn, self.pupil(pupil))
        question = standing.questions.by_id[self.item(code)]
        return standing.around.judge(question, self.clock.now(), adult_id=adult_id)

    def tasks(self) -> list[tuple[str, str, str]]:
        """Every task: kind, where, state."""
        with self.database.read() as session:
            rows = session.execute(select(Task.kind, Task.system_name, Task.state).order_by(Task.id)).all()
        return [(row.kind.value, row.system_name, row.state.value) for row in rows]


def statements(database: Database, visit: Visit, path: str) -> int:
    """How many statements one page costs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert visit.raw("GET", path).status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert seen, "the counter sees nothing"
    return len(seen)
