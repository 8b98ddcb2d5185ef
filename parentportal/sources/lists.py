"""Turns a list of pupils, of guardians, or of pupils with their parents beside them, into a delivery."""

from collections.abc import Set as AbstractSet

from parentportal.sources.cells import Cells, sex_of_m
from parentportal.sources.columns import Column, Layout, Slot, fingerprint, lay_out
from parentportal.sources.delivery import (
    N_,
    Answer,
    Delivery,
    GroupKind,
    GroupRecord,
    ItemValue,
    Kind,
    PupilRecord,
    PupilRef,
    Reason,
    Refused,
    SchoolRecord,
    Standing,
)
from parentportal.sources.guesses import asked
from parentportal.sources.list_guardians import Guardians
from parentportal.sources.tables import RawTable, Row, Table, cut
from parentportal.sources.text import iso_date
from parentportal.sources.xml_tree import MOST_PUPILS

_POINTERS = ("pupil.source_key", "pupil.source_keys", "pupil.eckid")
_NAMES = ("pupil.surname", "pupil.call_name", "pupil.first_names")
_NO_ITEM = ("pupil.source_keys", "group.key", "secret.address", "secret.phone", "secret.email")
MOST_ROWS_WITH_ERRORS = 0.02


def read_list(raw: RawTable, form: str, about: Kind | None, confirmed: AbstractSet[str]) -> Delivery:
    """The list as one delivery; raises `Refused` when no column says which child a row is about."""
    table = cut(raw)
    layout = lay_out(table.headers, about, table.remarks)
    reader = _ListReader(table, layout, confirmed)
    reader.read()
    return reader.delivery(form)


