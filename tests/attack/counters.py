"""B4 and B5: addresses that a header makes up, and counters that cannot be written."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

from flask import request
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from parentportal.outside import passwords
from parentportal.services import second_factors, throttling
from parentportal.web.sign_in import browser as web_browser
from parentportal.web.sign_in import entering
from tests import one_time_codes
from tests.attack.guessing import HOME, WRONG, Intruder, counted, without_budget
from tests.attack.passwords import NOOR, give_saved_codes, signs_in
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.cheap_passwords import cheap_passwords
from tests.sessions import PASSWORD


def rotate_addresses(portal: Portal, dose: int) -> Result:
    """A header that claims another address each time, with no proxy in front and with one."""
    portal.key_of("noor")
    found = {}
    with cheap_passwords():
        for proxies in (0, 1):
            portal.forget_tries()
            intruder = Intruder(portal.make_app(trusted_proxies=proxies))
            judged = 0
            for number in range(dose):
                made_up = f"203.0.{113 + number // 250}.{number % 250 + 1}"
                header = made_up if proxies == 0 else f"{made_up}, 198.51.100.200"
                if not intruder.token:
                    intruder.get("/inloggen", X_Forwarded_For=header)
                answer = intruder.post("/inloggen", {"name": NOOR, "password": WRONG}, X_Forwarded_For=header)
                judged += answer.status_code == 422
            found[proxies] = judged
    return Result(
        f"{dose:,} addresses without a proxy, {dose:,} behind one",
        f"{found[0]} and {found[1]} looked at, as of one client",
        max(found.values()) <= throttling.FREE_FAILURES + 1,
    )


@contextmanager
def believing_headers(_portal: Portal) -> Iterator[None]:
    """The first address of the header counts, whoever wrote it."""

    def naive() -> str:
        header = request.headers.get("X-Forwarded-For", "")
        return throttling.network_of(header.split(",")[0].strip() or request.remote_addr)

    with patch.object(web_browser, "network", naive), patch.object(entering, "network", naive):
        yield


def break_counters(portal: Portal, dose: int) -> Result:
    """For a minute the table of tries cannot be written: right and wrong alike must then be refused."""
    key = portal.key_of("noor")
    kept = give_saved_codes(portal, dose)
    judged = 0
    odd: list[str] = []
    alarms = _Alarms()

    def note() -> None:
        nonlocal judged
        judged += 1

    with ExitStack() as stack:
        stack.enter_context(cheap_passwords())
        half = Intruder(portal.app, HOME)
        half.give_password(NOOR, PASSWORD)
        for module, name in ((passwords, "verify"), (second_factors, "take_code"), (second_factors, "take_saved")):
            stack.enter_context(counted(module, name, note))
        stack.enter_context(alarms.heard())
        with failing_counters(portal):
            for number in range(dose):
                code = one_time_codes.by_cryptography(key, portal.clock.now())
                fresh = Intruder(portal.app, HOME)
                fresh.get("/inloggen")
                answers = (
                    fresh.post("/inloggen", {"name": NOOR, "password": (PASSWORD, WRONG)[number % 2]}),
                    half.post("/inloggen/code", {"code": (code, "000000")[number % 2]}),
                    half.post("/inloggen/noodcode", {"code": kept[number]}),
                )
                odd += [
                    f"{answer.request.path} {answer.status_code}"
                    for answer in answers
                    if answer.status_code != 503 or "<form" not in answer.get_data(as_text=True)
                ]
                portal.clock.advance(timedelta(seconds=60) / dose)
        before = judged
        after = signs_in(portal, "noor", key, HOME)
    return Result(
        f"{3 * dose} tries while nothing can be counted",
        f"{before} looked at, {len(odd)} not told to come back, {alarms.number} alarms; afterwards in: {after}",
        before == 0 and not odd and alarms.number >= 3 * dose and after,
    )


class _Alarms(logging.Handler):
    """Counts what the log calls an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.number = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.number += 1

    @contextmanager
    def heard(self) -> Iterator[None]:
        log = logging.getLogger("parentportal")
        passed_on, log.propagate = log.propagate, False
        log.addHandler(self)
        try:
            yield
        finally:
            log.removeHandler(self)
            log.propagate = passed_on


@contextmanager
def failing_counters(portal: Portal) -> Iterator[None]:
    """Every change to the table of tries fails, as on a disk that gives up."""

    def fail(_c: object, _d: object, statement: str, _p: object, _x: object, _many: bool) -> None:
        if statement.split(None, 1)[0] in ("INSERT", "UPDATE") and " attempt " in statement:
            raise OperationalError(statement, None, Exception("disk I/O error"))

    event.listen(portal.database.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(portal.database.engine, "before_cursor_execute", fail)


ROWS = (
    Row(
        "B4",
        "made-up X-Forwarded-For, another each time",
        "counts as one client",
        rotate_addresses,
        believing_headers,
        "the first address of the header counts",
        small=20,
        full=1_000,
        controlled=20,
    ),
    Row(
        "B5",
        "the table of tries cannot be written",
        "0 looked at, all told to come back (503), an alarm each",
        break_counters,
        without_budget,
        "nobody counts",
        small=4,
        full=100,
        controlled=2,
    ),
)
