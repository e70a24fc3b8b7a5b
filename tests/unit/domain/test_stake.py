"""What is at stake: the spend to be expected in the next quarter, gross of what comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.purchases import Purchases
from domain.customer.stake import spend_a_day, spend_trend, stake

D = 15_000


def weekly(weeks: int, amount: int, first_day: int = D) -> Purchases:
    purchases = Purchases()
    for day in range(first_day, first_day + weeks * 7, 7):
        purchases = purchases.with_order(day, day, amount)
    return purchases


def then(purchases: Purchases, weeks: int, amount: int) -> Purchases:
    """The same customer after so many weeks of other amounts."""
    _, last = purchases.span()
    for day in range(last + 7, last + 7 + weeks * 7, 7):
        purchases = purchases.with_order(day, day, amount)
    return purchases


def test_nothing_is_at_stake_with_who_never_bought() -> None:
    returned = Purchases().with_return(D, D, 500)

    assert stake(Purchases(), D) == stake(returned, D) == 0
    assert spend_trend(returned, D) is None
    assert spend_a_day(returned, D) == (0.0, 0.0)


def test_orders_worth_nothing_have_no_trend_and_no_stake() -> None:
    free = Purchases().with_order(D, D, 0)

    assert spend_trend(free, D + 3) is None
    assert stake(free, D + 3) == 0


def test_a_steady_customer_is_worth_a_quarter_of_its_spend() -> None:
    regular = weekly(weeks=156, amount=7_000)

    # 1,000 a day for 91 days; the days added take some of it off
    assert stake(regular, D + 155 * 7) == pytest.approx(91_000, rel=0.2)
    assert stake(regular, D + 155 * 7) < 91_000


def test_it_is_the_spend_a_day_times_the_trend() -> None:
    # 91 days after a single order: 2800 / 2 over 65.65 + 28 days, and 2800 / sqrt(2) over 76.92 + 28
    once = Purchases().with_order(D, D, 2_800)
    over_91, over_182 = spend_a_day(once, D + 91)

    assert over_91 == pytest.approx(1_400 / (91 / 2 / 0.693147 + 28), rel=1e-5)
    assert over_182 == pytest.approx(1_979.90 / (0.292893 * 182 / 0.693147 + 28), rel=1e-5)
    assert spend_trend(once, D + 91) == pytest.approx(over_91 / over_182)
    assert stake(once, D + 91) == round(over_182 * 91 * (over_91 / over_182)) == 1_360


def test_one_order_of_a_newcomer_is_no_daily_habit() -> None:
    first = Purchases().with_order(D, D, 8_000)

    assert stake(first, D) == 8_000 * 91 // 28  # four weeks are added to a single day
    assert stake(first, D + 91) < stake(first, D) / 4


def test_who_spends_more_lately_is_expected_to_go_on_so() -> None:
    before = weekly(52, 1_000)
    rising, falling = then(before, 13, 4_000), then(before, 13, 100)
    today = D + 64 * 7

    assert spend_trend(rising, today) > 1.15
    assert spend_trend(falling, today) < 0.75
    _, over_182 = spend_a_day(rising, today)
    assert stake(rising, today) > over_182 * 91 * 1.15


def test_the_trend_moves_it_by_a_half_at_most() -> None:
    idle = then(weekly(104, 1), 1, 1_000_000)
    silent = weekly(104, 1_000)
    much_later = D + 104 * 7 + 400

    _, a_day = spend_a_day(idle, D + 104 * 7)
    assert spend_trend(idle, D + 104 * 7) > 1.5
    assert stake(idle, D + 104 * 7) == round(a_day * 91 * 1.5)
    _, a_day = spend_a_day(silent, much_later)
    assert spend_trend(silent, much_later) < 0.5
    assert stake(silent, much_later) == round(a_day * 91 * 0.5)


def test_it_shrinks_as_the_silence_lasts() -> None:
    regular = weekly(weeks=52, amount=7_000)
    values = [stake(regular, D + 52 * 7 + silent) for silent in (0, 30, 91, 182, 400)]

    assert values == sorted(values, reverse=True)
    assert values[0] > 2 * values[3]


def test_what_comes_back_takes_nothing_from_it() -> None:
    bought = weekly(20, 8_000)

    assert stake(bought.with_return(D + 133, D + 133, 150_000), D + 140) == stake(bought, D + 140)


def test_it_fades_out_with_the_table_of_decay() -> None:
    assert stake(Purchases().with_order(D, D, 10**9), D + 5_000) == 0


def test_it_is_whole_minor_units() -> None:
    assert isinstance(stake(weekly(3, 333), D + 30), int)


histories = st.lists(
    st.tuples(st.integers(0, 800), st.integers(0, 10**9)), min_size=1, max_size=12
).map(sorted)


@given(histories, st.integers(0, 600))
def test_no_history_has_a_stake_below_nothing_or_a_trend_of_two(
    history: list[tuple[int, int]], silent: int
) -> None:
    purchases = Purchases()
    for day, amount in history:
        purchases = purchases.with_order(D + day, D + day, amount)
    today = D + history[-1][0] + silent

    trend = spend_trend(purchases, today)
    assert stake(purchases, today) >= 0
    assert trend is None or 0.0 < trend < 2.0


@given(histories, st.integers(0, 300), st.integers(0, 300))
def test_looking_in_between_changes_nothing(
    history: list[tuple[int, int]], first: int, second: int
) -> None:
    purchases = Purchases()
    for day, amount in history:
        purchases = purchases.with_order(D + day, D + day, amount)
    last = D + history[-1][0]
    aged = purchases.decayed_to(last + first)

    today = last + first + second
    assert stake(aged, today) == pytest.approx(stake(purchases, today), abs=1, rel=1e-9)
