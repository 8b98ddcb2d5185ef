"""Who has authority over a child: confirmed and ended by a person, and what must stay hidden from whom."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR, SchoolActor
from parentportal.models.authority import Authority
from parentportal.models.people import Adult, Pupil
from parentportal.outside import clock
from parentportal.reads.authority import FamilyRow, is_listed, list_families
from parentportal.rules.audit import Event
from parentportal.rules.authority import (
    CAPABILITIES,
    EVIDENCE,
    SCOPED,
    Capability,
    Evidence,
    Link,
    Relation,
    SafetyFlag,
    Status,
    may,
)
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.sentences import N_
from parentportal.rules.terms import decides_alone
from parentportal.services import audit, sign_in
from parentportal.services.consents import close_authority, follow, standing

#: The one scope there is: everything the school asks. Proof for less opens nothing, see `confirm`.
SCHOOL_MATTERS = "school"
#: Families that one press of the button confirms, so that the write unit stays short.
MOST_AT_ONCE = 100

CHANGED_MEANWHILE = N_("Iemand anders heeft dit net veranderd. Bekijk het gezin opnieuw en kies dan.")
OWN_CHILD = N_("U staat zelf bij dit kind. Vraag een collega om dit te doen.")


class EndReason(StrEnum):
    """Why a relation ended; kept in the log, the paper is not."""

    RULING = "ruling"
    AGREEMENT = "agreement"
    DECEASED = "deceased"
    MISTAKE = "mistake"
    OTHER = "other"


def confirm(
    session: Session,
    authority_id: UUID,
    *,
    seen: Status,
    kind: Relation,
    evidence: Evidence,
    valid_from: date | None = None,
    valid_until: date | None = None,
    for_school: bool = False,
    by: SchoolActor,
) -> UUID:
    """Confirm one relation after seeing proof of it; answers the pupil's id. Confirming again renews it.

    `seen` is the status that the page showed. `for_school` says that the proof of an institution or a mandate is
    about school matters. Raises `NotFound` for another school's relation, `Invalid` for proof that does not fit, and
    `NotNow` for an own child, somebody who died, or a relation that was changed meanwhile.
    """
    row, pupil = _get(session, authority_id, seen=seen, by=by)
    adult = session.get_one(Adult, row.adult_id)
    if adult.deceased:
        raise NotNow(N_("Deze persoon is overleden. Er valt niets te bevestigen."))
    _refuse_unproved(session, pupil, kind, evidence, valid_from, valid_until, for_school=for_school)
    before = standing(session, row.board_id, row.pupil_id)
    decided, doubted = _decides(session, row), _is_doubted(row)
    row.kind, row.evidence = kind, evidence
    row.scope = SCHOOL_MATTERS if kind in SCOPED else None
    row.valid_from, row.valid_until = valid_from, valid_until
    _mark_confirmed(session, row, by)
    session.flush()
    if (decided or doubted) and not _decides(session, row):
        close_authority(session, row, by, doubted=doubted)
        sign_in.end_all_of(session, row.board_id, row.adult_id)
    else:
        follow(session, before)
    return row.pupil_id


def confirm_families(session: Session, *, seen: str, by: SchoolActor) -> int:
    """Confirm every family that may be confirmed without looking at each; answers the number of relations.

    `seen` is the fingerprint of the list that was shown: when the families differ by now, `NotNow` asks to look
    again, and nothing is confirmed.
    """
    families = list_bulk_families(session, by=by)
    if not families or fingerprint(families) != seen:
        raise NotNow(N_("De lijst is intussen veranderd. Bekijk haar opnieuw."))
    for family in families:
        # Only where somebody could answer already can a new holder change what counts.
        was_open = len(family.to_confirm) < len(family.relations)
        before = standing(session, by.board_id, family.pupil_id) if was_open else None
        for relation in family.to_confirm:
            row = session.get_one(Authority, relation.id)
            row.kind, row.evidence, row.scope = Relation.JOINT, Evidence.DELIVERY, None
            _mark_confirmed(session, row, by)
        if before is not None:
            follow(session, before)
    return sum(len(family.to_confirm) for family in families)


def list_bulk_families(session: Session, *, by: SchoolActor) -> list[FamilyRow]:
    """The families that may be confirmed together: at most `MOST_AT_ONCE`, and never one of the visitor's own."""
    return [family for family in list_families(session, by=by) if family.in_bulk][:MOST_AT_ONCE]


