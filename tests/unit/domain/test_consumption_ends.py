"""An anomaly that ends otherwise than by an ordinary day: no feed any more, no room any more."""

import pytest

from domain.customer.anomalies import anomalies
from domain.customer.feeds import NO_FEEDS, FeedClosing, Feeds
from domain.customer.fold import Step
from domain.customer.state import CustomerState
from events.customers import AccountAssigned, CustomerRegistered
from events.profiles import CustomerCard
from events.signals import AnomalyCleared, CustomerPlaced, SignalReason
from events.usage import UsageRecorded
from events.values import CustomerKind, Quantity
from tests.support.given import DAY, ref
from tests.support.metered import ordinary, used
from tests.support.steps import ANNA, GBP, bought

OUTAGE = DAY + 80


def feed(day: int, *, arrived: bool = True) -> Feeds:
    return {"mobile-data": (FeedClosing(day, arrived),)}


def with_a_drop() -> CustomerState:
    """Eighty days of ordinary use and a day without; the drop stands since the next morning."""
    state: CustomerState | None = None
    for day in range(DAY, OUTAGE + 1):
        if state is not None:
            state = GBP.due_day(ANNA, state, day, feeds=feed(day - 1)).state
        if day < OUTAGE:
            state = GBP.fact(ANNA, state, used(ordinary(day)), day, day).state
    assert state is not None
    return GBP.due_day(ANNA, state, OUTAGE + 1, feeds=feed(OUTAGE)).state


DROPPED = with_a_drop()


def words(step: Step) -> list[str]:
    return [type(output).__name__ for output in step.outputs]


def the_cleared(step: Step) -> AnomalyCleared:
    (cleared,) = [output for output in step.outputs if isinstance(output, AnomalyCleared)]
    return cleared


def test_given_a_drop_that_stands() -> None:
    (entry,) = anomalies(DROPPED.consumption)

    assert (entry.service, entry.unit, entry.anomaly.day) == ("mobile-data", "GB", OUTAGE)
    assert DROPPED.has_standing()
    assert DROPPED.due_day() == OUTAGE + 2


def test_it_is_cleared_when_its_service_has_no_feed_any_more() -> None:
    step = GBP.due_day(ANNA, DROPPED, OUTAGE + 2, feeds=NO_FEEDS)

    assert words(step) == ["AnomalyCleared", "CustomerCard"]
    assert the_cleared(step).reason is SignalReason.CONSUMPTION_DROP
    assert not step.state.has_standing()
    assert step.state.due_day() is None


def test_it_stands_while_nothing_is_known_and_is_forgotten_after_four_weeks() -> None:
    state, cleared_on = DROPPED, None
    for today in range(OUTAGE + 2, OUTAGE + 40):
        step = GBP.due_day(ANNA, state, today, feeds=feed(today - 1, arrived=False))
        state = step.state
        if step.outputs:
            cleared_on = cleared_on or today
    assert cleared_on == OUTAGE + 28 + 1


def many_services() -> list[UsageRecorded]:
    """So many others that there is no room for the one that was watched."""
    return [
        UsageRecorded(ref("anna"), f"service-{number:02}", Quantity(1.0, "GB"))
        for number in range(12)
    ]


def test_it_is_cleared_when_there_is_no_room_for_its_service() -> None:
    state, steps = DROPPED, list[Step]()
    for event in many_services():
        steps.append(GBP.fact(ANNA, state, event, OUTAGE + 5, OUTAGE + 5))
        state = steps[-1].state

    said = [step for step in steps if step.outputs]
    assert [words(step) for step in said] == [["AnomalyCleared", "CustomerCard"]]
    assert "mobile-data" not in [entry.service for entry in state.consumption.services]
    assert not state.has_standing()


def test_master_data_that_takes_its_room_clears_it_as_well() -> None:
    state = DROPPED
    for event in many_services()[:6]:
        state = GBP.fact(ANNA, state, event, OUTAGE + 5, OUTAGE + 5).state
    assert state.has_standing()
    long = "𠮷" * 24
    registered = CustomerRegistered(ref("anna"), CustomerKind.VIP, long, long, long)

    step = GBP.fact(ANNA, state, registered, OUTAGE + 5, OUTAGE + 5)

    assert words(step) == ["CustomerPlaced", "AnomalyCleared", "CustomerCard"]
    placed, cleared, card = step.outputs
    assert isinstance(placed, CustomerPlaced)
    assert isinstance(card, CustomerCard)
    assert the_cleared(step).placement == placed.placement
    assert cleared == the_cleared(step)
    assert card.signals == ()


@pytest.mark.parametrize(
    "event",
    [
        bought(),
        used(5.0),
        AccountAssigned(ref("anna"), "A-1", "M-7"),
    ],
    ids=["order", "use", "assignment"],
)
def test_no_fact_ends_it_by_itself(event: object) -> None:
    assert isinstance(event, UsageRecorded | AccountAssigned | type(bought()))

    step = GBP.fact(ANNA, DROPPED, event, OUTAGE + 1, OUTAGE + 1)

    assert step.state.has_standing()
    assert "AnomalyCleared" not in words(step)


def test_a_late_record_of_the_outage_does_not_undo_it() -> None:
    step = GBP.fact(ANNA, DROPPED, used(10.0), OUTAGE, OUTAGE + 1)

    assert step.outputs == ()
    assert anomalies(step.state.consumption) == anomalies(DROPPED.consumption)
    (before,), (after,) = DROPPED.consumption.services, step.state.consumption.services
    assert after.watch == before.watch
    assert after.total == before.total + 10.0
