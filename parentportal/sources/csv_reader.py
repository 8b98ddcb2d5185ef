"""Reads a list in CSV: its character set, its separator and its rows, without ever shifting a cell."""

import csv
import io

from parentportal.sources.delivery import N_, Level, Problem, Reason, Refused
from parentportal.sources.tables import (
    MOST_COLUMNS,
    MOST_ROWS,
    TITLE_LINES,
    RawTable,
    Row,
    check_cell,
    recognised,
)

SEPARATORS = (";", ",", "\t")


def read_csv(content: bytes) -> RawTable:
    """The rows of this file; raises `Refused` when it cannot be decoded or a quotation mark is left open."""
    text, problems = _decode(content)
    separator, text, skipped = _separator(text)
    return RawTable(tuple(_rows(text, separator, skipped)), problems)


def _decode(content: bytes) -> tuple[str, tuple[Problem, ...]]:
    """A mark or strict UTF-8; Windows-1252 only as a guess that a person looks at."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig"), ()
    except UnicodeDecodeError as error:
        at = content.count(b"\n", 0, error.start) + 1
        if wide:
            message = N_("Het bestand is beschadigd of niet compleet. Maak de export opnieuw.")
            raise Refused(Reason.MALFORMED, message, at) from error
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Refused(
            Reason.ENCODING, N_("De tekens in dit bestand zijn niet te lezen. Sla het op als CSV UTF-8."), at
        ) from error
    guess = Problem(
        Level.WARN,
        "encoding-guess",
        N_("Het bestand is niet in UTF-8. Het is gelezen als Windows-tekst. Kijk of namen met een accent kloppen."),
        at,
        confirm=True,
    )
    return text, (guess,)


def _separator(text: str) -> tuple[str, str, int]:
    """The separator, the text after a `sep=` line, and how many lines that took off."""
    first, _, rest = text.partition("\n")
    named = first.strip().strip('"')
    if named.lower().startswith("sep=") and len(named) == 5:
        return named[4], rest, 1
    if first.rstrip("\r\n").lower() == "sep=\t":
        return "\t", rest, 1
    return max(SEPARATORS, key=lambda candidate: _fit(text, candidate)), text, 0


def _fit(text: str, separator: str) -> tuple[int, int]:
    """How well a separator explains the first lines: known headers first, then the number of cells."""
    lines = text[: 64 * 1024].splitlines()[:TITLE_LINES]
    rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    return max(((recognised(row), len(row)) for row in rows), default=(0, 0))


def _rows(text: str, separator: str, skipped: int) -> list[Row]:
    # Without strict=True an unclosed quotation mark swallows the rest of the file into one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    line = skipped + 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS and any(cell.strip() for cell in cells[MOST_COLUMNS:]):
                raise Refused(Reason.TOO_LARGE, N_("Er staan meer dan 200 kolommen in deze lijst."), line)
            rows.append(Row(line, tuple(check_cell(cell, line) for cell in cells)))
            if len(rows) > MOST_ROWS + TITLE_LINES:
                raise Refused(
                    Reason.TOO_LARGE, N_("Er staan te veel regels in deze lijst. Splits hem per school."), line
                )
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            raise Refused(
                Reason.TOO_LARGE, N_("In één cel staat meer dan 100 kB tekst. Laat die kolom weg."), line
            ) from error
        raise Refused(
            Reason.MALFORMED,
            N_("Bij deze regel klopt een aanhalingsteken niet. Herstel de regel of maak de export opnieuw."),
            line,
        ) from error
    return rows
