"""When a file waits for a person or is refused, and that it is applied whole, once, and by the right people."""

import logging
import sqlite3
from functools import partial

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.boards import School
from parentportal.models.imports import Delivery, DeliveryState, SourceKey
from parentportal.models.items import Item
from parentportal.models.people import Pupil
from parentportal.outside import vault
from parentportal.rules.errors import NotFound, NotNow
from parentportal.services import audit, imports
from parentportal.services.imports import applying
from parentportal.sources.writing import write_list
from tests.deliveries import (
    ASHA,
    LOT,
    SEM,
    administrator_of,
    bring,
    bring_everybody,
    deliver,
    edexml,
    everything,
    item,
    look,
    many,
    one,
    pupil,
    pupil_with_key,
    rows,
    school_with,
    use,
)
from tests.people import People
from tests.services.story import visitor


def test_children_who_only_look_alike_wait_for_a_person(database: Database, people: People) -> None:
    held = bring(database, people, edexml())
    assert (held.outcome, held.reason) == ("held", "duplicate-key")
    assert [warned.count for warned in held.warnings if warned.code == "possible-duplicate"] == [3]
    applied = use(database, people, held.delivery_id, confirm=True)
    assert (applied.outcome, applied.counts["pupils"]["new"]) == ("applied", 0)
    assert pupil_with_key(database, "K1") == people.sem


def test_keys_that_were_made_up_for_one_file_never_recognise_anybody(database: Database, people: People) -> None:
    school = school_with(database, people, "99ZY")
    first = {**SEM, "key": "#1", "achternaam": "Eerste"}
    second = {**SEM, "key": "#1", "roepnaam": "Ander", "achternaam": "Tweede", "geboortedatum": "2018-01-01"}
    deliver(database, school, edexml(first, brin="99ZY"))
    applied = deliver(
        database, school, edexml(first, second | {"key": "#2"}, brin="99ZY", on="2026-11-02"), confirm=True
    )
    assert applied.counts["pupils"]["new"] == 1
    names = rows(database, select(Pupil.surname).where(Pupil.school_id == school).order_by(Pupil.surname))
    assert [row.surname for row in names] == ["Eerste", "Tweede"]
    assert rows(database, select(SourceKey.value).where(SourceKey.value.startswith("#"))) == []


def test_an_older_file_waits_for_a_person(database: Database, people: People) -> None:
    bring_everybody(database, people)
    before = everything(database, people)
    held = bring(database, people, edexml(on="2026-10-01"))
    assert (held.outcome, held.reason) == ("held", "older-delivery")
    assert everything(database, people) == before


@pytest.mark.parametrize(("brin", "branch"), [("99AB", ""), ("12ZZ", "00")])
def test_a_file_of_another_school_is_refused(database: Database, people: People, brin: str, branch: str) -> None:
    before = everything(database, people)
    refused = bring(database, people, edexml(brin=brin, branch=branch), confirm=True)
    assert (refused.outcome, refused.reason) == ("refused", "other-school")
    kept = one(database, select(Delivery.state, Delivery.content).where(Delivery.id == refused.delivery_id))
    assert (kept.state, kept.content) == (DeliveryState.REFUSED, None)
    assert everything(database, people) == before


def test_a_branch_counts_only_where_the_school_has_one(database: Database, people: People) -> None:
    assert look(database, people, edexml(branch="02")).outcome == "preview"
    with_branch = update(School).where(School.id == people.regenboog).values(branch="01")
    database.write(lambda s: s.execute(with_branch))
    assert look(database, people, edexml(branch="02")).reason == "other-school"
    assert look(database, people, edexml(branch="01")).outcome == "preview"


def test_twenty_six_missing_children_wait_for_a_person(database: Database, people: People) -> None:
    school = school_with(database, people, "99ZY")
    crowd = many(300)
    deliver(database, school, edexml(*crowd, brin="99ZY"))
    few = deliver(database, school, edexml(*crowd[25:], brin="99ZY", on="2026-11-02"))
    assert (few.outcome, few.counts["pupils"]["missing"]) == ("applied", 25)
    held = deliver(database, school, edexml(*crowd[51:], brin="99ZY", on="2026-11-03"))
    assert (held.outcome, held.reason, held.counts["pupils"]["missing"]) == ("held", "mass-change", 26)


