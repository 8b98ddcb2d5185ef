"""Codes and tokens that nobody can guess, in forms that people can copy from paper."""

import secrets

#: 32 symbols, 5 bits each: no 0 and O, no 1 and I, so that print cannot be misread.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ACTIVATION_LENGTH = 16
MAIL_CODE_LENGTH = 6
RECOVERY_LENGTH = 14
_GROUP = 4
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


def activation_code() -> str:
    """80 bits in 16 symbols, without separators; `in_groups` makes it readable."""
    return _from_alphabet(ACTIVATION_LENGTH)


def recovery_code() -> str:
    """70 bits in 14 symbols, without separators."""
    return _from_alphabet(RECOVERY_LENGTH)


def mail_code() -> str:
    """Six digits, leading zeros included; only safe with few tries and a short life."""
    return "".join(secrets.choice("0123456789") for _ in range(MAIL_CODE_LENGTH))


def sign_in_name() -> str:
    """A name such as `kdre4827` for whoever has no mail address; it says nothing about the person."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(4))
    return letters + "".join(secrets.choice(_DIGITS) for _ in range(4))


def token() -> str:
    """256 bits for a cookie or an address, in 43 URL-safe symbols."""
    return secrets.token_urlsafe(32)


def in_groups(code: str) -> str:
    """The code as it is printed: `ABCD-EFGH-JKLM-NPQR`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def as_typed(text: str) -> str:
    """What a person typed, without blanks and dashes and in capitals: the form to compare or digest."""
    return "".join(text.upper().split()).translate(_DASHES)


_DASHES = {ord(dash): None for dash in "-‐‑‒–—−."}


def _from_alphabet(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
