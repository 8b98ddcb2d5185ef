"""What only the demo has: the codes that its people's telephones would show, and the mail they would get."""

from flask import Flask
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, allow
from parentportal.outside.mail_folder import list_mails
from parentportal.outside.one_time_codes import STEP_SECONDS
from parentportal.outside.translations import SOURCE_LANGUAGE, own_name
from parentportal.reads.demo_accounts import DemoAccount, list_accounts
from parentportal.rules.roles import Role
from parentportal.web.languages import translate as _
from parentportal.web.navigation import role_name
from parentportal.web.pages import page
from parentportal.web.portal import reading, this_portal

#: One password for everybody in the demo; no real portal knows this page or this word.
PASSWORD = "rode kano zacht water"
MAIL_FOLDER = "mail"
_MOST_MAILS = 30


def init_app(app: Flask) -> None:
    """Add the pages of the demo; a real portal never calls this."""

    @app.get("/demo/codes")
    @allow(ANYONE)
    def demo_codes() -> ResponseReturnValue:
        portal = this_portal()
        with reading() as session:
            accounts = list_accounts(session)
        left = STEP_SECONDS - int(portal.clock.now().timestamp()) % STEP_SECONDS
        rows = [[f"{account.name} ({_in_words(account)})", account.sign_in_name, account.code] for account in accounts]
        return page("demo/codes.html", rows=rows, password=PASSWORD, seconds=left)

    @app.get("/demo/post")
    @allow(ANYONE)
    def demo_mail() -> ResponseReturnValue:
        mails = list_mails(this_portal().settings.data_dir / MAIL_FOLDER, most=_MOST_MAILS)
        return page("demo/post.html", mails=mails)


def _in_words(account: DemoAccount) -> str:
    """What this person is, in the language of whoever looks; the command says the same in Dutch."""
    words = [f"{role_name(role)}, {school}" if school else role_name(role) for role, school in account.roles]
    words = words or [role_name(Role.GUARDIAN)]
    if account.language != SOURCE_LANGUAGE:
        words.append(_("leest %(language)s", language=own_name(account.language)))
    return "; ".join(words)
