"""The life of a consumption anomaly in the fold: raised once, said in figures, over in time."""

import datetime

import pytest

from domain.customer.stake import stake
from domain.customer.usual import usual_use
from events.calendar import date_of
from events.customers import AccountAssigned
from events.figures import ConsumptionFigures
from events.profiles import CustomerCard
from events.signals import AnomalyCleared, AnomalyRaised, Placement, RiskStanding, SignalReason
from tests.support.given import DAY, ref
from tests.support.metered import Total, metered_life, ordinary, signals
from tests.support.steps import buying

OUTAGE = 90
DROP, SPIKE = SignalReason.CONSUMPTION_DROP, SignalReason.CONSUMPTION_SPIKE
DOWN, UP = SignalReason.CONSUMPTION_SHIFT_DOWN, SignalReason.CONSUMPTION_SHIFT_UP


def without(*days: int, times: float = 0.0) -> Total:
    """Ordinary use, but so many times as much on these days."""
    return lambda day: ordinary(day) * (times if day in days else 1.0)


def test_ordinary_use_says_nothing() -> None:
    assert signals(metered_life(ordinary, 300)) == []


def test_a_day_without_use_is_raised_when_it_closes_and_over_with_the_next() -> None:
    folded = metered_life(without(OUTAGE), OUTAGE + 20)

    assert signals(folded) == [(91, "Raised", DROP), (92, "Cleared", DROP)]


@pytest.mark.parametrize("delay", [1, 3, 7])
def test_a_feed_that_may_be_late_is_waited_for(delay: int) -> None:
    folded = metered_life(without(OUTAGE), OUTAGE + 20, delay=delay)

    assert signals(folded) == [(91 + delay, "Raised", DROP), (92 + delay, "Cleared", DROP)]


def test_an_outage_is_raised_once_and_cleared_once() -> None:
    folded = metered_life(without(90, 91, 92), 120)

    assert signals(folded) == [(91, "Raised", DROP), (94, "Cleared", DROP)]


def test_a_spike_is_raised() -> None:
    folded = metered_life(without(OUTAGE, times=6.0), 120)

    assert signals(folded) == [(91, "Raised", SPIKE), (92, "Cleared", SPIKE)]


def test_a_lasting_fall_is_raised_and_the_new_normal_four_weeks_later() -> None:
    folded = metered_life(lambda day: ordinary(day) * (0.5 if day >= 90 else 1.0), 200)

    assert signals(folded) == [(96, "Raised", DOWN), (124, "Cleared", DOWN)]


def test_a_fall_that_is_made_good_is_over_with_that() -> None:
    folded = metered_life(lambda day: ordinary(day) * (0.5 if 90 <= day < 105 else 1.0), 200)

    assert signals(folded) == [(96, "Raised", DOWN), (112, "Cleared", DOWN)]


def test_a_lasting_rise_is_raised() -> None:
    folded = metered_life(lambda day: ordinary(day) * (2.0 if day >= 90 else 1.0), 200)

    assert signals(folded) == [(96, "Raised", UP), (124, "Cleared", UP)]


def test_who_stops_altogether_is_said_to_drop_and_then_to_have_fallen() -> None:
    folded = metered_life(lambda day: ordinary(day) if day < 90 else 0.0, 400)

    assert signals(folded) == [
        (91, "Raised", DROP),
        (96, "Cleared", DROP),
        (96, "Raised", DOWN),
        (124, "Cleared", DOWN),
    ]
    assert folded.state is not None
    assert folded.state.due_day() is None, "a service unused for 91 days is not watched any more"


def test_a_late_feed_is_no_zero() -> None:
    assert signals(metered_life(ordinary, 300, late=range(90, 93))) == []
    assert signals(metered_life(ordinary, 300, late=range(90, 200, 9))) == []


def test_what_a_late_feed_brings_enters_the_sums_and_is_not_judged() -> None:
    late = metered_life(without(OUTAGE, times=100.0), 120, late=[OUTAGE])
    on_time = metered_life(without(OUTAGE, times=100.0), 120)

    assert signals(late) == []
    assert [word for _, word, _ in signals(on_time)] == ["Raised", "Cleared"]
    assert late.state is not None
    assert on_time.state is not None
    (ours,), (theirs,) = late.state.consumption.services, on_time.state.consumption.services
    assert ours.total == pytest.approx(theirs.total)


