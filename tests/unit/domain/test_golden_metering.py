"""The metered part of the golden history walks through every rule of the detector."""

from domain.customer.fold import CustomerFold
from domain.customer.golden_history import golden_history
from domain.customer.golden_metering import MISSING_DAYS, SERVICE, golden_feeds, golden_use
from domain.customer.state import CustomerState
from domain.detection.metered_watch import unpack
from events.signals import AnomalyCleared, AnomalyRaised, SignalReason
from events.values import CustomerRef
from tests.support.given import id_of

FOLD = CustomerFold("GBP")
OF_CONSUMPTION = {
    SignalReason.CONSUMPTION_DROP,
    SignalReason.CONSUMPTION_SPIKE,
    SignalReason.CONSUMPTION_SHIFT_DOWN,
    SignalReason.CONSUMPTION_SHIFT_UP,
}


def told() -> tuple[CustomerState, list[AnomalyRaised], list[AnomalyCleared]]:
    """The state at the end of the golden history, what was raised, and what was cleared."""
    state, outputs = CustomerState(), []
    for today in range(200):
        step = FOLD.due_day(id_of("x"), state, today, feeds=golden_feeds(today))
        state, outputs = step.state, [*outputs, *step.outputs]
        for day, arrives, event in golden_history("GBP"):
            if arrives == today:
                step = FOLD.fact(id_of("x"), state, event, day, today)
                state, outputs = step.state, [*outputs, *step.outputs]
    raised = [output for output in outputs if isinstance(output, AnomalyRaised)]
    return state, raised, [output for output in outputs if isinstance(output, AnomalyCleared)]


def test_every_reason_of_consumption_is_raised_and_all_but_the_last_are_over() -> None:
    _, raised, cleared = told()

    assert {signal.reason for signal in raised} >= OF_CONSUMPTION
    assert {signal.reason for signal in cleared} >= OF_CONSUMPTION - {
        SignalReason.CONSUMPTION_SHIFT_UP
    }


def test_a_signal_stands_at_the_end_and_a_day_is_open() -> None:
    state, _, _ = told()
    (watched,) = [entry for entry in state.consumption.services if entry.service == SERVICE]
    watch = unpack(watched.watch)

    assert watch.anomaly is not None
    assert len(watch.totals) == 1


def test_two_feeds_are_missing_and_one_day_is_without_use() -> None:
    state, _, _ = told()
    (watched,) = [entry for entry in state.consumption.services if entry.service == SERVICE]

    assert unpack(watched.watch).level.counted == 198 - len(MISSING_DAYS)
    assert watched.days == 199 - len(MISSING_DAYS) - 1


def test_nothing_arrives_before_it_happened_and_some_a_day_later() -> None:
    waits = {arrives - day for day, arrives, _ in golden_use(CustomerRef("golden", "1"))}

    assert waits == {0, 1}
