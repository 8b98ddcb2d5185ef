"""What tests of pages share: letters, the newest code in the mail, and somebody who proved who it is."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.outbox import OutboxMail
from parentportal.rules.step_ups import Act
from parentportal.services import invitations, outbox
from parentportal.services.invitations import InvitationLetter
from tests.people import People
from tests.visit import Visit


@pytest.fixture
def letters(database: Database, people: People) -> dict[str, InvitationLetter]:
    """The letters of De Regenboog by first name."""
    made = database.write(lambda session: invitations.invite_school(session, people.regenboog, by=OPERATOR))
    return {letter.adult.split()[0].lower(): letter for letter in made}


@pytest.fixture
def proved(visit_as: Callable[..., Visit]) -> Callable[[str], Visit]:
    """Opens a browser of somebody who showed a second factor a moment ago, to change what opens the account."""
    return lambda name: visit_as(name, proved=[Act.WAYS_IN])


@pytest.fixture
def mail_code(database: Database) -> Callable[[], str]:
    """The code in the newest mail of the outbox."""

    def newest() -> str:
        with database.read() as session:
            mails = session.scalars(
                select(OutboxMail)
                .where(OutboxMail.template == "confirm_email")
                .order_by(OutboxMail.created_at, OutboxMail.id)
            ).all()
            return outbox.values_of(session, mails[-1])["code"]

    return newest
