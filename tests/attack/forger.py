"""Somebody who sends what is not theirs wherever there is room for it: in paths, queries, forms and JSON."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse
from werkzeug.utils import cached_property

from tests.attack.keeping import Kept, touches
from tests.attack.portal import Portal
from tests.attack.strangers import Attacker
from tests.house.doors import DOORS
from tests.house.walking import Door, address, doors, knock, token_of
from tests.visit import BASE, path_of

VALUES = 5
"""Forged values for each parameter: foreign ids, those of the right kind first, and one of what does not exist."""
THINGS = ("pupil_id", "adult_id", "request_id", "receipt_id", "item_id", "session_id")
KINDS = {
    "teacher": "gone_id",
    "colleague": "gone_id",
    "second": "gone_id",
    "groups": "group_id",
    "keep": "adult_id",
    "gone": "adult_id",
    "verzoek": "request_id",
    "line": "line_id",
}
"""What kind of thing a field or a parameter names; a place in an address says so itself."""
TYPED = {"-day": "1", "-month": "6", "-year": "2027", "email": "kim@waterlijn.example", "name": "Kim Voorbeeld"}
"""What is filled in where nothing stands, by the end of the name of a field."""
PASSWORD = "zeven groene kikkers"
ANSWERS = frozenset({"answer", "proof_passkey"})
"""Fields in which a script puts JSON."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
EVERY, FEW = 9, 3
"""In a sample: one door in so many, so many pages, forms and values."""


@dataclass
class Done:
    """What was forged, over all people."""

    paths: int = 0
    parameters: int = 0
    forms: int = 0
    fields: int = 0
    accepted: int = 0
    gone: int = 0
    rows: int = 0


class Names:
    """Which query parameters each route of the product looks up; noted as it does."""

    def __init__(self, app: Flask) -> None:
        self.at: dict[str, set[str]] = {}
        note = self._note

        class Noting(app.request_class):  # type: ignore[name-defined,misc]  # the class of this application
            @cached_property
            def args(self) -> ImmutableMultiDict[str, str]:
                endpoint = self.endpoint or ""
                return _noted(super().args, lambda name: note(endpoint, name))

        app.request_class = Noting

    def _note(self, endpoint: str, name: str) -> None:
        self.at.setdefault(endpoint, set()).add(name)

    @property
    def all(self) -> set[str]:
        return set().union(*self.at.values())


