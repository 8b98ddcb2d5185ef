"""What two rows of the matrix must reach: every form about signing in (C3), and every mail of the portal (M1)."""

from collections.abc import Iterable, Mapping

import pytest
from flask import Flask

from tests.attack.forms import FORMS, LEAVES_NO_ROW, NOT_REPEATED
from tests.attack.mails import (
    FLOWS,
    KINDS,
    NEVER_BY_REQUEST,
    PLACES_WITHOUT_REQUEST,
    Seen,
    calls_for_mail,
    mailing_services,
)
from tests.house.walking import doors

ROOMS = ("parentportal.web.security", "parentportal.web.sign_in")
AT_SCHOOL = frozenset({"counter_recoveries", "invitations", "paper_notices", "staff", "staff_letters"})
"""The modules of the school's room that are about who gets in."""


def is_about_signing_in(app: Flask, endpoint: str) -> bool:
    room, _dot, module = app.view_functions[endpoint].__module__.rpartition(".")
    return room in ROOMS or (room == "parentportal.web.school" and module in AT_SCHOOL)


def post_doors(app: Flask) -> set[str]:
    return {door.endpoint for door in doors(app) if door.method == "POST" and is_about_signing_in(app, door.endpoint)}


def unlisted(found: Iterable[str], repeated: Iterable[str], excused: Mapping[str, str]) -> set[str]:
    """Doors on neither list, on both, or on a list though they are gone."""
    return (set(found) ^ (set(repeated) | set(excused))) | (set(repeated) & set(excused))


def test_every_form_about_signing_in_is_sent_twice_or_says_why_not(app: Flask) -> None:
    found = post_doors(app)
    assert len(found) > 50
    assert not unlisted(found, FORMS, NOT_REPEATED)
    assert set(FORMS) >= LEAVES_NO_ROW
    assert all(len(why) > 10 for why in NOT_REPEATED.values())


@pytest.mark.parametrize("gone", ["security.change_password", "sign_in.enter_email", "school.revoke"])
def test_a_form_that_nobody_sends_twice_is_found(app: Flask, gone: str) -> None:
    repeated = set(FORMS) - {gone}
    assert unlisted(post_doors(app), repeated, NOT_REPEATED) == {gone}
    assert unlisted(post_doors(app), FORMS, {**NOT_REPEATED, gone: "planted"}) == {gone}


def whole() -> Seen:
    return Seen(kinds=set(KINDS - set(NEVER_BY_REQUEST)), places=set(mailing_services()) - set(PLACES_WITHOUT_REQUEST))


def test_a_mail_that_no_flow_leads_to_is_found() -> None:
    assert len(FLOWS) >= len(KINDS)
    assert whole().lacking() == []
    without = whole()
    without.kinds.remove("security_notice: means_ended")
    without.places.remove("recovery_codes")
    assert without.lacking() == ["recovery_codes", "security_notice: means_ended"]


def test_a_mail_that_was_said_never_to_come_is_found() -> None:
    seen = whole()
    seen.kinds.add("made_up")
    assert seen.lacking() == ["made_up"]


def test_a_service_that_mails_is_seen_by_what_it_calls() -> None:
    assert calls_for_mail("def work(session):\n    outbox.queue(session, Mail.NEWS)\n")
    assert calls_for_mail("cases.tell_handler(session, request)")
    assert not calls_for_mail("outbox.lease(session)\ntell(session)")
