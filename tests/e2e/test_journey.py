"""The five things that people can do with the portal, one after the other, on a telephone of 360 pixels."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from parentportal.demo import filling
from parentportal.demo.cast import Arrived, Cast, gather
from parentportal.demo.files import school_files
from parentportal.outside.clock import SystemClock, amsterdam_date
from tests.e2e.phone import Phone
from tests.e2e.running import COMMAND, Running, running, serve
from tests.e2e.ways_in import activate, links_of, prove, sign_in

NOOR = "noor@post.example"
QUESTION = "foto’s van Lot op de website"


@pytest.fixture
def portal(tmp_path: Path, new_database_url: Callable[..., str]) -> Iterator[Running]:
    """A school with an administration and a director, and nothing else yet, on either kind of database."""
    with running(tmp_path / "data", new_database_url(migrated=False)) as made:
        filling.start(made.database, made.clock, made.clock.now())
        yield serve(made)


@pytest.fixture
def cast(portal: Running) -> Cast:
    return gather(amsterdam_date(portal.clock.now()))


@pytest.fixture
def script(database_kind: str) -> bool:
    """Whether the telephones have JavaScript: one walk has, on PostgreSQL, and one has not, on SQLite.

    No script knows the database, so two walks find what four would.
    """
    return database_kind == "postgresql"


@pytest.mark.slow
def test_from_the_first_file_to_a_closed_request(
    portal: Running, cast: Cast, tmp_path: Path, new_phone: Callable[..., Phone], script: bool
) -> None:
    people = {name: new_phone(portal.base_url, script=script, name=name) for name in ("petra", "noor", "bas", "hanna")}
    petra, noor, bas, hanna = people.values()
    sign_in(portal, petra, "petra@waterlijn.example")
    for path in exported(cast, tmp_path):
        the_administration_brings(petra, path)
    authority_is_confirmed(portal, petra)
    code = a_letter_is_printed_for(petra, "Noor de Wit")
    a_teacher_starts(portal, bas)
    sign_in(portal, hanna, "hanna@waterlijn.example")

    activate(portal, noor, code, NOOR, born=born(cast, "lot"))
    noor_sees_what_the_school_has(noor)
    consent_goes_both_ways_alike(portal, noor, bas, petra)
    correction = noor_asks_for_a_correction(noor)
    removal = noor_asks_for_a_removal(noor)
    assert correction != removal
    the_teacher_proposes(bas, correction)
    the_director_decides(portal, hanna, noor, correction)
    the_case_is_carried_out_and_closed(petra, hanna, correction)
    the_next_files_show_whether_it_arrived(petra, cast, tmp_path)
    noor.open(f"/mijn/verzoeken/{correction}")
    noor.must_read("Dit verzoek is klaar")
    for phone in people.values():
        phone.must_be_fine()


def exported(cast: Cast, folder: Path, turn: int = 0) -> list[Path]:
    """What the school's own system exports today."""
    written = []
    for made in school_files(cast, "99AA", amsterdam_date(SystemClock().now()), turn=turn):
        path = folder / f"{turn}-{made.name}"
        path.write_bytes(made.content)
        written.append(path)
    return written


def born(cast: Cast, key: str) -> str:
    return next(child.born for child in cast.children() if child.key == key).isoformat()


def the_administration_brings(petra: Phone, path: Path) -> None:
    petra.tap("Bestanden")
    petra.bring("Bestand", path)
    petra.tap("Controleer het bestand")
    petra.must_read("Wat verandert er?", "Er is nog niets veranderd")
    petra.tap("Verwerk het bestand")
    petra.must_read("Het bestand is verwerkt")


