"""Teachers and groups from the shell: from a day, until a day, for the own school alone."""

from datetime import date, timedelta

from parentportal.outside.clock import SystemClock, amsterdam_date
from tests.cli.installation import Installation
from tests.people import People

HERE = ("--school", "99AA")
BAS = ("--email", "Bas@waterlijn.example")


def today() -> date:
    return amsterdam_date(SystemClock().now())


def periods(installed: Installation) -> set[tuple[str, str, str, str | None]]:
    rows = installed.answers("teacher", "list", *HERE)
    return {(row["group"], row["teacher"], row["from"], row["until"]) for row in rows}


def test_a_teacher_gets_a_group_and_stops_with_it(installed: Installation, cast: People) -> None:
    before = len(installed.acts())
    begun = {("2", "Bas Molenaar", "2026-08-01", None), ("5", "Ilse Vermeer", "2026-08-01", None)}
    assert periods(installed) == begun
    said = installed.run("teacher", "assign", *HERE, "--group", "5", *BAS).stdout
    assert said == f"Bas Molenaar heeft groep 5 vanaf {today():%d-%m-%Y}.\n"
    assert periods(installed) == begun | {("5", "Bas Molenaar", today().isoformat(), None)}

    until = today() + timedelta(days=7)
    key = ("--adult", cast.bas.hex[-8:])
    ended = installed.answer("teacher", "end", *HERE, "--group", "5", *key, "--until", f"{until:%d-%m-%Y}")
    assert (ended["teacher"], ended["until"]) == ("Bas Molenaar", until.isoformat())
    installed.run("teacher", "end", *HERE, "--group", "2", *BAS)
    assert ("2", "Bas Molenaar", "2026-08-01", today().isoformat()) in periods(installed)
    assert [(act.event, act.by_id, act.by_role, act.about_id) for act in installed.acts(before)] == [
        ("teacher:assigned", None, "operator", cast.bas),
        ("teacher:unassigned", None, "operator", cast.bas),
        ("teacher:unassigned", None, "operator", cast.bas),
    ]
    table = installed.run("teacher", "list", *HERE).stdout
    assert ("Ilse Vermeer" in table, cast.bas.hex[-8:] in table) == (True, True)


def test_of_two_periods_the_day_says_which_one_stops(installed: Installation, cast: People) -> None:
    first, second = today() + timedelta(days=10), today() + timedelta(days=30)
    assign = ("teacher", "assign", *HERE, "--group", "5", *BAS)
    installed.run(*assign, "--from", first.isoformat(), "--until", second.isoformat())
    installed.run(*assign, "--from", second.isoformat())
    end = ("teacher", "end", *HERE, "--group", "5", *BAS, "--until", (second + timedelta(days=5)).isoformat())
    assert f"{first:%d-%m-%Y}, {second:%d-%m-%Y}" in installed.refusal(*end)
    assert installed.answer(*end, "--from", second.isoformat())["from"] == second.isoformat()


def test_what_does_not_fit_is_explained_and_changes_nothing(installed: Installation, cast: People) -> None:
    before, begun = len(installed.acts()), periods(installed)
    assign, end = ("teacher", "assign", *HERE), ("teacher", "end", *HERE)
    five, two = ("--group", "5"), ("--group", "2")
    for arguments, words in (
        ((*assign, "--group", "9", *BAS), "Groep “9” is er niet"),
        ((*assign, "--group", "4", *BAS), "Groepen: 2, 5."),
        ((*assign, *five), "--email of met --adult"),
        ((*assign, *five, *BAS, "--adult", str(cast.bas)), "niet met allebei"),
        ((*assign, *five, "--adult", str(cast.hanna)), "Deze leerkracht is er niet op deze school"),
        ((*assign, *five, "--email", "mirjam@waterlijn.example"), "Deze leerkracht is er niet op deze school"),
        ((*assign, *five, *BAS, "--from", "2026-12-01", "--until", "01-11-2026"), "--until: Kies een einddatum"),
        ((*assign, *five, *BAS, "--from", "gisteren"), "--from: “gisteren” is geen dag"),
        ((*assign, *two, *BAS), "heeft de groep al in deze periode"),
        ((*end, *five, *BAS), "Bas Molenaar heeft groep 5 niet"),
        ((*end, *two, *BAS, "--until", "2026-07-31"), "--until: Kies een dag op of na de eerste dag."),
        (("teacher", "list", "--school", "99ZX"), "School 99ZX bestaat niet"),
    ):
        assert words in installed.refusal(*arguments), arguments
    assert periods(installed) == begun
    assert installed.acts(before) == []
