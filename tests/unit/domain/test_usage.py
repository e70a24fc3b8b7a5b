"""What a customer consumes of each service, by literal histories."""

import pytest

from domain.customer.feeds import NO_FEEDS, at_mark
from domain.customer.usage import Consumption

D = 15_000


def used(*entries: tuple[str, int]) -> Consumption:
    """One unit of a service on each (service, day), on time."""
    consumption = Consumption()
    for service, day in entries:
        consumption = consumption.with_usage(service, "GB", day, day, 1.0)
    return consumption


def test_a_first_use_is_all_there_is() -> None:
    (entry,) = Consumption().with_usage("mobile-data", "GB", D, D, 2.5).services

    assert (entry.service, entry.unit, entry.first_day, entry.last_day) == (
        "mobile-data",
        "GB",
        D,
        D,
    )
    assert (entry.days, entry.total, entry.used_14, entry.used_91) == (1, 2.5, 2.5, 2.5)


def test_uses_of_a_day_add_up_to_one_day() -> None:
    (entry,) = used(("mobile-data", D), ("mobile-data", D)).services

    assert (entry.days, entry.total) == (1, 2.0)


def test_sums_halve_with_their_half_lives() -> None:
    (entry,) = used(("mobile-data", D), ("mobile-data", D + 14)).services

    assert entry.used_14 == 1.5
    assert entry.used_91 == pytest.approx(1 + 2 ** (-14 / 91))
    assert (entry.days, entry.total, entry.last_day) == (2, 2.0, D + 14)


def test_a_late_use_is_decayed_by_its_lateness_and_is_no_new_day() -> None:
    before = used(("mobile-data", D))
    (entry,) = before.with_usage("mobile-data", "GB", D - 14, D, 1.0).services

    assert (entry.used_14, entry.total) == (1.5, 2.0)
    assert (entry.first_day, entry.last_day, entry.days) == (D - 14, D, 1)


def test_another_unit_is_another_entry() -> None:
    both = used(("voice", D)).with_usage("voice", "min", D, D, 30.0)

    assert [(entry.service, entry.unit, entry.total) for entry in both.services] == [
        ("voice", "GB", 1.0),
        ("voice", "min", 30.0),
    ]


SIX = [f"service-{number}" for number in range(6)]
"""Services with names as they usually are, each of them asked at a mark and not watched."""

ROOM_FOR_SIX = 6 * (42 + 9 + 2)


def names(consumption: Consumption) -> list[str]:
    return [entry.service for entry in consumption.services]


def settled(*entries: tuple[str, int]) -> Consumption:
    """The same after the mark at which it came out that no service has a feed."""
    return at_mark(used(*entries), D + 10_000, NO_FEEDS)


SIX_SETTLED = settled(*[(name, D + day) for day, name in enumerate(SIX)])


def test_as_many_services_as_there_is_room_for_are_kept() -> None:
    kept = SIX_SETTLED.within(ROOM_FOR_SIX)

    assert names(kept) == SIX
    assert kept.left_out == 0


def test_one_byte_less_leaves_the_longest_unused_out() -> None:
    kept = SIX_SETTLED.within(ROOM_FOR_SIX - 1)

    assert names(kept) == SIX[1:]
    assert kept.left_out == 1


def test_one_more_takes_the_place_of_the_longest_unused_and_is_counted() -> None:
    first_used_again = settled(*[(name, D + day) for day, name in enumerate(SIX)], (SIX[0], D + 50))
    more = first_used_again.with_usage("newcomer", "GB", D + 51, D + 51, 4.0)

    kept = at_mark(more, D + 52, NO_FEEDS).within(ROOM_FOR_SIX)

    assert names(kept) == ["service-0", *SIX[2:], "newcomer"]
    assert kept.left_out == 1
    assert kept.services[-1].total == 4.0


def test_a_service_used_just_now_stays_however_old_the_record_is() -> None:
    more = SIX_SETTLED.with_usage("newcomer", "GB", D - 90, D + 51, 4.0)

    assert "newcomer" in names(more.within(ROOM_FOR_SIX, ("newcomer", "GB")))
    assert "newcomer" not in names(more.within(ROOM_FOR_SIX))


def test_a_service_used_just_now_stays_even_where_there_is_no_room() -> None:
    assert names(used(("voice", D)).within(0, ("voice", "GB"))) == ["voice"]
    assert names(used(("voice", D)).within(0)) == []


def test_a_long_name_may_take_the_place_of_two() -> None:
    more = SIX_SETTLED.with_usage("s" * 24, "u" * 16, D - 60, D + 60, 1.0)

    kept = more.within(ROOM_FOR_SIX, ("s" * 24, "u" * 16))

    assert names(kept) == [*SIX[2:], "s" * 24]
    assert kept.left_out == 2


def test_among_equally_long_unused_the_first_by_name_goes() -> None:
    full = settled(*[(f"service-{letter}", D) for letter in "fcbaed"])

    assert names(full.within(ROOM_FOR_SIX - 1)) == [f"service-{letter}" for letter in "fcbed"]


def test_a_service_left_out_begins_anew_when_it_comes_back() -> None:
    kept = SIX_SETTLED.within(ROOM_FOR_SIX - 1)
    back = kept.with_usage("service-0", "GB", D + 7, D + 7, 1.0)

    assert back.left_out == 1
    assert back.services[-1].service == "service-0"
    assert (back.services[-1].total, back.services[-1].first_day) == (1.0, D + 7)


def test_a_use_asks_for_a_look_on_the_next_day() -> None:
    assert Consumption().due_day is None
    assert used(("voice", D)).due_day == D + 1
    assert SIX_SETTLED.due_day is None


def test_a_use_longer_ago_than_days_are_open_asks_for_none() -> None:
    assert Consumption().with_usage("voice", "min", D - 8, D, 3.0).due_day is None
    assert Consumption().with_usage("voice", "min", D - 7, D, 3.0).due_day == D + 1
