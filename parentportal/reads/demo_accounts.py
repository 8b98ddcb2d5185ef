"""The accounts of the demo with the code that each app would show now; only the demo's own page asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from parentportal.models.boards import School
from parentportal.models.people import Adult, StaffRole
from parentportal.models.second_factors import CodesApp
from parentportal.models.sign_in import Account
from parentportal.outside import clock, one_time_codes, vault
from parentportal.outside.translations import SOURCE_LANGUAGE, own_name
from parentportal.rules.names import Name
from parentportal.rules.roles import Role

ROLES = {
    Role.TEACHER: "leerkracht",
    Role.SUPPORT: "intern begeleider",
    Role.ADMINISTRATION: "administratie",
    Role.DIRECTOR: "directeur",
    Role.BOARD: "bestuur",
    Role.COORDINATOR: "privacycoördinator",
    Role.OFFICER: "privacy-adviseur (FG)",
    Role.TECHNICAL: "technisch beheer",
}
GUARDIAN = "ouder of verzorger"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account; `roles` are those at work, with the school where each is held (None: the whole board)."""

    name: str
    roles: tuple[tuple[Role, str | None], ...]
    sign_in_name: str
    code: str
    language: str

    @property
    def in_words(self) -> str:
        """What this person is; the command of the demo speaks Dutch alone."""
        words = [f"{ROLES[role]}, {school}" if school else ROLES[role] for role, school in self.roles] or [GUARDIAN]
        if self.language != SOURCE_LANGUAGE:
            words.append(f"leest {own_name(self.language)}")
        return "; ".join(words)


def list_accounts(session: Session) -> Sequence[DemoAccount]:
    """Every account of the installation, staff first, each with its present one-time code."""
    now = clock.now(session)
    rows = session.execute(
        select(Account, Adult, StaffRole.role, School.name)
        .join(Adult, and_(Adult.id == Account.adult_id, Adult.board_id == Account.board_id))
        .outerjoin(StaffRole, and_(StaffRole.adult_id == Adult.id, StaffRole.ended_at.is_(None)))
        .outerjoin(School, School.id == StaffRole.school_id)
        .order_by(StaffRole.role.is_(None), School.name, Adult.surname, Adult.first_name)
    )
    roles: dict[Account, list[tuple[Role, str | None]]] = {}
    adults: dict[Account, Adult] = {}
    for account, adult, role, school in rows:
        adults[account] = adult
        held = roles.setdefault(account, [])
        if role is not None:
            held.append((role, school))
    return [
        DemoAccount(
            name=Name(adult.first_name or adult.initials, adult.prefix, adult.surname).display(),
            roles=tuple(roles[account]),
            sign_in_name=account.sign_in_name,
            code=one_time_codes.current_code(key, now) if (key := _secret(session, account)) else "",
            language=account.language,
        )
        for account, adult in adults.items()
    ]


def _secret(session: Session, account: Account) -> str | None:
    """The key of the first codes app; None for somebody who signs in without one."""
    sealed = session.scalar(
        select(CodesApp.secret)
        .where(CodesApp.account_id == account.id)
        .order_by(CodesApp.made_at, CodesApp.id)
        .limit(1)
    )
    return vault.of(session).open(sealed, table="account", row=account.id, column="totp_secret") if sealed else None
