"""Labels by joining the snapshots of two days: who churned, and what is wrong with the streams."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.learning.labels import SnapshotMissingError, SnapshotOrderError, released_labels

TODAY = 15_091
HORIZON = 91
THEN = TODAY - HORIZON


class Taken(msgspec.Struct, frozen=True):
    """A snapshot, with as much more as the caller likes."""

    customer_id: str
    last_day: int
    row: tuple[float, ...] = ()


def labels_of(
    earlier: list[Taken], later: list[Taken], horizon: int = HORIZON
) -> list[tuple[str, bool]]:
    pairs = released_labels(earlier, later, TODAY, horizon)
    return [(taken.customer_id, churned) for taken, churned in pairs]


def test_who_was_not_active_from_the_earlier_day_on_has_churned() -> None:
    earlier = [Taken("ann", THEN - 3), Taken("bob", THEN - 50), Taken("cem", THEN - 1)]
    later = [Taken("ann", THEN - 3), Taken("bob", TODAY - 1), Taken("cem", THEN - 1)]

    assert labels_of(earlier, later) == [("ann", True), ("bob", False), ("cem", True)]


@pytest.mark.parametrize(
    ("last_day", "churned"),
    [(THEN - 1, True), (THEN, False), (THEN + 1, False), (TODAY - 1, False)],
)
def test_activity_on_the_earlier_day_itself_came_after_its_snapshot(
    last_day: int, churned: bool
) -> None:
    assert labels_of([Taken("ann", THEN - 9)], [Taken("ann", last_day)]) == [("ann", churned)]


def test_the_pair_holds_the_earlier_snapshot_with_all_that_it_has() -> None:
    earlier = Taken("ann", THEN - 3, row=(1.0, 2.0))

    pairs = list(released_labels([earlier], [Taken("ann", THEN - 3, row=(9.0, 9.0))], TODAY, 91))

    assert pairs == [(earlier, True)]


def test_customers_of_the_later_day_alone_owe_no_label() -> None:
    later = [Taken(name, TODAY - 1) for name in ("abe", "ann", "ben", "bob", "zoe")]

    assert labels_of([Taken("ann", THEN - 1), Taken("bob", THEN - 1)], later) == [
        ("ann", False),
        ("bob", False),
    ]


def test_without_earlier_snapshots_there_are_no_labels() -> None:
    assert labels_of([], []) == []
    assert labels_of([], [Taken("ann", TODAY - 1)]) == []


@pytest.mark.parametrize(
    "later",
    [
        [],
        [Taken("ann", TODAY)],
        [Taken("ann", TODAY), Taken("cem", TODAY)],
        [Taken("ann", TODAY), Taken("zoe", TODAY)],
    ],
)
def test_a_customer_that_the_later_day_leaves_out_is_named(later: list[Taken]) -> None:
    earlier = [Taken("bob", THEN - 1), Taken("cem", THEN - 1)]

    with pytest.raises(
        SnapshotMissingError, match=f"customer bob has no snapshot of day {TODAY}"
    ) as e:
        labels_of(earlier, later)

    assert e.value.customer_id == "bob"


def test_labels_before_the_missing_one_were_given_already() -> None:
    pairs = released_labels(
        [Taken("ann", THEN - 1), Taken("bob", THEN - 1)], [Taken("ann", TODAY - 1)], TODAY, HORIZON
    )

    assert next(pairs) == (Taken("ann", THEN - 1), False)
    with pytest.raises(SnapshotMissingError):
        next(pairs)


@pytest.mark.parametrize("second", ["ann", "aaa"])
def test_ids_out_of_order_or_twice_are_named_with_their_day(second: str) -> None:
    right = [Taken("aaa", THEN), Taken("ann", THEN), Taken("bob", THEN)]
    wrong = [Taken("ann", THEN), Taken(second, THEN)]

    with pytest.raises(
        SnapshotOrderError, match=f"day {THEN}: the snapshot of {second} comes"
    ) as e:
        labels_of(wrong, right)
    assert e.value.customer_id == second

    with pytest.raises(
        SnapshotOrderError, match=f"day {TODAY}: the snapshot of {second} comes"
    ) as e:
        labels_of([Taken("ann", THEN), Taken("bob", THEN)], [*wrong, Taken("bob", THEN)])
    assert e.value.customer_id == second


@pytest.mark.parametrize("horizon", [0, -7, -91, 1, 90, 92])
def test_a_horizon_is_a_positive_multiple_of_seven_and_that_is_said_at_once(horizon: int) -> None:
    with pytest.raises(
        ValueError, match=f"a horizon of {horizon} days is no positive multiple of 7"
    ):
        released_labels([], [], TODAY, horizon)


@pytest.mark.parametrize("horizon", [7, 28, 91, 364])
def test_the_horizon_says_which_day_the_earlier_one_is(horizon: int) -> None:
    then = TODAY - horizon

    assert labels_of([Taken("a", 0)], [Taken("a", then - 1)], horizon) == [("a", True)]
    assert labels_of([Taken("a", 0)], [Taken("a", then)], horizon) == [("a", False)]


def test_snapshots_are_read_as_labels_are_asked_for() -> None:
    read: list[str] = []

    def reading(day: str) -> Iterator[Taken]:
        for name in ("ann", "bob", "cem"):
            read.append(f"{name} {day}")
            yield Taken(name, THEN - 1)

    next(released_labels(reading("then"), reading("now"), TODAY, HORIZON))

    assert read == ["ann then", "ann now"]


IDS = st.sets(st.text(max_size=4), max_size=30)
LAST_DAYS = st.integers(THEN - 5, THEN + 5)


@given(IDS, IDS, st.data())
def test_the_merge_is_a_look_up(ids: set[str], newcomers: set[str], data: st.DataObject) -> None:
    later = {name: data.draw(LAST_DAYS) for name in sorted(ids | newcomers)}

    labels = labels_of(
        [Taken(name, THEN - 9) for name in sorted(ids)],
        [Taken(name, day) for name, day in later.items()],
    )

    assert labels == [(name, later[name] < THEN) for name in sorted(ids)]


@given(IDS.filter(len), st.data())
def test_whoever_is_missing_is_the_one_named(ids: set[str], data: st.DataObject) -> None:
    missing = data.draw(st.sampled_from(sorted(ids)))

    with pytest.raises(SnapshotMissingError) as error:
        labels_of(
            [Taken(name, THEN - 9) for name in sorted(ids)],
            [Taken(name, THEN) for name in sorted(ids - {missing})],
        )

    assert error.value.customer_id == missing
