"""The task policy: which signals become tasks, what saving is worth, and by when to answer.

Money is in minor units of the log's currency. The numbers here are where a firm begins: save rates
and costs are its own to measure.
"""

from typing import Annotated

import msgspec

from domain.retention.working_time import WorkingTime
from events import codec
from events.signals import SignalReason
from events.task_values import Outcome, Probability
from events.values import MinorUnits

Days = Annotated[int, msgspec.Meta(ge=0, le=3650)]


class ReasonRule(msgspec.Struct, frozen=True):
    """What holds for the signals of one reason.

    ``probability`` is how likely a customer is to leave of whom there is no score, and ``save_rate``
    how often work on such a task keeps a customer who would have left. ``due_hours`` are working hours.
    """

    switched_on: bool = True
    probability: Probability = 0.5
    least_probability: Probability = 0.0
    least_value: MinorUnits = 1_000
    save_rate: Probability = 0.25
    cost: MinorUnits = 2_000
    due_hours: Annotated[float, msgspec.Meta(gt=0, le=2000)] = 16.0


DEFAULT_RULES = {
    SignalReason.CHURN_RISK: ReasonRule(least_probability=0.5),
    SignalReason.UNUSUALLY_QUIET: ReasonRule(save_rate=0.2),
    SignalReason.CONSUMPTION_DROP: ReasonRule(probability=0.4, save_rate=0.2, due_hours=8.0),
    SignalReason.CONSUMPTION_SPIKE: ReasonRule(probability=0.1, save_rate=0.2),
    SignalReason.CONSUMPTION_SHIFT_DOWN: ReasonRule(save_rate=0.2),
    SignalReason.CONSUMPTION_SHIFT_UP: ReasonRule(probability=0.1, save_rate=0.2),
}

DEFAULT_COOL_DOWN = {
    Outcome.RECOVERED_UNTOUCHED: 7,
    Outcome.MODEL_CHANGED: 0,
    Outcome.MOVED: 0,
    Outcome.FALSE_ALARM: 56,
    Outcome.DECLINED_TO_SERVE: 182,
}


class Policy(msgspec.Struct, frozen=True):
    """Everything that a firm decides about its tasks.

    ``cool_down`` says for how many days after an outcome the same account and reason gets no new task,
    ``cool_down_days`` the same of all other outcomes. ``opening_limit`` is how many tasks a manager is
    given at once by a pass over what stands when a projection goes live.
    """

    reasons: dict[SignalReason, ReasonRule] = msgspec.field(default_factory=DEFAULT_RULES.copy)
    left_out_tiers: tuple[str, ...] = ()
    left_out_regions: tuple[str, ...] = ()
    least_stake: MinorUnits = 5_000
    fresh_days: Days = 7
    cool_down: dict[Outcome, Days] = msgspec.field(default_factory=DEFAULT_COOL_DOWN.copy)
    cool_down_days: Days = 28
    opening_limit: Annotated[int, msgspec.Meta(ge=0)] = 10
    offer_hours: Annotated[float, msgspec.Meta(gt=0, le=2000)] = 8.0
    working_time: WorkingTime = WorkingTime()

    def rule(self, reason: SignalReason) -> ReasonRule:
        """Return what holds for a reason."""
        return self.reasons.get(reason) or DEFAULT_RULES[reason]

    def rest_after(self, outcome: Outcome) -> int:
        """Return for how many days after an outcome no new task is raised."""
        return self.cool_down.get(outcome, self.cool_down_days)


def policy_hash(policy: Policy) -> str:
    """Return 16 hexadecimal digits that change with anything that a policy says."""
    return codec.digest(codec.encode(policy)).hex()[:16]
