"""Labels by span, month, segment and model."""

import datetime

import msgspec
import numpy as np
import pytest

from domain.learning.quality.figures import measure
from domain.learning.quality.labelled import SEGMENTS, LabelledScores
from domain.learning.quality.sections import by_model, by_month, by_segment, second_half, section
from events.signals import ValueSegment
from tests.unit.domain.quality.scores import literal, scores


def in_weeks(*ticks: int) -> LabelledScores:
    """One label in each of these weeks."""
    return msgspec.structs.replace(
        scores([0.0] * len(ticks), [True] * len(ticks)), day=np.array(ticks, dtype=np.int64) * 7
    )


def test_a_section_is_the_active_and_all() -> None:
    labelled = literal()
    found = section(labelled)

    assert found.all == measure(labelled)
    assert found.active == measure(labelled.where(labelled.recency <= 91))
    assert found.active.labels < found.all.labels


@pytest.mark.parametrize(
    ("ticks", "kept"),
    [
        ((), []),
        ((4,), [4]),
        ((4, 5), [5]),
        ((4, 5, 6), [5, 6]),
        ((4, 4, 4, 5, 9, 30), [9, 30]),
    ],
)
def test_the_second_half_are_the_later_weeks_with_the_middle_one(
    ticks: tuple[int, ...], kept: list[int]
) -> None:
    assert second_half(in_weeks(*ticks)).tick.tolist() == kept


def test_months_are_those_of_the_calendar() -> None:
    labelled = msgspec.structs.replace(
        scores([0.0] * 4, [True, False, True, True]), day=np.array([4, 5, 6, 400])
    )

    january, february, later = by_month(labelled)

    assert (january.name, january.all.labels) == ("2011-01", 2)
    assert (january.first_day, january.last_day) == (
        datetime.date(2011, 1, 30),
        datetime.date(2011, 1, 31),
    )
    assert (february.name, february.first_day) == ("2011-02", datetime.date(2011, 2, 1))
    assert later.name == "2012-03"


def test_segments_come_by_their_value_and_the_unknown_last() -> None:
    groups = by_segment(literal())

    assert [group.name for group in groups] == [
        *(ValueSegment.HIGH, ValueSegment.MEDIUM, ValueSegment.LOW),
        None,
    ]
    labelled = literal()
    low = labelled.where(labelled.segment == SEGMENTS.index(ValueSegment.LOW))
    assert groups[2].all.auc == measure(low).auc
    assert sum(group.all.labels for group in groups) == len(labelled)


def test_a_group_has_all_figures_but_the_tenths() -> None:
    (group,) = by_month(scores([0.0] * 20, [True, False] * 10))

    assert (group.all.labels, group.all.ece, group.all.precision_top_tenth) == (20, 0.0, 0.5)
    assert group.all.calibration == group.active.calibration == ()


def test_models_are_listed_by_the_day_on_which_they_scored_last() -> None:
    labelled = msgspec.structs.replace(
        scores([0.0] * 5, [True] * 5),
        models=("fifth", "never", "first", "third"),
        model=np.array([2, 3, 0, 0, 2]),
        day=np.array([28, 30, 29, 35, 28]),
    )

    assert [(group.name, group.all.labels) for group in by_model(labelled, 20)] == [
        ("first", 2),
        ("third", 1),
        ("fifth", 2),
    ]
    assert [group.name for group in by_model(labelled, 2)] == ["third", "fifth"]
    assert by_model(labelled, 20)[2].first_day == datetime.date(2011, 2, 24)


def test_nothing_has_no_parts() -> None:
    nothing = scores([], [])

    assert (by_month(nothing), by_segment(nothing), by_model(nothing, 20)) == ((), (), ())
