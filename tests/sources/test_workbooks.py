"""Lists in an Excel workbook: typed cells, hidden sheets and broken files."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from parentportal.sources import Refused, read
from parentportal.sources.delivery import Reason
from tests.sources.edex import codes

HEAD = ("Leerlingnummer", "Roepnaam", "Geboortedatum", "Groep", "Telefoon")


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*rows: tuple[object, ...]) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return book


def test_typed_cells_become_the_values_that_a_person_sees():
    rows = ((101, "Sem", date(2016, 4, 3), "5A", "0612345678"), (102.0, "Lot", datetime(2018, 11, 2), 2, None))  # noqa: DTZ001 -- a cell has no zone
    delivery = read(saved(workbook(HEAD, *rows)), "lijst.xlsx")
    sem, lot = delivery.pupils
    assert (delivery.format, sem.key, lot.key) == ("xlsx", "101", "102")
    assert (sem.value("pupil.birth_date"), lot.value("pupil.birth_date")) == ("2016-04-03", "2018-11-02")
    assert (sem.value("pupil.group"), lot.value("pupil.group")) == ("5A", "2")
    assert codes(delivery) == {}


def test_the_group_3_4_that_excel_made_a_date_is_refused_by_cell():
    delivery = read(saved(workbook(HEAD, (101, "Sem", date(2016, 4, 3), date(2026, 4, 3), 612345678))), "x.xlsx")
    found = delivery.pupils[0]
    assert found.group_keys == ()
    assert found.value("pupil.phone") == "0612345678"
    assert [(p.code, p.line, p.field) for p in delivery.problems] == [
        ("excel-damage", 2, "Groep"),
        ("zeros-restored", 2, "Telefoon"),
    ]


def test_a_formula_without_a_kept_answer_is_empty():
    delivery = read(saved(workbook(HEAD, (101, "Sem", date(2016, 4, 3), "=A1", ""))), "x.xlsx")
    assert delivery.pupils[0].value("pupil.group") is None


def test_an_error_of_excel_is_refused_by_cell():
    book = workbook(HEAD, (101, "Sem", date(2016, 4, 3), "5", "#N/A"))
    assert codes(read(saved(book), "x.xlsx")) == {"excel-damage": 1}


def test_a_true_cell_is_yes():
    book = workbook((*HEAD, "Geheim adres"), (101, "Sem", date(2016, 4, 3), "5", "", True))
    assert read(saved(book), "x.xlsx").pupils[0].address_secret.value == "yes"


def test_rows_are_counted_as_excel_shows_them():
    book = workbook(("Lijst van vandaag",), (), HEAD, (101, "Sem", date(2016, 4, 3), "5", ""))
    delivery = read(saved(book), "x.xlsx")
    assert delivery.pupils[0].line == 4
    assert codes(delivery) == {"title-lines": 1}


def test_a_hidden_sheet_is_not_read_and_said_so():
    book = workbook(HEAD, (101, "Sem", date(2016, 4, 3), "5", ""))
    hidden = book.create_sheet("geheim", 0)
    hidden.append(HEAD)
    hidden.append((999, "Niet", date(2016, 4, 3), "5", ""))
    hidden.sheet_state = "hidden"
    delivery = read(saved(book), "x.xlsx")
    assert [found.key for found in delivery.pupils] == ["101"]
    assert codes(delivery) == {"hidden-sheet": 1}


def test_only_the_first_sheet_is_read_and_said_so():
    book = workbook(HEAD, (101, "Sem", date(2016, 4, 3), "5", ""))
    book.create_sheet("meer").append(("x",))
    assert codes(read(saved(book), "x.xlsx")) == {"more-sheets": 1}


def test_a_workbook_of_more_than_200_columns_is_too_large():
    book = workbook((*HEAD, *("x" for _ in range(200))), (101, "Sem", date(2016, 4, 3)))
    with pytest.raises(Refused) as caught:
        read(saved(book), "x.xlsx")
    assert caught.value.reason is Reason.TOO_LARGE


def test_an_empty_workbook_is_empty():
    with pytest.raises(Refused) as caught:
        read(saved(Workbook()), "x.xlsx")
    assert caught.value.reason is Reason.EMPTY


def test_a_workbook_with_a_broken_sheet_is_malformed():
    whole = zipfile.ZipFile(io.BytesIO(saved(workbook(HEAD, (101, "Sem", date(2016, 4, 3), "5", "")))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, whole.read(name)[:200] if "sheet1" in name else whole.read(name))
    with pytest.raises(Refused) as caught:
        read(out.getvalue(), "x.xlsx")
    assert caught.value.reason is Reason.MALFORMED


def test_a_workbook_with_an_entity_bomb_is_malformed():
    whole = zipfile.ZipFile(io.BytesIO(saved(workbook(HEAD, (101, "Sem", date(2016, 4, 3), "5", "")))))
    out = io.BytesIO()
    bomb = b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>'
    with zipfile.ZipFile(out, "w") as broken:
        for name in whole.namelist():
            content = whole.read(name)
            broken.writestr(name, bomb + content if name.endswith("sheet1.xml") else content)
    with pytest.raises(Refused) as caught:
        read(out.getvalue(), "x.xlsx")
    assert caught.value.reason is Reason.MALFORMED


def test_one_cell_far_down_does_not_make_a_million_rows() -> None:
    book = workbook(("Leerlingnummer", "Roepnaam"), ("1", "Sem"))
    book.active.cell(row=1_000_000, column=1, value="2")
    with pytest.raises(Refused) as refused:
        read(saved(book), "lijst.xlsx")
    assert refused.value.reason is Reason.TOO_LARGE
