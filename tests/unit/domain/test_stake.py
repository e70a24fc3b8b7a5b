"""What is at stake: the spend to be expected in the next quarter."""

import pytest

from domain.customer.purchases import Purchases
from domain.customer.stake import stake

D = 15_000


def weekly(weeks: int, amount: int) -> Purchases:
    purchases = Purchases()
    for day in range(D, D + weeks * 7, 7):
        purchases = purchases.with_order(day, day, amount)
    return purchases


def test_nothing_is_at_stake_with_who_never_bought() -> None:
    assert stake(Purchases(), D) == 0
    assert stake(Purchases().with_return(D, D, 500), D) == 0


def test_a_steady_customer_is_worth_a_quarter_of_its_spend() -> None:
    regular = weekly(weeks=156, amount=7_000)

    # 1,000 a day for 91 days; the prior takes some of it off
    assert stake(regular, D + 156 * 7) == pytest.approx(91_000, rel=0.06)


def test_one_order_of_a_newcomer_is_no_daily_habit() -> None:
    first = Purchases().with_order(D, D, 8_000)

    assert stake(first, D) == pytest.approx(8_000 / 8 * 91, rel=0.01)
    assert stake(first, D + 21) < stake(first, D) / 3


def test_it_shrinks_as_the_silence_lasts() -> None:
    regular = weekly(weeks=52, amount=7_000)
    values = [stake(regular, D + 52 * 7 + silent) for silent in (0, 30, 91, 182, 400)]

    assert values == sorted(values, reverse=True)
    assert values[0] > 2 * values[3]


def test_returns_take_away_from_it_and_never_below_nothing() -> None:
    bought = Purchases().with_order(D, D, 8_000)

    assert stake(bought.with_return(D, D, 4_000), D) == pytest.approx(stake(bought, D) / 2, abs=1)
    assert stake(bought.with_return(D, D, 9_000), D) == 0


def test_it_is_whole_minor_units() -> None:
    assert isinstance(stake(weekly(3, 333), D + 30), int)
