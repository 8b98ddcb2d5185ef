"""Mail that goes into a folder instead of over the line: for the demo, whose people do not exist."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

from parentportal.outside.mailer import MailDeferred, Message, compose


@dataclass(frozen=True, slots=True)
class KeptMail:
    """One mail in the folder, as its reader would see it."""

    to: str
    subject: str
    text: str
    date: datetime


class FolderMailer:
    """Writes each mail as an `.eml` file, which mail programs open; nothing leaves this machine."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        name, address = parseaddr(sender)
        self._sender = Address(display_name=name, addr_spec=address)

    def send(self, message: Message) -> None:
        composed = compose(message, self._sender)
        name = message.message_id.strip("<>").partition("@")[0]
        moment = message.date.strftime("%Y%m%d-%H%M%S")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._folder / f"{moment}-{name}.eml").write_bytes(composed.as_bytes())
        except OSError:
            raise MailDeferred("folder") from None


def list_mails(folder: Path, *, most: int) -> list[KeptMail]:
    """The newest mails of the folder, newest first; none when there is no folder yet."""
    paths = sorted(folder.glob("*.eml"), reverse=True)[:most]
    return [_kept(message_from_bytes(path.read_bytes(), policy=policy.default)) for path in paths]


def _kept(mail: EmailMessage) -> KeptMail:
    body = mail.get_body(("plain",))
    return KeptMail(
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=body.get_content() if body is not None else "",
        date=mail["Date"].datetime,
    )
