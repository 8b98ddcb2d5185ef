"""Reads EDEXML 1.03, 2.0 and 2.1 as real systems write it: by path and name, never by the official schema.

The published schema refuses every file of today (its list of school years ends in 2025) and every block
of a vendor; the checks that matter are made here and in `edexml_pupils`.
"""

import io
import re
from datetime import date
from xml.parsers.expat import errors as expat

from stdnum.nl import brin

from parentportal.sources.delivery import (
    N_,
    Delivery,
    GroupKind,
    GroupRecord,
    Kind,
    Reason,
    Refused,
    Remarks,
    SchoolRecord,
    TeacherRecord,
)
from parentportal.sources.edexml_pupils import YEAR_GROUPS, Pupils, Structure, count_blocks
from parentportal.sources.text import clean, iso_date, moment
from parentportal.sources.xml_tree import Element, read_records

_ENCODING_ERRORS = (expat.XML_ERROR_UNKNOWN_ENCODING, expat.XML_ERROR_INCORRECT_ENCODING)
_SCHOOL_PARTS = frozenset(
    (
        *("schooljaar", "peildatum", "brincode", "dependancecode", "instellingsnummer", "schoolkey"),
        *("aanmaakdatum", "auteur", "xsdversie", "commentaar", "toevoegingen"),
    )
)
_SECTIONS = {
    "vestigingen": ("vestiging",),
    "groepen": ("groep", "samengestelde_groep"),
    "leerlingen": ("leerling",),
    "leerkrachten": ("leerkracht",),
}


def read_edexml(content: bytes) -> Delivery:
    """The whole file as one delivery; raises `Refused` when any part of it cannot be trusted."""
    _check_encoding(content)
    reader = _Reader()
    read_records(io.BytesIO(content), reader.take, _ENCODING_ERRORS)
    return reader.delivery()


