"""The figures of one partition, for as long as it is worked on here."""

from infra.health.figures import WorkerFigures
from infra.state.port import Position

MICROSECONDS = 1_000_000


class PartitionFigures:
    """Shows how a partition does; shows nothing of it any more once it is left."""

    def __init__(self, figures: WorkerFigures, partition: int) -> None:
        self._figures = figures
        self._partition = partition
        label = str(partition)
        self._facts = figures.facts.labels(label)
        self._lag_events = figures.lag_events.labels(label)
        self._lag_seconds = figures.lag_seconds.labels(label)
        self._open_day = figures.open_day.labels(label)
        self._quarantined = figures.quarantined.labels(label)
        self._halted = figures.halted.labels(label)

    def begin(self, position: Position, quarantined: int) -> None:
        """Show what was found when the states were opened."""
        self._halted.set(0)
        self._quarantined.set(quarantined)
        self._show(position)

    def folded(self, records: int, position: Position, quarantined: int) -> None:
        """Show what was just folded, and where that led to."""
        self._facts.inc(records)
        self._quarantined.set(quarantined)
        self._show(position)

    def lag(self, events: int, oldest: int | None, now: int) -> None:
        """Show how much is ahead, the oldest of it appended at a time, in microseconds."""
        self._lag_events.set(events)
        waited = 0 if oldest is None else max(0, now - oldest)
        self._lag_seconds.set(waited / MICROSECONDS)

    def stand_still(self) -> None:
        """Show that the partition stands still."""
        self._halted.set(1)

    def leave(self) -> None:
        """Show nothing more of it."""
        self._figures.forget(self._partition)

    def _show(self, position: Position) -> None:
        if position.open_day is not None:
            self._open_day.set(position.open_day)
