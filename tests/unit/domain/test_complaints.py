"""What a customer complains about, by literal histories: in order, late, repeated, out of order."""

import itertools

import pytest

from domain.customer.complaints import ComplaintFact, Complaints, number_of
from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.values import Money
from tests.support.given import DAY, ref

SATISFIED, UNSATISFIED = Satisfaction.SATISFIED, Satisfaction.UNSATISFIED
Told = tuple[int, ComplaintFact]


def opened(complaint_id: str = "c1", severity: Severity = Severity.LOW) -> ComplaintOpened:
    return ComplaintOpened(ref("anna"), complaint_id, "billing", severity)


def resolved(
    complaint_id: str = "c1", satisfaction: Satisfaction | None = None
) -> ComplaintResolved:
    return ComplaintResolved(ref("anna"), complaint_id, "refund", satisfaction, Money(1_530, "GBP"))


def reopened(complaint_id: str = "c1", severity: Severity | None = None) -> ComplaintReopened:
    return ComplaintReopened(ref("anna"), complaint_id, severity)


def after(*told: Told) -> Complaints:
    """The complaints after facts of these days, counted from `DAY`, in the order of arrival."""
    complaints = Complaints()
    for day, fact in told:
        complaints = complaints.with_fact(fact, DAY + day)
    return complaints


def standing(complaints: Complaints) -> tuple[int, int | None]:
    """How many are open, and the day, counted from `DAY`, since which the oldest is."""
    since = complaints.known.open_since()
    return complaints.known.open_count(), None if since is None else since - DAY


def counts(complaints: Complaints) -> tuple[int, int, int]:
    """How many were opened, resolved and reopened."""
    return complaints.opened, complaints.resolved, complaints.reopened


def test_who_never_complained_has_nothing_open() -> None:
    assert standing(Complaints()) == (0, None)
    assert counts(Complaints()) == (0, 0, 0)


def test_a_complaint_is_open_from_its_day_on() -> None:
    complaints = after((3, opened()))

    assert standing(complaints) == (1, 3)
    assert counts(complaints) == (1, 0, 0)
    assert complaints.last_day == DAY + 3


def test_a_resolution_closes_it() -> None:
    complaints = after((3, opened()), (7, resolved()))

    assert standing(complaints) == (0, None)
    assert counts(complaints) == (1, 1, 0)
    assert complaints.last_day == DAY + 3, "the last day on which the customer complained"


def test_a_complaint_opened_and_resolved_on_one_day_is_closed() -> None:
    assert standing(after((3, opened()), (3, resolved()))) == (0, None)


def test_a_reopened_complaint_is_open_since_it_came_back() -> None:
    complaints = after((3, opened()), (7, resolved()), (12, reopened()))

    assert standing(complaints) == (1, 12)
    assert counts(complaints) == (1, 1, 1)
    assert complaints.last_day == DAY + 12


def test_of_several_that_are_open_the_oldest_is_told() -> None:
    complaints = after((3, opened("c1")), (5, opened("c2")), (9, opened("c3")))

    assert standing(complaints) == (3, 3)
    assert standing(complaints.with_fact(resolved("c1"), DAY + 10)) == (2, 5)


@pytest.mark.parametrize(("satisfaction", "count"), [(None, 0), (SATISFIED, 0), (UNSATISFIED, 1)])
def test_only_who_says_so_is_unsatisfied(satisfaction: Satisfaction | None, count: int) -> None:
    assert after((0, opened()), (1, resolved("c1", satisfaction))).unsatisfied == count


def test_openings_and_reopenings_halve_in_91_days() -> None:
    complaints = after((0, opened()), (10, resolved()), (91, reopened()))

    assert complaints.complaints_91 == 1.5
    assert after((0, opened("c1")), (182, opened("c2"))).complaints_91 == 1.25


@pytest.mark.parametrize(
    ("severity", "weight"),
    [
        (Severity.LOW, 1.0),
        (Severity.MEDIUM, 2.0),
        (Severity.HIGH, 4.0),
        (Severity.CRITICAL, 8.0),
    ],
)
def test_the_weighted_sum_goes_by_severity(severity: Severity, weight: float) -> None:
    complaints = after((0, opened("c1", severity)))

    assert (complaints.complaints_91, complaints.severity_91) == (1.0, weight)
    again = after((0, resolved()), (0, reopened("c1", severity)))
    assert (again.complaints_91, again.severity_91) == (1.0, weight)


def test_a_reopening_that_nobody_judged_weighs_as_much_as_a_medium_one() -> None:
    assert after((0, reopened())).severity_91 == 2.0


def test_a_late_complaint_is_decayed_by_its_lateness_and_is_not_the_last() -> None:
    complaints = after((91, opened("c1", Severity.HIGH)), (0, opened("c2", Severity.HIGH)))

    assert (complaints.complaints_91, complaints.severity_91) == (1.5, 6.0)
    assert complaints.last_day == DAY + 91
    assert standing(complaints) == (2, 0)


@pytest.mark.parametrize("day", [0, 1, 5])
def test_an_opening_that_is_said_again_counts_nothing(day: int) -> None:
    before = after((1, opened()))

    assert before.with_fact(opened("c1", Severity.CRITICAL), DAY + day) == before


def test_an_opening_that_is_said_again_after_the_resolution_opens_nothing() -> None:
    before = after((1, opened()), (4, resolved()))

    assert before.with_fact(opened(), DAY + 1) == before
    assert before.with_fact(opened(), DAY + 6) == before


