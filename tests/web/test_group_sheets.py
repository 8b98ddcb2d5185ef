"""Mag dit?: what Ilse sees of her own group at this moment, and what nobody sees."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.groups import Placement, TeacherAssignment
from parentportal.models.people import Enrolment, Pupil
from parentportal.outside.clock import FrozenClock
from parentportal.reads import group_sheets
from parentportal.rules.errors import NotFound
from tests.consents import NO, WEB_PHOTO, YES, School, statements
from tests.people import People
from tests.visit import Visit

Open = Callable[..., Visit]


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def names_url(school: School, code: str = WEB_PHOTO) -> str:
    return f"/werk/mag-dit/{school.people.group5}/{school.item(code)}"


def big_names(visit: Visit, school: School, code: str = WEB_PHOTO) -> list[str]:
    """The names that stand first and large: who may not."""
    page = visit.get(names_url(school, code))
    return [name.get_text(strip=True) for name in page.main.select("section .names li")]


def add_pupils(school: School, count: int, *, call_name: str = "Kind", surname: str = "Jansen") -> list[UUID]:
    def work(session: Session) -> list[UUID]:
        made = []
        for number in range(count):
            pupil = Pupil(
                board_id=school.people.waterlijn,
                school_id=school.people.regenboog,
                call_name=f"{call_name}{number or ''}",
                surname=surname,
                birth_date=date(2017, 1, 1),
                created_at=school.clock.now(),
            )
            session.add(pupil)
            session.flush()
            session.add(
                Placement(
                    board_id=school.people.waterlijn,
                    pupil_id=pupil.id,
                    group_id=school.people.group5,
                    starts_on=date(2026, 8, 1),
                )
            )
            old = session.get_one(Authority, school.people.ravi_of_asha)
            session.add(
                Authority(
                    board_id=old.board_id,
                    pupil_id=pupil.id,
                    adult_id=old.adult_id,
                    kind=old.kind,
                    status=old.status,
                    evidence=old.evidence,
                    confirmed_at=old.confirmed_at,
                    confirmed_by_id=old.confirmed_by_id,
                    created_at=old.created_at,
                )
            )
            made.append(pupil.id)
        return made

    return school.database.write(work)


def test_who_has_not_chosen_stands_with_who_may_not(school: School, visit_as: Open) -> None:
    ilse = visit_as("ilse")
    assert big_names(ilse, school) == ["Asha S.", "Sem B."]
    school.says("noor", "sem", {WEB_PHOTO: YES})
    assert big_names(ilse, school) == ["Asha S."]
    assert ilse.page is not None
    assert ilse.page.says("1 van 2 niet")
    assert ilse.page.says("Stand van 10:00")
    assert [n.get_text(strip=True) for n in ilse.page.main.select("details .names li")] == ["Sem B."]


def test_a_withdrawal_shows_at_the_next_tap(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    ilse = visit_as("ilse")
    assert big_names(ilse, school) == []
    assert ilse.page is not None
    assert ilse.page.says("Iedereen mag")
    school.clock.advance(timedelta(minutes=1))
    school.says("daan", "sem", {WEB_PHOTO: NO})
    assert big_names(ilse, school) == ["Sem B."]
    assert ilse.page.says("Stand van 10:01")


def test_the_teacher_sees_no_reason_and_nobody_behind_it(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO})
    ilse = visit_as("ilse")
    page = ilse.raw("GET", names_url(school)).get_data(as_text=True)
    disagree = page.replace("/beveiliging/sessie", "")  # an address of the frame, on every page
    for canary in ("Noor", "Daan", "Bakker", "Sharma", "ouder of verzorger", "bezwaar", "veilig", "anders"):
        assert canary not in disagree, canary
    assert big_names(ilse, school) == ["Asha S.", "Sem B."]
    assert ilse.page is not None
    shapes = {re.sub("Asha S.|Sem B.", "", str(item)) for item in ilse.page.main.select("section .names li")}
    assert len(shapes) == 1


def test_ilse_gets_to_the_names_in_two_taps(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    ilse = visit_as("ilse")
    page = ilse.get("/werk/mag-dit")
    assert page.answer.request.path == f"/werk/mag-dit/{school.people.group5}"
    assert page.says("1 van 2 niet")
    assert ilse.get(page.links()["Website: foto’s"]).h1 == "Website: foto’s"


def test_a_teacher_sees_own_groups_of_today_only(school: School, visit_as: Open) -> None:
    item = school.item(WEB_PHOTO)
    group = school.people.group5
    paths = (f"/werk/mag-dit/{group}", f"/werk/mag-dit/{group}/{item}", f"/werk/mag-dit/{group}/print")
    missing = visit_as("bas").raw("GET", f"/werk/mag-dit/{uuid4()}")
    for path in paths:
        for name in ("bas", "mirjam", "noor", "hugo", "petra"):
            answer = visit_as(name).raw("GET", path)
            assert answer.status_code == missing.status_code == 404, (name, path)
    school.database.write(
        lambda session: (
            session.execute(
                update(TeacherAssignment)
                .where(TeacherAssignment.adult_id == school.people.ilse)
                .values(ends_on=date(2026, 11, 17))
            ).rowcount
        )
    )
    ilse = visit_as("ilse")
    assert {ilse.raw("GET", path).status_code for path in paths} == {404}
    assert ilse.get("/werk/mag-dit").says("U heeft nu geen groep")


def test_hanna_sees_every_group_of_her_school_and_no_other(school: School, visit_as: Open) -> None:
    page = visit_as("hanna").get("/werk/mag-dit")
    assert [link for link in page.links() if link.startswith("Groep ")] == ["Groep 2", "Groep 5"]
    assert visit_as("hanna").raw("GET", f"/werk/mag-dit/{school.people.kompas4}").status_code == 404


def test_an_unknown_purpose_or_one_about_adults_is_not_there(school: School, visit_as: Open) -> None:
    ilse = visit_as("ilse")
    for item in (uuid4(), school.item("KL-TEL")):
        assert ilse.raw("GET", f"/werk/mag-dit/{school.people.group5}/{item}").status_code == 404


def test_children_who_left_or_go_elsewhere_are_not_on_the_sheet(school: School, visit_as: Open) -> None:
    first, second, third = add_pupils(school, 3, call_name="Vertrokken")
    school.database.write(
        lambda session: (
            session.execute(update(Pupil).where(Pupil.id == first).values(enrolment=Enrolment.LEFT)).rowcount,
            session.execute(
                update(Placement).where(Placement.pupil_id == second).values(ends_on=date(2026, 11, 17))
            ).rowcount,
            session.execute(
                update(Placement).where(Placement.pupil_id == third).values(starts_on=date(2026, 11, 18))
            ).rowcount,
        )
    )
    assert big_names(visit_as("ilse"), school) == ["Asha S.", "Sem B."]


def test_two_children_with_one_short_name_are_told_apart(school: School, visit_as: Open) -> None:
    add_pupils(school, 1, call_name="Sem", surname="Boot")
    assert big_names(visit_as("ilse"), school) == ["Asha S.", "Sem Bakker", "Sem Boot"]


def test_a_safety_flag_reads_as_no_and_nothing_else(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {"KL-NAAM": YES})
    ilse = visit_as("ilse")
    assert big_names(ilse, school, "KL-NAAM") == ["Asha S."]
    school.database.write(
        lambda session: (
            session.execute(
                update(Authority)
                .where(Authority.id == school.people.daan_of_sem)
                .values(secret_address=True, flagged_at=school.clock.now(), flagged_by_id=school.people.petra)
            ).rowcount
        )
    )
    assert big_names(ilse, school, "KL-NAAM") == ["Asha S.", "Sem B."]


def test_the_printed_sheet_says_yes_and_no_in_words(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES, "KL-NAAM": NO})
    page = visit_as("ilse").get(f"/werk/mag-dit/{school.people.group5}/print")
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in page.main.select("tbody tr")]
    assert [row[0] for row in rows] == ["Asha S.", "Sem B."]
    assert {len(row) for row in rows} == {13}
    assert rows[1][1] == "✓ JA"
    assert set(rows[0][1:]) == {"✗ NEE"}
    assert rows[1][2:] == ["✗ NEE"] * 11
    heads = page.main.select("thead tr")
    spans = sum(int(str(cell.get("colspan", 1))) for cell in heads[0].select("th"))
    assert spans == 1 + len(heads[1].select("th")) == 13
    for words in ("Geldig tot het einde van dinsdag 17 november 2026.", "Vernietig oude lijsten.", "Ilse Vermeer"):
        assert page.says(words)


def test_a_sheet_costs_the_same_for_two_pupils_as_for_thirty(
    school: School, visit_as: Open, database: Database
) -> None:
    ilse = visit_as("ilse")
    group = school.people.group5
    paths = (names_url(school), f"/werk/mag-dit/{group}", f"/werk/mag-dit/{group}/print")
    for path in paths:
        ilse.get(path)
    few = [statements(database, ilse, path) for path in paths]
    add_pupils(school, 28)
    many = [statements(database, ilse, path) for path in paths]
    assert ilse.get(names_url(school)).says("30 van 30 niet")
    assert few == many
    assert max(many) <= 5


def test_the_list_for_other_systems_opens_in_a_spreadsheet_and_leaves_a_trace(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES, "KL-TEL": YES})
    school.says("daan", "sem", {"KL-TEL": NO})
    add_pupils(school, 1, call_name="=1+1", surname="Formule")
    petra = visit_as("petra")
    petra.get("/werk/toestemmingen")
    answer = petra.hand_in({}, form=f"{school.people.group5}/download")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert re.search(r"filename=toestemmingen-groep-5-2026-11-17\.csv", answer.headers["Content-Disposition"])
    raw = answer.get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert [row["Leerling"] for row in rows] == ["'=1+1 Formule", "Asha Sharma", "Sem Bakker"]
    assert rows[2]["De website van de school: foto’s"] == "JA"
    assert rows[1]["De website van de school: foto’s"] == "NEE"
    assert rows[2]["Klassenlijst: uw telefoonnummer"] == "JA: Noor de Wit"
    with school.database.read() as session:
        trace = session.scalars(select(AuditEvent).where(AuditEvent.event == "consent:exported")).one()
    assert (trace.about_id, trace.by_id, trace.detail) == (school.people.group5, school.people.petra, {"pupils": 3})


def test_only_the_office_of_the_school_takes_lists_along(school: School, visit_as: Open) -> None:
    for name in ("ilse", "noor", "hugo"):
        assert visit_as(name).raw("GET", "/werk/toestemmingen").status_code == 404
    with pytest.raises(NotFound), school.database.read() as session:
        group_sheets.get_export(session, school.people.kompas4, by=school.visitor("petra"))
    with pytest.raises(NotFound), school.database.read() as session:
        group_sheets.get_export(session, school.people.group5, by=school.visitor("ilse"))
