"""Writes files in the forms that schools' systems write, and cells that are safe in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_SCHOOL = (
    *("schooljaar", "peildatum", "brincode", "dependancecode", "instellingsnummer", "schoolkey"),
    *("aanmaakdatum", "auteur", "xsdversie", "commentaar"),
)
_PUPIL = (
    *("achternaam", "voorvoegsel", "voornamen", "voorletters-1", "roepnaam", "geboortedatum", "geslacht"),
    *("start_ondw_jgr3", "jaargroep", "groep", "samengestelde_groepen", "vestiging", "gebruikersnaam"),
    *("emailadres", "fotourl", "etniciteit", "land", "land_vader", "land_moeder"),
    *("sofinummer", "bsn", "onderwijsnummer", "bsn_ondwnr-4", "rijksregisternummer"),
    *("gewicht_nieuw", "gewicht", "postcodenl", "postnummerbe", "postcodeoverig"),
    *("instroomdatum", "uitstroomdatum", "mutatiedatum"),
)
_TEACHER = ("achternaam", "voorvoegsel", "voornamen", "voorletters-1", "roepnaam", "gebruikersnaam", "emailadres")
_REFERENCES = ("groep", "vestiging")
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<EDEX xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:noNamespaceSchemaLocation="EDEXML.structuur.xsd">\n'
)

Record = Mapping[str, str | Sequence[str]]


def write_edexml(
    school: Mapping[str, str],
    groups: Iterable[Mapping[str, str]],
    pupils: Iterable[Record],
    teachers: Iterable[Record] = (),
    locations: Iterable[Mapping[str, str]] = (),
) -> bytes:
    """An EDEXML 2.1 file; the same records give the same bytes.

    Records use the element names of EDEXML, and `key` and `eckid` for the attributes. `groep` and `vestiging` of
    a pupil hold a key, `samengestelde_groepen` a list of keys; a group is combined when it has no `jaargroep`; a
    teacher's `groepen` is a list of keys. Raises ValueError for a name that EDEXML does not have.
    """
    group_rows = list(groups)
    combined = {group["key"] for group in group_rows if "jaargroep" not in group}
    text = [_HEAD, _element("school", {}, _leaves(school, _SCHOOL), 1)]
    sections = {
        "vestigingen": [_element("vestiging", _keys(row), _leaves(row, ("naam",)), 2) for row in locations],
        "groepen": [_group(row) for row in group_rows],
        "leerlingen": [_element("leerling", _keys(row), _leaves(row, _PUPIL), 2) for row in pupils],
        "leerkrachten": [_teacher(row, combined) for row in teachers],
    }
    text += [_element(name, {}, rows, 1) for name, rows in sections.items() if rows]
    return "".join([*text, "</EDEX>\n"]).encode()


def write_list(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A list as Dutch Excel opens it: UTF-8 with a mark, `;`, CRLF, every cell quoted and safe.

    Raises ValueError when a row has a column that is not in `columns`.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: safe_cell(text) for name, text in row.items()})
    return b"\xef\xbb\xbf" + out.getvalue().encode()


GUARDIAN_COLUMNS = (
    *("Leerlingnummer", "Verzorgernummer", "Relatie", "Wettelijk vertegenwoordiger"),
    *("Voorletters", "Voornaam", "Tussenvoegsel", "Achternaam", "Geslacht", "Geboortedatum"),
    *("Straat", "Huisnummer", "Toevoeging", "Postcode", "Woonplaats", "Geheim adres"),
    *("Telefoon", "Geheim telefoonnummer", "E-mailadres", "Geheim e-mailadres"),
    *("IBAN", "Beroep", "Opleiding", "Burgerlijke staat", "Geboorteland", "Overleden"),
)


def write_guardian_list(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A list of guardians, one row for every relation, with `GUARDIAN_COLUMNS`."""
    return write_list(GUARDIAN_COLUMNS, rows)


def safe_cell(text: str) -> str:
    """The text, with a `'` before it when a spreadsheet would take it for a formula (also full-width signs).

    A name such as `'t Hart` stays as it is. The reader takes the `'` off again.
    """
    return f"'{text}" if text.startswith(_TRIGGERS) else text


def _keys(record: Record) -> dict[str, str]:
    return {name: str(record[name]) for name in ("key", "eckid") if name in record}


def _leaves(record: Record, order: Sequence[str]) -> list[str]:
    strange = set(record) - {*order, "key", "eckid"}
    if strange:
        raise ValueError(f"not in EDEXML: {', '.join(sorted(strange))}")
    return [_leaf(name, record[name]) for name in order if name in record]


def _leaf(name: str, value: str | Sequence[str]) -> str:
    if name == "samengestelde_groepen":
        keys = [value] if isinstance(value, str) else value
        return _element(name, {}, [_element("samengestelde_groep", {"key": key}, [], 4) for key in keys], 3)
    if name in _REFERENCES:
        return _element(name, {"key": str(value)}, [], 3)
    return f"{'  ' * 3}<{name}>{escape(str(value))}</{name}>\n"


def _group(record: Mapping[str, str]) -> str:
    name = "groep" if "jaargroep" in record else "samengestelde_groep"
    return _element(name, _keys(record), _leaves(record, ("naam", "jaargroep", "omschrijving")), 2)


def _teacher(record: Record, combined: set[str]) -> str:
    plain = {name: value for name, value in record.items() if name not in ("rol", "groepen")}
    parts = _leaves(plain, _TEACHER)
    parts += [_leaf("rol", role) for role in _many(record.get("rol", ()))]
    keys = _many(record.get("groepen", ()))
    references = [_element("samengestelde_groep" if key in combined else "groep", {"key": key}, [], 4) for key in keys]
    if references:
        parts.append(_element("groepen", {}, references, 3))
    return _element("leerkracht", _keys(record), parts, 2)


def _many(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _element(name: str, attributes: Mapping[str, str], parts: Sequence[str], depth: int) -> str:
    indent = "  " * depth
    opening = name + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    if not parts:
        return f"{indent}<{opening}/>\n"
    return f"{indent}<{opening}>\n{''.join(parts)}{indent}</{name}>\n"