def _noted(args: ImmutableMultiDict[str, str], note: Any) -> ImmutableMultiDict[str, str]:
    """The same parameters, that tell which of them are looked up."""

    class Noted(ImmutableMultiDict[str, str]):
        def get(self, key: str, *more: Any, **options: Any) -> Any:
            note(key)
            return super().get(key, *more, **options)

        def __getitem__(self, key: str) -> str:
            note(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            note(str(key))
            return super().__contains__(key)

    return Noted(args.items(multi=True))


class Kind(NamedTuple):
    """Forms that are alike: where they go, and the names of their fields, with `*` for ids in them."""

    endpoint: str
    names: frozenset[str]


class Opened(NamedTuple):
    """A form as its page shows it, with every field filled in."""

    page: str
    action: str
    data: MultiDict[str, Any]


class Forger:
    """One person; `run` answers where something foreign was shown, or something broke."""

    def __init__(self, portal: Portal, attacker: Attacker, names: Names, done: Done, *, whole: bool) -> None:
        self._portal, self._one, self._names, self._done, self._whole = portal, attacker, names, done, whole
        self._kept = Kept(portal)
        self._theirs = self._kept.belongings(attacker.owners)
        done.rows += self._kept.count(self._theirs)
        self._routes = portal.app.url_map.bind("portaal.example")
        self._visit = attacker.come_in(portal)
        self._found: list[str] = []

    def run(self) -> list[str]:
        self._portal.forget_tries()
        pages = dict(self._walk())
        forms = self._forms_on(pages)
        self._forge_paths()
        self._start_anew("a path")
        self._forge_queries(pages)
        self._start_anew("a query")
        self._forge_bodies(forms)
        for kind in sorted(forms, key=lambda kind: (kind.endpoint, len(kind.names)))[: None if self._whole else FEW]:
            self._start_anew("JSON")
            self._forge_form(kind, forms[kind])
        self._start_anew("a form")
        return self._found

    def _start_anew(self, where: str) -> None:
        """See whether anything foreign was written, undo all that was, and come in once more."""
        for change in self._kept.put_back():
            if touches(change, self._theirs) and not self._one.may_tell(change):
                self._found.append(f"{where} writes {change.table.name}")
        self._visit = self._one.come_in(self._portal)

    # Where everything is

    def _doors(self, method: str = "") -> list[Door]:
        every = [
            door for door in doors(self._portal.app) if method in ("", door.method) and self._is_mine(door.endpoint)
        ]
        return every if self._whole else every[::EVERY]

    def _is_mine(self, endpoint: str) -> bool:
        listed = DOORS.get(endpoint, "anyone")
        return listed == "anyone" if self._one.role is None else listed != "anyone" and self._one.role in listed

    def _own(self, door: Door) -> dict[str, object]:
        """What stands in an address if nothing is forged; of what there is none of one's own: somebody else's."""
        things: dict[str, object] = {}
        for owner in (*(foreign.objects for foreign in reversed(self._one.foreign)), self._one.own):
            things |= {place: owner.at(door)[place] for place in door.places} if door.places <= set(owner) else {}
        return things

    def _walk(self) -> Iterator[tuple[str, BeautifulSoup]]:
        """Every page behind a door of one's own, and what the links on it lead to."""
        todo = [address(self._portal.app, door, self._own(door)) for door in self._doors("GET")]
        seen: set[str] = set()
        while todo and (self._whole or len(seen) < FEW * 3):
            path = todo.pop(0)
            if path in seen:
                continue
            seen.add(path)
            answer = self._get(path)
            self._look(path, answer)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
                yield path, page
                hrefs = [str(link["href"]).split("#")[0] for link in page.select("a[href]")]
                todo += [href for href in hrefs if (found := self._match(href, "GET")) and self._is_mine(found[0])]

    def _match(self, path: str, method: str) -> tuple[str, dict[str, object]] | None:
        if not path.startswith("/") or path.startswith("/static"):
            return None
        try:
            endpoint, places = self._routes.match(path_of(path), method=method)
        except HTTPException:
            return None
        return str(endpoint), dict(places)

    def _forms_on(self, pages: dict[str, BeautifulSoup]) -> dict[Kind, list[str]]:
        """Forms that change something, and on which pages they stand; signing out is not among them."""
        found: dict[Kind, list[str]] = {}
        for path, page in pages.items():
            for form in page.select("form"):
                kind = self._kind(path, form)
                if kind is not None and kind.endpoint != "sign_in.sign_out":
                    found.setdefault(kind, []).append(path)
        return found

    def _kind(self, path: str, form: Tag) -> Kind | None:
        found = self._match(str(form.get("action") or path), "POST")
        if found is None or str(form.get("method", "get")).lower() != "post":
            return None
        fields = form.find_all(["input", "select", "textarea", "button"], attrs={"name": True})
        return Kind(found[0], frozenset(ID.sub("*", str(field["name"])) for field in fields))

    # What is sent

    def _values(self, kind: str) -> list[str]:
        """Forged ids for a parameter of this kind: of the nearest and the farthest, then any, then nobody's."""
        foreign = self._one.foreign
        place = KINDS.get(kind.rstrip("0123456789*-_"), kind)
        fitting = [one.objects[place] for one in foreign if place in one.places]
        keys = [one.form_key for one in foreign if one.form_key] if kind == "idempotency_key" else []
        others = [one.objects[thing] for thing in THINGS for one in foreign if thing in one.places]
        found = dict.fromkeys(str(value) for value in (*keys[:1], *fitting[:1], *fitting[-1:], *others))
        return [*list(found)[: VALUES - 1], str(uuid4())][: None if self._whole else FEW]

    def _forge_paths(self) -> None:
        token = token_of(self._visit)
        for door in self._doors():
            own = self._own(door)
            forged = [own | {place: value} for place in door.places for value in self._values(place)]
            forged += [one.objects.at(door) for one in self._one.foreign if door.places and door.places <= one.places]
            for places in forged:
                typed = {place: UUID(str(it)) if isinstance(own[place], UUID) else it for place, it in places.items()}
                path = address(self._portal.app, door, typed)
                self._done.paths += 1
                self._look(f"{door.method} {path}", knock(self._visit, door, path, token))

    def _forge_queries(self, pages: dict[str, BeautifulSoup]) -> None:
        """On a page of each route: every parameter it looks up, and all that are looked up anywhere, together."""
        at: dict[str, str] = {}
        for path in pages:
            if found := self._match(path, "GET"):
                at.setdefault(found[0], path_of(path))
        for endpoint, path in at.items():
            for name in sorted(self._names.at.get(endpoint, ())):
                self._done.parameters += 1
                for value in self._values(name):
                    self._look(f"{path}?{name}", self._get(path, query_string={name: value}))
            for value in self._values("pupil_id"):
                self._look(f"{path}?…", self._get(path, query_string=dict.fromkeys(self._names.all, value)))

    def _forge_bodies(self, forms: dict[Kind, list[str]]) -> None:
        """JSON where a form is expected, with every name that a form of that address has."""
        token = token_of(self._visit)
        for door in self._doors("POST"):
            names = {name for kind in forms if kind.endpoint == door.endpoint for name in kind.names}
            path = address(self._portal.app, door, self._own(door))
            headers = {"X-CSRFToken": token, "Referer": BASE + path}
            for value in self._values("pupil_id"):
                body = dict.fromkeys(sorted(names | set(THINGS)), value) | {"csrf_token": token}
                self._look(f"JSON {path}", self._visit.raw("POST", path, json=body, headers=headers))

    def _forge_form(self, kind: Kind, pages: list[str]) -> None:
        """Each parameter in turn, in a form of which all the rest is right; once one was accepted that is undone."""
        opened = self._open(kind, pages)
        if opened is None:
            self._done.gone += 1
            return
        self._done.forms += 1
        for name in self._parameters(kind, opened):
            self._done.fields += 1
            for value in self._values(ID.sub("*", name)):
                opened = opened or self._open(kind, pages)
                if opened is None:
                    self._done.gone += 1
                    return
                answer = self._hand_in(self._forged(opened, kind, name, value))
                if answer.status_code in (302, 303):
                    self._done.accepted += 1
                    self._start_anew(f"form {kind.endpoint} {name}")
                    opened = None

    def _parameters(self, kind: Kind, opened: Opened) -> list[str]:
        """One field of each kind, each kind of name with an id in it, the ids in the address, and its query."""
        fields = {ID.sub("*", name): name for name in opened.data}
        places = (self._match(opened.action, "POST") or ("", {}))[1]
        named = [f"={name}" for pattern, name in fields.items() if "*" in pattern]
        return [
            *fields.values(),
            *named,
            *(f"/{it}" for it in places),
            *(f"?{it}" for it in self._names.at.get(kind.endpoint, ())),
        ]

    def _forged(self, opened: Opened, kind: Kind, name: str, value: str) -> Opened:
        data, action = opened.data.copy(), opened.action
        data["idempotency_key"] = str(uuid4())
        sign, bare = name[0], name[1:]
        if sign == "/":
            places = (self._match(action, "POST") or ("", {}))[1]
            typed: object = UUID(value) if isinstance(places[bare], UUID) else value
            action = self._routes.build(kind.endpoint, places | {bare: typed}, method="POST")
        elif sign == "?":
            action = f"{path_of(action)}?{bare}={value}"
        elif sign == "=":
            data.setlist(ID.sub(value, bare), data.poplist(bare))
        else:
            data.setlist(name, [_as_answer(value) if name in ANSWERS else value])
        return Opened(opened.page, action, data)

    def _open(self, kind: Kind, pages: list[str]) -> Opened | None:
        for path in pages if self._whole else pages[:FEW]:
            answer = self._get(path)
            for form in BeautifulSoup(answer.get_data(as_text=True), "html.parser").select("form"):
                if self._kind(path, form) == kind:
                    return Opened(path, str(form.get("action") or path), self._filled(form))
        return None

    def _filled(self, form: Tag) -> MultiDict[str, Any]:
        data = self._visit.held(form)
        for radio in form.select('input[type="radio"][name]'):
            data.setdefault(str(radio["name"]), str(radio.get("value", "on")))
        for button in form.select("button[name]")[:1]:
            data.setdefault(str(button["name"]), str(button.get("value", "")))
        for control in form.select("input[name], textarea[name], select[name]"):
            name = str(control["name"])
            if not data.get(name):
                typed = [text for end, text in TYPED.items() if name.endswith(end)]
                data[name] = PASSWORD if control.get("type") == "password" else (*typed, "Voorbeeld")[0]
        return data

    # Sending and looking

    def _get(self, path: str, **options: Any) -> TestResponse:
        answer = self._visit.raw("GET", path, **options)
        if self._one.role is not None and answer.headers.get("Location", "").startswith("/inloggen"):
            self._visit = self._one.come_in(self._portal)
            answer = self._visit.raw("GET", path, **options)
        return answer

    def _hand_in(self, form: Opened) -> TestResponse:
        headers = {"Origin": BASE, "Referer": BASE + form.page}
        answer = self._visit.raw("POST", form.action, data=form.data, headers=headers)
        self._look(f"form {form.action}", answer)
        return answer

    def _look(self, where: str, answer: TestResponse) -> None:
        if answer.status_code >= 500:
            self._found.append(f"{where} breaks")
        elif seen := self._one.words.search(answer.get_data(as_text=True)):
            self._found.append(f"{where} shows {seen.group()}")


def _as_answer(value: str) -> str:
    """What a script puts in a field, with this id in all its places."""
    return json.dumps({"id": value, "rawId": value, "type": "public-key", "response": {"userHandle": value}})
