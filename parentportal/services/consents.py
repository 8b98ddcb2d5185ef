"""Consents: an adult decides, changes back or decides on paper; history is only added to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.consents import Channel, ConsentEvent, ConsentHold, ConsentReceipt
from parentportal.models.people import Pupil
from parentportal.outside import clock, codes, vault
from parentportal.reads.authority import is_listed
from parentportal.reads.children import get_child
from parentportal.reads.consent_standing import Heard, Question, Wording, field_of, is_asked
from parentportal.reads.consents import own_ids
from parentportal.reads.group_sheets import get_export
from parentportal.rules.audit import Event
from parentportal.rules.authority import Capability, Relation
from parentportal.rules.consents import (
    NO,
    YES,
    Answer,
    Choice,
    Subject,
    answer_to,
    closes_hold,
    informs_other_holders,
)
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.terms import age_on
from parentportal.services import audit, outbox
from parentportal.services.consent_changes import Standing, close_authority, follow, standing
from parentportal.sources.writing import write_list

__all__ = ["close_authority", "decide", "export_group", "follow", "record_on_paper", "standing", "undo"]

NUMBER_LENGTH = 12
"""Sixty bits: never the same number twice, and still to be read out."""
OTHER_TEXT = N_("De tekst van deze vraag is veranderd. Lees de nieuwe tekst en sla uw keuze op.")
NOT_ASKED = N_("Deze vraag stelt de school niet meer.")
SAID_LATER = N_("Deze ouder koos daarna zelf nog. Die keuze blijft staan. Laat deze vraag leeg.")
NEWER_PAPER = N_("Een nieuwer formulier van deze ouder is al ingevoerd. Die keuze blijft staan. Laat deze vraag leeg.")
NO_THAT_DAY = N_("Deze ouder zei die dag zelf nee in het portaal. Vraag wat geldt, en laat deze vraag nu leeg.")
CHANGED_SINCE = N_("U heeft deze keuze daarna nog veranderd. Kijk bij uw keuzes wat nu geldt.")


@dataclass(frozen=True, slots=True)
class Change:
    """A new answer, what it takes the place of, and the words that were read."""

    answer: Answer
    previous: Answer | None
    wording: Wording


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose answer it is and how it reached the school."""

    adult_id: UUID
    authority_id: UUID
    relation: Relation
    channel: Channel
    received_on: date | None = None
    recorded_by_id: UUID | None = None
    session_digest: str = ""


def decide(
    session: Session, pupil_id: UUID, answers: Mapping[UUID, Choice], wordings: Mapping[UUID, UUID], *, by: Visitor
) -> UUID | None:
    """Keep what a guardian chooses for a child; the id of the receipt, or None when nothing changed.

    `answers` and `wordings` go by question; a wording is the text that the guardian had before her, in whatever
    language: that one is kept with the answer. An answer to a text that is no longer the newest of its language
    raises `Invalid` and keeps nothing. Saying no counts at once (AVG 7(3)).
    """
    child = get_child(session, pupil_id, by, board_id=by.board_id, capability=Capability.CONSENT)
    digest = vault.of(session).digest(str(by.session_id), "consent session").hex()
    hand = Hand(by.adult_id, child.authority_id, child.relation, Channel.PORTAL, session_digest=digest)
    return _keep(session, standing(session, by.board_id, pupil_id), answers, wordings, hand, by)


def undo(session: Session, receipt_id: UUID, item_id: UUID, *, by: Visitor) -> UUID:
    """Go back to what was chosen before a receipt, as a new choice; the id of the new receipt.

    Where nothing was chosen before, a yes becomes a no, and a no becomes no opinion. Raises `NotNow` when the
    choice was changed since, or its text was.
    """
    event = session.scalar(
        select(ConsentEvent)
        .join(ConsentReceipt, ConsentReceipt.id == ConsentEvent.receipt_id)
        .where(
            ConsentReceipt.board_id == by.board_id,
            ConsentReceipt.adult_id.in_(own_ids(by)),
            ConsentEvent.receipt_id == receipt_id,
            ConsentEvent.item_id == item_id,
        )
    )
    if event is None:
        raise NotFound
    child = get_child(session, event.pupil_id, by, board_id=by.board_id, capability=Capability.CONSENT)
    now = standing(session, by.board_id, child.id)
    last = now.around.last_of(item_id, by.adult_id)
    if last is None or last.vote.at != event.at or event.wording_id not in now.questions.by_id[item_id].words:
        raise NotNow(CHANGED_SINCE)
    receipt = decide(session, child.id, {item_id: choice_before(event)}, {item_id: event.wording_id}, by=by)
    if receipt is None:
        raise NotNow(CHANGED_SINCE)
    return receipt


