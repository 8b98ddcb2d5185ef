"""Signing in and out, page by page, and what a stolen cookie or a made-up address is worth."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside.clock import FrozenClock
from parentportal.rules.roles import Role
from parentportal.services import second_factors
from parentportal.web.sign_in.destination import known_path
from tests import one_time_codes
from tests.page import Page
from tests.people import People
from tests.services.story import item_id
from tests.sessions import PASSWORD, add_ways, make_account
from tests.visit import BASE, Visit

NOOR = {"name": "noor@post.example", "password": PASSWORD}


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def app_code(key: str, clock: FrozenClock) -> str:
    """What the app shows, computed by another implementation than the portal's."""
    return one_time_codes.app_code(key, clock.now())


def sign_in(visit: Visit, key: str, clock: FrozenClock, address: str = "/inloggen") -> str:
    """Go through both pages; answers where the second one leads."""
    visit.get(address)
    visit.fill(NOOR)
    code = app_code(key, clock)
    return str(visit.hand_in({"code": f"{code[:3]} {code[3:]}"}).headers["Location"])


def without_token(page: Page) -> str:
    return re.sub(r'value="[^"]+"', "", page.html)


def test_noor_signs_in_and_out(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock, database: Database
) -> None:
    noor = visit()
    assert sign_in(noor, noors_app, clock) in ("/mijn/", "/mijn", "/")
    cookie = noor.client.get_cookie("__Host-kijkglas", domain="portaal.example")
    assert cookie is not None
    assert (cookie.secure, cookie.http_only, cookie.same_site, cookie.path) == (True, True, "Lax", "/")
    stolen = cookie.value
    page = noor.get("/rol")
    assert page.h1 == "Hoe wilt u verder?"
    page = noor.fill(form="/uitloggen")
    assert page.h1 == "U bent uitgelogd"
    assert page.answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    picture = page.main.find("img")
    assert picture is not None
    within = noor.raw("GET", str(picture["src"]))
    assert within.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert within.headers["Cache-Control"] == "no-store, private"
    with database.read() as session:
        assert session.scalar(select(SignInSession.id)) is None
    thief = visit()
    thief.client.set_cookie("__Host-kijkglas", stolen, domain="portaal.example", secure=True)
    assert thief.get("/rol").h1 == "Inloggen"


def test_a_known_and_an_unknown_name_get_the_same_answer(visit: Callable[[], Visit], noors_app: str) -> None:
    bodies = []
    for name in ("noor@post.example", "niemand@post.example"):
        browser = visit()
        browser.get("/inloggen")
        page = browser.fill({"name": name, "password": "helemaal verkeerd"}, status=422)
        assert page.says("De naam en het wachtwoord horen niet bij elkaar.")
        bodies.append(without_token(page))
    assert bodies[0] == bodies[1]


def test_what_was_typed_stays_but_never_the_password(visit: Callable[[], Visit], noors_app: str) -> None:
    browser = visit()
    browser.get("/inloggen")
    page = browser.fill({"name": "noor@post.example", "password": "helemaal verkeerd"}, status=422)
    assert browser.held(page.form()).get("name") == "noor@post.example"
    assert "helemaal verkeerd" not in page.html


@pytest.mark.parametrize("missing", ["name", "password"])
def test_an_empty_field_is_told_at_the_field(visit: Callable[[], Visit], noors_app: str, missing: str) -> None:
    browser = visit()
    browser.get("/inloggen")
    assert browser.fill(NOOR | {missing: ""}, status=422).errors()


@pytest.mark.parametrize("name", ["x" * 10_000, "noor\x00@post.example", "’; DROP TABLE account; --", "𝓷𝓸𝓸𝓻"])
def test_odd_names_are_answered_in_words(visit: Callable[[], Visit], noors_app: str, name: str) -> None:
    browser = visit()
    browser.get("/inloggen")
    browser.fill({"name": name, "password": "helemaal verkeerd"}, status=422)


def test_too_many_mistakes_are_told_with_a_time(visit: Callable[[], Visit], noors_app: str) -> None:
    browser = visit()
    browser.get("/inloggen")
    for _ in range(5):
        browser.fill({"name": "noor@post.example", "password": "helemaal verkeerd"}, status=422)
    page = browser.fill(NOOR, status=429)
    assert page.h1 == "Even wachten"
    assert PASSWORD not in page.html


def test_made_up_forwarding_headers_do_not_make_another_network(visit: Callable[[], Visit], noors_app: str) -> None:
    browser = visit()
    browser.get("/inloggen")
    statuses = []
    for number in range(8):
        browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
        answer = browser.hand_in({"name": "noor@post.example", "password": "helemaal verkeerd"})
        statuses.append(answer.status_code)
    assert statuses == [422] * 5 + [429] * 3


