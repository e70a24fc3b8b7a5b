"""The packed watch of one service: open days add up, closed ones stay closed, missing ones count not."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection import metered_watch
from domain.detection.anomaly import Anomaly
from domain.detection.metered_watch import Watch, begun, closed, pack, unpack, with_amount
from domain.detection.metering import Level, Surprise

D = 15_000
DROP = Anomaly(Surprise.DROP, D - 2, D, 0.5, 2.25, 0.25, -12.5, 3.5)
USUAL = Level(2.25, 9.5, 0.25, (0.5, 0.25, 0.0, -0.25, 0.5, -0.5, -0.5), 1.5, 0.5, -0.25, 70, 28)


def used(*uses: tuple[int, float], today: int = D) -> Watch:
    """The watch after these amounts of (day, amount), begun with the first of them."""
    data = begun(uses[0][0], today)
    for day, amount in uses:
        data = with_amount(data, day, amount)
    return unpack(data)


@pytest.mark.parametrize(
    "watch",
    [
        Watch(D),
        Watch(D, (1.5, 0.0, 2.0)),
        Watch(-20_000, (0.5,), USUAL),
        Watch(D, (), USUAL, DROP),
        Watch(D, (1.0,) * 8, USUAL, DROP),
    ],
)
def test_a_watch_comes_back_from_its_bytes(watch: Watch) -> None:
    assert unpack(pack(watch)) == watch


@pytest.mark.parametrize(
    ("watch", "size"),
    [
        (Watch(D, (1.0,)), 10),
        (Watch(D, (1.0,), USUAL), 42),
        (Watch(D, (1.0, 2.0), USUAL), 46),
        (Watch(D, (1.0, 2.0), USUAL, DROP), 63),
        (Watch(D, (1.0,) * 8, USUAL, DROP), 87),
    ],
)
def test_a_watch_is_small(watch: Watch, size: int) -> None:
    assert len(pack(watch)) == size


def test_room_is_kept_for_an_anomaly_of_a_service_that_is_known() -> None:
    assert metered_watch.takes(pack(Watch(D, (1.0,)))) == 10
    assert metered_watch.takes(pack(Watch(D, (1.0,), USUAL))) == 59
    assert metered_watch.takes(pack(Watch(D, (1.0,), USUAL, DROP))) == 59


def test_bytes_that_are_no_watch_are_refused() -> None:
    with pytest.raises(struct.error):
        unpack(b"abc")
    with pytest.raises(struct.error):
        unpack(pack(Watch(D, (1.0,), USUAL))[:-1])


def test_amounts_of_a_day_add_up() -> None:
    assert used((D, 1.5), (D, 2.0), (D + 1, 4.0)) == Watch(D, (3.5, 4.0))


def test_days_between_two_uses_are_zeros() -> None:
    assert used((D - 3, 1.0), (D, 2.0)) == Watch(D - 3, (1.0, 0.0, 0.0, 2.0))


def test_a_day_before_the_first_open_one_changes_nothing() -> None:
    assert used((D, 1.0), (D - 1, 9.0)) == Watch(D, (1.0,))


def test_a_service_first_used_longer_ago_than_days_are_open_is_not_begun() -> None:
    assert begun(D - 7, D) == pack(Watch(D - 7))
    assert begun(D - 8, D) == b""


def test_at_most_eight_days_are_open_and_the_oldest_is_forgotten() -> None:
    assert used((D - 7, 1.0), (D + 2, 2.0)) == Watch(D - 5, (0.0,) * 7 + (2.0,))


def test_a_day_closes_with_its_total() -> None:
    after = closed(Watch(D, (8.0, 2.0)), D, D + 1, arrived=True)

    assert (after.next_day, after.totals) == (D + 1, (2.0,))
    assert after.level.counted == 1
    assert after.level.mean_used == 8.0


def test_a_day_without_a_record_closes_with_zero_where_its_feed_arrived() -> None:
    after = closed(Watch(D, (), USUAL), D, D + 1, arrived=True)

    assert after.level.counted == 71
    assert after.anomaly is not None
    assert after.anomaly.surprise is Surprise.DROP
    assert after.anomaly.total == 0.0


@pytest.mark.parametrize("totals", [(), (0.1,), (1e6,)])
def test_a_day_whose_feed_is_late_is_missing_whatever_came_of_it(totals: tuple[float, ...]) -> None:
    after = closed(Watch(D, totals, USUAL), D, D + 1, arrived=False)

    assert after == Watch(D + 1, (), USUAL)


def test_a_record_of_a_closed_day_changes_nothing() -> None:
    data = pack(closed(Watch(D, (8.0,)), D, D + 1, arrived=True))

    assert with_amount(data, D, 100.0) == data


def test_a_day_that_was_closed_before_changes_nothing() -> None:
    watch = Watch(D, (8.0,), USUAL, DROP)

    assert closed(watch, D - 1, D + 1, arrived=True) == watch


def test_days_that_were_never_closed_are_missing() -> None:
    after = closed(Watch(D, (8.0, 9.0, 7.0, 1.0)), D + 2, D + 3, arrived=True)

    assert (after.next_day, after.totals, after.level.counted) == (D + 3, (1.0,), 1)
    assert after.level.mean_used == 7.0


def test_an_anomaly_ends_with_the_next_ordinary_day() -> None:
    ordinary = 9.5
    after = closed(Watch(D, (ordinary,), USUAL, DROP), D, D + 1, arrived=True)

    assert after.anomaly is None


def test_a_signal_says_the_same_after_every_packing() -> None:
    watch = unpack(pack(closed(Watch(D, (), USUAL), D, D + 1, arrived=True)))

    for day in range(D + 1, D + 5):
        later = unpack(pack(closed(watch, day, day + 1, arrived=False)))
        assert later.anomaly == watch.anomaly
        watch = later


amounts = st.lists(st.tuples(st.integers(0, 12), st.floats(0.0, 2.0**40, width=32)), max_size=20)


@given(amounts)
def test_no_use_is_lost_or_invented_in_open_days(uses: list[tuple[int, float]]) -> None:
    data = begun(D, D)
    for after, amount in uses:
        data = with_amount(data, D + after, amount)
    watch = unpack(data)

    assert len(watch.totals) <= 8
    open_uses = [(D + after, amount) for after, amount in uses if D + after >= watch.next_day]
    for place, total in enumerate(watch.totals):
        day = watch.next_day + place
        known = sum(amount for each, amount in open_uses if each == day)
        assert total <= known * (1 + 1e-5) or known == 0.0
