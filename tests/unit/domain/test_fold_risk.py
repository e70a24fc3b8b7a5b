"""The life of a churn risk in the fold: raised, said in figures, standing, cleared."""

import math

import pytest

from domain.customer.slice import FoldedSlice
from domain.customer.stake import stake
from events.calendar import date_of
from events.customers import AccountAssigned
from events.figures import Band, ChurnFigures, ReasonGroup
from events.profiles import CustomerCard
from events.signals import (
    AnomalyRaised,
    ClearedBecause,
    Placement,
    RiskCleared,
    RiskRaised,
    RiskStanding,
    SignalReason,
)
from events.snapshots import SnapshotTaken
from events.usage import UsageRecorded
from events.values import Quantity
from tests.support.given import DAY, ref
from tests.support.models import ALWAYS_BY_RECENCY, BY_RECENCY, by_recency, scoring
from tests.support.steps import ANNA, GBP, bought, buying, life

USED = UsageRecorded(ref("anna"), "mobile-data", Quantity(1.5, "GB"))
LN_31 = math.log(31.0)
BOUGHT = buying(2)
"""One purchase. A silence of 38 days is one too many; the first turn that sees it is that of day 45."""

RISK = (RiskRaised, RiskCleared)


def said(folded: FoldedSlice) -> list[tuple[int, str]]:
    """(day, type) of what is said of a risk."""
    return [
        (entry.day - DAY, type(entry.event).__name__)
        for entry in folded.said
        if isinstance(entry.event, RISK)
    ]


def the_raised(folded: FoldedSlice) -> RiskRaised:
    (raised,) = [entry.event for entry in folded.said if isinstance(entry.event, RiskRaised)]
    return raised


def the_cleared(folded: FoldedSlice) -> RiskCleared:
    (cleared,) = [entry.event for entry in folded.said if isinstance(entry.event, RiskCleared)]
    return cleared


def test_a_risk_is_raised_in_the_weekly_turn() -> None:
    assert said(life(BOUGHT, 44, models=ALWAYS_BY_RECENCY)) == []
    assert said(life(BOUGHT, 60, models=ALWAYS_BY_RECENCY)) == [(45, "RiskRaised")]


@pytest.mark.parametrize(("day", "raised"), [(39, 45), (40, 40), (43, 43)])
def test_a_fact_is_looked_at_when_it_comes(day: int, raised: int) -> None:
    folded = life([*BOUGHT, (day, USED)], 60, models=ALWAYS_BY_RECENCY)

    assert said(folded) == [(raised, "RiskRaised")]


def test_it_says_why_in_figures() -> None:
    raised = the_raised(life(BOUGHT, 45, models=ALWAYS_BY_RECENCY))

    assert (raised.customer_id, raised.day) == (ANNA, date_of(DAY + 45))
    assert (raised.threshold, raised.segment, raised.placement) == (0.85, None, Placement(ANNA))
    figures = raised.figures
    assert (figures.model, figures.horizon_days) == (BY_RECENCY.version, 91)
    assert figures.log_odds == pytest.approx(4.0 * (math.log(44.0) - LN_31), abs=1e-5)
    assert figures.probability == pytest.approx(1.0 / (1.0 + math.exp(-figures.log_odds)))
    assert (figures.band, figures.base) == (Band.HIGH, 0.0)
    assert [reason.group for reason in figures.reasons] == [ReasonGroup.GAP]
    assert figures.reasons[0].figures[0].value == 43.0


def test_it_says_what_changed_since_the_turn_of_the_week_before() -> None:
    change = the_raised(life(BOUGHT, 45, models=ALWAYS_BY_RECENCY)).figures.change

    assert change is not None
    assert change.since == date_of(DAY + 38)
    assert change.before == pytest.approx(4.0 * (math.log(37.0) - LN_31), abs=1e-5)
    assert change.parts[0].group is ReasonGroup.GAP
    assert change.parts[0].log_odds == pytest.approx(4.0 * math.log(44.0 / 37.0), abs=1e-5)
    assert change.model == pytest.approx(0.0, abs=1e-5)


def test_before_the_first_turn_there_is_nothing_to_compare_with() -> None:
    alarmed = scoring((0, by_recency(usual_days=0)))
    folded = life([*buying(4), (5, USED)], 5, models=alarmed)

    raised = the_raised(folded)

    assert raised.day == date_of(DAY + 5)
    assert raised.figures.change is None


