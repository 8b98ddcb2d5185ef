"""Six-digit codes of an authenticator app (TOTP, RFC 6238: SHA-1, steps of 30 seconds).

The library keeps no memory: whoever accepts a code stores the step that `step_of` returned, and refuses that
step and every earlier one the next time (a conditional update in the transaction of the sign-in).
"""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DIGITS = 6
#: Steps before and after the present one that are accepted.
WINDOW = 1
#: Steps around the present one in which a code shows that a telephone's clock is wrong.
DRIFT = 20
_SECRET_SYMBOLS = 32


def new_secret() -> str:
    """160 random bits in base32, as an app takes them; seal it before storing it."""
    return pyotp.random_base32(length=_SECRET_SYMBOLS)


def provisioning_uri(secret: str, *, account: str, school: str) -> str:
    """The `otpauth:` address that an app opens or scans; the account is a sign-in name, never a child's."""
    # Apps cut the label at its first colon.
    issuer, name = (" ".join(part.replace(":", " ").split()) for part in (f"Kijkglas {school}", account))
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def readable_secret(secret: str) -> str:
    """The key in groups of four, for typing it over."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def current_code(secret: str, at: datetime) -> str:
    """The code that the app shows at that moment: for the demo's page and for tests."""
    return pyotp.TOTP(secret).generate_otp(_step(at))


def step_of(code: str, secret: str, at: datetime) -> int | None:
    """The time step that the code belongs to, if it is the present one or a neighbour; otherwise None."""
    return _matching_step(code, secret, at, WINDOW)


def far_off(code: str, secret: str, at: datetime) -> bool:
    """True when the code is right for a moment within ten minutes, but not for now: a clock that is off.

    Ask this only after the throttle counted the try: it is a hint for the page, never a way in.
    """
    near, far = _matching_step(code, secret, at, WINDOW), _matching_step(code, secret, at, DRIFT)
    return near is None and far is not None


def cleaned(code: str) -> str | None:
    """The six digits without blanks, or None if it is anything else (full-width digits too)."""
    digits = "".join(code.split())
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else None


def _matching_step(code: str, secret: str, at: datetime, reach: int) -> int | None:
    digits = cleaned(code)
    if digits is None:
        return None
    totp, present, found = pyotp.TOTP(secret), _step(at), None
    # Every step is compared, so that the time tells nothing about which one matched.
    for step in range(max(present - reach, 0), present + reach + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits) and (
            found is None or abs(step - present) < abs(found - present)
        ):
            found = step
    return found


def _step(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return int(at.timestamp()) // STEP_SECONDS
