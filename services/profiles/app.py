"""Builds the profiles service of embedded mode."""

from typing import Self

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from events.calendar import date_of
from events.control import LogCreated, ProjectionCreated
from infra.folder import DataFolder
from infra.log.head import LogHead
from infra.log.sqlite import SqliteLog
from infra.state.port import StateStore, StoreIdentity
from infra.state.sqlite import SqliteStateStore
from infra.stream.embedded import EmbeddedDriver
from infra.stream.release import check_release
from infra.stream.runner import Partition, PartitionRunner


def first_projection(
    identity: LogCreated, fold: CustomerFold, first_day: int | None
) -> ProjectionCreated:
    """Return the first projection of a new log: named by log, fingerprint and a counter."""
    mark = fingerprint(fold)
    name = f"{identity.log_id[:8]}-{mark[:8]}-1"
    return ProjectionCreated(name, mark, None if first_day is None else date_of(first_day))


class Profiles:
    """The runner of the one partition, with its driver and store."""

    def __init__(self, runner: PartitionRunner, driver: EmbeddedDriver, store: StateStore) -> None:
        self.runner = runner
        self.driver = driver
        self._store = store

    @classmethod
    async def open(cls, folder: DataFolder, log: SqliteLog, head: LogHead) -> Self:
        """Take up the log's projection where it stands.

        Raises:
            OtherReleaseError: this release folds otherwise than the one that made it.
            StoreError: the projection's file cannot be used.
            ReplacedLogError: the states were folded from another log.
        """
        name = head.projection()
        if name is None:
            raise LookupError("this log has no projection")
        fold = CustomerFold(head.identity.currency)
        check_release(head, name, fold)
        identity = StoreIdentity(head.identity.log_id, name, head.projections[name], 0)
        store = await SqliteStateStore.open(folder.projection(name), identity)
        runner = PartitionRunner(Partition(name, 0), fold, log, store)
        try:
            await runner.start()
        except BaseException:
            runner.close()
            await store.close()
            raise
        return cls(runner, EmbeddedDriver(log, runner), store)

    async def close(self) -> None:
        """Let go of the runner's thread and the store."""
        self.runner.close()
        await self._store.close()
