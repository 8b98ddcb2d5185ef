"""The words of each mail: content-free by construction, since a mail takes only the few values named here.

No mail tells a child's name, the subject of a request or what an answer was (AVG 32, trap T35). Whatever happens
to a parent's children, consents or requests is one and the same mail: `news`. Only `role_given` names people: two
colleagues, to whoever watches over roles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from parentportal.outside.mailer import one_line
from parentportal.outside.translations import SOURCE_LANGUAGE, translations_of
from parentportal.places import MAIL_TEMPLATES


class Mail(StrEnum):
    """Every mail that the portal can send."""

    NEWS = "news"
    CONFIRM_EMAIL = "confirm_email"
    SECURITY_NOTICE = "security_notice"
    PASSWORD_RESET = "password_reset"
    NO_PASSWORD = "no_password"
    ADDRESS_CHANGED = "address_changed"
    STAFF_NEW_WORK = "staff_new_work"
    ROLE_GIVEN = "role_given"


class SecurityEvent(StrEnum):
    """What a security notice may be about: its value `what`."""

    ACCOUNT_ACTIVATED = "account_activated"
    MEANS_ADDED = "means_added"
    MEANS_REMOVED = "means_removed"
    PASSWORD_CHANGED = "password_changed"
    EMAIL_CHANGED = "email_changed"
    EMAIL_RESTORED = "email_restored"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    NEW_DEVICE = "new_device"
    PASSKEY_COPIED = "passkey_copied"
    MEANS_ENDED = "means_ended"
    MEANS_RENEWED = "means_renewed"
    SESSIONS_ENDED = "sessions_ended"


#: The values of each mail besides the school and the base URL.
VALUES: Mapping[Mail, frozenset[str]] = {
    Mail.NEWS: frozenset(),
    Mail.CONFIRM_EMAIL: frozenset({"code", "minutes"}),
    Mail.SECURITY_NOTICE: frozenset({"what"}),
    Mail.PASSWORD_RESET: frozenset({"token", "minutes"}),
    Mail.NO_PASSWORD: frozenset(),
    Mail.ADDRESS_CHANGED: frozenset({"token", "hours"}),
    Mail.STAFF_NEW_WORK: frozenset(),
    Mail.ROLE_GIVEN: frozenset({"who", "role", "by", "to"}),
}


@dataclass(frozen=True, slots=True)
class MailText:
    """What the reader sees: the subject is one line, both bodies say the same."""

    subject: str
    text: str
    html: str


def render(mail: Mail, *, school: str, base_url: str, language: str = SOURCE_LANGUAGE, **values: str | int) -> MailText:
    """Write a mail; every link in it is the base URL as the settings have it.

    Values other than those in `VALUES`, and a base URL that is not http or https, raise ValueError.
    """
    if set(values) != VALUES[mail]:
        raise ValueError(f"the mail {mail.value} takes exactly: {', '.join(sorted(VALUES[mail])) or 'nothing'}")
    if "what" in values:
        values["what"] = SecurityEvent(str(values["what"])).value
    if urlsplit(base_url).scheme not in {"http", "https"} or not urlsplit(base_url).hostname:
        raise ValueError("the base URL of a mail starts with https://")
    given = {"school": school, "base_url": base_url.rstrip("/"), **values}
    plain, rich = _environment(language, False), _environment(language, True)
    return MailText(
        subject=one_line(plain.get_template(f"{mail.value}/subject.txt").render(given)),
        text=plain.get_template(f"{mail.value}/body.txt").render(given).strip() + "\n",
        html=rich.get_template(f"{mail.value}/body.html").render(given).strip() + "\n",
    )


@lru_cache(maxsize=64)
def _environment(language: str, rich: bool) -> Environment:
    """One environment per language and form, so that a template is compiled once for each."""
    environment = Environment(
        loader=FileSystemLoader(MAIL_TEMPLATES),
        autoescape=rich,  # noqa: S701 - text is not HTML, and HTML is always escaped
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        finalize=_without_control,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.install_gettext_translations(translations_of(language), newstyle=True)  # type: ignore[attr-defined]  # from the extension
    environment.globals["language"] = language
    environment.globals["direction"] = Locale.parse(language).text_direction
    return environment


def _without_control(value: object) -> object:
    """A value on one line: nothing that is filled in can add a line to a text."""
    if isinstance(value, Markup):
        return Markup(one_line(value))  # noqa: S704 - it was markup, and loses only control characters
    return one_line(value) if isinstance(value, str) else value
