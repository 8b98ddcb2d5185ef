"""Pupils of an EDEXML file: their values, and whether what they point at is there."""

from dataclasses import dataclass, field
from datetime import date

from parentportal.sources.delivery import (
    N_,
    NO_VALUES,
    GroupKind,
    GroupRecord,
    ItemValue,
    PupilRecord,
    Reason,
    Refused,
    Remarks,
    Standing,
    Values,
    standing_on,
)
from parentportal.sources.fields import label
from parentportal.sources.text import clean, iso_date, looks_garbled, passes_check
from parentportal.sources.xml_tree import Element

YEAR_GROUPS = frozenset({*"BD012345678SVCNH", "11", "12", "13", "14", "15", "16"})
PATH = "leerlingen/leerling"

# NEN-ISO 5218; an OSO dossier counts the other way round, so its codes never come through here.
_SEX = {"0": "unknown", "1": "male", "2": "female", "9": "unspecified"}

_TEXTS: dict[str, tuple[str, str | None]] = {
    "achternaam": ("pupil.surname", None),
    "voorvoegsel": ("pupil.prefix", None),
    "voornamen": ("pupil.first_names", None),
    "voorletters-1": ("pupil.initials", None),
    "roepnaam": ("pupil.call_name", None),
    "gebruikersnaam": ("pupil.username", None),
    "emailadres": ("pupil.email", None),
    "fotourl": ("pupil.photo_url", None),
    "etniciteit": ("pupil.ethnicity", "edexml"),
    "land": ("pupil.country", "iso-3166"),
    "land_vader": ("pupil.country_father", "iso-3166"),
    "land_moeder": ("pupil.country_mother", "iso-3166"),
    "sofinummer": ("pupil.bsn", "sofinummer"),
    "bsn": ("pupil.bsn", "bsn"),
    "onderwijsnummer": ("pupil.education_number", None),
    "bsn_ondwnr-4": ("pupil.bsn_last4", None),
    "rijksregisternummer": ("pupil.bsn", "rijksregisternummer"),
    "gewicht_nieuw": ("pupil.weight", "gewicht_nieuw"),
    "gewicht": ("pupil.weight", "gewicht"),
    "postcodenl": ("pupil.address.postcode", "nl"),
    "postnummerbe": ("pupil.address.postcode", "be"),
    "postcodeoverig": ("pupil.address.postcode", "other"),
}
_DATES = {
    "geboortedatum": "pupil.birth_date",
    "start_ondw_jgr3": "pupil.start_year3",
    "instroomdatum": "pupil.enrolled_on",
    "uitstroomdatum": "pupil.left_on",
}
_CODES = {
    "etniciteit": frozenset("019"),
    "gewicht_nieuw": frozenset({"0", "0,3", "1,2"}),
    "gewicht": frozenset({"0.00", "0.25", "0.40", "0.70", "0.90"}),
}
_ELSEWHERE = frozenset({"geslacht", "jaargroep", "groep", "samengestelde_groepen", "vestiging", "mutatiedatum"})
_NAMES = ("achternaam", "roepnaam")
SAME_KEY = N_(
    "Twee leerlingen in dit bestand hebben dezelfde sleutel. Herstel dat in uw systeem. Maak de export opnieuw."
)
SAME_ECKID = N_(
    "Twee leerlingen in dit bestand hebben hetzelfde ECK iD. Herstel dat in uw systeem. Maak de export opnieuw."
)

CARRIED = frozenset(
    {code for code, _ in _TEXTS.values()}
    | set(_DATES.values())
    | {f"pupil.{name}" for name in ("sex", "group", "year_group", "location", "source_key", "eckid")}
)
"""Every registered field that an EDEXML file can hold: of these, no value means that the school entered none."""


@dataclass
class Structure:
    """The groups and locations of the school, by key."""

    groups: dict[str, GroupRecord] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """A pupil whose references wait for the end of the file."""

    key: str | None
    eckid: str | None
    line: int
    items: list[ItemValue]
    dates: dict[str, date]
    year_group: str | None
    home: str | None
    combined: tuple[str, ...]
    location: str | None