def authority_is_confirmed(portal: Running, petra: Phone) -> None:
    """One by one where somebody must look, then all ordinary families together."""
    petra.tap("Brieven")
    petra.must_read("Er zijn nog geen ouders om te schrijven")
    for child, kind in (("Sem Bakker", "elk een eigen adres"), ("Lot de Wit", "Alleen deze ouder heeft gezag")):
        petra.tap("Gezag")
        petra.write("Zoek een kind of ouder op naam", child)
        petra.tap("Zoeken")
        petra.tap(child)
        petra.tap("Bevestigen", within="Noor de Wit")
        if child == "Sem Bakker":  # once: ten minutes are enough for a whole group
            prove(portal, petra, "petra@waterlijn.example")
        petra.choose(kind)
        petra.choose("Uittreksel uit het gezagsregister")
        petra.tap("Gezag bevestigen")
        petra.must_read("Het gezag is bevestigd")
    petra.tap("Gezag")
    petra.tap("Bekijk deze gezinnen")
    petra.tap("Bevestig deze")
    petra.must_read("Het gezag in deze gezinnen is bevestigd")


def a_letter_is_printed_for(petra: Phone, name: str) -> str:
    """The address in the letter's QR code."""
    petra.tap("Brieven")
    petra.tap("Groep 2")
    petra.tap("Maak")
    letter = petra.page.locator("article", has_text=name)
    assert letter.locator("svg, img").count() >= 1
    code = letter.locator("b.code").inner_text()
    petra.tap("Terug")
    return code


