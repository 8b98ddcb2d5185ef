"""`parentportal worker`: sends what waits in the outbox and watches the terms."""

import click

from parentportal.cli.answers import say
from parentportal.cli.logs import write_logs
from parentportal.cli.opening import opened
from parentportal.cli.serve import refuse_other_schema
from parentportal.jobs.worker import work, work_once
from parentportal.outside.mailer import SmtpMailer


@click.command()
@click.option("--once", is_flag=True, help="Eén ronde, en dan stoppen.")
def worker(once: bool) -> None:
    """Verstuur mail, bewaak termijnen en ruim op. Draait naast “serve”, tot SIGTERM of Ctrl-C."""
    with opened() as portal:
        refuse_other_schema(portal.database)
        settings = portal.settings
        write_logs(settings.log_level)
        mailer = SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
        if mailer is None:
            say("Er is geen mailserver ingesteld (PARENTPORTAL_SMTP_URL). Mail blijft klaarliggen.")
        if once:
            work_once(portal.database, mailer, settings.base_url)
        else:
            work(portal.database, mailer, settings.base_url)
