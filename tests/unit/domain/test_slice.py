"""Folding a slice: what marks do to one customer, and what is counted of it."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.customer.slice import FoldedSlice, SliceFact, fold_slice
from domain.customer.slice_marks import SliceMark, SliceMarks
from events.calendar import date_of
from events.marks import DayOpened, Emission, Emitting
from events.signals import RiskStanding
from events.snapshots import SnapshotTaken
from events.usage import UsageRecorded
from events.values import Quantity
from tests.support.given import DAY, ref
from tests.support.models import BY_RECENCY, by_recency, scoring
from tests.support.plain_slice import fold_every_record
from tests.support.steps import ANNA, GBP, bought, buying, life

QUIET = life(buying(*range(0, 64, 7)), 95)


def folded(facts: Sequence[SliceFact], marks: Sequence[SliceMark]) -> FoldedSlice:
    return fold_slice(GBP, ANNA, facts, SliceMarks(marks, "first"))


def opened(offset: int, day: int) -> SliceMark:
    return SliceMark(offset, DayOpened(date_of(DAY + day)))


def weekly_and_then_silent() -> tuple[list[SliceFact], list[SliceMark]]:
    """A day a mark; ten weekly orders, and a silence long enough to stand."""
    days = range(0, 64, 7)
    facts = [SliceFact(2 * day + 1, DAY + day, bought(order_id=f"o{day}")) for day in days]
    return facts, [opened(2 * day, day) for day in range(96)]


def quiet_then(*marks: Emitting) -> FoldedSlice:
    facts, days = weekly_and_then_silent()
    then = [SliceMark(200 + number, mark) for number, mark in enumerate(marks)]
    return folded(facts, [*days, *then])


def standings(folded: FoldedSlice) -> list[int]:
    return [entry.offset for entry in folded.said if isinstance(entry.event, RiskStanding)]


def test_what_stands_is_said_when_the_projection_goes_live() -> None:
    folded = quiet_then(Emitting("first", Emission.HISTORY), Emitting("first", Emission.LIVE))

    assert standings(folded) == [201]
    assert folded.said[-1].day == DAY + 95


@pytest.mark.parametrize(
    "mark", [Emitting("another", Emission.LIVE), Emitting("first", Emission.HISTORY)]
)
def test_no_other_mark_makes_a_customer_say_anything(mark: Emitting) -> None:
    folded = quiet_then(mark)

    assert standings(folded) == []
    assert folded.state == QUIET.state


def test_marks_that_stepped_or_found_something_standing_are_counted() -> None:
    folded = quiet_then(Emitting("another", Emission.LIVE), Emitting("first", Emission.LIVE))

    turns = [2 * day for day in range(3, 96, 7)]
    assert folded.counted == sorted([*turns, 2 * 92, 201]), "a turn a week, a silence, a live mark"


def test_the_order_is_that_of_the_offsets_however_they_are_handed_in() -> None:
    marks = [opened(2, 1), opened(0, 0)]
    facts = [SliceFact(3, DAY + 1, bought(200, "o2")), SliceFact(1, DAY, bought(100, "o1"))]

    slice_ = folded(facts, marks)

    assert slice_.today == DAY + 1
    assert slice_.state is not None
    assert (slice_.state.purchases.last_amount, slice_.state.late_facts) == (200, 0)


def test_each_day_is_folded_under_its_own_model() -> None:
    days = [opened(day, day) for day in range(60)]
    models = scoring((11, by_recency()), (18, by_recency(weight=2.0)))

    folded = fold_slice(
        GBP, ANNA, [SliceFact(1, DAY, bought())], SliceMarks(days, "first", models), 30
    )

    scored_by = [e.event.model for e in folded.said if isinstance(e.event, SnapshotTaken)]
    assert scored_by == [models.of(DAY + day).version for day in (3, 10, 17, 24)]
    assert len(set(scored_by)) == 3


def test_marks_alone_make_no_customer() -> None:
    slice_ = folded([], [opened(0, 0)])

    assert (slice_.state, slice_.today, slice_.said) == (None, DAY, [])


def test_nothing_at_all_folds_to_nothing() -> None:
    assert folded([], []) == FoldedSlice(None, None, [], [])


@pytest.mark.parametrize("up_to", [-1, 0, 1, 14, 15, 16, 2 * 92 - 1, 2 * 92, 190])
def test_a_fold_up_to_an_offset_is_that_of_the_records_up_to_it(up_to: int) -> None:
    facts, marks = weekly_and_then_silent()

    until_then = fold_slice(GBP, ANNA, facts, SliceMarks(marks, "first"), up_to)

    assert until_then == folded(
        [fact for fact in facts if fact.offset <= up_to],
        [mark for mark in marks if mark.offset <= up_to],
    )


class CountingMarks(SliceMarks):
    """Marks that count how often a customer asks for the next one."""

    asked = 0

    def next_due(self, after: int, due_day: int | None) -> int:
        self.asked += 1
        return super().next_due(after, due_day)


@pytest.mark.parametrize("quiet_days", [100, 10_000])
def test_days_on_which_nothing_is_due_cost_nothing(quiet_days: int) -> None:
    # given two facts of somebody who never bought, and a long time in which others do
    used = UsageRecorded(ref("anna"), "mobile-data", Quantity(1.5, "GB"))
    facts = [SliceFact(1, DAY, used), SliceFact(2, DAY, used)]
    marks = CountingMarks([opened(10 * day, day) for day in range(quiet_days)], "first")

    # when its slice is folded
    fold_slice(GBP, ANNA, facts, marks)

    # then it asked before the second fact and in the end, and once more two weeks after its use, whether
    # a feed of the service was declared meanwhile, however many days there were
    assert marks.asked == 3


@pytest.mark.parametrize("weeks", [10, 1_000])
def test_who_has_bought_costs_a_question_a_week(weeks: int) -> None:
    marks = CountingMarks([opened(10 * day, day) for day in range(7 * weeks)], "first")

    fold_slice(GBP, ANNA, [SliceFact(1, DAY, bought())], marks)

    assert marks.asked == weeks + 1, "one for each turn, and the last one finds no more"


MODELS = scoring((20, BY_RECENCY), (90, by_recency(labels=499)), (200, by_recency(weight=2.0)))
OFFSETS = st.lists(st.integers(0, 2**40), min_size=1, max_size=60, unique=True).map(sorted)
KINDS = st.lists(
    st.sampled_from(("day", "day", "day", "order", "live", "history", "another")),
    min_size=60,
    max_size=60,
)
STEPS = st.lists(st.sampled_from((1, 1, 1, 7, 30)), min_size=60, max_size=60)


def records_of(
    offsets: Sequence[int], kinds: Sequence[str], steps: Sequence[int]
) -> tuple[list[SliceFact], list[SliceMark]]:
    """A partition that opens a day first. Only in a tampered one do days not ascend (step -3)."""
    facts: list[SliceFact] = []
    marks = [opened(-1, 0)]
    day = 0
    for offset, kind, step in zip(offsets, kinds, steps, strict=False):
        match kind:
            case "day":
                day += step
                marks.append(opened(offset, day))
            case "order":
                facts.append(SliceFact(offset, DAY + day, bought(100, f"o{offset}")))
            case "another":
                marks.append(SliceMark(offset, Emitting("another", Emission.LIVE)))
            case _:
                marks.append(SliceMark(offset, Emitting("first", Emission(kind))))
    return facts, marks


@given(OFFSETS, KINDS, STEPS)
@example(range(60), ["day", "order"] * 10 + ["day"] * 39 + ["live"], [7] * 60)
@example(range(60), ["day", "order"] * 10 + ["day"] * 40, [7] * 20 + [30, -3] * 20)
def test_leaving_out_what_does_not_concern_a_customer_changes_nothing(
    offsets: Sequence[int], kinds: Sequence[str], steps: Sequence[int]
) -> None:
    facts, marks = records_of(offsets, kinds, steps)

    sliced = fold_slice(GBP, ANNA, facts, SliceMarks(marks, "first", MODELS))

    assert sliced == fold_every_record(GBP, "first", ANNA, facts, marks, MODELS)
