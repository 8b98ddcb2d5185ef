"""Reads an XML file as a stream of small records, each with the line it began on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.sax import parse

from parentportal.sources.delivery import N_, Reason, Refused
from parentportal.sources.text import clean

MOST_PUPILS = 20_000
MOST_CHARACTERS = 100 * 1024
MOST_DEPTH = 40


@dataclass(slots=True)
class Element:
    """One element with what stands in it; name and attributes without name space."""

    name: str
    attributes: dict[str, str]
    line: int
    size: int = 0
    parts: list[str] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)

    def own_text(self) -> str | None:
        """The text directly in this element; an empty element reads as None."""
        return clean("".join(self.parts))

    def all(self, name: str) -> list["Element"]:
        """The direct children of this name."""
        return [child for child in self.children if child.name == name]

    def texts(self, name: str) -> list[str]:
        """The filled texts of the direct children of this name."""
        return [text for child in self.all(name) if (text := child.own_text()) is not None]

    def text(self, name: str) -> str | None:
        """The first filled text of that name, or None."""
        return next(iter(self.texts(name)), None)


Take = Callable[[str, Element], None]


def read_records(source: BinaryIO, take: Take, encoding_errors: Iterable[str]) -> None:
    """Hand every record below the root to `take(section, record)`, then forget it.

    Sections come too, emptied, under section "". Raises `Refused` on a DOCTYPE, a broken or cut-off file.
    """
    try:
        parse(source, _Records(take), forbid_dtd=True)
    except DTDForbidden as error:
        raise Refused(
            Reason.DOCTYPE,
            N_("Het bestand bevat een DOCTYPE. Dat hoort niet in een export. Maak de export opnieuw."),
        ) from error
    except DefusedXmlException as error:
        raise Refused(Reason.DOCTYPE, N_("Het bestand bevat onveilige XML. Maak de export opnieuw.")) from error
    except SAXParseException as error:
        if error.getMessage() in tuple(encoding_errors):
            raise Refused(
                Reason.ENCODING,
                N_("De tekenset in de kop van dit bestand klopt niet. Maak de export opnieuw."),
                error.getLineNumber(),
            ) from error
        raise Refused(
            Reason.MALFORMED,
            N_("Het bestand is beschadigd of niet compleet. Maak de export opnieuw."),
            error.getLineNumber(),
        ) from error
    except (LookupError, ValueError) as error:
        raise Refused(
            Reason.ENCODING, N_("De tekenset in de kop van dit bestand is onbekend. Maak de export opnieuw."), 1
        ) from error


class _Records(ContentHandler):
    """Builds one record at a time, two levels below the root."""

    def __init__(self, take: Take) -> None:
        super().__init__()
        self._take = take
        self._stack: list[Element] = []
        self._pupils = 0
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 -- the name is given by xml.sax
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 -- the name is given by xml.sax
        line = self._line()
        if len(self._stack) >= MOST_DEPTH:
            raise Refused(Reason.MALFORMED, N_("Het bestand is te diep genest. Maak de export opnieuw."), line)
        element = Element(_local(name), {_local(key): value for key, value in attrs.items()}, line)
        if len(self._stack) == 2 and element.name == "leerling":
            self._pupils += 1
            if self._pupils > MOST_PUPILS:
                raise Refused(
                    Reason.TOO_LARGE,
                    N_("Er staan meer dan 20.000 leerlingen in dit bestand. Splits het per school."),
                    line,
                )
        if not self._stack and element.name != "EDEX":
            raise Refused(Reason.NOT_AN_EXPORT, N_("Dit is geen EDEXML-bestand. Kies de export EDEXML."), line)
        self._stack.append(element)

    def characters(self, content: str) -> None:
        if len(self._stack) < 2:
            return
        element = self._stack[-1]
        element.parts.append(content)
        element.size += len(content)
        if element.size > MOST_CHARACTERS:
            raise Refused(
                Reason.TOO_LARGE,
                N_("In één veld staat meer dan 100 kB tekst. Maak de export zonder bijlagen."),
                self._line(),
            )

    def endElement(self, name: str) -> None:  # noqa: N802 -- the name is given by xml.sax
        element = self._stack.pop()
        match len(self._stack):
            case 0:
                return
            case 1:
                self._take("", element)
            case 2 if self._stack[-1].name != "school":
                self._take(self._stack[-1].name, element)
            case _:
                self._stack[-1].children.append(element)

    def _line(self) -> int:
        return (self._locator.getLineNumber() if self._locator else None) or 1


def _local(name: str) -> str:
    return name.rpartition(":")[2]
