"""Pages that anybody may read."""

from collections.abc import Callable

import pytest

from parentportal.services import address_changes, known_devices
from tests.people import People
from tests.visit import Visit

PAGES = ["/", "/hulp", "/privacy", "/toegankelijkheid", "/uw-rechten", "/voor-kinderen", "/woordenlijst", "/documenten"]


@pytest.mark.parametrize("path", [*PAGES, "/misbruik-melden"])
def test_nobody_in_particular_can_read_it(visit: Callable[[], Visit], people: People, path: str) -> None:
    page = visit().get(path)
    assert page.says("Autoriteit Persoonsgegevens") or "Autoriteit Persoonsgegevens" in page.html
    assert "/privacy" in page.links().values()
    assert "/toegankelijkheid" in page.links().values()


def test_misuse_can_be_reported_to_the_officer_of_each_board(visit: Callable[[], Visit], people: People) -> None:
    page = visit().get("/misbruik-melden")
    assert "mailto:fg@waterlijn.example" in page.links().values()
    assert "mailto:fg@zilverduin.example" in page.links().values()


def test_documents_say_whether_they_are_in_force(visit: Callable[[], Visit], people: People) -> None:
    page = visit().get("/documenten")
    assert page.says("Privacyreglement van Stichting De Waterlijn")
    assert page.says("Geldt vanaf 1 aug 2026.")


def test_a_page_that_does_not_exist_says_so_in_plain_words(visit: Callable[[], Visit], people: People) -> None:
    page = visit().get("/bestaat-niet", status=404)
    assert page.h1 == "Deze pagina is er niet"


def test_the_load_balancer_gets_an_answer_without_detail(visit: Callable[[], Visit]) -> None:
    assert visit().raw("GET", "/livez").get_data() == b"ok\n"
    assert visit().raw("GET", "/readyz").get_data() == b"ok\n"


@pytest.mark.parametrize(
    ("what", "term"),
    [
        ("Uw sleutels voor gezicht, vinger of schermcode", "Tot u de sleutel weghaalt"),
        ("Dat u een apparaat eerder gebruikte", "Een jaar" if known_devices.KEPT.days == 365 else "?"),
        ("Wanneer u inlogde en wat u daaraan veranderde", "Tot 2 jaar"),
        ("De naam die u invult bij Wachtwoord vergeten", "Hoogstens een half uur"),
        ("Uw oude e-mailadres, als u een ander kiest", f"{address_changes.KEPT.days} dagen"),
    ],
)
def test_the_notice_says_what_is_kept_for_signing_in_and_how_long(
    visit: Callable[[], Visit], what: str, term: str
) -> None:
    rows = [row.get_text(" ", strip=True) for row in visit().get("/privacy").soup.find_all("tr")]
    (found,) = [row for row in rows if what in row]
    assert term in found
