"""Whom to call first: probability times stake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.ranking import expected_loss, probability

log_odds = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("odds", "stake", "lost"),
    [
        (0.0, 10_000, 5_000.0),
        (2.1972245773362196, 10_000, 9_000.0),
        (-2.1972245773362196, 10_000, 1_000.0),
        (None, 10_000, 5_000.0),
        (3.0, 0, 0.0),
        (1e6, 10_000, 10_000.0),
        (-1e6, 10_000, 0.0),
    ],
)
def test_what_is_likely_lost(odds: float | None, stake: int, lost: float) -> None:
    assert expected_loss(odds, stake) == pytest.approx(lost)


def test_a_large_customer_at_some_risk_goes_before_a_small_one_at_great_risk() -> None:
    listed = {"large": (-0.5, 900_000), "small": (3.0, 4_000), "safe": (-4.0, 900_000)}

    first = sorted(listed, key=lambda name: -expected_loss(*listed[name]))

    assert first == ["large", "safe", "small"]


def test_without_scores_the_order_is_that_of_the_stakes() -> None:
    assert expected_loss(None, 3) > expected_loss(None, 2) > expected_loss(None, 1)


@given(log_odds)
def test_a_probability_is_one(odds: float) -> None:
    assert 0.0 <= probability(odds) <= 1.0
    assert probability(odds) + probability(-odds) == pytest.approx(1.0)


@given(log_odds, log_odds, st.integers(0, 10**13))
def test_more_risk_is_never_less_to_lose(one: float, other: float, stake: int) -> None:
    least, most = sorted((one, other))

    assert expected_loss(least, stake) <= expected_loss(most, stake)


@given(log_odds, st.integers(0, 10**13), st.integers(0, 10**13))
def test_more_at_stake_is_never_less_to_lose(odds: float, one: int, other: int) -> None:
    least, most = sorted((one, other))

    assert expected_loss(odds, least) <= expected_loss(odds, most) <= most
