"""What a browser's script does with a passkey, and what is then kept, for tests of pages."""

import re
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.second_factors import CodesApp, Passkey, RecoveryCode
from tests.authenticator import Authenticator, Cheat
from tests.page import Page
from tests.visit import BASE, Visit
from tests.ways_in import account_of

Open = Callable[[str], Visit]
CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}\b")


def with_passkey(
    visit: Visit, path: str, phone: Authenticator, *, cheat: Cheat | None = None, status: int = 200
) -> Page:
    """Open a page with a passkey button, ask and answer as the script does, and hand the form in."""
    page = visit.get(path)
    token = str(page.form("/passkey").find("input", attrs={"name": "csrf_token"})["value"])
    ask = str(page.soup.select_one("[data-passkey]")["data-ask"])
    headers = {"X-CSRFToken": token, "Origin": BASE, "Referer": BASE + path, "Sec-Fetch-Site": "same-origin"}
    options = visit.raw("POST", ask, headers=headers).get_json()
    answer = phone.make(options, cheat) if cheat else phone.make(options)
    return visit.fill({"answer": answer}, form="/passkey", status=status)


def count(database: Database, adult_id: UUID, table: type[Passkey] | type[CodesApp] | type[RecoveryCode]) -> int:
    with database.read() as session:
        account_id = account_of(session, adult_id).id
        return len(session.scalars(select(table.id).where(table.account_id == account_id)).all())
