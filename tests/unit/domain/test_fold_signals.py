"""The life of "unusually quiet" in the fold: raised, said in figures, cleared, raised again."""

import datetime

import pytest

from domain.customer.slice import FoldedSlice, SliceFact, fold_slice
from domain.customer.slice_marks import SliceMarks
from domain.customer.stake import stake
from domain.detection import silence
from events.calendar import date_of, day_number
from events.customers import AccountAssigned
from events.marks import DayOpened
from events.profiles import CustomerCard
from events.signals import AnomalyCleared, AnomalyRaised, Placement, SignalReason
from events.usage import UsageRecorded
from events.values import Quantity
from tests.support.given import DAY, ref
from tests.support.steps import ANNA, GBP, bought, buying, life
from tests.support.world import PROJECTION

WEEKS = tuple(range(0, 64, 7))
"""Ten purchases, a week apart, the last on day 63: nine gaps, surprising after 29 days."""

DUE = 63 + 29


def said(folded: FoldedSlice) -> list[tuple[int, str]]:
    """(day, type) of every signal and card; the weekly snapshots are for learning."""
    names = [(entry.day - DAY, type(entry.event).__name__) for entry in folded.said]
    return [(day, name) for day, name in names if name != "SnapshotTaken"]


def the_raised(folded: FoldedSlice) -> AnomalyRaised:
    (raised,) = [entry.event for entry in folded.said if isinstance(entry.event, AnomalyRaised)]
    return raised


def the_cleared(folded: FoldedSlice) -> AnomalyCleared:
    (cleared,) = [entry.event for entry in folded.said if isinstance(entry.event, AnomalyCleared)]
    return cleared


def test_a_silence_is_raised_at_its_due_day_and_not_before() -> None:
    assert said(life(buying(*WEEKS), DUE - 1)) == []
    assert said(life(buying(*WEEKS), DUE)) == [(DUE, "AnomalyRaised"), (DUE, "CustomerCard")]


def test_it_is_raised_once_however_long_it_lasts() -> None:
    assert said(life(buying(*WEEKS), DUE + 400)) == said(life(buying(*WEEKS), DUE))


def test_it_says_why_in_figures() -> None:
    raised = the_raised(life(buying(*WEEKS), DUE))

    assert raised.customer_id == ANNA
    assert raised.day == date_of(DAY + DUE)
    assert (raised.reason, raised.detector) == (SignalReason.UNUSUALLY_QUIET, "silence-1")
    assert (raised.figures.days_since_order, raised.figures.gaps_seen) == (29, 9)
    assert raised.figures.usual_gap == pytest.approx(7.0)
    assert raised.figures.surprise > raised.figures.threshold == 4.38
    assert raised.evidence.fact_type == "crm.order.placed.v1"
    assert raised.evidence.first_day == datetime.date(2011, 1, 26)
    assert raised.evidence.last_day == date_of(DAY + 63)
    assert raised.placement == Placement(ANNA)


def test_the_day_before_it_is_not_surprising_yet() -> None:
    state = life(buying(*WEEKS), DUE - 1).state

    assert state is not None
    assert silence.surprise(state.purchases.gaps, 28) <= 4.38
    assert state.due_day() == DAY + DUE
    assert not state.has_standing()


def test_the_stake_is_that_of_the_day() -> None:
    folded = life(buying(*WEEKS), DUE)

    assert folded.state is not None
    assert the_raised(folded).stake.amount == stake(folded.state.purchases, DAY + DUE)
    assert the_raised(folded).stake.currency == "GBP"


def test_the_card_that_goes_with_it_shows_the_signal() -> None:
    card = life(buying(*WEEKS), DUE).said[-1].event

    assert isinstance(card, CustomerCard)
    assert [signal.raised_on for signal in card.signals] == [date_of(DAY + DUE)]


def test_it_goes_to_the_account_of_the_customer() -> None:
    assigned = (1, AccountAssigned(ref("anna"), "A-1", "M-7"))
    raised = the_raised(life([*buying(*WEEKS), assigned], DUE))

    assert raised.placement == Placement("A-1", "M-7")


def test_fewer_than_three_gaps_never_raise() -> None:
    assert said(life(buying(0, 7, 14), 3_000)) == []
    assert len(said(life(buying(0, 7, 14, 21), 3_000))) == 2


