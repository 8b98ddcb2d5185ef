"""Hashing without the work, for tests that hand in passwords by the hundred and are about something else."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from argon2.exceptions import VerifyMismatchError

from parentportal.outside import passwords
from tests.sessions import PASSWORD


class CheapHasher:
    """In place of Argon2: the same questions and answers without the work, so that thousands of tries take seconds."""

    @staticmethod
    def hash(password: str) -> str:
        return "cheap$" + hashlib.sha256(password.encode()).hexdigest()

    def verify(self, stored: str, password: str) -> bool:
        if not stored.startswith("cheap$"):
            stored = _cheap_of_real(stored)
        if stored != self.hash(password):
            raise VerifyMismatchError
        return True

    def check_needs_rehash(self, stored: str) -> bool:
        return not stored


def _cheap_of_real(stored: str) -> str:
    """Accounts of the cast have one real hash, that of the password that all of them share."""
    return CheapHasher.hash(PASSWORD) if stored.startswith("$argon2") else stored


@contextmanager
def cheap_passwords() -> Iterator[None]:
    with patch.object(passwords, "_HASHER", CheapHasher()):
        yield
