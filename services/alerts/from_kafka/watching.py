"""Looks now and then at how far the desk is behind, for whoever watches its figures."""

from collections.abc import Mapping

from domain.retention.task import OPEN_STATES
from infra.clock import Clock
from infra.desk.desk import TaskDesk
from infra.desk.port import DeskStore
from infra.desk.relay import unpublished
from infra.health.desk_figures import DeskFigures
from services.alerts.from_kafka.places import kept_places
from services.alerts.from_kafka.signal_log import SignalLog

MICROSECONDS_BETWEEN_LOOKS = 5_000_000
_MILLISECOND = 1000
_SECOND = 1_000_000
_STATES = "SELECT state, count(*) FROM desk_tasks WHERE state <> 'closed' GROUP BY state"


class Watching:
    """Sets the figures of the desk as a whole."""

    def __init__(
        self, desk: TaskDesk, signals: SignalLog, figures: DeskFigures, wall: Clock
    ) -> None:
        self._desk = desk
        self._signals = signals
        self._figures = figures
        self._wall = wall
        self._looked = 0

    async def advance(self) -> int:
        """Look, where it is time again; there is never more to do at once."""
        now = self._wall.now()
        if now - self._looked < MICROSECONDS_BETWEEN_LOOKS:
            return 0
        self._looked = now
        partitions = range(self._signals.partitions)
        kept = await self._desk.run(lambda store: kept_places(store, partitions))
        starts = await self._signals.starts(kept, partitions)
        behind = {
            partition: starts[partition]
            for partition, end in (await self._signals.ends()).items()
            if end > starts[partition]
        }
        await self._show_waiting(behind, now)
        self._show_desk(await self._desk.run(_counts), await self._desk.run(unpublished))
        return 0

    async def _show_waiting(self, behind: Mapping[int, int], now: int) -> None:
        ends = await self._signals.ends()
        self._figures.waiting.set(sum(max(0, ends[one] - start) for one, start in behind.items()))
        stamped = [await self._signals.appended_ms(one, start) for one, start in behind.items()]
        oldest = min((one for one in stamped if one is not None), default=None)
        age = 0 if oldest is None else max(0, now - oldest * _MILLISECOND)
        self._figures.oldest.set(age / _SECOND)

    def _show_desk(self, counts: Mapping[str, int], unpublished: int) -> None:
        for state in OPEN_STATES:
            self._figures.open_tasks.labels(state.value).set(counts.get(state.value, 0))
        self._figures.unpublished.set(unpublished)


def _counts(store: DeskStore) -> dict[str, int]:
    return {str(state): int(number or 0) for state, number in store.fetch(_STATES)}
