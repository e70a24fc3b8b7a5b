"""What is at stake: the spend to be expected in the next quarter, gross of what comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer.purchases import Purchases
from domain.customer.stake import spend_trend, stake

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
    assert spend_trend(Purchases(), D) is None
    assert spend_trend(returned, D) is None


def test_orders_worth_nothing_have_no_trend_and_no_stake() -> None:
    free = Purchases().with_order(D, D, 0)

    assert spend_trend(free, D + 3) is None
    assert stake(free, D + 3) == 0


def test_a_steady_customer_is_worth_a_quarter_of_its_spend() -> None:
    regular = weekly(weeks=156, amount=7_000)

    # 1,000 a day for 91 days; the days added take some of it off
    assert stake(regular, D + 155 * 7) == pytest.approx(91_000, rel=0.2)
    assert stake(regular, D + 155 * 7) < 91_000


def test_it_is_the_last_quarters_spend_a_day_times_91() -> None:
    # 91 days after a single order half of it is left, over 65.65 days and the 28 added to them
    once = Purchases().with_order(D, D, 2_800)

    assert stake(once, D + 91) == round(1_400 / (91 / 2 / 0.693147 + 28) * 91) == 1_360


def test_one_order_of_a_newcomer_is_no_daily_habit() -> None:
    first = Purchases().with_order(D, D, 8_000)

    assert stake(first, D) == 8_000 * 91 // 28  # four weeks are added to a single day
    assert stake(first, D + 91) < stake(first, D) / 4


def test_who_spends_more_lately_is_expected_to_go_on_so() -> None:
    before, today = weekly(52, 1_000), D + 64 * 7
    doubled, halved = then(before, 13, 2_000), then(before, 13, 500)

    assert stake(doubled, today) > 1.4 * stake(then(before, 13, 1_000), today)
    assert stake(halved, today) < 0.8 * stake(then(before, 13, 1_000), today)


def test_a_quarter_moves_it_by_half_of_the_half_years_at_most() -> None:
    lifted = then(weekly(104, 1), 1, 1_000_000)
    # what is left of the two years is next to nothing: 10^6 over 246.2 + 28 days
    assert stake(lifted, D + 104 * 7) == pytest.approx(1_000_000 / 274.2 * 91 * 1.5, rel=1e-3)

    silent, later = Purchases().with_order(D, D, 2**20), D + 182 * 4
    # 2^16 after four half-lives, over 246.2 + 28 days; by the quarter it would be 2^12 over 158.8
    assert stake(silent, later) == pytest.approx(2**16 / 274.2 * 91 * 0.5, rel=1e-3)


EVEN = weekly(104, 1_000)
LAST = D + 103 * 7
TRENDS = [
    # purchases, today, trend
    (Purchases().with_order(D, D, 5), D, 1.0),
    (Purchases().with_order(D, D, 5), D + 1, 1.0),
    (Purchases().with_order(D, D, 5), D + 91, 0.83),
    (EVEN, LAST, 1.01),
    (EVEN, LAST + 28, 0.91),
    (EVEN, LAST + 91, 0.73),
    (then(weekly(52, 1_000), 13, 2_000), D + 64 * 7, 1.13),
    (then(weekly(52, 1_000), 13, 500), D + 64 * 7, 0.91),
    (then(weekly(52, 1_000), 13, 9_000), D + 64 * 7, 1.34),
    (then(weekly(52, 1_000), 13, 0), D + 64 * 7, 0.76),
]


@pytest.mark.parametrize(("purchases", "today", "trend"), TRENDS)
def test_a_trend_compares_the_quarter_with_the_half_year(
    purchases: Purchases, today: int, trend: float
) -> None:
    assert spend_trend(purchases, today) == pytest.approx(trend, abs=0.006)


@pytest.mark.parametrize("weeks", [2, 4, 13, 26, 52, 104])
def test_even_spending_shows_next_to_no_trend_at_any_age(weeks: int) -> None:
    regular = weekly(weeks, 1_000)

    assert spend_trend(regular, D + weeks * 7 - 4) == pytest.approx(1.0, abs=0.02)


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
