"""Mail to one reader at a time, over SMTP; a fake that keeps it in memory stands beside it.

Errors carry a reason and a reply code, never an address or the server's words: they may be logged and stored.
"""

import contextlib
import re
import smtplib
import ssl
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from parentportal.settings import is_loopback

_DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_PERMANENT = range(500, 600)


class MailError(Exception):
    """The two ways in which a mail does not leave; `code` is the server's reply, 0 without one."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(f"{reason} ({code})" if code else reason)
        self.reason = reason
        self.code = code


class MailRefused(MailError):
    """This mail will never be taken: do not try again, show it as a dead letter."""


class MailDeferred(MailError):
    """It may work later: try again with the same Message-ID. After a cut connection it may have arrived."""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one address, in text and HTML; `date` is aware, `message_id` the same at every attempt."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime


class Mailer(Protocol):
    """Something that hands a mail over, or raises MailRefused or MailDeferred."""

    def send(self, message: Message) -> None: ...


class SmtpMailer:
    """Hands mail to the server at `smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]`.

    With the last two nothing is said in the clear: no TLS is MailDeferred, never a fall back. A name and
    password over plain `smtp://` to another machine raise ValueError, like an address that is not understood.
    """

    def __init__(self, url: str, sender: str, *, timeout: float = 20.0, trust: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("the mail server is smtp://, smtps:// or smtp+starttls:// with a host")
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or _DEFAULT_PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        if self._user and self._scheme == "smtp" and not is_loopback(self._host):
            raise ValueError("a name and password for the mail server need smtps:// or smtp+starttls://")
        if not (self._user + self._password).isascii():
            raise ValueError("the name and password for the mail server have only ASCII characters")
        self._sender = _sender(sender)
        self._timeout = timeout
        self._trust = trust or ssl.create_default_context()

    def send(self, message: Message) -> None:
        composed = compose(message, self._sender)
        recipient = composed["To"].addresses[0].addr_spec
        try:
            with self._connection() as server:
                server.send_message(composed, self._sender.addr_spec, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            raise _verdict("recipient", error.recipients[recipient][0]) from None
        except smtplib.SMTPDataError as error:
            raise _verdict("content", error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            if not recipient.isascii():
                raise MailRefused("address") from None
            raise MailDeferred("server lacks what is needed") from None
        except smtplib.SMTPResponseException as error:
            # Sign-in, greeting and sender are about our settings, not about this mail.
            raise MailDeferred("server", max(error.smtp_code, 0)) from None
        except ssl.SSLError:
            raise MailDeferred("no trusted connection") from None
        except (smtplib.SMTPException, OSError):
            raise MailDeferred("connection") from None

    def check(self) -> None:
        """Sign in at the server without sending; raises MailDeferred when that does not work."""
        try:
            with self._connection() as server:
                server.noop()
        except smtplib.SMTPResponseException as error:
            raise MailDeferred("server", max(error.smtp_code, 0)) from None
        except ssl.SSLError:
            raise MailDeferred("no trusted connection") from None
        except (smtplib.SMTPException, OSError):
            raise MailDeferred("connection") from None

    @contextlib.contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        server = self._connected()
        try:
            if self._scheme == "smtp+starttls":
                server.starttls(context=self._trust)
            if self._user:
                server.login(self._user, self._password)
            yield server
            # The mail is over by now: whatever the farewell brings must not send it again.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        name = self._sender.domain
        if self._scheme == "smtps":
            return smtplib.SMTP_SSL(
                self._host, self._port, local_hostname=name, timeout=self._timeout, context=self._trust
            )
        return smtplib.SMTP(self._host, self._port, local_hostname=name, timeout=self._timeout)

    def __repr__(self) -> str:
        return f"<SmtpMailer {self._scheme}://{self._host}:{self._port}>"


@dataclass
class MemoryMailer:
    """Keeps what it is given in `sent`; `refusing` and `deferring` hold addresses that fail that way."""

    sender: str = "Kijkglas <portaal@example.nl>"
    sent: list[Message] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    deferring: set[str] = field(default_factory=set)

    def send(self, message: Message) -> None:
        composed = compose(message, _sender(self.sender))
        if message.to in self.refusing:
            raise MailRefused("recipient", 550)
        if message.to in self.deferring:
            raise MailDeferred("recipient", 451)
        kept = Message(
            to=message.to,
            subject=str(composed["Subject"]),
            text=message.text,
            html=message.html,
            message_id=message.message_id,
            date=message.date,
        )
        self.sent.append(kept)


def message_id_for(row: UUID, base_url: str) -> str:
    """The Message-ID of an outbox row: the same at every attempt, so that a double can be recognised."""
    return f"<{row}@{urlsplit(base_url).hostname or 'localhost'}>"


def compose(message: Message, sender: Address) -> EmailMessage:
    """The mail as it goes over the line; an address that is no single address raises MailRefused."""
    composed = EmailMessage(policy=SMTP)
    composed["From"] = sender
    composed["To"] = _recipient(message.to)
    composed["Subject"] = one_line(message.subject)
    composed["Date"] = message.date
    composed["Message-ID"] = one_line(message.message_id)
    composed["Auto-Submitted"] = "auto-generated"
    composed.set_content(message.text, cte="quoted-printable")
    composed.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return composed


def one_line(text: str) -> str:
    """The text without line breaks and other control characters, each run of blanks one space."""
    kept = "".join(" " if unicodedata.category(sign) in _LINE_BREAKING else sign for sign in text)
    return " ".join(kept.split())


_LINE_BREAKING = {"Cc", "Zl", "Zp", "Cs"}
_SINGLE_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]+")


def _recipient(address: str) -> Address:
    if not _SINGLE_ADDRESS.fullmatch(address):
        raise MailRefused("address")
    local, _, domain = address.rpartition("@")
    try:
        return Address(username=local, domain=domain.encode("idna").decode("ascii"))
    except (UnicodeError, ValueError):
        raise MailRefused("address") from None


def _sender(text: str) -> Address:
    addresses = getaddresses([one_line(text)])
    name, address = addresses[0] if len(addresses) == 1 else ("", "")
    if not _SINGLE_ADDRESS.fullmatch(address) or not address.isascii():
        raise ValueError("the sender is an address, or a name with an address between < and >")
    return Address(display_name=name, addr_spec=address)


def _verdict(reason: str, code: int) -> MailError:
    return MailRefused(reason, code) if code in _PERMANENT else MailDeferred(reason, max(code, 0))
