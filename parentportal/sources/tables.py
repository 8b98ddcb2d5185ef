"""A list as rows of cells, from CSV or from a workbook: where its header is and which rows count."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parentportal.sources.columns import meaning
from parentportal.sources.delivery import N_, Problem, Reason, Refused, Remarks
from parentportal.sources.text import clean

MOST_ROWS = 60_000
MOST_COLUMNS = 200
MOST_CELL = 100 * 1024
TITLE_LINES = 20
_TOTAL = re.compile(r"(eind|sub)?(totaal|total)\b|aantal\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as text, and the row number as a person sees it. Dates are ISO, yes and no are “ja” and “nee”."""

    line: int
    cells: tuple[str, ...]

    def is_empty(self) -> bool:
        """Nothing but white space in it."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class RawTable:
    """All rows of a file, before anything is known of its header."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


@dataclass
class Table:
    """The header and the rows below it that count; rows that do not fit are left out and reported."""

    headers: tuple[str, ...]
    rows: list[Row]
    left_out: int = 0
    remarks: Remarks = field(default_factory=Remarks)


def recognised(cells: Sequence[str]) -> int:
    """How many of these cells are headers that are known."""
    return sum(1 for cell in cells if cell.strip() and meaning(cell) is not None)


def cut(raw: RawTable) -> Table:
    """Find the header among the first lines and keep the rows that fit it.

    Raises `Refused` when there is no header, no row, or too much of anything.
    """
    remarks = Remarks(problems=list(raw.problems))
    rows = [row for row in raw.rows if not row.is_empty()]
    if not rows:
        raise Refused(Reason.EMPTY, N_("Er staat niets in deze lijst. Maak de export opnieuw."))
    head = max(range(min(TITLE_LINES, len(rows))), key=lambda index: recognised(rows[index].cells))
    if recognised(rows[head].cells) < 2:
        raise Refused(
            Reason.UNKNOWN_FORMAT,
            N_("Er is geen regel met bekende kolomnamen gevonden. Zet boven elke kolom hoe het veld heet."),
        )
    if head:
        remarks.warn("title-lines", N_("Boven de kolomnamen staan andere regels. Die zijn overgeslagen."), rows[0].line)
    headers = tuple(clean(cell) or "" for cell in _without_tail(rows[head].cells))
    if len(headers) > MOST_COLUMNS:
        raise Refused(Reason.TOO_LARGE, N_("Er staan meer dan 200 kolommen in deze lijst. Laat kolommen weg."))
    table = Table(headers, [], remarks=remarks)
    for row in rows[head + 1 :]:
        _keep(table, row)
    if not table.rows:
        raise Refused(Reason.EMPTY, N_("Er staan geen regels onder de kolomnamen. Maak de export opnieuw."))
    return table


def _without_tail(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _keep(table: Table, row: Row) -> None:
    filled = [cell for cell in row.cells if cell.strip()]
    width = len(table.headers)
    if _TOTAL.match(filled[0].strip()) and len(filled) <= 3:
        table.remarks.warn("total-row", N_("Deze regel lijkt een totaal. Hij is overgeslagen."), row.line)
    elif len(row.cells) < width or any(cell.strip() for cell in row.cells[width:]):
        table.left_out += 1
        table.remarks.warn(
            "ragged-row",
            N_(
                "Deze regel heeft niet evenveel velden als er kolommen zijn (%(columns)s). Hij is niet gelezen. "
                "Herstel hem."
            ),
            row.line,
            values={"columns": width},
        )
    else:
        table.rows.append(Row(row.line, row.cells[:width]))
        if len(table.rows) > MOST_ROWS:
            raise Refused(
                Reason.TOO_LARGE, N_("Er staan te veel regels in deze lijst. Splits hem per school."), row.line
            )


def check_cell(text: str, line: int) -> str:
    """The cell itself; raises `Refused` when it holds more than 100 kB."""
    if len(text) > MOST_CELL:
        raise Refused(Reason.TOO_LARGE, N_("In één cel staat meer dan 100 kB tekst. Laat die kolom weg."), line)
    return text
