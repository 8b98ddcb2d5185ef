"""The demo's own pages exist in the demo alone, and there they let one sign in as anybody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from parentportal.app import create_app
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mail_folder import FolderMailer, list_mails
from parentportal.outside.mailer import MailDeferred, Message
from parentportal.outside.one_time_codes import current_code
from parentportal.settings import Settings
from tests.people import People
from tests.sessions import make_account
from tests.visit import Visit

PATHS = ["/demo/codes", "/demo/post"]


@pytest.fixture
def demo_visit(settings: Settings, database: Database, clock: FrozenClock) -> Visit:
    return Visit(create_app(replace(settings, demo=True), database=database, clock=clock))


@pytest.mark.parametrize("path", PATHS)
def test_a_real_portal_has_no_such_page(visit: Callable[[], Visit], people: People, path: str) -> None:
    assert visit().get(path, status=404).answer.status_code == 404


def test_the_line_above_every_page_is_the_demo_s_alone(visit: Callable[[], Visit], demo_visit: Visit) -> None:
    assert "Dit is een demo." in demo_visit.get("/hulp").html
    assert "Dit is een demo." not in visit().get("/hulp").html


def test_the_code_on_the_page_is_the_one_the_app_of_hanna_shows(
    demo_visit: Visit, database: Database, clock: FrozenClock, people: People
) -> None:
    secret = make_account(database, clock, people.hanna)
    page = demo_visit.get("/demo/codes")
    assert page.says("Hanna Prins (directeur, De Regenboog)")
    assert page.says(current_code(secret, clock.now()))
    clock.advance(timedelta(seconds=30))
    assert demo_visit.get("/demo/codes").says(current_code(secret, clock.now()))


def test_mail_to_noor_can_be_read_on_the_page(demo_visit: Visit, settings: Settings, clock: FrozenClock) -> None:
    assert demo_visit.get("/demo/post").says("Nog geen mail")
    FolderMailer(settings.data_dir / "mail", "Kijkglas <portaal@portaal.example>").send(_mail(clock))
    page = demo_visit.get("/demo/post")
    assert page.says("Aan noor@post.example")
    assert page.says("Er is nieuws voor u.")


def test_a_folder_that_cannot_be_made_keeps_the_mail_waiting(tmp_path, clock: FrozenClock) -> None:
    (tmp_path / "mail").write_text("a file stands in the way")
    with pytest.raises(MailDeferred):
        FolderMailer(tmp_path / "mail" / "folder", "portaal@portaal.example").send(_mail(clock))


def test_mail_in_the_folder_is_the_owner_s_alone_and_newest_first(tmp_path, clock: FrozenClock) -> None:
    folder = tmp_path / "mail"
    mailer = FolderMailer(folder, "portaal@portaal.example")
    mailer.send(_mail(clock, "first"))
    clock.advance(timedelta(minutes=1))
    mailer.send(_mail(clock, "second"))
    assert folder.stat().st_mode & 0o077 == 0
    assert [mail.subject for mail in list_mails(folder, most=5)] == ["second", "first"]
    assert [mail.subject for mail in list_mails(folder, most=1)] == ["second"]


def _mail(clock: FrozenClock, subject: str = "Nieuws van De Regenboog") -> Message:
    return Message(
        to="noor@post.example",
        subject=subject,
        text="Er is nieuws voor u.\n",
        html="<p>Er is nieuws voor u.</p>",
        message_id=f"<{subject.replace(' ', '-')}@portaal.example>",
        date=clock.now(),
    )
