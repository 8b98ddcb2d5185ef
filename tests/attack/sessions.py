"""R5: cookies that were copied before somebody signed out, changed a means, lost a right or was blocked."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.consents import ConsentEvent
from parentportal.models.people import StaffRole
from parentportal.models.second_factors import CodesApp
from parentportal.models.sign_in import Account, SignInSession
from parentportal.reads import sign_in as reads
from parentportal.rules.authority import Status
from parentportal.rules.step_ups import Act
from parentportal.services import authority, password_resets, second_factors, sign_in, staff
from parentportal.services.authority import EndReason
from tests.attack.guessing import HOME, Intruder
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.cheap_passwords import CheapHasher, cheap_passwords
from tests.counter import Counter
from tests.one_time_codes import by_cryptography
from tests.resetting import HERE, ask, prove
from tests.services.story import visitor
from tests.sessions import PASSWORD

DEVICE = "__Host-kijkglas-toestel"
NEW = "zeven groene kikkers"
NAMES = {"noor": "noor@post.example", "petra": "petra@waterlijn.example"}


def replay(portal: Portal, dose: int) -> Result:
    """Each event, `dose` times: what was copied before it is handed in after it."""
    taken: dict[str, int] = {}
    tried = 0
    with cheap_passwords():
        for _ in range(dose):
            for name, (who, happens, forgets) in EVENTS.items():
                taken.setdefault(name, 0)
                number, good = _replay_one(portal, who, happens, forgets)
                tried += number
                taken[name] += good
    bad = {name: number for name, number in taken.items() if number}
    return Result(
        f"{len(EVENTS)} events × 3 cookies × {dose}: {tried} tries",
        f"{sum(taken.values())} accepted {bad or ''}".strip(),
        not bad,
    )


def _replay_one(portal: Portal, who: str, happens: "Event", forgets: bool) -> tuple[int, int]:
    portal.wait(minutes=2)
    portal.forget_tries()
    owner = _sign_in(portal, who)
    path = "/werk/medewerkers" if who == "petra" else f"/mijn/kinderen/{portal.people.sem}/toestemming"
    page = owner.get(path).get_data(as_text=True)
    device = owner.client.get_cookie(DEVICE, domain="portaal.example")
    assert device is not None, "the browser is known"
    assert _opens(page, who), "the page is private and open before"
    thief = _copy_of(portal, owner)
    happens(portal, owner)
    before = _written(portal)
    accepted = _opens(thief.get(path).get_data(as_text=True), who)
    names = set(re.findall(r'name="([^"]+)"[^>]*type="radio"', page))
    names |= set(re.findall(r'type="radio"[^>]*name="([^"]+)"', page))
    thief.token = owner_token(page)
    thief.post(path, dict.fromkeys(names, "yes") | {"idempotency_key": str(uuid4())})
    accepted += _written(portal) != before
    accepted += thief.get("/beveiliging/").status_code == 200 and who == "noor" and forgets
    if forgets:
        with portal.database.read() as session:
            found = reads.find_credentials(session, NAMES[who], device.value)
        accepted += found is not None and found.known_device_id is not None
    _give_back(portal)
    return 3 + forgets, accepted


Event = Callable[[Portal, Intruder], None]


def _sign_in(portal: Portal, who: str) -> Intruder:
    key = portal.key_of(who)
    owner = Intruder(portal.app, HOME)
    assert owner.give_password(NAMES[who], PASSWORD), "the password is right"
    owner.post("/inloggen/code", {"code": by_cryptography(key, portal.clock.now())})
    _complete(portal, who)
    return owner


def _complete(portal: Portal, who: str) -> None:
    """Somebody at work needs a second way in; that is not what this row is about."""

    def complete(session: Session) -> None:
        account = account_of(session, portal, who)
        session.execute(update(SignInSession).where(SignInSession.account_id == account.id).values(must_add=False))

    portal.database.write(complete)


def owner_token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    return found.group(1) if found else ""


def _opens(body: str, who: str) -> bool:
    return bool(re.search(r"\bSem\b" if who == "noor" else "Ilse Vermeer", body))


def _copy_of(portal: Portal, owner: Intruder) -> Intruder:
    """A browser elsewhere with every cookie of this one."""
    thief = Intruder(portal.app)
    for cookie in list(owner.client._cookies.values()):
        thief.client.set_cookie(cookie.key, cookie.value, domain="portaal.example", secure=True)
    return thief


def _written(portal: Portal) -> int:
    with portal.database.read() as session:
        return session.scalar(select(func.count()).select_from(ConsentEvent)) or 0


def account_of(session: Session, portal: Portal, who: str) -> Account:
    return session.scalars(select(Account).where(Account.adult_id == portal.person(who))).one()


def _signs_out(portal: Portal, owner: Intruder) -> None:
    owner.get("/rol")
    owner.post("/uitloggen", {})


def _changes_password(portal: Portal, _owner: Intruder) -> None:
    other = portal.visit_as("noor", proved=(Act.WAYS_IN,))
    other.get("/beveiliging/wachtwoord")
    other.fill({"password": NEW}, form="/beveiliging/wachtwoord")


def _resets_password(portal: Portal, _owner: Intruder) -> None:
    portal.wait(minutes=2)
    token = ask(portal.database, NAMES["noor"])
    code = by_cryptography(portal.key_of("noor"), portal.clock.now())
    assert prove(portal.database, token, code) is None
    password_resets.choose(portal.database, token, HERE, NEW)


def _makes_codes(portal: Portal, _owner: Intruder) -> None:
    other = portal.visit_as("noor", proved=(Act.WAYS_IN,))
    other.get("/beveiliging/noodcodes")
    other.fill(form="/beveiliging/noodcodes")


def _ends_elsewhere(portal: Portal, _owner: Intruder) -> None:
    portal.database.write(lambda session: sign_in.end_all(session, account_of(session, portal, "noor").id))


def _is_blocked(portal: Portal, _owner: Intruder) -> None:
    def block(session: Session) -> None:
        account = account_of(session, portal, "noor")
        account.blocked_at, account.blocked_by_id = portal.clock.now(), portal.people.hanna

    portal.database.write(block)


def _loses_authority(portal: Portal, _owner: Intruder) -> None:
    by = visitor(portal.database, portal.people, "petra")
    portal.database.write(
        lambda session: authority.end(
            session,
            portal.people.noor_of_sem,
            seen=Status.CONFIRMED,
            last_day_gone=portal.clock.now().date(),
            reason=EndReason.RULING,
            by=by,
        )
    )


def _loses_role(portal: Portal, _owner: Intruder) -> None:
    by = visitor(portal.database, portal.people, "hanna")

    def end(session: Session) -> None:
        row = session.scalars(select(StaffRole).where(StaffRole.adult_id == portal.people.petra)).one()
        staff.end_role(session, row.id, by=by)

    portal.database.write(end)


def _is_helped_at_counter(portal: Portal, _owner: Intruder) -> None:
    counter = Counter(portal.database, portal.clock, portal.people)
    counter.confirm("hanna", counter.ask("petra", "noor"))


EVENTS: dict[str, tuple[str, Event, bool]] = {
    "sign-out": ("noor", _signs_out, False),
    "password changed": ("noor", _changes_password, True),
    "password reset": ("noor", _resets_password, True),
    "saved codes made": ("noor", _makes_codes, True),
    "ended elsewhere": ("noor", _ends_elsewhere, True),
    "blocked": ("noor", _is_blocked, True),
    "authority ended": ("noor", _loses_authority, False),
    "role ended": ("petra", _loses_role, False),
    "helped at the counter": ("noor", _is_helped_at_counter, True),
}
"""Whose cookies, what happens, and whether the browser must be a stranger afterwards."""


def _give_back(portal: Portal) -> None:
    """Everything as it was, but for the stamp, so that the next event finds an account that can be opened."""

    def restore(session: Session) -> None:
        account = account_of(session, portal, "noor")
        account.password_hash, account.cautious_until = CheapHasher.hash(PASSWORD), None
        account.blocked_at = account.blocked_by_id = None
        if not second_factors.list_apps(session, account):
            key = portal.key_of("noor")
            session.add(
                CodesApp(
                    id=new_id(),
                    board_id=account.board_id,
                    account_id=account.id,
                    secret=second_factors.seal_key(session, account.id, key),
                    last_step=0,
                    made_at=portal.clock.now(),
                )
            )
        session.execute(
            update(Authority)
            .where(Authority.id == portal.people.noor_of_sem)
            .values(status=Status.CONFIRMED, valid_until=None, ended_at=None, ended_by_id=None)
        )
        session.execute(
            update(StaffRole).where(StaffRole.adult_id == portal.people.petra).values(ended_at=None, ended_by_id=None)
        )

    portal.wait(hours=25)
    portal.database.write(restore)


@contextmanager
def sessions_that_stay(_portal: Portal) -> Iterator[None]:
    """Signing out and changes of means leave the rows of sessions and known devices as they are."""

    def nothing(session: Session, *args: object, **options: object) -> None:
        return None

    with patch.object(sign_in, "end", nothing), patch.object(sign_in, "end_all", nothing):
        yield


ROWS = (
    Row(
        "R5",
        "session, known-device and form cookies, copied before and handed in after",
        "0 accepted",
        replay,
        sessions_that_stay,
        "rows of sessions and devices stay",
        small=1,
        full=10,
        controlled=1,
    ),
)
