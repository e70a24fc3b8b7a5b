"""The evidence of a task as it was before it bore the customer's score.

It bears the name that it had then: a published schema names the parts that it consists of.
"""

import datetime

import msgspec

from events.figures import Figures
from events.task_values import Probability, ProbabilitySource
from events.values import CustomerId, Money


class TaskEvidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signal that stands behind a task, as it was when it was said."""

    customer_id: CustomerId
    day: datetime.date
    raised_on: datetime.date
    figures: Figures
    stake: Money
    probability: Probability
    source: ProbabilitySource
    service: str | None = None
