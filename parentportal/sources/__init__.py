"""Readers of the files that schools' systems export."""

from collections.abc import Set as AbstractSet

from parentportal.sources.csv_reader import read_csv
from parentportal.sources.delivery import N_, Delivery, Kind, Reason, Refused
from parentportal.sources.detect import Format, detect
from parentportal.sources.edexml import read_edexml
from parentportal.sources.lists import read_list
from parentportal.sources.tables import RawTable

__all__ = ["Delivery", "Reason", "Refused", "read"]

KINDS = ("auto", "edexml", "pupils", "guardians")
NO_EDEXML = N_("Dit is geen EDEXML-bestand. Kies een ander bestand of een andere soort.")
NO_LIST = N_("Dit is geen lijst (CSV of xlsx). Kies een ander bestand of een andere soort.")


def read(content: bytes, filename: str, kind: str = "auto", *, confirmed: AbstractSet[str] = frozenset()) -> Delivery:
    """The whole file as one checked delivery; raises `Refused` when it cannot be used.

    `kind` is one of `KINDS`; `confirmed` holds codes of `guesses.GUESSES` that a person has agreed to. Raises
    ValueError for a kind that does not exist.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of file: {kind}")
    found = detect(content, filename)
    if (found is Format.EDEXML) != (kind == "edexml") and kind != "auto":
        raise Refused(Reason.NOT_AN_EXPORT, NO_EDEXML if kind == "edexml" else NO_LIST)
    if found is Format.EDEXML:
        return read_edexml(content)
    table = read_csv(content) if found is Format.CSV else _read_workbook(content)
    about = {"pupils": Kind.PUPILS, "guardians": Kind.GUARDIANS}.get(kind)
    return read_list(table, found.value, about, confirmed)


def _read_workbook(content: bytes) -> RawTable:
    from parentportal.sources.xlsx_reader import read_xlsx  # loads slowly, and most files are no workbooks

    return read_xlsx(content)
