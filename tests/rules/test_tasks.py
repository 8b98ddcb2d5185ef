"""A withdrawal or a granted request brings work, and every piece has an owner's list and a last day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import tasks
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.tasks import Channel, Places, TaskKind, TaskState, Told

MONDAY = date(2026, 11, 2)
PLACES = Places(
    systems=("parnassys", "cito"),
    documents=("verslag",),
    publications=("website",),
    processors=("basispoort",),
    recipients=("ggd",),
)


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        (Channel.WEBSITE, TaskKind.REMOVE_PUBLICATION),
        (Channel.SOCIAL, TaskKind.REMOVE_PUBLICATION),
        (Channel.PARENT_APP, TaskKind.REMOVE_PUBLICATION),
        (Channel.CLASS_LIST, TaskKind.RENEW_LIST),
        (Channel.PRINT, TaskKind.STOP_PRINTED),
    ],
)
def test_a_withdrawal_is_more_than_a_switch(channel, kind):
    found = tasks.after_withdrawal(channel, preference_systems=["parnassys", "klasbord"], on=MONDAY)
    assert [(task.kind, task.target) for task in found] == [
        (kind, channel.value),
        (TaskKind.FORWARD_PREFERENCE, "parnassys"),
        (TaskKind.FORWARD_PREFERENCE, "klasbord"),
    ]
    assert all(task.due_on > MONDAY for task in found)


def test_every_channel_and_every_kind_of_task_is_in_its_table():
    assert set(tasks.AFTER_WITHDRAWAL) == set(Channel)
    assert set(tasks.WORKING_DAYS) == set(TaskKind)


def test_an_item_that_publishes_nothing_only_forwards_the_preference():
    assert tasks.after_withdrawal(None, preference_systems=[], on=MONDAY) == ()


def test_a_correction_reaches_every_system_that_holds_the_field():
    found = tasks.after_grant(Kind.RECTIFICATION, PLACES, on=MONDAY)
    assert [(task.kind, task.target) for task in found] == [
        (TaskKind.FIX_SOURCE, "parnassys"),
        (TaskKind.FIX_SOURCE, "cito"),
        (TaskKind.REPLACE_DOCUMENT, "verslag"),
        (TaskKind.INFORM_RECIPIENT, "ggd"),
        (TaskKind.CHECK_AFTER_IMPORT, "parnassys"),
        (TaskKind.CHECK_AFTER_IMPORT, "cito"),
    ]


def test_a_statement_is_added_to_the_document_and_replaces_nothing():
    kinds = {task.kind for task in tasks.after_grant(Kind.COMPLETION, PLACES, on=MONDAY)}
    assert TaskKind.ANNOTATE_DOCUMENT in kinds
    assert TaskKind.REPLACE_DOCUMENT not in kinds


@pytest.mark.parametrize(
    "kind", [Kind.ERASURE, Kind.UNLAWFUL_SPECIAL, Kind.REMOVE_PUBLICATION, Kind.WITHDRAWAL_FOLLOW_UP]
)
def test_an_erasure_reaches_publications_and_processors_too(kind):
    kinds = {task.kind for task in tasks.after_grant(kind, PLACES, on=MONDAY)}
    assert kinds >= {TaskKind.ERASE_SOURCE, TaskKind.REMOVE_PUBLICATION, TaskKind.ERASE_AT_PROCESSOR}
    assert kinds >= {TaskKind.INFORM_RECIPIENT, TaskKind.CHECK_AFTER_IMPORT}


@pytest.mark.parametrize("kind", [Kind.ACCESS, Kind.PORTABILITY, Kind.QUESTION, Kind.COMPLAINT, Kind.BREACH])
def test_looking_changes_nothing_anywhere(kind):
    assert tasks.after_grant(kind, PLACES, on=MONDAY) == ()


@given(st.sampled_from(TaskKind), st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(0, 30))
def test_a_task_is_never_due_after_its_request(kind, arose_on, days):
    limit = arose_on + timedelta(days=days)
    due = tasks.due_on(kind, arose_on, no_later_than=limit)
    assert due >= arose_on
    assert kind is TaskKind.CHECK_AFTER_IMPORT or due <= limit


def test_what_is_late_already_is_due_today():
    assert tasks.due_on(TaskKind.FIX_SOURCE, MONDAY, no_later_than=MONDAY - timedelta(days=3)) == MONDAY


def test_an_import_with_the_old_value_reopens_a_task_that_was_ticked_off():
    assert TaskState.DONE.may_become(TaskState.NOT_YET_PROCESSED)
    assert not TaskState.NOT_YET_PROCESSED.is_settled
    assert TaskState.NOT_YET_PROCESSED.may_become(TaskState.DONE)
    assert not TaskState.DONE.may_become(TaskState.OPEN)


@pytest.mark.parametrize("state", TaskState)
def test_every_state_of_a_task_has_a_row(state):
    assert state in tasks.NEXT
    assert state.is_settled is (state in {TaskState.DONE, TaskState.REASONED})


def test_not_telling_a_recipient_needs_a_reason():
    assert [told for told in Told if told.needs_reason] == [Told.NOT_POSSIBLE, Told.DISPROPORTIONATE]
