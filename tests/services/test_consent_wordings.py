"""Texts that change, and texts in more than one language: what is asked again, and what an answer stands on."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal import catalogue
from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.consents import ConsentEvent, ConsentItem, ConsentWording
from parentportal.outside.clock import FrozenClock
from parentportal.outside.translations import LIVE, find_translation
from parentportal.reads import consents as pages
from parentportal.reads.homes import get_parent_home
from parentportal.rules.consents import Choice, Effective, Reason
from parentportal.rules.errors import Invalid, NotNow
from parentportal.services import boards, consent_wordings, consents
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.people import WATERLIJN, People

ALLOWED = Effective(True, Reason.ALLOWED)


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def refused(reason: Reason) -> Effective:
    return Effective(False, reason)


def test_a_text_that_changed_in_substance_is_asked_again(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    old_words = school.wordings()
    publish(school, material=True)
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.UNCONFIRMED)
    with school.database.read() as session:
        page = pages.get_page(session, school.people.asha, by=school.visitor("ravi"))
    row = next(row for row in page.rows if row.item_id == school.item(WEB_PHOTO))
    assert (row.value, row.note) == (None, pages.Note.NEW_TEXT)
    item = school.item(WEB_PHOTO)
    with pytest.raises(Invalid) as problem:
        school.database.write(
            lambda session: consents.decide(
                session, school.people.asha, {item: YES}, old_words, by=school.visitor("ravi")
            )
        )
    assert list(problem.value.problems) == [f"keuze-{item}"]
    assert school.says("ravi", "asha", {WEB_PHOTO: YES}) is not None
    assert school.counts("asha", WEB_PHOTO) == ALLOWED


def test_clearer_words_keep_the_answer(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    publish(school, material=False)
    assert school.counts("asha", WEB_PHOTO) == ALLOWED


def publish(school: School, *, material: bool) -> None:
    def work(session: Session) -> None:
        item = session.get_one(ConsentItem, school.item(WEB_PHOTO))
        old = session.get_one(ConsentWording, school.wordings()[item.id])
        meaning = int(item.terms["meaning"]) + material
        item.terms = {**item.terms, "meaning": meaning}
        session.add(
            ConsentWording(
                id=new_id(),
                board_id=old.board_id,
                item_id=old.item_id,
                language=old.language,
                version=old.version + 1,
                texts={**old.texts, "where": "Ook op Instagram.", "meaning": str(meaning)},
                sha256="0" * 64,
                material=material,
                published_at=school.clock.now(),
            )
        )

    wordings = school.wordings()
    assert wordings
    school.database.write(work)


def test_a_question_that_the_board_drops_counts_no_more_and_takes_no_answer(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    without = WATERLIJN.replace('items = ["BM-F-WEB", "BM-V-WEB"]', 'items = ["BM-V-WEB"]')
    assert without != WATERLIJN
    school.database.write(lambda session: boards.load(session, without, by=OPERATOR))
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.NOT_OFFERED)
    with pytest.raises(Invalid):
        school.says("ravi", "asha", {WEB_PHOTO: NO})


def load(school: School) -> boards.Loaded:
    return school.database.write(lambda session: boards.load(session, WATERLIJN, by=OPERATOR))


def rows(school: School, code: str = WEB_PHOTO) -> list[ConsentWording]:
    """Every wording of a question, in the order in which they came."""
    with school.database.read() as session:
        return list(
            session.scalars(
                select(ConsentWording)
                .where(ConsentWording.item_id == school.item(code))
                .order_by(ConsentWording.version, ConsentWording.language)
            )
        )


def kept(school: School) -> list[ConsentEvent]:
    with school.database.read() as session:
        return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.at)))


def words_before(school: School, name: str, language: str) -> pages.Asked:
    """The question about the website as a guardian of Sem or Asha gets it in a language."""
    visitor = replace(school.visitor(name), language=language)
    with school.database.read() as session:
        page = pages.get_page(session, school.pupil("asha" if name == "ravi" else "sem"), by=visitor)
    return next(row for row in page.rows if row.item_id == school.item(WEB_PHOTO))


Say = Callable[[str, str | None], None]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """Lets the English for one Dutch text be other words, or none."""
    other: dict[str, str | None] = {}
    monkeypatch.setattr(
        consent_wordings,
        "find_translation",
        lambda text, language: other[text] if text in other else find_translation(text, language),
    )
    return other.__setitem__


Revise = Callable[..., None]


@pytest.fixture
def revise(monkeypatch: pytest.MonkeyPatch) -> Revise:
    """Changes the question about the website in the catalogue: its meaning, or one of its texts."""
    items = dict(catalogue.consent_items())
    monkeypatch.setattr(catalogue, "consent_items", lambda: items)

    def change(**parts: object) -> None:
        items[WEB_PHOTO] = replace(items[WEB_PHOTO], **parts)  # type: ignore[arg-type]  # each part as its field says

    return change


WHERE = "Op de website van de school."


def test_every_question_has_words_in_every_language_with_the_same_meaning_and_places(school: School) -> None:
    with school.database.read() as session:
        every = session.scalars(select(ConsentWording)).all()
        items = session.scalars(select(ConsentItem.id)).all()
    assert {(row.item_id, row.language) for row in every} == {(item, code) for item in items for code in LIVE}
    dutch = {row.item_id: row for row in every if row.language == "nl"}
    for row in every:
        source = dutch[row.item_id]
        assert row.texts["meaning"] == source.texts["meaning"]
        assert set(row.texts) - {"translates"} == set(source.texts)
        for part, text in source.texts.items():
            assert row.texts[part].strip(), part
            assert set(re.findall(r"{\w+}", row.texts[part])) == set(re.findall(r"{\w+}", text)), part
        assert row.language == "nl" or row.texts["question"] != source.texts["question"]


def test_loading_again_adds_no_words(school: School) -> None:
    before = rows(school)
    again = load(school)
    assert (again.changed, again.new_wordings) == (False, 0)
    assert [row.id for row in rows(school)] == [row.id for row in before]


@pytest.mark.parametrize("english", [None, "On the {place} of the school."], ids=["missing", "other places"])
def test_a_question_that_is_half_translated_is_asked_in_dutch(
    school: School, say: Say, revise: Revise, english: str | None
) -> None:
    say("Op een nieuwe plek.", english)
    revise(where="Op een nieuwe plek.")
    assert load(school).new_wordings == 1
    assert [(row.language, row.version) for row in rows(school)] == [("en", 1), ("nl", 1), ("nl", 2)]
    asked = words_before(school, "noor", "en")
    assert (asked.language, asked.explanation["where"]) == ("nl", "Op een nieuwe plek.")
    say("Op een nieuwe plek.", "In a new place.")
    assert load(school).new_wordings == 1
    asked = words_before(school, "noor", "en")
    assert (asked.language, asked.explanation["where"]) == ("en", "In a new place.")


def test_a_better_translation_is_a_new_version_on_which_answers_stay(school: School, say: Say) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES}, language="en")
    say(WHERE, "On the public website of the school.")
    load(school)
    found = [(row.language, row.version, row.material) for row in rows(school)]
    assert found == [("en", 1, True), ("nl", 1, True), ("en", 2, False)]
    assert school.counts("asha", WEB_PHOTO) == ALLOWED
    asked = words_before(school, "ravi", "en")
    assert (asked.value, asked.note) == ("yes", pages.Note.NONE)
    assert asked.explanation["where"] == "On the public website of the school."


@pytest.mark.parametrize("language", LIVE)
def test_another_meaning_ends_the_answers_in_every_language(school: School, revise: Revise, language: str) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES}, language=language)
    revise(version=catalogue.consent_items()[WEB_PHOTO].version + 1)
    load(school)
    assert [(row.language, row.version, row.material) for row in rows(school)][2:] == [("en", 2, True), ("nl", 2, True)]
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.UNCONFIRMED)
    for reader in LIVE:
        asked = words_before(school, "ravi", reader)
        assert (asked.value, asked.note, asked.language) == (None, pages.Note.NEW_TEXT, reader)
    school.says("ravi", "asha", {WEB_PHOTO: YES}, language=language)
    assert school.counts("asha", WEB_PHOTO) == ALLOWED


def test_another_meaning_without_english_words_is_asked_in_dutch(school: School, say: Say, revise: Revise) -> None:
    """The older English words mean something else, so an answer on them would never count."""
    old_words = school.wordings(language="en")
    say(WHERE, None)
    revise(version=catalogue.consent_items()[WEB_PHOTO].version + 1)
    load(school)
    assert words_before(school, "ravi", "en").language == "nl"
    item = school.item(WEB_PHOTO)
    with pytest.raises(Invalid):
        school.database.write(
            lambda session: consents.decide(
                session, school.people.asha, {item: YES}, old_words, by=school.visitor("ravi")
            )
        )
    assert kept(school) == []


@pytest.mark.parametrize("daan", [None, ("nl", YES), ("nl", NO), ("en", YES), ("en", NO)])
@pytest.mark.parametrize("noor", [YES, NO])
def test_an_answer_counts_the_same_in_every_language(
    school: School, noor: Choice, daan: tuple[str, Choice] | None
) -> None:
    outcomes = []
    for language in LIVE:
        school.says("noor", "sem", {WEB_PHOTO: YES if noor is NO else NO})
        school.says("noor", "sem", {WEB_PHOTO: noor}, language=language)
        if daan:
            school.says("daan", "sem", {WEB_PHOTO: daan[1]}, language=daan[0])
        outcomes.append(school.counts("sem", WEB_PHOTO))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].allowed is (noor is YES and (daan is None or daan[1] is YES))


@pytest.mark.parametrize("reader", LIVE)
@pytest.mark.parametrize("language", LIVE)
def test_an_answer_shows_as_given_in_every_language(school: School, language: str, reader: str) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES}, language=language)
    asked = words_before(school, "noor", reader)
    assert (asked.value, asked.note, asked.counts, asked.language) == ("yes", pages.Note.NONE, True, reader)
    with school.database.read() as session:
        home = get_parent_home(session, by=replace(school.visitor("noor"), language=reader))
    assert next(card.answered for card in home.cards if card.child.id == school.people.sem) == 1
    assert school.says("noor", "sem", {WEB_PHOTO: YES}, language=reader) is None, "the same answer changes nothing"


@pytest.mark.parametrize("language", LIVE)
def test_an_answer_is_kept_with_the_words_that_were_read(school: School, language: str) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES}, language=language)
    (event,) = kept(school)
    wording = next(row for row in rows(school) if row.id == event.wording_id)
    assert (event.language, wording.language) == (language, language)


def test_clearer_dutch_words_make_the_older_english_ones_stale(school: School) -> None:
    english = school.wordings(language="en")
    receipt = school.says("ravi", "asha", {WEB_PHOTO: YES}, language="en")
    publish(school, material=False)
    assert school.counts("asha", WEB_PHOTO) == ALLOWED, "what was said stands"
    assert words_before(school, "ravi", "en").language == "nl"
    item = school.item(WEB_PHOTO)
    ravi = school.visitor("ravi")
    with pytest.raises(Invalid):
        school.database.write(
            lambda session: consents.decide(session, school.people.asha, {item: NO}, english, by=ravi)
        )
    assert receipt is not None
    with school.database.read() as session:
        (line,) = pages.get_receipt(session, receipt, by=ravi).changes
    assert (line.language, line.can_undo) == ("en", False)
    with pytest.raises(NotNow):
        school.database.write(lambda session: consents.undo(session, receipt, item, by=ravi))


def test_undoing_is_kept_with_the_words_of_the_receipt(school: School) -> None:
    receipt = school.says("ravi", "asha", {WEB_PHOTO: YES}, language="en")
    assert receipt is not None
    ravi, item = school.visitor("ravi"), school.item(WEB_PHOTO)
    with school.database.read() as session:
        assert pages.get_receipt(session, receipt, by=ravi).changes[0].can_undo
    school.database.write(lambda session: consents.undo(session, receipt, item, by=ravi))
    first, second = kept(school)
    assert first.wording_id == second.wording_id
    assert (second.language, second.answer.value) == ("en", "withdrawn")


def test_words_of_another_question_are_no_words(school: School) -> None:
    words = school.wordings(language="en")
    item, other = school.item(WEB_PHOTO), school.item("BM-V-WEB")
    with pytest.raises(Invalid):
        school.database.write(
            lambda session: consents.decide(
                session, school.people.asha, {item: YES}, {item: words[other]}, by=school.visitor("ravi")
            )
        )
    assert kept(school) == []
