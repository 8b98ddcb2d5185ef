"""From a code in the hand to an account: each step is kept on the server, under the code, for the life of the code."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.sign_in import Activation, Audience
from parentportal.outside import clock, codes, one_time_codes, passwords, vault
from parentportal.outside.mail_text import Mail
from parentportal.outside.passkeys import Site
from parentportal.outside.translations import SOURCE_LANGUAGE
from parentportal.reads import activation as reads
from parentportal.reads import children
from parentportal.reads.activation import Progress
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.rules.second_factors import RECOVERY_CODES, Purpose
from parentportal.services import mail_addresses, new_accounts, new_passwords, outbox, passkeys, throttling
from parentportal.services.new_accounts import Activated
from parentportal.services.passkeys import Unproved
from parentportal.services.second_factors import Refused
from parentportal.services.throttling import Action

EMAIL_CODE_STANDS = timedelta(minutes=15)
APP_STANDS = timedelta(minutes=30)
_EMAIL_CODE_PURPOSE = "email code"


def claim(session: Session, typed: str, born: date | None, *, network: str, carrier: str = "") -> str | None:
    """Take a code together with the birth date of a child; answers what the browser then carries.

    None says nothing about which of the two was wrong, and costs the same. Codes handed over at the desk and codes of
    staff need no date. `carrier` is what this browser carries already, if anything: claiming from another browser
    takes the activation over and starts it anew, so that whoever had the letter in hand before leaves no address,
    password or key behind in somebody else's account. Raises `TooManyAttempts`.
    """
    code = codes.as_typed(typed)
    throttling.count(session, Action.ACTIVATION, who=code, network=network)
    found = session.scalar(
        select(Activation).where(
            Activation.code_digest == reads.code_digest(session, code), reads.still_counts(clock.now(session))
        )
    )
    adult_id, board_id = (found.adult_id, found.board_id) if found else (new_id(), new_id())
    seen = children.list_children(session, Actor(adult_id, Role.GUARDIAN), board_id=board_id)
    if found is None:
        return None
    if found.audience is Audience.GUARDIAN:
        if not seen and found.account_id is None:
            return None
        if not found.desk:
            if born is None or born not in {child.birth_date for child in seen}:
                return None
            found.child_confirmed_at = clock.now(session)
    throttling.forgive(session, Action.ACTIVATION, who=code, network=network)
    if found.carrier_digest is not None and reads.find_activation_id(session, carrier) != found.id:
        _start_anew(found)
    claimed = reads.carrier_for(found.id, codes.token())
    found.carrier_digest = reads.carrier_digest(session, claimed)
    return claimed


def _start_anew(activation: Activation) -> None:
    """Forget every answer but the code itself; the name and address of an account that exists are no answers."""
    if activation.account_id is None:
        activation.email = activation.sign_in_name = activation.email_confirmed_at = None
    activation.email_code_digest = activation.email_code_until = None
    activation.password_hash = activation.totp_secret = activation.totp_until = activation.totp_step = None
    activation.recovery_codes = None


def ask_email(session: Session, carrier: str, typed: str, *, network: str, language: str = SOURCE_LANGUAGE) -> None:
    """Mail a code of six digits; raises `Invalid` for what is no address, and `TooManyAttempts`."""
    activation = _get(session, carrier)
    address = mail_addresses.read(typed)
    throttling.count(session, Action.SEND_MAIL, who=str(activation.id), network=network)
    code = codes.mail_code()
    activation.email, activation.sign_in_name, activation.email_confirmed_at = address, None, None
    activation.email_code_digest = _email_digest(session, activation.id, code)
    activation.email_code_until = clock.now(session) + EMAIL_CODE_STANDS
    progress = _progress(session, carrier)
    outbox.queue(
        session,
        Mail.CONFIRM_EMAIL,
        board_id=activation.board_id,
        adult_id=activation.adult_id,
        to_address=address,
        context={"school": progress.sender, "minutes": str(EMAIL_CODE_STANDS // timedelta(minutes=1))},
        secrets={"code": code},
        language=language,
    )


def confirm_email(session: Session, carrier: str, typed: str, *, network: str) -> bool:
    """Whether the mailed code is right; the address then becomes the sign-in name, unless somebody else has it.

    Whoever shares an address gets a sign-in name of the portal's making: one account, one name (trap T3).
    """
    activation = _get(session, carrier)
    throttling.count(session, Action.MAIL_CODE, who=str(activation.id), network=network)
    until, kept = activation.email_code_until, activation.email_code_digest
    code = one_time_codes.cleaned(typed)
    if code is None or until is None or until <= clock.now(session) or activation.email is None:
        return False
    if kept != _email_digest(session, activation.id, code):
        return False
    throttling.forgive(session, Action.MAIL_CODE, who=str(activation.id), network=network)
    activation.email_confirmed_at = clock.now(session)
    activation.email_code_digest = activation.email_code_until = None
    activation.sign_in_name = new_accounts.free_name(session, activation.email)
    return True


def do_without_email(session: Session, carrier: str) -> str:
    """Give a sign-in name to somebody who has no mail address; answers the same name when asked twice."""
    activation = _get(session, carrier)
    if activation.email is not None or activation.sign_in_name is None:
        activation.email = activation.email_confirmed_at = activation.email_code_digest = None
        activation.sign_in_name = new_accounts.free_name(session, None)
    return activation.sign_in_name


def choose_password(database: Database, carrier: str, password: str) -> None:
    """Keep a password and make the key for the codes app; raises `Invalid` for a weak password.

    The password is hashed between two units, never inside one.
    """
    with database.read() as session:
        own_words = reads.list_own_words(session, _progress(session, carrier))
    new_passwords.refuse_weak(password, own_words=own_words)
    hashed = passwords.hash(password)

    def keep(session: Session) -> None:
        activation = _get(session, carrier)
        if activation.sign_in_name is None:
            raise NotFound
        activation.password_hash = hashed
        if activation.totp_step is None:
            _make_key(session, activation)

    database.write(keep)


def renew_key(session: Session, carrier: str) -> None:
    """Make a new key for the codes app when the half hour of the pending one is over; before that it stays."""
    activation = _get(session, carrier)
    if activation.password_hash is not None and activation.totp_step is None:
        _make_key(session, activation)


def confirm_app(session: Session, carrier: str, typed: str, *, network: str) -> Refused | None:
    """Take the first code of the app and make the saved codes that come next; None when the code was right.

    Answers `START_AGAIN` when the pending key lapsed. Raises `TooManyAttempts`.
    """
    activation = _get(session, carrier)
    if activation.password_hash is None or activation.totp_step is not None:
        raise NotFound
    now = clock.now(session)
    if activation.totp_secret is None or activation.totp_until is None or activation.totp_until <= now:
        return Refused.START_AGAIN
    throttling.count(session, Action.CODE, who=str(activation.id), network=network)
    key = reads.open_secret(session, activation.id, activation.totp_secret)
    step = one_time_codes.step_of(typed, key, now)
    if step is None:
        return Refused.CLOCK_OFF if one_time_codes.far_off(typed, key, now) else Refused.WRONG
    throttling.forgive(session, Action.CODE, who=str(activation.id), network=network)
    activation.totp_step = step
    made = " ".join(codes.recovery_code() for _ in range(RECOVERY_CODES))
    activation.recovery_codes = vault.of(session).seal(
        made, table="activation", row=activation.id, column="recovery_codes"
    )
    return None


def confirm_recovery_codes(
    session: Session,
    carrier: str,
    typed: str,
    *,
    network: str,
    device: str = "",
    known: str = "",
    language: str = SOURCE_LANGUAGE,
) -> Activated | None:
    """Make the account for whoever types one saved code back and so has them; None when it is none of the ten."""
    activation = _get(session, carrier)
    throttling.count(session, Action.CODE, who=str(activation.id), network=network)
    made = reads.get_recovery_codes(session, activation.id)
    if codes.as_typed(typed) not in made:
        return None
    throttling.forgive(session, Action.CODE, who=str(activation.id), network=network)
    return new_accounts.with_app(session, activation, made, device=device, known=known, language=language)


def finish_without_codes(
    session: Session, carrier: str, *, device: str = "", known: str = "", language: str = SOURCE_LANGUAGE
) -> Activated:
    """Make the account of a guardian who wants no saved codes; for staff they are compulsory (`NotFound`)."""
    activation = _get(session, carrier)
    optional = activation.audience is Audience.GUARDIAN and not _is_staff(session, activation)
    if not optional or activation.totp_step is None:
        raise NotFound
    return new_accounts.with_app(session, activation, (), device=device, known=known, language=language)


def ask_passkey(session: Session, carrier: str, *, site: Site | None) -> dict[str, Any]:
    """What the browser is asked for a passkey; raises `NotFound` for staff, who begin with a password (ux 6.3)."""
    activation = _get_choosing(session, carrier)
    name = activation.sign_in_name or ""
    return passkeys.ask_to_make(
        session,
        holder=carrier,
        purpose=Purpose.ACTIVATE,
        site=site,
        owner=activation.adult_id,
        name=name,
        shown_as=name,
    )


def finish_with_passkey(
    session: Session,
    carrier: str,
    answer: str,
    *,
    site: Site | None,
    name: str,
    device: str = "",
    known: str = "",
    language: str = SOURCE_LANGUAGE,
) -> Activated | Unproved:
    """Make the account of a guardian who signs in with a passkey alone: no password, and no code to type."""
    activation = _get_choosing(session, carrier)
    made = passkeys.check_new(session, answer, holder=carrier, purpose=Purpose.ACTIVATE, site=site)
    if isinstance(made, Unproved):
        return made
    return new_accounts.with_passkey(
        session, activation, made, name=name, device=device, known=known, language=language
    )


def _get_choosing(session: Session, carrier: str) -> Activation:
    activation = _get(session, carrier)
    if (
        activation.audience is not Audience.GUARDIAN
        or activation.sign_in_name is None
        or _is_staff(session, activation)
    ):
        raise NotFound
    return activation


def _is_staff(session: Session, activation: Activation) -> bool:
    return reads.works_here(session, activation.board_id, activation.adult_id)


def _make_key(session: Session, activation: Activation) -> None:
    """A key that still stands is left as it is: the app may have learned it already (ux 6.1)."""
    now = clock.now(session)
    if activation.totp_until is not None and activation.totp_until > now:
        return
    activation.totp_secret = vault.of(session).seal(
        one_time_codes.new_secret(), table="activation", row=activation.id, column="totp_secret"
    )
    activation.totp_until = now + APP_STANDS


def _get(session: Session, carrier: str) -> Activation:
    activation_id = reads.find_activation_id(session, carrier)
    if activation_id is None:
        raise NotFound
    return session.get_one(Activation, activation_id)


def _progress(session: Session, carrier: str) -> Progress:
    progress = reads.find_progress(session, carrier)
    if progress is None:
        raise NotFound
    return progress


def _email_digest(session: Session, activation_id: UUID, code: str) -> bytes:
    return vault.of(session).digest(f"{activation_id} {code}", _EMAIL_CODE_PURPOSE)
