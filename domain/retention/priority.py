"""What work on a task is worth: probability · stake · save rate - cost, with everything it is made of."""

from collections.abc import Sequence
from math import fsum

import msgspec

from domain.learning.scoring import probability as probability_of
from domain.retention.policy import Policy
from events.figures import ChurnFigures, ConsumptionFigures, Figures
from events.signals import AnomalyRaised, RiskRaised, RiskStanding, SignalReason
from events.task_values import Priority, PriorityPart, ProbabilitySource, TaskEvidence

RaisingSignal = AnomalyRaised | RiskRaised | RiskStanding
"""A signal that may become a task."""


def reason_of(signal: RaisingSignal) -> SignalReason:
    """Return why a signal stands."""
    return SignalReason.CHURN_RISK if isinstance(signal, RiskRaised) else signal.reason


def service_of(figures: Figures) -> str | None:
    """Return the metered service that figures are about."""
    return figures.service if isinstance(figures, ConsumptionFigures) else None


def evidence_of(signal: RaisingSignal, policy: Policy) -> TaskEvidence:
    """Return a signal as the evidence of a task, with how likely the customer is to leave."""
    probability, source = _likely(signal.figures, reason_of(signal), policy)
    raised_on = signal.raised_on if isinstance(signal, RiskStanding) else signal.day
    return TaskEvidence(
        signal.customer_id,
        signal.day,
        raised_on,
        signal.figures,
        signal.stake,
        probability,
        source,
        service_of(signal.figures),
    )


def priority(
    reason: SignalReason, currency: str, standing: Sequence[TaskEvidence], policy: Policy
) -> Priority:
    """Return the priority of a task by what stands behind it; without anything it costs only.

    Of a customer with several services the strongest evidence counts, as it can leave only once.
    """
    rule = policy.rule(reason)
    strongest: dict[str, PriorityPart] = {}
    for entry in standing:
        part = PriorityPart(entry.customer_id, entry.probability, entry.source, entry.stake.amount)
        known = strongest.get(entry.customer_id)
        if known is None or _loss(part) > _loss(known):
            strongest[entry.customer_id] = part
    parts = tuple(strongest[customer_id] for customer_id in sorted(strongest))
    found = Priority(0, currency, parts, rule.save_rate, rule.cost, reason.value)
    return msgspec.structs.replace(found, value=value_of(found))


def value_of(priority: Priority) -> int:
    """Return the value that the parts of a priority add up to, in whole minor units."""
    lost = fsum(_loss(part) for part in priority.parts)
    return round(priority.save_rate * lost) - priority.cost


def _loss(part: PriorityPart) -> float:
    return part.probability * part.stake


def _likely(
    figures: Figures, reason: SignalReason, policy: Policy
) -> tuple[float, ProbabilitySource]:
    if not isinstance(figures, ChurnFigures):
        return policy.rule(reason).probability, ProbabilitySource.POLICY
    if figures.probability is not None:
        return figures.probability, ProbabilitySource.MODEL
    return probability_of(figures.log_odds), ProbabilitySource.LOG_ODDS
