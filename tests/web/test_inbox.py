"""The school's side of a request: who sees it, who decides, and how the whole story ends for Noor."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.people import StaffRole
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock
from parentportal.rules.privacy_requests import Kind, State
from parentportal.rules.roles import Role
from parentportal.services import privacy_requests
from tests.people import People
from tests.services.story import START, get, item_id, send, tie, version, visitor
from tests.visit import BASE, Visit

VisitAs = Callable[..., Visit]


@pytest.fixture
def request_id(database: Database, people: People) -> UUID:
    """Noor says that Sem's phone number is wrong."""
    phone = item_id(database, people.sem, "pupil.phone")
    return send(database, visitor(database, people, "noor"), {phone: "0612345678"})


def pick_up(database: Database, people: People, request_id: UUID, name: str = "ilse") -> None:
    by, seen = visitor(database, people, name), version(database, request_id)
    database.write(lambda s: privacy_requests.pick_up(s, request_id, version=seen, by=by))


def test_the_whole_story_of_a_correction(
    visit_as: VisitAs, database: Database, people: People, clock: FrozenClock, request_id: UUID
) -> None:
    ilse, hanna, petra, noor = (visit_as(name) for name in ("ilse", "hanna", "petra", "noor"))
    inbox = ilse.get("/werk/verzoeken")
    assert inbox.says("Sem B. (groep 5)")
    case = ilse.get(f"/werk/verzoeken/{request_id}")
    assert case.says("Nu bij de school")
    assert case.says("06 12345678")
    ilse.fill(form="/oppakken")
    ilse.get(f"/werk/verzoeken/{request_id}/notitie")
    ilse.fill({"text": "Oma belde hierover."})
    ilse.get(f"/werk/verzoeken/{request_id}/voorstel")
    ilse.fill({"line1_outcome": "granted", "line1_reason": "Het nummer klopt."})
    assert ilse.get("/werk/verzoeken?welke=bij-directie").says("Sem B.")
    page = hanna.get(f"/werk/verzoeken/{request_id}")
    assert page.says("Voorstel: Toewijzen")
    assert page.says("Oma belde hierover.")
    hanna.get(f"/werk/verzoeken/{request_id}/besluit")
    decided = hanna.fill()
    assert decided.says("Sluiten kan nog niet: er staat nog 1 taak open.")
    answer = noor.get(f"/mijn/verzoeken/{request_id}")
    for words in ("Ja, wij doen dit", "Het nummer klopt.", "Autoriteit Persoonsgegevens", "kosten u niets", "LKC"):
        assert answer.says(words), words
    assert "Oma belde" not in answer.html
    with database.read() as session:
        task = session.scalar(select(Task.id).where(Task.request_id == request_id, Task.kind == "fix_source"))
    petra.get(f"/werk/taken/{task}")
    petra.fill({"state": "done", "note": "Aangepast in ParnasSys."}, form=str(task))
    assert get(database, request_id).state is State.SETTLED
    hanna.get(f"/werk/verzoeken/{request_id}")
    assert hanna.fill(form="/sluiten").says("Het verzoek is gesloten.")
    assert noor.get(f"/mijn/verzoeken/{request_id}").says("Dit verzoek is klaar sinds")
    noor.get(f"/mijn/verzoeken/{request_id}/niet-eens")
    assert noor.fill({"text": "Het is toch anders."}).says("Uw verzoek is opnieuw geopend")
    clock.advance(timedelta(days=60))


@pytest.mark.parametrize("name", ["bas", "mirjam", "petra", "hugo", "noor", "daan", "olga"])
def test_a_case_does_not_exist_for_anybody_else(visit_as: VisitAs, request_id: UUID, name: str) -> None:
    stranger = visit_as(name)
    for path in (
        "",
        "/notitie",
        "/vragen",
        "/voorstel",
        "/doorgeven",
        "/besluit",
        "/verlengen",
        "/heropenen",
        "/terug",
    ):
        assert stranger.raw("GET", f"/werk/verzoeken/{request_id}{path}").status_code == 404
    if name in ("bas", "mirjam"):
        assert not stranger.get("/werk/verzoeken").says("Sem B.")