def a_teacher_starts(portal: Running, bas: Phone) -> None:
    """The code comes from the command line; the rest Bas does himself."""
    options = ["--school", "99AA", "--role", "teacher", "--name", "Bas Molenaar", "--email", "bas@waterlijn.example"]
    made = subprocess.run(
        [str(COMMAND), "staff", "add", *options, "--group", "2", "--json"],
        env=portal.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    activate(portal, bas, json.loads(made.stdout)["code"], "bas@waterlijn.example")


def noor_sees_what_the_school_has(noor: Phone) -> None:
    noor.must_read("Lot", "Sem")
    noor.tap("Gegevens")
    noor.tap("Lot")
    noor.tap("Naam en geboorte")
    noor.must_read("Lot", "Waarom heeft de school dit?", "ParnasSys")
    assert not noor.reads("Daan")


def consent_goes_both_ways_alike(portal: Running, noor: Phone, bas: Phone, petra: Phone) -> None:
    """Giving and taking back cost the same; the teacher sees it at the next look, the administration gets a task."""
    given = noor_answers(noor, "Ja")
    bas_looks(bas, allowed=True)
    taken = noor_answers(noor, "Nee")
    bas_looks(bas, allowed=False)
    assert given == taken
    petra.tap("Taken")
    petra.must_read("Lot")


def noor_answers(noor: Phone, answer: str) -> tuple[int, int]:
    """Answer one question; how many taps and pages it took from the start page."""
    noor.open("/mijn/")
    taps, loads = noor.taps, noor.loads
    noor.tap("Toestemming: ")
    if noor.title != "Toestemming voor Lot":
        noor.tap("Lot")
    noor.choose(answer, within=QUESTION)
    noor.tap("Keuzes opslaan")
    noor.must_read("Uw keuze is opgeslagen", f"Nu: {answer.lower()}")
    return noor.taps - taps, noor.loads - loads


def bas_looks(bas: Phone, *, allowed: bool) -> None:
    """The sheet of his group for one purpose names who may not; whoever did not answer may not."""
    bas.tap("Mag dit?")
    bas.must_read("4 van 5 niet" if allowed else "5 van 5 niet", "Wie niet heeft gekozen, telt als nee")
    bas.tap("Website: foto’s")
    assert bas.reads("Lot") is not allowed


def noor_asks_for_a_correction(noor: Phone) -> str:
    noor.tap("Gegevens")
    noor.tap("Lot")
    noor.tap("Naam en geboorte")
    noor.tap("Klopt dit niet?", within="Geboorteplaats")
    noor.write("Het moet zijn", "Zomerdijk aan Zee")
    noor.tap("Verder")
    noor.write("Uw uitleg", "Kijk maar in het paspoort.")
    noor.tap("Verder")
    noor.choose("De leerkracht")
    noor.tap("Verder")
    return noor_sends(noor, "de leerkracht")


def noor_asks_for_a_removal(noor: Phone) -> str:
    noor.tap("Gegevens")
    noor.tap("Lot")
    noor.tap("Geloof en herkomst")
    noor.tap("Toon de gegevens")
    noor.tap("Weghalen vragen", within="Geboorteland")
    noor.tap("Verder")
    noor.tap("Verder")
    noor.choose("De leerkracht")
    noor.tap("Verder")
    return noor_sends(noor, "de directeur")


def noor_sends(noor: Phone, desk: str) -> str:
    """A rule may send it higher than was chosen; the parent reads where it is and when the answer comes.

    Answers the id of the request.
    """
    noor.must_read("Uw verzoek is nog niet verstuurd")
    noor.tap("Verzoek versturen")
    noor.must_read("Uw verzoek is verstuurd", desk, "uiterlijk op")
    noor.tap("Bekijk uw verzoek")
    return noor.path.rpartition("/")[2]


def the_teacher_proposes(bas: Phone, case: str) -> None:
    bas.tap("Verzoeken")
    bas.tap("Lot")
    assert bas.path.endswith(case), "the removal went to the director alone"
    bas.tap("Oppakken")
    bas.tap("Voorstel doen")
    bas.choose("Toewijzen")
    bas.tap("Voorstel versturen")


def the_director_decides(portal: Running, hanna: Phone, noor: Phone, case: str) -> None:
    """The mail says nothing; the answer with its reason is in the portal."""
    before = portal.count_mails(NOOR)
    hanna.tap("Verzoeken")
    hanna.must_read("Lot")
    hanna.open(f"/werk/verzoeken/{case}")
    hanna.must_read("Er ligt een voorstel")
    hanna.tap("Besluiten")
    hanna.choose("Toewijzen")
    hanna.write("Uitleg aan de ouder", "Dank u wel, het paspoort klopt.")
    hanna.tap("Besluit versturen")
    mail = portal.wait_for_mail(NOOR, beyond=before)
    assert not any(word in mail for word in ("Lot", "Zomerdijk", "eboorte", "Hanna", "paspoort"))
    noor.tap("Verzoeken")
    noor.must_read("Geboorteplaats")
    noor.open(f"/mijn/verzoeken/{case}")
    noor.must_read("Antwoord van de school", "Dank u wel, het paspoort klopt.", "Zomerdijk aan Zee")


def the_case_is_carried_out_and_closed(petra: Phone, hanna: Phone, case: str) -> None:
    petra.tap("Taken")
    for path in {link for link in links_of(petra) if link.startswith("/werk/taken/")}:
        petra.open(path)
        if petra.reads("Geboorteplaats") and petra.can_touch("Opslaan"):
            petra.choose("Gedaan")
            petra.write("Toelichting", "Aangepast in ParnasSys en daar nagekeken.")
            petra.tap("Opslaan")
    hanna.open(f"/werk/verzoeken/{case}")
    hanna.tap("Sluiten")
    assert not hanna.can_touch("Sluiten")


def the_next_files_show_whether_it_arrived(petra: Phone, cast: Cast, folder: Path) -> None:
    arrived = (Arrived({}, {"sem": "Leeuwarden"}), Arrived({}, {"sem": "Leeuwarden", "lot": "Zomerdijk aan Zee"}))
    later = replace(cast, arrived=(cast.arrived[0], *arrived))
    (_, still_old, _) = exported(later, folder, 1)
    the_administration_brings(petra, still_old)
    petra.must_read("nog niet verwerkt in het bronsysteem")
    (_, corrected, _) = exported(later, folder, 2)
    the_administration_brings(petra, corrected)
    petra.must_read("nu ook in het bronsysteem")
