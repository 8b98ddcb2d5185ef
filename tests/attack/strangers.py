"""Who tries the doors: one of each role and each kind of stranger, with what is theirs and what is foreign to them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from parentportal.rules.authority import Relation
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import BOARD_WIDE, Role
from parentportal.rules.step_ups import Act
from parentportal.services import privacy_requests
from tests.attack.belongings import (
    Family,
    Staff,
    Things,
    as_objects,
    end_authority,
    enter,
    group_of,
    hire,
    line_of,
    move_in,
    private_things,
    school_things,
    settler,
)
from tests.attack.keeping import Change
from tests.attack.portal import Portal
from tests.house.objects import Objects, gather
from tests.house.test_routes import OF_NOOR_ALONE
from tests.people import ROLES_OF
from tests.services.story import item_id
from tests.sessions import open_session
from tests.visit import Visit

OF_SEM = r"\b(Noor|Daan|Sem|Geheimlaan|Winterveen|pufje)\b"
OF_ASHA = r"\b(Asha|Ravi|Sharma|Hindoe|Heldermeer)\b"
OF_TESS = r"\b(Tess|Tanja|Jansen|Verlorenoord)\b"
OF_FIEN = r"\b(Fien|Olga|Smit|Stillewerf)\b"
STILL_OPEN = ("/mijn/", "/mijn/eigen-gegevens", "/mijn/verzoeken", "/mijn/toestemming", "/beveiliging/")
"""What somebody keeps whose only authority ended: the own data, without a word of the child."""
KEYS = frozenset({"passkey_id", "app_id", "session_id"})
"""Places of what opens an account: foreign to everybody but its owner."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Somebody else's: a thing for each of `places`, whose rows may not change, and the words that nobody may read."""

    objects: Objects
    places: frozenset[str]
    owners: tuple[UUID, ...] = ()
    words: str = r"(?!)"
    form_key: UUID | None = None

    def but(self, **changes: object) -> "Foreign":
        """The same things, for somebody to whom another part of them is foreign."""
        return replace(self, **changes)  # type: ignore[arg-type]  # the caller names fields


@dataclass(frozen=True, slots=True)
class Attacker:
    """Somebody in a role (none: not signed in), with one's own things, and what is foreign, the nearest first.

    `keeps` are pages that stay open after a right ended, without a word of what it opened. `tells` are those who get
    a mail when this person chooses something for a common child.
    """

    name: str
    adult: UUID | None
    role: Role | None
    school: UUID | None
    own: Objects
    foreign: tuple[Foreign, ...]
    keeps: tuple[str, ...] = ()
    tells: frozenset[UUID] = frozenset()

    @property
    def words(self) -> re.Pattern[str]:
        return re.compile("|".join(one.words for one in self.foreign))

    @property
    def owners(self) -> frozenset[UUID]:
        return frozenset(owner for one in self.foreign for owner in one.owners)

    def may_tell(self, change: Change) -> bool:
        """Whether it is only a mail that there is news, to the other parent of the same child."""
        is_mail = change.table.name == "outbox_mail" and change.was is None and change.now is not None
        return is_mail and change.now["template"] == "news" and change.now["adult_id"] in self.tells

    def come_in(self, portal: Portal) -> Visit:
        """A browser in which this person is signed in, with a second factor just shown for every act."""
        visit = portal.visit()
        if self.adult is None or self.role is None:
            return visit
        proved = tuple(Act)
        return visit.sign_in_as(
            open_session(portal.database, portal.clock, self.adult, self.role, self.school, proved=proved)
        )


