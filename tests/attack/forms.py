"""C3: the same form twice at once, once more after Back, and again because the answer was lost; it counts once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias
from unittest.mock import patch

from sqlalchemy import text
from sqlalchemy.orm import Session

from parentportal.models.base import Base
from parentportal.services import submissions
from tests.attack import entering_forms as entering
from tests.attack import own_forms as own
from tests.attack import school_forms as school
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.attack.sending import Sent, start_over
from tests.cheap_passwords import cheap_passwords
from tests.databases import KINDS
from tests.house.walking import TOKEN
from tests.visit import Visit

Rows: TypeAlias = Counter[str]
NOT_COUNTED = frozenset({"submission", "attempt", "sign_in_session", "step_up", "known_device", "passkey_challenge"})
"""Tables about the browser itself, not about what its form asked."""
NO_ACTS = " WHERE event NOT IN ('access:denied', 'sign_in:failed')"

FORMS: Mapping[str, Callable[[Portal, int], Sent]] = {
    "sign_in.forgot_password": entering.asks_for_a_reset,
    "security.change_address": own.asks_for_another_address,
    "school.add_staff": school.adds_staff,
    "security.remove_app": own.removes_an_app,
    "school.ask_recovery": school.asks_for_help,
    "security.end_other_sessions": own.ends_other_sessions,
    "security.add_app": own.adds_an_app,
    "security.add_passkey": own.adds_a_passkey,
    "security.begin_app": own.begins_an_app,
    "security.change_password": own.changes_the_password,
    "security.confirm": own.proves_once_more,
    "security.confirm_address": own.confirms_the_address,
    "security.confirm_codes": own.types_a_code_back,
    "security.end_session": own.ends_a_session,
    "security.make_codes": own.makes_codes_anew,
    "security.remove_passkey": own.removes_a_passkey,
    "security.rename_passkey": own.renames_a_passkey,
    "security.stop_address_change": own.stops_the_change,
    "sign_in.activate": entering.hands_in_a_letter,
    "sign_in.choose_new_password": entering.chooses_another_password,
    "sign_in.choose_password": entering.chooses_a_password,
    "sign_in.choose_role": entering.takes_another_role,
    "sign_in.confirm_child": entering.tells_the_birth_date,
    "sign_in.confirm_email": entering.types_the_mailed_code,
    "sign_in.do_without_email": entering.has_no_address,
    "sign_in.enter_code": entering.gives_the_code,
    "sign_in.enter_email": entering.gives_an_address,
    "sign_in.enter_saved_code": entering.gives_a_saved_code,
    "sign_in.keep_codes": entering.keeps_the_codes,
    "sign_in.make_passkey": entering.makes_the_first_passkey,
    "sign_in.prove_reset": entering.proves_for_a_reset,
    "sign_in.renew_key": entering.renews_the_key,
    "sign_in.restore_address": entering.puts_the_address_back,
    "sign_in.set_up_app": entering.types_the_first_code,
    "sign_in.sign_out": entering.signs_out,
    "sign_in.skip_codes": entering.finishes_after_help,
    "sign_in.start": entering.gives_the_password,
    "sign_in.use_passkey": entering.signs_in_with_a_passkey,
    "school.change_leave": school.notes_leave,
    "school.confirm_recovery": school.confirms_help,
    "school.end_role": school.ends_a_role,
    "school.give_role": school.gives_a_role,
    "school.print_letters": school.prints_letters,
    "school.print_notices": school.prints_notices,
    "school.print_staff_letters": school.prints_staff_letters,
    "school.reissue": school.makes_a_letter_anew,
    "school.reissue_staff_letter": school.makes_a_staff_letter_anew,
    "school.revoke": school.withdraws_a_letter,
    "school.revoke_staff_letter": school.withdraws_a_staff_letter,
    "school.stop_recovery": school.stops_help,
}
"""Every door about signing in that takes a form, and how its form is filled in."""

NOT_REPEATED: Mapping[str, str] = {
    "security.ask_to_activate": "a script's question: a challenge for this browser, of which five may wait",
    "security.ask_to_add": "a script's question: a challenge for this browser, of which five may wait",
    "security.ask_to_confirm": "a script's question: a challenge for this browser, of which five may wait",
    "security.ask_to_sign_in": "a script's question: a challenge for this browser, of which five may wait",
    "security.download_codes": "gives a file and writes nothing",
    "security.stay": "says that somebody is still there, as often as it is said",
    "sign_in.choose_way": "leads to a page and writes nothing",
    "school.counter_recoveries": "searches and writes nothing",
}
"""Doors about signing in that take a form which may come in twice, and why."""

LEAVES_NO_ROW = frozenset(
    {
        "security.rename_passkey",
        "security.stop_address_change",
        "sign_in.activate",
        "sign_in.choose_password",
        "sign_in.confirm_child",
        "sign_in.confirm_email",
        "sign_in.do_without_email",
        "sign_in.prove_reset",
        "sign_in.renew_key",
        "sign_in.set_up_app",
        "sign_in.start",
    }
)
"""Forms after which there is nothing more than before, but something else."""


def repeat(portal: Portal, dose: int) -> Result:
    """Each form in the three ways in turn; what is there afterwards must be what one time leaves.

    When there are fewer turns than forms, one database takes the one half of them and the other the other.
    """
    odd: list[str] = []
    once: dict[str, Rows] = {}
    names = tuple(FORMS) if dose >= len(FORMS) else tuple(FORMS)[KINDS.index(portal.kind) :: len(KINDS)]
    with cheap_passwords(), ThreadPoolExecutor(2) as pool:
        for number in range(dose):
            turn, at = divmod(number, len(names))
            way = _way(turn, number)
            portal.wait(minutes=2)
            start_over(portal)
            sent = FORMS[names[at]](portal, number)
            _check_door(portal, names[at], sent)
            before = _count(portal)
            first = way(portal, sent, pool)
            made = _made(portal, before)
            if first is not None:
                once[names[at]] = first - before
                assert once[names[at]] or names[at] in LEAVES_NO_ROW, f"{names[at]} leaves nothing"
            if made != once[names[at]]:
                odd.append(f"{names[at]} {way.__name__}: {dict(made - once[names[at]])}")
    return Result(
        f"{dose:,} repeats: {len(names)} forms × 3 ways",
        f"{len(odd)} with duplicates of rows, mails or log {'; '.join(odd[:3])}".strip(),
        not odd,
    )


def _way(turn: int, number: int) -> "Callable[[Portal, Sent, ThreadPoolExecutor], Rows | None]":
    """Back and a lost answer by turns, which show what one time leaves; then twice at once; then the other of both."""
    if turn % 3 == 1:
        return _double_tap
    return _back_and_again if (number + turn // 2) % 2 == 0 else _lost_answer


def _double_tap(_portal: Portal, sent: Sent, pool: ThreadPoolExecutor) -> None:
    """At once, each before the answer to the other."""
    list(pool.map(sent.post, (sent.visit, _twin(sent.visit))))


def _back_and_again(portal: Portal, sent: Sent, _pool: ThreadPoolExecutor) -> Rows:
    """With the cookies that the first answer gave; and once more where the page offers to send it again."""
    _post_well(sent)
    once = _count(portal)
    answer = sent.post()
    offered = TOKEN.search(answer.get_data(as_text=True)) if answer.status_code == 400 else None
    if offered:
        sent.data["csrf_token"] = offered.group(1)
        sent.post()
    return once


def _lost_answer(portal: Portal, sent: Sent, _pool: ThreadPoolExecutor) -> Rows:
    """With the cookies from before, for the first answer never came."""
    twin = _twin(sent.visit)
    _post_well(sent)
    once = _count(portal)
    sent.post(twin)
    return once


def _post_well(sent: Sent) -> None:
    answer = sent.post()
    assert answer.status_code in (200, 303), f"{sent.path}: {answer.status_code}"
    assert 'aria-invalid="true"' not in answer.get_data(as_text=True), f"{sent.path}: {answer.get_data(True)[-2000:]}"


def _twin(visit: Visit) -> Visit:
    """The same browser once more, as far as its cookies go."""
    twin = Visit(visit.app)
    for cookie in list(visit.client._cookies.values()):
        twin.client.set_cookie(cookie.key, cookie.value, domain="portaal.example", secure=True)
    return twin


def _check_door(portal: Portal, name: str, sent: Sent) -> None:
    found, _values = portal.app.url_map.bind("portaal.example").match(sent.path.partition("?")[0], "POST")
    assert found == name, f"the form goes to {found}, not to {name}"


def _made(portal: Portal, before: Rows) -> Rows:
    return _count(portal) - before


def _count(portal: Portal) -> Rows:
    """Rows of every table; of the log only what somebody did, not that somebody was turned away."""
    with portal.database.read() as session:
        return Counter(dict(session.execute(text(_COUNTING)).all()))


_COUNTING = " UNION ALL ".join(
    f"SELECT '{table.name}', count(*) FROM {table.name}{NO_ACTS if table.name == 'audit_event' else ''}"  # noqa: S608
    for table in Base.metadata.sorted_tables
    if table.name not in NOT_COUNTED
)


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
        small=len(FORMS) // 2 + 5,
        full=1_000,
        controlled=6,
    ),
)
