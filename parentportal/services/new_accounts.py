"""The last step of an activation: an account is made, or gets new means after help at the counter."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.base import new_id
from parentportal.models.second_factors import CodesApp, Passkey, RecoveryCode
from parentportal.models.sign_in import Account, Activation
from parentportal.outside import clock, codes
from parentportal.outside.mail_text import SecurityEvent
from parentportal.outside.passkeys import NewPasskey
from parentportal.reads import activation as reads
from parentportal.reads.sign_in import list_roles
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services import account_notices, passkeys, second_factors, sign_in, step_ups
from parentportal.services.sign_in import Entered

CAUTION = timedelta(hours=24)
"""After help at the counter: time for the owner to notice, before anything far-reaching can be done (ux 6.7)."""


@dataclass(frozen=True, slots=True)
class Activated:
    """The account is there: the way in, and the name to sign in with next time."""

    entered: Entered
    sign_in_name: str


def with_app(
    session: Session, activation: Activation, recovery: tuple[str, ...], *, device: str, known: str, language: str
) -> Activated:
    """With the password and codes app that the activation holds, and saved codes; `NotFound` when one is missing."""
    if activation.sign_in_name is None or activation.password_hash is None or activation.totp_secret is None:
        raise NotFound
    key = reads.open_secret(session, activation.id, activation.totp_secret)
    step = activation.totp_step or 0
    account = _make_account(session, activation, language=language)
    session.add(
        CodesApp(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            secret=second_factors.seal_key(session, account.id, key),
            last_step=step,
            name="",
            made_at=clock.now(session),
        )
    )
    session.add_all(_recovery_row(session, account, code) for code in recovery)
    session.flush()
    return _go_in(session, activation, account, "code", device=device, known=known)


def with_passkey(
    session: Session,
    activation: Activation,
    made: NewPasskey,
    *,
    name: str,
    device: str,
    known: str,
    language: str,
) -> Activated:
    """With a passkey and nothing else; whatever the activation held of another way is dropped."""
    activation.password_hash = activation.totp_secret = activation.totp_step = activation.recovery_codes = None
    account = _make_account(session, activation, language=language)
    passkeys.keep(session, account, made, name=name)
    return _go_in(session, activation, account, "passkey", device=device, known=known)


def _make_account(session: Session, activation: Activation, *, language: str) -> Account:
    """A new account; after help at the counter the one that was there, with nothing left of its old means."""
    if activation.account_id is not None:
        return _renew_account(session, activation)
    if activation.sign_in_name is None:
        raise NotFound
    name = activation.sign_in_name
    account = Account(
        id=new_id(),
        board_id=activation.board_id,
        adult_id=activation.adult_id,
        sign_in_name=name if _is_free(session, name) else free_name(session, None),
        email=activation.email,
        email_confirmed_at=activation.email_confirmed_at,
        password_hash=activation.password_hash,
        stamp=0,
        language=language,
        theme="",
        created_at=clock.now(session),
    )
    session.add(account)
    session.flush()
    return account


def _renew_account(session: Session, activation: Activation) -> Account:
    account = session.get_one(Account, activation.account_id)
    drop_means(session, account)
    account.password_hash = activation.password_hash
    account.cautious_until = clock.now(session) + CAUTION
    return account


def drop_means(session: Session, account: Account) -> None:
    """Nothing opens this account any more: no password, app, passkey or saved code, and no session (ux 6.7)."""
    account.password_hash = None
    for table in (CodesApp, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.account_id == account.id))
    sign_in.end_all(session, account.id)


def _go_in(
    session: Session, activation: Activation, account: Account, way: str, *, device: str, known: str
) -> Activated:
    is_new = activation.account_id is None
    activation.used_at = clock.now(session)
    activation.carrier_digest = activation.password_hash = activation.totp_secret = activation.recovery_codes = None
    roles = list_roles(session, board_id=account.board_id, adult_id=account.adult_id)
    account_notices.record(
        session,
        Event.ACCOUNT_ACTIVATED if is_new else Event.RECOVERY_DONE,
        account,
        {"audience": activation.audience.value, "desk": "yes" if activation.desk else "no", "with": way},
        by=Actor(account.adult_id, roles[0].role if roles else Role.GUARDIAN),
    )
    event = SecurityEvent.ACCOUNT_ACTIVATED if is_new else SecurityEvent.MEANS_RENEWED
    account_notices.tell_every_address(session, account, event)
    entered = sign_in.enter(session, account, device=device, known=known, way=way, is_first=True)
    step_ups.note_entered(session, entered.token, Act.WAYS_IN)
    return Activated(entered, account.sign_in_name)


def _recovery_row(session: Session, account: Account, code: str) -> RecoveryCode:
    digest = second_factors.recovery_digest(session, account.id, code)
    return RecoveryCode(
        id=new_id(),
        board_id=account.board_id,
        account_id=account.id,
        code_digest=digest,
        made_at=clock.now(session),
    )


def _is_free(session: Session, name: str) -> bool:
    return session.scalar(select(Account.id).where(Account.sign_in_name == name)) is None


def free_name(session: Session, wanted: str | None) -> str:
    """The wanted name if nobody signs in with it, otherwise a made one."""
    name = wanted or codes.sign_in_name()
    while not _is_free(session, name):
        name = codes.sign_in_name()
    return name