class Town:
    """The cast with more people in it, and things of every kind; each is made when somebody first needs it."""

    def __init__(self, portal: Portal) -> None:
        self.portal, self.people = portal, portal.people
        self.regenboog = gather(portal.database, portal.clock, portal.people)

    @cached_property
    def noor(self) -> Foreign:
        """Noor with her children, whom De Regenboog has to do with."""
        people = self.people
        owners = (people.noor, people.daan, people.sem, people.lot)
        return Foreign(self.regenboog, self.regenboog.owned, owners, OF_SEM)

    @cached_property
    def daan(self) -> Foreign:
        """What the other parent of Sem chose, asked and received."""
        people = self.people
        things = private_things(self.portal, self._at_regenboog(people.daan, people.sem))
        return self._foreign(things, people.waterlijn, OF_NOOR_ALONE, (people.daan,), r"\b(Daan|Geheimlaan)\b")

    @cached_property
    def lot(self) -> Foreign:
        """Noor's other child, in group 2."""
        people = self.people
        family = self._at_regenboog(people.noor, people.lot, group=people.group2, canary="Stroomkant")
        things = private_things(self.portal, family)
        return self._foreign(things, people.waterlijn, None, (people.lot,), r"\b(Lot|Stroomkant)\b")

    @cached_property
    def asha(self) -> Foreign:
        """Another family of the same group."""
        people = self.people
        things = private_things(self.portal, self._at_regenboog(people.ravi, people.asha, canary="Heldermeer"))
        return self._foreign(things, people.waterlijn, None, (people.ravi, people.asha), OF_ASHA)

    @cached_property
    def tess(self) -> Foreign:
        """A family of another school of the board, and that school."""
        portal, people = self.portal, self.people
        family = Family(people.mirjam, people.tess, people.kompas4, people.kompas, people.waterlijn, "Verlorenoord")
        family = replace(family, adult=move_in(portal, family, "Tanja", "Jansen", Relation.SOLE))
        staff = self._staff(family, "Anke", "Teun", director=people.mirjam)
        things = private_things(portal, family) | school_things(portal, family, staff)
        owners = (family.adult, people.tess, people.kompas, people.kompas4, people.mirjam, staff.teacher)
        return self._foreign(things, people.waterlijn, None, owners, OF_TESS)

    @cached_property
    def fien(self) -> Foreign:
        """A family of another board, and that board."""
        portal, people = self.portal, self.people
        family = Family(
            people.olga, people.fien, group_of(portal, people.fien), people.zandloper, people.zilverduin, "Stillewerf"
        )
        staff = self._staff(family, "Arie", "Tine")
        things = private_things(portal, family) | school_things(portal, family, staff)
        owners = (people.olga, people.fien, people.zandloper, people.zilverduin, staff.director, staff.teacher)
        return self._foreign(things, people.zilverduin, None, owners, OF_FIEN)

    def former(self) -> tuple[UUID, Objects, Foreign]:
        """Erik, whose authority over Sem ended; what is his still, and what he chose and asked while it stood."""
        portal, people = self.portal, self.people
        family = self._at_regenboog(people.noor, people.sem)
        family = replace(family, adult=move_in(portal, family, "Erik", "Visser", Relation.LEGAL_GUARDIAN))
        once = private_things(portal, family)
        by, phone = (
            enter(portal, family.adult, Role.GUARDIAN, family.school),
            item_id(portal.database, family.adult, "guardian.phone"),
        )
        draft = portal.database.write(
            lambda s: privacy_requests.start(s, phone, Kind.RECTIFICATION, "0612345679", by=by)
        )
        end_authority(portal, family)
        own = once | {"item_id": phone, "request_id": draft, "case": draft, "line_id": line_of(portal, draft)}
        places = frozenset({"pupil_id", "item_id", "receipt_id", "request_id", "line_id"})
        foreign = self._foreign(once, people.waterlijn, places, (people.sem,), OF_SEM)
        return family.adult, as_objects(portal, people.waterlijn, own), foreign

    def _at_regenboog(self, adult: UUID, pupil: UUID, *, group: UUID | None = None, canary: str = "") -> Family:
        people = self.people
        return Family(adult, pupil, group or people.group5, people.regenboog, people.waterlijn, canary)

    def _staff(self, family: Family, administration: str, teacher: str, director: UUID | None = None) -> Staff:
        """Who works elsewhere, besides a director that the cast has."""
        portal, there = self.portal, (family.board, family.school)
        made = Staff(
            director or hire(portal, "Dora", "Elders", Role.DIRECTOR, *there),
            hire(portal, administration, "Elders", Role.ADMINISTRATION, *there),
            hire(portal, teacher, "Elders", Role.TEACHER, *there),
        )
        portal.database.write(lambda s: settler(s, family.board, family.school).teaches(made.teacher, family.group))
        return made

    def _foreign(
        self, things: Things, board: UUID, places: frozenset[str] | None, owners: tuple[UUID, ...], words: str
    ) -> Foreign:
        objects = as_objects(self.portal, board, things)
        key = things["form_key"]
        assert isinstance(key, UUID)
        return Foreign(objects, places or objects.owned, owners, words, key)


