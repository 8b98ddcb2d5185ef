"""Readers of the files that schools' systems export."""

from collections.abc import Set as AbstractSet

from parentportal.sources.csv_reader import read_csv
from parentportal.sources.delivery import Delivery, Kind, Reason, Refused
from parentportal.sources.detect import Format, detect
from parentportal.sources.edexml import read_edexml
from parentportal.sources.lists import read_list
from parentportal.sources.xlsx_reader import read_xlsx

__all__ = ["Delivery", "Reason", "Refused", "read"]

KINDS = ("auto", "edexml", "pupils", "guardians")


def read(content: bytes, filename: str, kind: str = "auto", *, confirmed: AbstractSet[str] = frozenset()) -> Delivery:
    """The whole file as one checked delivery; raises `Refused` when it cannot be used.

    `kind` is one of `KINDS`; `confirmed` holds codes of guesses a person has agreed to: `two-digit-year`,
    `sex-m-male` or `sex-m-female`. Raises ValueError for a kind that does not exist.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of file: {kind}")
    found = detect(content, filename)
    if (found is Format.EDEXML) != (kind == "edexml") and kind != "auto":
        what = "een lijst (CSV of xlsx)" if kind != "edexml" else "een EDEXML-bestand"
        raise Refused(Reason.NOT_AN_EXPORT, f"Dit bestand is niet {what}. Kies een ander bestand of een andere soort.")
    if found is Format.EDEXML:
        return read_edexml(content)
    table = read_csv(content) if found is Format.CSV else read_xlsx(content)
    about = {"pupils": Kind.PUPILS, "guardians": Kind.GUARDIANS}.get(kind)
    return read_list(table, found.value, about, confirmed)
