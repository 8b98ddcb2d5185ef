"""What travels compressed, and what never does because its length would tell something."""

import gzip
import re
from collections.abc import Callable

import pytest

from parentportal.places import STATIC
from tests.visit import Visit

WANTED = {"Accept-Encoding": "gzip, br"}


def test_the_first_page_is_compressed_for_a_browser_that_can_unpack_it(visit: Callable[[], Visit]) -> None:
    plain = visit().raw("GET", "/")
    packed = visit().raw("GET", "/", headers=WANTED)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert int(packed.headers["Content-Length"]) == len(packed.get_data()) < len(plain.get_data()) / 2


@pytest.mark.parametrize("refusal", ["", "identity", "gzip;q=0", "br"])
def test_whoever_does_not_want_it_gets_it_as_it_is(visit: Callable[[], Visit], refusal: str) -> None:
    assert "Content-Encoding" not in visit().raw("GET", "/", headers={"Accept-Encoding": refusal}).headers


def test_a_page_with_the_token_of_a_form_goes_as_it_is(visit: Callable[[], Visit]) -> None:
    answer = visit().raw("GET", "/inloggen", headers=WANTED)
    assert "csrf_token" in answer.get_data(as_text=True)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/mijn/", "/hulp", "/"])
def test_no_page_of_somebody_who_is_signed_in_is_compressed(visit_as: Callable[[str], Visit], path: str) -> None:
    answer = visit_as("noor").raw("GET", path, headers=WANTED)
    assert "Content-Encoding" not in answer.headers
    assert "Noor" in answer.get_data(as_text=True)


def test_a_stylesheet_travels_compressed_and_says_so_to_whoever_keeps_it(visit: Callable[[], Visit]) -> None:
    home = visit().raw("GET", "/").get_data(as_text=True)
    (sheet,) = set(re.findall(r'href="(/static/css/app[^"]+)"', home))
    plain, packed = visit().raw("GET", sheet), visit().raw("GET", sheet, headers=WANTED)
    plain.close()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == (STATIC / "css" / "app.css").read_bytes()
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_everything_for_the_first_page_fits_in_fourteen_kilobytes(visit: Callable[[], Visit]) -> None:
    answer = visit().raw("GET", "/", headers=WANTED)
    page = gzip.decompress(answer.get_data()).decode()
    named = set(re.findall(r'<(?:link|script|img|use)\b[^>]*\b(?:href|src)="(/static/[^"#]+)', page))
    files = [visit().raw("GET", path, headers=WANTED) for path in named]
    assert len(files) >= 4
    assert sum(len(one.get_data()) for one in (answer, *files)) <= 12_000
    assert sum(len(str(one.headers)) + len(one.get_data()) for one in (answer, *files)) <= 14_000
