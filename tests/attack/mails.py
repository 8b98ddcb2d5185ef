"""M1: headers that name another host, on every request that leads to a mail; no mail may have a link there."""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import request
from sqlalchemy import delete, select

from parentportal.jobs import outbox as jobs_outbox
from parentportal.models.outbox import OutboxMail
from parentportal.outside.mail_text import Mail, SecurityEvent
from parentportal.outside.mailer import MemoryMailer, Message
from parentportal.services import outbox, password_resets
from tests.attack import entering_forms as entering
from tests.attack import own_forms as own
from tests.attack import request_forms as requests
from tests.attack import school_forms as school
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.attack.sending import Sent, start_over
from tests.cheap_passwords import cheap_passwords

EVIL = "evil.test"
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

ENOUGH: tuple[Callable[[Portal, int], Sent], ...] = (
    entering.chooses_another_password,
    own.removes_an_app,
    entering.puts_the_address_back,
    entering.gives_a_saved_code,
    requests.says_about_consents,
    entering.asks_for_a_reset_without_password,
    entering.finishes_after_help,
    entering.keeps_the_codes,
    entering.signs_in_with_a_copy,
    own.ends_other_sessions,
    own.makes_codes_anew,
    requests.decides,
    requests.stops_a_request,
    requests.uses_a_file,
    school.gives_a_role,
)
"""Each ends in a form that leads to a mail; together with what comes before it, to mail of every kind there is."""
FLOWS: tuple[Callable[[Portal, int], Sent], ...] = (
    *ENOUGH,
    entering.asks_for_a_reset,
    entering.gives_an_address,
    entering.gives_the_code,
    entering.makes_the_first_passkey,
    own.adds_a_passkey,
    own.adds_an_app,
    own.asks_for_another_address,
    own.changes_the_password,
    own.confirms_the_address,
    own.removes_a_passkey,
    own.types_a_code_back,
    requests.asks_the_guardian,
    requests.finishes_the_task,
    requests.sends_a_request,
    school.adds_staff,
    school.asks_for_help,
    school.confirms_help,
)
"""And the other forms that lead to one."""
PRINTED: tuple[Callable[[Portal, int], Sent], ...] = (
    school.makes_a_staff_letter_anew,
    school.makes_a_letter_anew,
    school.prints_letters,
)
"""Colleagues and guardians are invited on paper: the answer is the letter, with an address in it."""

KINDS = frozenset(mail.value for mail in Mail if mail is not Mail.SECURITY_NOTICE) | frozenset(
    f"{Mail.SECURITY_NOTICE}: {event}" for event in SecurityEvent
)
NEVER_BY_REQUEST: Mapping[str, str] = {
    "security_notice: email_changed": "a first address: there is none to tell it at, so a letter does",
}
"""Kinds of mail that no request leads to, and why."""
PLACES_WITHOUT_REQUEST: Mapping[str, str] = {
    "deadlines": "the worker reminds and hands over by the calendar; nobody asks it to",
}
"""Services that mail although nobody sent a form, and why."""

HELPERS: Mapping[str, frozenset[str]] = {
    "outbox": frozenset({"queue", "tell"}),
    "account_notices": frozenset({"tell", "tell_every_address"}),
    "cases": frozenset({"tell_guardian", "tell_handler", "tell_role", "tell_adults"}),
    "own_account": frozenset({"finish"}),
}
SERVICES = "parentportal.services."


@dataclass(slots=True)
class Seen:
    """What the flows came to."""

    mails: int = 0
    pages: int = 0
    foreign: int = 0
    refused: int = 0
    silent: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def lacking(self) -> list[str]:
        """Kinds of mail and services that mail which no flow led to, though nobody said why."""
        kinds = KINDS ^ (self.kinds | set(NEVER_BY_REQUEST))
        return sorted(kinds | (mailing_services() - self.places - set(PLACES_WITHOUT_REQUEST)))