@pytest.mark.parametrize("path", ["besluit", "sluiten", "verlengen", "heropenen", "terug"])
def test_a_teacher_never_refuses_extends_or_closes(visit_as: VisitAs, request_id: UUID, path: str) -> None:
    ilse = visit_as("ilse")
    ilse.get(f"/werk/verzoeken/{request_id}")
    assert ilse.page is not None
    held = ilse.held(ilse.page.form("/oppakken"))
    case = f"{BASE}/werk/verzoeken/{request_id}"
    answer = ilse.client.post(f"{case}/{path}", data=held, headers={"Referer": case})
    assert answer.status_code == 404


def test_a_refusal_without_ground_is_told_at_the_field(
    visit_as: VisitAs, database: Database, people: People, request_id: UUID
) -> None:
    hanna = visit_as("hanna")
    hanna.get(f"/werk/verzoeken/{request_id}/besluit")
    page = hanna.fill({"line1_outcome": "refused", "line1_reason": "Dit klopt zo."}, status=422)
    ground = page.soup.find(id="line1_ground-error")
    assert ground is not None
    assert "Kies de grond" in ground.get_text()
    assert "Dit klopt zo." in page.html
    assert get(database, request_id).state is State.ASSIGNED


def test_a_refusal_gives_ground_reason_and_remedies(
    visit_as: VisitAs, database: Database, people: People, request_id: UUID
) -> None:
    hanna = visit_as("hanna")
    hanna.get(f"/werk/verzoeken/{request_id}/besluit")
    hanna.fill(
        {
            "line1_outcome": "refused",
            "line1_reason": "Wij belden en u nam op.",
            "line1_ground": "proved_right",
            "line1_evidence": "Op 17 november gebeld.",
        }
    )
    page = visit_as("noor").get(f"/mijn/verzoeken/{request_id}")
    for words in (
        "Nee, met uitleg",
        "Het gegeven klopt",
        "Wij belden en u nam op.",
        "Op 17 november gebeld.",
        "rechtbank",
    ):
        assert page.says(words), words


def test_a_legal_duty_names_the_law_and_the_day_of_erasure(
    visit_as: VisitAs, database: Database, people: People
) -> None:
    name = item_id(database, people.sem, "pupil.surname")
    one = send(database, visitor(database, people, "noor"), {name: ""}, Kind.ERASURE)
    hanna = visit_as("hanna")
    hanna.get(f"/werk/verzoeken/{one}/besluit")
    empty = {"line1_erase_on-day": "", "line1_erase_on-month": "", "line1_erase_on-year": "", "line1_law": ""}
    refusal = {"line1_outcome": "refused", "line1_ground": "legal_duty", "line1_reason": "De overheid controleert dit."}
    page = hanna.fill({**refusal, **empty}, status=422)
    assert {"Vul de wet in", "Vul de dag in"} <= {
        error.removeprefix("Fout: ")[: len("Vul de wet in")] for error in page.errors()
    }
    hanna.get(f"/werk/verzoeken/{one}/besluit")
    hanna.fill(refusal)
    answer = visit_as("noor").get(f"/mijn/verzoeken/{one}")
    assert answer.says("31 juli 2034")
    assert answer.says("Wet op het primair onderwijs")


def test_somebody_elses_change_is_told_and_nothing_is_lost(
    visit_as: VisitAs, database: Database, people: People, request_id: UUID
) -> None:
    ilse = visit_as("ilse")
    ilse.get(f"/werk/verzoeken/{request_id}")
    pick_up(database, people, request_id, "hanna")
    answer = ilse.hand_in(form="/oppakken")
    assert answer.status_code in (404, 409)
    bas = get(database, request_id)
    assert bas.handler_id == people.hanna


def test_what_hanna_wrote_for_a_case_that_moved_on_is_shown_to_her_again(
    visit_as: VisitAs, database: Database, people: People, request_id: UUID
) -> None:
    pick_up(database, people, request_id, "hanna")
    hanna = visit_as("hanna")
    hanna.get(f"/werk/verzoeken/{request_id}/vragen")
    elsewhere = visit_as("hanna")
    elsewhere.get(f"/werk/verzoeken/{request_id}/vragen")
    elsewhere.fill({"text": "Staat het zo in het paspoort?"})
    page = hanna.fill({"text": "Heeft u een uittreksel voor ons?"}, status=409)
    assert "Heeft u een uittreksel voor ons?" in page.html
    assert page.says("Het is niet opgeslagen.")


