"""The desk of Kafka mode for whoever gives it commands, in any process, by the policy of the alerts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from domain.retention.commands import Moment, PeoplesCommand
from domain.retention.policy import Policy
from domain.retention.refusals import Refusal
from infra.clock import Clock
from infra.desk.desk import TaskDesk
from infra.desk.kept_policy import policy_in_use, rules_by
from infra.desk.now import moment_of
from infra.desk.port import DeskStore, DeskUnavailableError, Done
from infra.desk.postgres import PostgresDesk
from infra.log.kafka import KafkaLog
from infra.log.port import head_of
from infra.postgres.settings import PostgresSettings
from services.ops.place import Cluster

T = TypeVar("T")


class SharedDesk:
    """`Commands`. What alerts decide by is looked up before each command: it may have changed."""

    def __init__(self, store: DeskStore, log: KafkaLog, wall: Clock) -> None:
        self._timezone = head_of(log).identity.business_timezone
        self._policy = Policy()
        self._desk = TaskDesk(
            store,
            rules_by(self._policy, self._timezone),
            lambda: moment_of(head_of(log), wall.now()),
            log.partitions,
        )

    @property
    def store(self) -> DeskStore:
        """Return where it is kept."""
        return self._desk.store

    async def now(self) -> Moment:
        """Return now, as the log has it."""
        return await self._desk.now()

    async def execute(self, command: PeoplesCommand) -> Done | Refusal:
        """Carry out a command. Raises `DeskUnavailableError`, also where alerts never ran."""
        policy = await self._desk.run(policy_in_use)
        if policy is None:
            raise DeskUnavailableError(
                "nobody has decided on a signal yet; start `holdfast alerts`"
            )
        if policy != self._policy:
            self._policy = policy
            self._desk.decide_by(rules_by(policy, self._timezone))
        return await self._desk.execute(command)

    async def run(self, work: Callable[[DeskStore], T]) -> T:
        """Run other work on the store, on the desk's thread."""
        return await self._desk.run(work)

    async def close(self) -> None:
        """Finish what is under way; let go of thread and store."""
        await self._desk.close()


async def open_shared_desk(postgres: PostgresSettings, log: KafkaLog, wall: Clock) -> SharedDesk:
    """Open the desk beside a log that was created. Raises `PostgresUnavailableError`."""
    return SharedDesk(await asyncio.to_thread(PostgresDesk, postgres), log, wall)


@asynccontextmanager
async def shared_desk(place: Cluster, wall: Clock) -> AsyncIterator[SharedDesk]:
    """Open the desk for a command.

    Raises what `KafkaLog.open` and `open_shared_desk` raise.
    """
    async with AsyncExitStack() as opened:
        log = await KafkaLog.open(place.kafka, wall)
        opened.push_async_callback(log.close)
        desk = await open_shared_desk(place.postgres, log, wall)
        opened.push_async_callback(desk.close)
        yield desk
