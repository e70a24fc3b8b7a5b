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
    """Return a signal as the evidence of a task, with how likely the customer is to leave.

    That is what its score of the moment says, whatever the signal is about; where there is none, the
    figure of the policy.
    """
    churn = None if isinstance(signal, RiskRaised) else signal.churn
    score = signal.figures if isinstance(signal.figures, ChurnFigures) else churn
    fixed = policy.rule(reason_of(signal)).probability, ProbabilitySource.POLICY
    probability, source = _said_by(score) or fixed
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
        churn,
    )


def priority(
    reason: SignalReason, currency: str, standing: Sequence[TaskEvidence], policy: Policy
) -> Priority:
    """Return the priority of a task by what stands behind it; without anything it costs only.

    Of a customer with several services the strongest evidence counts, as it can leave only once.
    """
    rule = policy.rule(reason)
    found = Priority(0, currency, parts_of(standing), rule.save_rate, rule.cost, reason.value)
    return msgspec.structs.replace(found, value=value_of(found))


def parts_of(standing: Sequence[TaskEvidence]) -> tuple[PriorityPart, ...]:
    """Return what each customer behind a task adds to its priority, in the order of their ids."""
    strongest: dict[str, PriorityPart] = {}
    for entry in standing:
        part = PriorityPart(entry.customer_id, entry.probability, entry.source, entry.stake.amount)
        known = strongest.get(entry.customer_id)
        if known is None or _loss(part) > _loss(known):
            strongest[entry.customer_id] = part
    return tuple(strongest[customer_id] for customer_id in sorted(strongest))


def rests_on_its_score(evidence: TaskEvidence) -> bool:
    """Tell whether evidence says just that probability, and source, which its own score gives."""
    policy_says = (evidence.probability, ProbabilitySource.POLICY)
    return (evidence.probability, evidence.source) == (_said_by(evidence.score) or policy_says)


def value_of(priority: Priority) -> int:
    """Return the value that the parts of a priority add up to, in whole minor units."""
    lost = fsum(_loss(part) for part in priority.parts)
    return round(priority.save_rate * lost) - priority.cost


def _loss(part: PriorityPart) -> float:
    return part.probability * part.stake


def _said_by(score: ChurnFigures | None) -> tuple[float, ProbabilitySource] | None:
    if score is None:
        return None
    if score.probability is not None:
        return score.probability, ProbabilitySource.MODEL
    return probability_of(score.log_odds), ProbabilitySource.LOG_ODDS