@pytest.mark.parametrize("day", [0, 4])
def test_a_resolution_that_is_said_again_counts_nothing(day: int) -> None:
    before = after((1, opened()), (4, resolved()))

    assert before.with_fact(resolved("c1", UNSATISFIED), DAY + day) == before


def test_a_resolution_of_a_later_day_counts_though_the_reopening_is_not_known_yet() -> None:
    before = after((1, opened()), (4, resolved()), (9, resolved("c1", UNSATISFIED)))

    assert (counts(before), before.unsatisfied) == ((1, 2, 0), 1)
    complete = before.with_fact(reopened(), DAY + 7)
    assert counts(complete) == (1, 2, 1)
    assert standing(complete) == (0, None), "the resolution of day 9 stands"


@pytest.mark.parametrize("day", [0, 1])
def test_a_reopening_of_one_that_is_open_counts_nothing(day: int) -> None:
    before = after((1, opened()))

    assert before.with_fact(reopened("c1", Severity.CRITICAL), DAY + day) == before


def test_a_reopening_of_a_later_day_counts_though_the_resolution_is_not_known_yet() -> None:
    before = after((1, opened()), (9, reopened()))

    assert (counts(before), standing(before)) == ((1, 0, 1), (1, 1))
    complete = before.with_fact(resolved(), DAY + 5)
    assert counts(complete) == (1, 1, 1)
    assert standing(complete) == (1, 1), "open still: the reopening of day 9 stands"


def test_a_resolution_of_a_complaint_that_nobody_opened_is_counted() -> None:
    complaints = after((5, resolved("c9", UNSATISFIED)))

    assert (counts(complaints), complaints.unsatisfied) == ((0, 1, 0), 1)
    assert standing(complaints) == (0, None)
    assert (complaints.complaints_91, complaints.last_day) == (0.0, None)


def test_a_reopening_of_a_complaint_that_nobody_opened_opens_it() -> None:
    complaints = after((5, reopened("c9")))

    assert counts(complaints) == (0, 0, 1)
    assert standing(complaints) == (1, 5)


def test_an_opening_that_arrives_after_its_resolution_opens_nothing_but_counts() -> None:
    complaints = after((5, resolved()), (2, opened("c1", Severity.HIGH)))

    assert standing(complaints) == (0, None)
    assert counts(complaints) == (1, 1, 0)
    assert (complaints.severity_91, complaints.last_day) == (4.0, DAY + 2)


def test_an_opening_that_arrives_after_the_reopening_makes_the_complaint_older() -> None:
    complaints = after((5, reopened()), (2, opened()))

    assert counts(complaints) == (1, 0, 1)
    assert standing(complaints) == (1, 2)


LIFE: tuple[Told, ...] = (
    (1, opened("c1", Severity.HIGH)),
    (4, resolved("c1", UNSATISFIED)),
    (9, reopened("c1", Severity.CRITICAL)),
    (15, resolved("c1", SATISFIED)),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_a_whole_life_comes_to_the_same_end_in_any_order(order: tuple[int, ...]) -> None:
    in_order, mixed = after(*LIFE), after(*[LIFE[place] for place in order])

    assert standing(mixed) == standing(in_order) == (0, None)
    assert mixed.opened == in_order.opened == 1
    assert mixed.last_day == in_order.last_day == DAY + 9
    assert mixed.resolved in {1, 2}, "one is lost where it repeats what is known by then"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_life_that_ends_open_is_open_in_any_order(order: tuple[int, ...]) -> None:
    mixed = after(*[LIFE[:3][place] for place in order])

    assert standing(mixed)[0] == 1
    assert counts(mixed) == (1, 1, 1)
    assert mixed.severity_91 == pytest.approx(8.0 + 4.0 * 2 ** (-8 / 91))


def test_five_that_are_open_are_counted_though_four_are_kept() -> None:
    complaints = after(*[(day, opened(f"c{day}")) for day in (5, 3, 1, 4, 2)])

    assert len(complaints.known.kept) == 4
    assert standing(complaints) == (5, 1)


def test_the_resolution_of_one_that_is_only_counted_closes_it() -> None:
    five = after(*[(day, opened(f"c{day}")) for day in (1, 2, 3, 4, 5)])

    four = five.with_fact(resolved("c5"), DAY + 6)

    assert standing(four) == (4, 1)
    assert counts(four) == (5, 1, 0)


def test_when_those_that_are_kept_are_closed_the_rest_is_open_since_nobody_knows_when() -> None:
    complaints = after(
        *[(day, opened(f"c{day}")) for day in (1, 2, 3, 4, 5)],
        *[(6, resolved(f"c{day}")) for day in (1, 2, 3, 4)],
    )

    assert standing(complaints) == (1, None)
    assert standing(complaints.with_fact(resolved("c5"), DAY + 7)) == (0, None)


def test_money_and_category_leave_no_trace_in_a_state() -> None:
    dear = ComplaintResolved(ref("anna"), "c1", "gift", None, Money(10**13, "GBP"))

    assert after((0, opened()), (1, dear)) == after((0, opened()), (1, resolved()))


def test_a_complaint_is_told_by_eight_bytes_of_its_digest() -> None:
    assert number_of("c1") == 0xA757841F5B4CBAA3
    assert number_of("c1") != number_of("c2")
    assert 0 <= number_of("客" * 128) < 2**64
