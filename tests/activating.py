"""From a letter to the codes app, step by step, for tests that are about what happens on the way."""

from collections.abc import Callable

from parentportal.outside.clock import FrozenClock
from parentportal.services.invitations import InvitationLetter
from tests import one_time_codes
from tests.page import Page
from tests.visit import Visit

PASSWORD = "dertien paarse fietsbellen"
SEM_BORN = {"born-day": "27", "born-month": "3", "born-year": "2017"}


def app_code(key: str, clock: FrozenClock) -> str:
    """What a codes app shows, computed by another implementation than the portal's."""
    return one_time_codes.app_code(key, clock.now())


def key_on(page: Page) -> str:
    key = page.soup.select_one("#sleutel")
    assert key is not None
    return key.get_text()


def scan(visit: Visit, letter: InvitationLetter) -> Page:
    return visit.get(letter.url("https://portaal.example").removeprefix("https://portaal.example"))


def claim(visit: Visit, letter: InvitationLetter, *, status: int = 200) -> Page:
    """Scan the letter and answer with Sem's birth date."""
    scan(visit, letter)
    visit.fill()
    return visit.fill(SEM_BORN, status=status)


def as_far_as_app(visit: Visit, letter: InvitationLetter, mail_code: Callable[[], str], email: str) -> Page:
    scan(visit, letter)
    page = visit.fill(form="activeren")
    if "geboren" in page.h1:
        visit.fill(SEM_BORN)
    visit.fill({"email": email}, form="/e-mail")
    page = visit.fill({"code": mail_code()})
    if "wachtwoord" not in page.h1:
        visit.get("/activeren/wachtwoord")
    return visit.fill({"password": PASSWORD})
