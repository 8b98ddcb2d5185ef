"""Small EDEXML files, made in a test to hold exactly one trap."""

from collections import Counter
from pathlib import Path

from parentportal.sources import Delivery, read

DATA = Path(__file__).parents[1] / "data" / "edexml"

SCHOOL = (
    "<school><schooljaar>2026-2027</schooljaar><peildatum>2026-10-01</peildatum><brincode>99AA</brincode>"
    "<aanmaakdatum>2026-10-02T09:30:00</aanmaakdatum><xsdversie>2.1</xsdversie></school>"
)
GROUPS = (
    '<groepen><groep key="g5"><naam>Groep 5</naam><jaargroep>5</jaargroep></groep>'
    '<groep key="g12"><naam>Groep 1/2</naam><jaargroep>C</jaargroep></groep>'
    '<samengestelde_groep key="plus"><naam>Plusklas</naam></samengestelde_groep></groepen>'
)


def pupil(inside: str = "", key: str = "101") -> str:
    """Sem Bakker of group 5, and whatever a test adds."""
    return (
        f'<leerling key="{key}"><achternaam>Bakker</achternaam><roepnaam>Sem</roepnaam>'
        f'<geboortedatum>2016-04-03</geboortedatum><jaargroep>5</jaargroep><groep key="g5"/>{inside}</leerling>'
    )


def edex(*pupils: str, school: str = SCHOOL, groups: str = GROUPS, rest: str = "") -> bytes:
    """A whole file, in UTF-8."""
    body = "\n".join(pupils)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}\n<EDEX>{school}{groups}<leerlingen>\n{body}\n</leerlingen>{rest}</EDEX>".encode()


def read_edex(*pupils: str, **parts: str) -> Delivery:
    """The delivery of a file with these pupils."""
    return read(edex(*pupils, **parts), "EDEX.XML")


def codes(delivery: Delivery) -> Counter[str]:
    """How often every remark was made."""
    return Counter(problem.code for problem in delivery.problems)
