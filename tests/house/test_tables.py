"""Walks every table: each column has a privacy class, each act its actor, each board's row its board."""

from collections.abc import Iterable

import pytest
from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, MetaData, Table, Text, Uuid

from parentportal.migrations.tables import metadata
from parentportal.models.privacy import Privacy

TABLES = list(metadata.sorted_tables)

WITHOUT_BOARD = {
    "board": "is the board",
    "attempt": "counts tries by keyed digest, before anybody is known",
    "submission": "belongs to a browser, not to a board",
    "passkey_challenge": "asked of a browser, before anybody is known",
    "reset_wish": "a name as it was typed, before anybody is looked up",
}

MOMENTS_WITHOUT_ACTOR = {
    "created_at": "when the row was made; who did it stands in the audit chain",
    "loaded_at": "by a command",
    "registered_at": "by the source system",
    "changed_at": "by the source system",
    "seen_at": "by the visitor whose row it is, or by the source system",
    "made_at": "by the sending system, or with made_by beside it",
    "received_at": "by the sender of the file or of the request",
    "expires_at": "a limit",
    "proved_at": "by the visitor whose row it is",
    "last_at": "a counter",
    "offered_at": "by the board file",
    "retired_at": "by the board file",
    "published_at": "by the board file",
    "email_confirmed_at": "by the holder of the address",
    "child_confirmed_at": "by the holder of the code",
    "used_at": "by the holder of the code",
    "undone_at": "by the holder of the old address",
    "email_changed_at": "by the holder of the account, or of the old address",
    "answered_at": "with the decision",
    "extended_at": "with the event of the extension, which says by whom",
    "executed_at": "with the task that did it",
    "checked_at": "by an import",
    "sent_at": "by the worker",
    "stopped_at": "by the portal, or with stopped_by beside it",
    "dead_at": "by the worker",
    "opened_at": "with the authority that ended",
}

OPERATOR_TOO = {"revoked_at", "lifted_at"}
"""Acts that the operator or the portal itself may do as well: the actor's id is then empty, the audit row says so."""


def columns_without_class(tables: Iterable[Table]) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if not isinstance(column.info.get("privacy"), Privacy)
    ]


def tables_without_board(tables: Iterable[Table]) -> list[str]:
    return [table.name for table in tables if "board_id" not in table.columns and table.name not in WITHOUT_BOARD]


def indexes_not_led_by_board(tables: Iterable[Table]) -> list[str]:
    return [
        str(index.name)
        for table in tables
        if "board_id" in table.columns
        for index in table.indexes
        if len(index.columns) > 1 and not index.unique and index.columns.keys()[0] != "board_id"
        if table.name != "outbox_mail"  # the worker serves all boards in turn
    ]


def acts_without_actor(tables: Iterable[Table]) -> list[str]:
    found = []
    for table in tables:
        for column in table.columns:
            if not column.name.endswith("_at") or column.name in MOMENTS_WITHOUT_ACTOR:
                continue
            stem = column.name.removesuffix("_at")
            actor = next((name for name in (f"{stem}_by_id", f"{stem}_by") if name in table.columns), None)
            bound = any(
                isinstance(rule, CheckConstraint) and column.name in str(rule.sqltext) for rule in table.constraints
            )
            if actor is None and not bound:
                found.append(f"{table.name}.{column.name}: no actor")
            elif column.nullable and not bound and column.name not in OPERATOR_TOO:
                found.append(f"{table.name}.{column.name}: not bound to {actor}")
    return found


def keys_of_another_kind(tables: Iterable[Table]) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.primary_key
        if not isinstance(column.type, Uuid)
    ]


def sealed_values_in_the_open(tables: Iterable[Table]) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if column.info["privacy"] is Privacy.SPECIAL and column.type.python_type is not bytes
    ]


def test_there_are_tables_to_walk() -> None:
    assert len(TABLES) > 20


def test_every_column_has_a_privacy_class() -> None:
    assert columns_without_class(TABLES) == []


def test_every_table_says_to_which_board_a_row_belongs() -> None:
    assert tables_without_board(TABLES) == []
    assert set(WITHOUT_BOARD) <= {table.name for table in TABLES}


def test_composite_indexes_begin_with_the_board() -> None:
    assert indexes_not_led_by_board(TABLES) == []


def test_every_act_has_its_actor_and_a_constraint_that_binds_them() -> None:
    assert acts_without_actor(TABLES) == []


def test_every_key_is_a_uuid() -> None:
    assert keys_of_another_kind(TABLES) == []


def test_sealed_values_are_never_text() -> None:
    assert sealed_values_in_the_open(TABLES) == []


@pytest.mark.parametrize(
    ("walk", "planted"),
    [
        (columns_without_class, Column("nickname", Integer)),
        (acts_without_actor, Column("promised_at", DateTime, nullable=True)),
        (keys_of_another_kind, Column("number", Integer, primary_key=True, info={"privacy": Privacy.KEY})),
        (sealed_values_in_the_open, Column("allergy", Text, info={"privacy": Privacy.SPECIAL})),
    ],
)
def test_a_planted_column_is_caught(walk: object, planted: Column[object]) -> None:
    table = Table("planted", MetaData(), Column("id", Uuid, primary_key=True, info={"privacy": Privacy.KEY}), planted)
    assert walk([table]) != []  # type: ignore[operator]  # one of the walks above


def test_a_planted_index_that_forgets_the_board_is_caught() -> None:
    columns = [Column("id", Uuid, primary_key=True), Column("board_id", Uuid), Column("pupil_id", Uuid)]
    table = Table("planted", MetaData(), *columns, Index("ix_planted", "pupil_id", "board_id"))
    assert indexes_not_led_by_board([table]) == ["ix_planted"]


def test_a_planted_table_without_board_is_caught() -> None:
    table = Table("planted", MetaData(), Column("id", Uuid, primary_key=True))
    assert tables_without_board([table]) == ["planted"]