def test_a_key_that_now_belongs_to_another_child_never_mixes_the_two(database: Database, people: People) -> None:
    bring_everybody(database, people)
    other = {**SEM, "roepnaam": "Mila", "achternaam": "Vos", "geboortedatum": "2018-02-02"}
    held = bring(database, people, edexml(other, LOT, ASHA, on="2026-11-02"))
    assert (held.outcome, held.reason) == ("held", "duplicate-key")
    assert "key-reused" in {warned.code for warned in held.warnings}
    use(database, people, held.delivery_id, confirm=True)
    new_owner = pupil_with_key(database, "K1")
    assert new_owner != people.sem
    assert pupil(database, new_owner).call_name == "Mila"
    assert (pupil(database, people.sem).call_name, item(database, people.sem, "pupil.surname").value) == (
        "Sem",
        "Bakker",
    )


def test_a_key_and_an_eck_id_of_different_children_wait_for_a_person(database: Database, people: People) -> None:
    eck = {name: f"https://ketenid.nl/202001/{digit * 128}" for name, digit in (("sem", "a"), ("asha", "b"))}
    sem, asha = {**SEM, "eckid": eck["sem"]}, {**ASHA, "eckid": eck["asha"]}
    bring(database, people, edexml(sem, LOT, asha), confirm=True)
    swapped = edexml({**SEM, "eckid": eck["asha"]}, LOT, {**ASHA, "eckid": eck["sem"]}, on="2026-11-02")
    held = bring(database, people, swapped)
    assert (held.outcome, held.reason) == ("held", "duplicate-key")
    use(database, people, held.delivery_id, confirm=True)
    assert pupil_with_key(database, "K1") == people.sem


def test_other_columns_than_last_time_wait_for_a_person(database: Database, people: People) -> None:
    columns = ("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum")
    row = {"Leerlingnummer": "L1", "Roepnaam": "Jip", "Achternaam": "Smid", "Geboortedatum": "01-02-2017"}
    assert bring(database, people, write_list(columns, [row]), name="a.csv").outcome == "applied"
    more = write_list((*columns, "Geloof"), [{**row, "Geloof": "geen"}])
    held = bring(database, people, more, name="b.csv")
    assert (held.outcome, held.reason) == ("held", "columns-changed")


def test_a_preview_writes_nothing_of_the_school(database: Database, people: People) -> None:
    before = everything(database, people)
    report = look(database, people, edexml({**SEM, "roepnaam": "Samuel"}, LOT, ASHA))
    assert report.outcome == "preview"
    assert everything(database, people) == before


