"""How far somebody is on the way from a letter to an account."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Actor, SchoolCard
from parentportal.models.boards import Board, School
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account, Activation, Audience
from parentportal.outside import clock, vault
from parentportal.reads import children
from parentportal.reads.accounts import may_sign_in
from parentportal.reads.hiding import place_is_hidden
from parentportal.rules.names import Name
from parentportal.rules.roles import Role

CODE_PURPOSE = "activation"
CARRIER_PURPOSE = "activation carrier"
_SEPARATOR = "."


class Step(StrEnum):
    """What is asked next; every step before it has been answered."""

    EMAIL = "email"
    EMAIL_CODE = "email_code"
    WAY = "way"
    """A guardian chooses between a passkey and a password with a codes app."""
    PASSWORD = "password"
    APP = "app"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Progress:
    """An activation in the browser that holds its carrier; `app_until` is when the pending key lapses.

    `is_renewal`: the account exists, and gets new means after help at the counter. `needs_codes`: somebody at work, who
    has no choice but a password, a codes app and saved codes.
    """

    id: UUID
    board_id: UUID
    board_name: str
    adult_id: UUID
    school: SchoolCard | None
    audience: Audience
    is_at_desk: bool
    step: Step
    sign_in_name: str | None
    email: str | None
    app_until: datetime | None
    is_renewal: bool
    needs_codes: bool

    @property
    def sender(self) -> str:
        """Who the account is with, in words: the school, or the board for roles of a whole board."""
        return self.school.name if self.school else self.board_name


@dataclass(frozen=True, slots=True)
class PendingApp:
    """The key that the codes app must learn; the same for as long as it is pending."""

    key: str
    until: datetime


def still_counts(now: datetime) -> ColumnElement[bool]:
    """The condition on an `Activation` row that its code can still make an account."""
    has_account = exists().where(Account.board_id == Activation.board_id, Account.adult_id == Activation.adult_id)
    renews = exists().where(Account.id == Activation.account_id, may_sign_in())
    is_somebody = exists().where(
        Adult.id == Activation.adult_id, Adult.merged_into_id.is_(None), Adult.deceased.is_(False)
    )
    return and_(
        Activation.used_at.is_(None),
        Activation.revoked_at.is_(None),
        Activation.expires_at > now,
        or_(and_(Activation.account_id.is_(None), ~has_account), renews),
        is_somebody,
    )


def code_digest(session: Session, code: str) -> bytes:
    """Under which the code of a letter is kept."""
    return vault.of(session).digest(code, CODE_PURPOSE)


def is_in_hand(session: Session, code: str) -> bool:
    """Whether this code was handed over in person, so that no birth date is asked: staff, or no date known."""
    found = session.scalar(
        select(Activation.id).where(
            Activation.code_digest == code_digest(session, code),
            or_(Activation.desk.is_(True), Activation.audience == Audience.STAFF),
            still_counts(clock.now(session)),
        )
    )
    return found is not None


def carrier_digest(session: Session, carrier: str) -> bytes:
    """Under which the browser is known that entered the code."""
    return vault.of(session).digest(carrier, CARRIER_PURPOSE)


def carrier_for(activation_id: UUID, token: str) -> str:
    """What the browser keeps: which activation, and a token that proves it entered the code."""
    return f"{activation_id}{_SEPARATOR}{token}"


def find_activation_id(session: Session, carrier: str) -> UUID | None:
    """The activation that this browser carries, while it counts; another browser that entered the code ends that."""
    identity, _, _token = carrier.partition(_SEPARATOR)
    try:
        activation_id = UUID(identity)
    except ValueError:
        return None
    kept = session.scalar(
        select(Activation.carrier_digest).where(Activation.id == activation_id, still_counts(clock.now(session)))
    )
    if kept is None or not hmac.compare_digest(kept, carrier_digest(session, carrier)):
        return None
    return activation_id


def find_progress(session: Session, carrier: str) -> Progress | None:
    """How far the activation of this browser is, or None when there is none (any more)."""
    activation_id = find_activation_id(session, carrier)
    if activation_id is None:
        return None
    row = session.execute(
        select(Activation, Board.name, School, place_is_hidden(Activation.board_id, Activation.adult_id))
        .join(Board, Board.id == Activation.board_id)
        .outerjoin(School, School.id == Activation.school_id)
        .where(Activation.id == activation_id)
    ).one()
    activation: Activation = row[0]
    school: School | None = row[2] if not row[3] else None
    at_work = works_here(session, activation.board_id, activation.adult_id)
    may_choose = activation.audience is Audience.GUARDIAN and not at_work
    return Progress(
        id=activation.id,
        board_id=activation.board_id,
        board_name=row[1],
        adult_id=activation.adult_id,
        school=SchoolCard(school.id, school.name, school.place, school.address, school.phone, school.email)
        if school
        else None,
        audience=activation.audience,
        is_at_desk=activation.desk or activation.audience is Audience.STAFF,
        step=step_of(activation, may_choose=may_choose),
        is_renewal=activation.account_id is not None,
        needs_codes=not may_choose,
        sign_in_name=activation.sign_in_name,
        email=activation.email,
        app_until=activation.totp_until,
    )


def works_here(session: Session, board_id: UUID, adult_id: UUID) -> bool:
    """Whether this adult has a role at work, so that the rules for staff count whatever the code was made for."""
    held = select(StaffRole.id).where(
        StaffRole.board_id == board_id, StaffRole.adult_id == adult_id, StaffRole.ended_at.is_(None)
    )
    return session.scalar(held.limit(1)) is not None


def step_of(activation: Activation, *, may_choose: bool) -> Step:
    """The first step that has not been answered."""
    if activation.sign_in_name is None:
        return Step.EMAIL if activation.email is None else Step.EMAIL_CODE
    if activation.password_hash is None:
        return Step.WAY if may_choose else Step.PASSWORD
    return Step.APP if activation.totp_step is None else Step.RECOVERY


def find_pending_app(session: Session, progress: Progress) -> PendingApp | None:
    """The pending key, or None when its half hour is over and a new one must be asked for."""
    row = session.execute(
        select(Activation.totp_secret, Activation.totp_until).where(Activation.id == progress.id)
    ).one()
    if row.totp_secret is None or row.totp_until is None or row.totp_until <= clock.now(session):
        return None
    return PendingApp(open_secret(session, progress.id, row.totp_secret), row.totp_until)


def open_secret(session: Session, activation_id: UUID, sealed: bytes) -> str:
    """The pending key in readable form."""
    return vault.of(session).open(sealed, table="activation", row=activation_id, column="totp_secret")


def get_recovery_codes(session: Session, activation_id: UUID) -> tuple[str, ...]:
    """The saved codes that wait for one of them to be typed back."""
    sealed = session.scalar(select(Activation.recovery_codes).where(Activation.id == activation_id))
    if sealed is None:
        return ()
    opened = vault.of(session).open(sealed, table="activation", row=activation_id, column="recovery_codes")
    return tuple(opened.split())


def list_child_names(session: Session, progress: Progress) -> tuple[str, ...]:
    """First names of the children this guardian will see; nothing for staff."""
    if progress.audience is not Audience.GUARDIAN:
        return ()
    seen = children.list_children(session, Actor(progress.adult_id, Role.GUARDIAN), board_id=progress.board_id)
    return tuple(child.call_name for child in seen)


def list_own_words(session: Session, progress: Progress) -> tuple[str, ...]:
    """Words that no password may consist of: names of the person, the school and the children, the mail address."""
    adult = session.get_one(Adult, progress.adult_id)
    name = Name(adult.first_name, adult.prefix, adult.surname).display()
    school = (progress.school.name, progress.school.place) if progress.school else ()
    words = (name, progress.board_name, *school, *list_child_names(session, progress), "Kijkglas", "privacyportaal")
    return tuple(word for word in (*words, progress.email, progress.sign_in_name) if word)
