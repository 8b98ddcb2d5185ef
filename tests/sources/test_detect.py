"""A file is recognised by what is in it, and whoever picked the wrong one reads why."""

import io
import zipfile

import pytest

from parentportal.sources import Refused, read
from parentportal.sources.delivery import Kind, Reason
from parentportal.sources.detect import Format, detect
from tests.sources.edex import edex, pupil

LIST = b"Leerlingnummer;Roepnaam;Geboortedatum\r\n101;Sem;03-04-2016\r\n"


def refusal(content: bytes, filename: str = "bestand", kind: str = "auto") -> Refused:
    with pytest.raises(Refused) as caught:
        read(content, filename, kind)
    return caught.value


def archive(*names: str, size: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, b"x" * size)
    return out.getvalue()


def test_an_extension_does_not_matter():
    assert read(edex(pupil()), "leerlingen.csv").format == "edexml"
    assert read(LIST, "EDEX.XML").format == "csv"


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>Aanmelden</body></html>",
        b"\xef\xbb\xbf  <html lang='nl'></html>",
        b"<?xml version='1.0'?>\n<!-- x -->\n<!doctype HTML PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'><html/>",
        "<!DOCTYPE html><html></html>".encode("utf-16"),
    ],
)
def test_a_sign_in_page_saved_as_xml_is_called_a_web_page(page):
    refused = refusal(page, "EDEX.XML")
    assert refused.reason is Reason.NOT_AN_EXPORT
    assert "webpagina" in refused.message


def test_a_doctype_before_another_root_is_refused_as_doctype():
    assert refusal(b"<!DOCTYPE EDEX SYSTEM 'x.dtd'><EDEX/>").reason is Reason.DOCTYPE


@pytest.mark.parametrize("content", [b"", b"  \r\n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_empty(content):
    assert refusal(content).reason is Reason.EMPTY


def test_a_file_over_25_mb_is_too_large():
    assert refusal(LIST + b" " * 25 * 1024 * 1024).reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<soap:Envelope xmlns:soap='s'><soap:Body/></soap:Envelope>", "UWLR"),
        (b"<leerlinggegevens_antwoord xmlns='http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens'/>", "UWLR"),
        (b"<dossier xmlns='http://www.edustandaard.nl/oso_gegevensset/2019/dossier'/>", "OSO"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "Excel"),
        (b"%PDF-1.7 rest", "EDEXML"),
        (b'{"pupils": []}', "JSON"),
        (b"abc\0def", "geen tekst"),
    ],
)
def test_what_is_not_supported_is_named(content, word):
    refused = refusal(content)
    assert refused.reason is Reason.UNKNOWN_FORMAT
    assert word in refused.message


@pytest.mark.parametrize("name", ["EDEXLL.TXT", "edexgr.txt"])
def test_the_old_edex2000_is_told_to_become_edexml(name):
    refused = refusal(b"Bakker    Sem   ", name)
    assert refused.reason is Reason.UNKNOWN_FORMAT
    assert "EDEX2000" in refused.message


def test_another_root_is_not_an_export():
    assert refusal(b"<facturen><factuur/></facturen>").reason is Reason.NOT_AN_EXPORT


def test_a_tag_that_never_ends_is_malformed():
    assert refusal(b"<").reason is Reason.MALFORMED


def test_a_workbook_with_macros_is_refused():
    refused = refusal(archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"))
    assert refused.reason is Reason.UNKNOWN_FORMAT
    assert "macro" in refused.message


@pytest.mark.parametrize(
    ("names", "word"), [(("manifest.csv", "users.csv"), "OneRoster"), (("EDEX.XML",), "zipbestand")]
)
def test_a_zip_is_told_to_be_unpacked(names, word):
    refused = refusal(archive(*names))
    assert refused.reason is Reason.UNKNOWN_FORMAT
    assert word in refused.message


def test_a_zip_with_too_many_entries_is_too_large():
    assert refusal(archive(*(f"{n}.txt" for n in range(51)))).reason is Reason.TOO_LARGE


def test_a_zip_bomb_is_too_large_before_it_is_unpacked():
    assert refusal(archive("a", "b", size=51 * 1024 * 1024)).reason is Reason.TOO_LARGE


def test_a_cut_off_zip_is_malformed():
    whole = archive("[Content_Types].xml", "xl/workbook.xml")
    assert refusal(whole[:-30]).reason is Reason.MALFORMED


def test_a_list_where_edexml_was_meant_is_not_an_export():
    assert refusal(LIST, kind="edexml").reason is Reason.NOT_AN_EXPORT
    assert refusal(edex(pupil()), kind="guardians").reason is Reason.NOT_AN_EXPORT


def test_a_text_without_known_columns_is_an_unknown_format():
    assert refusal(b"naar;de;winkel\nmelk;kaas;brood\n").reason is Reason.UNKNOWN_FORMAT


def test_an_unknown_kind_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="no such kind"):
        read(LIST, "x.csv", "oso")


def test_a_list_is_csv_and_about_pupils():
    assert detect(LIST) is Format.CSV
    assert read(LIST, "x").kind is Kind.PUPILS