def test_a_fault_halfway_leaves_nothing_and_the_same_file_still_works(
    database: Database, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = bring(database, people, edexml())
    before = everything(database, people)

    class Crash(Exception):
        pass

    def crash(*_args: object, **_options: object) -> None:
        raise Crash

    monkeypatch.setattr(applying, "_count_unknown", crash)  # after pupils, adults and items were written
    with pytest.raises(Crash):
        use(database, people, held.delivery_id, confirm=True)
    assert everything(database, people) == before
    monkeypatch.undo()
    assert use(database, people, held.delivery_id, confirm=True).outcome == "applied"


def test_applying_twice_is_applying_once(database: Database, people: People) -> None:
    held = bring(database, people, edexml())
    first = use(database, people, held.delivery_id, confirm=True)
    after = everything(database, people)
    second = use(database, people, held.delivery_id, confirm=True)
    assert (first.outcome, second.outcome, second.counts) == ("applied", "applied", first.counts)
    assert everything(database, people) == after
    applied = select(AuditEvent.id).where(AuditEvent.event == "delivery:applied")
    assert len(rows(database, applied)) == 1


def test_a_unit_that_is_run_again_from_its_start_gives_the_same(database: Database, people: People) -> None:
    petra = visitor(database, people, "petra")
    held = bring(database, people, edexml())
    parsed = imports.parse(edexml(), "export.xml")
    tries = []

    def work(session: Session) -> imports.Report:
        report = imports.apply(session, held.delivery_id, parsed, confirm=True, by=petra)
        tries.append(report)
        if len(tries) == 1:
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise busy
        return report

    assert database.write(work).outcome == "applied"
    assert len(tries) == 2
    assert len(rows(database, select(SourceKey.id).where(SourceKey.kind == "pupil"))) == 3


def test_what_changed_since_somebody_looked_is_shown_again_first(database: Database, people: People) -> None:
    bring_everybody(database, people)
    looked_at = look(database, people, edexml({**SEM, "roepnaam": "Samuel"}, LOT, ASHA, on="2026-11-05"))
    rename = update(Item).where(Item.person_id == people.asha, Item.field_code == "pupil.call_name")
    with database.read() as session:
        other = vault.of(session).digest("Aasha", "item")
    database.write(lambda s: s.execute(rename.values(value="Aasha", digest=other)))
    moved = use(database, people, looked_at.delivery_id, confirm=True)
    assert (moved.outcome, moved.moved) == ("held", True)
    assert pupil(database, people.sem).call_name == "Sem"
    assert use(database, people, looked_at.delivery_id, confirm=True).outcome == "applied"


def test_a_newer_file_of_the_same_kind_overtakes_one_that_waits(database: Database, people: People) -> None:
    first = look(database, people, edexml())
    look(database, people, edexml(on="2026-11-02"))
    with pytest.raises(NotNow):
        use(database, people, first.delivery_id, confirm=True)


def test_the_content_of_a_file_is_kept_sealed(database: Database, people: People) -> None:
    report = bring_everybody(database, people)
    kept = one(database, select(Delivery.content).where(Delivery.id == report.delivery_id)).content
    assert b"Bakker" not in kept
    assert imports.parse(edexml(), "export.xml").content not in kept


def test_only_the_administration_of_the_school_brings_files(database: Database, people: People) -> None:
    parsed = imports.parse(edexml(), "export.xml")
    for by in [visitor(database, people, who) for who in ("ilse", "hanna", "noor", "hugo")]:
        with pytest.raises(NotFound):
            database.write(partial(imports.receive, school_id=people.regenboog, parsed=parsed, by=by))
    received = look(database, people, edexml())
    elsewhere = administrator_of(database, people, people.kompas)
    with pytest.raises(NotFound):
        database.write(lambda s: imports.receive(s, people.regenboog, parsed, by=elsewhere))
    with pytest.raises(NotFound):
        database.write(lambda s: imports.apply(s, received.delivery_id, parsed, confirm=True, by=elsewhere))


def test_the_content_of_another_file_is_not_taken_for_this_one(database: Database, people: People) -> None:
    received = look(database, people, edexml())
    petra = visitor(database, people, "petra")
    other = imports.parse(edexml(on="2026-11-09"), "export.xml")
    with pytest.raises(NotFound):
        database.write(lambda s: imports.apply(s, received.delivery_id, other, confirm=True, by=petra))


def test_remarks_audit_and_logs_hold_no_value_from_the_file(
    database: Database, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "Kanarievogel"
    odd = {
        **SEM,
        "roepnaam": canary,
        "achternaam": f"{canary}Ã¼",
        "geboortedatum": "31-31-2017",
        "geslacht": "7",
        "bsn": "123456789",
        "groep": "G99",
        "postcodenl": "0000ZZ",
        "jaargroep": "C",
    }
    with caplog.at_level(logging.DEBUG):
        report = bring(database, people, edexml(odd, LOT, ASHA), confirm=True)
    assert report.outcome == "applied"
    assert len(report.warnings) >= 4
    with database.read() as session:
        row = session.get_one(Delivery, report.delivery_id)
        kept = f"{row.problems} {row.counts} {report}"
        chain = " ".join(str(one.detail) for one in session.scalars(select(AuditEvent)))
        assert list(audit.verify(session)) == []
    for text in (kept, chain, caplog.text):
        for value in (canary, "123456789", "0000ZZ", "31-31-2017"):
            assert value not in text


def test_a_list_in_which_nobody_is_known_waits_for_a_person(database: Database, people: People) -> None:
    """A list names no school: the list of another school must not slip in (formats 11.4)."""
    bring_everybody(database, people)
    columns = ["leerlingnummer", "roepnaam", "achternaam", "geboortedatum"]
    listed = [
        dict(zip(columns, [f"L{number}", f"Kind{number}", "Ander", f"0{number}-02-2017"], strict=True))
        for number in (1, 2, 3)
    ]
    report = look(database, people, write_list(columns, listed), kind="pupils", name="lijst.csv")
    assert (report.outcome, report.reason) == ("preview", "other-school")
    assert use(database, people, report.delivery_id).outcome == "held"