def fingerprint(families: Iterable[FamilyRow]) -> str:
    """Equal for equal lists of relations, in hexadecimal; says nothing about people."""
    ids = sorted(relation.id.hex for family in families for relation in family.to_confirm)
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()


def end(
    session: Session, authority_id: UUID, *, seen: Status, last_day_gone: date, reason: EndReason, by: SchoolActor
) -> UUID:
    """End a relation: `last_day_gone` is the first day without it. Today or earlier closes it at once, and
    ends every session of the adult (trap T30).

    A later day is kept as end date. `EndReason.DECEASED` closes the account of the adult at once, or when the last
    role at work ends, until the operator says otherwise. Answers the pupil's id. Raises as `confirm` does.
    """
    row, _pupil = _get(session, authority_id, seen=seen, by=by)
    if row.status is Status.ENDED:
        raise NotNow(N_("Dit gezag is al gestopt."))
    if row.valid_from is not None and last_day_gone < row.valid_from:
        raise Invalid({"ends_on": N_("Kies een dag op of na de begindatum.")})
    at_once = last_day_gone <= clock.amsterdam_date(clock.now(session))
    decided, doubted = _decides(session, row), _is_doubted(row)
    row.valid_until = last_day_gone
    if reason is EndReason.DECEASED:
        session.get_one(Adult, row.adult_id).deceased = True
        sign_in.end_all_of(session, row.board_id, row.adult_id)
    if at_once:
        row.status = Status.ENDED
        row.ended_at, row.ended_by_id = clock.now(session), by.adult_id
        session.flush()
        if decided or doubted:
            close_authority(session, row, by, doubted=doubted)
        sign_in.end_all_of(session, row.board_id, row.adult_id)
    elif row.status is not Status.CONFIRMED:
        raise Invalid({"ends_on": N_("Dit gezag is niet bevestigd. Kies vandaag of een eerdere dag.")})
    audit.record(
        session,
        Event.AUTHORITY_ENDED,
        by=by,
        board_id=row.board_id,
        about=("authority", row.id),
        pupil_id=row.pupil_id,
        detail={"reason": reason.value, "until": last_day_gone.isoformat()},
    )
    return row.pupil_id


def set_flags(session: Session, authority_id: UUID, *, flags: Collection[SafetyFlag], by: SchoolActor) -> UUID:
    """Set exactly these safety flags on an adult of a child, from the next page on; answers the pupil's id."""
    row, _pupil = _get(session, authority_id, by=by)
    wanted = {flag: flag in flags for flag in SafetyFlag}
    before = standing(session, row.board_id, row.pupil_id)
    changed = [twin for twin in _twins(session, row) if flags_of(twin) != wanted]
    if not changed:
        return row.pupil_id
    for twin in changed:
        twin.no_contact = wanted[SafetyFlag.NO_CONTACT]
        twin.secret_address = wanted[SafetyFlag.SECRET_ADDRESS]
        twin.no_location = wanted[SafetyFlag.NO_LOCATION]
        twin.flagged_at, twin.flagged_by_id = clock.now(session), by.adult_id
    session.flush()
    follow(session, before)
    audit.record(
        session,
        Event.AUTHORITY_FLAGGED,
        by=by,
        board_id=row.board_id,
        about=("authority", row.id),
        pupil_id=row.pupil_id,
        detail={flag.value: "on" if wanted[flag] else "off" for flag in SafetyFlag},
    )
    return row.pupil_id


def lapse(session: Session) -> None:
    """Close the relations whose end date came; the worker calls it. What they opened was shut by the date itself."""
    today = clock.amsterdam_date(clock.now(session))
    due = select(Authority).where(Authority.status == Status.CONFIRMED, Authority.valid_until <= today)
    for row in session.scalars(due).all():
        decided = _decides(session, row)
        row.status = Status.ENDED
        session.flush()
        if decided:
            close_authority(session, row, OPERATOR)
        sign_in.end_all_of(session, row.board_id, row.adult_id)
        audit.record(
            session,
            Event.AUTHORITY_ENDED,
            by=OPERATOR,
            board_id=row.board_id,
            about=("authority", row.id),
            pupil_id=row.pupil_id,
            detail={"reason": "date"},
        )


