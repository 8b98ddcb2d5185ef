"""Passwords cost the same to check for everybody, and the ones guessed first are refused."""

import threading
import time

import argon2
import pytest
from argon2 import extract_parameters

from parentportal.outside import passwords
from parentportal.outside.passwords import Weakness, weakness_of

GOOD = "drie vlotte kanoers zwaaien"


class CountingHasher(argon2.PasswordHasher):
    """The real hasher, which also counts its work and how much of it happens at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self.done = self.busy = self.most_at_once = 0
        self._lock = threading.Lock()

    def _start(self) -> None:
        with self._lock:
            self.done += 1
            self.busy += 1
            self.most_at_once = max(self.most_at_once, self.busy)

    def _end(self) -> None:
        with self._lock:
            self.busy -= 1

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self._start()
        try:
            return super().hash(password, salt=salt)
        finally:
            self._end()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - the library's own name
        self._start()
        try:
            return super().verify(hash, password)
        finally:
            self._end()


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    hasher = CountingHasher()
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    return hasher


def test_the_stored_hash_is_argon2id_with_the_agreed_cost() -> None:
    stored = passwords.hash(GOOD)
    cost = extract_parameters(stored)
    assert cost.type is argon2.Type.ID
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) == (19 * 1024, 2, 1)
    assert GOOD not in stored
    assert not passwords.needs_rehash(stored)


def test_only_the_right_password_is_right_and_hashes_differ() -> None:
    first, second = passwords.hash(GOOD), passwords.hash(GOOD)
    assert first != second
    assert passwords.verify(first, GOOD)
    assert passwords.verify(second, GOOD)
    assert not passwords.verify(first, GOOD + " ")
    assert not passwords.verify(first, GOOD.upper())


def test_the_same_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    assert passwords.verify(passwords.hash("café met crème brûlée"), "cafe\u0301 met cre\u0300me bru\u0302le\u0301e")


def test_a_hash_with_an_older_cost_still_works_and_asks_to_be_renewed() -> None:
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    assert passwords.verify(old, GOOD)
    assert passwords.needs_rehash(old)


@pytest.mark.parametrize("known", ["right", "wrong", "no account", "no password"])
def test_every_sign_in_costs_exactly_one_hash(known: str, counting: CountingHasher) -> None:
    stored = passwords.hash(GOOD)
    counting.done = 0
    answer = {
        "right": lambda: passwords.verify(stored, GOOD),
        "wrong": lambda: passwords.verify(stored, "een heel ander wachtwoord"),
        "no account": lambda: passwords.verify_nobody(GOOD),
        "no password": lambda: passwords.verify(None, GOOD),
    }[known]()
    assert answer is (known == "right")
    assert counting.done == 1


def test_a_password_that_is_too_long_is_refused_before_any_work(counting: CountingHasher) -> None:
    huge = "a" * 10_000_000
    stored = passwords.hash("x" * 128)
    counting.done = 0
    assert not passwords.verify(stored, huge)
    assert not passwords.verify_nobody(huge)
    with pytest.raises(ValueError, match="too long"):
        passwords.hash("x" * 129)
    assert weakness_of(huge) is Weakness.TOO_LONG
    assert counting.done == 0


def test_a_storm_of_sign_ins_never_hashes_more_than_four_at_once(counting: CountingHasher) -> None:
    storm = [threading.Thread(target=passwords.verify_nobody, args=(GOOD,)) for _ in range(24)]
    for one in storm:
        one.start()
    for one in storm:
        one.join()
    assert counting.done == 24
    assert 1 <= counting.most_at_once <= passwords.AT_ONCE


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "zeven kleine zebra's in pyjama",
        "Kx7#mQ2v!pLr",
        "mijn oude racefiets piept in de bocht",
        "nachtegaal-lantaarn-knoopsgat",
        "пароль не простой здесь",
        "كلمة مرور طويلة جدا",
        "x" * 4 + "qjv kwz mtr fhp",
    ],
)
def test_a_decent_password_is_accepted_in_any_script_and_composition(password: str) -> None:
    assert weakness_of(password, own_words=("Noor de Wit", "noor@example.nl", "De Regenboog")) is None


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("", Weakness.TOO_SHORT),
        ("elf tekens!", Weakness.TOO_SHORT),
        ("e\u0301" * 11, Weakness.TOO_SHORT),
        ("q7" * 65, Weakness.TOO_LONG),
        ("wachtwoord123", Weakness.COMMON),
        ("Wachtwoord2026!", Weakness.COMMON),
        ("W@chtw00rd2026", Weakness.COMMON),
        ("wachtwoordwachtwoord", Weakness.COMMON),
        ("Welkom01Welkom01", Weakness.COMMON),
        ("welkom@school1", Weakness.COMMON),
        ("password1234", Weakness.COMMON),
        ("P@ssw0rd12345", Weakness.COMMON),
        ("123password123", Weakness.COMMON),
        ("basisschool1!", Weakness.COMMON),
        ("Zomervakantie2026", Weakness.COMMON),
        ("Juf-en-Meester", None),
        ("jufmeester2026", Weakness.COMMON),
        ("feyenoord1908", Weakness.COMMON),
        ("ikhouvanjou!!", Weakness.COMMON),
        ("parnassys2026", Weakness.COMMON),
        ("kijkglas2026!", Weakness.COMMON),
        ("september 2026", Weakness.COMMON),
        ("qwertyuiop123", Weakness.COMMON),
        ("1q2w3e4r5t6y", Weakness.COMMON),
        ("1qaz2wsx3edc", Weakness.COMMON),
        ("poiuytrewq321", Weakness.COMMON),
        ("asdfghjklzxcv", Weakness.COMMON),
        ("abcdefghijkl", Weakness.COMMON),
        ("123456789012", Weakness.COMMON),
        ("098765432109", Weakness.COMMON),
        ("aaaaaaaaaaaa", Weakness.COMMON),
        ("ababababababab", Weakness.COMMON),
        ("abc123abc123", Weakness.COMMON),
        ("112233445566", Weakness.COMMON),
        ("Noor de Wit 2026", Weakness.ABOUT_YOU),
        ("noordewit1985!", Weakness.ABOUT_YOU),
        ("deregenboog1!", Weakness.ABOUT_YOU),
        ("R3genb00g-School", Weakness.COMMON),
        ("waterlijn2026", Weakness.ABOUT_YOU),
        ("waterlijnschool", Weakness.ABOUT_YOU),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, weakness: Weakness | None) -> None:
    own = ("Noor de Wit", "noor.dewit@example.nl", "De Regenboog", "Stichting De Waterlijn")
    assert weakness_of(password, own_words=own) is weakness


def test_another_persons_name_is_not_held_against_you() -> None:
    assert weakness_of("waterlijn2026") is None


def test_the_list_is_of_some_size_and_in_the_form_that_it_is_compared_in() -> None:
    words = passwords._common_words()
    assert len(words) > 700
    assert all(word == passwords._folded(word) and word.isalnum() for word in words)


def test_judging_the_longest_password_is_quick() -> None:
    started = time.perf_counter()
    for tricky in (
        "a1" * 64,
        "welkom" * 21,
        "ab" * 63 + "c",
        "é" * 128,
        "ﷺ" * 128,
        "\x00" * 128,
        "1q2w3e" * 21,
        "schoolkind" * 12 + "x",
    ):
        weakness_of(tricky, own_words=("welkom school", "kind " * 20))
    assert time.perf_counter() - started < 1