def test_the_next_purchase_clears_it() -> None:
    folded = life(buying(*WEEKS, DUE + 10), DUE + 10)

    assert said(folded)[2:] == [(DUE + 10, "AnomalyCleared"), (DUE + 10, "CustomerCard")]
    cleared = the_cleared(folded)
    assert cleared.day == date_of(DAY + DUE + 10)
    assert cleared.raised_on == date_of(DAY + DUE)
    assert cleared.figures.days_since_order == 29 + 10
    assert cleared.figures.gaps_seen == 9, "as it was when the silence ended"
    assert folded.state is not None
    assert not folded.state.has_standing()


def test_a_purchase_on_the_due_day_clears_what_its_morning_raised() -> None:
    folded = life(buying(*WEEKS, DUE), DUE)

    assert [name for _, name in said(folded)] == [
        "AnomalyRaised",
        "CustomerCard",
        "AnomalyCleared",
        "CustomerCard",
    ]


def test_a_purchase_on_the_eve_of_the_due_day_keeps_it_quiet() -> None:
    assert said(life(buying(*WEEKS, DUE - 1), DUE)) == []


def test_it_is_raised_again_after_the_cool_down_at_the_earliest() -> None:
    often = tuple(range(0, 31, 3))
    first = day_number(the_raised(life(buying(*often), 100)).day) - DAY
    folded = life(buying(*often, first + 1), first + 120)

    raised = [day for day, name in said(folded) if name == "AnomalyRaised"]
    assert raised == [first, first + 1 + 28]


def test_a_late_order_that_leaves_the_silence_surprising_clears_nothing() -> None:
    late = [(65, DUE + 3, bought(order_id="late"))]
    folded = life(buying(*WEEKS), DUE + 3, late)

    assert [name for _, name in said(folded)] == ["AnomalyRaised", "CustomerCard"]
    assert folded.state is not None
    assert folded.state.has_standing()
    assert folded.state.purchases.last_day == DAY + 65


def test_the_purchase_after_such_a_late_order_clears() -> None:
    late = [(65, DUE + 3, bought(order_id="late"))]
    folded = life(buying(*WEEKS, DUE + 5), DUE + 5, late)

    cleared = the_cleared(folded)
    assert cleared.raised_on == date_of(DAY + DUE)
    assert cleared.figures.days_since_order == DUE + 5 - 65


def test_a_late_order_of_yesterday_clears() -> None:
    late = [(DUE + 2, DUE + 3, bought(order_id="late"))]

    cleared = the_cleared(life(buying(*WEEKS), DUE + 3, late))
    assert cleared.day == date_of(DAY + DUE + 3)
    assert cleared.figures.days_since_order == DUE + 2 - 63


@pytest.mark.parametrize("days_back", [1, 7, 28])
def test_a_late_order_before_the_last_purchase_day_moves_no_deadline(days_back: int) -> None:
    late = [(63 - days_back, 70, bought(order_id="late"))]

    assert said(life(buying(*WEEKS), DUE, late)) == said(life(buying(*WEEKS), DUE))


def test_usage_does_not_break_a_silence() -> None:
    used = UsageRecorded(ref("anna"), "mobile-data", Quantity(3.0, "GB"))
    use = [(day, used) for day in range(64, DUE)]

    assert the_raised(life([*buying(*WEEKS), *use], DUE)) == the_raised(life(buying(*WEEKS), DUE))


def test_a_fact_that_comes_a_moment_before_its_day_folds_as_of_the_open_day() -> None:
    early = life(buying(0, 7), 14, [(15, 14, bought(order_id="early"))])
    on_time = life(buying(0, 7, 14), 14)

    assert early.state is not None
    assert on_time.state is not None
    assert early.state.purchases == on_time.state.purchases
    assert early.state.late_facts == 0


def test_a_fact_without_an_open_day_is_refused() -> None:
    fact = SliceFact(0, DAY, bought())

    with pytest.raises(ValueError, match="offset 0: a fact before the first day was opened"):
        fold_slice(GBP, ANNA, [fact], SliceMarks([], PROJECTION))


def test_an_event_that_the_fold_has_no_rule_for_is_refused() -> None:
    with pytest.raises(TypeError, match="no rule for DayOpened"):
        GBP.fact(ANNA, None, DayOpened(date_of(DAY)), DAY, DAY)
