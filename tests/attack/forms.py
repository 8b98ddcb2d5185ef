"""C3: the same form twice at once, once more after Back, and again because the answer was lost; it counts once."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from parentportal.access import OPERATOR
from parentportal.models.address_changes import AddressChange
from parentportal.models.base import Base
from parentportal.models.counter_recoveries import CounterRecovery
from parentportal.models.second_factors import CodesApp
from parentportal.models.sign_in import Account
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services import staff, submissions
from tests.activating import key_on
from tests.attack.guessing import cheap_passwords
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.one_time_codes import by_cryptography
from tests.sessions import PASSWORD
from tests.visit import BASE, Visit

NOT_COUNTED = frozenset({"submission", "attempt", "sign_in_session", "step_up", "known_device", "passkey_challenge"})
"""Tables about the browser itself, not about what its form asked."""
NO_ACTS = " WHERE event NOT IN ('access:denied', 'sign_in:failed')"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it is sent: from which browser, to where, with what."""

    visit: Visit
    path: str
    data: MultiDict[str, Any]

    def post(self, visit: Visit | None = None) -> TestResponse:
        return (visit or self.visit).raw("POST", self.path, data=self.data, headers={"Referer": BASE + self.path})


def repeat(portal: Portal, dose: int) -> Result:
    """Each form in each of the three ways in turn; what is there afterwards must be what one time leaves."""
    odd: list[str] = []
    kinds = [(form, way) for form in FORMS for way in WAYS]
    once: dict[str, Counter[str]] = {}
    with cheap_passwords(), ThreadPoolExecutor(2) as pool:
        for number in range(dose + len(FORMS)):
            first = number < len(FORMS)
            form, way = (FORMS[number], _once) if first else kinds[(number - len(FORMS)) % len(kinds)]
            portal.wait(minutes=2)
            portal.forget_tries()
            sent = form(portal, number)
            before = _count(portal)
            way(sent, pool)
            left = _count(portal)
            left.subtract(before)
            made = +left
            if first:
                assert made, f"{form.__name__} leaves nothing"
                once[form.__name__] = made
            elif made != once[form.__name__]:
                odd.append(f"{form.__name__} {way.__name__}: {dict(made - once[form.__name__])}")
            UNDO.get(form, _nothing)(portal)
    return Result(
        f"{dose:,} repeats: {len(FORMS)} forms × {len(WAYS)} ways",
        f"{len(odd)} with duplicates of rows, mails or log {'; '.join(odd[:2])}".strip(),
        not odd,
    )


def _once(sent: Sent, _pool: ThreadPoolExecutor) -> None:
    sent.post()


def _double_tap(sent: Sent, pool: ThreadPoolExecutor) -> None:
    """At once, each before the answer to the other."""
    list(pool.map(sent.post, (sent.visit, _twin(sent.visit))))


def _back_and_again(sent: Sent, _pool: ThreadPoolExecutor) -> None:
    """With the cookies that the first answer gave."""
    sent.post()
    sent.post()


def _lost_answer(sent: Sent, _pool: ThreadPoolExecutor) -> None:
    """With the cookies from before, for the first answer never came."""
    twin = _twin(sent.visit)
    sent.post()
    sent.post(twin)


WAYS = (_double_tap, _back_and_again, _lost_answer)


def _twin(visit: Visit) -> Visit:
    """The same browser once more, as far as its cookies go."""
    twin = Visit(visit.app)
    for cookie in list(visit.client._cookies.values()):
        twin.client.set_cookie(cookie.key, cookie.value, domain="portaal.example", secure=True)
    return twin


def _count(portal: Portal) -> Counter[str]:
    """Rows of every table; of the log only what somebody did, not that somebody was turned away."""
    counted: Counter[str] = Counter()
    with portal.database.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in NOT_COUNTED:
                where = NO_ACTS if table.name == "audit_event" else ""
                counted[table.name] = session.scalar(text(f"SELECT count(*) FROM {table.name}{where}")) or 0  # noqa: S608
    return counted


def _form(visit: Visit, path: str, values: dict[str, Any], *, form: str | None = None) -> Sent:
    """The form on a page, filled in but not sent."""
    page = visit.get(path)
    return _filled(visit, page.form(form), values)


def _filled(visit: Visit, tag: Any, values: dict[str, Any]) -> Sent:
    data = visit.held(tag)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return Sent(visit, str(tag["action"]), data)


def asks_for_a_reset(portal: Portal, _number: int) -> Sent:
    portal.key_of("noor")
    return _form(portal.visit(), "/wachtwoord-vergeten", {"name": "noor@post.example"})


def asks_for_another_address(portal: Portal, number: int) -> Sent:
    visit = portal.visit_as("noor", proved=(Act.ADDRESS,))
    return _form(visit, "/beveiliging/e-mail", {"email": f"noor{number}@post.example"}, form="/beveiliging/e-mail")


