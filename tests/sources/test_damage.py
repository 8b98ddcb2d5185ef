"""However a file is damaged, it is read whole or refused in Dutch, and never breaks the reader."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from parentportal.sources import Refused, read
from parentportal.sources.delivery import Reason
from parentportal.sources.writing import write_guardian_list
from tests.sources.edex import edex, pupil

EDEX = edex(pupil(), pupil(key="102"))
GUARDIANS = write_guardian_list([{"Leerlingnummer": "101", "Relatie": "moeder", "Achternaam": "de Wit"}])


def workbook() -> bytes:
    book = Workbook()
    book.active.append(("Leerlingnummer", "Roepnaam", "Geboortedatum"))
    book.active.append((101, "Sem", date(2016, 4, 3)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = workbook()
SHEET = zipfile.ZipFile(io.BytesIO(WORKBOOK)).read("xl/worksheets/sheet1.xml")


def with_sheet(sheet: bytes) -> bytes:
    out = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(WORKBOOK))
    with zipfile.ZipFile(out, "w") as made:
        for name in whole.namelist():
            made.writestr(name, sheet if name.endswith("sheet1.xml") else whole.read(name))
    return out.getvalue()


def read_or_refuse(content: bytes) -> None:
    try:
        read(content, "bestand")
    except Refused as refused:
        assert refused.message.endswith(".")  # noqa: PT017 -- both ways are right, and a refusal has a sentence


def test_edexml_cut_off_anywhere_is_refused():
    for end in range(len(EDEX)):
        with pytest.raises(Refused):
            read(EDEX[:end], "EDEX.XML")


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """The file with a piece of it replaced by something else."""
    places = st.tuples(st.integers(0, len(content)), st.integers(0, 12), st.binary(max_size=12))
    return places.map(lambda p: content[: p[0]] + p[2] + content[p[0] + p[1] :])


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(*(damaged(whole) for whole in (EDEX, GUARDIANS, WORKBOOK)), damaged(SHEET).map(with_sheet)))
def test_a_damaged_file_is_read_or_refused(content):
    read_or_refuse(content)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    read_or_refuse(content)


@settings(max_examples=150, deadline=None)
@given(cells=st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_any_text_in_a_row_is_read_or_refused(cells):
    read_or_refuse(("Leerlingnummer;Geboortedatum;BSN\n" + ";".join(cells)).encode("utf-8", errors="replace"))


def test_a_workbook_with_a_password_on_its_parts_is_malformed():
    content = bytearray(WORKBOOK)
    start = 0
    while (found := content.find(b"PK\x01\x02", start)) != -1:
        content[found + 8] |= 1
        start = found + 4
    with pytest.raises(Refused) as caught:
        read(bytes(content), "x.xlsx")
    assert caught.value.reason is Reason.MALFORMED
