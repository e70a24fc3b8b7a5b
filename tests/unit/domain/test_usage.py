"""What a customer consumes of each service, by literal histories."""

import pytest

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
"""Services with names as they usually are: there is room for six."""


def names(consumption: Consumption) -> list[str]:
    return [entry.service for entry in consumption.services]


def test_as_many_services_as_there_is_room_for_are_kept() -> None:
    full = used(*[(name, D + day) for day, name in enumerate(SIX)])

    assert names(full) == SIX
    assert full.left_out == 0


def test_one_more_takes_the_place_of_the_longest_unused_and_is_counted() -> None:
    full = used(*[(name, D + day) for day, name in enumerate(SIX)])
    first_used_again = full.with_usage("service-0", "GB", D + 50, D + 50, 1.0)

    changed = first_used_again.with_usage("newcomer", "GB", D + 51, D + 51, 4.0)

    assert names(changed) == ["service-0", *SIX[2:], "newcomer"]
    assert changed.left_out == 1
    assert changed.services[-1].total == 4.0


def test_of_services_with_the_longest_names_there_is_room_for_four() -> None:
    consumption = Consumption()
    for number in range(5):
        service, unit = f"{number}".ljust(24, "s"), "u" * 16
        consumption = consumption.with_usage(service, unit, D + number, D + number, 1.0)

    assert [name[0] for name in names(consumption)] == ["1", "2", "3", "4"]
    assert consumption.left_out == 1


def test_a_long_name_may_take_the_place_of_two() -> None:
    full = used(*[(name, D + day) for day, name in enumerate(SIX)])

    changed = full.with_usage("s" * 24, "u" * 16, D + 60, D + 60, 1.0)

    assert names(changed) == [*SIX[2:], "s" * 24]
    assert changed.left_out == 2


def test_among_equally_long_unused_the_first_by_name_goes() -> None:
    full = used(*[(f"service-{letter}", D) for letter in "fcbaed"])

    changed = full.with_usage("newcomer", "GB", D + 1, D + 1, 1.0)

    assert names(changed) == [*[f"service-{letter}" for letter in "fcbed"], "newcomer"]


def test_a_service_left_out_begins_anew_when_it_comes_back() -> None:
    back = used(*[(name, D + day) for day, name in enumerate([*SIX, "service-6", "service-0"])])

    assert back.left_out == 2
    assert back.services[-1].service == "service-0"
    assert (back.services[-1].total, back.services[-1].first_day) == (1.0, D + 7)
