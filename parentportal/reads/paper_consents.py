"""What the administration needs to enter a choice made on paper or at the desk, and the letter that goes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.authority import Authority
from parentportal.models.boards import School
from parentportal.models.consents import Channel, ConsentReceipt
from parentportal.models.people import Adult, Pupil
from parentportal.outside import clock
from parentportal.reads.children import holds_authority
from parentportal.reads.consent_standing import Question, field_of, is_asked, list_around, list_questions
from parentportal.reads.consents import Receipt, make_receipt, receipt_query
from parentportal.reads.group_sheets import GroupRow, group_with_pupils
from parentportal.rules.authority import CAPABILITIES, Capability, Relation
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import Role

MAY_RECORD = frozenset({Role.ADMINISTRATION, Role.DIRECTOR})


@dataclass(frozen=True, slots=True)
class Decider:
    """An adult who decides for a child."""

    adult_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A child with the adults who decide."""

    id: UUID
    name: str
    deciders: Sequence[Decider]


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """One question as it stands on the form: in Dutch, as paper is. What was chosen before is not shown here."""

    item_id: UUID
    wording_id: UUID
    field: str
    language: str
    question: str
    audience: str


@dataclass(frozen=True, slots=True)
class PaperForm:
    """The form of one adult about one child."""

    pupil_id: UUID
    adult_id: UUID
    call_name: str
    pupil_name: str
    adult_name: str
    questions: Sequence[PaperQuestion]


@dataclass(frozen=True, slots=True)
class Letter:
    """The receipt of a choice on paper, for the adult who made it."""

    receipt: Receipt
    adult_name: str


def list_deciders(session: Session, group_id: UUID, *, by: Visitor) -> tuple[GroupRow, Sequence[PupilRow]]:
    """The children of a group of this school, each with the adults who decide; two statements."""
    _require(by)
    group, pupils = group_with_pupils(session, group_id, by)
    today = clock.amsterdam_date(clock.now(session))
    deciding = [kind for kind in Relation if Capability.CONSENT in CAPABILITIES[kind]]
    rows = session.execute(
        select(Authority.pupil_id, Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname)
        .join(Adult, and_(Adult.board_id == Authority.board_id, Adult.id == Authority.adult_id))
        .where(
            Authority.board_id == by.board_id,
            Authority.pupil_id.in_([pupil.id for pupil in pupils]),
            Authority.kind.in_(deciding),
            holds_authority(today),
        )
        .order_by(Adult.surname, Adult.first_name)
    )
    found: Mapping[UUID, dict[UUID, Decider]] = {pupil.id: {} for pupil in pupils}
    for row in rows:
        name = Name(row.first_name or row.initials, row.prefix, row.surname).display()
        found[row.pupil_id].setdefault(row.id, Decider(row.id, name))
    return group, [PupilRow(pupil.id, pupil.full_name, list(found[pupil.id].values())) for pupil in pupils]


def get_form(session: Session, pupil_id: UUID, adult_id: UUID, *, by: Visitor) -> PaperForm:
    """The questions that this adult answers about this child of this school; otherwise `NotFound`."""
    _require(by)
    row = session.execute(
        select(
            Pupil.call_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
            Adult.first_name,
            Adult.initials,
            Adult.prefix.label("adult_prefix"),
            Adult.surname.label("adult_surname"),
            Authority.id.label("authority_id"),
            Authority.kind,
        )
        .join(Authority, and_(Authority.board_id == Pupil.board_id, Authority.pupil_id == Pupil.id))
        .join(Adult, and_(Adult.board_id == Authority.board_id, Adult.id == Authority.adult_id))
        .where(
            Pupil.board_id == by.board_id,
            Pupil.school_id == by.school_id,
            Pupil.id == pupil_id,
            Adult.id == adult_id,
            holds_authority(clock.amsterdam_date(clock.now(session))),
        )
    ).first()
    if row is None or row.kind is None:
        raise NotFound
    questions = list_questions(session, by.board_id)
    if adult_id not in list_around(session, by.board_id, {pupil_id: row.birth_date}, questions)[pupil_id].holders:
        raise NotFound
    asked = [question for question in questions.standing if is_asked(question, row.kind)]
    return PaperForm(
        pupil_id=pupil_id,
        adult_id=adult_id,
        call_name=row.call_name,
        pupil_name=Name(row.call_name, row.prefix, row.surname).display(),
        adult_name=Name(row.first_name or row.initials, row.adult_prefix, row.adult_surname).display(),
        questions=[_question(question, row.call_name) for question in asked],
    )


def get_letter(session: Session, receipt_id: UUID, *, by: Visitor) -> Letter:
    """The receipt of a choice that this school entered; `NotFound` for what a guardian chose in the portal."""
    _require(by)
    people = session.execute(
        select(
            Pupil.call_name,
            School.name.label("school_name"),
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
        )
        .select_from(ConsentReceipt)
        .join(Pupil, and_(Pupil.board_id == ConsentReceipt.board_id, Pupil.id == ConsentReceipt.pupil_id))
        .join(School, School.id == Pupil.school_id)
        .join(Adult, and_(Adult.board_id == ConsentReceipt.board_id, Adult.id == ConsentReceipt.adult_id))
        .where(
            ConsentReceipt.id == receipt_id,
            ConsentReceipt.board_id == by.board_id,
            Pupil.school_id == by.school_id,
        )
    ).first()
    rows = session.execute(receipt_query(receipt_id)).all()
    if people is None or not rows or rows[0].channel is Channel.PORTAL:
        raise NotFound
    receipt = make_receipt(rows, people.call_name, people.school_name)
    return Letter(receipt, Name(people.first_name or people.initials, people.prefix, people.surname).display())


def _require(by: Visitor) -> None:
    if by.role not in MAY_RECORD:
        raise NotFound


def _question(question: Question, name: str) -> PaperQuestion:
    wording = question.wording
    return PaperQuestion(
        item_id=question.id,
        wording_id=wording.id,
        field=field_of(question.id),
        language=wording.language,
        question=wording.says("question", name),
        audience=wording.says("audience", name),
    )
