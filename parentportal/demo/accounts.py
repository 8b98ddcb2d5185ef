"""Accounts for the people of the demo, made along the way that every account is made: code, mail, password, app."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from parentportal.demo.town import Town
from parentportal.models.outbox import OutboxMail
from parentportal.outside.mail_text import Mail
from parentportal.outside.one_time_codes import current_code
from parentportal.outside.translations import SOURCE_LANGUAGE
from parentportal.reads import activation as reads
from parentportal.reads import ways_in as ways_in_reads
from parentportal.reads.visitors import find_visitor
from parentportal.services import activation, outbox, sign_in, ways_in
from parentportal.services.second_factors import Refused
from parentportal.services.sign_in import Entered
from parentportal.web.demo_pages import PASSWORD


class Stuck(RuntimeError):
    """A step on the way to an account did not work; the demo cannot be made."""


def activate(
    town: Town,
    adult_id: UUID,
    code: str,
    email: str,
    born: date | None = None,
    *,
    language: str = SOURCE_LANGUAGE,
) -> None:
    """Walk through the whole activation, with the mailed code out of the outbox and an app that is not there."""
    network = f"demo {adult_id}"
    carrier = town.write(lambda session: activation.claim(session, code, born, network=network))
    if carrier is None:
        raise Stuck("code")
    town.write(lambda session: activation.ask_email(session, carrier, email, network=network, language=language))
    mailed = _mailed_code(town, adult_id)
    if not town.write(lambda session: activation.confirm_email(session, carrier, mailed, network=network)):
        raise Stuck("mail")
    activation.choose_password(town.database, carrier, PASSWORD)
    shown = _app_code(town, carrier)
    town.write(lambda session: activation.confirm_app(session, carrier, shown, network=network))
    with town.database.read() as session:
        progress = reads.find_progress(session, carrier)
        saved = reads.get_recovery_codes(session, progress.id) if progress else ()
    done = town.write(
        lambda session: activation.confirm_recovery_codes(
            session, carrier, saved[0], network=network, language=language
        )
    )
    if done is None:
        raise Stuck("saved codes")
    if progress and progress.needs_codes:
        _add_second_app(town, done.entered, network)


def _add_second_app(town: Town, entered: Entered, network: str) -> None:
    """Whoever works here keeps a second way in: the same sort of app on a tablet."""
    with town.database.read() as session:
        visitor = find_visitor(session, entered.token)
    if visitor is None:
        raise Stuck("role")
    town.act(ways_in.begin_app, by=visitor)
    with town.database.read() as session:
        pending = ways_in_reads.find_pending_key(session, by=visitor)
    if pending is None:
        raise Stuck("second app")
    shown = current_code(pending.key, town.clock.now())
    added = town.act(ways_in.add_app, shown, name="Tablet", network=network, by=visitor)
    if isinstance(added, Refused):
        raise Stuck("second app")
    town.act(sign_in.end, added.token)


def _mailed_code(town: Town, adult_id: UUID) -> str:
    with town.database.read() as session:
        mail = session.scalars(
            select(OutboxMail)
            .where(OutboxMail.adult_id == adult_id, OutboxMail.template == Mail.CONFIRM_EMAIL)
            .order_by(OutboxMail.id.desc())
        ).first()
        if mail is None:
            raise Stuck("no mail")
        return outbox.values_of(session, mail)["code"]


def _app_code(town: Town, carrier: str) -> str:
    with town.database.read() as session:
        progress = reads.find_progress(session, carrier)
        app = reads.find_pending_app(session, progress) if progress else None
    if app is None:
        raise Stuck("app")
    return current_code(app.key, town.clock.now())
