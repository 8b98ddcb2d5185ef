"""R6: answers of passkeys that are replayed, made elsewhere, without a face or finger, copied or of somebody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from sqlalchemy.orm import Session

from parentportal.models.sign_in import Account
from parentportal.outside.passkeys import Site
from parentportal.rules.second_factors import Purpose
from parentportal.services import passkeys
from parentportal.services.passkeys import Outcome
from tests.attack.guessing import Intruder
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.authenticator import HONEST, Authenticator, Cheat, to_text


def site_of(portal: Portal) -> Site:
    site = Site.at(portal.settings.base_url)
    assert site is not None
    return site


def give_passkey(portal: Portal, name: str) -> Authenticator:
    """A telephone with a passkey for somebody's account; makes the account when there is none."""
    portal.key_of(name)
    phone = Authenticator(site_of(portal))

    def make(session: Session) -> None:
        account = session.query(Account).filter_by(adult_id=portal.person(name)).one()
        options = passkeys.ask_to_make(
            session,
            holder="maker",
            purpose=Purpose.ADD,
            site=phone.site,
            owner=account.adult_id,
            name=account.sign_in_name,
            shown_as=account.sign_in_name,
        )
        session.flush()
        made = passkeys.check_new(session, phone.make(options), holder="maker", purpose=Purpose.ADD, site=phone.site)
        assert not isinstance(made, passkeys.Unproved), made
        passkeys.keep(session, account, made, name="telefoon")

    portal.database.write(make)
    return phone


def ask(intruder: Intruder) -> dict[str, Any]:
    """The challenge that the first page asks for."""
    intruder.get("/inloggen")
    answer = intruder.post("/beveiliging/vraag/inloggen", {})
    assert answer.status_code == 200, answer.status_code
    options: dict[str, Any] = answer.get_json()
    return options


def hand_in(intruder: Intruder, answer: str) -> bool:
    """Whether this answer opens the portal."""
    handed = intruder.post("/inloggen/passkey", {"answer": answer})
    return handed.status_code == 303 and not handed.headers["Location"].startswith("/inloggen")


def signs_in_with_passkey(portal: Portal, phone: Authenticator, address: str = "203.0.113.77") -> bool:
    stranger = Intruder(portal.app, address)
    return hand_in(stranger, phone.prove(ask(stranger)))


def cheat(portal: Portal, dose: int) -> Result:
    """Each fault on a browser of its own; an honest answer in between, so that the way itself is open."""
    phone, foreign = give_passkey(portal, "noor"), give_passkey(portal, "ravi")
    taken: dict[str, int] = {}
    honest = 0
    for _ in range(dose):
        taken["replayed"] = taken.get("replayed", 0) + _replays(portal, phone)
        for name, answer in (
            ("other origin", Cheat(origin="https://portaal.example.evil.test")),
            ("no verification", Cheat(verified=False)),
        ):
            browser = Intruder(portal.app)
            taken[name] = taken.get(name, 0) + hand_in(browser, phone.prove(ask(browser), answer))
        taken["counter back"] = taken.get("counter back", 0) + _counts_back(portal)
        honest += signs_in_with_passkey(portal, phone)
        taken["foreign"] = taken.get("foreign", 0) + _uses_foreign(portal, foreign, phone)
    return Result(
        f"5 faults × {dose}, and {dose} honest ones",
        ", ".join(f"{name} {number}" for name, number in taken.items()) + f" taken; honest {honest} of {dose}",
        not any(taken.values()) and honest == dose,
    )


def _replays(portal: Portal, phone: Authenticator) -> bool:
    """An answer that opened the portal a moment ago, from the same browser after signing out and from another."""
    owner = Intruder(portal.app)
    answer = phone.prove(ask(owner))
    assert hand_in(owner, answer), "an honest answer opens the portal"
    owner.get("/rol")
    owner.post("/uitloggen", {})
    thief = Intruder(portal.app)
    taken = [hand_in(browser, answer) for browser in (owner, thief) if ask(browser)]
    return any(taken)


def _counts_back(portal: Portal) -> bool:
    """A copy of a key that was used since; such a key is stopped, so each time it is one of its own."""
    phone = give_passkey(portal, "noor")
    copy = phone.copy()
    assert signs_in_with_passkey(portal, phone), "an honest answer opens the portal"
    assert signs_in_with_passkey(portal, phone), "and does so again"
    return signs_in_with_passkey(portal, copy)


def _uses_foreign(portal: Portal, foreign: Authenticator, owner: Authenticator) -> bool:
    """A key that the portal never saw, and one of Ravi that says it is Noor's."""
    unknown = Authenticator(foreign.site)
    unknown.make({"challenge": to_text(b"x" * 32), "user": {"id": to_text(owner.keys[0].owner)}})
    results = []
    for phone, lie in ((unknown, HONEST), (foreign, Cheat(owner=owner.keys[0].owner))):
        browser = Intruder(portal.app)
        results.append(hand_in(browser, phone.prove(ask(browser), lie)))
    return any(results)


@contextmanager
def believing_answers(_portal: Portal) -> Iterator[None]:
    """Whoever names a key is believed to hold it."""

    def credulous(session: Session, answer: str, **options: object) -> Any:
        owner = passkeys.find_owner(session, answer)
        return Outcome(uuid4(), owner) if owner else passkeys.Unproved.WRONG

    with patch.object(passkeys, "prove", credulous):
        yield


ROWS = (
    Row(
        "R6",
        "passkeys: replayed, other origin, no verification, counter back, foreign",
        "0 taken",
        cheat,
        believing_answers,
        "whoever names a key is believed",
        small=1,
        full=20,
        controlled=1,
    ),
)
