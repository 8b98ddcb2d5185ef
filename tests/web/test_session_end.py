"""The end of a session: how long it still lasts, what keeps it alive, and what does not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from parentportal.outside.clock import FrozenClock
from tests.page import Page
from tests.visit import BASE, Visit


def left(visit: Visit) -> int:
    answer = visit.raw("GET", "/beveiliging/sessie")
    assert answer.status_code == 200
    return int(answer.get_json()["left"])


def token_on(page: Page) -> str:
    field = page.soup.select_one("input[name=csrf_token]")
    assert field is not None
    return str(field["value"])


def stay(visit: Visit, token: str) -> int:
    headers = {"Referer": f"{BASE}/mijn/"}
    return visit.raw("POST", "/beveiliging/sessie", data={"csrf_token": token}, headers=headers).status_code


@pytest.mark.parametrize(("name", "path", "minutes"), [("noor", "/mijn/", 30), ("petra", "/werk/brieven", 15)])
def test_asking_how_long_it_lasts_keeps_no_session_alive(
    visit_as: Callable[..., Visit], clock: FrozenClock, name: str, path: str, minutes: int
) -> None:
    visit = visit_as(name)
    visit.get(path)
    for passed in range(1, minutes):
        clock.advance(timedelta(minutes=1))
        assert left(visit) == (minutes - passed) * 60
    clock.advance(timedelta(minutes=1))
    assert visit.raw("GET", "/beveiliging/sessie").status_code == 303
    assert visit.get(path).h1 == "Inloggen"


def test_saying_that_one_is_still_there_keeps_it_alive(visit_as: Callable[..., Visit], clock: FrozenClock) -> None:
    noor = visit_as("noor")
    page = noor.get("/mijn/")
    assert page.soup.body is not None
    assert page.soup.body["data-left"] == "1800"
    token = token_on(page)
    clock.advance(timedelta(minutes=29))
    assert stay(noor, token) == 204
    clock.advance(timedelta(minutes=29))
    assert left(noor) == 60


def test_twelve_hours_end_it_however_often_one_says_so(visit_as: Callable[..., Visit], clock: FrozenClock) -> None:
    noor = visit_as("noor")
    token = token_on(noor.get("/mijn/"))
    for _ in range(12 * 3 - 1):
        clock.advance(timedelta(minutes=20))
        assert stay(noor, token) == 204
    assert left(noor) == 20 * 60
    clock.advance(timedelta(minutes=20))
    assert stay(noor, token) == 303


def test_every_page_knows_how_long_the_session_lasts_and_asks_for_the_words_when_it_needs_them(
    visit_as: Callable[..., Visit],
) -> None:
    noor = visit_as("noor")
    for path in ("/mijn/", "/mijn/toestemming", "/hulp", "/beveiliging/"):
        body = noor.get(path).soup.body
        assert body is not None
        assert body["data-session"] == "/beveiliging/sessie", path
    said = noor.raw("GET", "/beveiliging/sessie").get_json()
    assert said["button"] == "Ik ben er nog"
    assert "Wat u typte" in said["ended"]


def test_whoever_is_not_signed_in_is_warned_of_nothing(visit: Callable[[], Visit]) -> None:
    body = visit().get("/hulp").soup.body
    assert body is not None
    assert not body.has_attr("data-session")
