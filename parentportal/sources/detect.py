"""What kind of file this is, by its content and not by its name."""

import io
import re
import zipfile
from enum import StrEnum
from pathlib import PurePath

from parentportal.sources.delivery import N_, Reason, Refused

MOST_BYTES = 25 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_ENTRIES = 50
MOST_WORKBOOK_ENTRIES = 1000

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BEFORE_ROOT = re.compile(r"\s*(<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([\w.-]+)")
_EDEX2000 = re.compile(r"EDEX(LL|LK|GR|LG)\.TXT", re.IGNORECASE)
_UWLR_ROOTS = ("Envelope", "leerlinggegevens_antwoord", "leerlinggegevens", "leerresultaten_verzoek")
_OSO_ROOTS = ("dossier", "oso_gegevensset")


class Format(StrEnum):
    """The formats that can be read."""

    EDEXML = "edexml"
    CSV = "csv"
    XLSX = "xlsx"


def detect(content: bytes, filename: str = "") -> Format:
    """The format of this file; raises `Refused` with the reason when it is none that can be read."""
    if len(content) > MOST_BYTES:
        raise Refused(Reason.TOO_LARGE, N_("Het bestand is groter dan 25 MB. Maak een export van één school."))
    if not content.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise Refused(Reason.EMPTY, N_("Het bestand is leeg. Maak de export opnieuw."))
    if content.startswith(b"PK\x03\x04"):
        return _inside_zip(content)
    _refuse_other_binary(content)
    if _EDEX2000.fullmatch(PurePath(filename).name):
        raise Refused(
            Reason.UNKNOWN_FORMAT,
            N_("Dit is een bestand in de oude vorm EDEX2000. Kies in uw systeem voor EDEXML."),
        )
    head = _readable(content).lstrip("\ufeff \t\r\n\0")
    if head.startswith("<"):
        return _xml(head)
    if head.startswith(("{", "[")):
        raise Refused(Reason.UNKNOWN_FORMAT, N_("Dit is een JSON-bestand. Maak een export als EDEXML, CSV of xlsx."))
    return Format.CSV


def _readable(content: bytes) -> str:
    """Enough of the file as text to recognise it; only the marks of ASCII matter here."""
    if content.startswith(_UTF16):
        return content.decode("utf-16", errors="replace")
    if content[:2] == b"<\0":
        return content.decode("utf-16-le", errors="replace")
    if content[:2] == b"\0<":
        return content.decode("utf-16-be", errors="replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _xml(text: str) -> Format:
    """A web page is told apart before the rule on DOCTYPE, or the user reads the wrong reason."""
    start = 0
    while found := _BEFORE_ROOT.match(text, start):
        start = found.end()
    rest = text[start:].lstrip()
    if re.match(r"<!doctype\s+html|<html|<head|<body", rest, re.IGNORECASE):
        raise Refused(
            Reason.NOT_AN_EXPORT,
            N_("Dit is een webpagina, geen export. Meld u aan bij uw systeem en maak de export opnieuw."),
        )
    if rest[:9].upper() == "<!DOCTYPE":
        raise Refused(
            Reason.DOCTYPE,
            N_("Het bestand begint met een DOCTYPE. Dat hoort niet in een export. Maak hem opnieuw."),
        )
    root = _ROOT.match(rest)
    if root is None:
        raise Refused(Reason.MALFORMED, N_("Het XML-bestand is beschadigd. Maak de export opnieuw."), 1)
    _refuse_other_root(root.group(1), rest[:2000])
    return Format.EDEXML


def _refuse_other_root(name: str, start: str) -> None:
    if name == "EDEX":
        return
    if "oso_gegevensset" in start or name in _OSO_ROOTS:
        raise Refused(
            Reason.UNKNOWN_FORMAT,
            N_("Dit is een overstapdossier (OSO). Het portaal leest dat nog niet. Kies voor de export EDEXML."),
        )
    if name in _UWLR_ROOTS or "edustandaard.nl/leerresultaten" in start:
        raise Refused(
            Reason.UNKNOWN_FORMAT,
            N_("Dit is een UWLR-bericht. Het portaal leest dat nog niet. Kies in uw systeem voor EDEXML."),
        )
    raise Refused(
        Reason.NOT_AN_EXPORT, N_("Dit is een ander soort XML-bestand. Kies in uw systeem voor de export EDEXML.")
    )


def _refuse_other_binary(content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            Reason.UNKNOWN_FORMAT,
            N_("Dit is een oud of met een wachtwoord beveiligd Excel-bestand. Sla het op als gewoon .xlsx."),
        )
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")):
        raise Refused(Reason.UNKNOWN_FORMAT, N_("Dit bestand is geen export. Kies een bestand in EDEXML, CSV of xlsx."))
    wide = content.startswith(_UTF16) or content[:2] in (b"<\0", b"\0<")
    if b"\0" in content and not wide:
        raise Refused(Reason.UNKNOWN_FORMAT, N_("Dit bestand is geen tekst. Kies een bestand in EDEXML, CSV of xlsx."))


def _inside_zip(content: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(Reason.MALFORMED, N_("Het bestand is beschadigd. Sla het opnieuw op als .xlsx.")) from error
    names = {entry.filename for entry in entries}
    is_workbook = "[Content_Types].xml" in names and "xl/workbook.xml" in names
    if len(entries) > (MOST_WORKBOOK_ENTRIES if is_workbook else MOST_ENTRIES):
        raise Refused(Reason.TOO_LARGE, N_("Er zitten te veel bestanden in dit zipbestand. Lever één export aan."))
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused(Reason.TOO_LARGE, N_("Het bestand is uitgepakt groter dan 100 MB. Maak een kleinere export."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(
            Reason.UNKNOWN_FORMAT,
            N_("Er staan macro’s in dit Excel-bestand (.xlsm). Sla het op als .xlsx zonder macro’s."),
        )
    if is_workbook:
        return Format.XLSX
    if "manifest.csv" in names:
        raise Refused(
            Reason.UNKNOWN_FORMAT,
            N_("Dit is een OneRoster-bestand. Het portaal leest dat nog niet. Kies voor EDEXML."),
        )
    raise Refused(
        Reason.UNKNOWN_FORMAT, N_("Dit is een zipbestand. Pak het eerst uit en kies het bestand dat erin zit.")
    )