def _of_cast(town: Town, name: str, own: Objects, *foreign: Foreign) -> Attacker:
    role, school = ROLES_OF[name]
    place = getattr(town.people, school) if school else None
    return Attacker(name, getattr(town.people, name), role, place, own, foreign)


def _hired(town: Town, name: str, role: Role, *foreign: Foreign) -> Attacker:
    """Somebody more at work: at De Regenboog, or for its whole board."""
    school = None if role in BOARD_WIDE else town.people.regenboog
    adult = hire(town.portal, name.title(), "Werker", role, town.people.waterlijn, school)
    return Attacker(f"{name} ({role.value})", adult, role, school, town.regenboog, foreign)


def _erik(town: Town) -> Attacker:
    adult, own, once = town.former()
    keeps = (*STILL_OPEN, f"/mijn/verzoeken/{own['request_id']}")
    return Attacker("erik (authority ended)", adult, Role.GUARDIAN, None, own, (town.noor, once, town.fien), keeps)


def _bas(town: Town) -> Attacker:
    """Lot is in his group, so that he may have to do with Noor."""
    owners = (town.people.sem, town.people.daan)
    sem = town.noor.but(owners=owners, words=OF_SEM.replace("Noor|", ""))
    return _of_cast(town, "bas", town.lot.objects, sem, town.tess, town.fien)


def _daan(town: Town) -> Attacker:
    """He sees Sem as Noor does, but nothing that is hers."""
    owners = (town.people.noor, town.people.lot)
    hers = town.noor.but(places=OF_NOOR_ALONE, owners=owners, words=r"\b(Noor|Lot)\b")
    daan = _of_cast(town, "daan", town.daan.objects, hers, town.lot, town.fien)
    return replace(daan, tells=frozenset({town.people.noor}))


def _noor(town: Town) -> Attacker:
    noor = _of_cast(town, "noor", town.regenboog, town.daan, town.asha, town.fien)
    return replace(noor, tells=frozenset({town.people.daan}))


def _mirjam(town: Town) -> Attacker:
    whole_school = town.noor.but(owners=(*town.noor.owners, town.people.regenboog, town.people.group5))
    return _of_cast(town, "mirjam", town.tess.objects, whole_school, town.fien)


def _keys(town: Town) -> Foreign:
    """What opens Noor's account: foreign to those at school too, who may otherwise do much about her."""
    return Foreign(town.regenboog, KEYS)


ATTACKERS: tuple[Callable[[Town], Attacker], ...] = (
    lambda town: _of_cast(town, "ravi", town.asha.objects, town.noor, town.tess, town.fien),
    _erik,
    _mirjam,
    lambda town: Attacker("nobody", None, None, None, town.regenboog, (town.noor, town.tess, town.fien)),
    lambda town: _of_cast(town, "olga", town.fien.objects, town.noor, town.tess),
    _bas,
    _daan,
    _noor,
    lambda town: _hired(town, "sara", Role.SUPPORT, town.noor, town.tess, town.fien),
    lambda town: _hired(town, "berend", Role.BOARD, town.noor, town.fien),
    lambda town: _hired(town, "cora", Role.COORDINATOR, town.noor, town.fien),
    lambda town: _hired(town, "tim", Role.TECHNICAL, town.noor, town.fien),
    lambda town: _of_cast(town, "hugo", town.regenboog, town.noor, town.fien),
    lambda town: _of_cast(town, "ilse", town.regenboog, town.lot, town.tess, town.fien, _keys(town)),
    lambda town: _of_cast(town, "petra", town.regenboog, town.tess, town.fien, _keys(town)),
    lambda town: _of_cast(town, "hanna", town.regenboog, town.tess, town.fien, _keys(town)),
)
"""The most foreign first: a small dose takes the first few."""
