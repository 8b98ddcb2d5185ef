"""A telephone in somebody's hand: taps what it reads, and looks at every page that comes."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

SMALL, SMALLEST, HEIGHT = 360, 320, 740
TARGET = 44
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z2-9]{4}(-[A-Z2-9]{4}){3}")
SHOTS = os.environ.get("PARENTPORTAL_SHOTS")

#: Everything that can be touched and is smaller than a finger; a link in a sentence may be (WCAG 2.5.8). A box or round
#: button counts with its label, and the link of a card with its card.
TOO_SMALL = """(least) => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(e => e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}))
  .map(e => e.closest('.card-link') || (/radio|checkbox/.test(e.type) && e.closest('label')) || e)
  .filter(e => !(e.tagName === 'A' && getComputedStyle(e).display === 'inline'
                 && e.closest('p, li, dd, td, th, label, h2, h3')))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.bottom > 0 && r.right > 0 && (r.width < least - .5 || r.height < least - .5))
  .map(([e, r]) => `${e.tagName} ${Math.round(r.width)}x${Math.round(r.height)} ${e.textContent.trim().slice(0, 30)}`)
"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Phone:
    """One browser of one person, 360 pixels wide, with or without JavaScript; `faults` holds what was seen wrong."""

    def __init__(
        self, browser: Browser, base_url: str, *, script: bool = False, name: str = "", seen: set[str] | None = None
    ) -> None:
        """`seen` are the kinds of page that somebody looked at like this already: they are not measured again."""
        self.base_url, self.name, self._script = base_url, name, script
        self.context = _context(browser, script=script)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.loads = 0
        self.taps = 0
        self._seen = set() if seen is None else seen
        self._watch(self.page)

    # What a person does

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path if path.startswith("http") else self.base_url + path)
        self.look()

    def tap(self, words: str, *, within: str | None = None) -> None:
        """Touch the link or button with these words, and look at the page that comes."""
        self.taps += 1
        with self.page.expect_navigation():
            self._touchable(words, within).click()
        self.look()

    def unfold(self, words: str) -> None:
        """Open what is folded away."""
        self.taps += 1
        self.page.locator("summary", has_text=words).first.click()

    def write(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label, exact=False).first.fill(text)

    def write_day(self, day: str) -> None:
        """Type a date, given as 2017-03-27, into its three boxes."""
        year, month, number = day.split("-")
        for label, text in (("Dag", number), ("Maand", month), ("Jaar", year)):
            self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, answer: str, *, within: str | None = None) -> None:
        """Touch a radio button or a box by its words, in the question that has some other words."""
        self.taps += 1
        place = self.page.locator("fieldset", has_text=within).first if within else self.page.locator("main")
        for exact in (True, False):
            found = place.get_by_role("radio", name=answer, exact=exact).or_(
                place.get_by_role("checkbox", name=answer, exact=exact)
            )
            if found.count():
                self.page.locator(f'label[for="{found.first.get_attribute("id")}"]').first.click()
                return
        raise AssertionError(f"nothing to choose that says “{answer}” on {self.path}: {place.inner_text()[:800]}")

    def bring(self, label: str, *paths: Path) -> None:
        """Choose files to hand in."""
        self.page.get_by_label(label, exact=False).first.set_input_files([str(path) for path in paths])

    def go_back(self) -> None:
        """The back button of the telephone."""
        self.page.go_back()

    # What a person reads

    @property
    def text(self) -> str:
        """All that is to be seen, blanks collapsed."""
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def title(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def reads(self, words: str) -> bool:
        return " ".join(words.split()).casefold() in self.text.casefold()

    def must_read(self, *words: str) -> None:
        for part in words:
            assert self.reads(part), f"“{part}” is not on {self.path}: {self.text[:1500]}"

    def can_touch(self, words: str) -> bool:
        return self.page.get_by_role("link", name=words).or_(self.page.get_by_role("button", name=words)).count() > 0

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def _touchable(self, words: str, within: str | None) -> Locator:
        place: Page | Locator = self._part(within) if within else self.page
        exact = place.get_by_role("link", name=words, exact=True).or_(
            place.get_by_role("button", name=words, exact=True)
        )
        loose = place.get_by_role("link", name=words).or_(place.get_by_role("button", name=words))
        for found in (exact, loose):
            for number in range(found.count()):
                if found.nth(number).is_visible():
                    return found.nth(number)
        raise AssertionError(f"nothing to touch that says “{words}” on {self.path}: {self.text[:1500]}")

    def _part(self, words: str) -> Locator:
        """The smallest part of the page that has these words and something to touch."""
        parts = self.page.locator("main").locator("fieldset, section, article, li, tr, form, details, dl > div")
        return parts.filter(has_text=words).filter(has=self.page.locator("a, button, input")).last

    # What the test sees besides

    def look(self) -> None:
        """Check the page that is there, once for each kind: its width, its targets, and what axe says of it.

        Axe is a script: it looks with those who have scripts, at pages that are otherwise the same.
        """
        self.loads += 1
        kind = f"{IDS.sub('…', self.path)} {self.title}"
        if (key := f"{kind} {self._script}") in self._seen:
            return
        self._seen.add(key)
        self._measure(kind)
        self._take_shots(kind)
        if self._script:
            self._ask_axe(kind)

    def _measure(self, kind: str) -> None:
        for width in (SMALL, SMALLEST):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            if (more := self.page.evaluate(SIDEWAYS)) > 0:
                self.faults.append(f"{kind}: {more} pixels too wide at {width}")
        self.page.set_viewport_size({"width": SMALL, "height": HEIGHT})
        self.faults += [f"{kind}: too small to touch: {what}" for what in self.page.evaluate(TOO_SMALL, TARGET)]

    def _ask_axe(self, kind: str) -> None:
        """The policy of the page stays in force; the test has a door of its own to it."""
        self.page.evaluate(f"{AXE_SCRIPT};0")
        found = self.page.evaluate(
            """tags => axe.run(document, {
                runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], preload: false, iframes: false
            }).then(found => found.violations)""",
            RULES,
        )
        for violation in found:
            where = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            self.faults.append(f"{kind}: axe {violation['id']}: {where}")

    def _take_shots(self, kind: str) -> None:
        if SHOTS is None:
            return
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w…-]+", "_", f"{self.name}{kind}")[:110]
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
            self.page.screenshot(path=folder / f"{name}.{scheme}.png", full_page=True)

    def _watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", self._see_request)
        page.on("response", self._see_response)

    def _hear(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "violates" in message.text:
            self.faults.append(f"{self.page.url}: {message.text[:200]}")

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((self.base_url + "/", "blob:", "about:")):
            self.faults.append(f"asks another host: {request.url}")

    def _see_response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} for {response.url}")

    def cookies(self) -> list[Any]:
        return list(self.context.cookies())

    def must_be_fine(self) -> None:
        """Every page so far was."""
        assert self.faults == [], "\n".join(self.faults)

    def put_away(self) -> None:
        self.context.close()


def _context(browser: Browser, *, script: bool) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": SMALL, "height": HEIGHT},
        has_touch=True,
        is_mobile=True,
        java_script_enabled=script,
        locale="nl-NL",
        timezone_id="Europe/Amsterdam",
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    return context
