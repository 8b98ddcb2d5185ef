"""What an export of a school system does to a school: compared field by field, and never a deletion."""

from datetime import date, timedelta

from sqlalchemy import func, select

from parentportal.db import Database
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.imports import UnknownField
from parentportal.models.items import Item, ItemChange, Presence
from parentportal.models.people import Enrolment, Pupil
from parentportal.outside import vault
from parentportal.outside.clock import FrozenClock
from parentportal.sources.writing import write_list
from tests.deliveries import (
    ASHA,
    DATA,
    EVERYBODY,
    LOT,
    NOTHING,
    SEM,
    bring,
    bring_everybody,
    deliver,
    edexml,
    item,
    one,
    pupil,
    pupil_with_key,
    rows,
    school_with,
)
from tests.people import People


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


def test_an_eck_id_recognises_a_child_whose_key_is_new(database: Database, people: People) -> None:
    eck = f"https://ketenid.nl/202001/{'c' * 128}"
    bring(database, people, edexml({**SEM, "eckid": eck}, LOT, ASHA), confirm=True)
    applied = bring(database, people, edexml({**SEM, "key": "N1", "eckid": eck}, LOT, ASHA, on="2026-11-02"))
    assert (applied.outcome, applied.counts["pupils"]["new"]) == ("applied", 0)
    assert pupil_with_key(database, "N1") == people.sem


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
