"""What figures need of each snapshot, in arrays that grow: some 80 bytes a snapshot."""

from array import array

import numpy as np

from domain.learning.quality.labelled import SEGMENTS, Flags, Integers, LabelledScores
from events.calendar import day_number
from events.snapshots import SnapshotTaken

_UNKNOWN = -1
_SEGMENT_CODES = {segment: code for code, segment in enumerate(SEGMENTS)}


class ScoreColumns:
    """Snapshots in the order in which they came, some of them labelled by now."""

    def __init__(self) -> None:
        self._day, self._last_day, self._stake = array("q"), array("q"), array("q")
        self._log_odds, self._spent = array("d"), array("d")
        self._gap, self._purchase_days = array("d"), array("d")
        self._active, self._churned, self._segment = array("b"), array("b"), array("b")
        self._model = array("i")
        self._models: dict[str, int] = {}

    def add(self, taken: SnapshotTaken) -> int:
        """Take a snapshot in without a label; return its place."""
        self._day.append(day_number(taken.day))
        self._last_day.append(day_number(taken.last_day))
        self._stake.append(taken.stake)
        self._log_odds.append(taken.log_odds)
        self._spent.append(taken.spent_182)
        self._gap.append(float("nan") if taken.usual_gap is None else taken.usual_gap)
        self._purchase_days.append(taken.purchase_days_182)
        self._active.append(taken.active)
        self._churned.append(_UNKNOWN)
        self._segment.append(_SEGMENT_CODES[taken.segment])
        self._model.append(self._models.setdefault(taken.model, len(self._models)))
        return len(self._day) - 1

    def label(self, place: int, *, churned: bool) -> None:
        """Say what became of the customer of a snapshot."""
        self._churned[place] = churned

    def days(self) -> Integers:
        """Return the day number of each snapshot."""
        return np.array(self._day, dtype=np.int64)

    def known(self) -> Flags:
        """Tell of each snapshot whether it is labelled."""
        known: Flags = np.array(self._churned, dtype=np.int8) != _UNKNOWN
        return known

    def labelled(self, places: Integers, first_day: int) -> LabelledScores:
        """Return the snapshots at these places, all labelled, with days counted from a first one."""
        day = self.days()[places]
        return LabelledScores(
            first_day=first_day,
            models=tuple(self._models),
            day=day - first_day,
            active=np.array(self._active, dtype=np.bool_)[places],
            log_odds=np.array(self._log_odds)[places],
            churned=np.array(self._churned, dtype=np.int8)[places] == 1,
            stake=np.array(self._stake, dtype=np.float64)[places],
            spent_182=np.array(self._spent)[places],
            recency=day - np.array(self._last_day, dtype=np.int64)[places],
            usual_gap=np.array(self._gap)[places],
            purchase_days_182=np.array(self._purchase_days)[places],
            segment=np.array(self._segment, dtype=np.int64)[places],
            model=np.array(self._model, dtype=np.int64)[places],
        )
