"""Mail reaches a real server whole, or fails in one of two known ways; the fake behaves alike."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

from parentportal.outside.mail_text import Mail, render
from parentportal.outside.mailer import (
    MailDeferred,
    Mailer,
    MailError,
    MailRefused,
    MemoryMailer,
    Message,
    SmtpMailer,
    message_id_for,
)
from parentportal.settings import Settings, UnsafeSettings
from tests.outside.mail_servers import Certificate, Postbox, broken, certificate, free_port, knows, serving

SENDER = "Kijkglas <portaal@example.nl>"
NEWS = Message(
    to="noor@example.nl",
    subject="Nieuws in het privacyportaal van De Régenboog",
    text="Er is nieuws voor u.\n\nEen regel met een punt:\n.\nEn “aanhaling” tot slot.\n",
    html="<p>Er is nieuws voor u. “Log in” €</p>\n",
    message_id="<01900000-0000-7000-8000-000000000001@portaal.example.nl>",
    date=datetime(2026, 3, 4, 12, 0, 10, tzinfo=UTC),
)
BAD_ADDRESSES = [
    "",
    "noor",
    "noor@",
    "noor@example.nl,daan@example.nl",
    "noor@example.nl\r\nBcc: daan@example.nl",
    "Noor <noor@example.nl>",
    "noor@exa mple.nl",
    "noor@example.nl\x00",
    "noor@..",
]


class Seen:
    """A mailer under test, with what arrived where it delivers."""

    def __init__(self, mailer: Mailer, arrived: Callable[[], list[Message]], refuse: Callable[[str], None]) -> None:
        self.mailer, self.arrived, self.refuse = mailer, arrived, refuse


def read(mail: EmailMessage) -> Message:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    return Message(
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=text.get_content().replace("\r\n", "\n"),
        html=html.get_content().replace("\r\n", "\n"),
        message_id=str(mail["Message-ID"]),
        date=mail["Date"].datetime,
    )


@pytest.fixture(params=["smtp", "memory"])
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    if request.param == "memory":
        fake = MemoryMailer(SENDER)
        answers = {"550": fake.refusing, "451": fake.deferring}
        yield Seen(fake, lambda: fake.sent, lambda code: answers[code].add(NEWS.to))
        return
    postbox = Postbox()
    with serving(postbox) as port:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER, timeout=5)
        yield Seen(
            mailer,
            lambda: [read(mail) for mail in postbox.kept],
            lambda code: setattr(postbox, "on_recipient", f"{code} no"),
        )


# The contract: every mailer keeps it.


def test_a_mail_arrives_as_it_was_given(seen: Seen) -> None:
    seen.mailer.send(NEWS)
    assert seen.arrived() == [NEWS]


def test_a_second_attempt_carries_the_same_message_id(seen: Seen) -> None:
    seen.mailer.send(NEWS)
    seen.mailer.send(NEWS)
    assert [mail.message_id for mail in seen.arrived()] == [NEWS.message_id] * 2


@pytest.mark.parametrize(
    "subject",
    ["Nieuws\r\nBcc: daan@example.nl", "Nieuws\nX: y\n\nbody", "Nieuws\u2028Bcc: x", "Nieuws\x0bX\x85Y"],
)
def test_a_subject_cannot_bring_headers_with_it(seen: Seen, subject: str) -> None:
    seen.mailer.send(replace(NEWS, subject=subject))
    (arrived,) = seen.arrived()
    assert arrived.subject == " ".join(subject.split())
    assert (arrived.to, arrived.text) == (NEWS.to, NEWS.text)


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_anything_but_one_plain_address_is_refused_for_good(seen: Seen, address: str) -> None:
    with pytest.raises(MailRefused, match="address"):
        seen.mailer.send(replace(NEWS, to=address))
    assert seen.arrived() == []


def test_a_permanent_and_a_temporary_refusal_are_told_apart_without_naming_anyone(seen: Seen) -> None:
    seen.refuse("451")
    with pytest.raises(MailDeferred) as deferred:
        seen.mailer.send(NEWS)
    seen.refuse("550")
    with pytest.raises(MailRefused) as refused:
        seen.mailer.send(NEWS)
    assert (deferred.value.code, refused.value.code) == (451, 550)
    assert NEWS.to not in str(deferred.value) + str(refused.value)
    assert seen.arrived() == []


# What only the real one can show.


def test_only_the_reader_gets_it_and_it_says_that_a_machine_wrote_it() -> None:
    postbox = Postbox()
    with serving(postbox) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}", "Stichting De Wäterlijn <portaal@example.nl>").send(NEWS)
    (mail,) = postbox.kept
    assert postbox.recipients == [[NEWS.to]]
    assert str(mail["From"]) == "Stichting De Wäterlijn <portaal@example.nl>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_written_mail_arrives_word_for_word_with_its_only_link_unbroken() -> None:
    written = render(Mail.NEWS, school="De Régenboog", base_url="https://portaal.waterlijn.example")
    postbox = Postbox()
    with serving(postbox) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(
            replace(NEWS, subject=written.subject, text=written.text, html=written.html)
        )
    arrived = read(postbox.kept[0])
    assert (arrived.subject, arrived.text, arrived.html) == (written.subject, written.text, written.html)
    assert "\nhttps://portaal.waterlijn.example\n" in arrived.text


def test_a_dutch_domain_with_an_accent_goes_out_in_its_ascii_form() -> None:
    postbox = Postbox()
    with serving(postbox) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(replace(NEWS, to="noor@école.example"))
    assert postbox.recipients == [["noor@xn--cole-9oa.example"]]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"on_recipient": "450 later"}, MailDeferred),
        ({"on_recipient": "550 unknown noor@example.nl"}, MailRefused),
        ({"on_content": "452 full"}, MailDeferred),
        ({"on_content": "554 no"}, MailRefused),
        ({"on_sender": "451 later"}, MailDeferred),
        ({"on_sender": "550 our own settings are wrong"}, MailDeferred),
    ],
)
def test_each_refusal_of_the_server_becomes_one_of_two_verdicts(
    answers: dict[str, str], verdict: type[MailError]
) -> None:
    with serving(Postbox(**answers)) as port, pytest.raises(MailError) as failed:  # type: ignore[arg-type] - texts only
        SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER, timeout=5).send(NEWS)
    assert type(failed.value) is verdict
    assert failed.value.code == int(next(iter(answers.values()))[:3])
    assert "example" not in str(failed.value)


def _until_data(connection: socket.socket, last: bytes) -> None:
    reader = connection.makefile("rb")
    connection.sendall(b"220 hello\r\n")
    for line in reader:
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
            for content in reader:
                if content == b".\r\n":
                    connection.sendall(last)
                    return
        else:
            connection.sendall(b"250 OK\r\n")


@pytest.mark.parametrize(
    "talk",
    [
        lambda _: None,
        lambda connection: connection.sendall(b"554 not for you\r\n"),
        lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        lambda connection: connection.sendall(b"\xff\xfe\x00" * 5000 + b"\r\n"),
        lambda connection: _until_data(connection, b""),
        lambda _: time.sleep(1.5),
    ],
    ids=["hangs up", "closed", "another protocol", "garbage", "drops after the content", "says nothing"],
)
def test_a_server_that_breaks_off_or_babbles_means_later(talk: Callable[[socket.socket], None]) -> None:
    with broken(talk) as port, pytest.raises(MailDeferred):
        SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER, timeout=0.5).send(NEWS)


def test_a_server_that_hangs_up_after_taking_the_mail_has_taken_it() -> None:
    with broken(lambda connection: _until_data(connection, b"250 taken\r\n")) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER, timeout=5).send(NEWS)


def test_no_server_at_all_means_later() -> None:
    with pytest.raises(MailDeferred):
        SmtpMailer(f"smtp://127.0.0.1:{free_port()}", SENDER, timeout=2).send(NEWS)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


def test_starttls_with_a_name_and_password_delivers_and_a_wrong_password_means_later(
    paper: Certificate,
) -> None:
    postbox = Postbox()
    options = {
        "tls_context": paper.server_side(),
        "authenticator": knows("school", "p@ss/word"),
        "auth_required": True,
    }
    with serving(postbox, **options) as port:
        url = f"smtp+starttls://school:{{}}@127.0.0.1:{port}"
        with pytest.raises(MailDeferred) as failed:
            SmtpMailer(url.format("wrong"), SENDER, timeout=5, trust=paper.trusting()).send(NEWS)
        SmtpMailer(url.format("p%40ss%2Fword"), SENDER, timeout=5, trust=paper.trusting()).send(NEWS)
    assert failed.value.code == 535
    assert len(postbox.kept) == 1


def test_an_address_that_the_server_cannot_write_is_refused_for_good() -> None:
    with serving(Postbox(), enable_SMTPUTF8=False) as port, pytest.raises(MailRefused, match="address"):
        SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER, timeout=5).send(replace(NEWS, to="zoë@example.nl"))


def test_smtps_delivers(paper: Certificate) -> None:
    postbox = Postbox()
    with serving(postbox, ssl_context=paper.server_side()) as port:
        SmtpMailer(f"smtps://127.0.0.1:{port}", SENDER, timeout=5, trust=paper.trusting()).send(NEWS)
    assert len(postbox.kept) == 1


def test_a_certificate_that_nobody_vouches_for_means_later_and_nothing_is_sent(paper: Certificate) -> None:
    postbox = Postbox()
    with (
        serving(postbox, tls_context=paper.server_side()) as port,
        pytest.raises(MailDeferred, match="trusted"),
    ):
        SmtpMailer(f"smtp+starttls://127.0.0.1:{port}", SENDER, timeout=5).send(NEWS)
    assert postbox.kept == []


def test_a_server_without_tls_is_never_spoken_to_in_the_clear() -> None:
    postbox = Postbox()
    with serving(postbox) as port, pytest.raises(MailDeferred):
        SmtpMailer(f"smtp+starttls://127.0.0.1:{port}", SENDER, timeout=5).send(NEWS)
    assert postbox.kept == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://mail.example.nl",
        "smtp://",
        "mail.example.nl:25",
        "smtp://u:p@mail.example.nl",
        "smtps://u:ö@mail.example.nl",
    ],
)
def test_an_unsafe_or_unknown_server_address_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="mail server") as refused:
        SmtpMailer(url, SENDER)
    assert "u:p" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.nl",
        "smtp://u:p@127.0.0.1:25",
        "smtp://u:p@mail.example.nl",
        "smtp+starttls://u:p@mail.example.nl:587",
        "smtps://u:p@mail.example.nl",
        "http://mail.example.nl",
    ],
)
def test_the_settings_and_the_mailer_agree_on_which_servers_are_safe(url: str, tmp_path: Path) -> None:
    environ = {"PARENTPORTAL_SMTP_URL": url, "PARENTPORTAL_DATA_DIR": str(tmp_path)}
    with pytest.raises(UnsafeSettings) as unsafe:
        Settings.from_environment(environ)
    refused = any(problem.setting == "PARENTPORTAL_SMTP_URL" for problem in unsafe.value.problems)
    try:
        SmtpMailer(url, SENDER)
    except ValueError:
        assert refused
    else:
        assert not refused


@pytest.mark.parametrize("sender", ["", "portaal", "a@b.nl, c@d.nl", "Portaal <>"])
def test_a_sender_that_is_no_address_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        SmtpMailer("smtp://127.0.0.1", sender)


def test_the_mailer_does_not_show_its_password() -> None:
    shown = repr(SmtpMailer("smtps://school:geheim@mail.example.nl", SENDER))
    assert shown == "<SmtpMailer smtps://mail.example.nl:465>"


def test_the_message_id_of_a_row_is_stable_and_from_the_portals_own_host() -> None:
    row = UUID("01900000-0000-7000-8000-000000000001")
    made = {message_id_for(row, "https://portaal.example.nl:8443/x") for _ in range(3)}
    assert made == {"<01900000-0000-7000-8000-000000000001@portaal.example.nl>"}
