"""Help at the counter: everything that opened an account ends, and a code in the hand leads to new means (ux 6.7)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR, Actor, Visitor
from parentportal.models.base import new_id
from parentportal.models.counter_recoveries import CounterRecovery, Identity
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account, Activation, Audience
from parentportal.outside import clock, codes
from parentportal.outside.mail_text import Mail, SecurityEvent
from parentportal.reads import counter_recoveries as reads
from parentportal.reads.activation import code_digest, works_here
from parentportal.reads.counter_recoveries import Person
from parentportal.reads.sign_in import normal_name
from parentportal.rules import counter_recoveries as rules
from parentportal.rules.audit import Event
from parentportal.rules.counter_recoveries import Bar, State
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.names import Name
from parentportal.rules.sentences import N_
from parentportal.services import account_notices, invitations, new_accounts, outbox

NOT_YOU = {
    Bar.SELF: N_("Dit gaat over uzelf. Vraag een collega om u te helpen."),
    Bar.FAMILY: N_("Dit gaat over uw eigen gezin. Vraag een collega om te helpen."),
    Bar.DECEASED: N_("Deze persoon is overleden. Een nieuw inlogmiddel geven kan niet."),
    Bar.BEYOND: N_("Deze persoon heeft ook een rol buiten uw school. De beheerder van het portaal kan een code maken."),
    Bar.ASKER: N_("U vroeg dit zelf. Een collega moet meekijken."),
    Bar.NOT_NAMED: N_("Alleen de collega die deze persoon kent, kan dit bevestigen."),
}
BLOCKED = N_("Dit account is dichtgezet. Een nieuw inlogmiddel helpt dan niet. Vraag het de directeur.")
ALREADY_WAITS = N_("Voor deze persoon wacht al een vraag. Stop die eerst, of wacht op uw collega.")
OVER = N_("Dit is intussen klaar, gestopt of te oud. Kijk op de pagina Inloghulp hoe het staat.")
WHICH_COLLEAGUE = N_("Kies de collega die meekijkt.")


@dataclass(frozen=True, slots=True)
class OperatorCode:
    """What the operator hands over to a member of staff; `code` in groups of four."""

    adult_id: UUID
    name: str
    code: str = field(repr=False)
    expires_at: datetime

    def url(self, base_url: str) -> str:
        """The address in which the code stands; see `InvitationLetter.url`."""
        return f"{base_url}/activeren/{self.code}"


def ask(
    session: Session,
    adult_id: UUID,
    *,
    identity: Identity,
    second_id: UUID | None = None,
    on_paper: bool = False,
    by: Visitor,
) -> UUID:
    """Begin to help somebody who stands at the counter; answers the case.

    Nothing changes until a colleague confirms; where none is needed the code is there at once. Raises `NotFound` for
    whoever has no account or is of another school, `NotNow` for oneself, the own family, a case that waits and an
    account that opens more than this school, and `Invalid` without a colleague who may look along.
    """
    person = reads.get_person(session, adult_id, by=by)
    _refuse_person(person)
    if person.has_open_case:
        raise NotNow(ALREADY_WAITS)
    needed = rules.needs_second(
        four_eyes=person.four_eyes, works_here=person.works, by_name_only=identity is Identity.KNOWN
    )
    if needed and second_id not in {one.adult_id for one in reads.list_colleagues(session, adult_id, by=by)}:
        raise Invalid({"second": WHICH_COLLEAGUE})
    row = _add(session, person, identity, second_id=second_id if needed else None, on_paper=on_paper, by=by)
    account = session.get_one(Account, row.account_id)
    detail = {"identity": identity.value, "on_paper": "yes" if on_paper else "no", "second": "yes" if needed else "no"}
    account_notices.record(session, Event.RECOVERY_ASKED, account, detail, by=by)
    if needed:
        _call(session, row, by)
    else:
        _settle(session, row.id, by)
    return row.id


def _add(
    session: Session, person: reads.Person, identity: Identity, *, second_id: UUID | None, on_paper: bool, by: Visitor
) -> CounterRecovery:
    now = clock.now(session)
    row = CounterRecovery(
        id=new_id(),
        board_id=by.board_id,
        school_id=by.school_id,
        account_id=person.account_id,
        adult_id=person.adult_id,
        identity=identity,
        on_paper=on_paper,
        second_id=second_id,
        asked_at=now,
        asked_by_id=by.adult_id,
        expires_at=now + rules.COLLEAGUE_WAITS,
    )
    session.add(row)
    session.flush()
    return row


def confirm(session: Session, recovery_id: UUID, *, by: Visitor) -> UUID:
    """Say, as the second colleague, that this is right: from here on only the code opens the account.

    Raises `NotFound` for another school's case, and `NotNow` for who may not, and for what is over.
    """
    case = reads.get_case(session, recovery_id, by=by)
    _refuse(case.bar_to_confirm(by))
    if case.state is not State.WAITING:
        raise NotNow(OVER)
    _refuse_person(reads.get_person(session, case.adult_id, by=by))
    _settle(session, case.id, by)
    return case.id


def stop(session: Session, recovery_id: UUID, *, by: Visitor) -> None:
    """Drop a case: nobody confirms it any more, and a code that was given opens nothing. Raises as `confirm` does."""
    case = reads.get_case(session, recovery_id, by=by)
    if rules.bar_to_help(by.role, is_self=False, is_family=False) is not None:
        raise NotFound
    if case.state not in (State.WAITING, State.READY):
        raise NotNow(OVER)
    row = session.get_one(CounterRecovery, case.id)
    row.stopped_at, row.stopped_by_id = clock.now(session), by.adult_id
    if row.activation_id is not None:
        invitations.revoke_letters(session, row.board_id, row.adult_id, by=by)
    account_notices.record(session, Event.RECOVERY_STOPPED, session.get_one(Account, row.account_id), by=by)


def recover_staff(
    session: Session, email: str, *, board_id: UUID, school_id: UUID | None, by: Actor = OPERATOR
) -> OperatorCode:
    """The last resort at the command line, for staff whom no colleague can help: a code to hand over (control A09).

    Raises `NotFound` when nobody with a role at this school, or of this board, has an account under this address.
    """
    name = normal_name(email)
    account = session.scalar(
        select(Account)
        .where(Account.board_id == board_id, or_(Account.sign_in_name == name, Account.email == name))
        .order_by(Account.sign_in_name != name, Account.id)
    )
    if account is None or not _works_at(session, account, school_id):
        raise NotFound
    if account.blocked_at is not None:
        raise NotNow(BLOCKED)
    code = codes.activation_code()
    made = _give(session, account, code, stands=rules.ON_PAPER, school_id=school_id, by=by)
    account_notices.record(session, Event.RECOVERY_CONFIRMED, account, {"second": "no", "on_paper": "yes"}, by=by)
    adult = session.get_one(Adult, account.adult_id)
    shown = Name(adult.first_name or adult.initials, adult.prefix, adult.surname).display()
    return OperatorCode(adult.id, shown, codes.in_groups(code), made.expires_at)


def _works_at(session: Session, account: Account, school_id: UUID | None) -> bool:
    held = select(StaffRole.id).where(
        StaffRole.board_id == account.board_id,
        StaffRole.adult_id == account.adult_id,
        StaffRole.school_id == school_id if school_id else StaffRole.school_id.is_(None),
        StaffRole.ended_at.is_(None),
    )
    return session.scalar(held.limit(1)) is not None


def _refuse(bar: Bar | None) -> None:
    if bar is Bar.ROLE:
        raise NotFound
    if bar is not None:
        raise NotNow(NOT_YOU[bar])


def _refuse_person(person: Person) -> None:
    _refuse(person.bar)
    if person.is_blocked:
        raise NotNow(BLOCKED)


def _settle(session: Session, recovery_id: UUID, by: Visitor) -> None:
    """Once, also when two colleagues press at the same moment."""
    now = clock.now(session)
    taken = session.execute(
        update(CounterRecovery)
        .where(
            CounterRecovery.id == recovery_id,
            CounterRecovery.confirmed_at.is_(None),
            CounterRecovery.stopped_at.is_(None),
        )
        .values(confirmed_at=now, confirmed_by_id=by.adult_id)
    )
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        raise NotNow(OVER)
    row = session.get_one(CounterRecovery, recovery_id, populate_existing=True)
    account = session.get_one(Account, row.account_id)
    stands = rules.code_stands(on_paper=row.on_paper)
    code = reads.code_of(session, row.id)
    made = _give(session, account, code, stands=stands, school_id=row.school_id, by=by)
    row.activation_id, row.expires_at = made.id, made.expires_at
    detail = {"identity": row.identity.value, "second": "yes" if row.second_id else "no"}
    account_notices.record(session, Event.RECOVERY_CONFIRMED, account, detail, by=by)


def _give(
    session: Session, account: Account, code: str, *, stands: timedelta, school_id: UUID | None, by: Actor
) -> Activation:
    """End whatever opened the account and tell its owner everywhere; only this code leads further."""
    now = clock.now(session)
    new_accounts.drop_means(session, account)
    invitations.revoke_letters(session, account.board_id, account.adult_id, by=by)
    at_work = works_here(session, account.board_id, account.adult_id)
    made = Activation(
        id=new_id(),
        board_id=account.board_id,
        school_id=school_id,
        adult_id=account.adult_id,
        account_id=account.id,
        audience=Audience.STAFF if at_work else Audience.GUARDIAN,
        code_digest=code_digest(session, code),
        desk=True,
        made_at=now,
        made_by_id=by.adult_id,
        expires_at=now + stands,
        sign_in_name=account.sign_in_name,
        email=account.email,
        email_confirmed_at=account.email_confirmed_at,
    )
    session.add(made)
    session.flush()
    account_notices.tell_every_address(session, account, SecurityEvent.MEANS_ENDED)
    return made


def _call(session: Session, row: CounterRecovery, by: Visitor) -> None:
    """A mail to the colleague who is asked to look; the start page says the same to who has no address."""
    if row.second_id is not None and by.school is not None:
        outbox.tell(
            session,
            row.second_id,
            board_id=row.board_id,
            school_name=by.school.name,
            template=Mail.STAFF_NEW_WORK,
        )
