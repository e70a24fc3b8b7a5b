"""The alerts of embedded mode: signals in, tasks out, in the process of the log."""

from typing import Protocol

import structlog

from events.catalogue import SIGNALS
from infra.clock import Clock
from infra.desk import tables
from infra.desk.desk import DeskHaltedError, TaskDesk
from infra.desk.now import moment_of
from infra.desk.office import Rules
from infra.desk.port import DeskStore, DeskUnavailableError, Statement
from infra.log.growth import Follower
from infra.log.head import LogHead
from infra.log.port import FactReader, LogUnavailableError, OutputPublisher, OutputReader
from infra.sqlite.connection import StoreError
from services.alerts.chores import chores_of
from services.alerts.log_facts import LogFacts
from services.alerts.outcomes import OutcomeDoor

SIGNALS_A_READ = 2000
SECONDS_BETWEEN_TICKS = 1.0
FOLLOWED = "followed-projection"

logger = structlog.get_logger()


class AlertsLog(FactReader, OutputReader, OutputPublisher, Protocol):
    """What alerts need of the log of their process."""

    @property
    def head(self) -> LogHead | None:
        """Where the log stands, as last committed."""
        ...

    def follower(self) -> Follower:
        """Return one that waits for more."""
        ...


class Alerts:
    """Reads signals on from the desk's position, decides on them, and tells what became of tasks."""

    def __init__(
        self, log: AlertsLog, store: DeskStore, rules: Rules, wall: Clock, door: OutcomeDoor
    ) -> None:
        self._log = log
        self._follower = log.follower()
        self._stopping = False
        self.desk = TaskDesk(
            store,
            rules,
            lambda: moment_of(_head(log), wall.now()),
            log.partitions,
            self._follower.wake,
        )
        self._chores = chores_of(self.desk, log, door, LogFacts(self.desk, log))
        self.halted: str | None = None

    async def advance(self) -> int:
        """Decide on the next signals, publish what came of it, and tell the log of outcomes.

        Returns how much of all that was done.

        Raises:
            DeskHaltedError: a signal that this release cannot read; all before it are decided on.
            DeskUnavailableError, LogUnavailableError, StoreError: a file cannot be written or read.
        """
        done = 0
        for projection in await self._projections():
            done += await self._take(projection)
        return done + await self._chores.advance()

    async def catch_up(self) -> None:
        """Decide on all signals there are, let time pass, and publish everything."""
        while await self.advance():
            pass
        while await self.desk.tick() or await self.advance():
            pass

    async def run(self) -> None:
        """Follow the log until `stop`; never break off between decision and commit.

        Where a file cannot be written, as on a full disk, it goes on once it can be again.

        Raises:
            DeskHaltedError: it stands still at a signal; ``halted`` says why.
        """
        while not self._stopping:
            try:
                done = await self.advance() or await self.desk.tick()
            except DeskHaltedError as error:
                self.halted = str(error)
                raise
            except (DeskUnavailableError, LogUnavailableError, StoreError) as error:
                logger.warning("alerts wait", reason=str(error))
                done = 0
            if not done and not self._stopping:
                await self._follower.wait_for_more(SECONDS_BETWEEN_TICKS)

    def stop(self) -> None:
        """Let `run` return with nothing under way."""
        self._stopping = True
        self._follower.wake()

    async def close(self) -> None:
        """Let go of the desk."""
        await self.desk.close()

    async def _take(self, projection: str) -> int:
        total = 0
        for partition in range(self._log.partitions):
            position = await self.desk.position(projection, partition)
            records = await self._log.read_outputs(
                SIGNALS, projection, partition, position, SIGNALS_A_READ
            )
            if records:
                await self.desk.take(records)
            total += len(records)
        return total

    async def _projections(self) -> tuple[str, ...]:
        """Return the projection that speaks; before it the one that did, until all of it is taken."""
        standing = _head(self._log).projection()
        followed = await self.desk.run(_followed)
        if standing is None or standing == followed:
            return () if standing is None else (standing,)
        if followed is not None and await self._take(followed):
            return (followed,)
        await self.desk.run(lambda store: _follow(store, standing))
        return (standing,)


def _head(log: AlertsLog) -> LogHead:
    if log.head is None:
        raise LookupError("this log was never created")
    return log.head


def _followed(store: DeskStore) -> str | None:
    rows = store.fetch("SELECT value FROM desk_about WHERE name = ?", (FOLLOWED,))
    return str(rows[0][0]) if rows else None


def _follow(store: DeskStore, projection: str) -> None:
    store.append((), (Statement(tables.PUT_ABOUT, [(FOLLOWED, projection)]),), None)
