"""Who comes before whom in a pass, and how many tasks each manager is given by it."""

import datetime
from collections import Counter
from collections.abc import Mapping

from domain.retention.gates import line_check
from domain.retention.manager import Manager
from domain.retention.routing import backup_of, fits
from events.judgements import GateCheck
from events.signals import Placement

NOBODY = ""
"""Stands for the queue where there is no manager at all."""


class Line:
    """Gives out places, to owner, backup, or whom the fewest were given to, until none has any left."""

    def __init__(self, managers: Mapping[str, Manager], limit: int, today: datetime.date) -> None:
        self._managers = {
            code: manager
            for code, manager in managers.items()
            if manager.listed is not None
            and manager.listed.capacity
            and manager.away_until(today) is None
        }
        self._limit = limit
        self._given: Counter[str] = Counter()

    def next_place(self, placement: Placement) -> GateCheck:
        """Take the next place for a task there; say which it is, and whether it is within the limit."""
        wanted = (placement.owner, backup_of(placement, self._managers))
        named = [code for code in wanted if code in self._managers]
        others = [code for code, each in self._managers.items() if fits(each, placement)]
        free = [code for code in named if self._given[str(code)] < self._limit]
        if free:
            chosen = str(free[0])
        else:
            chosen = min(
                ((self._given[code], code) for code in others),
                default=(0, str(named[0]) if named else NOBODY),
            )[1]
        check = line_check(self._given[chosen] + 1, self._limit)
        if check.passed:
            self._given[chosen] += 1
        return check
