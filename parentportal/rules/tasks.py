"""The work that a decision or a withdrawal brings, piece by piece, with a last day for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from parentportal.rules.privacy_requests import ERASING, Kind
from parentportal.rules.terms import add_school_days


class TaskKind(StrEnum):
    """What somebody must do (requirements 10.5; GDPR articles 16 to 19)."""

    FIX_SOURCE = "fix_source"
    """Change the source system, once per system (trap T17)."""
    ERASE_SOURCE = "erase_source"
    REPLACE_DOCUMENT = "replace_document"
    ANNOTATE_DOCUMENT = "annotate_document"
    REMOVE_PUBLICATION = "remove_publication"
    STOP_PRINTED = "stop_printed"
    """Printed matter cannot be taken back: hand out no more, leave out of the next print."""
    RENEW_LIST = "renew_list"
    FORWARD_PREFERENCE = "forward_preference"
    ERASE_AT_PROCESSOR = "erase_at_processor"
    INFORM_RECIPIENT = "inform_recipient"
    CHECK_AFTER_IMPORT = "check_after_import"


class TaskState(StrEnum):
    """How far a task is."""

    OPEN = "open"
    DONE = "done"
    REASONED = "reasoned"
    """Not possible or out of proportion, with the reason written down (GDPR article 19)."""
    NOT_YET_PROCESSED = "not_yet_processed"
    """Ticked off, but the next import still brought the old value."""

    @property
    def is_settled(self) -> bool:
        """Whether the case may be closed as far as this task goes."""
        return self in {TaskState.DONE, TaskState.REASONED}

    def may_become(self, new: "TaskState") -> bool:
        """Whether the task can go from this state to another."""
        return new in NEXT[self]


NEXT: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.OPEN: frozenset({TaskState.DONE, TaskState.REASONED, TaskState.NOT_YET_PROCESSED}),
    TaskState.DONE: frozenset({TaskState.NOT_YET_PROCESSED}),
    TaskState.REASONED: frozenset({TaskState.OPEN}),
    TaskState.NOT_YET_PROCESSED: frozenset({TaskState.DONE, TaskState.REASONED}),
}


class Told(StrEnum):
    """What became of telling one recipient (GDPR article 19)."""

    OPEN = "open"
    TOLD = "told"
    NOT_POSSIBLE = "not_possible"
    DISPROPORTIONATE = "disproportionate"

    @property
    def needs_reason(self) -> bool:
        """Whether it only counts with a reason written down."""
        return self in {Told.NOT_POSSIBLE, Told.DISPROPORTIONATE}


WORKING_DAYS: Mapping[TaskKind, int] = {
    TaskKind.FIX_SOURCE: 5,
    TaskKind.ERASE_SOURCE: 5,
    TaskKind.REPLACE_DOCUMENT: 5,
    TaskKind.ANNOTATE_DOCUMENT: 5,
    TaskKind.REMOVE_PUBLICATION: 2,
    TaskKind.STOP_PRINTED: 5,
    TaskKind.RENEW_LIST: 1,
    TaskKind.FORWARD_PREFERENCE: 5,
    TaskKind.ERASE_AT_PROCESSOR: 10,
    TaskKind.INFORM_RECIPIENT: 5,
    TaskKind.CHECK_AFTER_IMPORT: 20,
}
"""Working days after the task arose; what anybody can see on the internet is first in line."""

NEEDS_PROOF = frozenset({TaskKind.REMOVE_PUBLICATION, TaskKind.ERASE_AT_PROCESSOR, TaskKind.INFORM_RECIPIENT})
"""Kinds that are only done with a proof: an address looked at, a confirmation, a letter."""


def due_on(kind: TaskKind, arose_on: date, *, no_later_than: date | None = None) -> date:
    """The last day of a task; never after the due day of the request it belongs to.

    The check after an import follows the import, not the request, and keeps its own day.
    """
    own = add_school_days(arose_on, WORKING_DAYS[kind])
    if no_later_than is None or kind is TaskKind.CHECK_AFTER_IMPORT:
        return own
    return max(min(own, no_later_than), arose_on)


@dataclass(frozen=True)
class NewTask:
    """A task to be made; `target` is the system, channel, document or recipient it is about."""

    kind: TaskKind
    target: str
    due_on: date


class Channel(StrEnum):
    """Where an image, a name or a number of a child can be found (requirements 4.2)."""

    WEBSITE = "website"
    NEWSLETTER = "newsletter"
    PARENT_APP = "parent_app"
    SOCIAL = "social"
    PRINT = "print"
    PRESS = "press"
    PARENTS_EVENING = "parents_evening"
    CLASS_PHOTO = "class_photo"
    CLASS_LIST = "class_list"


AFTER_WITHDRAWAL: Mapping[Channel, TaskKind] = {
    Channel.WEBSITE: TaskKind.REMOVE_PUBLICATION,
    Channel.NEWSLETTER: TaskKind.REMOVE_PUBLICATION,
    Channel.PARENT_APP: TaskKind.REMOVE_PUBLICATION,
    Channel.SOCIAL: TaskKind.REMOVE_PUBLICATION,
    Channel.PRINT: TaskKind.STOP_PRINTED,
    Channel.PRESS: TaskKind.INFORM_RECIPIENT,
    Channel.PARENTS_EVENING: TaskKind.REMOVE_PUBLICATION,
    Channel.CLASS_PHOTO: TaskKind.STOP_PRINTED,
    Channel.CLASS_LIST: TaskKind.RENEW_LIST,
}


def after_withdrawal(channel: Channel | None, *, preference_systems: Sequence[str], on: date) -> tuple[NewTask, ...]:
    """What stopping a consent brings (GDPR articles 7(3), 17(1)(b) and 19; trap T13).

    `channel` None is an item that publishes nothing. The task comes even when nothing is in the
    register of publications: that register can be incomplete. `preference_systems` are the school's
    systems that keep the preference too.
    """
    tasks = []
    if channel is not None:
        kind = AFTER_WITHDRAWAL[channel]
        tasks.append(NewTask(kind, channel.value, due_on(kind, on)))
    forward = TaskKind.FORWARD_PREFERENCE
    tasks += [NewTask(forward, system, due_on(forward, on)) for system in preference_systems]
    return tuple(tasks)


@dataclass(frozen=True)
class Places:
    """Where the data of a granted request lie and went."""

    systems: Sequence[str] = ()
    documents: Sequence[str] = ()
    publications: Sequence[str] = ()
    processors: Sequence[str] = ()
    recipients: Sequence[str] = ()


CORRECTING = frozenset({Kind.RECTIFICATION, Kind.COMPLETION})
LIMITING = frozenset({Kind.RESTRICTION, Kind.OBJECTION})


def after_grant(kind: Kind, places: Places, *, on: date, no_later_than: date | None = None) -> tuple[NewTask, ...]:
    """What carrying out a granted request brings, for every system and recipient (GDPR article 19).

    Access, portability and questions change nothing anywhere and bring no task.
    """
    wanted: list[tuple[TaskKind, Sequence[str]]] = []
    if kind in CORRECTING or kind in LIMITING:
        wanted = [(TaskKind.FIX_SOURCE, places.systems), (TaskKind.ANNOTATE_DOCUMENT, places.documents)]
        if kind is Kind.RECTIFICATION:
            wanted[1] = (TaskKind.REPLACE_DOCUMENT, places.documents)
    elif kind in ERASING or kind is Kind.WITHDRAWAL_FOLLOW_UP:
        wanted = [
            (TaskKind.ERASE_SOURCE, places.systems),
            (TaskKind.REPLACE_DOCUMENT, places.documents),
            (TaskKind.REMOVE_PUBLICATION, places.publications),
            (TaskKind.ERASE_AT_PROCESSOR, places.processors),
        ]
    if not wanted:
        return ()
    wanted += [(TaskKind.INFORM_RECIPIENT, places.recipients), (TaskKind.CHECK_AFTER_IMPORT, places.systems)]
    return tuple(
        NewTask(task, target, due_on(task, on, no_later_than=no_later_than))
        for task, targets in wanted
        for target in targets
    )