class Pupils:
    """Collects pupils; `finished` checks what they refer to once the whole file has been read."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._keys: set[str] = set()
        self._eckids: set[str] = set()
        self.drafts: list[_Draft] = []

    def take(self, record: Element) -> None:
        """One pupil; raises `Refused` when its key or ECK iD has been seen before."""
        key = clean(record.attributes.get("key"))
        eckid = clean(record.attributes.get("eckid"))
        self._refuse_double(key, self._keys, SAME_KEY, record.line)
        self._refuse_double(eckid, self._eckids, SAME_ECKID, record.line)
        if key is None and eckid is None:
            self._warn(
                record, "no-key", N_("Een leerling heeft geen sleutel. Koppelen lukt alleen met de hand."), "key"
            )
        combined = [group for part in record.all("samengestelde_groepen") for group in part.children]
        draft = _Draft(
            key=key,
            eckid=eckid,
            line=record.line,
            items=[],
            dates={},
            year_group=self._year_group(record),
            home=_key_of(record.all("groep")),
            combined=tuple(dict.fromkeys(k for part in combined if (k := _key_of([part])))),
            location=_key_of(record.all("vestiging")),
        )
        self._read_keys(draft, record)
        self._read_parts(draft, record)
        self.drafts.append(draft)

    def finished(self, structure: Structure, as_of: date | None) -> tuple[PupilRecord, ...]:
        """The pupils with their groups and their standing on this date."""
        return tuple(self._finish(draft, structure, as_of) for draft in self.drafts)

    def _refuse_double(self, key: str | None, seen: set[str], message: str, line: int) -> None:
        if key is None:
            return
        if key in seen:
            raise Refused(Reason.DUPLICATE_KEY, message, line)
        seen.add(key)

    def _warn(self, record: Element, code: str, text: str, name: str, values: Values = NO_VALUES) -> None:
        self._remarks.warn(code, text, record.line, name, values=values)

    def _read_keys(self, draft: _Draft, record: Element) -> None:
        if draft.key is not None and not draft.key.startswith("#"):
            draft.items.append(ItemValue("pupil.source_key", draft.key, None, f"{PATH}/@key"))
        if draft.eckid is not None:
            draft.items.append(ItemValue("pupil.eckid", draft.eckid, None, f"{PATH}/@eckid"))
            if not passes_check("pupil.eckid", draft.eckid):
                self._warn(record, "check-digit", N_("Het ECK iD heeft niet de gewone vorm. Kijk het na."), "eckid")

    def _read_parts(self, draft: _Draft, record: Element) -> None:
        seen: set[str] = set()
        for part in record.children:
            text = part.own_text()
            if part.name == "toevoegingen":
                count_blocks(self._remarks, PATH, part)
            elif part.name not in _TEXTS and part.name not in _DATES and part.name not in _ELSEWHERE:
                self._remarks.count_unknown(f"{PATH}/{part.name}")
            elif text is None or part.name in ("jaargroep", "mutatiedatum", "groep", "vestiging"):
                continue
            elif part.name in seen:
                message = N_("%(element)s staat er twee keer. De eerste geldt.")
                self._warn(part, "duplicate-field", message, part.name, {"element": part.name})
            else:
                seen.add(part.name)
                self._read_value(draft, part, text)
        if not seen.intersection(_NAMES):
            self._warn(record, "no-name", N_("Een leerling heeft geen naam. Vul die in uw systeem."), "achternaam")
        if "geboortedatum" not in seen:
            self._warn(
                record,
                "no-birth-date",
                N_("Een leerling heeft geen geboortedatum. Vul die in uw systeem."),
                "geboortedatum",
            )

    def _read_value(self, draft: _Draft, part: Element, text: str) -> None:
        path = f"{PATH}/{part.name}"
        if part.name in _DATES:
            read = iso_date(text)
            if read is None:
                message = N_("Bij %(element)s staat geen datum. De waarde is niet gelezen.")
                self._warn(part, "odd-value", message, part.name, {"element": part.name})
                return
            draft.dates[part.name] = read
            draft.items.append(ItemValue(_DATES[part.name], read.isoformat(), None, path))
        elif part.name == "geslacht":
            if text not in _SEX:
                self._warn(part, "unknown-code", N_("Bij geslacht staat een onbekende code. Kijk die na."), part.name)
            draft.items.append(ItemValue("pupil.sex", _SEX.get(text, "unknown"), "sex", path))
        elif text != "?" and part.name in _TEXTS:  # a question mark is the code for "not known"
            self._read_text(draft, part, text, path)

    def _read_text(self, draft: _Draft, part: Element, text: str, path: str) -> None:
        code, scheme = _TEXTS[part.name]
        if part.name == "postcodenl":
            text = text.replace(" ", "").upper()
        if part.name in _CODES and text not in _CODES[part.name]:
            message = N_("Bij %(element)s staat een onbekende code. Kijk die na.")
            self._warn(part, "unknown-code", message, part.name, {"element": part.name})
        if not passes_check(code, text, scheme):
            message = N_("Dit veld klopt niet: %(field)s. Kijk het na.")
            self._warn(part, "check-digit", message, part.name, {"field": label(code)})
        if looks_garbled(code, text):
            self._warn(part, "garbled-name", N_("In een naam staan vreemde tekens. Kijk de naam na."), part.name)
        draft.items.append(ItemValue(code, text, scheme, path))

    def _year_group(self, record: Element) -> str | None:
        text = record.text("jaargroep")
        if text == "C":
            self._warn(
                record, "unknown-code", N_("Jaargroep C hoort bij een groep, niet bij een leerling."), "jaargroep"
            )
            return None
        if text is not None and text not in YEAR_GROUPS:
            self._warn(record, "unknown-code", N_("Een leerling heeft een onbekende jaargroep."), "jaargroep")
        return text

    def _finish(self, draft: _Draft, structure: Structure, as_of: date | None) -> PupilRecord:
        home = self._known(draft, draft.home, structure, GroupKind.HOME)
        combined = tuple(k for k in draft.combined if self._known(draft, k, structure, GroupKind.COMBINED))
        standing = standing_on(as_of, draft.dates.get("instroomdatum"), draft.dates.get("uitstroomdatum"))
        if draft.year_group == "H":
            standing = Standing.LEFT
        if home is not None and home.name.casefold() == "aangemeld":
            standing = Standing.APPLIED
        if draft.home is None and standing is not Standing.LEFT:
            self._remarks.warn(
                "no-group", N_("Een leerling staat niet in een groep. Deel het kind in."), draft.line, "groep"
            )
        items = [*draft.items, *self._place(draft, home, structure, standing)]
        return PupilRecord(
            key=draft.key,
            key_is_dummy=draft.key is not None and draft.key.startswith("#"),
            eckid=draft.eckid,
            items=tuple(items),
            home_group=home.key if home else None,
            combined_groups=combined,
            enrolled_on=draft.dates.get("instroomdatum"),
            left_on=draft.dates.get("uitstroomdatum"),
            standing=standing,
            line=draft.line,
        )

    def _known(self, draft: _Draft, key: str | None, structure: Structure, kind: GroupKind) -> GroupRecord | None:
        if key is None:
            return None
        group = structure.groups.get(key)
        if group is None or group.kind is not kind:
            self._remarks.warn(
                "unknown-group",
                N_("Een leerling wijst naar een groep die niet in het bestand staat."),
                draft.line,
                "groep",
            )
            return None
        return group

    def _place(
        self, draft: _Draft, home: GroupRecord | None, structure: Structure, standing: Standing
    ) -> list[ItemValue]:
        items = []
        if home is not None:
            items.append(ItemValue("pupil.group", home.name, None, f"{PATH}/groep"))
        year, path = draft.year_group, f"{PATH}/jaargroep"
        if year is None and home is not None and home.year_group not in (None, "C"):
            year, path = home.year_group, "groepen/groep/jaargroep"
            self._remarks.warn(
                "year-group-inherited",
                N_("Een jaargroep ontbrak. Die van de groep is gebruikt."),
                draft.line,
                "jaargroep",
            )
        elif year is None and standing is not Standing.LEFT:
            self._remarks.warn(
                "year-group-missing",
                N_("Een leerling heeft geen jaargroep. Vul die in uw systeem."),
                draft.line,
                "jaargroep",
            )
        if year is not None:
            items.append(ItemValue("pupil.year_group", year, "jaargroep", path))
        if draft.location is not None and draft.location in structure.locations:
            items.append(ItemValue("pupil.location", structure.locations[draft.location], None, f"{PATH}/vestiging"))
        elif draft.location is not None:
            self._remarks.warn(
                "unknown-location",
                N_("Een leerling wijst naar een onbekende vestiging."),
                draft.line,
                "vestiging",
            )
        return items


def count_blocks(remarks: Remarks, path: str, additions: Element) -> None:
    """Count a vendor's blocks by their code, without a value: they are personal data nobody asked for yet."""
    for block in additions.children:
        code = block.text("code") or block.attributes.get("type") or block.name
        remarks.count_unknown(f"{path}/toevoegingen/{code[:64]}")


def _key_of(parts: list[Element]) -> str | None:
    return next((key for part in parts if (key := clean(part.attributes.get("key")))), None)
