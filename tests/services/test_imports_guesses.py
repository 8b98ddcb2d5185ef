"""What a list leaves open: nothing is guessed until Petra agrees, and what she agreed to is kept (formats 6)."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.imports import Delivery
from parentportal.models.items import Item, Presence
from parentportal.outside.clock import FrozenClock
from parentportal.reads import imports as reads
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.sentences import Sentence
from parentportal.services import imports
from parentportal.services.imports import Report
from parentportal.sources.writing import write_list
from tests.deliveries import (
    administrator_of,
    bring,
    everything,
    item,
    look,
    one,
    pupil,
    pupil_with_key,
    rows,
    use,
)
from tests.people import People
from tests.services.story import visitor

COLUMNS = ("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum", "Geslacht")
YEAR, BOY, GIRL = "two-digit-year", "sex-m-male", "sex-m-female"
NAMES = ("Jip", "Bo", "Kim", "Lou")


def unclear(born: str = "27-03-17", sex: str = "M", *, count: int = 2) -> bytes:
    """A list of children in which neither the year nor the M says what it is."""
    return write_list(
        COLUMNS,
        [
            {"Leerlingnummer": f"L{n}", "Roepnaam": name, "Achternaam": "Smid", "Geboortedatum": born, "Geslacht": sex}
            for n, name in enumerate(NAMES[:count])
        ],
    )


def brought(database: Database, people: People, content: bytes | None = None) -> Report:
    return look(database, people, content or unclear(), name="lijst.csv")


def settle(database: Database, people: People, report: Report, *guesses: str) -> Report:
    """Petra agrees to these guesses and to no other."""
    petra = visitor(database, people, "petra")
    with database.read() as session:
        parsed = imports.reopen(session, report.delivery_id, by=petra, confirmed=frozenset(guesses))
    return database.write(lambda s: imports.settle_guesses(s, report.delivery_id, parsed, by=petra))


def page_of(database: Database, people: People, report: Report) -> reads.DeliveryPage:
    petra = visitor(database, people, "petra")
    with database.read() as session:
        return reads.get_delivery(session, report.delivery_id, by=petra)


def agreed(database: Database) -> list[str]:
    """What the audit chain says of agreeing, in its order."""
    query = select(AuditEvent.detail).where(AuditEvent.event == "delivery:guessed").order_by(AuditEvent.number)
    return [row.detail["guesses"] for row in rows(database, query)]


def test_what_nobody_agreed_to_is_left_out_with_a_warning(database: Database, people: People) -> None:
    report = brought(database, people)
    assert [(one.question.value, one.count, one.lines, one.accepted) for one in report.asked] == [
        (YEAR, 2, (2, 3), None),
        ("sex-m", 2, (2, 3), None),
    ]
    assert {"two-digit-year", "sex-ask"} <= {warned.code for warned in report.warnings}
    applied = use(database, people, report.delivery_id, confirm=True)
    assert applied.outcome == "applied"
    jip = pupil_with_key(database, "L0")
    assert pupil(database, jip).birth_date is None
    assert rows(database, select(Delivery.guesses, Delivery.guesses_by)) == [([], None)]
    unsaid = select(Item.id).where(Item.person_id == jip, Item.field_code.in_(("pupil.birth_date", "pupil.sex")))
    assert rows(database, unsaid) == []


def test_a_year_and_a_sex_that_petra_agreed_to_are_registered(
    database: Database, people: People, clock: FrozenClock
) -> None:
    report = brought(database, people)
    settled = settle(database, people, report, YEAR, GIRL)
    assert [one.accepted for one in settled.asked] == [YEAR, GIRL]
    assert not {"two-digit-year", "sex-ask"} & {warned.code for warned in settled.warnings}
    assert settled.counts["items"]["new"] == report.counts["items"]["new"] + 4
    kept = one(database, select(Delivery.guesses, Delivery.guesses_at, Delivery.guesses_by))
    assert tuple(kept) == ([GIRL, YEAR], clock.now(), str(people.petra))
    assert agreed(database) == [f"{GIRL} {YEAR}"]
    assert use(database, people, report.delivery_id, confirm=True).outcome == "applied"
    jip = pupil_with_key(database, "L0")
    assert pupil(database, jip).birth_date == date(2017, 3, 27)
    assert item(database, jip, "pupil.sex").value == "female"
    assert one(database, select(Delivery.guesses)).guesses == [GIRL, YEAR]


def test_agreeing_twice_is_one_act(database: Database, people: People, clock: FrozenClock) -> None:
    report = brought(database, people)
    settle(database, people, report, YEAR)
    before = one(database, select(Delivery.guesses_at)).guesses_at
    clock.advance(timedelta(minutes=5))
    again = settle(database, people, report, YEAR)
    assert [one.accepted for one in again.asked] == [YEAR, None]
    assert one(database, select(Delivery.guesses_at)).guesses_at == before
    assert agreed(database) == [YEAR]


def test_petra_takes_back_what_she_agreed_to_before_it_is_applied(database: Database, people: People) -> None:
    report = brought(database, people)
    settle(database, people, report, YEAR)
    back = settle(database, people, report)
    assert back.counts == report.counts
    assert rows(database, select(Delivery.guesses, Delivery.guesses_at, Delivery.guesses_by)) == [([], None, None)]
    assert agreed(database) == [YEAR, ""]


def test_after_applying_it_is_fixed(database: Database, people: People) -> None:
    report = brought(database, people)
    use(database, people, report.delivery_id, confirm=True)
    before = everything(database, people)
    with pytest.raises(NotNow, match="al verwerkt"):
        settle(database, people, report, YEAR)
    assert everything(database, people) == before
    assert agreed(database) == []


@pytest.mark.parametrize(
    "guesses", [("guardian-two-digit-year",), (YEAR, "guardian-sex-m-male"), ("nonsense",), (BOY, GIRL)]
)
def test_a_guess_that_the_file_does_not_ask_is_refused_and_nothing_is_kept(
    database: Database, people: People, guesses: tuple[str, ...]
) -> None:
    report = brought(database, people)
    with pytest.raises(Invalid) as refused:
        settle(database, people, report, *guesses)
    assert "guesses" in refused.value.problems
    assert one(database, select(Delivery.guesses)).guesses == []
    parsed = imports.parse(unclear(), "ander.csv", confirmed=frozenset(guesses))
    with pytest.raises(Invalid):
        database.write(lambda s: imports.receive(s, people.regenboog, parsed, by=OPERATOR))
    assert [row.filename for row in rows(database, select(Delivery.filename))] == ["lijst.csv"]
    assert agreed(database) == []


def test_a_file_of_another_school_does_not_exist(database: Database, people: People) -> None:
    report = brought(database, people)
    hanna = visitor(database, people, "hanna")
    elsewhere = administrator_of(database, people, people.kompas)
    parsed = imports.parse(unclear(), "lijst.csv", confirmed=frozenset({YEAR}))
    for by in (hanna, elsewhere):
        with pytest.raises(NotFound), database.read() as session:
            imports.reopen(session, report.delivery_id, by=by, confirmed=frozenset({YEAR}))
        with pytest.raises(NotFound):
            database.write(lambda s, by=by: imports.settle_guesses(s, report.delivery_id, parsed, by=by))
    assert agreed(database) == []


def test_another_file_settles_nothing(database: Database, people: People) -> None:
    report = brought(database, people)
    petra = visitor(database, people, "petra")
    other = imports.parse(unclear(count=3), "lijst.csv", confirmed=frozenset({YEAR}))
    with pytest.raises(NotFound):
        database.write(lambda s: imports.settle_guesses(s, report.delivery_id, other, by=petra))


def test_who_applies_what_was_read_otherwise_looks_again(database: Database, people: People) -> None:
    report = brought(database, people)
    petra = visitor(database, people, "petra")
    with database.read() as session:
        read_before = imports.reopen(session, report.delivery_id, by=petra)
    settle(database, people, report, YEAR)
    late = database.write(lambda s: imports.apply(s, report.delivery_id, read_before, confirm=True, by=petra))
    assert (late.outcome, late.moved) == ("held", True)
    assert rows(database, select(Delivery.applied_at)) == [(None,)]


def test_a_question_that_nobody_answers_takes_nothing_away(database: Database, people: People) -> None:
    bring(database, people, unclear("27-03-2017", "meisje"), name="lijst.csv", confirm=True)
    mixed = write_list(
        COLUMNS,
        [
            {"Leerlingnummer": "L0", "Roepnaam": "Jip", "Achternaam": "Smid", "Geboortedatum": "27-03-17"},
            {"Leerlingnummer": "L1", "Roepnaam": "Bo", "Achternaam": "Smid", "Geboortedatum": "27-03-2017"},
        ],
    )
    applied = bring(database, people, mixed, name="later.csv", confirm=True)
    assert applied.counts["items"]["missing"] == 0
    jip = pupil_with_key(database, "L0")
    assert pupil(database, jip).birth_date == date(2017, 3, 27)
    assert item(database, jip, "pupil.birth_date").presence is Presence.CURRENT
    assert item(database, jip, "pupil.sex").value == "female"


def test_the_same_file_can_be_brought_again_to_answer_what_was_left_open(database: Database, people: People) -> None:
    bring(database, people, unclear(), name="lijst.csv", confirm=True)
    petra = visitor(database, people, "petra")
    parsed = imports.parse(unclear(), "lijst.csv")
    assert database.write(lambda s: imports.receive(s, people.regenboog, parsed, by=petra)).outcome == "no-change"
    again = database.write(lambda s: imports.receive(s, people.regenboog, parsed, by=petra, asks_again=True))
    assert again.outcome == "preview"
    assert use(database, people, again.delivery_id).outcome == "no-change", "nothing was answered"
    settle(database, people, again, YEAR, BOY)
    assert use(database, people, again.delivery_id, confirm=True).outcome == "applied"
    assert pupil(database, pupil_with_key(database, "L1")).birth_date == date(2017, 3, 27)
    third = database.write(lambda s: imports.receive(s, people.regenboog, parsed, by=petra, asks_again=True))
    assert third.outcome == "no-change"


def test_no_value_of_a_child_is_kept_beside_the_sealed_file(database: Database, people: People) -> None:
    report = brought(database, people)
    settle(database, people, report, YEAR, GIRL)
    kept = one(database, select(Delivery.counts, Delivery.problems, Delivery.guesses))
    said = json.dumps([kept.counts, kept.problems, kept.guesses]) + repr(rows(database, select(AuditEvent.detail)))
    assert not [word for word in ("27-03-17", "2017-03-27", "Smid", *NAMES) if word in said]


def test_a_file_of_before_questions_were_kept_still_has_its_remarks(database: Database, people: People) -> None:
    report = brought(database, people)
    message = "Dit veld klopt niet: BSN. Kijk het na."

    def age(session: Session) -> None:
        row = session.get_one(Delivery, report.delivery_id)
        row.counts = {"warnings": [["check-digit", 2, message]], "confirmable": ["two-digit-year"]}
        row.problems = [{"level": "warn", "code": "check-digit", "message": message, "line": 2, "field": "BSN"}]

    database.write(age)
    shown = page_of(database, people, report)
    assert shown.kinds == ((2, message),)
    assert [problem.message for problem in shown.problems] == [message]
    assert shown.asked == ()


def test_a_remark_is_kept_so_that_another_language_can_say_it(database: Database, people: People) -> None:
    row = {"Leerlingnummer": "L0", "Roepnaam": "Jip", "Achternaam": "Smid", "Geboortedatum": "27-03-2017", "BSN": "123"}
    report = brought(database, people, write_list(("BSN", *COLUMNS), [row]))
    (problem,) = page_of(database, people, report).problems
    assert problem.message == "Dit veld klopt niet: BSN. Kijk het na."
    assert isinstance(problem.message, Sentence)
    assert (problem.message.msgid, problem.message.values) == (
        "Dit veld klopt niet: %(field)s. Kijk het na.",
        {"field": "BSN"},
    )
