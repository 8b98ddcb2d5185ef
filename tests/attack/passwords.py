"""B: guessing by the thousand, made-up addresses, counters that fail, and owners who must get in meanwhile."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.people import Adult
from parentportal.models.second_factors import RecoveryCode
from parentportal.models.sign_in import Account
from parentportal.outside import codes, passwords
from parentportal.reads import sign_in as reads
from parentportal.services import password_resets, second_factors
from tests import one_time_codes, resetting
from tests.attack.guessing import HOME, WRONG, Intruder, counted, without_budget
from tests.attack.passkeys import give_passkey, signs_in_with_passkey
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.attack.workers import Guessing, workers
from tests.cheap_passwords import CheapHasher, cheap_passwords
from tests.sessions import PASSWORD

NOOR = "noor@post.example"
MOST_JUDGED = 50
NETWORK_BUDGET, NETWORK_BUDGET_AT_ONCE = 250, 120
"""Passwords of one network that are looked at within a day, and in ten minutes; docs/operating.md has the numbers."""
DAY, STEP = timedelta(days=1), timedelta(seconds=30)
AT_ONCE = timedelta(minutes=10)
A_WHOLE_DAY = 1_000
"""From so many tries on an attack is spread over a day; fewer come within ten minutes."""


def guess_codes(portal: Portal, dose: int) -> Result:
    key = portal.key_of("noor")
    dice = random.Random(dose)  # noqa: S311  # an attacker's guesses, the same in every run

    def right(at: datetime) -> str:
        return one_time_codes.by_cryptography(key, at)

    def guesses() -> Iterator[str]:
        while True:
            yield f"{dice.randrange(1_000_000):06}"

    return _guess(portal, dose, Guessing(NOOR, "/inloggen/code", "take_code"), guesses(), right)


def guess_saved_codes(portal: Portal, dose: int) -> Result:
    kept = give_saved_codes(portal, 1)[0]

    def guesses() -> Iterator[str]:
        while True:
            yield codes.recovery_code()

    return _guess(portal, dose, Guessing(NOOR, "/inloggen/noodcode", "take_saved"), guesses(), lambda _at: kept)


def _guess(
    portal: Portal, dose: int, guessing: Guessing, guesses: Iterator[str], right: Callable[[datetime], str]
) -> Result:
    """By four workers that are killed and started again halfway; a full dose takes one day.

    Whenever all of them must wait, the right code is handed in as well: it may not be looked at either.
    """
    seen = {"in": 0, "wrong": 0, "wait": 0}
    tried_right = opened = 0
    span = DAY if dose >= A_WHOLE_DAY else AT_ONCE
    with workers(portal, guessing, number=4 if span == DAY else 2) as crowd:
        rounds = dose // crowd.number
        for number in range(rounds):
            if number == rounds // 2:
                crowd.kill()
                crowd.start()
            near = {right(crowd.clock.now() + timedelta(seconds=30 * step)) for step in (-1, 0, 1)}
            batch = [next(guess for guess in guesses if guess not in near) for _ in range(crowd.number)]
            answers = crowd.try_all(batch)
            for answer in answers:
                seen[answer] += 1
            if set(answers) == {"wait"} and number % max(rounds // 25, 1) == 0:
                tried_right += 1
                opened += crowd.try_all([right(crowd.clock.now())]) == ["in"]
            crowd.clock.advance(span / rounds)
        judged = crowd.judged.value
    holds = judged <= MOST_JUDGED and seen["in"] == 0 and opened == 0 and tried_right > 0
    return Result(
        f"{sum(seen.values()):,} in {span}, {crowd.number} workers, killed halfway",
        f"{judged} looked at, {seen['in']} got in; right code while waiting: {opened} of {tried_right}",
        holds,
    )


def give_saved_codes(portal: Portal, number: int) -> list[str]:
    portal.key_of("noor")
    made = [codes.recovery_code() for _ in range(number)]

    def keep(session: Session) -> None:
        account = session.query(Account).filter_by(adult_id=portal.people.noor).one()
        for code in made:
            session.add(
                RecoveryCode(
                    id=new_id(),
                    board_id=account.board_id,
                    account_id=account.id,
                    code_digest=second_factors.recovery_digest(session, account.id, code),
                    made_at=portal.clock.now(),
                )
            )

    portal.database.write(keep)
    return made


def guess_links(portal: Portal, dose: int) -> Result:
    """Links to a new password by the thousand; then one that was stolen, with codes guessed at it for a day."""
    key, opened, judged, proved = portal.key_of("noor"), 0, 0, 0

    def note() -> None:
        nonlocal judged
        judged += 1

    with cheap_passwords():
        intruder = Intruder(portal.app)
        for _ in range(dose):
            intruder.get(f"/wachtwoord/{codes.token()}")
            opened += 'name="code"' in intruder.get("/wachtwoord/bevestigen").get_data(as_text=True)
        tries, stands_until = max(dose // 10, 60), portal.clock.now()
        for _ in range(tries):
            if portal.clock.now() >= stands_until:
                portal.forget_wishes()
                link = resetting.ask(portal.database)
                stands_until = portal.clock.now() + password_resets.LINK_STANDS
                intruder.get(f"/wachtwoord/{link}")
                intruder.get("/wachtwoord/bevestigen")
            near = {one_time_codes.by_cryptography(key, portal.clock.now() + STEP * at) for at in (-1, 0, 1)}
            guess = next(code for code in ("000000", "111111", "222222", "333333") if code not in near)
            with counted(second_factors, "take_code", note):
                proved += intruder.post("/wachtwoord/bevestigen", {"code": guess}).status_code == 303
            portal.clock.advance((DAY if dose >= A_WHOLE_DAY else AT_ONCE) / tries)
    return Result(
        f"{dose:,} links, and {tries:,} codes at a stolen one",
        f"{opened} links open, {judged} codes looked at, {proved} right",
        opened == proved == 0 and 0 < judged <= MOST_JUDGED,
    )


def spray(portal: Portal, dose: int) -> Result:
    """Name after name, ten rounds long, within one calendar day; meanwhile others sign in from their own homes."""
    accounts, rounds = max(dose // 10, 1), 10
    span, most = (DAY, NETWORK_BUDGET) if dose >= A_WHOLE_DAY else (AT_ONCE, NETWORK_BUDGET_AT_ONCE)
    portal.clock.set_to((portal.clock.now() + DAY).replace(hour=0))
    names = _add_accounts(portal, accounts)
    keys = {name: portal.key_of(name) for name in ("noor", "ravi")}
    judged = entered = 0

    def note() -> None:
        nonlocal judged
        judged += 1

    with cheap_passwords():
        intruder = Intruder(portal.app)
        for number in range(accounts * rounds):
            with counted(passwords, "verify", note):
                intruder.give_password(names[number % accounts], f"geraden wachtwoord {number // accounts}")
            if number % max(accounts * rounds // 20, 1) == 0:
                entered += signs_in(portal, "ravi", keys["ravi"], "203.0.113.8")
            portal.clock.advance(span / (accounts * rounds))
    others = min(20, accounts * rounds)
    return Result(
        f"{accounts:,} accounts × {rounds} from one network in {span} (hashing by a stand-in)",
        f"{judged} looked at; others {entered} of {others} in",
        judged <= most and entered >= others,
    )


def _add_accounts(portal: Portal, number: int) -> list[str]:
    """Accounts that are there to be sprayed; all of them with a password that nobody guesses."""
    hashed = CheapHasher.hash(PASSWORD)

    def add(session: Session) -> list[str]:
        names = []
        for at in range(number):
            adult_id, name = new_id(), f"ouder{at}@post.example"
            session.add(
                Adult(
                    id=adult_id,
                    board_id=portal.people.waterlijn,
                    first_name=f"Ouder{at}",
                    surname="Voorbeeld",
                    email=name,
                    created_at=portal.clock.now(),
                )
            )
            session.flush()
            session.add(
                Account(
                    id=new_id(),
                    board_id=portal.people.waterlijn,
                    adult_id=adult_id,
                    sign_in_name=name,
                    password_hash=hashed,
                    created_at=portal.clock.now(),
                )
            )
            names.append(name)
        return names

    return portal.database.write(add)


def signs_in(portal: Portal, name: str, key: str, address: str, intruder: Intruder | None = None) -> bool:
    """Somebody honest: password, then the code of the app."""
    person = intruder or Intruder(portal.app, address)
    person.token = ""
    if not person.give_password(f"{name}@post.example", PASSWORD):
        return False
    answer = person.post("/inloggen/code", {"code": one_time_codes.by_cryptography(key, portal.clock.now())})
    return answer.status_code == 303 and not answer.headers["Location"].startswith("/inloggen")


def owner_gets_in(portal: Portal, dose: int) -> Result:
    """Noor's own browser while others guess her password and her codes, from her own network too."""
    key, entered, by_passkey = portal.key_of("noor"), 0, 0
    phone = give_passkey(portal, "noor")
    with cheap_passwords():
        own = Intruder(portal.app, HOME)
        assert signs_in(portal, "noor", key, HOME, own), "she signs in once before the attack"
        crowd = 20 if dose >= 20 else 3
        attackers = [Intruder(portal.app, HOME)] + [Intruder(portal.app, f"198.51.100.{at}") for at in range(1, crowd)]
        for attacker in attackers:
            attacker.give_password(NOOR, PASSWORD)
        for _ in range(dose):
            for attacker in attackers + [attackers[0]] * 10:
                attacker.post("/inloggen/code", {"code": "000000"})
                attacker.post("/inloggen", {"name": NOOR, "password": WRONG})
                portal.wait(seconds=90)
            own.get("/rol")
            own.post("/uitloggen", {})
            entered += signs_in(portal, "noor", key, HOME, own)
            by_passkey += signs_in_with_passkey(portal, phone)
    return Result(
        f"{dose} sign-ins on a known device, {dose} with a passkey on a new one",
        f"{entered} and {by_passkey} in",
        entered == by_passkey == dose,
    )


