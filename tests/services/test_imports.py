"""What an export of a school system does to a school: compared first, applied whole, and never a deletion."""

import logging
import sqlite3
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.imports import Delivery, DeliveryState, SourceKey, UnknownField
from parentportal.models.items import Item, ItemChange, Presence
from parentportal.models.people import Enrolment, Pupil
from parentportal.outside import vault
from parentportal.outside.clock import FrozenClock
from parentportal.rules.errors import NotFound, NotNow
from parentportal.services import audit, imports
from parentportal.services.imports import applying
from parentportal.sources.writing import write_list
from tests.deliveries import (
    ASHA,
    DATA,
    EVERYBODY,
    LOT,
    SEM,
    administrator_of,
    bring,
    bring_everybody,
    edexml,
    look,
    many,
    use,
)
from tests.people import People
from tests.services.story import visitor

NOTHING = {"new": 0, "changed": 0, "missing": 0, "left": 0, "unchanged": 0}


def school_with(database: Database, people: People, brin: str) -> UUID:
    """An empty school of De Waterlijn with this number."""
    school_id = new_id()

    def work(session: Session) -> None:
        session.add(
            School(
                id=school_id,
                board_id=people.waterlijn,
                brin=brin,
                name=f"School {brin}",
                place="Zomerdijk",
                created_at=session.info["clock"].now(),
            )
        )

    database.write(work)
    return school_id


def deliver(database: Database, school_id: UUID, content: bytes, *, confirm: bool = False) -> imports.Report:
    """The operator brings a file and applies it."""
    parsed = imports.parse(content, "EDEX.XML")
    report = database.write(lambda s: imports.receive(s, school_id, parsed, by=OPERATOR))
    if report.outcome != "preview":
        return report
    return database.write(lambda s: imports.apply(s, report.delivery_id, parsed, confirm=confirm, by=OPERATOR))


def rows(database: Database, query: Any) -> list[Any]:
    with database.read() as session:
        return list(session.execute(query).all())


def one(database: Database, query: Any) -> Any:
    found = rows(database, query)
    assert len(found) == 1, found
    return found[0]


def pupil(database: Database, pupil_id: UUID) -> Pupil:
    with database.read() as session:
        found = session.get_one(Pupil, pupil_id)
        session.expunge(found)
        return found


def pupil_with_key(database: Database, key: str) -> UUID:
    found: UUID = one(
        database, select(SourceKey.object_id).where(SourceKey.kind == "pupil", SourceKey.value == key)
    ).object_id
    return found


def item(database: Database, person_id: UUID, code: str) -> Any:
    return one(
        database,
        select(Item.value, Item.sealed, Item.presence, Item.seen_at, Item.changed_at, Item.id, Item.origin).where(
            Item.person_id == person_id, Item.field_code == code
        ),
    )


def everything(database: Database, people: People) -> list[Any]:
    """All live data that an import could touch, for comparing before and after."""
    queries = (
        select(Pupil.id, Pupil.call_name, Pupil.surname, Pupil.enrolment, Pupil.missing_since).order_by(Pupil.id),
        select(Item.id, Item.digest, Item.presence, Item.seen_at).order_by(Item.id),
        select(Group.id, Group.name).order_by(Group.id),
        select(Placement.id, Placement.ends_on).order_by(Placement.id),
        select(SourceKey.id, SourceKey.object_id).order_by(SourceKey.id),
        select(ItemChange.id).order_by(ItemChange.id),
    )
    return [rows(database, query) for query in queries]


def test_the_official_example_is_held_for_its_year_applied_once_and_then_known(
    database: Database, people: People
) -> None:
    school = school_with(database, people, "99ZY")
    content = (DATA / "edexml-2.1-voorbeeld.xml").read_bytes().replace(b"99ZZ", b"99ZY")
    held = deliver(database, school, content)
    assert (held.outcome, held.reason) == ("held", "other-school-year")
    assert rows(database, select(Pupil.id).where(Pupil.school_id == school)) == []
    applied = deliver(database, school, content, confirm=True)
    assert (applied.outcome, applied.reason) == ("applied", None)
    assert applied.counts["pupils"] == {**NOTHING, "new": 3}
    assert applied.counts["groups"] == {**NOTHING, "new": 8}
    again = deliver(database, school, content)
    assert (again.outcome, again.counts["pupils"]) == ("no-change", {**NOTHING, "unchanged": 3})

    wimpie = pupil(database, pupil_with_key(database, "00001"))
    assert (wimpie.call_name, wimpie.prefix, wimpie.surname) == ("Wimpie", "imp", "ie")
    placed = rows(
        database,
        select(Group.name, Group.kind, Placement.starts_on, Placement.ends_on)
        .join(Placement, Placement.group_id == Group.id)
        .where(Placement.pupil_id == wimpie.id)
        .order_by(Group.name),
    )
    begun = date(2014, 10, 1)
    assert [tuple(row) for row in placed] == [
        ("4B", GroupKind.HOME, begun, None),
        ("Samgroep 1", GroupKind.COMBINED, begun, None),
        ("Samgroep 2", GroupKind.COMBINED, begun, None),
    ]
    gradje = pupil(database, pupil_with_key(database, "12345"))
    assert (gradje.enrolment, gradje.left_on) == (Enrolment.LEFT, date(2014, 7, 18))
    nameless = pupil(database, pupil_with_key(database, "00002"))
    assert nameless.call_name == "Ismaël Hassan"


