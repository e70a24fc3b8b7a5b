"""The live loss: a mean that forgets, of scores as they were given."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.live_loss import LEFT_AFTER_A_DAY, LiveLoss
from events import codec

LOSSES = st.lists(st.lists(st.floats(0.0, 50.0), max_size=8), max_size=40)


def after(*days: list[float]) -> LiveLoss:
    loss = LiveLoss()
    for losses in days:
        loss = loss.after_day(losses)
    return loss


def test_before_the_first_label_there_is_none() -> None:
    assert LiveLoss().mean() is None
    assert after([], [], []).mean() is None


def test_of_one_day_it_is_the_mean() -> None:
    assert after([0.2, 0.4, 0.9]).mean() == pytest.approx(0.5)


def test_a_loss_of_four_weeks_ago_counts_half() -> None:
    assert after([3.0], *[[]] * 27, [0.0]).mean() == pytest.approx(3.0 * 0.5 / 1.5)
    assert pow(LEFT_AFTER_A_DAY, 28) == pytest.approx(0.5)


def test_days_without_labels_leave_the_mean_alone() -> None:
    assert after([0.25, 0.75], *[[]] * 60).mean() == pytest.approx(0.5)


@given(LOSSES)
def test_it_is_the_weighted_mean_of_all_losses(days: list[list[float]]) -> None:
    weights = [2.0 ** (-age / 28) for age in range(len(days))][::-1]
    counted = sum(w * len(losses) for w, losses in zip(weights, days, strict=True))
    total = sum(w * sum(losses) for w, losses in zip(weights, days, strict=True))

    mean = after(*days).mean()

    assert mean == (pytest.approx(total / counted) if counted else None)


@given(LOSSES)
def test_it_lies_between_the_least_and_the_greatest_loss(days: list[list[float]]) -> None:
    every = [loss for losses in days for loss in losses]
    mean = after(*days).mean()

    assert mean is None or min(every) - 1e-9 <= mean <= max(every) + 1e-9


@given(LOSSES, LOSSES)
def test_it_goes_on_from_its_bytes(before: list[list[float]], later: list[list[float]]) -> None:
    whole = after(*before)
    resumed = msgspec.json.decode(codec.encode(whole), type=LiveLoss)
    for losses in later:
        whole, resumed = whole.after_day(losses), resumed.after_day(losses)

    assert resumed == whole
