"""`parentportal doctor`: what is wrong with this installation, and how to mend it."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from parentportal import migrations
from parentportal.cli.answers import say, say_json, say_table
from parentportal.cli.opening import COULD_NOT, Opened, opened
from parentportal.outside import clock
from parentportal.outside.mailer import MailDeferred, SmtpMailer
from parentportal.reads import boards, health
from parentportal.services import audit
from parentportal.settings import Settings, UnsafeSettings, key_files

MEGABYTE = 1024 * 1024
LITTLE_SPACE = 2048 * MEGABYTE
NO_SPACE = 256 * MEGABYTE
MAIL_LATE = timedelta(minutes=15)
#: No clock can be right that shows an earlier moment than this version of the portal.
EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)


class Level(StrEnum):
    """How bad it is; only broken gives exit status 1."""

    OK = "ok"
    LOOK = "look"
    OPEN = "open"
    """A decision that a board still has to take."""
    BROKEN = "broken"


WORDS = {Level.LOOK: "let op", Level.BROKEN: "kapot"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what is wrong, and how to mend it."""

    subject: str
    level: Level
    wrong: str = ""
    mend: str = ""

    @property
    def is_broken(self) -> bool:
        return self.level is Level.BROKEN


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Antwoord als één JSON-object.")
def doctor(as_json: bool) -> None:
    """Kijk de installatie na: wat is er mis, en hoe herstelt u het. Status 1 als er iets kapot is."""
    try:
        Settings.from_environment(os.environ)
    except UnsafeSettings as unsafe:
        findings = [Finding(one.setting, Level.BROKEN, one.wrong, one.mend) for one in unsafe.problems]
    else:
        with opened() as portal:
            findings = look(portal, os.environ)
    if as_json:
        listed = [
            {"subject": one.subject, "level": one.level.value, "wrong": one.wrong, "mend": one.mend} for one in findings
        ]
        say_json({"well": not any(one.is_broken for one in findings), "findings": listed})
    else:
        show(findings)
    if any(one.is_broken for one in findings):
        sys.exit(COULD_NOT)


def look(portal: Opened, environ: Mapping[str, str]) -> list[Finding]:
    """Everything that can be looked at, in the order in which it is to be mended."""
    findings = [Finding("instellingen", Level.OK), _folder(portal, environ), _disk(portal.settings)]
    findings += _database(portal)
    findings.append(_mail_server(portal.settings))
    return findings


def show(findings: list[Finding]) -> None:
    """What is well on one line, the rest as a table, and what each board still has to decide as a list."""
    well = ", ".join(one.subject for one in findings if one.level is Level.OK)
    if well:
        say(f"In orde: {well}.")
    rest = [(WORDS[one.level], one.subject, one.wrong, one.mend) for one in findings if one.level in WORDS]
    if rest:
        say_table(("", "Wat", "Wat is er mis", "Zo herstelt u het"), rest)
    boards_with_gaps = dict.fromkeys(one.subject for one in findings if one.level is Level.OPEN)
    for name in boards_with_gaps:
        say(f"\n{name} moet nog besluiten (code in het bestuursbestand):")
        for one in findings:
            if one.level is Level.OPEN and one.subject == name:
                say(f"- {one.wrong} {one.mend}")


def _folder(portal: Opened, environ: Mapping[str, str]) -> Finding:
    """The keys themselves are refused by the settings; their folder is looked at here."""
    loose = [
        path
        for path in {portal.settings.data_dir, *(file.parent for file in key_files(environ))}
        if path.is_dir() and stat.S_IMODE(path.stat().st_mode) & 0o022
    ]
    if loose:
        return Finding(
            "map met sleutels",
            Level.BROKEN,
            f"Anderen op deze computer kunnen bestanden in {loose[0]} vervangen.",
            f"Geef de map stand 0700: “chmod 700 {loose[0]}”.",
        )
    return Finding("map en sleutels", Level.OK)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        return Finding(
            "schijf",
            Level.BROKEN if free < NO_SPACE else Level.LOOK,
            f"Er is nog {free // MEGABYTE} MB vrij bij {folder}.",
            "Maak ruimte, of verplaats de map naar een grotere schijf.",
        )
    return Finding("schijf", Level.OK)


