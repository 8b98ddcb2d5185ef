"""What every answer has: headers, language, the people to turn to, and no cookie before it is needed."""

import re
from collections.abc import Callable

import pytest

from tests.people import People
from tests.visit import Visit

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cache-Control": "no-store, private",
    "Vary": "Cookie, Accept-Language",
}


@pytest.mark.parametrize("path", ["/", "/hulp", "/inloggen", "/bestaat-niet", "/mijn/", "/livez"])
def test_every_answer_carries_the_same_headers(visit: Callable[[], Visit], people: People, path: str) -> None:
    answer = visit().raw("GET", path)
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(visit: Callable[[], Visit], people: People) -> None:
    cookie = visit().raw("GET", "/inloggen").headers["Set-Cookie"]
    assert cookie.startswith("__Host-kijkglas=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_reading_public_pages_sets_no_cookie(visit: Callable[[], Visit], people: People) -> None:
    assert "Set-Cookie" not in visit().raw("GET", "/").headers
    assert "Set-Cookie" not in visit().raw("GET", "/hulp").headers


def test_static_files_may_be_kept_for_ever_under_an_address_that_changes(
    visit: Callable[[], Visit], people: People
) -> None:
    page = visit().get("/hulp")
    sheets = [str(link["href"]) for link in page.soup.find_all("link", rel="stylesheet")]
    assert len(sheets) == 1
    assert re.fullmatch(r"/static/css/app\.[0-9a-f]{12}\.css", sheets[0])
    with visit().raw("GET", sheets[0]) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "/static/css/app.css",
        "/static/css/app.000000000000.css",
        "/static/../pyproject.toml",
        "/static/css/.css",
        "/static/%00",
    ],
)
def test_a_static_file_under_another_address_does_not_exist(
    visit: Callable[[], Visit], people: People, path: str
) -> None:
    assert visit().raw("GET", path).status_code in (400, 404)


def test_a_foreign_host_in_the_request_never_reaches_a_page(visit: Callable[[], Visit], people: People) -> None:
    answer = visit().client.get("/inloggen", headers={"Host": "kwaad.example", "X-Forwarded-Host": "kwaad.example"})
    assert "kwaad.example" not in answer.get_data(as_text=True)


def test_a_body_that_is_too_large_is_refused_in_words(visit: Callable[[], Visit], people: People) -> None:
    browser = visit()
    browser.get("/inloggen")
    answer = browser.raw("POST", "/inloggen", data={"name": "x" * 300_000})
    assert answer.status_code == 413
    assert "te groot" in answer.get_data(as_text=True)


def test_a_form_that_lost_its_token_can_be_sent_again_with_what_was_typed(
    visit_as: Callable[..., Visit], people: People
) -> None:
    browser = visit_as("noor")
    answer = browser.raw("POST", "/uitloggen", data={"reason": "typed with care", "password": "never kept"})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "typed with care" in body
    assert "never kept" not in body


@pytest.mark.parametrize("host", ["evil.example", "portaal.example.evil.example", "evil.example:443"])
def test_only_the_own_name_is_answered_to(visit: Callable[[], Visit], people: People, host: str) -> None:
    assert visit().raw("GET", "/hulp", headers={"Host": host}).status_code == 400
    assert visit().raw("GET", "/livez", headers={"Host": host}).status_code == 200
    assert visit().raw("GET", "/hulp", headers={"Host": "127.0.0.1:8000"}).status_code == 200


@pytest.mark.parametrize("sign", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_a_form_from_another_site_is_not_offered_to_be_sent_again(
    visit: Callable[[], Visit], people: People, sign: dict[str, str]
) -> None:
    answer = visit().raw("POST", "/inloggen", data={"name": "van-een-ander"}, headers=sign)
    assert answer.status_code == 404
    assert "van-een-ander" not in answer.text
    own = visit().raw("POST", "/inloggen", data={"name": "van-hier"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (own.status_code, "van-hier" in own.text) == (400, True)