class _ListReader:
    def __init__(self, table: Table, layout: Layout, confirmed: AbstractSet[str]) -> None:
        self.table = table
        self.layout = layout
        self.remarks = table.remarks
        self.left_out = table.left_out
        self.cells = Cells(table.remarks, confirmed, _sex_codes(table, layout))
        self.guardians = Guardians(self.cells)
        self.pupils: dict[object, PupilRecord] = {}
        self.eckids: set[str] = set()
        self.groups: dict[str, GroupRecord] = {}
        self._refuse_without_pointer()

    def read(self) -> None:
        """Every row, in order."""
        for row in self.table.rows:
            items = self._pupil_items(row)
            refs = self._refs(row, items)
            if not refs:
                self._leave_out(row, "no-pupil", N_("In deze regel staat niet om welk kind het gaat. Vul dat aan."))
                continue
            if self.layout.kind is not Kind.GUARDIANS:
                self._take_pupil(row, items, refs[0])
            filled = sum(self.guardians.take(row, slot, number, refs) for number, slot in self._slots())
            if self.layout.kind is Kind.GUARDIANS and not filled:
                message = N_("In deze regel staat geen ouder. Vul de gegevens aan in uw systeem.")
                self.remarks.warn("no-guardian", message, row.line)

    def delivery(self, form: str) -> Delivery:
        """What was read; a list is never complete, so it cannot make a child missing."""
        rows = len(self.table.rows) + self.table.left_out
        if self.left_out > rows * MOST_ROWS_WITH_ERRORS:
            self.remarks.hold(
                "mass-change",
                N_("%(left_out)s van de %(rows)s regels zijn niet gelezen. Herstel ze of ga bewust door."),
                {"left_out": self.left_out, "rows": rows},
            )
        if self.layout.kind is not Kind.GUARDIANS and not self.pupils:
            raise Refused(Reason.EMPTY, N_("Er staan geen leerlingen in deze lijst. Maak de export opnieuw."))
        return Delivery(
            kind=self.layout.kind,
            format=form,
            version=None,
            school=SchoolRecord(),
            school_year=None,
            reference_date=None,
            created_at=None,
            author=None,
            complete=False,
            groups=tuple(self.groups.values()),
            pupils=tuple(self.pupils.values()),
            guardians=self.guardians.records(),
            relations=self.guardians.relations(),
            unknown_fields=self.remarks.unknown_fields(),
            problems=tuple(self.remarks.problems),
            column_set=fingerprint(self.table.headers),
            columns=self.table.headers,
            row_count=rows,
            rows_left_out=self.left_out,
            asked=asked(self.remarks.asked, self.cells.confirmed),
        )

    def _slots(self) -> list[tuple[int, Slot]]:
        return list(enumerate(self.layout.slots, start=1))

    def _refuse_without_pointer(self) -> None:
        codes = {column.code for column in self.layout.pupil}
        by_name = "pupil.birth_date" in codes and codes.intersection(_NAMES)
        if not codes.intersection(_POINTERS) and not by_name:
            raise Refused(
                Reason.NOT_AN_EXPORT,
                N_("Geen kolom zegt om welk kind het gaat. Voeg het leerlingnummer toe, of naam en geboortedatum."),
            )
        if self.layout.kind is Kind.PUPILS and "pupil.source_keys" in codes:
            raise Refused(Reason.NOT_AN_EXPORT, N_("Dit is een lijst van ouders. Kies de soort “ouders”."))

    def _leave_out(self, row: Row, code: str, message: str) -> None:
        self.left_out += 1
        self.remarks.warn(code, message, row.line)

    def _pupil_items(self, row: Row) -> list[ItemValue]:
        items = []
        for column in self.layout.pupil:
            if column.code not in _NO_ITEM and (item := self.cells.item(column, row.cells[column.index], row.line)):
                items.append(item)
        return items

    def _cell(self, row: Row, code: str) -> tuple[Column, str] | None:
        column = next((column for column in self.layout.pupil if column.code == code), None)
        return (column, row.cells[column.index]) if column else None

    def _text(self, row: Row, code: str) -> str | None:
        found = self._cell(row, code)
        return self.cells.text(*found, row.line) if found else None

    def _refs(self, row: Row, items: list[ItemValue]) -> list[PupilRef]:
        """The children this row points at; more than one only in a column with several keys."""
        values = {item.field_code: item.value for item in items}
        if keys := self._text(row, "pupil.source_keys"):
            return [PupilRef(key=key.strip()) for key in keys.split(",") if key.strip()]
        ref = PupilRef(
            key=values.get("pupil.source_key"),
            eckid=values.get("pupil.eckid"),
            call_name=values.get("pupil.call_name") or values.get("pupil.first_names"),
            prefix=values.get("pupil.prefix"),
            surname=values.get("pupil.surname"),
            birth_date=iso_date(values.get("pupil.birth_date")),
        )
        named = ref.birth_date is not None and (ref.surname or ref.call_name)
        return [ref] if ref.key or ref.eckid or named else []

    def _take_pupil(self, row: Row, items: list[ItemValue], ref: PupilRef) -> None:
        identity: object = ref.key or ref.eckid or ref
        if identity in self.pupils or ref.eckid in self.eckids:
            if ref.key is None and ref.eckid is None:
                self.remarks.warn("duplicate-pupil", N_("Dit kind staat er al in. De eerste regel geldt."), row.line)
            elif not self.layout.row_per_relation:
                raise Refused(
                    Reason.DUPLICATE_KEY,
                    N_("Een leerlingnummer of ECK iD staat er twee keer in. Herstel dat en maak de export opnieuw."),
                    row.line,
                )
            return
        if len(self.pupils) >= MOST_PUPILS:
            raise Refused(Reason.TOO_LARGE, N_("Er staan meer dan 20.000 leerlingen in deze lijst."), row.line)
        if ref.key is None and ref.eckid is None and "pupil.source_key" in {c.code for c in self.layout.pupil}:
            self.remarks.warn("no-key", N_("Een leerlingnummer ontbreekt. Vul het aan in uw systeem."), row.line)
        if ref.eckid is not None:
            self.eckids.add(ref.eckid)
        self.pupils[identity] = self._pupil(row, items, ref)

    def _pupil(self, row: Row, items: list[ItemValue], ref: PupilRef) -> PupilRecord:
        values = {item.field_code: item.value for item in items}
        group = values.get("pupil.group")
        key = self._text(row, "group.key") or group
        if key is not None:
            self.groups.setdefault(key, GroupRecord(key, group or key, None, GroupKind.HOME))
        if ref.birth_date is None:
            self.remarks.warn("no-birth-date", N_("Een leerling heeft geen geboortedatum. Vul die aan."), row.line)
        is_dummy = ref.key is not None and ref.key.startswith("#")
        if is_dummy:
            items = [item for item in items if item.field_code != "pupil.source_key"]
        return PupilRecord(
            key=ref.key,
            key_is_dummy=is_dummy,
            eckid=ref.eckid,
            items=tuple(items),
            home_group=key,
            combined_groups=(),
            enrolled_on=iso_date(values.get("pupil.enrolled_on")),
            left_on=iso_date(values.get("pupil.left_on")),
            standing=Standing.APPLIED if (group or "").casefold() == "aangemeld" else Standing.ENROLLED,
            line=row.line,
            address_secret=self._answer(row, "secret.address"),
            phone_secret=self._answer(row, "secret.phone"),
            email_secret=self._answer(row, "secret.email"),
        )

    def _answer(self, row: Row, code: str) -> Answer:
        found = self._cell(row, code)
        return self.cells.answer(*found, row.line) if found else Answer.UNKNOWN


def _sex_codes(table: Table, layout: Layout) -> dict[int, str | None]:
    """What M means, per column."""
    return {
        column.index: sex_of_m(row.cells[column.index] for row in table.rows)
        for column in layout.all()
        if column.code in ("pupil.sex", "guardian.sex")
    }
