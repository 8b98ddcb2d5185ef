"""Compiles the translations before a wheel is made: git ignores the compiled files, so they may be missing."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTranslations(BuildHookInterface):
    """Called by hatchling; it finds this class by its base."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for source in sorted(Path(self.root, "translations").glob("*/LC_MESSAGES/*.po")):
            with source.open("rb") as sentences, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(sentences, locale=source.parts[-3]))
