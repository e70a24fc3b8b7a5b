"""The chance of buying again: BG/NBD, against the published formula written down independently."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.buying_again import LEAST_CHANCE, chance_of_buying, log_odds_of_buying

AGES = st.integers(0, 40_000)
LIVES = st.tuples(AGES, AGES, st.integers(0, 15_000)).map(
    lambda life: (max(life[:2]), min(life[:2]), life[2])
)
"""Age, span (not above it) and repeats of customers, also of impossible ones."""

LEAST_ODDS = math.log(1e-4 / (1 - 1e-4))


def published_chance(age: int, span: int, repeats: int, horizon: int) -> float:
    """P(alive) of Fader, Hardie, Lee (2005) times the chance that a living customer buys.

    P(alive) is eq. (12) of "Computing P(alive) Using the BG/NBD Model"; with the customer alive and
    its rate of the gamma distribution, updated to (r + x, alpha + T), no purchase within t has the
    chance ((alpha + T) / (alpha + T + t))^(r + x). In exact fractions but for the powers.
    """
    r, alpha, a, b = Fraction(1, 4), Fraction(30), Fraction(1, 2), Fraction(5)
    silent = float((alpha + age) / (alpha + age + horizon)) ** float(r + repeats)
    alive = 1.0
    if repeats:
        aged = float((alpha + age) / (alpha + span)) ** float(r + repeats)
        alive = 1.0 / (1.0 + float(a / (b + repeats - 1)) * aged)
    return alive * (1.0 - silent)


@pytest.mark.parametrize(
    ("age", "span", "repeats", "chance"),
    [
        # one purchase today: 1 - (30 / 121)^.25
        (0, 0, 0, 1.0 - (30 / 121) ** 0.25),
        # one purchase a quarter ago: 1 - (121 / 212)^.25
        (91, 0, 0, 1.0 - (121 / 212) ** 0.25),
        # two, the second one today: a / (b + 0) = .1 of the customers left right after it
        (30, 30, 1, (1.0 - (60 / 151) ** 1.25) / 1.1),
        # ten weekly ones, the last one four weeks ago
        (91, 63, 9, (1.0 - (121 / 212) ** 9.25) / (1.0 + 0.5 / 13.0 * (121 / 93) ** 9.25)),
    ],
)
def test_it_is_what_can_be_worked_out_by_hand(
    age: int, span: int, repeats: int, chance: float
) -> None:
    assert chance_of_buying(age, span, repeats, 91) == pytest.approx(chance, rel=1e-12)


@given(
    st.integers(0, 3_000).flatmap(
        lambda age: st.tuples(st.just(age), st.integers(0, age), st.integers(0, 60))
    )
)
def test_it_is_the_published_formula(life: tuple[int, int, int]) -> None:
    age, span, repeats = life

    assert chance_of_buying(age, span, repeats, 91) == pytest.approx(
        published_chance(age, span, repeats, 91), rel=1e-9, abs=1e-12
    )


@given(LIVES, st.integers(1, 4_000))
def test_older_silence_never_raises_it(life: tuple[int, int, int], days: int) -> None:
    age, span, repeats = life

    now = chance_of_buying(age, span, repeats, 91)
    later = chance_of_buying(age + days, span, repeats, 91)

    assert later <= now + 1e-12
    assert log_odds_of_buying(age + days, span, repeats, 91) <= (
        log_odds_of_buying(age, span, repeats, 91) + 1e-9
    )


@given(LIVES)
def test_no_history_is_too_long_for_it(life: tuple[int, int, int]) -> None:
    assert 0.0 <= chance_of_buying(*life, 91) <= 1.0
    assert abs(log_odds_of_buying(*life, 91)) <= -LEAST_ODDS + 1e-9


@given(LIVES, st.integers(1, 700))
def test_a_longer_horizon_never_lowers_it(life: tuple[int, int, int], more: int) -> None:
    assert chance_of_buying(*life, 91 + more) >= chance_of_buying(*life, 91)


def test_who_bought_every_day_and_is_gone_for_ten_years_overflows_nothing() -> None:
    # the odds of having left are (4030 / 380)^350, which no float holds
    assert chance_of_buying(4_000, 350, 350, 91) == pytest.approx(0.0, abs=1e-100)
    assert log_odds_of_buying(4_000, 350, 350, 91) == pytest.approx(LEAST_ODDS)


def test_log_odds_are_those_of_the_chance_kept_off_nought_and_one() -> None:
    chance = chance_of_buying(91, 63, 9, 91)

    assert LEAST_CHANCE == 1e-4
    assert log_odds_of_buying(91, 63, 9, 91) == pytest.approx(math.log(chance / (1 - chance)))
    assert log_odds_of_buying(10_000, 0, 50, 91) == pytest.approx(-9.21024, abs=1e-5)
    assert log_odds_of_buying(3_000, 3_000, 3_000, 91) < 9.21024


def test_regular_buyers_are_believed_longer_in_proportion_to_their_gaps() -> None:
    # given one customer of 10 weekly purchases and one of 4 monthly ones, both silent for 60 days
    weekly, monthly = (63 + 60, 63, 9), (90 + 60, 90, 3)

    # then it is the weekly one whose silence says more
    assert chance_of_buying(*weekly, 91) < chance_of_buying(*monthly, 91)
