"""Who works at a school or board, in which role, and until when."""

from dataclasses import dataclass
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.access import Actor, Visitor
from parentportal.models.base import new_id
from parentportal.models.boards import Board, School
from parentportal.models.groups import Group, TeacherAssignment
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside import clock
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.names import Name, comparable, tidy
from parentportal.rules.roles import BOARD_WIDE, STAFF, Role, may_give
from parentportal.rules.sentences import N_
from parentportal.services import audit, groups, invitations, role_notices, sign_in
from parentportal.services.invitations import InvitationLetter


@dataclass(frozen=True, slots=True)
class AddedStaff:
    """A member of staff; `letter` holds the code to hand over, None with an account or when none was asked for."""

    adult_id: UUID
    name: str
    role: Role
    groups: tuple[str, ...]
    has_account: bool
    letter: InvitationLetter | None


def add(
    session: Session,
    board_id: UUID,
    school_id: UUID | None,
    *,
    role: Role,
    name: str,
    email: str,
    group_names: tuple[str, ...] = (),
    with_letter: bool = True,
    by: Actor,
) -> AddedStaff:
    """Give somebody a role, for a teacher with groups from today on, and a new code unless there is an account.

    Somebody of the same board with this name and mail address is the same person (one account per adult). A role
    that is held already is not given twice. Raises `Invalid`, also for a role that the actor may not give, and
    `NotFound` for an unknown board or school and for another school than that of a visitor.
    """
    _refuse_elsewhere(session, board_id, school_id, by=by)
    problems = _faults(role, school_id, group_names, by=by)
    parts = split_name(name)
    if not parts.last:
        problems["name"] = N_("Vul een voornaam en een achternaam in.")
    address = _address(email, problems)
    if problems:
        raise Invalid(problems)
    found = groups.find_groups(session, school_id, group_names) if school_id and group_names else []
    adult = _find_adult(session, board_id, parts, address) or _add_adult(session, board_id, parts, address)
    has_account = _give(session, adult, school_id, role, found, by=by)
    letter = None
    if with_letter and not has_account:
        letter = invitations.invite_staff(session, adult.id, school_id, by=by)
    return AddedStaff(adult.id, parts.display(), role, tuple(group.name for group in found), has_account, letter)


def give_role(
    session: Session, adult_id: UUID, *, role: Role, group_names: tuple[str, ...] = (), by: Visitor
) -> AddedStaff:
    """Give a colleague who works at the visitor's school one more role; a code is made apart, where it is needed.

    Raises `Invalid` as `add` does, and `NotFound` for somebody who does not work here.
    """
    works_here = select(StaffRole.id).where(
        StaffRole.board_id == by.board_id,
        StaffRole.school_id == by.school_id,
        StaffRole.adult_id == adult_id,
        StaffRole.ended_at.is_(None),
    )
    adult = session.get(Adult, adult_id)
    if adult is None or session.scalar(works_here.limit(1)) is None:
        raise NotFound
    problems = _faults(role, by.school_id, group_names, by=by)
    if problems:
        raise Invalid(problems)
    found = groups.find_groups(session, by.school_id, group_names) if group_names else []
    has_account = _give(session, adult, by.school_id, role, found, by=by)
    name = Name(adult.first_name or adult.initials, adult.prefix, adult.surname).display()
    return AddedStaff(adult.id, name, role, tuple(group.name for group in found), has_account, None)


def end_role(session: Session, role_id: UUID, *, by: Visitor) -> UUID:
    """Take a role of the own school away, and end every session of who had it. Answers the adult's id.

    A teacher loses the groups as well, from today on. Raises `NotFound`, and `NotNow` for a role that ended and for
    the last director of a school.
    """
    row = _get(session, role_id, by=by)
    if row.ended_at is not None:
        raise NotNow(N_("Deze rol is al gestopt."))
    if row.role is Role.DIRECTOR and _count_directors(session, row) == 1:
        raise NotNow(N_("Dit is de laatste directeur van de school. Geef eerst iemand anders de rol van directeur."))
    row.ended_at, row.ended_by_id = clock.now(session), by.adult_id
    if row.role is Role.TEACHER:
        _end_groups(session, row)
    audit.record(
        session,
        Event.STAFF_ENDED,
        by=by,
        board_id=by.board_id,
        about=("adult", row.adult_id),
        detail={"role": row.role.value},
    )
    sign_in.end_all_of(session, by.board_id, row.adult_id)
    return row.adult_id


def set_leave(session: Session, role_id: UUID, *, on_leave: bool, by: Visitor) -> UUID:
    """Note that somebody is away for long, so that requests go to a colleague; answers the adult's id."""
    row = _get(session, role_id, by=by)
    if row.ended_at is not None:
        raise NotNow(N_("Deze rol is al gestopt."))
    if row.on_leave != on_leave:
        row.on_leave = on_leave
        audit.record(
            session,
            Event.STAFF_LEAVE_CHANGED,
            by=by,
            board_id=by.board_id,
            about=("adult", row.adult_id),
            detail={"on_leave": "yes" if on_leave else "no"},
        )
    return row.adult_id


def split_name(text: str) -> Name:
    """A full name in its parts: lower-case words between first and last name are the prefix ("Lot de Wit")."""
    words = tidy(text).split()
    first, rest = words[:1], words[1:]
    prefix = []
    while len(rest) > 1 and rest[0] == rest[0].lower():
        prefix.append(rest.pop(0))
    return Name(" ".join(first), " ".join(prefix), " ".join(rest))


def _refuse_elsewhere(session: Session, board_id: UUID, school_id: UUID | None, *, by: Actor) -> None:
    school = session.get(School, school_id) if school_id else None
    if session.get(Board, board_id) is None or (school_id and (school is None or school.board_id != board_id)):
        raise NotFound
    if isinstance(by, Visitor) and (board_id, school_id) != (by.board_id, by.school_id):
        raise NotFound