def test_it_is_raised_once_while_it_stands() -> None:
    use = [(day, USED) for day in range(40, 90)]

    assert said(life([*BOUGHT, *use], 92, models=ALWAYS_BY_RECENCY)) == [(40, "RiskRaised")]


def test_the_card_that_goes_with_it_shows_it() -> None:
    folded = life(BOUGHT, 45, models=ALWAYS_BY_RECENCY)
    (card,) = [entry.event for entry in folded.said if isinstance(entry.event, CustomerCard)]

    (signal,) = card.signals
    assert (signal.reason, signal.raised_on) == (SignalReason.CHURN_RISK, date_of(DAY + 45))
    assert card.churn == signal.figures == the_raised(folded).figures


def test_the_stake_and_the_account_are_those_of_the_day() -> None:
    assigned = (1, AccountAssigned(ref("anna"), "A-1", "M-7"))
    folded = life([assigned, *BOUGHT], 45, models=ALWAYS_BY_RECENCY)

    raised = the_raised(folded)

    assert folded.state is not None
    assert raised.stake.amount == stake(folded.state.purchases, DAY + 45)
    assert raised.placement == Placement("A-1", "M-7")


def test_a_purchase_clears_it() -> None:
    folded = life([*BOUGHT, *buying(50)], 50, models=ALWAYS_BY_RECENCY)

    cleared = the_cleared(folded)

    assert said(folded) == [(45, "RiskRaised"), (50, "RiskCleared")]
    assert (cleared.day, cleared.raised_on) == (date_of(DAY + 50), date_of(DAY + 45))
    assert (cleared.because, cleared.threshold) == (ClearedBecause.RECOVERED, 0.2)
    assert cleared.figures.log_odds == pytest.approx(-4.0 * LN_31, abs=1e-5)
    assert folded.state is not None
    assert not folded.state.has_standing()


def test_a_late_order_that_leaves_the_silence_long_clears_nothing() -> None:
    late = [(10, 50, bought(order_id="late"))]
    folded = life(BOUGHT, 50, late, models=ALWAYS_BY_RECENCY)

    assert said(folded) == [(45, "RiskRaised")]


def test_a_late_order_of_lately_clears_it() -> None:
    late = [(48, 50, bought(order_id="late"))]

    assert the_cleared(life(BOUGHT, 50, late, models=ALWAYS_BY_RECENCY)).day == date_of(DAY + 50)


def test_a_whole_horizon_of_silence_clears_it_as_gone() -> None:
    folded = life(BOUGHT, 200, models=ALWAYS_BY_RECENCY)

    assert said(folded) == [(45, "RiskRaised"), (94, "RiskCleared")]
    cleared = the_cleared(folded)
    assert cleared.because is ClearedBecause.GONE
    assert cleared.figures.log_odds > 0.85, "it has not got any better"


def test_who_is_gone_is_not_raised_again() -> None:
    use = [(day, USED) for day in range(95, 180)]

    assert len(said(life([*BOUGHT, *use], 200, models=ALWAYS_BY_RECENCY))) == 2


def test_it_is_raised_again_after_the_cool_down_at_the_earliest() -> None:
    # given a model that is alarmed by any day at all, and a customer who buys every ten days
    alarmed = scoring((0, by_recency(weight=4.0, usual_days=0)))
    use = [(day, USED) for day in range(1, 60)]

    folded = life([*buying(0, 10), *use], 60, models=alarmed)

    assert said(folded) == [
        (1, "RiskRaised"),
        (10, "RiskCleared"),
        (38, "RiskRaised"),
    ]


def test_a_model_that_saw_fewer_than_four_hundred_snapshots_raises_nothing() -> None:
    young = scoring((0, by_recency(snapshots=399)))

    assert said(life(BOUGHT, 90, models=young)) == []


def test_under_the_start_model_nothing_is_raised_of_anybody() -> None:
    assert said(life(BOUGHT, 400)) == []


def test_a_model_that_has_learned_enough_raises_in_the_next_turn() -> None:
    learned = scoring((0, by_recency(snapshots=399)), (60, BY_RECENCY))

    assert said(life(BOUGHT, 80, models=learned)) == [(66, "RiskRaised")]


