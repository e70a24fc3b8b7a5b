"""A customer with a metered service, folded day by day under the marks of a scheduled feed."""

from collections.abc import Callable, Container, Iterable

import msgspec

from domain.customer.slice import FoldedSlice, SliceFact, fold_slice
from domain.customer.slice_marks import SliceMark, SliceMarks
from events.calendar import date_of
from events.marks import DayOpened, Emission, Emitting, FeedDay, FeedVerdict
from events.signals import AnomalyCleared, AnomalyRaised
from events.usage import UsageRecorded
from events.values import Quantity
from tests.support.given import DAY, ref
from tests.support.steps import ANNA, GBP
from tests.support.world import PROJECTION

WEEK = (10.0, 11.0, 9.0, 10.5, 12.0, 6.0, 5.0)
UNREST = (1.0, 1.2, 0.85, 1.1, 0.8, 1.15, 0.9, 1.25, 0.75, 1.05)

Total = Callable[[int], float]


def ordinary(day: int) -> float:
    """A day's total in GB: a weekday pattern, and unrest with a spread of about 0.18."""
    return WEEK[day % 7] * UNREST[day % 10]


def used(total: float, service: str = "mobile-data") -> UsageRecorded:
    """So many GB of Anna's."""
    return UsageRecorded(ref("anna"), service, Quantity(total, "GB"))


def opened(today: int, late: Container[int], delay: int, service: str = "mobile-data") -> DayOpened:
    """The mark that opens a day, by which one day of the feed closes. Days count from `DAY`."""
    day = today - 1 - delay
    verdict = FeedVerdict.LATE if day in late else FeedVerdict.ARRIVED
    return DayOpened(date_of(DAY + today), (FeedDay(service, date_of(DAY + day), verdict),))


def metered_life(
    total: Total,
    until: int,
    late: Container[int] = (),
    delay: int = 0,
    others: Iterable[tuple[int, msgspec.Struct]] = (),
) -> FoldedSlice:
    """Fold Anna's use of every day up to the mark of the day ``until``; live at the very end.

    What is used on ``late`` days arrives on the morning after they were closed. ``others`` are
    (day, event) besides.
    """
    marks: list[SliceMark] = []
    facts: list[SliceFact] = []
    offset = 0
    for today in range(until + 1):
        marks.append(SliceMark(offset, opened(today, late, delay)))
        came = [(today, event) for day, event in others if day == today]
        came += [(day, used(total(day))) for day in (today,) if day not in late and total(day)]
        closed = today - 1 - delay
        came += [(day, used(total(day))) for day in (closed,) if day in late and total(day)]
        for day, event in came if today < until else ():
            offset += 1
            facts.append(SliceFact(offset, DAY + day, event))
        offset += 1
    marks.append(SliceMark(offset, Emitting(PROJECTION, Emission.LIVE)))
    return fold_slice(GBP, ANNA, facts, SliceMarks(marks, PROJECTION))


def signals(folded: FoldedSlice) -> list[tuple[int, str, str]]:
    """(day, raised or cleared, reason) of every signal of consumption."""
    return [
        (entry.day - DAY, type(entry.event).__name__.removeprefix("Anomaly"), entry.event.reason)
        for entry in folded.said
        if isinstance(entry.event, AnomalyRaised | AnomalyCleared)
    ]
