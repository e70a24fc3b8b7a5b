"""Joins the snapshots of a customer with those of a horizon later, which tell who churned."""

import datetime
from collections import deque

import msgspec
import numpy as np

from domain.learning.quality.columns import ScoreColumns
from domain.learning.quality.labelled import Integers, LabelledScores
from events.calendar import date_of, day_number
from events.snapshots import SnapshotTaken

HORIZON_DAYS = 91


class LabelCounts(msgspec.Struct, frozen=True):
    """How many labels there are, and of when.

    ``released`` labels are known, of snapshots of ``oldest_day`` to ``newest_day``, which is
    ``age_days`` ago. ``waiting`` snapshots were taken less than a horizon ago. ``missing`` ones
    should have a label by now and have none, as the customer has no snapshot a horizon later.
    """

    released: int
    waiting: int
    missing: int
    oldest_day: datetime.date | None
    newest_day: datetime.date | None
    age_days: int | None


class SnapshotLabels:
    """Takes snapshots in, those of a customer in the order of their days, customers in any order.

    The snapshot of day T is churned where the customer's snapshot of day T + 91 knows of no purchase
    on day T or later. It is labelled then and never earlier.
    """

    def __init__(self) -> None:
        self._columns = ScoreColumns()
        self._numbers: dict[str, int] = {}
        self._customer: list[int] = []
        self._waiting: list[deque[tuple[int, int]]] = []

    def add(self, taken: SnapshotTaken) -> None:
        """Take a snapshot in; it may tell the label of one that was taken a horizon before."""
        number = self._numbers.setdefault(taken.customer_id, len(self._numbers))
        if number == len(self._waiting):
            self._waiting.append(deque())
        day = day_number(taken.day)
        waiting, owed = self._waiting[number], day - HORIZON_DAYS
        while waiting and waiting[0][0] <= owed:
            earlier, place = waiting.popleft()
            if earlier == owed:
                self._columns.label(place, churned=day_number(taken.last_day) < owed)
        waiting.append((day, self._columns.add(taken)))
        self._customer.append(number)

    def counts(self, today: int) -> LabelCounts:
        """Return how many labels are known at the end of a day, and how many are not."""
        days, known = self._columns.days(), self._columns.known()
        due = days + HORIZON_DAYS <= today
        labelled = days[known]
        oldest, newest = (
            (int(labelled.min()), int(labelled.max())) if len(labelled) else (None, None)
        )
        return LabelCounts(
            released=len(labelled),
            waiting=int((~due).sum()),
            missing=int((due & ~known).sum()),
            oldest_day=None if oldest is None else date_of(oldest),
            newest_day=None if newest is None else date_of(newest),
            age_days=None if newest is None else today - newest,
        )

    def first_day_from(self, earliest: int) -> int | None:
        """Return the day of the first snapshot on a day or after it; None where there is none."""
        days = self._columns.days()
        later = days[days >= earliest]
        return int(later.min()) if len(later) else None

    def labelled(self, first_day: int) -> LabelledScores:
        """Return all that are labelled, by day and customer id; days are counted from a first one."""
        return self._columns.labelled(self._places(), first_day)

    def _places(self) -> Integers:
        places = np.flatnonzero(self._columns.known())
        rank = np.zeros(len(self._numbers), dtype=np.int64)
        rank[[self._numbers[customer_id] for customer_id in sorted(self._numbers)]] = np.arange(
            len(rank)
        )
        customers = np.array(self._customer, dtype=np.int64)[places]
        return places[np.lexsort((rank[customers], self._columns.days()[places]))]
