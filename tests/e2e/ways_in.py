"""Signing in and making an account, as a person does it on a telephone."""

from collections.abc import Iterable

from parentportal.web.demo_pages import PASSWORD
from tests.e2e.phone import Phone
from tests.e2e.running import Running


def sign_in(portal: Running, phone: Phone, name: str) -> None:
    """Password, and the code of the app; the password is that of everybody in the demo."""
    phone.open("/inloggen")
    phone.write("E-mailadres of inlognaam", name)
    phone.write("Wachtwoord", PASSWORD)
    phone.tap("Verder")
    phone.write("Code van 6 cijfers", portal.app_code(portal.secret_of(name)))
    phone.tap("Inloggen")


def sign_out(phone: Phone) -> None:
    phone.tap("Uitloggen")


def links_of(phone: Phone) -> Iterable[str]:
    """Where the page leads to within the portal, but for another language."""
    hrefs = phone.page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return [href.split("#")[0] for href in hrefs if href.startswith("/") and not href.startswith(("//", "/taal/"))]


def activate(portal: Running, phone: Phone, code: str, email: str, *, born: str | None = None) -> None:
    """From the address in a letter, or the code in the hand, to a first signed-in page."""
    before = portal.count_mails(email)
    phone.open(f"/activeren/{code}")
    phone.tap("Verder")
    if born is not None:
        phone.write_day(born)
        phone.tap("Verder")
    phone.write("E-mailadres", email)
    phone.tap("Stuur mij een code")
    phone.write("Code van 6 cijfers", portal.mailed_code(email, beyond=before))
    phone.tap("Verder")
    if born is not None:
        phone.choose("Met een wachtwoord en een codes-app")
        phone.tap("Verder")
    phone.write("Nieuw wachtwoord", PASSWORD)
    phone.tap("Verder")
    secret = phone.page.locator("#sleutel").inner_text()
    phone.write("Code van 6 cijfers", portal.app_code(secret))
    phone.tap("Verder")
    saved = phone.page.locator("#noodcodes li").first.inner_text()
    if born is not None:
        phone.tap("Overslaan")
    else:
        phone.write("Noodcode", saved)
        phone.tap("Verder")
    if born is None:
        add_second_app(portal, phone)


def add_second_app(portal: Running, phone: Phone) -> None:
    """What somebody at work must still do before the portal opens: a codes app on another device."""
    phone.must_read("Nog even dit")
    phone.tap("Codes-app toevoegen")
    phone.tap("Begin")
    secret = phone.page.locator("#sleutel").inner_text()
    phone.write("Code van 6 cijfers", portal.app_code(secret))
    phone.tap("App toevoegen")
    phone.must_read("Klaar: alles is ingesteld")
    phone.tap("Naar uw startpagina")


def prove(portal: Running, phone: Phone, name: str) -> None:
    """A code of the app once more, where the portal asks whether it is really you."""
    phone.must_read("Bent u het echt?")
    phone.write("Code van 6 cijfers uit de app", portal.app_code(portal.secret_of(name)))
    phone.tap("Verder")
