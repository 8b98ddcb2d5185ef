"""N1 and N4, in a real browser: what Back shows after signing out, and where made-up destinations lead."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urljoin, urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import BrowserContext, Error, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from parentportal.app import create_app
from parentportal.rules.step_ups import Act
from parentportal.web import known_paths
from parentportal.web.public import views as public_views
from parentportal.web.security import step_ups
from parentportal.web.sign_in import entering, leaving
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.cheap_passwords import cheap_passwords
from tests.house.doors import DOORS, NOT_NOW
from tests.house.objects import gather
from tests.house.walking import address, doors
from tests.one_time_codes import by_cryptography
from tests.people import ROLES_OF
from tests.sessions import PASSWORD

COOKIE = "__Host-kijkglas"
SETTLED_MS, BACK_MS = 250, 1_000
"""So long a page has to show itself or to be replaced, and Back to begin: a page from the cache tells of no load."""
WALKERS = ("noor", "petra", "hanna", "ilse", "hugo")
"""One of each role; others of the same role see the same pages of other people."""
NOT_PAGES = ("download", "csv", "time_left")
EVIL = "evil.test"
PAYLOADS = (
    f"////{EVIL}", f"https://{EVIL}", f"http://{EVIL}", f"//{EVIL}", f"///{EVIL}", f"/////{EVIL}",
    f"http:///{EVIL}", f"https:///{EVIL}", f"http:/{EVIL}", f"https:/{EVIL}", f"http:{EVIL}", f"https:{EVIL}",
    f"/\\{EVIL}", f"\\\\{EVIL}", f"\\/{EVIL}", f"/\\/{EVIL}", f"//\\{EVIL}", f"/\\\\{EVIL}", f"\\/\\/{EVIL}",
    f"/\t/{EVIL}", f"/\n/{EVIL}", f"/\r/{EVIL}", f"\t//{EVIL}", f" //{EVIL}", f"/ /{EVIL}", f"/\x00/{EVIL}",
    f"/%2f{EVIL}", f"/%2f%2f{EVIL}", f"/%5c{EVIL}", f"%2f%2f{EVIL}", f"/%09/{EVIL}", f"/%0d%0a//{EVIL}",
    f"//{EVIL}/%2e%2e", f"/.//{EVIL}", f"/..//{EVIL}", f"/hulp/..//{EVIL}", f"/hulp/../..//{EVIL}", f"/hulp//{EVIL}",
    f"//localhost@{EVIL}", f"https://localhost@{EVIL}", f"https://localhost:80@{EVIL}", f"@{EVIL}", f"/@{EVIL}",
    f"//{EVIL}#localhost", f"//{EVIL}?localhost", f"https://{EVIL}\\@localhost", f"https://{EVIL}#@localhost",
    f"https://localhost.{EVIL}", f"//localhost.{EVIL}/", f"////localhost.{EVIL}", f"／／{EVIL}", f"/／{EVIL}",
    f"//{EVIL}\u3002test", f"/\u2028/{EVIL}", f"/\u202e//{EVIL}", f"javascript:location='//{EVIL}'",
    f"JaVaScRiPt:location='//{EVIL}'", f"data:text/html,<script>location='//{EVIL}'</script>",
    f"/hulp\r\nLocation: //{EVIL}", f"/hulp?naar=//{EVIL}", f"/taal/en?naar=//{EVIL}", f"/inloggen?naar=//{EVIL}",
)  # fmt: skip


class _Silent(WSGIRequestHandler):
    """Says nothing about the requests it answers."""

    def log(self, *_words: object) -> None:
        return None


@contextmanager
def served(portal: Portal) -> Iterator[tuple[str, Flask]]:
    """The portal on a port of this machine, in this process, so that a flaw can be put into it."""
    server = make_server(
        "localhost", 0, lambda environ, start: app.wsgi_app(environ, start), threaded=True, request_handler=_Silent
    )
    base = f"http://localhost:{server.server_port}"
    app = create_app(replace(portal.settings, base_url=base), database=portal.database, clock=portal.clock)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield base, app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def carry(context: BrowserContext, app: Flask, base: str, token: str) -> None:
    """Put a session into a browser, as after signing in."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    value = signer.dumps({"token": token})
    cookie: Any = {
        "name": COOKIE,
        "value": value,
        "url": base.replace("http:", "https:"),
        "secure": True,
        "httpOnly": True,
        "sameSite": "Lax",
    }
    context.add_cookies([cookie])


