"""Keeps the exact words of each question: in Dutch, and in every language that has words for all of it."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.catalogue import ConsentItem
from parentportal.models.base import new_id
from parentportal.models.consents import ConsentWording
from parentportal.outside import clock
from parentportal.outside.translations import LIVE, SOURCE_LANGUAGE, find_translation

PLACE = re.compile(r"\{\w*\}")


def publish(session: Session, board_id: UUID, item_id: UUID, source: ConsentItem) -> int:
    """Keep the words of a question, per language, as a new version where they changed; how many rows that made.

    A higher version in the catalogue is a change of meaning: earlier answers no longer count, in whatever language
    they were asked. The same version with other words is a clarification. A translation carries the number of the
    Dutch version whose words it says (`translates`), so that it is never shown for other Dutch words.
    """
    newest = {
        row.language: row
        for row in session.scalars(
            select(ConsentWording)
            .where(ConsentWording.board_id == board_id, ConsentWording.item_id == item_id)
            .order_by(ConsentWording.version)
        )
    }
    made = []
    for language in (SOURCE_LANGUAGE, *(code for code in LIVE if code != SOURCE_LANGUAGE)):
        words: Mapping[str, Any] | None = source.texts if language == SOURCE_LANGUAGE else translate(source, language)
        if words is None:
            continue
        texts = {**words, "meaning": str(source.version)}
        if language != SOURCE_LANGUAGE:
            texts["translates"] = newest[SOURCE_LANGUAGE].version
        row = _row(board_id, item_id, language, texts, newest.get(language))
        if row is not None:
            row.published_at = clock.now(session)
            newest[language] = row
            made.append(row)
    session.add_all(made)
    session.flush()
    return len(made)


def translate(source: ConsentItem, language: str) -> dict[str, str] | None:
    """Every text of a question in a language; None when one is missing or fills in other places than the Dutch."""
    found = {}
    for part, dutch in source.texts.items():
        said = find_translation(dutch, language)
        if said is None or set(PLACE.findall(said)) != set(PLACE.findall(dutch)):
            return None
        found[part] = said
    return found


def _row(
    board_id: UUID, item_id: UUID, language: str, texts: Mapping[str, Any], newest: ConsentWording | None
) -> ConsentWording | None:
    """The next version in a language; None when its words are the newest already."""
    sha256 = hashlib.sha256(json.dumps(texts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    if newest is not None and newest.sha256 == sha256:
        return None
    return ConsentWording(
        id=new_id(),
        board_id=board_id,
        item_id=item_id,
        language=language,
        version=(newest.version if newest else 0) + 1,
        texts=dict(texts),
        sha256=sha256,
        material=newest is None or int(newest.texts["meaning"]) < int(texts["meaning"]),
    )