def adds_an_app(portal: Portal, _number: int) -> Sent:
    visit = portal.visit_as("noor", proved=(Act.WAYS_IN,))
    page = visit.get("/beveiliging/codes-app")
    if page.soup.select_one("#sleutel") is None:
        page = visit.fill(form="/beveiliging/codes-app/sleutel")
    code = by_cryptography(key_on(page).replace(" ", ""), portal.clock.now())
    return _filled(visit, page.form("/beveiliging/codes-app"), {"code": code, "name": "tablet"})


def removes_an_app(portal: Portal, number: int) -> Sent:
    added = adds_an_app(portal, number)
    added.post()
    with portal.database.read() as session:
        newest = session.scalars(select(CodesApp.id).order_by(CodesApp.made_at.desc(), CodesApp.id.desc())).first()
    visit = portal.visit_as("noor", proved=(Act.WAYS_IN,))
    path = f"/beveiliging/codes-apps/{newest}/weghalen"
    return _form(visit, path, {}, form=path)


def adds_staff(portal: Portal, number: int) -> Sent:
    visit = portal.visit_as("petra", proved=(Act.ROLES,))
    values = {"name": f"Kim Voorbeeld{number}", "email": f"kim{number}@waterlijn.example", "role": "support"}
    return _form(visit, "/werk/medewerkers/toevoegen", values, form="/werk/medewerkers/toevoegen")


def prints_a_letter(portal: Portal, _number: int) -> Sent:
    """In place of an earlier letter, which then stops working."""
    visit, path = portal.visit_as("petra"), f"/werk/brieven/medewerkers/{portal.people.bas}"
    _form(visit, path, {}, form="/printen").post()
    return _form(visit, path, {}, form="/printen")


def asks_for_help(portal: Portal, _number: int) -> Sent:
    portal.key_of("noor")
    portal.key_of("hanna")
    visit = portal.visit_as("petra", proved=(Act.RECOVERY,))
    values = {"identity": "document", "second": str(portal.people.hanna), "place": "screen"}
    path = f"/werk/inloghulp/personen/{portal.people.noor}"
    return _form(visit, path, values, form=path)


def finishes_activation(portal: Portal, number: int) -> Sent:
    """The last step of a new colleague: the account is there afterwards."""
    added = portal.database.write(
        lambda session: staff.add(
            session,
            portal.people.waterlijn,
            portal.people.regenboog,
            role=Role.SUPPORT,
            name=f"Bo Voorbeeld{number}",
            email=f"bo{number}@waterlijn.example",
            by=OPERATOR,
        )
    )
    assert added.letter is not None
    visit = portal.visit()
    visit.get(added.letter.url(BASE).removeprefix(BASE))
    visit.fill(form="activeren")
    visit.fill(form="/activeren/zonder-e-mail")
    visit.get("/activeren/wachtwoord")
    page = visit.fill({"password": PASSWORD})
    page = visit.fill({"code": by_cryptography(key_on(page).replace(" ", ""), portal.clock.now())}, form="/codes-app")
    saved = page.soup.select_one("#noodcodes li")
    assert saved is not None
    return _filled(visit, page.form("/noodcodes"), {"code": saved.get_text()})


FORMS: tuple[Callable[[Portal, int], Sent], ...] = (
    asks_for_a_reset,
    asks_for_another_address,
    adds_an_app,
    removes_an_app,
    adds_staff,
    prints_a_letter,
    asks_for_help,
    finishes_activation,
)


def _nothing(_portal: Portal) -> None:
    return None


def _forget_addresses(portal: Portal) -> None:
    portal.database.write(lambda session: session.execute(delete(AddressChange)))


def _forget_app(portal: Portal) -> None:
    def forget(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == portal.people.noor)).one()
        rows = select(CodesApp.id).where(CodesApp.account_id == account.id).order_by(CodesApp.made_at)
        for app_id in list(session.scalars(rows))[1:]:
            session.execute(delete(CodesApp).where(CodesApp.id == app_id))

    portal.database.write(forget)


def _forget_help(portal: Portal) -> None:
    portal.database.write(lambda session: session.execute(delete(CounterRecovery)))


UNDO: dict[Callable[[Portal, int], Sent], Callable[[Portal], None]] = {
    asks_for_another_address: _forget_addresses,
    adds_an_app: _forget_app,
    asks_for_help: _forget_help,
}


@contextmanager
def every_form_anew(_portal: Portal) -> Iterator[None]:
    """A form that comes in twice is two forms."""

    def again(session: Session, key: object, *, owner: str, endpoint: str, work: Callable[[Session], str]) -> str:
        return work(session)

    with patch.object(submissions, "once", again):
        yield


ROWS = (
    Row(
        "C3",
        "forms sent twice at once, after Back, and after a lost answer",
        "0 duplicates of rows, mails or log",
        repeat,
        every_form_anew,
        "a form that comes in twice is two",
        small=6,
        full=1_000,
        controlled=6,
    ),
)