def test_a_citizen_number_is_sealed_and_nowhere_in_plain_text(database: Database, people: People) -> None:
    school = school_with(database, people, "99ZY")
    content = (DATA / "edexml-2.1-voorbeeld.xml").read_bytes().replace(b"99ZZ", b"99ZY")
    deliver(database, school, content, confirm=True)
    row = item(database, pupil_with_key(database, "00002"), "pupil.bsn")
    assert row.value is None
    with database.read() as session:
        assert vault.of(session).open(row.sealed, table="item", row=row.id, column="sealed") == "133456785"
    assert rows(database, select(Item.id).where(Item.value == "133456785")) == []


def test_the_file_of_four_hundred_is_held_for_its_year_and_then_applied(database: Database, people: People) -> None:
    school = school_with(database, people, "99XX")
    content = (DATA / "edexml-1.03-400-leerlingen.xml").read_bytes()
    assert deliver(database, school, content).reason == "other-school-year"
    applied = deliver(database, school, content, confirm=True)
    assert applied.counts["pupils"] == {**NOTHING, "new": 400}
    inherited = [warned.count for warned in applied.warnings if warned.code == "year-group-inherited"]
    assert inherited == [389]
    assert one(database, select(func.count()).where(Pupil.school_id == school))[0] == 400


def test_children_who_only_look_alike_wait_for_a_person(database: Database, people: People) -> None:
    held = bring(database, people, edexml())
    assert (held.outcome, held.reason) == ("held", "duplicate-key")
    assert [warned.count for warned in held.warnings if warned.code == "possible-duplicate"] == [3]
    applied = use(database, people, held.delivery_id, confirm=True)
    assert (applied.outcome, applied.counts["pupils"]["new"]) == ("applied", 0)
    assert pupil_with_key(database, "K1") == people.sem


def test_a_twin_is_a_child_of_its_own(database: Database, people: People) -> None:
    bring_everybody(database, people)
    twin = {**SEM, "key": "K9", "roepnaam": "Fem"}
    applied = bring(database, people, edexml(*EVERYBODY, twin, on="2026-11-02"))
    assert (applied.outcome, applied.counts["pupils"]["new"]) == ("applied", 1)
    assert pupil_with_key(database, "K9") != people.sem


def test_the_same_content_in_another_file_changes_nothing_but_when_it_was_seen(
    database: Database, people: People, clock: FrozenClock
) -> None:
    bring_everybody(database, people)
    before = item(database, people.sem, "pupil.call_name")
    changes = rows(database, select(ItemChange.id))
    clock.advance(timedelta(days=1))
    applied = bring(database, people, edexml(on="2026-11-02"))
    assert applied.counts["pupils"] == {**NOTHING, "unchanged": 3}
    assert sum(applied.counts["items"].values()) == applied.counts["items"]["unchanged"]
    after = item(database, people.sem, "pupil.call_name")
    assert after.seen_at == before.seen_at + timedelta(days=1)
    assert after.changed_at == before.changed_at
    assert rows(database, select(ItemChange.id)) == changes


def test_a_new_name_is_a_change_with_one_line_of_history(database: Database, people: People) -> None:
    bring_everybody(database, people)
    before = len(rows(database, select(ItemChange.id)))
    applied = bring(database, people, edexml({**SEM, "roepnaam": "Samuel"}, LOT, ASHA, on="2026-11-02"))
    assert applied.counts["pupils"] == {**NOTHING, "changed": 1, "unchanged": 2}
    assert applied.counts["items"]["changed"] == 1
    assert pupil(database, people.sem).call_name == "Samuel"
    assert item(database, people.sem, "pupil.call_name").value == "Samuel"
    assert len(rows(database, select(ItemChange.id))) == before + 1


