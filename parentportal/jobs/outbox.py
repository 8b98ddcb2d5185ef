"""Sends the mail that waits: at least once, recognisable when twice, visible when it cannot be delivered."""

import logging
from dataclasses import dataclass

from parentportal.db import Database
from parentportal.outside.mail_text import Mail, render
from parentportal.outside.mailer import MailDeferred, Mailer, MailRefused, Message, message_id_for
from parentportal.services import outbox
from parentportal.services.outbox import Leased

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    sent: int = 0
    postponed: int = 0
    dead: int = 0

    @property
    def idle(self) -> bool:
        return not (self.sent or self.postponed or self.dead)


def send_due(database: Database, mailer: Mailer, base_url: str) -> Round:
    """Send what is due now; a mail that fails stays in the outbox and never holds up the others."""
    outcomes = [_send(database, mailer, base_url, mail) for mail in database.write(outbox.lease)]
    return Round(outcomes.count("sent"), outcomes.count("postponed"), outcomes.count("dead"))


def _send(database: Database, mailer: Mailer, base_url: str, mail: Leased) -> str:
    try:
        mailer.send(_message(mail, base_url))
    except MailDeferred as deferred:
        reason = str(deferred)
        again = database.write(lambda session: outbox.postpone(session, mail.id, reason))
        log.warning("mail postponed" if again else "mail dead", extra={"mail": str(mail.id), "reason": reason})
        return "postponed" if again else "dead"
    except (MailRefused, ValueError) as refused:
        reason = str(refused)
        database.write(lambda session: outbox.give_up(session, mail.id, reason))
        log.error("mail dead", extra={"mail": str(mail.id), "reason": reason})
        return "dead"
    database.write(lambda session: outbox.mark_sent(session, mail.id))
    return "sent"


def _message(mail: Leased, base_url: str) -> Message:
    text = render(Mail(mail.template), base_url=base_url, language=mail.language, **mail.context)
    return Message(
        to=mail.to_address,
        subject=text.subject,
        text=text.text,
        html=text.html,
        message_id=message_id_for(mail.id, base_url),
        date=mail.created_at,
    )