def choice_before(event: ConsentEvent) -> Choice:
    """The choice that an answer took the place of."""
    if event.previous in YES:
        return Choice.YES
    if event.previous in NO or event.answer in YES:
        return Choice.NO
    return Choice.LATER


def record_on_paper(
    session: Session,
    pupil_id: UUID,
    adult_id: UUID,
    answers: Mapping[UUID, Choice],
    wordings: Mapping[UUID, UUID],
    *,
    received_on: date,
    channel: Channel,
    by: Visitor,
) -> UUID | None:
    """Keep what an adult wrote or said at the desk (seed S1-19); the id of the receipt, or None without a change.

    Administration and director of the child's school do this, never for an own child. What the adult chose in the
    portal after the paper came in stands, and so does newer paper: `Invalid`.
    """
    if by.role not in (Role.ADMINISTRATION, Role.DIRECTOR) or channel not in (Channel.PAPER, Channel.DESK):
        raise NotFound
    now = standing(session, by.board_id, pupil_id)
    authority_id = next((link for link, adult in now.around.links.items() if adult == adult_id), None)
    if now.school_id != by.school_id or authority_id is None:
        raise NotFound
    if is_listed(session, by.adult_id, {pupil_id}, board_id=by.board_id):
        raise NotNow(N_("U legt geen keuzes vast over uw eigen kind. Vraag een collega."))
    if received_on > clock.amsterdam_date(clock.now(session)):
        raise Invalid({"received_on": N_("Deze dag is nog niet geweest. Vul de dag in waarop u het formulier kreeg.")})
    later = {
        field_of(item_id): problem
        for item_id, choice in answers.items()
        if (problem := _said_later(now.around.last_of(item_id, adult_id), choice, received_on))
    }
    if later:
        raise Invalid(later)
    relation = _relation(session, authority_id)
    hand = Hand(adult_id, authority_id, relation, channel, received_on=received_on, recorded_by_id=by.adult_id)
    return _keep(session, now, answers, wordings, hand, by)


def _said_later(last: Heard | None, choice: Choice, received_on: date) -> str:
    """Why paper of this day must leave a question alone: a later answer stands, and so does a no of the same day."""
    if last is None or last.said_on < received_on:
        return ""
    if last.said_on > received_on:
        return SAID_LATER if last.way is Channel.PORTAL else NEWER_PAPER
    return NO_THAT_DAY if choice is Choice.YES and last.vote.answer in NO and last.way is Channel.PORTAL else ""


def _relation(session: Session, authority_id: UUID) -> Relation:
    return Relation(session.scalar(select(Authority.kind).where(Authority.id == authority_id)))


def _keep(
    session: Session,
    before: Standing,
    answers: Mapping[UUID, Choice],
    wordings: Mapping[UUID, UUID],
    hand: Hand,
    by: Visitor,
) -> UUID | None:
    changes = _changes(session, before, answers, wordings, hand)
    if not changes:
        return None
    receipt = ConsentReceipt(
        id=new_id(),
        board_id=before.board_id,
        number=codes.in_groups(codes.activation_code()[:NUMBER_LENGTH]),
        pupil_id=before.pupil_id,
        adult_id=hand.adult_id,
        at=_moment(session, before),
    )
    session.add(receipt)
    session.flush()
    for item_id, change in changes.items():
        question = before.questions.by_id[item_id]
        _add_event(session, _event(before, receipt, question, change, hand), question, by)
        if _closes_hold(session, before, item_id, hand, change.answer):
            _lift_hold(session, before, item_id, hand)
    changed = follow(session, before)
    _tell_others(session, before, changes, hand, changed=changed)
    return receipt.id


def _changes(
    session: Session,
    before: Standing,
    answers: Mapping[UUID, Choice],
    wordings: Mapping[UUID, UUID],
    hand: Hand,
) -> dict[UUID, Change]:
    """What is new; raises `Invalid` for a text that is not the newest of its language."""
    changes: dict[UUID, Change] = {}
    problems = {}
    for item_id, choice in answers.items():
        question = before.questions.by_id.get(item_id)
        if question is None or not is_asked(question, hand.relation):
            problems[field_of(item_id)] = NOT_ASKED
            continue
        last = before.around.last_of(item_id, hand.adult_id)
        vote = last.vote if last else None
        answer = answer_to(
            choice,
            vote.answer if vote else None,
            wording_counts=vote is None or vote.wording_counts,
            hold_open=_closes_hold(session, before, item_id, hand, Answer.RENEWED),
        )
        if answer is None:
            continue
        read = wordings.get(item_id)
        if read is None or read not in question.words:
            problems[field_of(item_id)] = OTHER_TEXT
            continue
        changes[item_id] = Change(answer, vote.answer if vote else None, question.words[read])
    if problems:
        raise Invalid(problems)
    return changes