def poison(portal: Portal, dose: int) -> Result:
    """So many flows with a header; what is in the outbox is then written and looked at.

    A host that is refused must send nothing; then the same form goes under a header that is not refused.
    """
    seen, flows = Seen(), (*FLOWS, *PRINTED)
    poisoned = _Poisoned(portal)
    with cheap_passwords(), noting_places(seen.places):
        for number in range(dose):
            turn, at = divmod(number, len(flows))
            if at == 0:
                poisoned.lie_before(behind_proxy=turn >= len(POISON))
            portal.wait(minutes=31)
            start_over(portal)
            _run(portal, poisoned, flows[at], number, POISON[(turn + at) % len(POISON)], seen)
    lacking = seen.lacking() if dose >= len(ENOUGH) else []
    measured = f"{seen.foreign} of {seen.mails} mails and {seen.pages} pages; {len(seen.kinds)} kinds"
    measured += f", {len(seen.places)} services; {seen.refused} refused"
    for what, names in (("nothing sent", seen.silent), ("lacking", lacking)):
        measured += f"; {what}: {', '.join(names[:5])}" if names else ""
    rounds = -(-dose // len(flows))
    return Result(
        f"{dose:,} requests: {len(POISON)} headers × {min(dose, len(flows))} flows"
        + (", bare and behind a proxy" if rounds > len(POISON) else ""),
        measured,
        not (seen.foreign or seen.silent or lacking),
    )


def _run(
    portal: Portal,
    poisoned: "_Poisoned",
    flow: Callable[[Portal, int], Sent],
    number: int,
    headers: dict[str, str],
    seen: Seen,
) -> None:
    is_refused = headers in poisoned.refused
    laid = poisoned.accepted[number % len(poisoned.accepted)] if is_refused else headers
    with poisoned.by(laid):
        sent = flow(portal, number)
    _look(portal, seen)
    if is_refused:
        with poisoned.by(headers):
            answer = sent.post()
        seen.refused += 1
        if answer.status_code != 400 or _look(portal, seen):
            seen.silent.append(f"{flow.__name__} was not refused")
    with poisoned.by(laid):
        page = sent.post().get_data(as_text=True)
    seen.pages += 1
    seen.foreign += EVIL in page
    if (flow in FLOWS) != bool(_look(portal, seen)):
        seen.silent.append(f"{flow.__name__} {'' if flow in FLOWS else 'is no mail'}".strip())


def _look(portal: Portal, seen: Seen) -> int:
    """Let the worker send what waits, and look at it; how many mails there were."""
    portal.database.write(password_resets.work_off)
    with portal.database.read() as session:
        rows = session.execute(select(OutboxMail.template, OutboxMail.context)).all()
    seen.kinds |= {
        f"{row.template}: {row.context['what']}" if row.template == Mail.SECURITY_NOTICE else row.template
        for row in rows
    }
    mails = _send(portal) if rows else []
    assert len(mails) == len(rows), "the worker sends all that waits"
    for message in mails:
        words = message.text + message.html
        seen.foreign += bool(set(HOST.findall(words)) - {"portaal.example"}) or EVIL in words
    seen.mails += len(mails)
    return len(mails)


def _send(portal: Portal) -> list[Message]:
    mailer = MemoryMailer()
    while not jobs_outbox.send_due(portal.database, mailer, portal.settings.base_url).idle:
        pass
    portal.database.write(lambda session: session.execute(delete(OutboxMail)))
    return mailer.sent


class _Poisoned:
    """Lays headers into every request, below everything that reads them."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._headers: dict[str, str] = {}
        self._app: Callable[..., Any] | None = None
        self._behind_proxy = False
        self.refused: list[dict[str, str]] = []

    @property
    def accepted(self) -> list[dict[str, str]]:
        return [headers for headers in POISON if headers not in self.refused]

    def lie_before(self, *, behind_proxy: bool) -> None:
        """Stand before the portal, or before one that believes a proxy; and find out which hosts it refuses."""
        if self._app is not None and behind_proxy == self._behind_proxy:
            return
        if behind_proxy:
            self._portal.app = self._portal.make_app(trusted_proxies=1)
        self._behind_proxy, self._app = behind_proxy, self._portal.app.wsgi_app
        self._portal.app.wsgi_app = self._answer  # type: ignore[method-assign]  # as middleware is laid around
        self.refused = [headers for headers in POISON if self._is_refused(headers)]

    def _is_refused(self, headers: dict[str, str]) -> bool:
        with self.by(headers):
            return self._portal.visit().raw("GET", "/hulp").status_code == 400

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Whoever makes up a host makes up where the form came from as well."""
        assert self._app is not None
        laid = dict(self._headers)
        if "HTTP_HOST" in laid and "HTTP_REFERER" in environ:
            laid["HTTP_REFERER"] = f"https://{laid['HTTP_HOST']}{environ['PATH_INFO']}"
        answer: Iterable[bytes] = self._app(environ | laid, start)
        return answer

    @contextmanager
    def by(self, headers: dict[str, str]) -> Iterator[None]:
        self._headers = headers
        try:
            yield
        finally:
            self._headers = {}


@contextmanager
def noting_places(places: set[str]) -> Iterator[None]:
    """Note which services are at work whenever a mail is put in the outbox."""
    queue = outbox.queue

    def note(*args: Any, **options: Any) -> OutboxMail:
        frame = sys._getframe(1)
        while frame is not None:
            name = str(frame.f_globals.get("__name__", ""))
            if name.startswith(SERVICES):
                places.add(name.removeprefix(SERVICES))
            frame = frame.f_back  # type: ignore[assignment]  # the outermost frame has none
        return queue(*args, **options)

    with patch.object(outbox, "queue", note):
        yield


@cache
def mailing_services() -> frozenset[str]:
    """Every service that puts a mail in the outbox, by reading what they call."""
    folder = Path(outbox.__file__).parent
    found = frozenset(
        ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in folder.rglob("*.py")
        if calls_for_mail(path.read_text(encoding="utf-8"))
    )
    assert len(found) > 10, found
    return found


def calls_for_mail(source: str) -> bool:
    """Whether some line of a module calls one of `HELPERS`."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.attr in HELPERS.get(called.value.id, ())
        for called in calls
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
        "made-up hosts in 12 headers, in every flow that mails or prints a code",
        "0 foreign hosts in any mail; every kind of mail seen",
        poison,
        linking_to_the_host_asked,
        "links are made with the host of the request",
        small=len(ENOUGH),
        full=2 * len(POISON) * (len(FLOWS) + len(PRINTED)),
        controlled=2,
    ),
)
