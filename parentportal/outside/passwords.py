"""Passwords: hashed with Argon2id, and refused when they are among the first to be guessed.

Hashing takes about 25 ms and 19 MiB. Do it before a write unit begins, never inside one.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from parentportal.outside.turns import aside

T = TypeVar("T")
LEAST = 12
MOST = 128
#: As many hashes at once, in one process; more would only compete for memory (19 MiB each, control A02).
AT_ONCE = 1

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_WORDS = Path(__file__).with_name("common_words.txt")
_LEET = str.maketrans("01345678@$!|€", "oieasgtbasile")
_WALKS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qwertzuiop",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1a2b3c4d5e6f7g8h9i0j",
    "a1b2c3d4e5f6g7h8i9j0",
    "112233445566778899001122334455",
    "aabbccddeeffgghhiijj",
    "147258369",
    "!@#$%^&*()",
)
_WALK_STEP = 3
_LEAST_SYMBOLS = 5


class Weakness(StrEnum):
    """Why a new password is not accepted."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    ABOUT_YOU = "about_you"


def hash(password: str) -> str:  # noqa: A001 - `passwords.hash` is what it is
    """The text to store; a password of more than `MOST` characters raises ValueError before any work."""
    if (fitting := _normal(password)) is None:
        raise ValueError("the password is too long to hash")
    return _apart(lambda: _HASHER.hash(fitting))


def verify(stored: str | None, password: str) -> bool:
    """Whether this is the password; one hash of work, also for an account without one (`stored` is None)."""
    if stored is None:
        return verify_nobody(password)
    if (fitting := _normal(password)) is None:
        return False
    try:
        return _apart(lambda: _HASHER.verify(stored, fitting))
    except VerifyMismatchError:
        return False


def verify_nobody(password: str) -> bool:
    """False after as much work as `verify`, so that time does not tell that an account does not exist."""
    if (fitting := _normal(password)) is not None:
        _apart(lambda: _HASHER.hash(fitting))
    return False


def _apart(work: Callable[[], T]) -> T:
    """Do it in the one place for it: a thread keeps the memory it once used, so only these few may ever hash."""
    with aside():
        return _rooms[0].submit(work).result()


def _new_room() -> None:
    """The threads of a parent process do not live on in a fork."""
    _rooms[:] = [ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hash")]


_rooms: list[ThreadPoolExecutor] = []
_new_room()
os.register_at_fork(after_in_child=_new_room)


def needs_rehash(stored: str) -> bool:
    """True when the parameters have been raised since: hash anew after the next right password."""
    return _HASHER.check_needs_rehash(stored)


def weakness_of(password: str, *, own_words: Iterable[str] = ()) -> Weakness | None:
    """What is wrong with a new password, or None; `own_words`: names, mail address and school of the person.

    There are no rules of composition: only length, and what is guessed first.
    """
    fitting = _normal(password)
    if fitting is None:
        return Weakness.TOO_LONG
    if len(fitting) < LEAST:
        return Weakness.TOO_SHORT
    folded = _folded(fitting)
    if len(set(folded)) < _LEAST_SYMBOLS or _is_repeated(folded) or _is_walk(folded):
        return Weakness.COMMON
    own = _own_vocabulary(own_words)
    cores = _cores(folded)
    if any(_is_made_of(core, _common_words(), most=2) for core in cores):
        return Weakness.COMMON
    if own and any(_is_made_of(core, _common_words() | own, most=3) for core in cores):
        return Weakness.ABOUT_YOU
    return None


def _normal(password: str) -> str | None:
    """One form for what keyboards write differently; None if it is too long, seen before any costly work."""
    if len(password) > MOST * 2:
        return None
    fitting = unicodedata.normalize("NFC", password)
    return fitting if len(fitting) <= MOST else None


def _folded(text: str) -> str:
    """Small letters without accents and blanks, cut short: one sign can stand for eighteen letters."""
    plain = unicodedata.normalize("NFKD", text.casefold())[: MOST * 2]
    return "".join(sign for sign in plain if not unicodedata.combining(sign) and not sign.isspace())


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


def _cores(folded: str) -> set[str]:
    """What remains without the digits and signs around it, read plainly and with signs read as letters."""
    stripped = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", folded)
    without_tail = re.sub(r"[\d\W_]+$", "", folded)
    cores = {_letters(stripped), _letters(folded), re.sub(r"[\d\W_]", "", folded)}
    cores |= {_letters(read.translate(_LEET)) for read in (stripped, without_tail, folded)}
    return {core for core in cores if core}


def _is_made_of(core: str, vocabulary: frozenset[str], *, most: int) -> bool:
    """True when the whole core is at most so many words of the vocabulary, one after the other."""
    if core in vocabulary:
        return True
    if most == 1:
        return False
    return any(
        core[:cut] in vocabulary and _is_made_of(core[cut:], vocabulary, most=most - 1)
        for cut in range(2, len(core) - 1)
    )


def _is_repeated(folded: str) -> bool:
    return bool(re.fullmatch(r"(.{1,8}?)\1+.{0,3}", folded, flags=re.DOTALL))


def _is_walk(folded: str) -> bool:
    """True when fingers or the alphabet walked nearly all of it, forwards or backwards."""
    strays, place = 0, 0
    while place < len(folded):
        step = _longest_walk(folded[place:])
        strays += step == 0
        place += step or 1
    return strays <= 2


def _longest_walk(rest: str) -> int:
    return next(
        (
            length
            for length in range(min(len(rest), 40), _WALK_STEP - 1, -1)
            if any(rest[:length] in walk or rest[:length] in walk[::-1] for walk in _WALKS)
        ),
        0,
    )


def _own_vocabulary(own_words: Iterable[str]) -> frozenset[str]:
    words: set[str] = set()
    for text in own_words:
        parts = [part for part in re.split(r"[\W\d_]+", _folded_with_blanks(text)) if part]
        words.update(part for part in parts if len(part) >= _WALK_STEP)
        words.add("".join(parts))
    return frozenset(word for word in words if len(word) >= _WALK_STEP)


def _folded_with_blanks(text: str) -> str:
    return " ".join(_folded(part) for part in text.split())


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    lines = _WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
