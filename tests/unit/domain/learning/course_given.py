"""Snapshots of a few customers over the weeks, and courses that go through them."""

import random
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from domain.learning.course import Course, CourseState, Decision, Syllabus, beginning
from events import codec
from events.calendar import date_of
from events.snapshots import SnapshotTaken
from events.values import CustomerId
from tests.support.given import DAY
from tests.unit.domain.learning.learning_given import RECIPE

HORIZON = 91
SYLLABUS = Syllabus(RECIPE, HORIZON, 42)

Diary = Mapping[int, Sequence[SnapshotTaken]]
"""The snapshots of each day; days count from `DAY`, the first day of the log."""


def snapshot(
    customer: str,
    day: int,
    last_day: int,
    inputs: tuple[float, ...] = (10.0, 4.0, 100.0),
    log_odds: float = 0.0,
) -> SnapshotTaken:
    """A snapshot of a day, of a customer who bought on ``last_day`` last."""
    return SnapshotTaken(
        customer_id=CustomerId(customer),
        day=date_of(DAY + day),
        model="0" * 16,
        inputs=inputs,
        log_odds=log_odds,
        last_day=date_of(DAY + last_day),
        active=day - last_day <= HORIZON,
        usual_gap=None,
        purchase_days_182=1.0,
        spent_182=1_000.0,
        stake=900,
        volume=2.5,
        segment=None,
    )


def made_up_diary(days: int, customers: int, seed: int = 1) -> Diary:
    """Customers who are looked at weekly; some stop for good, others come back from time to time."""
    made = random.Random(seed)
    diary: dict[int, list[SnapshotTaken]] = {}
    for number in range(customers):
        last_day, stops = 0, made.randrange(20, days)
        for day in range(1 + number % 7, days, 7):
            if day < stops and made.random() < 0.4:
                last_day = day - 1
            inputs = (float(day - last_day), made.gauss(5.0, 2.0), made.gauss(0.0, 1.0))
            taken = snapshot(f"customer {number:03}", day, last_day, inputs, made.gauss(0.0, 1.0))
            diary.setdefault(day, []).append(taken)
    return diary


def new_course(syllabus: Syllabus = SYLLABUS, state: CourseState | None = None) -> Course:
    """A course before its first day, or with what it knew on another one."""
    return Course(syllabus, DAY, state or beginning(syllabus.recipe))


def go_through(course: Course, diary: Diary, days: Iterable[int]) -> list[Decision]:
    """Let a course go through days, one after the other."""
    return [
        course.go_through(DAY + day, diary.get(day, ()), diary.get(day - HORIZON, ()))
        for day in days
    ]


def stored(course: Course, syllabus: Syllabus = SYLLABUS) -> Course:
    """The course that is made of another's state, through its bytes."""
    data = codec.encode(course.state)
    return new_course(syllabus, msgspec.json.decode(data, type=CourseState))
