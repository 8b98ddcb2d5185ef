"""Mail leaves through a real server, survives its moods, and never disappears silently."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.jobs.outbox import Round, send_due
from parentportal.models.outbox import OutboxMail
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mailer import SmtpMailer
from parentportal.services import outbox
from tests.outside.mail_servers import Postbox, serving
from tests.people import People

BASE = "https://portaal.example"
SENDER = "portaal@portaal.example"


def server(port: int) -> SmtpMailer:
    return SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER, timeout=5)


def write_to(database: Database, people: People, address: str = "noor@post.example") -> None:
    def work(session: Session) -> None:
        outbox.queue(
            session,
            "news",
            board_id=people.waterlijn,
            to_address=address,
            context={"school": "De Regenboog"},
            adult_id=people.noor,
        )

    database.write(work)


def the_mail(database: Database) -> OutboxMail:
    with database.read() as session:
        return session.scalars(select(OutboxMail)).one()


def test_a_mail_reaches_the_postbox_with_text_and_html_and_one_link(database: Database, people: People) -> None:
    write_to(database, people)
    box = Postbox()
    with serving(box) as port:
        assert send_due(database, server(port), BASE) == Round(sent=1)
    (mail,) = box.kept
    assert mail["To"] == "noor@post.example"
    assert mail["Subject"] == "Nieuws in het privacyportaal van De Regenboog"
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}
    assert "Sem" not in mail.as_string()
    assert the_mail(database).context == {}


def test_a_sent_mail_is_not_sent_again(database: Database, people: People) -> None:
    write_to(database, people)
    box = Postbox()
    with serving(box) as port:
        send_due(database, server(port), BASE)
        assert send_due(database, server(port), BASE).idle
    assert len(box.kept) == 1


def test_a_server_that_says_later_gets_the_same_message_again(
    database: Database, people: People, clock: FrozenClock
) -> None:
    write_to(database, people)
    box = Postbox(on_content="451 later")
    with serving(box) as port:
        assert send_due(database, server(port), BASE) == Round(postponed=1)
        assert send_due(database, server(port), BASE).idle, "not before the pause is over"
        box.on_content = "250 OK"
        clock.advance(timedelta(minutes=2))
        assert send_due(database, server(port), BASE) == Round(sent=1)
    assert str(the_mail(database).id) in box.kept[0]["Message-ID"]


def test_a_mail_that_is_refused_becomes_a_visible_dead_letter(database: Database, people: People) -> None:
    write_to(database, people)
    with serving(Postbox(on_recipient="550 no such person")) as port:
        assert send_due(database, server(port), BASE) == Round(dead=1)
    mail = the_mail(database)
    assert mail.dead_at is not None
    assert "550" in mail.last_error


def test_a_mail_outlives_two_days_without_a_server_and_is_then_dead(
    database: Database, people: People, clock: FrozenClock
) -> None:
    write_to(database, people)
    nowhere = SmtpMailer("smtp://127.0.0.1:9", SENDER, timeout=1)
    began = clock.now()
    send_due(database, nowhere, BASE)
    while the_mail(database).dead_at is None:
        clock.advance(the_mail(database).not_before - clock.now())
        send_due(database, nowhere, BASE)
    assert timedelta(days=2) < clock.now() - began < timedelta(days=3)
    assert the_mail(database).attempts == outbox.MOST_TRIES


def test_a_worker_that_died_with_a_lease_leaves_the_mail_to_the_next(
    database: Database, people: People, clock: FrozenClock
) -> None:
    write_to(database, people)
    database.write(outbox.lease)
    box = Postbox()
    with serving(box) as port:
        assert send_due(database, server(port), BASE).idle, "somebody else has it"
        clock.advance(outbox.LEASE)
        assert send_due(database, server(port), BASE) == Round(sent=1)


def test_one_bad_mail_does_not_hold_up_the_others(database: Database, people: People) -> None:
    write_to(database, people, address="geen adres")
    write_to(database, people)
    box = Postbox()
    with serving(box) as port:
        assert send_due(database, server(port), BASE) == Round(sent=1, dead=1)