def go_back(portal: Portal, dose: int) -> Result:
    """Each private page of every role, with and without scripts: sign out on it, and go Back to it."""
    objects = gather(portal.database, portal.clock, portal.people)
    shown: list[str] = []
    tried = 0
    with served(portal) as (base, app):
        pages = list(_private_pages(app, objects))
        step = max(len(pages) // dose, 1)
        for script in (False, True) if dose > 1 else (False,):
            for name, path in pages[::step][:dose]:
                came_back = _comes_back(portal, app, base, name, path, script=script)
                tried += came_back is not None
                if came_back:
                    shown.append(f"{name} {path}")
    return Result(
        f"{tried} pages of {len(WALKERS)} people", f"{len(shown)} shown again {'; '.join(shown[:2])}", not shown
    )


def _private_pages(app: Flask, objects: Any) -> Iterator[tuple[str, str]]:
    for name in WALKERS:
        role = ROLES_OF[name][0]
        for door in doors(app):
            listed = DOORS[door.endpoint]
            open_here = listed != "anyone" and role in listed and door.method == "GET"
            if open_here and (name, door.endpoint) not in NOT_NOW and not door.endpoint.endswith(NOT_PAGES):
                yield name, address(app, door, objects.at(door))


def _comes_back(portal: Portal, app: Flask, base: str, name: str, path: str, *, script: bool) -> bool | None:
    """Whether the page is to be read again; None when there is none to read."""
    assert portal.browser is not None
    context = portal.browser.new_context(java_script_enabled=script, locale="nl-NL")
    try:
        carry(context, app, base, portal.token_of(name, proved=tuple(Act)))
        page = context.new_page()
        answer = None
        with suppress(Error):  # a file is saved, and no page comes
            answer = page.goto(base + path)
        if answer is None or answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            return None
        private = _words(page)
        if not page.locator('form[action="/uitloggen"]').count():
            page.goto(base + "/hulp")
        with page.expect_navigation():
            page.locator('form[action="/uitloggen"] button').first.click()
        for _ in range(3):
            with suppress(Error):
                page.go_back(wait_until="commit", timeout=BACK_MS)
            page.wait_for_timeout(SETTLED_MS)
            if _words(page) == private:
                return True
        return False
    finally:
        context.close()


def _words(page: Page) -> str:
    return " ".join(page.locator("body").inner_text().split())


@contextmanager
def keeping_the_cache(_portal: Portal) -> Iterator[None]:
    """Pages may be kept, and the page after signing out leaves the cache of the browser as it is."""

    whole = create_app

    def lax(*args: Any, **options: Any) -> Flask:
        app = whole(*args, **options)

        def keep(answer: Any) -> Any:
            if answer.mimetype == "text/html":
                answer.headers["Cache-Control"] = "private, max-age=600"
            return answer

        app.after_request_funcs.setdefault(None, []).insert(0, keep)
        return app

    with patch.object(leaving, "CLEAR", '"executionContexts"'), patch(f"{__name__}.create_app", lax):
        yield


def lead_astray(portal: Portal, dose: int) -> Result:
    """Each payload at each route that leads on, to the end of what that route leads to."""
    assert portal.browser is not None
    gone: list[str] = []
    tried = 0
    with served(portal) as (base, app), cheap_passwords():
        for payload in PAYLOADS[:dose]:
            context = portal.browser.new_context(locale="nl-NL")
            try:
                left = _Watched(context, base)
                for endpoint, way in WAYS.items():
                    page = context.new_page()
                    way(portal, app, base, page, payload)
                    tried += 1
                    gone += [f"{endpoint} {payload!r}"] * left.is_away()
                    page.close()
            finally:
                context.close()
    return Result(
        f"{len(PAYLOADS[:dose])} payloads × {len(WAYS)} routes",
        f"{len(gone)} of {tried} left {'; '.join(gone[:2])}".strip(),
        not gone,
    )


class _Watched:
    """Sees whether a browser asks any other host, also when an answer sends it there; no such host is found."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self._context, self._base = context, base
        self.foreign: list[str] = []
        context.on("request", self._see)

    def _see(self, asked: Any) -> None:
        if not asked.url.startswith((self._base + "/", "about:", "chrome-error:")):
            self.foreign.append(asked.url)

    def is_away(self) -> bool:
        """Since the last time this was asked."""
        urls = [page.url for page in self._context.pages]
        away = bool(self.foreign) or any(urlsplit(url).hostname not in ("localhost", None) for url in urls)
        self.foreign.clear()
        return away


def _language(_portal: Portal, _app: Flask, base: str, page: Page, payload: str) -> None:
    _open(page, f"{base}/taal/en?naar={quote(payload, safe='')}")


def _sign_in(portal: Portal, _app: Flask, base: str, page: Page, payload: str) -> None:
    key = portal.key_of("noor")
    portal.wait(minutes=2)
    portal.forget_tries()
    _open(page, f"{base}/inloggen?naar={quote(payload, safe='')}")
    page.locator("input[name=name]").fill("noor@post.example")
    page.locator("input[name=password]").fill(PASSWORD)
    _hand_in(page, "password")
    page.locator("input[name=code]").fill(by_cryptography(key, portal.clock.now()))
    _hand_in(page, "code")


def _confirm(portal: Portal, app: Flask, base: str, page: Page, payload: str) -> None:
    """Where a page asks for a fresh code, the right one is given, and it leads on."""
    key = portal.key_of("noor")
    carry(page.context, app, base, portal.token_of("noor"))
    portal.wait(minutes=2)
    if _open(page, f"{base}/beveiliging/bevestigen?naar={quote(payload, safe='')}"):
        field = page.locator("input[name=proof_code]")
        if field.count():
            field.fill(by_cryptography(key, portal.clock.now()))
            _hand_in(page, "proof_code")


def _failed(_portal: Portal, _app: Flask, base: str, page: Page, payload: str) -> None:
    """The page after a passkey that failed carries the destination on, in its links."""
    if _open(page, f"{base}/inloggen/niet-gelukt?naar={quote(payload, safe='')}"):
        for link in page.locator("main a[href]").evaluate_all("all => all.map(a => a.href)"):
            _open(page, link)


def _passkey(_portal: Portal, _app: Flask, base: str, page: Page, payload: str) -> None:
    """The form of that page carries it on as well, here with a made-up value and an answer that opens nothing."""
    if _open(page, f"{base}/inloggen/niet-gelukt"):
        fill = "(form, payload) => { form.goal.value = payload; form.answer.value = '{}'; form.submit(); }"
        with suppress(Error), page.expect_navigation():
            page.locator('form[action="/inloggen/passkey"]').evaluate(fill, payload)


def _open(page: Page, url: str) -> bool:
    """Whether a page came; a request to another host is cut off, and then there is none."""
    with suppress(Error):
        return page.goto(url) is not None
    return False


def _hand_in(page: Page, field: str) -> None:
    with suppress(Error), page.expect_navigation():
        page.locator(f"input[name={field}]").press("Enter")


WAYS: Mapping[str, Callable[[Portal, Flask, str, Page, str], None]] = {
    "public.choose_language": _language,
    "sign_in.passkey_failed": _failed,
    "sign_in.use_passkey": _passkey,
    "sign_in.start": _sign_in,
    "security.confirm": _confirm,
}
"""Every route that takes a destination, and how it is walked; in one browser, so the last with somebody signed in."""


@contextmanager
def comparing_hosts(_portal: Portal) -> Iterator[None]:
    """The check that many have: join with the own address, compare the hosts, and go to what was given."""

    def weak(candidate: str, *_role: object) -> Any:
        here = "http://localhost/"
        return candidate if urlsplit(urljoin(here, candidate)).netloc in ("localhost", "") and candidate else ""

    def found(candidate: str) -> Any:
        path = weak(candidate)
        return known_paths.KnownPath("security.change_password", path) if path else None

    with (
        patch.object(entering, "known_path", weak),
        patch.object(public_views, "find_known_path", found),
        patch.object(step_ups, "find_known_path", found),
    ):
        yield


ROWS = (
    Row(
        "N1",
        "Back after signing out, on every private page",
        "0 pages shown again",
        go_back,
        keeping_the_cache,
        "pages may be kept, and signing out leaves them",
        small=1,
        full=1_000,
        controlled=1,
        in_browser=True,
    ),
    Row(
        "N4",
        "made-up destinations at every route that leads on",
        "0 leave the host",
        lead_astray,
        comparing_hosts,
        "hosts are joined and compared",
        small=1,
        full=len(PAYLOADS),
        controlled=1,
        in_browser=True,
    ),
)
