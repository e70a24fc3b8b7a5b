"""The one decision that the desk takes on every signal, with each gate that it asked."""

import datetime
from enum import StrEnum

import msgspec

from events.signals import SignalReason
from events.task_values import TaskId, Time
from events.values import CustomerId, Key


class SignalKind(StrEnum):
    """What a signal says."""

    RAISED = "raised"
    CLEARED = "cleared"
    STANDING = "standing"
    PLACED = "placed"


class Verdict(StrEnum):
    """What became of a signal."""

    OPENED = "opened"  # a task was raised
    JOINED = "joined"  # evidence of an open task
    WITHHELD = "withheld"  # the last of the gates says why
    RECOVERED = "recovered"  # the last customer cleared, the task is closed
    EASED = "eased"  # one customer less behind a task, which goes on
    NOTHING_OPEN = "nothing-open"  # cleared, and no task was open for it
    MOVED = "moved"  # what stood behind tasks went along to another place
    NOTED = "noted"  # where the customer stands now; no task is open


class Gate(StrEnum):
    """What a signal has to pass, in this order. A name here is stable for ever."""

    FRESH = "fresh"
    ELIGIBLE = "eligible"
    THRESHOLD = "threshold"
    OPEN_ALREADY = "open-already"
    COOL_DOWN = "cool-down"
    OPENING_LIMIT = "opening-limit"


class Measure(StrEnum):
    """What a gate looked at, and in which unit."""

    EMISSION = "emission"  # history or live
    AGE = "age"  # days
    REASON = "reason"  # is it switched on
    TIER = "tier"
    REGION = "region"
    STAKE = "stake"  # minor units
    PROBABILITY = "probability"
    VALUE = "value"  # the priority, minor units
    OPEN_TASK = "open-task"
    DAYS_SINCE_CLOSED = "days-since-closed"
    PLACE_IN_LINE = "place-in-line"  # how many of a pass the manager has before it


class GateCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a gate found and what it needs; null where there is nothing to be said."""

    gate: Gate
    measure: Measure
    actual: str | float | None
    needed: str | float | None
    passed: bool


class SignalRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which record of ``crm.signals``: a sequence within (projection, source partition)."""

    projection: str
    partition: int
    sequence: int
    emission: str


class SignalJudged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the desk decided on one signal. ``reason`` is null where a customer was placed.

    ``gates`` has those that were asked, in their order; the first that did not pass is the last. What was
    withheld for the opening limit waits in line: later a second one of the same ``signal`` says what came of it.
    """

    account: Key
    customer_id: CustomerId
    reason: SignalReason | None
    day: datetime.date
    kind: SignalKind
    verdict: Verdict
    gates: tuple[GateCheck, ...]
    task_id: TaskId | None
    signal: SignalRef
    at: Time
    policy: str
    service: str | None = None
