"""Builds the profiles service of embedded mode."""

import asyncio
from collections.abc import Callable
from typing import Self

import msgspec
import structlog

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from events.calendar import date_of
from events.control import ProjectionCreated
from infra.folder import DataFolder
from infra.log.head import LogHead
from infra.log.sqlite import SqliteLog
from infra.state.port import StateStore, StoreIdentity
from infra.state.reader import ProjectionReader
from infra.state.sqlite import SqliteStateStore
from infra.stream.embedded import EmbeddedDriver
from infra.stream.runner import Partition, PartitionRunner
from services.profiles.comparison import Comparison, compare

logger = structlog.get_logger()


class Rebuild(msgspec.Struct, frozen=True):
    """A projection that folds the log anew, and the one that it is to replace."""

    before: str
    after: str


def next_projection(head: LogHead, made_by: str, first_day: int | None) -> ProjectionCreated:
    """Return a projection named by log, fingerprint and a counter that is never used again."""
    name = f"{head.identity.log_id[:8]}-{made_by[:8]}-{len(head.projections) + 1}"
    return ProjectionCreated(name, made_by, None if first_day is None else date_of(first_day))


class Profiles:
    """The runner of the one partition, with its driver and store."""

    def __init__(
        self, folder: DataFolder, log: SqliteLog, name: str, store: StateStore, fold: CustomerFold
    ) -> None:
        self.runner = PartitionRunner(Partition(name, 0), fold, log, store)
        self.driver = EmbeddedDriver(log, self.runner, self._take_over)
        self.rebuild: Rebuild | None = None
        self.comparison: Comparison | None = None
        self._folder = folder
        self._log = log
        self._name = name
        self._store = store

    @classmethod
    async def open(cls, folder: DataFolder, log: SqliteLog) -> Self:
        """Take up the projection that speaks for the log; or rebuild it, if it is of another fold.

        Raises:
            StoreError: the projection's file cannot be used.
            ReplacedLogError: the states were folded from another log.
        """
        head = _head(log)
        fold = CustomerFold(head.identity.currency)
        ours, name = fingerprint(fold), _standing(head)
        if head.projections[name] != ours:
            name = await _begin_rebuild(log, ours)
        return await cls._opened(folder, log, name, fold)

    @classmethod
    async def open_anew(cls, folder: DataFolder, log: SqliteLog) -> Self:
        """Begin a rebuild, or take up the one under way, whatever the standing projection is."""
        fold = CustomerFold(_head(log).identity.currency)
        name = await _begin_rebuild(log, fingerprint(fold))
        return await cls._opened(folder, log, name, fold)

    @classmethod
    async def _opened(
        cls, folder: DataFolder, log: SqliteLog, name: str, fold: CustomerFold
    ) -> Self:
        head = _head(log)
        identity = StoreIdentity(head.identity.log_id, name, head.projections[name], 0)
        store = await SqliteStateStore.open(folder.projection(name), identity)
        profiles = cls(folder, log, name, store, fold)
        try:
            await profiles.runner.start()
        except BaseException:
            await profiles.close()
            raise
        if _standing(head) != name:
            profiles.rebuild = Rebuild(_standing(head), name)
        return profiles

    async def catch_up(self, report: Callable[[int], None] = lambda _: None) -> None:
        """Fold all that the log has; a rebuild that has come to the end takes over."""
        await self.driver.catch_up(report)

    async def close(self) -> None:
        """Let go of the runner's thread and the store."""
        self.runner.close()
        await self._store.close()

    async def _take_over(self) -> None:
        """At the end of the log: compare a rebuild with what it replaces, and switch to it."""
        head = _head(self._log)
        if self.rebuild is None or head.projection() == self._name or head.suspended_by is not None:
            return
        self.comparison = await asyncio.to_thread(_compared, self._folder, self.rebuild)
        await self._log.switch_projection(self._name)
        found = None if self.comparison is None else msgspec.structs.asdict(self.comparison)
        logger.info("the rebuilt projection took over", comparison=found)


async def _begin_rebuild(log: SqliteLog, made_by: str) -> str:
    """Return the name of the rebuild under way by this fold, creating one where there is none."""
    head = _head(log)
    under_way = head.rebuild_under_way(made_by)
    if under_way is not None:
        return under_way
    created = next_projection(head, made_by, head.first_day)
    await log.create_projection(created)
    return created.projection


def _compared(folder: DataFolder, rebuild: Rebuild) -> Comparison | None:
    """Compare the two; None where the replaced one's states are gone."""
    if not folder.projection(rebuild.before).exists():
        return None
    before = ProjectionReader(folder.projection(rebuild.before))
    try:
        after = ProjectionReader(folder.projection(rebuild.after))
        try:
            return compare(before, after)
        finally:
            after.close()
    finally:
        before.close()


def _standing(head: LogHead) -> str:
    standing = head.projection()
    if standing is None:
        raise LookupError("this log has no projection")
    return standing


def _head(log: SqliteLog) -> LogHead:
    if log.head is None:
        raise LookupError("this log was never created")
    return log.head
