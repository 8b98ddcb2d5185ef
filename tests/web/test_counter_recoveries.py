"""Help at the counter from the first click to a new way in, with two of the office; and what a day of caution holds."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from parentportal.access import OPERATOR
from parentportal.db import Database, count_statements
from parentportal.models.outbox import OutboxMail
from parentportal.outside.clock import FrozenClock
from parentportal.rules.authority import Relation
from parentportal.rules.step_ups import Act
from parentportal.services import boards
from tests import one_time_codes
from tests.activating import PASSWORD, key_on
from tests.counter import ALONE
from tests.items import BSN, Browse, card, give, item_of
from tests.page import Page
from tests.people import People, Settler
from tests.sessions import make_account
from tests.step_ups import prove
from tests.visit import Visit

DOCUMENT = {"identity": "document", "place": "screen"}


class Desk:
    """Petra at the counter, Hanna who looks along, and the account of whoever stands there."""

    def __init__(self, visit_as: Browse, database: Database, clock: FrozenClock, people: People) -> None:
        self.visit_as, self.database, self.clock, self.people = visit_as, database, clock, people
        for name in ("noor", "daan", "ravi", "ilse", "hanna", "petra"):
            make_account(database, clock, getattr(people, name))
        self.petra, self.hanna = visit_as("petra"), visit_as("hanna")

    def ask(self, helped: str = "noor", **filled: str) -> str:
        """Petra asks; answers the address of the case."""
        adult_id: UUID = getattr(self.people, helped)
        self.petra.get(f"/werk/inloghulp/personen/{adult_id}")
        self.petra.fill({**DOCUMENT, "second": str(self.people.hanna), **filled}, status=403)
        page = prove(self.petra, self.database, self.clock, self.people.petra)
        return page.answer.request.path

    def confirm(self, case: str) -> Page:
        self.hanna.get(case)
        self.hanna.fill(form="/bevestigen", status=403)
        return prove(self.hanna, self.database, self.clock, self.people.hanna)

    def code(self, case: str) -> str:
        page = self.petra.get(f"{case}/code")
        shown = page.soup.select_one("b.code")
        assert shown is not None
        return shown.get_text()


@pytest.fixture
def desk(visit_as: Browse, database: Database, clock: FrozenClock, people: People) -> Desk:
    return Desk(visit_as, database, clock, people)


def start_anew(visit: Visit, code: str) -> Page:
    """Scan the code with the telephone that is there."""
    visit.get(f"/activeren/{code}")
    return visit.fill(form="/activeren")


def set_up(visit: Visit, clock: FrozenClock) -> Page:
    """Password and codes app; answers the page with the saved codes."""
    page = visit.fill({"password": PASSWORD})
    return visit.fill({"code": one_time_codes.app_code(key_on(page), clock.now())}, form="/codes-app")


def test_noor_gets_a_new_way_in_with_two_of_the_office(
    desk: Desk, visit: Callable[[], Visit], clock: FrozenClock, people: People
) -> None:
    old = desk.visit_as("noor")
    desk.petra.get("/werk/meer")
    desk.petra.get(desk.petra.page.links()["Inloghulp"] if desk.petra.page else "")
    found = desk.petra.fill({"name": "noor"}, form="/inloghulp")
    assert str(people.noor) in found.html
    case = desk.ask()
    assert desk.petra.get(case).says("Wacht op uw collega")
    assert old.get("/mijn/").h1, "nothing has ended yet"

    home = desk.hanna.get("/werk/")
    assert home.says("Een collega vraagt u om mee te kijken")
    waiting = desk.hanna.get(home.links()["Bekijk de vraag"])
    assert case in [waiting.links()["Noor de Wit"]]
    assert desk.confirm(case).says("Alleen Petra Schouten kan de code laten zien.")
    assert old.get("/mijn/").answer.request.path == "/inloggen"
    assert not desk.hanna.get("/werk/").says("Een collega vraagt u om mee te kijken")
    assert not desk.hanna.get(f"{case}/code").soup.select("b.code")

    code = desk.code(case)
    assert desk.petra.get(f"{case}/code").says("nog 30 minuten")
    clock.advance(timedelta(minutes=1))
    noor = visit()
    page = start_anew(noor, code)
    assert page.h1 == "Hoe wilt u inloggen?", "no birth date, no address"
    noor.fill({"way": "password"})
    set_up(noor, clock)
    assert noor.fill(form="/overslaan").answer.request.path == "/mijn/"
    assert desk.petra.get(case).says("De code is gebruikt.")
    with desk.database.read() as session:
        mails = session.scalars(select(OutboxMail).where(OutboxMail.to_address == "noor@post.example")).all()
    assert [mail.context["what"] for mail in mails] == ["means_ended", "means_renewed"]
    assert desk.petra.raw("GET", f"{case}/code").status_code == 303
    assert start_anew(visit(), code).h1 != "Hoe wilt u inloggen?", "a second use opens nothing"


def test_ilse_sets_up_everything_that_staff_need(desk: Desk, visit: Callable[[], Visit], clock: FrozenClock) -> None:
    case = desk.ask("ilse")
    desk.confirm(case)
    ilse = visit()
    assert start_anew(ilse, desk.code(case)).answer.request.path == "/activeren/wachtwoord"
    page = set_up(ilse, clock)
    assert not [form for form in page.forms() if "overslaan" in str(form["action"])]
    ilse.raw("POST", "/activeren/overslaan")
    assert ilse.get("/werk/verzoeken").answer.request.path == "/inloggen"
    codes = [one.get_text() for one in ilse.get("/activeren/noodcodes").soup.select("ol.codes li")]
    assert len(codes) == 10
    ilse.fill({"code": codes[0]}, form="/noodcodes")
    assert ilse.get("/werk/meer").answer.request.path in ("/werk/meer", "/beveiliging/")


def test_for_a_day_numbers_stay_covered_and_the_page_says_until_when(
    desk: Desk, visit: Callable[[], Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    give(database, people, "guardian.iban", "NL91ABNA0417164300", people.noor)
    number = give(database, people, "pupil.bsn", BSN, people.sem)
    case = desk.ask()
    desk.confirm(case)
    noor = visit()
    start_anew(noor, desk.code(case))
    noor.fill({"way": "password"})
    set_up(noor, clock)
    noor.fill(form="/overslaan")
    own = item_of(noor.get("/mijn/eigen-gegevens"), "Uw rekeningnummer")
    assert "dicht tot woensdag 18 november 2026, 10:00 uur" in own
    assert "Toon nummer" not in own
    noor.get(card(people.sem, "nummers"))
    opened = noor.fill(form="/gegevens/nummers/tonen")
    assert "Voor uw veiligheid" in item_of(opened, "Burgerservicenummer (BSN)")
    assert f"/nummers/{number}/tonen" not in opened.html
    clock.advance(timedelta(hours=24))
    later = desk.visit_as("noor")
    assert "Toon nummer" in item_of(later.get("/mijn/eigen-gegevens"), "Uw rekeningnummer")


def test_a_mistake_is_said_at_the_field_and_what_was_chosen_stays(desk: Desk, people: People) -> None:
    petra = desk.visit_as("petra", proved=Act)
    petra.get(f"/werk/inloghulp/personen/{people.noor}")
    page = petra.fill(status=422)
    assert page.says("Kies hoe u weet wie dit is.")
    assert page.says("Kies scherm of papier.")
    page = petra.fill(DOCUMENT, status=422)
    assert page.says("Kies de collega die meekijkt.")
    assert page.soup.select_one("input[name=identity][value=document][checked]")
    page = petra.fill({"second": "x" * 50}, status=422)
    assert page.says("Kies een van de antwoorden")
    for word in ("nummer van", "kopie uploaden", 'type="file"'):
        assert word not in page.html


def test_a_wrong_code_of_her_own_asks_nothing(desk: Desk, people: People) -> None:
    desk.petra.get(f"/werk/inloghulp/personen/{people.noor}")
    desk.petra.fill({**DOCUMENT, "second": str(people.hanna)}, status=403)
    desk.petra.fill({"proof_code": "000000"}, status=403)
    assert desk.petra.get("/werk/inloghulp").says("Nog niemand geholpen")


def test_on_paper_it_is_a_letter_without_content(desk: Desk, clock: FrozenClock) -> None:
    case = desk.ask(place="paper")
    desk.confirm(case)
    letter = desk.petra.get(f"{case}/code")
    assert letter.says("Uitreiken op school")
    assert letter.says("donderdag 19 november 2026, 10:00 uur")
    for secret in ("Sem", "Lot", "Bakker", "noor@post.example", "groep"):
        assert secret not in letter.main.get_text()
    clock.advance(timedelta(hours=1))
    again = desk.visit_as("petra", proved=Act).get(f"{case}/code")
    assert again.soup.select_one("b.code") == letter.soup.select_one("b.code"), "a jammed printer"


def test_stopping_ends_the_case_and_the_code(desk: Desk, visit: Callable[[], Visit]) -> None:
    case = desk.ask()
    desk.hanna.get(case)
    assert desk.hanna.fill(form="/stoppen").says("Deze hulp is gestopt")
    assert desk.petra.get(case).says("Deze hulp is gestopt")
    second = desk.visit_as("petra", proved=Act)
    second.get(f"/werk/inloghulp/personen/{desk.people.noor}")
    case = second.fill({**DOCUMENT, "second": str(desk.people.hanna)}).answer.request.path
    desk.confirm(case)
    code = desk.code(case)
    desk.petra.get(case)
    desk.petra.fill(form="/stoppen")
    assert start_anew(visit(), code).h1 != "Hoe wilt u inloggen?"
    assert desk.petra.get(case).says("Begin dan opnieuw")


def test_the_code_asks_for_her_own_second_factor_again(desk: Desk, clock: FrozenClock) -> None:
    case = desk.ask()
    desk.confirm(case)
    assert desk.petra.get(f"{case}/code").soup.select("b.code"), "asked a moment ago"
    later = desk.visit_as("petra")
    assert later.get(f"{case}/code").h1 == "Bent u het echt?"


def test_teachers_guardians_and_other_schools_find_nothing(desk: Desk, people: People) -> None:
    case = desk.ask()
    for name in ("ilse", "noor", "mirjam", "hugo"):
        visit = desk.visit_as(name, proved=Act)
        for path in (case, f"{case}/code", f"/werk/inloghulp/personen/{people.noor}"):
            assert visit.raw("GET", path).status_code == 404, (name, path)
    assert desk.visit_as("ilse").raw("GET", "/werk/inloghulp").status_code == 404


def test_the_own_family_is_told_to_ask_a_colleague(desk: Desk, database: Database, people: People) -> None:
    database.write(lambda s: Settler(s, people.waterlijn).authority(people.sem, people.petra, Relation.JOINT) and None)
    page = desk.petra.get(f"/werk/inloghulp/personen/{people.daan}")
    assert page.says("eigen gezin")
    assert not page.forms()
    assert desk.petra.get(f"/werk/inloghulp/personen/{people.petra}").says("Dit gaat over uzelf")


def test_a_board_that_does_without_gets_the_code_at_once_and_the_fg_reads_why(desk: Desk, database: Database) -> None:
    assert not desk.visit_as("hugo").get("/toezicht/").says("zonder tweede collega")
    database.write(lambda session: boards.load(session, ALONE, by=OPERATOR) and None)
    assert desk.visit_as("hugo").get("/toezicht/").says("Onze school heeft één medewerker op kantoor.")
    case = desk.ask(second="")
    assert desk.petra.get(case).says("Toon de code")
    assert len(desk.code(case)) == 19


def test_without_an_office_colleague_the_page_says_whom_to_ask(
    visit_as: Browse, database: Database, clock: FrozenClock, people: People
) -> None:
    for name in ("noor", "petra"):
        make_account(database, clock, getattr(people, name))
    page = visit_as("petra").get(f"/werk/inloghulp/personen/{people.noor}")
    assert page.says("Er is geen collega die mee kan kijken")
    assert not page.forms()


def test_searching_names_who_has_no_account_yet(desk: Desk, people: People) -> None:
    desk.petra.get("/werk/inloghulp")
    page = desk.petra.fill({"name": "bas"}, form="/inloghulp")
    assert page.says("1 persoon met deze naam heeft nog geen account.")
    assert not desk.petra.page or str(people.bas) not in page.html


def test_the_pages_cost_few_statements(desk: Desk, database: Database, people: People) -> None:
    case = desk.ask()
    for path in (case, "/werk/inloghulp", f"/werk/inloghulp/personen/{people.ravi}"):
        with count_statements(database) as counted:
            desk.petra.get(path)
        assert len(counted) <= 5, path
