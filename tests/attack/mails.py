"""M1: headers that name another host, on every request that leads to a mail; no mail may have a link there."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import request
from sqlalchemy import delete

from parentportal.access import OPERATOR
from parentportal.jobs import outbox as jobs_outbox
from parentportal.models.outbox import OutboxMail
from parentportal.outside.mailer import Message
from parentportal.rules.step_ups import Act
from parentportal.services import invitations, password_resets
from tests.attack.guessing import HOME, Intruder, cheap_passwords
from tests.attack.passwords import give_saved_codes
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.one_time_codes import by_cryptography
from tests.sessions import PASSWORD
from tests.visit import BASE, Visit

NOOR, EVIL = "noor@post.example", "evil.test"
POISON: tuple[dict[str, str], ...] = (
    {"HTTP_HOST": EVIL},
    {"HTTP_HOST": f"portaal.example.{EVIL}"},
    {"HTTP_HOST": f"portaal.example:80@{EVIL}"},
    {"HTTP_X_FORWARDED_HOST": EVIL},
    {"HTTP_FORWARDED": f"for=1.2.3.4;host={EVIL};proto=https"},
    {"HTTP_X_HOST": EVIL},
    {"HTTP_X_FORWARDED_SERVER": EVIL},
    {"HTTP_X_HTTP_HOST_OVERRIDE": EVIL},
    {"HTTP_X_ORIGINAL_HOST": EVIL, "HTTP_X_ORIGINAL_URL": f"https://{EVIL}/"},
    {"REQUEST_URI": f"https://{EVIL}/inloggen", "RAW_URI": f"https://{EVIL}/inloggen"},
    {"SERVER_NAME": EVIL, "SERVER_PORT": "8443"},
    {"HTTP_X_FORWARDED_PREFIX": f"//{EVIL}", "SCRIPT_NAME": ""},
)
HOST = re.compile(r"https?://([^/\s\"'<>)]+)")


def poison(portal: Portal, dose: int) -> Result:
    """Each flow with each of the first `dose` headers; what it leaves in the outbox is then written and looked at."""
    poisoned, sent, foreign, kinds = _Poisoned(portal), 0, 0, set()
    with cheap_passwords():
        for number, headers in enumerate(POISON[:dose]):
            for flow in FLOWS:
                portal.wait(minutes=31)
                portal.forget_tries()
                with poisoned.by(headers):
                    flow(portal, number)
                portal.database.write(password_resets.work_off)
                for message in _send(portal):
                    sent += 1
                    kinds.add(message.subject)
                    hosts = set(HOST.findall(message.text + message.html))
                    foreign += bool(hosts - {"portaal.example"}) or EVIL in message.text + message.html
    done = f"{len(POISON[:dose])} headers × {len(FLOWS)} flows"
    return Result(done, f"{foreign} of {sent} mails, {len(kinds)} kinds", foreign == 0 and sent >= len(FLOWS))


class _Poisoned:
    """Lays headers into every request, below everything that reads them."""

    def __init__(self, portal: Portal) -> None:
        self._headers: dict[str, str] = {}
        self._app = portal.app.wsgi_app
        portal.app.wsgi_app = self._answer  # type: ignore[method-assign]  # as middleware is laid around

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return self._app(environ | self._headers, start)

    @contextmanager
    def by(self, headers: dict[str, str]) -> Iterator[None]:
        self._headers = headers
        try:
            yield
        finally:
            self._headers = {}


class _Postbox:
    def __init__(self) -> None:
        self.kept: list[Message] = []

    def send(self, message: Message) -> None:
        self.kept.append(message)


def _send(portal: Portal) -> list[Message]:
    postbox = _Postbox()
    while not jobs_outbox.send_due(portal.database, postbox, portal.settings.base_url).idle:
        pass
    portal.database.write(lambda session: session.execute(delete(OutboxMail)))
    return postbox.kept


def _forgets_password(portal: Portal, _number: int) -> None:
    visitor = Intruder(portal.app, HOME)
    visitor.get("/wachtwoord-vergeten")
    visitor.post("/wachtwoord-vergeten", {"name": NOOR, **_keys()})


def _signs_in_on_new_device(portal: Portal, _number: int) -> None:
    visitor = Intruder(portal.app, HOME)
    visitor.give_password(NOOR, PASSWORD)
    visitor.post("/inloggen/code", {"code": by_cryptography(portal.key_of("noor"), portal.clock.now())})


def _uses_saved_code(portal: Portal, _number: int) -> None:
    (code,) = give_saved_codes(portal, 1)
    visitor = Intruder(portal.app, HOME)
    visitor.give_password(NOOR, PASSWORD)
    visitor.post("/inloggen/noodcode", {"code": code})


def _changes_address(portal: Portal, number: int) -> None:
    visit = portal.visit_as("noor", proved=(Act.ADDRESS,))
    _hand_in(visit, "/beveiliging/e-mail", {"email": f"noor{number}@post.example"})


def _changes_password(portal: Portal, _number: int) -> None:
    visit = portal.visit_as("daan", proved=(Act.WAYS_IN,))
    _hand_in(visit, "/beveiliging/wachtwoord", {"password": "zeven groene kikkers"})


def _activates(portal: Portal, number: int) -> None:
    letters = portal.database.write(
        lambda session: invitations.invite_school(session, portal.people.regenboog, by=OPERATOR)
    )
    code = next(letter.code for letter in letters if letter.adult.startswith("Ravi"))
    visit = portal.visit()
    _hand_in(visit, f"/activeren/{code}", {}, to="/activeren")
    born = {"born-day": "12", "born-month": "1", "born-year": "2017"}
    _hand_in(visit, "/activeren/geboortedatum", born)
    _hand_in(visit, "/activeren/e-mail", {"email": f"ravi{number}@post.example"})


def _consents(portal: Portal, number: int) -> None:
    visit = portal.visit_as("noor")
    path = f"/mijn/kinderen/{portal.people.sem}/toestemming"
    answer = visit.raw("GET", path)
    names = set(re.findall(r'type="radio"[^>]*name="([^"]+)"', answer.get_data(as_text=True)))
    names |= set(re.findall(r'name="([^"]+)"[^>]*type="radio"', answer.get_data(as_text=True)))
    _hand_in(visit, path, dict.fromkeys(names, ("yes", "no")[number % 2]))


def _hand_in(visit: Visit, path: str, values: dict[str, str], *, to: str = "") -> None:
    """Fetch a page and hand in its form; under a made-up host neither may work, and that is all right."""
    answer = visit.raw("GET", path, follow_redirects=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.get_data(as_text=True))
    token = found.group(1) if found else ""
    hidden = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', answer.get_data(as_text=True)))
    data = {**hidden, **values, "csrf_token": token}
    visit.raw("POST", to or path, data=data, headers={"Referer": BASE + path})


def _keys() -> dict[str, str]:
    from uuid import uuid4

    return {"idempotency_key": str(uuid4())}


FLOWS: tuple[Callable[[Portal, int], None], ...] = (
    _forgets_password,
    _signs_in_on_new_device,
    _uses_saved_code,
    _changes_address,
    _changes_password,
    _activates,
    _consents,
)


@contextmanager
def linking_to_the_host_asked(portal: Portal) -> Iterator[None]:
    """Links are made with the host of the request, and no request is refused for its host."""
    last = [portal.settings.base_url]
    checks = portal.app.before_request_funcs[None]
    checks[:] = [check for check in checks if check.__module__ != "parentportal.web.origins"]
    checks.insert(0, lambda: last.__setitem__(0, f"https://{request.host}"))
    write = jobs_outbox._message

    def from_request(mail: Any, base_url: str) -> Message:
        return write(mail, last[0])

    with patch.object(jobs_outbox, "_message", from_request):
        yield


ROWS = (
    Row(
        "M1",
        "made-up hosts in 12 headers, in every flow that mails",
        "0 foreign hosts in any mail",
        poison,
        linking_to_the_host_asked,
        "links are made with the host of the request",
        small=4,
        full=len(POISON),
        controlled=1,
    ),
)