def _give(session: Session, adult: Adult, school_id: UUID | None, role: Role, found: list[Group], *, by: Actor) -> bool:
    """Write the role and the groups; answers whether this adult has an account.

    A letter or a code of the counter that was made before is withdrawn: whoever made it may not give the new role,
    and it would open that role. Whoever watches over roles hears of a new one by mail.
    """
    if not may_give(by.role, role, to_oneself=adult.id == by.adult_id):
        raise Invalid({"name": N_("U kunt uzelf geen rol geven. Vraag een collega.")})
    overseers = role_notices.list_overseers(session, adult.board_id, school_id, role)
    is_new = _add_role(session, adult, school_id, role, by=by)
    _add_groups(session, adult, found, by=by)
    account = select(Account.id).where(Account.board_id == adult.board_id, Account.adult_id == adult.id)
    has_account = session.scalar(account) is not None
    if is_new:
        invitations.revoke_letters(session, adult.board_id, adult.id, by=by)
        role_notices.tell(session, overseers, adult, school_id, role, by=by)
    return has_account


def _faults(role: Role, school_id: UUID | None, group_names: tuple[str, ...], *, by: Actor) -> dict[str, str]:
    if role not in STAFF:
        return {"role": N_("Kies een rol van een medewerker.")}
    if not may_give(by.role, role):
        return {"role": N_("Deze rol kunt u niet geven. De directeur of de beheerder doet dat.")}
    if role in BOARD_WIDE and school_id is not None:
        return {
            "role": N_("De rol %(role)s hoort bij een bestuur, niet bij een school. Gebruik --board.", role=role.value)
        }
    if role not in BOARD_WIDE and school_id is None:
        return {"role": N_("De rol %(role)s hoort bij een school. Gebruik --school.", role=role.value)}
    if group_names and role is not Role.TEACHER:
        return {"groups": N_("Alleen een leerkracht krijgt een groep.")}
    return {}


def _address(email: str, problems: dict[str, str]) -> str:
    try:
        return str(validate_email(email.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        problems["email"] = N_("Vul een e-mailadres in, zoals naam@school.nl.")
        return ""


def _find_adult(session: Session, board_id: UUID, name: Name, email: str) -> Adult | None:
    rows = session.scalars(
        select(Adult).where(
            Adult.board_id == board_id, func.lower(Adult.email) == email.lower(), Adult.merged_into_id.is_(None)
        )
    )
    wanted = (comparable(name.first), comparable(name.last))
    return next((row for row in rows if (comparable(row.first_name), comparable(row.surname)) == wanted), None)


def _add_adult(session: Session, board_id: UUID, name: Name, email: str) -> Adult:
    adult = Adult(
        id=new_id(),
        board_id=board_id,
        first_name=name.first,
        prefix=name.prefix,
        surname=name.last,
        email=email,
        created_at=clock.now(session),
    )
    session.add(adult)
    session.flush()
    return adult


def _add_role(session: Session, adult: Adult, school_id: UUID | None, role: Role, *, by: Actor) -> bool:
    held = session.scalar(
        select(StaffRole.id).where(
            StaffRole.board_id == adult.board_id,
            StaffRole.adult_id == adult.id,
            StaffRole.role == role,
            StaffRole.school_id == school_id if school_id else StaffRole.school_id.is_(None),
            StaffRole.ended_at.is_(None),
        )
    )
    if held is not None:
        return False
    session.add(
        StaffRole(
            id=new_id(),
            board_id=adult.board_id,
            adult_id=adult.id,
            school_id=school_id,
            role=role,
            granted_at=clock.now(session),
            granted_by_id=by.adult_id,
        )
    )
    audit.record(
        session,
        Event.STAFF_ADDED,
        by=by,
        board_id=adult.board_id,
        about=("adult", adult.id),
        detail={"role": role.value},
    )
    return True


def _add_groups(session: Session, adult: Adult, found: list[Group], *, by: Actor) -> None:
    """From today on; a group that this teacher has already stays as it is."""
    today = clock.amsterdam_date(clock.now(session))
    for group in found:
        held = session.scalar(
            select(TeacherAssignment.id).where(
                TeacherAssignment.board_id == adult.board_id,
                TeacherAssignment.group_id == group.id,
                TeacherAssignment.adult_id == adult.id,
                TeacherAssignment.ends_on.is_(None),
            )
        )
        if held is None:
            groups.add(session, group, adult.id, starts_on=today, by=by)


def _end_groups(session: Session, row: StaffRole) -> None:
    today = clock.amsterdam_date(clock.now(session))
    rows = session.scalars(
        select(TeacherAssignment)
        .join(Group, Group.id == TeacherAssignment.group_id)
        .where(
            TeacherAssignment.board_id == row.board_id,
            TeacherAssignment.adult_id == row.adult_id,
            Group.school_id == row.school_id,
        )
    )
    for assignment in rows:
        if assignment.ends_on is None or assignment.ends_on > today:
            assignment.ends_on = max(today, assignment.starts_on)


def _count_directors(session: Session, row: StaffRole) -> int:
    return int(
        session.scalar(
            select(func.count()).where(
                StaffRole.board_id == row.board_id,
                StaffRole.school_id == row.school_id,
                StaffRole.role == Role.DIRECTOR,
                StaffRole.ended_at.is_(None),
            )
        )
        or 0
    )


def _get(session: Session, role_id: UUID, *, by: Visitor) -> StaffRole:
    row = session.get(StaffRole, role_id)
    if row is None or (row.board_id, row.school_id) != (by.board_id, by.school_id):
        raise NotFound
    return row
