"""The last resort for a director alone: a new code at the shell, after which nothing old opens anything."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.models.audit import AuditEvent
from parentportal.models.outbox import OutboxMail
from parentportal.models.second_factors import CodesApp
from parentportal.models.sign_in import Account, Activation
from parentportal.outside import codes
from parentportal.outside.clock import SystemClock
from parentportal.reads.activation import code_digest
from tests.cli.installation import Installation
from tests.people import People
from tests.sessions import find_or_make_account

HANNA = ("staff", "recover", "--school", "99AA", "--email", "hanna@waterlijn.example")


def with_accounts(installed: Installation, cast: People) -> None:
    def work(session: Session) -> None:
        for adult_id in (cast.hanna, cast.hugo, cast.noor):
            find_or_make_account(session, SystemClock(), adult_id)  # type: ignore[arg-type]  # a clock is a clock

    installed.write(work)


def test_a_lone_director_gets_a_code_and_nothing_old_works(installed: Installation, cast: People) -> None:
    with_accounts(installed, cast)
    made = installed.answer(*HANNA)
    assert (made["adult"], made["name"]) == (str(cast.hanna), "Hanna Prins")
    assert made["url"] == f"http://localhost:8000/activeren/{made['code']}"

    def look(session: Session) -> None:
        digest = code_digest(session, codes.as_typed(made["code"]))
        found = session.scalars(select(Activation).where(Activation.code_digest == digest)).one()
        account = session.scalars(select(Account).where(Account.adult_id == cast.hanna)).one()
        assert (found.account_id, found.desk) == (account.id, True)
        assert account.password_hash is None
        assert session.scalar(select(func.count()).where(CodesApp.account_id == account.id)) == 0
        acts = session.execute(select(AuditEvent.event, AuditEvent.by_id).where(AuditEvent.event.like("recovery:%")))
        assert [tuple(row) for row in acts] == [("recovery:confirmed", None)]
        mails = session.scalars(select(OutboxMail)).all()
        assert [(mail.to_address, mail.context["what"]) for mail in mails] == [
            ("hanna@waterlijn.example", "means_ended")
        ]

    installed.read(look)
    words = installed.run(*HANNA).output
    assert "Code: " in words
    assert made["code"] not in words, "each time another code"


def test_a_role_of_a_board_is_helped_by_the_board(installed: Installation, cast: People) -> None:
    with_accounts(installed, cast)
    hugo = ("staff", "recover", "--board", "waterlijn", "--email", "hugo@waterlijn.example")
    assert installed.answer(*hugo)["name"] == "Hugo Maas"


def test_parents_strangers_and_wrong_schools_get_nothing(installed: Installation, cast: People) -> None:
    with_accounts(installed, cast)
    for email in ("noor@post.example", "niemand@waterlijn.example", "hugo@waterlijn.example"):
        refusal = installed.refusal("staff", "recover", "--school", "99AA", "--email", email)
        assert "Geen medewerker van deze school of dit bestuur" in refusal
    assert "niet allebei" in installed.refusal("staff", "recover", "--email", "hanna@waterlijn.example")

    def look(session: Session) -> int:
        return session.scalar(select(func.count()).where(Account.password_hash.is_(None))) or 0

    assert installed.read(look) == 0
