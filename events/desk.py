"""What the desk keeps beside the tasks: episodes of accounts, managers and their work, passes.

These stand in the desk's own event store only. They are decoded by `STORED`, as the published ones.
"""

import datetime
from typing import Annotated

import msgspec

from events.catalogue import REGISTRY, TASKS, UPCASTERS
from events.registry import EventType, Registry, Role
from events.signals import SignalReason
from events.task_values import Outcome, TaskId, Time
from events.values import CustomerId, Key, PartyCode

Capacity = Annotated[int, msgspec.Meta(ge=0)]


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days on which a manager is away, both ends included."""

    first_day: datetime.date
    last_day: datetime.date


class EpisodeOpened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task is open for an account and a reason."""

    account: Key
    reason: SignalReason
    episode: int
    task_id: TaskId


class SupportAdded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer stands behind the open task of a reason."""

    account: Key
    reason: SignalReason
    customer_id: CustomerId
    service: str | None = None


class SupportRemoved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer no longer stands behind the open task of a reason."""

    account: Key
    reason: SignalReason
    customer_id: CustomerId
    service: str | None = None


class EpisodeClosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No task is open any more for an account and a reason."""

    account: Key
    reason: SignalReason
    task_id: TaskId
    outcome: Outcome
    day: datetime.date


class EpisodeReopened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task of the last episode is open again, with nobody standing behind it."""

    account: Key
    reason: SignalReason
    task_id: TaskId


class ManagerListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the managers' file says of a manager. Without ``regions`` all of them are its own."""

    code: PartyCode
    capacity: Capacity
    regions: tuple[str, ...] = ()
    backup: PartyCode | None = None
    leave: tuple[Leave, ...] = ()
    lead: bool = False


class ManagerUnlisted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The managers' file no longer names a manager: nothing is offered to it any more."""

    code: PartyCode


class TaskTaken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task counts as a manager's work."""

    code: PartyCode
    task_id: TaskId


class TaskReleased(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task is a manager's work no longer."""

    code: PartyCode
    task_id: TaskId


class PartitionStood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partition of a projection has said all its standings, once more since the last pass."""

    projection: str
    partition: int
    sequence: int


class PassMade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pass over all standings of a projection was made, once every partition had said its own."""

    projection: str
    at: Time
    standings: int
    opened: int
    closed: int


AccountEvent = EpisodeOpened | SupportAdded | SupportRemoved | EpisodeClosed | EpisodeReopened
ManagerEvent = ManagerListed | ManagerUnlisted | TaskTaken | TaskReleased
PassEvent = PartitionStood | PassMade

_INTERNAL = (
    ("crm.desk.episode-opened.v1", EpisodeOpened),
    ("crm.desk.support-added.v1", SupportAdded),
    ("crm.desk.support-removed.v1", SupportRemoved),
    ("crm.desk.episode-closed.v1", EpisodeClosed),
    ("crm.desk.episode-reopened.v1", EpisodeReopened),
    ("crm.desk.manager-listed.v1", ManagerListed),
    ("crm.desk.manager-unlisted.v1", ManagerUnlisted),
    ("crm.desk.task-taken.v1", TaskTaken),
    ("crm.desk.task-released.v1", TaskReleased),
    ("crm.desk.partition-stood.v1", PartitionStood),
    ("crm.desk.pass-made.v1", PassMade),
)
PUBLISHED = tuple(entry for entry in REGISTRY.types.values() if TASKS in entry.topics)
_CURRENT_NAMES = frozenset(entry.name for entry in PUBLISHED)
_SUPERSEDED = tuple(
    each for each in UPCASTERS if REGISTRY.current_name(each.name) in _CURRENT_NAMES
)
STORED = Registry(
    (
        *PUBLISHED,
        *(EventType(type_name, struct, Role.OUTPUT, ()) for type_name, struct in _INTERNAL),
    ),
    _SUPERSEDED,
)
"""Every event that stands in the desk's store."""

PUBLISHED_NAMES = (*sorted(_CURRENT_NAMES), *(each.name for each in _SUPERSEDED))
