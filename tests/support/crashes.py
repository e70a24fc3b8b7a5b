"""Stores and logs that break off at chosen moments, as a killed process would."""

from collections.abc import Container, Mapping, Sequence

from events.values import CustomerId
from infra.log.head import LogHead
from infra.log.memory import MemoryLog
from infra.log.records import FactRecord, Output
from infra.state.memory import MemoryStateStore
from infra.state.port import NOBODY, Commit, Position, Quarantined, StateStore
from infra.stream.runner import Limits
from tests.support.world import DecideNext, new_runner, nobody_decides

MOST_CRASHES = 20_000
"""Far more than any history of a test has commits."""


class CrashError(Exception):
    """The process died here."""


class CrashingStore:
    """Every commit breaks off once: ``before`` it is stored (and after publishing), or just after."""

    def __init__(self, inner: StateStore, *, before: bool) -> None:
        self.inner = inner
        self.crashes = 0
        self._before = before
        self._spared: Position | None = None

    async def commit(self, expected: Position, commit: Commit) -> None:
        if self._before and self._spared != commit.position:
            self._spared = commit.position
            self.crashes += 1
            raise CrashError
        await self.inner.commit(expected, commit)
        if not self._before:
            self.crashes += 1
            raise CrashError

    async def position(self) -> Position:
        return await self.inner.position()

    async def load(self, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, bytes]:
        return await self.inner.load(customer_ids)

    async def due(
        self,
        day: int,
        after: CustomerId | None,
        limit: int,
        known: Container[CustomerId] = NOBODY,
    ) -> Sequence[tuple[CustomerId, bytes | None]]:
        return await self.inner.due(day, after, limit, known)

    async def standing(
        self, after: CustomerId | None, limit: int
    ) -> Sequence[tuple[CustomerId, bytes]]:
        return await self.inner.standing(after, limit)

    async def quarantined(self) -> Sequence[Quarantined]:
        return await self.inner.quarantined()

    async def close(self) -> None:
        await self.inner.close()


class CrashingPublisher:
    """A log whose every publishing breaks off once, when half of the outputs stand."""

    def __init__(self, inner: MemoryLog) -> None:
        self.inner = inner
        self.crashes = 0
        self._spared: list[Output] = []

    @property
    def head(self) -> LogHead | None:
        return self.inner.head

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        if self._spared != list(outputs):
            self._spared = list(outputs)
            self.crashes += 1
            await self.inner.publish(projection, partition, outputs[: len(outputs) // 2])
            raise CrashError
        await self.inner.publish(projection, partition, outputs)

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        return await self.inner.read_facts(partition, after, limit)

    async def end_offset(self, partition: int) -> int:
        return await self.inner.end_offset(partition)


async def fold_through_crashes(
    log: MemoryLog | CrashingPublisher,
    store: StateStore,
    number: int,
    limits: Limits | None = None,
    decide_next: DecideNext = nobody_decides,
) -> None:
    """Run a partition to its end, each time with a fresh runner after a crash."""
    for _ in range(MOST_CRASHES):
        runner = new_runner(log, store, number, limits, decide_next)
        try:
            await (await runner.start()).catch_up()
        except CrashError:
            continue
        finally:
            runner.close()
        return
    raise AssertionError("it crashes for ever")


async def fold_with_one_runner(
    log: MemoryLog | CrashingPublisher, store: StateStore, limits: Limits | None = None
) -> None:
    """Run partition 0 to its end, with the same runner after every error."""
    runner = new_runner(log, store, 0, limits)
    await runner.start()
    try:
        for _ in range(MOST_CRASHES):
            try:
                await runner.catch_up()
            except CrashError:
                continue
            return
        raise AssertionError("it crashes for ever")
    finally:
        runner.close()


def crashing_stores(count: int, *, before: bool) -> list[CrashingStore]:
    """Stores in memory that break off at every commit."""
    return [CrashingStore(MemoryStateStore(), before=before) for _ in range(count)]
