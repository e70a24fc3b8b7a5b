"""Labels: the later snapshot tells who churned, at its day and never earlier."""

import datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.quality.labelling import LabelCounts, SnapshotLabels
from events.signals import ValueSegment
from tests.unit.domain.quality.scores import FIRST_DAY, dated, taken


def labels_of(*snapshots: tuple[str, int, int]) -> SnapshotLabels:
    """Snapshots given as customer, day and last day of a purchase."""
    labels = SnapshotLabels()
    for snapshot in snapshots:
        labels.add(taken(*snapshot))
    return labels


@pytest.mark.parametrize(
    ("last_day", "churned"), [(30, True), (34, True), (35, False), (36, False), (125, False)]
)
def test_who_did_not_buy_from_the_day_on_has_churned(last_day: int, *, churned: bool) -> None:
    labelled = labels_of(("anna", 35, 30), ("anna", 126, last_day)).labelled(FIRST_DAY)

    assert labelled.churned.tolist() == [churned]
    assert labelled.day.tolist() == [35]


def test_a_label_is_not_known_before_the_snapshot_a_horizon_later() -> None:
    weekly = [("anna", day, 30) for day in range(35, 126, 7)]

    assert len(labels_of(*weekly).labelled(FIRST_DAY)) == 0
    assert len(labels_of(*weekly, ("anna", 126, 30)).labelled(FIRST_DAY)) == 1


def test_each_weekly_snapshot_is_told_by_the_one_thirteen_weeks_later() -> None:
    weekly = [("anna", day, 30 if day < 70 else 64) for day in range(35, 176, 7)]

    labelled = labels_of(*weekly).labelled(FIRST_DAY)

    assert labelled.day.tolist() == [35, 42, 49, 56, 63, 70, 77, 84]
    assert labelled.churned.tolist() == [False] * 5 + [True] * 3


def test_a_customer_is_told_by_its_own_snapshots_only() -> None:
    labels = labels_of(("anna", 35, 30), ("bert", 35, 30), ("bert", 126, 100))

    assert labels.labelled(FIRST_DAY).churned.tolist() == [False]


def test_a_snapshot_whose_later_one_is_not_there_is_missing_and_said_to_be() -> None:
    labels = labels_of(("anna", 35, 30), ("anna", 42, 30), ("anna", 133, 30), ("bert", 91, 90))

    assert labels.counts(FIRST_DAY + 133) == LabelCounts(
        released=1,
        waiting=2,
        missing=1,
        oldest_day=dated(42),
        newest_day=dated(42),
        age_days=91,
    )


def test_there_may_be_nothing_to_count() -> None:
    labels = SnapshotLabels()

    assert labels.counts(FIRST_DAY) == LabelCounts(0, 0, 0, None, None, None)
    assert labels.first_day_from(0) is None
    assert len(labels.labelled(FIRST_DAY)) == 0


def test_the_first_snapshot_from_a_day_on_is_found() -> None:
    labels = labels_of(("anna", 35, 30), ("bert", 29, 28), ("bert", 36, 28))

    assert labels.first_day_from(FIRST_DAY) == FIRST_DAY + 29
    assert labels.first_day_from(FIRST_DAY + 30) == FIRST_DAY + 35
    assert labels.first_day_from(FIRST_DAY + 37) is None


def test_all_that_figures_need_is_kept_of_the_earlier_snapshot() -> None:
    labels = SnapshotLabels()
    labels.add(taken("anna", 35, 30, 0.75, "first", ValueSegment.HIGH))
    labels.add(taken("anna", 126, 30, -3.0, "second", ValueSegment.LOW))

    labelled = labels.labelled(FIRST_DAY)

    assert labelled.log_odds.tolist() == [0.75]
    assert labelled.recency.tolist() == [5]
    assert labelled.active.tolist() == [True]
    assert labelled.usual_gap.tolist() == [12.5]
    assert labelled.purchase_days_182.tolist() == [2.5]
    assert labelled.spent_182.tolist() == [20_000.0]
    assert labelled.stake.tolist() == [10_000.0]
    assert labelled.models[int(labelled.model[0])] == "first"
    assert labelled.segment.tolist() == [0]


def test_a_customer_after_its_first_purchase_has_no_gap() -> None:
    labels = SnapshotLabels()
    labels.add(msgspec.structs.replace(taken("anna", 35, 30), usual_gap=None))
    labels.add(taken("anna", 126, 30))

    assert np.isnan(labels.labelled(FIRST_DAY).usual_gap).tolist() == [True]


HISTORIES = st.dictionaries(
    st.sampled_from(["ann", "ben", "cid", "dot"]),
    st.tuples(st.integers(0, 6), st.lists(st.integers(0, 300), min_size=1, max_size=8)),
    min_size=1,
)
History = dict[str, tuple[int, list[int]]]


def weekly(customer: str, weekday: int, bought: list[int]) -> list[tuple[str, int, int]]:
    """The snapshots of a customer from the day after its first purchase on."""
    days = range(min(bought) + 1, 301)
    return [
        (customer, day, max(at for at in bought if at < day)) for day in days if day % 7 == weekday
    ]


@given(HISTORIES)
def test_labels_are_those_of_the_purchases_themselves(history: History) -> None:
    every = [one for name, given_ in history.items() for one in weekly(name, *given_)]
    by_day = sorted(every, key=lambda one: (one[1], one[0]))

    labelled = labels_of(*by_day).labelled(FIRST_DAY)

    expected = [
        (day, not any(day <= at < day + 91 for at in history[name][1]))
        for name, day, _ in by_day
        if day + 91 <= 300 and (day + 91) % 7 == history[name][0]
    ]
    assert list(zip(labelled.day.tolist(), labelled.churned.tolist(), strict=True)) == expected


@given(HISTORIES)
def test_the_order_of_customers_changes_nothing(history: History) -> None:
    every = [one for name, given_ in history.items() for one in weekly(name, *given_)]
    by_day = labels_of(*sorted(every, key=lambda one: (one[1], one[0]))).labelled(FIRST_DAY)

    by_customer = labels_of(*sorted(every, reverse=True, key=lambda one: (one[0], -one[1])))

    found = by_customer.labelled(FIRST_DAY)
    assert found.day.tolist() == by_day.day.tolist()
    assert found.recency.tolist() == by_day.recency.tolist()
    assert found.churned.tolist() == by_day.churned.tolist()


def test_dates_are_those_of_the_log() -> None:
    assert dated(35) == datetime.date(2011, 3, 2)
