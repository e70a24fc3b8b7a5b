"""What a customer buys and sends back, by literal histories."""

import itertools

import pytest

from domain.customer.purchases import Purchases

D = 15_000


def test_who_never_bought_has_no_span() -> None:
    with pytest.raises(ValueError, match="never bought"):
        Purchases().span()


def test_a_first_order_is_all_there_is() -> None:
    bought = Purchases().with_order(D, D, 1_200)

    assert bought.span() == (D, D)
    assert (bought.days, bought.orders, bought.spent, bought.last_amount) == (1, 1, 1_200, 1_200)
    assert (bought.days_182, bought.orders_91, bought.spent_91) == (1.0, 1.0, 1_200.0)
    assert bought.gaps.count == 0


def test_two_orders_of_a_day_are_one_purchase_day() -> None:
    bought = Purchases().with_order(D, D, 1_200).with_order(D, D, 300)

    assert (bought.days, bought.orders, bought.spent, bought.last_amount) == (1, 2, 1_500, 1_500)
    assert bought.gaps.count == 0
    assert bought.days_182 == 1.0


def test_the_last_amount_is_that_of_the_whole_last_day() -> None:
    one_day = Purchases().with_order(D, D, 1_200).with_order(D + 9, D + 9, 300)

    assert one_day.last_amount == 300
    assert one_day.with_order(D + 9, D + 9, 50).last_amount == 350
    assert one_day.with_order(D + 9, D + 11, 50).last_amount == 350  # late, and of the last day
    assert one_day.with_order(D + 8, D + 9, 50).last_amount == 300
    assert one_day.with_order(D + 10, D + 10, 50).last_amount == 50


@pytest.mark.parametrize("amounts", list(itertools.permutations((100, 20, 3))))
def test_the_order_in_which_a_days_orders_arrive_does_not_matter(amounts: tuple[int, ...]) -> None:
    bought = Purchases().with_order(D - 30, D - 30, 500)
    for amount in amounts:
        bought = bought.with_order(D, D, amount)

    assert (bought.last_amount, bought.spent, bought.orders, bought.days) == (123, 623, 4, 2)


def test_a_return_leaves_the_last_amount_alone() -> None:
    assert Purchases().with_order(D, D, 900).with_return(D, D, 900).last_amount == 900


def test_sums_halve_with_their_half_lives() -> None:
    bought = Purchases().with_order(D, D, 800).with_order(D + 91, D + 91, 100)

    assert bought.orders_91 == 1.5
    assert bought.spent_91 == 500.0
    assert bought.spent_182 == pytest.approx(800 * 2**-0.5 + 100)
    assert (bought.gaps.count, bought.gaps.mean) == (1, 91.0)


def test_decaying_in_steps_is_decaying_at_once_up_to_rounding() -> None:
    once = Purchases().with_order(D, D, 1_000).decayed_to(D + 100)
    steps = Purchases().with_order(D, D, 1_000)
    for day in range(D, D + 101):
        steps = steps.decayed_to(day)

    assert steps.spent_91 == pytest.approx(once.spent_91, rel=1e-12)
    assert steps.as_of == once.as_of == D + 100


def test_a_late_order_before_the_last_day_leaves_gaps_and_days_alone() -> None:
    regular = Purchases().with_order(D, D, 100).with_order(D + 10, D + 10, 100)
    late = regular.with_order(D + 4, D + 101, 500)

    assert late.gaps == regular.gaps
    assert (late.days, late.span()) == (2, (D, D + 10))
    assert (late.orders, late.spent, late.last_amount) == (3, 700, 100)


def test_a_late_order_is_decayed_by_its_lateness() -> None:
    late = Purchases().with_order(D, D + 91, 400)

    assert (late.spent_91, late.orders_91) == (200.0, 0.5)
    assert late.days_182 == pytest.approx(2**-0.5)


def test_a_late_order_newer_than_the_last_counts_a_gap() -> None:
    late = Purchases().with_order(D, D, 100).with_order(D + 7, D + 20, 300)

    assert (late.gaps.count, late.gaps.mean) == (1, 7.0)
    assert (late.days, late.span(), late.last_amount) == (2, (D, D + 7), 300)


def test_a_late_order_before_the_first_moves_the_first_day() -> None:
    late = Purchases().with_order(D, D, 100).with_order(D - 5, D + 1, 300)

    assert late.span() == (D - 5, D)
    assert (late.days, late.gaps.count, late.last_amount) == (1, 0, 100)


def test_a_return_is_no_purchase() -> None:
    returned = Purchases().with_order(D, D, 1_000).with_return(D + 3, D + 3, 400)

    assert (returned.returns, returned.returned, returned.returned_182) == (1, 400, 400.0)
    assert (returned.orders, returned.days, returned.span()) == (1, 1, (D, D))


def test_a_customer_may_begin_with_a_return() -> None:
    returned = Purchases().with_return(D, D + 182, 400)

    assert (returned.first_day, returned.last_day, returned.days) == (None, None, 0)
    assert (returned.returned, returned.returned_182, returned.returns_182) == (400, 200.0, 0.5)


@pytest.mark.parametrize("day", [-25_000, -5_000, -1, 0, 1])
def test_a_first_purchase_may_lie_long_before_computers(day: int) -> None:
    bought = Purchases().with_order(day, day, 100).with_order(day + 91, day + 91, 100)

    assert (bought.first_day, bought.spent_91) == (day, 150.0)