def test_a_prefix_that_the_format_cut_off_is_no_change(database: Database, people: People) -> None:
    bring_everybody(database, people)
    fleur = {**LOT, "key": "K9", "roepnaam": "Fleur", "achternaam": "Berg", "voorvoegsel": "van der van"}
    bring(database, people, edexml(*EVERYBODY, fleur, on="2026-11-02"))
    cut = edexml(*EVERYBODY, {**fleur, "voorvoegsel": "van der va"}, on="2026-11-03")
    assert bring(database, people, cut).counts["pupils"] == {**NOTHING, "unchanged": 4}
    assert pupil(database, pupil_with_key(database, "K9")).prefix == "van der van"


def test_who_is_not_in_a_complete_file_is_marked_and_stays(
    database: Database, people: People, clock: FrozenClock
) -> None:
    bring_everybody(database, people)
    clock.advance(timedelta(days=1))
    applied = bring(database, people, edexml(SEM, LOT, on="2026-11-02"))
    assert applied.counts["pupils"] == {**NOTHING, "missing": 1, "unchanged": 2}
    missing = pupil(database, people.asha)
    assert (missing.missing_since, missing.enrolment) == (clock.now(), Enrolment.ENROLLED)
    assert item(database, people.asha, "pupil.surname").presence is Presence.MISSING
    back = bring(database, people, edexml(on="2026-11-03"))
    assert back.counts["pupils"]["changed"] == 1
    assert pupil(database, people.asha).missing_since is None
    assert item(database, people.asha, "pupil.surname").presence is Presence.CURRENT


def test_a_value_that_is_gone_has_lapsed_and_is_kept(database: Database, people: People) -> None:
    bring(database, people, edexml({**SEM, "emailadres": "sem@school.example"}, LOT, ASHA), confirm=True)
    applied = bring(database, people, edexml(on="2026-11-02"))
    assert applied.counts["items"]["missing"] == 1
    lapsed = item(database, people.sem, "pupil.email")
    assert (lapsed.presence, lapsed.value) == (Presence.LAPSED, "sem@school.example")
    religion = item(database, people.asha, "pupil.religion")
    assert religion.presence is Presence.CURRENT, "EDEXML cannot carry it, so its absence says nothing"


def test_a_leaver_leaves_on_the_day_that_the_file_says(database: Database, people: People) -> None:
    bring_everybody(database, people)
    applied = bring(database, people, edexml(SEM, LOT, {**ASHA, "uitstroomdatum": "2026-10-30"}, on="2026-11-02"))
    assert applied.counts["pupils"] == {**NOTHING, "left": 1, "unchanged": 2}
    gone = pupil(database, people.asha)
    assert (gone.enrolment, gone.left_on) == (Enrolment.LEFT, date(2026, 10, 30))
    seats = rows(database, select(Placement.ends_on).where(Placement.pupil_id == people.asha))
    assert all(seat.ends_on is not None for seat in seats)


def test_a_child_whose_first_day_is_still_to_come_has_only_applied(database: Database, people: People) -> None:
    bring_everybody(database, people)
    new = {**SEM, "key": "K8", "roepnaam": "Bo", "achternaam": "Later", "instroomdatum": "2027-01-11"}
    bring(database, people, edexml(*EVERYBODY, new, on="2026-11-02"))
    found = pupil(database, pupil_with_key(database, "K8"))
    assert found.enrolment is Enrolment.APPLIED
    assert rows(database, select(Placement.id).where(Placement.pupil_id == found.id)) == []


def test_a_move_to_another_group_has_dates(database: Database, people: People) -> None:
    bring_everybody(database, people)
    bring(database, people, edexml({**SEM, "groep": "G2"}, LOT, ASHA, on="2026-11-10"))
    seats = rows(
        database,
        select(Placement.group_id, Placement.starts_on, Placement.ends_on)
        .where(Placement.pupil_id == people.sem)
        .order_by(Placement.starts_on),
    )
    assert [tuple(seat) for seat in seats] == [
        (people.group5, date(2026, 8, 1), date(2026, 11, 10)),
        (people.group2, date(2026, 11, 10), None),
    ]


def test_a_group_that_is_renamed_stays_the_same_group(database: Database, people: People) -> None:
    bring_everybody(database, people)
    groups = ({"key": "G2", "naam": "2", "jaargroep": "2"}, {"key": "G5", "naam": "De Otters", "jaargroep": "5"})
    applied = bring(database, people, edexml(on="2026-11-02", groups=groups))
    assert applied.counts["groups"] == {**NOTHING, "changed": 1, "unchanged": 1}
    assert one(database, select(Group.name).where(Group.id == people.group5)).name == "De Otters"
    assert (
        one(database, select(func.count()).where(Placement.pupil_id == people.sem, Placement.ends_on.is_(None)))[0] == 1
    )


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


