"""The digest covers what was folded and said, and nothing else."""

import math

import msgspec
import pytest

from domain.customer.digest import FoldDigest
from domain.customer.slice import FoldedSlice
from domain.customer.state import CustomerState
from events.signals import AnomalyRaised, ClearedBecause, RiskCleared, RiskRaised
from events.snapshots import SnapshotTaken
from events.values import CustomerId
from tests.support.given import DAY
from tests.support.models import ALWAYS_BY_RECENCY
from tests.support.steps import ANNA, buying, life

QUIET = life(buying(*range(0, 64, 7), 100), 100)


def digest_of(folded: FoldedSlice = QUIET, customer_id: CustomerId = ANNA) -> str:
    digest = FoldDigest()
    assert folded.state is not None
    digest.add(customer_id, folded.state, [entry.event for entry in folded.said])
    return digest.hexdigest()


def with_raised(**changes: object) -> FoldedSlice:
    """The same outputs with another field in the raised signal."""
    said = [
        entry._replace(event=msgspec.structs.replace(entry.event, **changes))
        if isinstance(entry.event, AnomalyRaised)
        else entry
        for entry in QUIET.said
    ]
    return QUIET._replace(said=said)


def test_it_is_sixty_four_hexadecimal_digits() -> None:
    assert len(bytes.fromhex(digest_of())) == 32


def test_another_state_is_another_digest() -> None:
    turned, later = [life(buying(*range(0, 64, 7), 100), until) for until in (101, 107)]
    assert digest_of(later) == digest_of(turned), "days on which nothing is due leave no trace"
    assert digest_of(turned) != digest_of(), "on day 101, a Wednesday, Anna is looked at"
    assert QUIET.state is not None
    counted = msgspec.structs.replace(QUIET.state, facts=QUIET.state.facts + 1)
    assert digest_of(QUIET._replace(state=counted)) != digest_of()


def test_another_customer_is_another_digest() -> None:
    assert digest_of(customer_id=CustomerId("b" * 36)) != digest_of()


def test_another_day_or_surprise_or_detector_is_another_digest() -> None:
    (raised,) = [entry.event for entry in QUIET.said if isinstance(entry.event, AnomalyRaised)]
    louder = msgspec.structs.replace(raised.figures, surprise=raised.figures.surprise + 1e-15)

    assert digest_of(with_raised(day=raised.day.replace(year=2012))) != digest_of()
    assert digest_of(with_raised(figures=louder)) != digest_of()
    assert digest_of(with_raised(detector="silence-2")) != digest_of()


def test_the_score_that_a_silence_carries_is_in_it() -> None:
    (risk,) = [entry.event for entry in AT_RISK.said if isinstance(entry.event, RiskRaised)]
    higher = msgspec.structs.replace(risk.figures, log_odds=risk.figures.log_odds + 0.5)

    assert digest_of(with_raised(churn=None)) == digest_of(), "the start model says nothing"
    said = [digest_of(with_raised(churn=churn)) for churn in (None, risk.figures, higher)]
    assert len(set(said)) == 3


def test_a_missing_signal_is_another_digest() -> None:
    silent = QUIET._replace(said=[e for e in QUIET.said if not isinstance(e.event, AnomalyRaised)])

    assert digest_of(silent) != digest_of()


AT_RISK = life(buying(2, 50), 80, models=ALWAYS_BY_RECENCY)
"""A risk raised on day 45 and cleared on day 50."""


def with_risk(kind: type[RiskRaised] | type[RiskCleared], **changes: object) -> FoldedSlice:
    """The same outputs with another field in the risk that was raised, or cleared."""
    said = [
        entry._replace(event=msgspec.structs.replace(entry.event, **changes))
        if isinstance(entry.event, kind)
        else entry
        for entry in AT_RISK.said
    ]
    return AT_RISK._replace(said=said)


@pytest.mark.parametrize("kind", [RiskRaised, RiskCleared])
def test_another_day_or_score_or_model_of_a_risk_is_another_digest(
    kind: type[RiskRaised] | type[RiskCleared],
) -> None:
    (risk,) = [entry.event for entry in AT_RISK.said if isinstance(entry.event, kind)]
    figures = risk.figures
    higher = msgspec.structs.replace(figures, log_odds=math.nextafter(figures.log_odds, 9.0))
    by_another = msgspec.structs.replace(figures, model="0" * 16)

    assert digest_of(with_risk(kind)) == digest_of(AT_RISK)
    assert digest_of(with_risk(kind, day=risk.day.replace(year=2012))) != digest_of(AT_RISK)
    assert digest_of(with_risk(kind, figures=higher)) != digest_of(AT_RISK)
    assert digest_of(with_risk(kind, figures=by_another)) != digest_of(AT_RISK)


def test_why_a_risk_was_cleared_is_in_it() -> None:
    gone = with_risk(RiskCleared, because=ClearedBecause.GONE)

    assert digest_of(gone) != digest_of(AT_RISK)


def test_snapshots_are_not_in_it() -> None:
    none = [entry for entry in AT_RISK.said if not isinstance(entry.event, SnapshotTaken)]

    assert len(none) < len(AT_RISK.said)
    assert digest_of(AT_RISK._replace(said=none)) == digest_of(AT_RISK)


def test_the_order_of_the_outputs_and_the_cards_are_not_in_it() -> None:
    assert digest_of(QUIET._replace(said=QUIET.said[::-1])) == digest_of()
    no_cards = [entry for entry in QUIET.said if type(entry.event).__name__ != "CustomerCard"]
    assert digest_of(QUIET._replace(said=no_cards)) == digest_of()


def test_customers_come_in_the_order_of_their_ids() -> None:
    digest = FoldDigest()
    digest.add(CustomerId("b"), CustomerState(), [])

    for not_above in ("a", "b"):
        with pytest.raises(ValueError, match="comes after b"):
            digest.add(CustomerId(not_above), CustomerState(), [])


def test_no_customer_at_all_has_a_digest_too() -> None:
    assert FoldDigest().hexdigest() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_days_count_from_the_business_day() -> None:
    assert QUIET.today == DAY + 100
