"""Z3: a right is withdrawn while a request that it allowed is under way; from then on nothing may be written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from flask import request
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account
from parentportal.rules.audit import Event
from parentportal.rules.authority import Status
from parentportal.rules.step_ups import Act
from parentportal.services import authority, sign_in, staff
from parentportal.services.authority import EndReason
from parentportal.web import portal as web_portal
from tests.attack.guessing import cheap_passwords
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.one_time_codes import by_cryptography
from tests.services.story import visitor
from tests.visit import Visit

NO_ACT = frozenset({Event.ACCESS_DENIED, Event.SIGN_IN_ENDED, Event.STEP_UP_FAILED})
"""What stands in the log of somebody who is turned away."""


@dataclass(frozen=True, slots=True)
class Race:
    """Who does what, what is withdrawn meanwhile, and how it is given back for the next round."""

    who: str
    proved: tuple[Act, ...]
    what: str
    hand_in: Callable[[Portal, Visit], Any]
    withdraw: Callable[[Portal, Session], object]
    give_back: Callable[[Portal, Session], object]


def race(portal: Portal, dose: int) -> Result:
    """Each kind of act in turn; the withdrawal is committed after the guard let the request in, before its own unit."""
    late: dict[str, int] = {}
    meanwhile = _Meanwhile(portal)
    with cheap_passwords():
        for number in range(dose):
            one = RACES[number % len(RACES)]
            late.setdefault(one.what, 0)
            portal.wait(seconds=60)
            portal.forget_tries()
            visit = portal.visit_as(one.who, proved=one.proved)
            meanwhile.plan(one)
            one.hand_in(portal, visit)
            assert meanwhile.done, f"{one.what}: nothing was under way"
            late[one.what] += _acts_after(portal, one.who, meanwhile.mark)
            portal.database.write(lambda session, one=one: one.give_back(portal, session))  # type: ignore[misc]
    return Result(
        f"{dose:,} requests",
        "; ".join(f"{what}: {number}" for what, number in late.items()) + " written afterwards",
        not any(late.values()),
    )


class _Meanwhile:
    """Does something once, between the guard and the view of the next form that is handed in."""

    def __init__(self, portal: Portal) -> None:
        self._portal, self._planned, self.mark = portal, None, 0
        portal.app.before_request_funcs[None].append(self._run)

    def plan(self, one: Race) -> None:
        self._planned = one

    @property
    def done(self) -> bool:
        return self._planned is None

    def _run(self) -> None:
        one = self._planned
        if one is None or request.method != "POST":
            return
        self._planned = None
        database = self._portal.database
        database.write(lambda session: one.withdraw(self._portal, session))
        with database.read() as session:
            self.mark = session.scalar(select(func.max(AuditEvent.number))) or 0


def _acts_after(portal: Portal, who: str, mark: int) -> int:
    """Rows of the log, and second factors that were taken, by this person after the withdrawal."""
    with portal.database.read() as session:
        rows = session.scalars(
            select(AuditEvent.event).where(AuditEvent.by_id == portal.person(who), AuditEvent.number > mark)
        )
        return sum(Event(row) not in NO_ACT for row in rows)


def _consent(portal: Portal, visit: Visit) -> None:
    page = visit.get(f"/mijn/kinderen/{portal.people.sem}/toestemming")
    form = next(form for form in page.forms() if form.find("input", attrs={"type": "radio"}))
    last = "no" if portal.clock.now().minute % 2 else "yes"
    names = {str(radio["name"]) for radio in form.find_all("input", attrs={"type": "radio"})}
    visit.hand_in(dict.fromkeys(names, last), form=str(form["action"]))


def _role(portal: Portal, visit: Visit) -> None:
    visit.get("/werk/medewerkers/toevoegen")
    moment = f"{portal.clock.now():%d%H%M}"
    visit.hand_in(
        {"name": f"Kim Voorbeeld{moment}", "email": f"kim{moment}@waterlijn.example", "role": "support"},
        form="/werk/medewerkers/toevoegen",
    )


def _step_up(portal: Portal, visit: Visit) -> None:
    visit.get("/beveiliging/bevestigen?naar=/beveiliging/wachtwoord")
    code = by_cryptography(portal.key_of("noor"), portal.clock.now())
    visit.hand_in({"proof_code": code}, form="/beveiliging/bevestigen")


def _new_password(portal: Portal, visit: Visit) -> None:
    visit.get("/beveiliging/wachtwoord")
    visit.hand_in({"password": f"zeven groene kikkers {portal.clock.now():%d%H%M}"}, form="/beveiliging/wachtwoord")


def _account(portal: Portal, session: Session, who: str) -> Account:
    return session.scalars(select(Account).where(Account.adult_id == portal.person(who))).one()


def _end_authority(portal: Portal, session: Session) -> None:
    authority.end(
        session,
        portal.people.noor_of_sem,
        seen=Status.CONFIRMED,
        last_day_gone=portal.clock.now().date(),
        reason=EndReason.RULING,
        by=visitor(portal.database, portal.people, "petra"),
    )


def _restore_authority(portal: Portal, session: Session) -> None:
    session.execute(
        update(Authority)
        .where(Authority.id == portal.people.noor_of_sem)
        .values(status=Status.CONFIRMED, valid_until=None, ended_at=None, ended_by_id=None)
    )


def _end_role(portal: Portal, session: Session) -> None:
    row = session.scalars(select(StaffRole).where(StaffRole.adult_id == portal.people.petra)).one()
    staff.end_role(session, row.id, by=visitor(portal.database, portal.people, "hanna"))


def _restore_role(portal: Portal, session: Session) -> None:
    session.execute(
        update(StaffRole).where(StaffRole.adult_id == portal.people.petra).values(ended_at=None, ended_by_id=None)
    )


def _end_sessions(portal: Portal, session: Session) -> None:
    sign_in.end_all(session, _account(portal, session, "noor").id)


def _block(portal: Portal, session: Session) -> None:
    account = _account(portal, session, "noor")
    account.blocked_at, account.blocked_by_id = portal.clock.now(), portal.people.hanna


def _unblock(portal: Portal, session: Session) -> None:
    account = _account(portal, session, "noor")
    account.blocked_at = account.blocked_by_id = None


def _nothing(_portal: Portal, _session: Session) -> None:
    return None


RACES = (
    Race("noor", (), "consent, authority ended", _consent, _end_authority, _restore_authority),
    Race("petra", (Act.ROLES,), "role given, own role ended", _role, _end_role, _restore_role),
    Race("noor", (), "second factor, sessions ended", _step_up, _end_sessions, _nothing),
    Race("noor", (Act.WAYS_IN,), "password, sessions ended", _new_password, _end_sessions, _nothing),
    Race("noor", (), "consent, account blocked", _consent, _block, _unblock),
)


@contextmanager
def looking_only_before(_portal: Portal) -> Iterator[None]:
    """The guard's look at the beginning of the request is the only one."""
    with patch.object(web_portal, "refuse_who_left", lambda _session: None):
        yield


ROWS = (
    Row(
        "Z3",
        "a right withdrawn while its request is under way",
        "0 written after the withdrawal",
        race,
        looking_only_before,
        "only the guard looks, at the beginning",
        small=5,
        full=1_000,
        controlled=5,
    ),
)
