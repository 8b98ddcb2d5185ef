"""One real object of Noor, Sem and De Regenboog for every place in an address."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.consents import Channel
from parentportal.models.counter_recoveries import Identity
from parentportal.models.groups import TeacherAssignment
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.people import StaffRole
from parentportal.models.privacy_requests import RequestLine
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.services import consents, counter_recoveries, privacy_requests
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.deliveries import edexml, look
from tests.house.doors import DOORS
from tests.house.walking import Door
from tests.people import People
from tests.services.story import item_id, send
from tests.sessions import open_session
from tests.ways_in import give_app, give_passkey, session_of

AFTER_SENDING = ("parent.privacy_request", "parent.request_sent", "parent.stop_request", "parent.disagree")
"""Doors to a request that was sent; the others lead to a draft."""

WORDS: Mapping[str, str] = {
    "category": "contact",
    "recipient": "parnassys",
    "code": "AAAA-BBBB-CCCC-DDDD",
    "token": "een-link-uit-een-mail",
    "slug": "aanpassen",
    "language": "en",
    "name": "reveal",
}


BEFORE = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Objects(Mapping[str, object]):
    """Place in an address to object; the same place may mean another thing at another door."""

    def __init__(self, common: Mapping[str, object], special: Mapping[tuple[str, str], object]) -> None:
        self._common, self._special = dict(common), dict(special)

    def __getitem__(self, place: str) -> object:
        return self._common[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._common)

    def __len__(self) -> int:
        return len(self._common)

    @property
    def owned(self) -> frozenset[str]:
        """Places that hold something of somebody, and not a word from a closed list."""
        return frozenset(place for place, value in self._common.items() if isinstance(value, UUID))

    def at(self, door: Door) -> dict[str, object]:
        """What stands in the address of one door."""
        return {place: self._special.get((door.endpoint, place), self._common[place]) for place in door.places}


def letter_in_place_of_mail(people: People, printed_at: datetime | None) -> PaperNotice:
    return PaperNotice(
        board_id=people.waterlijn,
        school_id=people.regenboog,
        adult_id=people.noor,
        template="news",
        created_at=BEFORE,
        printed_at=printed_at,
        printed_by_id=people.petra if printed_at else None,
    )


def gather(database: Database, clock: FrozenClock, people: People) -> Objects:
    """Let Noor choose, change her mind and ask; let Petra offer a file; and note the ids of all that."""
    school = School(database, clock, people)
    school.says("noor", "sem", {WEB_PHOTO: YES})
    receipt = school.says("noor", "sem", {WEB_PHOTO: NO})
    noor = school.visitor("noor")
    phone = item_id(database, people.sem, "pupil.phone")
    draft = database.write(lambda s: privacy_requests.start(s, phone, Kind.RECTIFICATION, "0612345678", by=noor))
    place = item_id(database, people.sem, "pupil.birth_place")
    case = send(database, noor, {place: "Winterveen"})
    delivery = look(database, people, edexml()).delivery_id
    with database.read() as session:
        line = session.scalar(select(RequestLine.id).where(RequestLine.request_id == draft))
        task = session.scalar(select(Task.id))
        role = session.scalar(select(StaffRole.id).where(StaffRole.role == Role.TEACHER))
        assignment = session.scalar(select(TeacherAssignment.id).where(TeacherAssignment.adult_id == people.ilse))
        authority = session.scalar(select(Authority.id).where(Authority.id == people.noor_of_sem))
    photo = school.item(WEB_PHOTO)
    wordings = school.wordings()
    petra, today = school.visitor("petra"), clock.now().date()
    paper = database.write(
        lambda s: consents.record_on_paper(
            s,
            people.sem,
            people.daan,
            {photo: YES},
            wordings,
            received_on=today,
            channel=Channel.PAPER,
            by=petra,
        )
    )
    asks_help: dict[str, Any] = {"identity": Identity.DOCUMENT, "second_id": people.hanna, "by": petra}
    recovery = database.write(lambda s: counter_recoveries.ask(s, people.ravi, **asks_help))
    database.write(lambda s: s.add_all(letter_in_place_of_mail(people, at) for at in (None, clock.now())))
    common = {
        "pupil_id": people.sem,
        "adult_id": people.noor,
        "group_id": people.group5,
        "item_id": phone,
        "receipt_id": receipt,
        "request_id": draft,
        "line_id": line,
        "delivery_id": delivery,
        "task_id": task,
        "role_id": role,
        "assignment_id": assignment,
        "authority_id": authority,
        "recovery_id": recovery,
        "passkey_id": give_passkey(database, clock, people.noor)[1],
        "app_id": give_app(database, clock, people.noor)[1],
        "session_id": session_of(database, open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)),
        "keep_id": people.noor,
        "gone_id": people.daan,
        **WORDS,
    }
    return Objects(common, special_at(photo=photo, case=case, paper=paper, colleague=people.bas))


def special_at(*, photo: object, case: object, paper: object, colleague: object) -> dict[tuple[str, str], object]:
    """What a place means at the doors where it is another thing than elsewhere."""
    special = {
        ("school.group_sheet", "item_id"): photo,
        ("parent.undo_consent", "item_id"): photo,
        ("school.paper_letter", "receipt_id"): paper,
    }
    to_staff = ("staff_letter", "reissue_staff_letter", "revoke_staff_letter")
    special |= {(f"school.{endpoint}", "adult_id"): colleague for endpoint in to_staff}
    sent = [endpoint for endpoint in DOORS if endpoint.endswith(("_request", "_proposal", "_outcome", "_guardian"))]
    special |= {(endpoint, "request_id"): case for endpoint in sent if endpoint.startswith("school.")}
    return special | {(endpoint, "request_id"): case for endpoint in AFTER_SENDING}