def test_a_blip_stands_while_the_feed_is_away() -> None:
    folded = metered_life(without(OUTAGE), 100, late=range(91, 95))

    assert signals(folded) == [(91, "Raised", DROP), (96, "Cleared", DROP)]


def the_raised(others: list[tuple[int, AccountAssigned]] | None = None) -> AnomalyRaised:
    folded = metered_life(
        without(OUTAGE, times=0.1), 91, others=[*buying(0, 9, 20), *(others or [])]
    )
    (raised,) = [each.event for each in folded.said if isinstance(each.event, AnomalyRaised)]
    assert folded.state is not None
    assert raised.stake.amount == stake(folded.state.purchases, DAY + 91)
    return raised


def test_it_says_why_in_figures() -> None:
    raised = the_raised()

    assert raised.day == date_of(DAY + 91)
    assert (raised.reason, raised.detector) == (DROP, "metering-1")
    figures = raised.figures
    assert isinstance(figures, ConsumptionFigures)
    assert (figures.service, figures.unit) == ("mobile-data", "GB")
    assert figures.day == date_of(DAY + OUTAGE)
    assert figures.total == pytest.approx(ordinary(OUTAGE) * 0.1)
    assert figures.expected_low < figures.expected < figures.expected_high
    assert figures.expected == pytest.approx(5.0, rel=0.2), "a day of five"
    assert figures.total < figures.expected_low
    assert figures.deviation < -figures.threshold == -5.0


def test_it_names_the_facts_behind_it() -> None:
    evidence = the_raised().evidence

    assert evidence.fact_type == "crm.usage.recorded.v1"
    assert evidence.first_day == date_of(DAY + OUTAGE) - datetime.timedelta(days=27)
    assert evidence.last_day == date_of(DAY + OUTAGE)


def test_it_goes_to_the_account_of_the_customer() -> None:
    assigned = (1, AccountAssigned(ref("anna"), "A-1", "M-7"))

    assert the_raised([assigned]).placement == Placement("A-1", "M-7")


def test_what_ends_says_what_had_stood() -> None:
    folded = metered_life(without(OUTAGE), 92)
    said = [each.event for each in folded.said]
    (raised,) = [each for each in said if isinstance(each, AnomalyRaised)]
    (cleared,) = [each for each in said if isinstance(each, AnomalyCleared)]

    assert cleared.raised_on == raised.day
    assert cleared.day == date_of(DAY + 92)
    assert cleared.figures == raised.figures


def test_the_card_goes_with_it_once_and_shows_what_stands_and_what_is_usual() -> None:
    folded = metered_life(without(OUTAGE), 91)
    (card,) = [each.event for each in folded.said if isinstance(each.event, CustomerCard)]

    assert [(signal.reason, signal.raised_on) for signal in card.signals] == [
        (DROP, date_of(DAY + 91))
    ]
    (usual,) = card.usual
    assert (usual.service, usual.unit) == ("mobile-data", "GB")
    assert usual.low < usual.expected < usual.high


def test_a_service_is_not_said_to_be_usual_before_it_is_known() -> None:
    folded = metered_life(ordinary, 40, others=buying(0, 7, 14))

    assert [each for each in folded.said if isinstance(each.event, CustomerCard)] == []
    assert folded.state is not None
    assert usual_use(folded.state.consumption, DAY + 40) == ()


def test_what_stands_is_said_when_the_projection_goes_live() -> None:
    folded = metered_life(without(OUTAGE), 91)
    raised, _, standing = [each.event for each in folded.said]

    assert isinstance(raised, AnomalyRaised)
    assert isinstance(standing, RiskStanding)
    assert (standing.reason, standing.raised_on) == (DROP, raised.day)
    assert standing.figures == raised.figures
    assert folded.state is not None
    assert folded.state.has_standing()


def test_a_silence_and_a_drop_of_one_morning_share_one_card() -> None:
    weekly = buying(*range(0, 62, 7))
    quiet_on = next(
        day
        for day in range(63, 200)
        if any(
            word == "Raised" for _, word, _ in signals(metered_life(ordinary, day, others=weekly))
        )
    )
    folded = metered_life(without(quiet_on - 1), quiet_on, others=weekly)

    said = [type(each.event).__name__ for each in folded.said]
    assert [word for word in said if word != "SnapshotTaken"] == [
        "AnomalyRaised",
        "AnomalyRaised",
        "CustomerCard",
        "RiskStanding",
        "RiskStanding",
    ]
