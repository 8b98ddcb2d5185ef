"""Reads a list in an Excel workbook: the first visible sheet, typed cells turned into text."""

import io
import warnings
import zipfile
import zlib
from datetime import date, datetime, time
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from parentportal.sources.delivery import N_, Level, Problem, Reason, Refused
from parentportal.sources.tables import MOST_COLUMNS, MOST_ROWS, TITLE_LINES, RawTable, Row, check_cell

# What zipfile, the XML parser and openpyxl raise on a damaged or odd workbook; openpyxl has no error of its own.
_BROKEN = (
    InvalidFileException,
    DefusedXmlException,
    ParseError,
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    OverflowError,
    zlib.error,
)


def read_xlsx(content: bytes) -> RawTable:
    """The rows of the first visible sheet; raises `Refused` when the workbook is broken or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks of openpyxl on styles and extensions that are not read
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            try:
                return _first_sheet(book)
            finally:
                book.close()
    except _BROKEN as error:
        raise Refused(
            Reason.MALFORMED, N_("Het Excel-bestand is beschadigd. Open het en sla het opnieuw op als .xlsx.")
        ) from error


def _first_sheet(book: Workbook) -> RawTable:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    problems = []
    if len(sheets) < len(book.worksheets):
        problems.append(Problem(Level.WARN, "hidden-sheet", N_("Verborgen tabbladen zijn niet gelezen.")))
    if not sheets:
        raise Refused(Reason.EMPTY, N_("Er staat geen zichtbaar tabblad in dit bestand. Zet de lijst op een tabblad."))
    if len(sheets) > 1:
        problems.append(
            Problem(
                Level.WARN,
                "more-sheets",
                N_("Alleen het eerste tabblad is gelezen. Lever elk tabblad apart aan."),
            )
        )
    sheet = sheets[0]
    rows: list[Row] = []
    if isinstance(sheet, ReadOnlyWorksheet):
        sheet.reset_dimensions()  # some writers state a size that is too small
    limit = MOST_ROWS + TITLE_LINES
    for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), start=1):
        row = Row(line, tuple(check_cell(_text(cell), line) for cell in cells))
        if not row.is_empty():
            rows.append(row)
        if len(rows) > limit or line > 2 * limit:  # one cell far down makes a million empty rows of a tiny file
            raise Refused(Reason.TOO_LARGE, N_("Er staan te veel regels in deze lijst. Splits hem per school."), line)
    return RawTable(tuple(_same_width(rows)), tuple(problems))


def _same_width(rows: list[Row]) -> list[Row]:
    """A sheet leaves empty cells at the end of a row away; they are there all the same."""
    width = max((len(row.cells) for row in rows), default=0)
    return [Row(row.line, row.cells + ("",) * (width - len(row.cells))) for row in rows]


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "ja" if cell else "nee"
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case float():
            return repr(cell).replace(".", ",")
    return str(cell)
