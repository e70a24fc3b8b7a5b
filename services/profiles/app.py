"""Builds the profiles service of embedded mode."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Protocol, Self

import msgspec
import structlog

from domain.customer.fold import CustomerFold
from infra.folder import DataFolder
from infra.log.head import LogHead
from infra.log.sqlite import SqliteLog
from infra.state.port import StateStore, StoreIdentity
from infra.state.reader import ProjectionReader
from infra.state.sqlite import SqliteStateStore
from infra.stream.embedded import EmbeddedDriver
from infra.stream.models import DecidedModels, LearnerStoppedError
from infra.stream.release import Release, next_projection
from infra.stream.runner import Partition, PartitionRunner
from services.profiles.comparison import Comparison, compare

logger = structlog.get_logger()


class Rebuild(msgspec.Struct, frozen=True):
    """A projection that folds the log anew, and the one that it is to replace."""

    before: str
    after: str


class Learner(Protocol):
    """Decides the models of one projection, day by day."""

    async def decide_next(self) -> bool:
        """Decide one more day; return False where there is nothing to decide it by yet.

        Raises `LearnerStoppedError` where it cannot go on.
        """
        ...

    async def close(self) -> None:
        """Let go of files and threads."""
        ...


OpenLearner = Callable[[str], Awaitable[Learner]]
"""Opens the learner of a projection."""


class Workplace(msgspec.Struct, frozen=True):
    """Where the profiles work: a folder, its log, and who learns for a projection."""

    folder: DataFolder
    log: SqliteLog
    open_learner: OpenLearner


class Profiles:
    """The runner of the one partition, with its driver, its learner and its store."""

    def __init__(
        self, place: Workplace, name: str, store: StateStore, fold: CustomerFold, learner: Learner
    ) -> None:
        log = place.log
        models = DecidedModels(name, lambda: log.head, learner.decide_next)
        self.runner = PartitionRunner(Partition(name, 0), fold, log, store, models=models)
        self.driver = EmbeddedDriver(log, self.runner, self._at_end)
        self.rebuild: Rebuild | None = None
        self.comparison: Comparison | None = None
        self._place = place
        self._log = log
        self._name = name
        self._store = store
        self._learner = learner
        self._learner_stopped = False

    @classmethod
    async def open(cls, place: Workplace) -> Self:
        """Take up the projection that speaks for the log; or rebuild it, if it is of another fold.

        Raises:
            StoreError: the projection's file cannot be used.
            ReplacedLogError: the states were folded from another log.
        """
        head = _head(place.log)
        fold = CustomerFold(head.identity.currency)
        ours, name = Release.of(fold), _standing(head)
        if not ours.made(head, name):
            name = await _begin_rebuild(place.log, ours)
        return await cls._opened(place, name, fold)

    @classmethod
    async def open_anew(cls, place: Workplace) -> Self:
        """Begin a rebuild, or take up the one under way, whatever the standing projection is."""
        fold = CustomerFold(_head(place.log).identity.currency)
        name = await _begin_rebuild(place.log, Release.of(fold))
        return await cls._opened(place, name, fold)

    @classmethod
    async def _opened(cls, place: Workplace, name: str, fold: CustomerFold) -> Self:
        head = _head(place.log)
        identity = StoreIdentity(head.identity.log_id, name, head.projections[name], 0)
        async with AsyncExitStack() as opened:
            store = await SqliteStateStore.open(place.folder.projection(name), identity)
            opened.push_async_callback(store.close)
            learner = await place.open_learner(name)
            opened.push_async_callback(learner.close)
            profiles = cls(place, name, store, fold, learner)
            opened.callback(profiles.runner.close)
            await profiles.runner.start()
            opened.pop_all()
        if _standing(head) != name:
            profiles.rebuild = Rebuild(_standing(head), name)
        return profiles

    async def catch_up(self, report: Callable[[int], None] = lambda _: None) -> None:
        """Fold all that the log has; a rebuild that has come to the end takes over."""
        await self.driver.catch_up(report)

    async def close(self) -> None:
        """Let go of the runner's thread and the store."""
        self.runner.close()
        await self._learner.close()
        await self._store.close()

    async def _at_end(self) -> bool:
        """At the end of the log: decide a day ahead, so that none has to wait, or take over."""
        return await self._decide_ahead() or await self._take_over()

    async def _decide_ahead(self) -> bool:
        if self._learner_stopped:
            return False
        try:
            return await self._learner.decide_next()
        except LearnerStoppedError as error:
            self._learner_stopped = True
            logger.warning(
                "nothing is learned any more, the model that stands stays", reason=str(error)
            )
            return False

    async def _take_over(self) -> bool:
        """Compare a rebuild with what it replaces, and switch to it; False where there is none."""
        head = _head(self._log)
        if self.rebuild is None or head.projection() == self._name or head.suspended_by is not None:
            return False
        self.comparison = await asyncio.to_thread(
            asyncio.run, _compared(self._place.folder, self.rebuild)
        )
        await self._log.switch_projection(self._name)
        found = None if self.comparison is None else msgspec.structs.asdict(self.comparison)
        logger.info("the rebuilt projection took over", comparison=found)
        return True


async def _begin_rebuild(log: SqliteLog, made_by: Release) -> str:
    """Return the name of the rebuild under way by this fold, creating one where there is none."""
    head = _head(log)
    under_way = head.rebuild_under_way(*made_by)
    if under_way is not None:
        return under_way
    created = next_projection(head, made_by, head.first_day)
    await log.create_projection(created)
    return created.projection


async def _compared(folder: DataFolder, rebuild: Rebuild) -> Comparison | None:
    """Compare the two; None where the replaced one's states are gone."""
    if not folder.projection(rebuild.before).exists():
        return None
    before = ProjectionReader(folder.projection(rebuild.before))
    try:
        after = ProjectionReader(folder.projection(rebuild.after))
        try:
            return await compare(before, after)
        finally:
            await after.close()
    finally:
        await before.close()


def _standing(head: LogHead) -> str:
    standing = head.projection()
    if standing is None:
        raise LookupError("this log has no projection")
    return standing


def _head(log: SqliteLog) -> LogHead:
    if log.head is None:
        raise LookupError("this log was never created")
    return log.head