def test_looking_at_sensitive_values_leaves_a_trace(
    visit_as: VisitAs, database: Database, people: People, request_id: UUID
) -> None:
    medical = item_id(database, people.sem, "pupil.medical")
    sensitive = send(database, visitor(database, people, "noor"), {medical: "Geen astma."})
    hanna = visit_as("hanna")
    hanna.get(f"/werk/verzoeken/{request_id}")
    hanna.get(f"/werk/verzoeken/{sensitive}")
    with database.read() as session:
        seen = session.scalars(select(AuditEvent.about_id).where(AuditEvent.event == "sensitive:read")).all()
    assert seen == [sensitive]


def test_the_director_filters_by_address(visit_as: VisitAs, clock: FrozenClock, request_id: UUID) -> None:
    hanna = visit_as("hanna")
    assert hanna.get("/werk/verzoeken?soort=aanpassen&groep=5").says("Sem B.")
    assert not hanna.get("/werk/verzoeken?soort=weghalen").says("Sem B.")
    assert not hanna.get("/werk/verzoeken?termijn=te-laat").says("Sem B.")
    assert hanna.get("/werk/verzoeken?welke=onzin&soort=onzin&termijn=onzin").says("Sem B.")


def test_a_late_request_stands_on_top_in_words(
    visit_as: VisitAs, database: Database, people: People, clock: FrozenClock, request_id: UUID
) -> None:
    clock.advance(timedelta(days=29))
    place = item_id(database, people.sem, "pupil.birth_place")
    send(database, visitor(database, people, "noor"), {place: "Winterveen"})
    hanna = visit_as("hanna")
    page = hanna.get("/werk/verzoeken")
    assert page.says("1 verzoek is te laat.")
    assert page.text.index("Te laat") < page.text.index("Op tijd")
    assert hanna.get(f"/werk/verzoeken/{request_id}").says("Dit verzoek is te laat.")


def test_the_inbox_costs_the_same_however_full_it_is(
    visit_as: VisitAs, database: Database, people: People, request_id: UUID
) -> None:
    hanna, counted = visit_as("hanna"), []

    def count(*_: object) -> None:
        counted.append(1)

    def cost() -> int:
        counted.clear()
        hanna.get("/werk/verzoeken")
        return len(counted)

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        hanna.get("/werk/verzoeken")
        first = cost()
        noor = visitor(database, people, "noor")
        for code in ("pupil.birth_place", "pupil.surname", "pupil.nationality"):
            send(database, noor, {item_id(database, people.sem, code): "Anders"})
        assert (cost(), first <= 5) == (first, True)
    finally:
        event.remove(database.engine, "before_cursor_execute", count)


def test_the_board_handles_what_the_director_has_an_interest_in(
    visit_as: VisitAs, database: Database, people: People
) -> None:
    tie(database, people.sem, people.hanna, people.waterlijn)
    place = item_id(database, people.sem, "pupil.birth_place")
    one = send(database, visitor(database, people, "noor"), {place: "Winterveen"})
    make_board_member(database, people)
    board = visit_as("mirjam", Role.BOARD)
    assert board.get("/werk/verzoeken").says("Sem B.")
    assert board.get(f"/werk/verzoeken/{one}").says("Wat kunt u doen?")
    hanna = visit_as("hanna")
    assert hanna.raw("GET", f"/werk/verzoeken/{one}").status_code == 404
    assert not hanna.get("/werk/verzoeken").says("Sem B.")


def make_board_member(database: Database, people: People) -> None:
    """Mirjam works for the board as well."""

    def work(session: Session) -> None:
        session.add(
            StaffRole(
                id=new_id(),
                board_id=people.waterlijn,
                adult_id=people.mirjam,
                school_id=None,
                role=Role.BOARD,
                granted_at=START,
            )
        )

    database.write(work)