def test_a_wrong_code_is_told_and_the_fifth_starts_again(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock
) -> None:
    browser = visit()
    browser.get("/inloggen")
    page = browser.fill(NOOR)
    assert page.h1 == "Wat is de code in uw app?"
    for _ in range(4):
        page = browser.fill({"code": "000000"}, status=422)
        assert page.errors()
    page = browser.fill({"code": "000000"})
    assert page.h1 == "Inloggen"
    assert page.says("Begin opnieuw met uw wachtwoord.")


def test_the_code_page_cannot_be_reached_without_a_password(visit: Callable[[], Visit], people: People) -> None:
    assert visit().get("/inloggen/code").h1 == "Inloggen"
    assert visit().get("/inloggen/noodcode").h1 == "Inloggen"


def test_a_double_tap_on_the_code_stays_signed_in(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock
) -> None:
    noor = visit()
    noor.get("/inloggen")
    noor.fill(NOOR)
    before = noor.client.get_cookie("__Host-kijkglas", domain="portaal.example")
    assert before is not None
    data = {"code": app_code(noors_app, clock)}
    first = noor.hand_in(data)
    after = noor.client.get_cookie("__Host-kijkglas", domain="portaal.example")
    assert after is not None
    noor.client.set_cookie("__Host-kijkglas", before.value, domain="portaal.example", secure=True)
    second = noor.hand_in(data)
    assert first.status_code == second.status_code == 303
    assert "Set-Cookie" not in second.headers, "the second tap leaves the cookie of the first alone"
    noor.client.set_cookie("__Host-kijkglas", after.value, domain="portaal.example", secure=True)
    assert noor.get("/rol").h1 == "Hoe wilt u verder?"


def test_signing_in_gives_the_browser_a_new_identity(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock
) -> None:
    noor = visit()
    noor.get("/inloggen")
    with noor.client.session_transaction(base_url=BASE) as cookie:
        before = dict(cookie)
    sign_in(noor, noors_app, clock)
    noor.get("/rol")
    with noor.client.session_transaction(base_url=BASE) as cookie:
        assert cookie["visit"] != before["visit"]
        assert cookie["csrf_token"] != before["csrf_token"]
        assert "half" not in cookie


def test_an_expired_session_is_told_and_leads_back(
    visit: Callable[[], Visit], visit_as: Callable[..., Visit], noors_app: str, clock: FrozenClock
) -> None:
    petra = visit_as("petra")
    petra.get("/werk/brieven")
    clock.advance(timedelta(minutes=15))
    page = petra.get("/werk/brieven")
    assert page.h1 == "Inloggen"
    assert page.says("U bent uitgelogd")
    assert str(page.form()["action"]) == "/inloggen?naar=/werk/brieven"
    page = petra.get("/inloggen")
    assert not page.says("U bent uitgelogd"), "it is said once"


def test_what_was_typed_before_the_session_ended_is_kept_and_can_be_sent_after_signing_in(
    visit_as: Callable[..., Visit], noors_app: str, clock: FrozenClock, database: Database, people: People
) -> None:
    noor = visit_as("noor")
    noor.get(f"/mijn/gegevens/{item_id(database, people.sem, 'pupil.birth_place')}/klopt-niet")
    clock.advance(timedelta(minutes=31))
    kept = noor.fill({"value": "Winterveen aan Zee"}, status=403)
    assert kept.h1 == "U bent uitgelogd"
    assert "Winterveen aan Zee" in kept.html
    sign_in(noor, noors_app, clock)
    noor.page = kept
    again = noor.fill(form="klopt-niet", status=400)
    assert again.says("Wij hebben bewaard wat u invulde.")
    page = noor.fill(form="klopt-niet")
    assert noor.get(page.answer.request.path.replace("/uitleg", "/nakijken")).says("Winterveen aan Zee")


def test_after_signing_in_the_wanted_page_comes_only_if_the_role_may_see_it(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock
) -> None:
    noor = visit()
    assert sign_in(noor, noors_app, clock, "/inloggen?naar=/hulp") == "/hulp"
    other = visit()
    clock.advance(timedelta(seconds=60))
    assert sign_in(other, noors_app, clock, "/inloggen?naar=/werk/brieven") != "/werk/brieven"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hulp",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "http:///evil.example",
        "https://evil.example/hulp",
        "http:evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        " //evil.example",
        "/ /evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/hulp\r\nSet-Cookie: a=b",
        "/hulp\x00",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "/hulp/../..//evil.example",
        "/hulp//evil.example",
        "@evil.example",
        "/@evil.example",
        "//portaal.example@evil.example",
        "https:/evil.example",
        "/hulp?naar=//evil.example",
        "/hulp#//evil.example",
        "/uitloggen",
        "/inloggen",
        "/inloggen/code",
        "/activeren/ABCD",
        "/static/css/app.css",
        "/bestaat-niet",
        "/mijn/%00",
        "／／evil.example",
        "/\u2028/evil.example",
        "/hulp\u202e",
    ],
)
def test_no_address_leads_out_of_the_portal(app: Flask, address: str) -> None:
    with app.test_request_context("/inloggen", base_url=BASE):
        assert known_path(address) == ""


