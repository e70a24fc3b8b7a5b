"""The marks of a partition as one projection meets them, and the models by which it scores.

Sorted once, shared by all customers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from domain.customer.feeds import NO_FEEDS, Feeds, feeds_of
from domain.detection.day_model import NEVER_LEARNED, ModelHistory
from events.calendar import day_number
from events.marks import DayOpened, Emission, Emitting

BEYOND = 1 << 63
"""Above every offset of a log."""


class SliceMark(NamedTuple):
    """A mark of the customer's partition."""

    offset: int
    event: DayOpened | Emitting


class SliceMarks:
    """Finds the next mark that concerns a customer without looking at those in between.

    Of the marks in between a fold of the whole partition makes nothing either: an opened day on
    which a customer is not due leaves it alone, and so does how another projection emits.
    """

    def __init__(
        self,
        marks: Iterable[SliceMark],
        projection: str,
        models: ModelHistory = NEVER_LEARNED,
    ) -> None:
        self.models = models
        self._opened_at: list[int] = []
        self._days: list[int] = []
        self._feeds: list[Feeds] = []
        self._live_at: list[int] = []
        for mark in sorted(marks, key=lambda mark: mark.offset):
            match mark.event:
                case DayOpened() as opened:
                    self._opened_at.append(mark.offset)
                    self._days.append(day_number(opened.day))
                    self._feeds.append(feeds_of(opened))
                case Emitting(projection=name, emission=Emission.LIVE) if name == projection:
                    self._live_at.append(mark.offset)
                case _:
                    continue  # other marks leave customers alone
        self._latest_so_far = list(accumulate(self._days, max))

    def today(self, offset: int) -> int | None:
        """Return the day that is open at an offset; None before the first one."""
        opened = bisect_right(self._opened_at, offset)
        return self._days[opened - 1] if opened else None

    def feeds(self, offset: int) -> Feeds:
        """Return the feeds that the last day mark up to an offset speaks of."""
        opened = bisect_right(self._opened_at, offset)
        return self._feeds[opened - 1] if opened else NO_FEEDS

    def next_due(self, after: int, due_day: int | None) -> int:
        """Return the first offset above ``after`` that opens ``due_day`` or a later day.

        `BEYOND` where there is none, or where no day is due. Days ascend in every log that was not
        tampered with; in one that was, the search below still looks at each day that may count.
        """
        if due_day is None:
            return BEYOND
        # no day before the first one at which the latest so far comes up to the due day can count
        place = max(bisect_right(self._opened_at, after), bisect_left(self._latest_so_far, due_day))
        while place < len(self._days) and self._days[place] < due_day:
            place += 1
        return self._opened_at[place] if place < len(self._days) else BEYOND

    def next_live(self, after: int) -> int:
        """Return the first offset above ``after`` at which the projection goes live, or `BEYOND`."""
        place = bisect_right(self._live_at, after)
        return self._live_at[place] if place < len(self._live_at) else BEYOND
