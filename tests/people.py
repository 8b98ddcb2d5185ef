"""The cast: two boards, three schools, a few families and the people who work there; the same in every test."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.groups import Group, GroupKind, Placement, TeacherAssignment
from parentportal.models.imports import Source
from parentportal.models.items import Item, Origin, PersonKind
from parentportal.models.people import Adult, Pupil, StaffRole
from parentportal.outside import clock, vault
from parentportal.rules.authority import Evidence, Mark, Relation, Status
from parentportal.rules.roles import Role
from parentportal.rules.terms import school_year_of
from parentportal.services import boards

HERE = Path(__file__).parent
WATERLIJN = (HERE.parent / "parentportal" / "demo" / "waterlijn.toml").read_text(encoding="utf-8")
ZILVERDUIN = (HERE / "data" / "zilverduin.toml").read_text(encoding="utf-8")

SPECIAL = frozenset({"pupil.medical", "pupil.religion", "pupil.bsn"})
"""Fields of the cast that the catalogue seals."""


ROLES_OF: dict[str, tuple[Role, str | None]] = {
    "noor": (Role.GUARDIAN, "regenboog"),
    "daan": (Role.GUARDIAN, "regenboog"),
    "ravi": (Role.GUARDIAN, "regenboog"),
    "olga": (Role.GUARDIAN, "zandloper"),
    "ilse": (Role.TEACHER, "regenboog"),
    "bas": (Role.TEACHER, "regenboog"),
    "hanna": (Role.DIRECTOR, "regenboog"),
    "petra": (Role.ADMINISTRATION, "regenboog"),
    "hugo": (Role.OFFICER, None),
    "mirjam": (Role.DIRECTOR, "kompas"),
}
"""In which role, and at which school, somebody is signed in unless a test says otherwise."""


@dataclass(frozen=True, slots=True)
class People:
    """Ids of everybody and everything, by first name.

    Noor and Daan share authority over Sem (group 5) and live apart; Noor alone has authority over Lot (group 2).
    Ravi is the only guardian of Asha (group 5). Ilse teaches group 5, Bas group 2; Hanna is director, Petra
    administration, Hugo officer of the board. Mirjam is director of Het Kompas, where Tess goes. Olga and her child
    Fien belong to another board.
    """

    waterlijn: UUID
    zilverduin: UUID
    regenboog: UUID
    kompas: UUID
    zandloper: UUID
    group5: UUID
    group2: UUID
    kompas4: UUID
    sem: UUID
    lot: UUID
    asha: UUID
    tess: UUID
    fien: UUID
    noor: UUID
    daan: UUID
    ravi: UUID
    olga: UUID
    ilse: UUID
    bas: UUID
    hanna: UUID
    petra: UUID
    hugo: UUID
    mirjam: UUID
    noor_of_sem: UUID
    daan_of_sem: UUID
    noor_of_lot: UUID
    ravi_of_asha: UUID


class Settler:
    """Writes rows of one board; every value is given, so a test reads what it needs."""

    def __init__(self, session: Session, board_id: UUID) -> None:
        self.session = session
        self.board_id = board_id
        self.now = clock.now(session)
        self.source: dict[UUID, UUID] = {}

    def school(self, name: str) -> UUID:
        school_id = self.session.scalar(select(School.id).where(School.board_id == self.board_id, School.name == name))
        assert school_id is not None
        school = self.session.get(School, school_id)
        assert school is not None
        school.address, school.phone, school.email = (
            "Kade 2, 1234 AC Zomerdijk",
            "0123-111222",
            "school@waterlijn.example",
        )
        source = Source(
            id=new_id(),
            board_id=self.board_id,
            school_id=school_id,
            kind="edexml",
            system_name="parnassys",
            created_at=self.now,
        )
        self.session.add(source)
        self.session.flush()
        self.source[school_id] = source.id
        return school_id

    def group(self, school_id: UUID, name: str, year_group: str) -> UUID:
        group = Group(
            id=new_id(),
            board_id=self.board_id,
            school_id=school_id,
            school_year=school_year_of(clock.amsterdam_date(self.now)),
            kind=GroupKind.HOME,
            name=name,
            year_group=year_group,
            created_at=self.now,
        )
        self.session.add(group)
        self.session.flush()
        return group.id

    def pupil(
        self, school_id: UUID, group_id: UUID, call_name: str, prefix: str, surname: str, born: date, **items: str
    ) -> UUID:
        pupil = Pupil(
            id=new_id(),
            board_id=self.board_id,
            school_id=school_id,
            call_name=call_name,
            prefix=prefix,
            surname=surname,
            birth_date=born,
            enrolled_on=date(2022, 8, 1),
            created_at=self.now,
        )
        self.session.add(pupil)
        self.session.flush()
        self.session.add(
            Placement(
                id=new_id(),
                board_id=self.board_id,
                pupil_id=pupil.id,
                group_id=group_id,
                starts_on=date(2026, 8, 1),
            )
        )
        values = {
            "pupil.call_name": call_name,
            "pupil.prefix": prefix,
            "pupil.surname": surname,
            "pupil.birth_date": born.isoformat(),
            **{f"pupil.{code}".replace("__", "."): value for code, value in items.items()},
        }
        for code, value in values.items():
            if value:
                self.item(pupil.id, PersonKind.PUPIL, code, value, school_id)
        return pupil.id

    def adult(
        self, first_name: str, prefix: str, surname: str, email: str, phone: str, school_id: UUID, **items: str
    ) -> UUID:
        adult = Adult(
            id=new_id(),
            board_id=self.board_id,
            first_name=first_name,
            prefix=prefix,
            surname=surname,
            email=email,
            phone=phone,
            created_at=self.now,
        )
        self.session.add(adult)
        self.session.flush()
        values = {
            "guardian.first_name": first_name,
            "guardian.prefix": prefix,
            "guardian.surname": surname,
            "guardian.email": email,
            "guardian.phone": phone,
            **{f"guardian.{code}".replace("__", "."): value for code, value in items.items()},
        }
        for code, value in values.items():
            if value:
                self.item(adult.id, PersonKind.ADULT, code, value, school_id)
        return adult.id

    def item(self, person_id: UUID, kind: PersonKind, code: str, value: str, school_id: UUID) -> UUID:
        keeper = vault.of(self.session)
        item_id = new_id()
        sealed = code in SPECIAL
        self.session.add(
            Item(
                board_id=self.board_id,
                person_id=person_id,
                id=item_id,
                person_kind=kind,
                field_code=code,
                value=None if sealed else value,
                sealed=keeper.seal(value, table="item", row=item_id, column="sealed") if sealed else None,
                digest=keeper.digest(value, "item"),
                origin=Origin.PARENT,
                source_id=self.source[school_id],
                system_name="parnassys",
                registered_at=self.now,
                changed_at=self.now,
                seen_at=self.now,
            )
        )
        self.session.flush()
        return item_id

    def authority(self, pupil_id: UUID, adult_id: UUID, kind: Relation) -> UUID:
        authority = Authority(
            id=new_id(),
            board_id=self.board_id,
            pupil_id=pupil_id,
            adult_id=adult_id,
            kind=kind,
            declared=Mark.YES,
            status=Status.CONFIRMED,
            valid_from=date(2026, 8, 1),
            evidence=Evidence.ENROLMENT if kind is not Relation.SOLE else Evidence.REGISTER,
            confirmed_at=self.now,
            confirmed_by_id=new_id(),
            created_at=self.now,
        )
        self.session.add(authority)
        self.session.flush()
        return authority.id

    def staff(self, first_name: str, surname: str, role: Role, school_id: UUID | None) -> UUID:
        adult = Adult(
            id=new_id(),
            board_id=self.board_id,
            first_name=first_name,
            surname=surname,
            email=f"{first_name.lower()}@waterlijn.example",
            created_at=self.now,
        )
        self.session.add(adult)
        self.session.flush()
        self.session.add(
            StaffRole(
                id=new_id(),
                board_id=self.board_id,
                adult_id=adult.id,
                school_id=school_id,
                role=role,
                granted_at=self.now,
            )
        )
        self.session.flush()
        return adult.id

    def teaches(self, adult_id: UUID, group_id: UUID) -> None:
        self.session.add(
            TeacherAssignment(
                id=new_id(),
                board_id=self.board_id,
                adult_id=adult_id,
                group_id=group_id,
                starts_on=date(2026, 8, 1),
                assigned_at=self.now,
            )
        )
        self.session.flush()


def settle(session: Session) -> People:
    """Write the whole cast; run it in one write unit."""
    here = Settler(session, boards.load(session, WATERLIJN, by=OPERATOR).board_id)
    there = Settler(session, boards.load(session, ZILVERDUIN, by=OPERATOR).board_id)
    regenboog, kompas, zandloper = here.school("De Regenboog"), here.school("Het Kompas"), there.school("De Zandloper")
    group5, group2 = here.group(regenboog, "5", "5"), here.group(regenboog, "2", "2")
    kompas4, zandloper3 = here.group(kompas, "4", "4"), there.group(zandloper, "3", "3")
    address = {"address__street": "Dijkweg", "address__house_number": "12", "address__postcode": "1234AB"}
    noor = here.adult(
        "Noor", "de", "Wit", "noor@post.example", "+31612345601", regenboog, **address, address__place="Zomerdijk"
    )
    daan = here.adult(
        "Daan",
        "",
        "Bakker",
        "daan@post.example",
        "+31612345602",
        regenboog,
        address__street="Geheimlaan",
        address__house_number="7",
        address__postcode="1234ZX",
        address__place="Winterveen",
    )
    ravi = here.adult("Ravi", "", "Sharma", "ravi@post.example", "+31612345603", regenboog)
    olga = there.adult("Olga", "", "Smit", "olga@post.example", "+31612345604", zandloper)
    sem = here.pupil(
        regenboog,
        group5,
        "Sem",
        "",
        "Bakker",
        date(2017, 3, 27),
        **address,
        address__place="Zomerdijk",
        nationality="Nederlandse",
        medical="Astma, gebruikt een pufje",
        phone="+31123456789",
        birth_place="Zomerdijk",
    )
    lot = here.pupil(regenboog, group2, "Lot", "de", "Wit", date(2020, 5, 9), **address, address__place="Zomerdijk")
    asha = here.pupil(regenboog, group5, "Asha", "", "Sharma", date(2017, 1, 12), religion="Hindoe")
    tess = here.pupil(kompas, kompas4, "Tess", "", "Jansen", date(2018, 6, 1))
    fien = there.pupil(zandloper, zandloper3, "Fien", "", "Smit", date(2019, 2, 2))
    people = People(
        waterlijn=here.board_id,
        zilverduin=there.board_id,
        regenboog=regenboog,
        kompas=kompas,
        zandloper=zandloper,
        group5=group5,
        group2=group2,
        kompas4=kompas4,
        sem=sem,
        lot=lot,
        asha=asha,
        tess=tess,
        fien=fien,
        noor=noor,
        daan=daan,
        ravi=ravi,
        olga=olga,
        ilse=here.staff("Ilse", "Vermeer", Role.TEACHER, regenboog),
        bas=here.staff("Bas", "Molenaar", Role.TEACHER, regenboog),
        hanna=here.staff("Hanna", "Prins", Role.DIRECTOR, regenboog),
        petra=here.staff("Petra", "Schouten", Role.ADMINISTRATION, regenboog),
        hugo=here.staff("Hugo", "Maas", Role.OFFICER, None),
        mirjam=here.staff("Mirjam", "Kok", Role.DIRECTOR, kompas),
        noor_of_sem=here.authority(sem, noor, Relation.JOINT_SEPARATED),
        daan_of_sem=here.authority(sem, daan, Relation.JOINT_SEPARATED),
        noor_of_lot=here.authority(lot, noor, Relation.SOLE),
        ravi_of_asha=here.authority(asha, ravi, Relation.SOLE),
    )
    there.authority(fien, olga, Relation.SOLE)
    here.teaches(people.ilse, group5)
    here.teaches(people.bas, group2)
    return people
