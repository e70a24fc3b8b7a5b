"""What a task is worth: by the score of its customer, by the policy without one, each customer once."""

from math import exp, fsum

import msgspec
import pytest

from domain.retention.policy import Policy
from domain.retention.priority import evidence_of, priority, rests_on_its_score, value_of
from events.figures import Band, ChurnFigures, Evidence
from events.signals import AnomalyRaised, Placement, RiskRaised, SignalReason
from events.task_values import ProbabilitySource
from events.values import Money
from tests.unit.domain.retention.given import ACCOUNT, ANN, CUSTOMER, DAY, OTHER, SILENT, evidence

QUIET = SignalReason.UNUSUALLY_QUIET
PLACE = Placement(ACCOUNT, ANN, "north", "gold")
POLICY = Policy()


def quiet(churn: ChurnFigures | None) -> AnomalyRaised:
    window, stake = Evidence("crm.order.placed.v1", DAY, DAY), Money(100_000, "GBP")
    return AnomalyRaised(CUSTOMER, DAY, QUIET, "silence-1", SILENT, window, stake, PLACE, churn)


def score(probability: float | None) -> ChurnFigures:
    return ChurnFigures("m", 91, -3.0, probability, Band.LOW, -3.0, (), (), None)


@pytest.mark.parametrize(
    ("churn", "probability", "source"),
    [
        (score(0.03), 0.03, ProbabilitySource.MODEL),
        (score(None), 1.0 / (1.0 + exp(3.0)), ProbabilitySource.LOG_ODDS),
        (None, 0.5, ProbabilitySource.POLICY),
    ],
)
def test_a_silence_is_priced_by_the_score_of_its_customer_and_by_the_policy_without_one(
    churn: ChurnFigures | None, probability: float, source: ProbabilitySource
) -> None:
    found = evidence_of(quiet(churn), POLICY)

    assert (found.probability, found.source) == (pytest.approx(probability), source)
    assert (found.figures, found.score) == (SILENT, churn), "the price opens its inputs"
    value = round(0.2 * probability * 100_000) - 2_000
    assert priority(QUIET, "GBP", (found,), POLICY).value == value


def test_a_churn_risk_is_priced_by_its_own_figures() -> None:
    raised = RiskRaised(CUSTOMER, DAY, score(0.7), 0.85, Money(100_000, "GBP"), None, PLACE)

    found = evidence_of(raised, POLICY)

    assert (found.probability, found.source) == (0.7, ProbabilitySource.MODEL)
    assert (found.score, found.churn) == (score(0.7), None)


def test_evidence_whose_probability_is_not_that_of_its_score_is_told_apart() -> None:
    replace = msgspec.structs.replace
    by_model = evidence_of(quiet(score(0.03)), POLICY)

    assert rests_on_its_score(by_model)
    assert rests_on_its_score(replace(evidence(), probability=0.4)), "another policy's figure"
    assert not rests_on_its_score(replace(by_model, probability=0.5))
    assert not rests_on_its_score(replace(by_model, source=ProbabilitySource.POLICY))
    assert not rests_on_its_score(replace(by_model, churn=None))


def test_a_customer_counts_once_by_its_strongest_evidence() -> None:
    data = msgspec.structs.replace(evidence(stake=100), service="mobile-data")
    found = priority(QUIET, "GBP", (evidence(), data, evidence(OTHER, 40_000)), POLICY)

    assert [(part.customer_id, part.stake) for part in found.parts] == [
        (CUSTOMER, 100_000),
        (OTHER, 40_000),
    ]
    assert found.value == round(0.2 * fsum([50_000.0, 20_000.0])) - 2_000 == value_of(found)