def _moment(session: Session, before: Standing) -> datetime:
    """Now, but always after the last answer about this child, so that the order in which things were said stands."""
    last = max((heard.vote.at for all_heard in before.around.heard.values() for heard in all_heard), default=None)
    now = clock.now(session)
    return now if last is None or last < now else last + timedelta(microseconds=1)


def _add_event(session: Session, event: ConsentEvent, question: Question, by: Visitor) -> None:
    """Keep an answer, with its digest in the row and in the chain."""
    content = canonical(event)
    event.digest = audit.content_digest(session, content)
    session.add(event)
    audit.record(
        session,
        Event.CONSENT_DECIDED,
        by=by,
        board_id=event.board_id,
        about=("consent_event", event.id),
        pupil_id=event.pupil_id,
        detail={"item": question.code, "answer": event.answer.value, "channel": event.channel.value},
        content=content,
    )


def _event(before: Standing, receipt: ConsentReceipt, question: Question, change: Change, hand: Hand) -> ConsentEvent:
    born_on = before.around.born_on
    return ConsentEvent(
        id=new_id(),
        board_id=before.board_id,
        pupil_id=before.pupil_id,
        item_id=question.id,
        adult_id=hand.adult_id,
        authority_id=hand.authority_id,
        capacity=hand.relation.value,
        answer=change.answer,
        previous=change.previous,
        wording_id=change.wording.id,
        language=change.wording.language,
        at=receipt.at,
        channel=hand.channel,
        received_on=hand.received_on,
        recorded_by_id=hand.recorded_by_id,
        receipt_id=receipt.id,
        session_digest=hand.session_digest,
        child_age=age_on(born_on, clock.amsterdam_date(receipt.at)) if born_on else None,
        digest="",
    )


def canonical(event: ConsentEvent) -> str:
    """An answer as text that is the same every time: what its digest, in the row and in the chain, is made of."""
    parts = {
        column.name: None if value is None else value.isoformat() if isinstance(value, date) else str(value)
        for column in ConsentEvent.__table__.columns
        if column.name != "digest"
        for value in (getattr(event, column.name),)
    }
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _closes_hold(session: Session, before: Standing, item_id: UUID, hand: Hand, answer: Answer) -> bool:
    """Whether there is a hold on the question that this answer would lift."""
    opened_on = before.around.holds.get(item_id)
    said_on = hand.received_on or clock.amsterdam_date(clock.now(session))
    return opened_on is not None and closes_hold(answer, said_on=said_on, opened_on=opened_on)


def _lift_hold(session: Session, before: Standing, item_id: UUID, hand: Hand) -> None:
    if before.questions.by_id[item_id].subject is not Subject.CHILD:
        return
    session.execute(
        update(ConsentHold)
        .where(
            ConsentHold.board_id == before.board_id,
            ConsentHold.pupil_id == before.pupil_id,
            ConsentHold.item_id == item_id,
            ConsentHold.lifted_at.is_(None),
        )
        .values(lifted_at=clock.now(session), lifted_by_id=hand.adult_id)
    )


def _tell_others(
    session: Session,
    before: Standing,
    changes: Mapping[UUID, Change],
    hand: Hand,
    *,
    changed: bool,
) -> None:
    """A mail without content to the other holders, so that they can object; never with a safety flag (6.2)."""
    flagged = bool(before.around.flags)
    about_child = [
        change.answer for item_id, change in changes.items() if before.questions.by_id[item_id].subject is Subject.CHILD
    ]
    asks = any(informs_other_holders(answer, safety_flag=flagged) for answer in about_child)
    if not (asks or (changed and not flagged)):
        return
    school = session.scalar(
        select(School.name).join(Pupil, Pupil.school_id == School.id).where(Pupil.id == before.pupil_id)
    )
    for adult_id in sorted(before.around.holders - {hand.adult_id}):
        outbox.tell(session, adult_id, board_id=before.board_id, school_name=school or "")


def export_group(session: Session, group_id: UUID, *, by: Visitor) -> tuple[str, bytes]:
    """The consents that count in a group as a file for a spreadsheet, with a name for it; leaves a row in the chain."""
    export = get_export(session, group_id, by=by)
    day = clock.amsterdam_date(export.at).isoformat()
    columns = ["Leerling", "Groep", "Stand van", *export.titles]
    rows = [
        dict(zip(columns, (row.pupil_name, export.group.name, day, *row.cells), strict=True)) for row in export.rows
    ]
    audit.record(
        session,
        Event.CONSENT_EXPORTED,
        by=by,
        board_id=by.board_id,
        about=("group", group_id),
        detail={"pupils": len(rows)},
    )
    word = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in export.group.name)
    return f"toestemmingen-groep-{word}-{day}.csv", write_list(columns, rows)