def flags_of(row: Authority) -> dict[SafetyFlag, bool]:
    """Each flag of a relation, set or not."""
    return {
        SafetyFlag.NO_CONTACT: row.no_contact,
        SafetyFlag.SECRET_ADDRESS: row.secret_address,
        SafetyFlag.NO_LOCATION: row.no_location,
    }


def _mark_confirmed(session: Session, row: Authority, by: SchoolActor) -> None:
    row.status, row.suspended_reason = Status.CONFIRMED, ""
    row.ended_at = row.ended_by_id = None
    row.confirmed_at, row.confirmed_by_id = clock.now(session), by.adult_id
    audit.record(
        session,
        Event.AUTHORITY_CONFIRMED,
        by=by,
        board_id=row.board_id,
        about=("authority", row.id),
        pupil_id=row.pupil_id,
        detail={
            "kind": row.kind.value if row.kind else None,
            "evidence": row.evidence.value if row.evidence else None,
            "from": row.valid_from.isoformat() if row.valid_from else None,
            "until": row.valid_until.isoformat() if row.valid_until else None,
        },
    )


def _refuse_unproved(
    session: Session,
    pupil: Pupil,
    kind: Relation,
    evidence: Evidence,
    valid_from: date | None,
    valid_until: date | None,
    *,
    for_school: bool,
) -> None:
    problems, today = {}, clock.amsterdam_date(clock.now(session))
    if evidence is Evidence.DELIVERY or evidence not in EVIDENCE[kind]:
        problems["evidence"] = N_("Dit bewijs past niet bij deze relatie. Kies een ander bewijs.")
    if kind is Relation.SELF and not decides_alone(pupil.birth_date, clock.now(session)):
        problems["kind"] = N_("Dit kan pas als de leerling 16 jaar is.")
    if kind in SCOPED and not for_school:
        problems["for_school"] = N_("Kruis aan dat het bewijs over school gaat, of kies een relatie zonder toegang.")
    if valid_until is not None and valid_until <= max(valid_from or today, today):
        problems["valid_until"] = N_("Kies een einddatum na de begindatum en na vandaag.")
    if problems:
        raise Invalid(problems)


def _decides(session: Session, row: Authority) -> bool:
    """Whether the relation counts for consent; after its end date: whether it did until then."""
    if row.kind is None:
        return False
    day = clock.amsterdam_date(clock.now(session))
    scope = frozenset(row.scope.split(",")) if row.scope else None
    link = Link(row.kind, row.status, row.valid_from, None, scope)
    return may(link, Capability.CONSENT, day)


def _is_doubted(row: Authority) -> bool:
    """Whether a no of this adult still stands although the relation opens nothing: it must outlive its end too."""
    return row.status is Status.SUSPENDED and row.kind is not None and Capability.CONSENT in CAPABILITIES[row.kind]


def _get(
    session: Session, authority_id: UUID, *, by: SchoolActor, seen: Status | None = None
) -> tuple[Authority, Pupil]:
    """The relation with its pupil, of the actor's school and not about an own child."""
    row = session.get(Authority, authority_id)
    pupil = session.get(Pupil, row.pupil_id) if row is not None else None
    if row is None or pupil is None or (pupil.board_id, pupil.school_id) != (by.board_id, by.school_id):
        raise NotFound
    if is_listed(session, by.adult_id, {pupil.id}, board_id=by.board_id):
        raise NotNow(OWN_CHILD)
    if seen is not None and row.status is not seen:
        raise NotNow(CHANGED_MEANWHILE)
    return row, pupil


def _twins(session: Session, row: Authority) -> Sequence[Authority]:
    """All relations of this adult with this child: after two rows of one person were joined there may be more."""
    return session.scalars(
        select(Authority).where(
            Authority.board_id == row.board_id,
            Authority.pupil_id == row.pupil_id,
            Authority.adult_id == row.adult_id,
        )
    ).all()