@contextmanager
def knowing_no_device(_portal: Portal) -> Iterator[None]:
    """Every browser is a stranger."""
    found = reads.find_credentials

    def forgetful(session: Session, name: str, device: str = "") -> reads.Credentials | None:
        return found(session, name, "")

    with patch.object(reads, "find_credentials", forgetful):
        yield


ROWS = (
    Row(
        "B1",
        "codes of an app guessed, password known",
        f"≤ {MOST_JUDGED} looked at a day, right one refused beyond it, 0 in",
        guess_codes,
        without_budget,
        "nobody counts",
        small=56,
        full=10_000,
        controlled=56,
    ),
    Row(
        "B2",
        "passwords sprayed from one network",
        f"≤ {NETWORK_BUDGET} looked at a day, others 20 of 20 in",
        spray,
        without_budget,
        "nobody counts",
        small=130,
        full=10_000,
        controlled=130,
    ),
    Row(
        "B3a",
        "saved codes guessed, password known",
        f"≤ {MOST_JUDGED} looked at a day, right one refused beyond it, 0 in",
        guess_saved_codes,
        without_budget,
        "nobody counts",
        small=56,
        full=10_000,
        controlled=56,
    ),
    Row(
        "B3b",
        "links to a new password guessed, and codes at a stolen link",
        f"0 open; ≤ {MOST_JUDGED} codes looked at a day",
        guess_links,
        without_budget,
        "nobody counts",
        small=10,
        full=10_000,
        controlled=10,
    ),
    Row(
        "B6",
        "known device and passkey of the owner while others guess",
        "all in",
        owner_gets_in,
        knowing_no_device,
        "every browser is a stranger",
        small=2,
        full=20,
        controlled=3,
    ),
)