def _database(portal: Opened) -> Iterator[Finding]:
    try:
        with portal.database.read() as session:
            now, wanted = migrations.current(session.connection()), migrations.head()
            if now != wanted:
                yield Finding(
                    "database",
                    Level.BROKEN,
                    f"De database staat op stap {now or 'base'}, deze versie verwacht {wanted}.",
                    "Maak een back-up en doe “parentportal db upgrade”.",
                )
                return
            yield Finding("database", Level.OK)
            yield _clock(session)
            yield from _outbox(session)
            yield from _boards(session)
    except SQLAlchemyError as error:
        yield Finding(
            "database",
            Level.BROKEN,
            f"De database antwoordt niet ({type(error).__name__}).",
            "Controleer PARENTPORTAL_DATABASE_URL en of de database draait. Is zij beschadigd? Zet haar bestanden "
            "apart, doe “parentportal init” en dan “parentportal restore”.",
        )


def _clock(session: Session) -> Finding:
    now, newest = clock.now(session), health.find_newest_act(session)
    if now < EARLIEST or (newest is not None and newest > now + timedelta(minutes=1)):
        return Finding(
            "klok",
            Level.BROKEN,
            f"De klok wijst {now:%d-%m-%Y %H:%M} UTC. Dat kan niet kloppen.",
            "Zet de klok gelijk (NTP). Codes en termijnen hangen ervan af.",
        )
    return Finding("klok", Level.OK)


def _outbox(session: Session) -> Iterator[Finding]:
    outbox = health.get_outbox(session)
    if outbox.dead:
        yield Finding(
            "mail",
            Level.LOOK,
            f"Opgegeven berichten: {outbox.dead}.",
            "De school leest bij Brieven aan wie, en waarom. Controleer de adressen en de mailserver.",
        )
    if outbox.due_since is not None and clock.now(session) - outbox.due_since > MAIL_LATE:
        yield Finding(
            "mail",
            Level.LOOK,
            f"Berichten die te lang wachten: {outbox.waiting}.",
            "Controleer of “parentportal worker” draait en of de mailserver is ingesteld.",
        )


def _boards(session: Session) -> Iterator[Finding]:
    found = boards.list_boards(session)
    if not found:
        yield Finding(
            "besturen", Level.LOOK, "Er is nog geen bestuur.", "Doe “parentportal board load” of “board add”."
        )
    elif not boards.list_schools(session):
        yield Finding("besturen", Level.LOOK, "Er is nog geen school.", "Doe “parentportal school add”.")
    for board_id, name in found.items():
        broken = audit.verify_latest(session, board_id)
        if broken is not None:
            yield Finding(
                f"logboek van {name}",
                Level.BROKEN,
                f"Bij regel {broken.number} klopt het niet.",
                "Verander niets. Doe “parentportal audit verify” en waarschuw de FG.",
            )
    for policy in boards.list_policies(session):
        for gap in policy.gaps:
            yield Finding(policy.name, Level.OPEN, gap.question, f"({gap.code})")


def _mail_server(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        return Finding(
            "mailserver", Level.LOOK, "Er is geen mailserver. Mail blijft wachten.", "Geef PARENTPORTAL_SMTP_URL."
        )
    try:
        SmtpMailer(settings.smtp_url, settings.mail_from, timeout=10).check()
    except (MailDeferred, ValueError) as error:
        return Finding(
            "mailserver",
            Level.BROKEN,
            f"De mailserver antwoordt niet goed ({error}).",
            "Controleer PARENTPORTAL_SMTP_URL, het wachtwoord en de firewall.",
        )
    return Finding("mailserver", Level.OK)