def test_another_model_may_clear_what_its_predecessor_raised() -> None:
    models = scoring((0, BY_RECENCY), (60, by_recency(usual_days=90)))
    folded = life(BOUGHT, 66, models=models)

    assert said(folded) == [(45, "RiskRaised"), (66, "RiskCleared")]
    cleared = the_cleared(folded)
    assert cleared.because is ClearedBecause.RECOVERED
    assert cleared.figures.change is not None
    assert cleared.figures.change.model < -4.0, "it was the model that changed, not the customer"


@pytest.mark.parametrize(("labels", "says_one"), [(499, False), (500, True)])
def test_percentages_are_said_from_five_hundred_labels_on(labels: int, says_one: bool) -> None:
    models = scoring((0, by_recency(labels=labels)))

    figures = the_raised(life(BOUGHT, 45, models=models)).figures

    assert (figures.probability is not None) is says_one
    assert figures.band is Band.HIGH


def standings(day: int) -> tuple[RiskStanding, ...]:
    folded = life(BOUGHT, day, models=ALWAYS_BY_RECENCY)
    assert folded.state is not None
    return GBP.under(BY_RECENCY).standings(ANNA, folded.state, DAY + day)


def test_what_stands_is_said_at_a_live_mark_with_the_figures_of_that_day() -> None:
    assert standings(44) == ()

    (standing,) = standings(49)

    assert (standing.reason, standing.detector) == (SignalReason.CHURN_RISK, "churn-1")
    assert (standing.raised_on, standing.day) == (date_of(DAY + 45), date_of(DAY + 49))
    assert isinstance(standing.figures, ChurnFigures)
    assert standing.figures.reasons[0].figures[0].value == 47.0
    assert standings(94) == (), "cleared as gone"


def test_a_silence_and_a_risk_stand_side_by_side() -> None:
    folded = life(buying(*range(0, 64, 7)), 108, models=ALWAYS_BY_RECENCY)
    assert folded.state is not None

    both = GBP.under(BY_RECENCY).standings(ANNA, folded.state, DAY + 108)

    assert [standing.reason for standing in both] == [
        SignalReason.UNUSUALLY_QUIET,
        SignalReason.CHURN_RISK,
    ]


def test_a_silence_carries_the_score_of_its_moment() -> None:
    weekly = buying(*range(0, 64, 7))
    folded = life(weekly, 92, models=ALWAYS_BY_RECENCY)
    (quiet,) = [entry.event for entry in folded.said if isinstance(entry.event, AnomalyRaised)]
    (card,) = [
        entry.event
        for entry in folded.said
        if isinstance(entry.event, CustomerCard) and entry.event.day == quiet.day
    ]

    assert quiet.churn is not None
    assert quiet.churn == card.churn
    assert quiet.churn.log_odds == pytest.approx(4.0 * (math.log(30.0) - LN_31), abs=1e-5)
    (untaught,) = [
        entry.event for entry in life(weekly, 92).said if isinstance(entry.event, AnomalyRaised)
    ]
    assert untaught.churn is None, "nothing is usual yet under the start model"


def test_a_standing_silence_carries_the_score_and_a_standing_risk_is_it() -> None:
    folded = life(buying(*range(0, 64, 7)), 108, models=ALWAYS_BY_RECENCY)
    assert folded.state is not None

    quiet, risk = GBP.under(BY_RECENCY).standings(ANNA, folded.state, DAY + 108)

    assert quiet.churn == risk.figures
    assert risk.churn is None


def test_a_signal_and_the_snapshot_of_its_day_tell_the_same_score() -> None:
    folded = life(BOUGHT, 45, models=ALWAYS_BY_RECENCY)
    (*_, taken) = [entry.event for entry in folded.said if isinstance(entry.event, SnapshotTaken)]

    assert taken.log_odds == the_raised(folded).figures.log_odds
    assert taken.model == the_raised(folded).figures.model


def test_master_data_is_no_reason_to_look() -> None:
    assigned = (41, AccountAssigned(ref("anna"), "A-1", "M-7"))

    assert said(life([*BOUGHT, assigned], 44, models=ALWAYS_BY_RECENCY)) == []
