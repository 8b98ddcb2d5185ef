"""Walks the messages: the template file is up to date, and a language that is live is whole."""

import io
import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from parentportal.outside.translations import LIVE, SOURCE_LANGUAGE

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "translations"
TEMPLATE = TRANSLATIONS / "messages.pot"
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


def gathered(folder: Path) -> Catalog:
    """What the sources say now."""
    fresh = folder / "fresh.pot"
    command = [
        *(sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "--mapping-file", "pyproject.toml"),
        *("--sort-output", "--no-location", "--output", str(fresh), "parentportal", "templates"),
    ]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return read_po(io.BytesIO(fresh.read_bytes()))


def faults(source: polib.POFile) -> list[str]:
    """What keeps a language from going live: missing, fuzzy, or other places than the Dutch sentence."""
    found = []
    for entry in source:
        words = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
        if not words or not all(words) or entry.fuzzy:
            found.append(f"not translated: {entry.msgid}")
        elif any(set(PLACE.findall(entry.msgid)) - {"%(num)s"} - set(PLACE.findall(word)) for word in words):
            found.append(f"other places: {entry.msgid}")
    return found


def test_the_template_file_holds_exactly_the_sentences_of_the_sources(tmp_path: Path) -> None:
    kept = read_po(io.BytesIO((TRANSLATIONS / "messages.pot").read_bytes()))
    now = {message.id for message in gathered(tmp_path) if message.id}
    assert len(now) > 200
    assert {message.id for message in kept if message.id} == now, "run: make translations"


@pytest.mark.parametrize("language", [language for language in LIVE if language != SOURCE_LANGUAGE])
def test_a_live_language_is_whole(language: str) -> None:
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    kept = polib.pofile(str(path))
    assert {entry.msgid for entry in kept} == {entry.msgid for entry in polib.pofile(str(TEMPLATE))}
    assert faults(kept) == []


def test_dutch_is_in_the_sources_and_needs_no_file() -> None:
    assert not (TRANSLATIONS / SOURCE_LANGUAGE).exists()


@pytest.mark.parametrize(
    "planted",
    [
        polib.POEntry(msgid="Dag %(name)s", msgstr="Hello %(nome)s"),
        polib.POEntry(msgid="Dag", msgstr=""),
        polib.POEntry(msgid="Dag", msgstr="Hello", flags=["fuzzy"]),
        polib.POEntry(msgid="%(num)s kind", msgid_plural="%(num)s kinderen", msgstr_plural={0: "", 1: ""}),
    ],
)
def test_a_planted_fault_is_caught(planted: polib.POEntry) -> None:
    source = polib.POFile()
    source.append(planted)
    assert faults(source) != []