def _check_encoding(content: bytes) -> None:
    """Bytes of another character set under a UTF-8 header are refused with their line, never guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
        return
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)", content)
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8"):
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(
            Reason.ENCODING,
            N_("De tekens in dit bestand kloppen niet met de kop (UTF-8). Maak de export opnieuw en bewerk hem niet."),
            content.count(b"\n", 0, error.start) + 1,
        ) from error


class _Reader:
    """Takes the records as they come, in whatever order, and puts them together at the end."""

    def __init__(self) -> None:
        self.remarks = Remarks()
        self.school: Element | None = None
        self.structure = Structure()
        self.pupils = Pupils(self.remarks)
        self.teachers: list[TeacherRecord] = []

    def take(self, section: str, record: Element) -> None:
        """One finished record below the root; `section` is empty for the school itself."""
        if section == "" and record.name == "school":
            self._take_school(record)
        elif section == "" and record.name in _SECTIONS:
            return
        elif record.name not in _SECTIONS.get(section, ()):
            self.remarks.count_unknown(f"{section}/{record.name}" if section else record.name)
        elif section == "vestigingen":
            self._take_location(record)
        elif section == "groepen":
            self._take_group(record)
        elif section == "leerlingen":
            self.pupils.take(record)
        else:
            self._take_teacher(record)

    def delivery(self) -> Delivery:
        """Everything together, with the references checked."""
        if not self.pupils.drafts:
            raise Refused(Reason.EMPTY, N_("Er staan geen leerlingen in dit bestand. Maak de export opnieuw."))
        school = self.school or Element("school", {}, 1)
        reference = self._date(school, "peildatum")
        created = moment(school.text("aanmaakdatum"))
        as_of = reference or (created.date() if created else None)
        self._check_school(school)
        return Delivery(
            kind=Kind.PUPILS,
            format="edexml",
            version=school.text("xsdversie"),
            school=_school_record(school),
            school_year=school.text("schooljaar"),
            reference_date=reference,
            created_at=created,
            author=school.text("auteur"),
            complete=True,
            groups=tuple(self.structure.groups.values()),
            pupils=self.pupils.finished(self.structure, as_of),
            teachers=tuple(self.teachers),
            unknown_fields=self.remarks.unknown_fields(),
            problems=tuple(self.remarks.problems),
            row_count=len(self.pupils.drafts),
        )

    def _take_school(self, record: Element) -> None:
        if self.school is not None:
            self.remarks.warn(
                "second-school", N_("De school staat er twee keer in. Alleen de eerste is gelezen."), record.line
            )
            return
        self.school = record
        for part in record.children:
            if part.name == "toevoegingen":
                count_blocks(self.remarks, "school", part)
            elif part.name not in _SCHOOL_PARTS:
                self.remarks.count_unknown(f"school/{part.name}")

    def _check_school(self, school: Element) -> None:
        if self.school is None:
            self.remarks.warn("no-school", N_("In het bestand staat niet van welke school het is. Kijk dat na."))
        year = school.text("schooljaar")
        if year is None or not re.fullmatch(r"\d{4}-\d{4}", year):
            self.remarks.warn(
                "no-school-year",
                N_("Het schooljaar ontbreekt of klopt niet. Kijk het na."),
                school.line,
                "schooljaar",
            )
        code = school.text("brincode")
        if code is not None and not brin.is_valid(code):
            self.remarks.warn("brin", N_("Het schoolnummer (BRIN) klopt niet. Kijk het na."), school.line, "brincode")

    def _date(self, record: Element, name: str) -> date | None:
        text = record.text(name)
        read = iso_date(text)
        if text is not None and read is None:
            self.remarks.warn(
                "odd-value",
                N_("Bij %(element)s staat geen datum. De waarde is niet gelezen."),
                record.line,
                name,
                values={"element": name},
            )
        return read

    def _take_location(self, record: Element) -> None:
        key, name = clean(record.attributes.get("key")), record.text("naam")
        if key is not None and name is not None:
            self.structure.locations.setdefault(key, name)

    def _take_group(self, record: Element) -> None:
        key = clean(record.attributes.get("key"))
        for part in record.children:
            if part.name == "toevoegingen":
                count_blocks(self.remarks, f"groepen/{record.name}", part)
            elif part.name not in ("naam", "jaargroep", "omschrijving", "mutatiedatum"):
                self.remarks.count_unknown(f"groepen/{record.name}/{part.name}")
        if key is None:
            self.remarks.warn(
                "group-without-key", N_("Een groep heeft geen sleutel. Hij is overgeslagen."), record.line
            )
            return
        if key in self.structure.groups:
            self.remarks.warn(
                "duplicate-group", N_("Twee groepen hebben dezelfde sleutel. De eerste is gelezen."), record.line
            )
            return
        year = record.text("jaargroep")
        if year is not None and year not in YEAR_GROUPS:
            self.remarks.warn(
                "unknown-code",
                N_("Een groep heeft een onbekende jaargroep. Kijk die na."),
                record.line,
                "jaargroep",
            )
        kind = GroupKind.HOME if record.name == "groep" else GroupKind.COMBINED
        name = record.text("naam")
        if name is None:
            self.remarks.warn(
                "group-without-name", N_("Een groep heeft geen naam. Vul die in uw systeem."), record.line
            )
        self.structure.groups[key] = GroupRecord(key, name or key, year, kind)

    def _take_teacher(self, record: Element) -> None:
        groups, roles = [], [*record.texts("rol"), *record.texts("rolomschrijving")]
        for list_of_groups in record.all("groepen"):
            groups += [key for group in list_of_groups.children if (key := clean(group.attributes.get("key")))]
            roles += [role for group in list_of_groups.children for role in group.texts("rol")]
        for additions in record.all("toevoegingen"):
            count_blocks(self.remarks, "leerkrachten/leerkracht", additions)
        self.teachers.append(
            TeacherRecord(
                key=clean(record.attributes.get("key")),
                call_name=record.text("roepnaam"),
                initials=record.text("voorletters-1"),
                prefix=record.text("voorvoegsel"),
                surname=record.text("achternaam"),
                email=record.text("emailadres"),
                username=record.text("gebruikersnaam"),
                roles=tuple(dict.fromkeys(roles)),
                group_keys=tuple(dict.fromkeys(groups)),
                line=record.line,
            )
        )


def _school_record(school: Element) -> SchoolRecord:
    code = (school.text("brincode") or "").upper()
    branch = code[4:6] or school.text("dependancecode")
    return SchoolRecord(
        brin=code[:4] or None,
        branch=None if branch in (None, "00", "0") else branch,
        schoolkey=school.text("schoolkey"),
        institution_number=school.text("instellingsnummer"),
    )
