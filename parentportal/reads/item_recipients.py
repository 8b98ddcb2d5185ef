"""Who gets which registered fields, and who may read them: the second door to a child's data."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from parentportal.catalogue import BoardPolicy, Category, Field, Reader, Recipient, categories, fields, recipients
from parentportal.catalogue import readers as all_readers
from parentportal.catalogue.recipients import DataSet
from parentportal.rules.errors import NotFound


@dataclass(frozen=True, slots=True)
class Given:
    """One field that a recipient gets; `is_filled` when the school has a value, never told of a sensitive card."""

    field: Field
    is_filled: bool


@dataclass(frozen=True, slots=True)
class Receiver:
    """One recipient with what it gets of a child, and how many fields of the parent.

    `alternatives` are the other systems of which each school uses one.
    """

    recipient: Recipient
    given: Sequence[Given]
    of_parent: Sequence[Field]
    alternatives: tuple[str, ...]

    @property
    def newest_set(self) -> DataSet | None:
        """The newest published data set, with its date: an old one is no proof of today (trap T28)."""
        return max(self.recipient.data_sets, key=lambda one: one.dated, default=None)


@dataclass(frozen=True, slots=True)
class Access:
    """One kind of reader and the cards in which it can read something; none when the statement lets it in nowhere."""

    reader: Reader
    cards: Sequence[Category]
    is_stated: bool


def list_receivers(policy: BoardPolicy, held: Collection[str] = ()) -> list[Receiver]:
    """Everybody who gets data of this board's pupils, suppliers first, in the order of the catalogue."""
    return [_receiver(recipients()[code], policy, held) for code in recipients() if code in policy.receives]


def get_receiver(policy: BoardPolicy, code: str, held: Collection[str]) -> Receiver:
    """One of them; `NotFound` for an organisation that gets nothing from this board."""
    if code not in policy.receives:
        raise NotFound
    return _receiver(recipients()[code], policy, held)


def list_access(policy: BoardPolicy) -> list[Access]:
    """Every kind of reader with the cards it can open; those the board's statement does not name come last."""
    rows = []
    for code, reader in all_readers().items():
        is_stated = code in policy.readers.codes
        named = {one.category for one in fields().values() if is_stated and code in one.readers}
        rows.append(Access(reader, [card for card in categories().values() if card.code in named], is_stated))
    return sorted(rows, key=lambda row: not row.is_stated)


def _receiver(recipient: Recipient, policy: BoardPolicy, held: Collection[str]) -> Receiver:
    got = [one for one in fields().values() if recipient.code in one.recipients and not one.legacy]
    own = {use.code: use.one_of for use in policy.systems if use.one_of}
    rivals = tuple(
        recipients()[code].name
        for code, group in own.items()
        if code != recipient.code and group == own.get(recipient.code)
    )
    return Receiver(
        recipient,
        [
            Given(one, one.code in held and not categories()[one.category].sensitive)
            for one in got
            if one.subject == "pupil"
        ],
        [one for one in got if one.subject == "guardian"],
        rivals,
    )
