"""Superseded task events: as in `superseded`, read for ever and written no more."""

import datetime
from typing import Annotated

import msgspec

from events.signals import Placement, SignalReason
from events.task_evidence_v1 import TaskEvidence
from events.task_values import Priority, TaskStep, Time
from events.tasks import EvidenceAdded, TaskRaised


class TaskRaisedV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task came into being, before evidence bore the customer's score."""

    task: TaskStep
    reason: SignalReason
    episode: Annotated[int, msgspec.Meta(ge=1)]
    day: datetime.date
    placement: Placement
    evidence: TaskEvidence
    priority: Priority
    due: Time
    due_slot: int
    policy: str


class EvidenceAddedV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another signal stands behind the task, before evidence bore the customer's score."""

    task: TaskStep
    evidence: TaskEvidence
    priority: Priority


def task_raised_v2_of(raised: TaskRaisedV1) -> TaskRaised:
    """Return a raised task of version 1 as one of version 2, whose evidence has no score."""
    return msgspec.convert(msgspec.to_builtins(raised), TaskRaised)


def evidence_added_v2_of(added: EvidenceAddedV1) -> EvidenceAdded:
    """Return evidence of version 1 as that of version 2, without a score."""
    return msgspec.convert(msgspec.to_builtins(added), EvidenceAdded)