def test_a_known_page_is_built_anew_from_its_route(app: Flask) -> None:
    with app.test_request_context("/inloggen", base_url=BASE):
        assert known_path("/hulp") == "/hulp"
        assert known_path("/werk/brieven") == "/werk/brieven"
        assert known_path("/werk/brieven", Role.GUARDIAN) == ""
        assert known_path("/werk/brieven", Role.ADMINISTRATION) == "/werk/brieven"


@pytest.fixture
def noor_works_too(database: Database, clock: FrozenClock, people: People) -> None:
    """Noor is administration of Het Kompas besides being a parent."""

    def hire(session: Session) -> None:
        session.add(
            StaffRole(
                id=new_id(),
                board_id=people.waterlijn,
                adult_id=people.noor,
                school_id=people.kompas,
                role=Role.ADMINISTRATION,
                granted_at=clock.now(),
            )
        )

    database.write(hire)


@pytest.mark.usefixtures("noor_works_too")
def test_who_has_two_roles_opens_nothing_before_choosing(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock
) -> None:
    noor = visit()
    assert sign_in(noor, noors_app, clock, "/inloggen?naar=/werk/brieven") == "/rol"
    assert noor.get("/werk/brieven").h1 == "Hoe wilt u verder?"
    assert noor.get("/mijn/").h1 == "Hoe wilt u verder?"


@pytest.mark.usefixtures("noor_works_too")
def test_a_chosen_role_opens_its_own_pages(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock, people: People, database: Database
) -> None:
    database.write(lambda session: add_ways(session, clock, people.noor))
    noor = visit()
    sign_in(noor, noors_app, clock)
    page = noor.get("/rol")
    assert page.says("Administratie, Het Kompas")
    assert page.says("Ouder of verzorger, De Regenboog")
    answer = noor.hand_in({"role": f"administration {people.kompas}"}, form="/rol")
    assert answer.status_code == 303
    assert noor.get("/werk/brieven").h1 == "Brieven met een code"
    noor.get("/rol")
    noor.hand_in({"role": f"guardian {people.regenboog}"}, form="/rol")
    noor.get("/werk/brieven", status=404)


@pytest.mark.parametrize("forged", ["director", "administration 00000000-0000-0000-0000-000000000000", "wat", ""])
def test_a_role_that_is_not_offered_is_refused(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock, forged: str
) -> None:
    noor = visit()
    sign_in(noor, noors_app, clock)
    noor.get("/rol")
    assert noor.hand_in({"role": forged}, form="/rol").status_code == 422


def test_an_account_without_any_role_is_told_so(
    visit: Callable[[], Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    key = make_account(database, clock, people.ilse)

    def leave(session: Session) -> None:
        role = session.scalars(select(StaffRole).where(StaffRole.adult_id == people.ilse)).one()
        role.ended_at, role.ended_by_id = clock.now(), people.hanna

    database.write(leave)
    ilse = visit()
    ilse.get("/inloggen")
    ilse.fill({"name": "ilse@waterlijn.example", "password": PASSWORD})
    page = ilse.fill({"code": app_code(key, clock)})
    assert page.h1 == "Er is nu niets voor u open"


def test_signing_out_without_a_session_is_no_error(visit: Callable[[], Visit], people: People) -> None:
    browser = visit()
    token = browser.held(browser.get("/inloggen").form()).get("csrf_token")
    answer = browser.raw("POST", "/uitloggen", data={"csrf_token": token}, headers={"Referer": f"{BASE}/inloggen"})
    assert answer.headers["Location"] == "/uitgelogd"


def test_the_account_of_somebody_else_is_not_touched_by_a_sign_in(
    visit: Callable[[], Visit], noors_app: str, clock: FrozenClock, database: Database, people: People
) -> None:
    make_account(database, clock, people.ravi)
    sign_in(visit(), noors_app, clock)
    with database.read() as session:
        ravi = session.scalars(select(Account).where(Account.adult_id == people.ravi)).one()
        assert [app.last_step for app in second_factors.list_apps(session, ravi)] == [0]
