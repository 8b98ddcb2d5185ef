"""The first page of every role: what waits, in numbers that equal the database."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from parentportal.db import Database, count_statements
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.imports import Delivery, DeliveryState
from parentportal.models.outbox import OutboxMail
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.people import Pupil
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.models.tasks import Task
from parentportal.outside import clock as clocks
from parentportal.outside.clock import FrozenClock
from parentportal.reads import authority, consents, homes, inbox, tasks, visitors
from parentportal.reads.staff_homes import last_nearly_late
from parentportal.rules.authority import SafetyFlag, Status
from parentportal.rules.privacy_requests import Kind, State
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.rules.terms import Marker, marker
from tests.items import Browse, add_siblings, fill_up, flag
from tests.page import Page
from tests.people import People
from tests.sessions import open_session

TODAY = date(2026, 11, 17)


def ask(
    session: Session, people: People, due: date, *, state: State = State.IN_PROGRESS, adult: UUID | None = None
) -> None:
    """One request of Noor about Sem, in a state."""
    now = clocks.now(session)
    session.add(
        PrivacyRequest(
            id=new_id(),
            board_id=people.waterlijn,
            school_id=people.regenboog,
            number=new_id().hex[-10:],
            pupil_id=people.sem,
            adult_id=adult or people.noor,
            kind=Kind.RECTIFICATION,
            state=state,
            handler_role=None if state is State.DRAFT else Role.DIRECTOR,
            created_at=now,
            state_since=now,
            received_at=None if state is State.DRAFT else now,
            policy_due_on=None if state is State.DRAFT else due,
            legal_due_on=due,
            closed_at=now if state is State.CLOSED else None,
            closed_by_id=people.hanna if state is State.CLOSED else None,
        )
    )


def leave_task(session: Session, people: People, due: date, state: TaskState = TaskState.OPEN) -> None:
    session.add(
        Task(
            id=new_id(),
            board_id=people.waterlijn,
            school_id=people.regenboog,
            kind=TaskKind.FIX_SOURCE,
            state=state,
            role=Role.ADMINISTRATION,
            created_at=clocks.now(session),
            due_on=due,
            done_at=clocks.now(session) if state is TaskState.DONE else None,
            done_by_id=people.petra if state is TaskState.DONE else None,
        )
    )


def figures(page: Page) -> dict[str, str]:
    return {row.dt.get_text(strip=True): row.dd.get_text(strip=True) for row in page.main.select(".figures > div")}  # type: ignore[union-attr]  # the component writes both


def card_of(page: Page, name: str) -> str:
    for card in page.main.select("section.card"):
        if card.h2 and card.h2.get_text(strip=True) == name:
            return " ".join(card.get_text(" ", strip=True).split())
    raise AssertionError(f"no card of {name}")


# Parents


def test_noor_is_greeted_by_first_name_and_sees_her_children_in_order(visit_as: Browse) -> None:
    page = visit_as("noor").get("/mijn/")
    assert page.h1 == "Dag Noor"
    assert [card.get_text(strip=True) for card in page.main.select("section.card h2")] == ["Lot", "Sem"]
    assert "De Regenboog" not in page.text


def test_a_card_says_what_runs_and_when_the_answer_comes(visit_as: Browse, database: Database, people: People) -> None:
    database.write(lambda session: ask(session, people, date(2026, 12, 15)))
    database.write(lambda session: ask(session, people, TODAY, state=State.CLOSED))
    database.write(lambda session: ask(session, people, TODAY, state=State.DRAFT))
    database.write(lambda session: ask(session, people, TODAY, adult=people.daan))
    page = visit_as("noor").get("/mijn/")
    assert "Verzoeken: 1 loopt, antwoord uiterlijk 15 dec 2026" in card_of(page, "Sem")
    assert "Verzoeken: er loopt niets" in card_of(page, "Lot")
    assert "Laatste wijziging: 17 nov 2026" in card_of(page, "Sem")


def test_what_waits_for_noor_is_listed_only_while_it_waits(
    visit_as: Browse, database: Database, people: People
) -> None:
    database.write(lambda session: ask(session, people, TODAY, state=State.INFORMATION_NEEDED))
    page = visit_as("noor").get("/mijn/")
    assert page.says("Dit wacht op u")
    assert page.says("Geef antwoord over Sem")
    assert not page.says("Alles is bijgewerkt.")


def test_ravi_without_questions_reads_that_all_is_up_to_date(
    visit_as: Browse, database: Database, people: People
) -> None:
    database.write(
        lambda session: (
            session.execute(
                update(Authority).where(Authority.id == people.ravi_of_asha).values(kind="under_supervision")
            )
            and None
        )
    )
    page = visit_as("ravi").get("/mijn/")
    assert page.says("Alles is bijgewerkt.")
    assert not page.says("Dit wacht op u")
    assert "Toestemming" not in card_of(page, "Asha")


def test_answers_are_counted_as_the_page_of_consents_counts_them(
    visit_as: Browse, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = visit_as("noor")
    page = noor.get(f"/mijn/kinderen/{people.sem}/toestemming")
    form = page.form("/toestemming")
    names = list(dict.fromkeys(str(one["name"]) for one in form.select("input[type=radio]")))
    answers = dict(zip(names[:4], ("yes", "no", "yes", "no"), strict=True))
    noor.fill(answers, form="/toestemming")
    token = open_session(database, clock, people.noor, Role.GUARDIAN)
    with database.read() as session:
        visitor = visitors.find_visitor(session, token)
        assert visitor is not None
        theirs = {row.child.id: (row.answered, row.total) for row in consents.list_progress(session, by=visitor)}
        ours = {card.child.id: (card.answered, card.asked) for card in homes.get_parent_home(session, by=visitor).cards}
    assert ours == theirs
    assert ours[people.sem] == (4, len(names))
    assert f"Toestemming: 4 van {len(names)} beantwoord" in card_of(noor.get("/mijn/"), "Sem")
    clock.advance(timedelta(days=300))
    token = open_session(database, clock, people.noor, Role.GUARDIAN)
    with database.read() as session:
        visitor = visitors.find_visitor(session, token)
        assert visitor is not None
        theirs = {row.child.id: (row.answered, row.total) for row in consents.list_progress(session, by=visitor)}
        ours = {card.child.id: (card.answered, card.asked) for card in homes.get_parent_home(session, by=visitor).cards}
    assert ours == theirs


def test_with_children_at_two_schools_each_card_names_its_school(
    visit_as: Browse, database: Database, people: People
) -> None:
    def work(session: Session) -> None:
        session.execute(update(Pupil).where(Pupil.id == people.lot).values(school_id=people.kompas))

    database.write(work)
    page = visit_as("noor").get("/mijn/")
    assert "Het Kompas" in card_of(page, "Lot")
    assert "De Regenboog" in card_of(page, "Sem")


def test_a_safety_flag_hides_the_last_change(visit_as: Browse, database: Database, people: People) -> None:
    assert "Laatste wijziging" in card_of(visit_as("daan").get("/mijn/"), "Sem")
    flag(database, people.daan_of_sem, SafetyFlag.SECRET_ADDRESS)
    assert "Laatste wijziging" not in card_of(visit_as("daan").get("/mijn/"), "Sem")


def test_the_first_page_costs_five_statements_whatever_there_is(
    visit_as: Browse, database: Database, people: People
) -> None:
    noor = visit_as("noor")
    noor.get("/mijn/")
    counts = []
    for _ in range(2):
        with count_statements(database) as statements:
            noor.get("/mijn/")
        counts.append(len(statements))
        fill_up(database, people, 60) if len(counts) == 1 else None
        add_siblings(database, people, 2) if len(counts) == 1 else None
    assert counts == [5, 5]


# Schools


def wait(session: Session, people: People) -> None:
    """Something of each kind at De Regenboog, and some that must not count."""
    ask(session, people, TODAY - timedelta(days=1))
    ask(session, people, TODAY)
    ask(session, people, TODAY + timedelta(days=28))
    ask(session, people, TODAY, state=State.CLOSED)
    ask(session, people, TODAY, state=State.DRAFT)
    leave_task(session, people, TODAY - timedelta(days=1))
    leave_task(session, people, TODAY, TaskState.NOT_YET_PROCESSED)
    leave_task(session, people, TODAY - timedelta(days=9), TaskState.DONE)
    session.execute(update(Authority).where(Authority.id == people.daan_of_sem).values(status=Status.SUSPENDED))
    session.execute(
        update(Authority)
        .where(Authority.id == people.ravi_of_asha)
        .values(status=Status.UNKNOWN, confirmed_at=None, confirmed_by_id=None, evidence=None)
    )
    now = clocks.now(session)
    for state in (DeliveryState.HELD, DeliveryState.APPLIED):
        applied = state is DeliveryState.APPLIED
        session.add(
            Delivery(
                id=new_id(), board_id=people.waterlijn, school_id=people.regenboog, sha256="0", filename="a.xml",
                size=1, state=state, received_at=now, received_by="x",
                applied_at=now if applied else None, applied_by="x" if applied else None,
            )
        )  # fmt: skip
    for adult, dead in ((people.noor, now), (people.noor, None), (people.olga, now)):
        session.add(
            OutboxMail(
                id=new_id(), board_id=people.waterlijn, adult_id=adult, to_address="a@post.example",
                template="news", created_at=now, not_before=now, dead_at=dead,
            )
        )  # fmt: skip
    for printed in (None, None, now):
        session.add(
            PaperNotice(
                board_id=people.waterlijn, school_id=people.regenboog, adult_id=people.noor, template="news",
                what=str(new_id()), created_at=now, printed_at=printed, printed_by_id=people.petra if printed else None,
            )
        )  # fmt: skip


def test_hanna_sees_requests_tasks_and_authority_that_wait(
    visit_as: Browse, database: Database, people: People
) -> None:
    database.write(lambda session: wait(session, people))
    page = visit_as("hanna").get("/werk/")
    assert figures(page) == {
        "verzoeken lopen": "3",
        "bijna te laat": "1",
        "te laat": "1",
        "taken open": "2",
        "taken te laat": "1",
        "kinderen met gezag om na te kijken": "2",
        "mails die niet aankomen": "1",
        "berichten om te printen": "2",
    }
    assert page.says("Is de DPIA klaar")


def test_the_number_of_dead_letters_leads_to_who_and_why(visit_as: Browse, database: Database, people: People) -> None:
    database.write(lambda session: wait(session, people))
    database.write(
        lambda session: session.execute(
            update(OutboxMail).where(OutboxMail.dead_at.is_not(None)).values(last_error="recipient (550)")
        )
    )
    for who in ("hanna", "petra"):
        visit = visit_as(who)
        page = visit.get("/werk/")
        page = visit.get(next(url for url in page.links().values() if url.endswith("/brieven#mail")))
        rows = [row.get_text(" ", strip=True) for row in page.main.select("#mail tbody tr")]
        assert rows == ["Noor de Wit a@post.example De mailserver weigert dit adres. 1 17 nov 2026"]
    assert visit_as("mirjam").get("/werk/brieven").says("Alle mail is aangekomen of onderweg.")


def test_the_page_more_leads_petra_and_hanna_to_every_room_of_the_office(visit_as: Browse) -> None:
    rooms = {"groepen", "medewerkers", "gezag", "personen", "bestanden", "brieven", "toestemmingen", "op-papier"}
    for who in ("petra", "hanna"):
        visit = visit_as(who)
        found = {url.removeprefix("/werk/") for url in visit.get("/werk/meer").links().values()}
        assert rooms <= found
        for room in rooms:
            visit.get(f"/werk/{room}")
    assert not rooms & {url.removeprefix("/werk/") for url in visit_as("ilse").get("/werk/meer").links().values()}


def test_petra_sees_files_letters_and_mail_that_wait(visit_as: Browse, database: Database, people: People) -> None:
    database.write(lambda session: wait(session, people))
    assert figures(visit_as("petra").get("/werk/")) == {
        "taken open": "2",
        "taken te laat": "1",
        "kinderen met gezag om na te kijken": "2",
        "bestanden die wachten op een mens": "1",
        "ouders zonder brief of account": "1",
        "mails die niet aankomen": "1",
        "berichten om te printen": "2",
    }


def test_mirjam_of_another_school_sees_none_of_it(visit_as: Browse, database: Database, people: People) -> None:
    database.write(lambda session: wait(session, people))
    page = visit_as("mirjam").get("/werk/")
    assert set(figures(page).values()) == {"0"}
    assert page.says("Er wacht niets.")


def test_the_last_nearly_late_day_is_where_the_rule_puts_it() -> None:
    for count in range(60):
        today = TODAY + timedelta(days=count)
        last = last_nearly_late(today)
        assert marker(last, today) is Marker.NEARLY_LATE
        assert marker(last + timedelta(days=1), today) is Marker.ON_TIME


def test_a_first_page_at_school_costs_at_most_five_statements(visit_as: Browse, database: Database) -> None:
    for who, path in (("hanna", "/werk/"), ("petra", "/werk/"), ("hugo", "/toezicht/")):
        visit = visit_as(who)
        visit.get(path)
        with count_statements(database) as statements:
            visit.get(path)
        assert len(statements) <= 5, (who, len(statements))


# Oversight


def test_hugo_reads_figures_per_school_and_no_child(visit_as: Browse, database: Database, people: People) -> None:
    database.write(lambda session: wait(session, people))
    page = visit_as("hugo").get("/toezicht/")
    assert figures(page) == {"verzoeken lopen": "3", "bijna te laat": "1", "te laat": "1", "taken open": "2"}
    rows = {row.th.get_text(strip=True): row.get_text(" ", strip=True) for row in page.main.select("tbody tr")}  # type: ignore[union-attr]  # each row has its name
    assert rows["De Regenboog"] == "De Regenboog 3 1 1 1 0 dagen 2, waarvan 1 te laat"
    assert rows["Het Kompas"] == "Het Kompas 0 0 0 0 nog geen 0, waarvan 0 te laat"
    assert not [name for name in ("Sem", "Noor", "Bakker", "Lot", "Asha") if name in page.main.get_text()]
    assert not page.forms()


# Meer


def test_every_role_reaches_law_board_officer_and_the_way_out(visit_as: Browse) -> None:
    for who, path in (
        ("noor", "/mijn/meer"),
        ("ilse", "/werk/meer"),
        ("hanna", "/werk/meer"),
        ("hugo", "/toezicht/meer"),
    ):
        page = visit_as(who).get(path)
        words = page.links()
        assert {"Uw rechten", "Privacy van dit portaal", "Toegankelijkheid", "fg@waterlijn.example"} <= set(words)
        assert page.says("De Autoriteit Persoonsgegevens")
        assert page.form("/uitloggen")


def test_each_number_equals_the_list_it_leads_to(
    visit_as: Browse, database: Database, clock: FrozenClock, people: People
) -> None:
    database.write(lambda session: wait(session, people))
    numbers = figures(visit_as("hanna").get("/werk/"))
    token = open_session(database, clock, people.hanna, Role.DIRECTOR, people.regenboog)
    with database.read() as session:
        hanna = visitors.find_visitor(session, token)
        assert hanna is not None
        rows = inbox.list_inbox(session, hanna)
        late = tasks.list_tasks(session, by=hanna, which=tasks.Which.LATE)
        families = [one for one in authority.list_families(session, by=hanna) if one.urgency < authority.STALE]
    assert numbers["verzoeken lopen"] == str(sum(not row.state.is_final for row in rows)) == "3"
    assert numbers["te laat"] == str(sum(row.is_late for row in rows)) == "1"
    near = [row for row in rows if row.marker == "almost_late" and not row.state.is_final]
    assert numbers["bijna te laat"] == str(len(near)) == "1"
    assert numbers["taken te laat"] == str(len(late.rows)) == "1"
    assert numbers["kinderen met gezag om na te kijken"] == str(len(families)) == "2"