def test_an_eck_id_recognises_a_child_whose_key_is_new(database: Database, people: People) -> None:
    eck = f"https://ketenid.nl/202001/{'c' * 128}"
    bring(database, people, edexml({**SEM, "eckid": eck}, LOT, ASHA), confirm=True)
    applied = bring(database, people, edexml({**SEM, "key": "N1", "eckid": eck}, LOT, ASHA, on="2026-11-02"))
    assert (applied.outcome, applied.counts["pupils"]["new"]) == ("applied", 0)
    assert pupil_with_key(database, "N1") == people.sem


def test_other_columns_than_last_time_wait_for_a_person(database: Database, people: People) -> None:
    columns = ("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum")
    row = {"Leerlingnummer": "L1", "Roepnaam": "Jip", "Achternaam": "Smid", "Geboortedatum": "01-02-2017"}
    assert bring(database, people, write_list(columns, [row]), name="a.csv").outcome == "applied"
    more = write_list((*columns, "Geloof"), [{**row, "Geloof": "geen"}])
    held = bring(database, people, more, name="b.csv")
    assert (held.outcome, held.reason) == ("held", "columns-changed")


def test_a_list_beside_the_export_says_nothing_of_groups_and_leaving(database: Database, people: People) -> None:
    bring_everybody(database, people)
    bring(database, people, edexml(SEM, LOT, {**ASHA, "uitstroomdatum": "2026-10-30"}, on="2026-11-02"))
    listed = write_list(
        ("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum", "Groep", "Geloof"),
        [
            {
                "Leerlingnummer": "K3",
                "Roepnaam": "Asha",
                "Achternaam": "Sharma",
                "Geboortedatum": "12-01-2017",
                "Groep": "8",
                "Geloof": "geen",
            }
        ],
    )
    applied = bring(database, people, listed, name="lijst.csv")
    assert (applied.outcome, applied.counts["pupils"]["missing"]) == ("applied", 0)
    assert pupil(database, people.asha).enrolment is Enrolment.LEFT
    assert rows(database, select(Group.id).where(Group.name == "8")) == []


def test_two_sources_that_differ_stand_side_by_side(database: Database, people: People) -> None:
    bring_everybody(database, people)
    listed = write_list(
        ("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum"),
        [{"Leerlingnummer": "K1", "Roepnaam": "Semmie", "Achternaam": "Bakker", "Geboortedatum": "27-03-2017"}],
    )
    applied = bring(database, people, listed, name="lijst.csv")
    assert "sources-differ" in {warned.code for warned in applied.warnings}
    both = rows(
        database,
        select(Item.value)
        .where(Item.person_id == people.sem, Item.field_code == "pupil.call_name")
        .order_by(Item.ordinal),
    )
    assert [row.value for row in both] == ["Sem", "Semmie"]
    assert pupil(database, people.sem).call_name == "Sem", "the administration's own export goes first"


def test_unknown_fields_are_counted_and_their_values_not_kept(database: Database, people: People) -> None:
    listed = write_list(
        ("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum", "Lievelingsdier"),
        [
            {
                "Leerlingnummer": "L1",
                "Roepnaam": "Jip",
                "Achternaam": "Smid",
                "Geboortedatum": "01-02-2017",
                "Lievelingsdier": "axolotl",
            }
        ],
    )
    bring(database, people, listed, name="lijst.csv")
    found = one(database, select(UnknownField.path, UnknownField.count))
    assert tuple(found) == ("kolom/Lievelingsdier", 1)
    assert rows(database, select(Item.id).where(Item.value == "axolotl")) == []


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


def test_the_content_is_sealed_and_forgotten_after_two_weeks(
    database: Database, people: People, clock: FrozenClock
) -> None:
    report = bring_everybody(database, people)
    kept = one(database, select(Delivery.content, Delivery.sha256).where(Delivery.id == report.delivery_id))
    assert b"Bakker" not in kept.content
    clock.advance(timedelta(days=13))
    assert database.write(imports.drop_old_contents) == 0
    clock.advance(timedelta(days=2))
    assert database.write(imports.drop_old_contents) == 1
    after = one(database, select(Delivery.content, Delivery.sha256).where(Delivery.id == report.delivery_id))
    assert (after.content, after.sha256) == (None, kept.sha256)


def test_only_the_administration_of_the_school_brings_files(database: Database, people: People) -> None:
    parsed = imports.parse(edexml(), "export.xml")
    for who in ("ilse", "hanna", "noor", "hugo"):
        by = visitor(database, people, who)
        with pytest.raises(NotFound):
            database.write(lambda s, by=by: imports.receive(s, people.regenboog, parsed, by=by))
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
