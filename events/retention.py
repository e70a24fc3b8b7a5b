"""Facts about retention work: what became of a task, told to the log like everything else."""

import datetime

import msgspec

from events.signals import SignalReason
from events.task_values import Outcome
from events.values import CustomerRef, Key, PartyCode


class RetentionClosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A retention task that this customer stood behind was closed.

    One fact a customer; reopened and closed again, another. ``contacts`` counts how often the customer
    was contacted for it, and ``manager`` is who had it last.
    """

    customer: CustomerRef
    task_id: Key
    reason: SignalReason
    outcome: Outcome
    raised_on: datetime.date
    contacts: int = 0
    manager: PartyCode | None = None
