"""A forgotten password, page by page: from the sign-in page to the new password, and every way to go wrong."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from parentportal.db import Database
from parentportal.jobs.worker import work_once
from parentportal.models.audit import AuditEvent
from parentportal.models.outbox import OutboxMail
from parentportal.models.password_resets import ResetWish
from parentportal.models.sign_in import SignInSession
from parentportal.outside import one_time_codes
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mailer import MemoryMailer
from parentportal.services import password_resets
from tests.page import Page
from tests.people import People
from tests.resetting import NEW, NOBODY, NOOR, count_of, events, mailed
from tests.sessions import PASSWORD, make_account
from tests.visit import BASE, Visit

HOSTS = {
    "Host": "kwaad.example",
    "X-Forwarded-Host": "kwaad.example",
    "Forwarded": "host=kwaad.example;proto=http",
    "X-Forwarded-Proto": "http",
    "X-Original-URL": "http://kwaad.example/",
    "Referer": "https://kwaad.example/",
}


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def asks(visit: Visit, name: str = NOOR) -> Page:
    visit.get("/inloggen")
    visit.get(visit.page.links()["Wachtwoord vergeten?"])  # type: ignore[union-attr]  # just fetched
    return visit.fill({"name": name})


def link(database: Database) -> str:
    """The path in the newest mail."""
    database.write(password_resets.work_off)
    return f"/wachtwoord/{mailed(database)[-1][2]}"


def app_code(key: str, clock: FrozenClock) -> str:
    return one_time_codes.current_code(key, clock.now())


def without_token(page: Page) -> str:
    return re.sub(r'value="[^"]+"', "", page.html)


def test_noor_chooses_a_new_password_and_signs_in_with_it(
    visit: Callable[[], Visit], database: Database, clock: FrozenClock, noors_app: str
) -> None:
    noor = visit()
    page = asks(noor)
    assert page.h1 == "Kijk in uw mail"
    assert page.says("Kom dan naar school")
    assert "@" not in page.text
    path = link(database)
    answer = noor.raw("GET", path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/wachtwoord/bevestigen")
    page = noor.get(path)
    assert (page.h1, page.says(NOOR)) == ("Bent u het echt?", True)
    page = noor.fill({"code": app_code(noors_app, clock)})
    assert page.h1 == "Kies een nieuw wachtwoord"
    page = noor.fill({"password": NEW})
    assert page.h1 == "Inloggen"
    assert "Uw wachtwoord is veranderd. Log nu in met uw nieuwe wachtwoord." in page.html
    assert count_of(database, SignInSession) == 0, "nobody is signed in by a link"
    assert noor.fill({"name": NOOR, "password": PASSWORD}, form="/inloggen", status=422).h1 == "Inloggen"
    assert noor.fill({"name": NOOR, "password": NEW}, form="/inloggen").h1 == "Wat is de code in uw app?"


def test_a_known_and_an_unknown_name_get_the_same_page(
    visit: Callable[[], Visit], database: Database, noors_app: str
) -> None:
    pages = [asks(visit(), name) for name in (NOOR, NOBODY)]
    assert without_token(pages[0]) == without_token(pages[1])
    assert list(pages[0].answer.headers.keys()) == list(pages[1].answer.headers.keys())
    assert mailed(database) == [], "the page itself looks nobody up"


def test_an_empty_name_is_asked_for_and_a_long_one_is_kept(visit: Callable[[], Visit], database: Database) -> None:
    noor = visit()
    noor.get("/wachtwoord-vergeten")
    assert noor.fill({"name": " "}, status=422).errors() == ["Fout: Vul uw e-mailadres of inlognaam in."]
    page = noor.fill({"name": "x" * 10_000}, status=422)
    assert page.errors() == ["Fout: Gebruik niet meer dan 200 tekens. U heeft er 10000."]
    assert count_of(database, ResetWish) == 0


@pytest.mark.parametrize(
    "name", ["' OR 1=1 --", "\x00noor", "noor@post.example\r\nBcc: x@y.example", "ɴᴏᴏʀ", "{{7*7}}"]
)
def test_whatever_is_typed_gets_the_same_page(visit: Callable[[], Visit], database: Database, name: str) -> None:
    assert asks(visit(), name).h1 == "Kijk in uw mail"
    database.write(password_resets.work_off)
    assert mailed(database) == []


def test_asking_once_more_with_the_same_form_asks_once(
    visit: Callable[[], Visit], database: Database, noors_app: str
) -> None:
    noor = visit()
    noor.get("/wachtwoord-vergeten")
    for _ in range(3):
        assert noor.hand_in({"name": NOOR}).headers["Location"] == "/wachtwoord-vergeten/verstuurd"
    assert count_of(database, ResetWish) == 1
    mailer = MemoryMailer()
    for _ in range(2):
        work_once(database, mailer, BASE)
    assert len(mailer.sent) == 1


def test_too_often_is_told_with_a_time_for_known_and_unknown_alike(visit: Callable[[], Visit], noors_app: str) -> None:
    for name in (NOOR, NOBODY):
        browser = visit()
        for _ in range(5):
            asks(browser, name)
        browser.get("/wachtwoord-vergeten")
        assert browser.fill({"name": name}, status=429).status == 429


@pytest.mark.parametrize("header", HOSTS)
def test_made_up_hosts_never_reach_a_mail(
    visit: Callable[[], Visit], database: Database, noors_app: str, header: str
) -> None:
    noor = visit()
    page = noor.get("/wachtwoord-vergeten")
    data = noor.held(page.form("/wachtwoord-vergeten"))
    data["name"] = NOOR
    headers = {"Referer": f"{BASE}/wachtwoord-vergeten", header: HOSTS[header]}
    noor.client.post("/wachtwoord-vergeten", data=data, base_url=BASE, headers=headers)
    mailer = MemoryMailer()
    work_once(database, mailer, "https://portaal.waterlijn.example")
    for mail in mailer.sent:
        assert "kwaad" not in mail.text + mail.html + mail.subject + mail.message_id
        assert set(re.findall(r"https?://[^/\s]+", mail.text)) == {"https://portaal.waterlijn.example"}
    assert len(mailer.sent) == (0 if header in ("Host", "Referer") else 1), "a form from elsewhere is refused"


@pytest.mark.parametrize("path", ["/wachtwoord/onzin", "/wachtwoord/bevestigen", "/wachtwoord/kiezen"])
def test_a_link_that_is_not_right_leads_to_one_clear_page(visit: Callable[[], Visit], path: str) -> None:
    stranger = visit()
    page = stranger.get(path)
    assert page.h1 == "Deze link werkt niet meer"
    assert stranger.get(page.links()["Vraag een nieuwe link"]).h1 == "Wachtwoord vergeten?"


def test_the_same_page_for_used_old_and_made_up_links(
    visit: Callable[[], Visit], database: Database, clock: FrozenClock, noors_app: str
) -> None:
    noor = visit()
    asks(noor)
    old = link(database)
    asks(noor)
    link(database)
    bodies = {without_token(visit().get(path)) for path in (old, "/wachtwoord/x", f"/wachtwoord/{'x' * 5000}")}
    assert len(bodies) == 1


def test_the_second_factor_cannot_be_skipped(
    visit: Callable[[], Visit], database: Database, clock: FrozenClock, noors_app: str
) -> None:
    noor = visit()
    asks(noor)
    noor.get(link(database))
    assert noor.get("/wachtwoord/kiezen").h1 == "Bent u het echt?"
    page = noor.fill({"code": "000000"}, status=422)
    assert page.says("Deze code klopt niet, of is al gebruikt.")
    page = noor.fill({"code": "ABCD-EFGH-JKLM-NP"}, status=422)
    assert page.says("Deze code klopt niet, of is al gebruikt.")
    assert noor.fill({"code": "9" * 10_000}, status=422).errors()


def test_who_reads_the_mail_gains_nothing_after_noor_proved_who_she_is(
    visit: Callable[[], Visit], database: Database, clock: FrozenClock, noors_app: str
) -> None:
    noor, thief = visit(), visit()
    asks(noor)
    path = link(database)
    thief.get(path)
    noor.get(path)
    noor.fill({"code": app_code(noors_app, clock)})
    for address in (path, "/wachtwoord/kiezen", "/wachtwoord/bevestigen"):
        assert thief.get(address).h1 == "Deze link werkt niet meer"
    assert noor.get(path).h1 == "Kies een nieuw wachtwoord", "her own second tap on the link"


def test_back_and_once_more_changes_the_password_once(
    visit: Callable[[], Visit], database: Database, clock: FrozenClock, noors_app: str
) -> None:
    noor = visit()
    asks(noor)
    noor.get(link(database))
    code = app_code(noors_app, clock)
    for _ in range(3):
        assert noor.hand_in({"code": code}).headers["Location"] == "/wachtwoord/kiezen"
    noor.get("/wachtwoord/kiezen")
    assert noor.fill({"password": "kort"}, status=422).errors()
    lost = noor.client.get_cookie("__Host-kijkglas", domain="portaal.example")
    assert lost is not None
    assert noor.hand_in({"password": NEW}).headers["Location"] == "/inloggen"
    noor.client.set_cookie("__Host-kijkglas", lost.value, domain="portaal.example", secure=True)
    assert noor.hand_in({"password": NEW}).headers["Location"] == "/inloggen", "the answer was lost"
    assert "Deze link werkt niet meer" in noor.hand_in({"password": f"{NEW} anders"}).get_data(as_text=True)
    assert events(database, "password:changed") == 1
    assert [template for template, _to, _token in mailed(database)].count("security_notice") == 1


def test_fetching_the_link_changes_nothing(visit: Callable[[], Visit], database: Database, noors_app: str) -> None:
    """Programs that look through mail follow links; that must not use them up."""
    asks(visit())
    path = link(database)

    def contents() -> list[int]:
        with database.read() as session:
            return [session.scalar(select(func.count()).select_from(table)) or 0 for table in (AuditEvent, OutboxMail)]

    before = contents()
    for method in ("GET", "HEAD"):
        scanner = visit()
        scanner.raw(method, path)
        scanner.get(path)
    assert contents() == before
    assert visit().get(path).h1 == "Bent u het echt?"


def test_no_page_on_the_way_may_be_kept_or_tells_others_where_it_was(
    visit: Callable[[], Visit], database: Database, noors_app: str
) -> None:
    noor = visit()
    asks(noor)
    path = link(database)
    for address in (path, "/wachtwoord/bevestigen"):
        answer = noor.raw("GET", address)
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert path.rsplit("/", 1)[1] not in answer.get_data(as_text=True)
