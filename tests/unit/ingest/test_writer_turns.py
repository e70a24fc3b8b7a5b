"""Ingest takes turns at writing: it lets events in while it is its turn, and says that it stands by else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from events.control import ClockMode
from infra.clock import Clock
from infra.health.board import HealthBoard
from infra.health.figures import DoorFigures
from infra.log.memory import MemoryLog
from infra.log.port import EventLog, LogUnavailableError
from infra.log.records import Appended, AppendOutcome, Duplicate, NewFact
from infra.log.writer_lease import WriterLease
from infra.log.writer_turn import WriterBusyError, ask_for_turn, turn_taken
from infra.log.writers import WriterFencedError
from infra.redis.connection import redis_client
from services.ingest import turns as turns_module
from services.ingest.stand_by import StandByError, TurnsIntake
from services.ingest.turns import WRITER, WriterPlace, WriterTurns
from tests.support.given import LOG
from tests.support.redis_server import RedisServer
from tests.support.world import CREATED, StoppedClock
from tests.unit.ingest.door_given import ORDER, event

NAMES = (f"turns-{number}." for number in count())


class Fenced(MemoryLog):
    """A log in memory that another writer takes over at some moment."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(1, clock)
        self.is_fenced = False
        self.closed = 0

    async def append(
        self, facts: Sequence[NewFact], import_id: str | None = None, done: int | None = None
    ) -> Sequence[AppendOutcome]:
        if self.is_fenced:
            raise WriterFencedError
        return await super().append(facts, import_id, done)

    async def close(self) -> None:
        self.closed += 1


class ToldBoard(HealthBoard):
    """A board that tells when something was shown on it."""

    def __init__(self) -> None:
        super().__init__()
        self._told = asyncio.Event()

    def beat(self, part: str) -> None:
        super().beat(part)
        self._told.set()

    def waits(self, part: str, reason: str) -> None:
        super().waits(part, reason)
        self._told.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, looking whenever something was shown."""
        async with asyncio.timeout(10):
            while not holds():
                self._told.clear()
                await self._told.wait()


class Ingest:
    """One process's turns at a log that all processes of a test share."""

    def __init__(self, client: Redis, name: str, log: Fenced, seconds: float = 10.0) -> None:
        self.intake = TurnsIntake(DoorFigures(CollectorRegistry()))
        self.board = ToldBoard()
        self.lease = WriterLease(client, name, f"process {next(_numbers)}", seconds)

        async def open_log() -> EventLog:
            return log

        place = WriterPlace(
            self.lease, open_log, self.intake, self.board, StoppedClock(), (LogUnavailableError,)
        )
        self.turns = WriterTurns(place)
        self.intake.fenced = self.turns.lose

    async def let_in(self, event_id: str) -> object:
        sent = event("crm.order.placed.v1", ORDER, "2011-01-26T09:00:00+00:00", event_id)
        (result,) = await self.intake.submit([sent])
        return result

    async def until_on(self) -> None:
        await self.board.until(lambda: self._does() == "working")

    async def until_stands_by(self) -> None:
        await self.board.until(lambda: self._does() == "waiting")

    def _does(self) -> str | None:
        parts = {part.part: part.condition.value for part in self.board.report().parts}
        return parts.get(WRITER)


_numbers = count()


Scenario = Callable[[Redis, str, Fenced], Awaitable[None]]


@pytest.fixture
def run(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scenario], None]:
    """Runs a scenario on a log that was made, with a lease of its own."""
    monkeypatch.setattr(turns_module, "SECONDS_BETWEEN_LOOKS", 0.02)
    monkeypatch.setattr(turns_module, "SECONDS_BETWEEN_TICKS", 0.02)
    monkeypatch.setattr("infra.log.writer_turn.SECONDS_BETWEEN_LOOKS", 0.02)

    async def scenario(work: Scenario) -> None:
        log = Fenced(StoppedClock())
        await log.create(LOG, ClockMode.WALL)
        await log.create_projection(CREATED)
        client = redis_client(redis_server.settings)
        try:
            await work(client, next(NAMES), log)
        finally:
            await client.aclose()

    return lambda work: asyncio.run(scenario(work))


@asynccontextmanager
async def at_work(ingest: Ingest) -> AsyncIterator[None]:
    running = asyncio.create_task(ingest.turns.run())
    try:
        yield
    finally:
        ingest.turns.stop()
        await running


def test_of_two_one_lets_events_in_and_the_other_goes_on_when_it_ends(
    run: Callable[[Scenario], None],
) -> None:
    async def scenario(client: Redis, name: str, log: Fenced) -> None:
        first, second = Ingest(client, name, log), Ingest(client, name, log)
        with pytest.raises(StandByError, match="just begun"):
            await first.let_in("a")
        async with at_work(second):
            async with at_work(first):
                await asyncio.wait(
                    {asyncio.ensure_future(one.until_on()) for one in (first, second)},
                    return_when=asyncio.FIRST_COMPLETED,
                )
                on, off = (first, second) if first._does() == "working" else (second, first)
                assert isinstance(await on.let_in("a"), Appended)
                with pytest.raises(StandByError, match="another process writes the log"):
                    await off.let_in("b")
            await second.until_on()
            assert isinstance(await second.let_in("a"), Duplicate)
        with pytest.raises(StandByError):
            await second.let_in("c")
        assert log.closed >= 1

    run(scenario)


def test_it_steps_back_for_a_command_and_goes_on_afterwards(
    run: Callable[[Scenario], None],
) -> None:
    async def scenario(client: Redis, name: str, log: Fenced) -> None:
        ingest, command = Ingest(client, name, log), WriterLease(client, name, "command")
        async with at_work(ingest):
            await ingest.until_on()
            await ask_for_turn(command)
            async with turn_taken(command, steps_back=False) as turn:
                assert not turn.end.is_asked
                with pytest.raises(StandByError):
                    await ingest.let_in("a")
                assert log.closed == 1
            await ingest.until_on()
            assert isinstance(await ingest.let_in("a"), Appended)

    run(scenario)


def test_a_command_does_not_wait_for_another_one_for_ever(
    run: Callable[[Scenario], None],
) -> None:
    async def scenario(client: Redis, name: str, log: Fenced) -> None:
        one, other = (WriterLease(client, name, nonce) for nonce in ("one", "other"))
        await ask_for_turn(one)
        async with turn_taken(one, steps_back=False) as turn:
            with pytest.raises(WriterBusyError, match=r"another process writes the log \(one\)"):
                await ask_for_turn(other, seconds=0.1)
            assert not turn.end.is_asked

    run(scenario)


def test_a_lease_that_was_taken_away_ends_the_turn(run: Callable[[Scenario], None]) -> None:
    async def scenario(client: Redis, name: str, log: Fenced) -> None:
        ingest = Ingest(client, name, log)
        async with at_work(ingest):
            await ingest.until_on()
            await client.set(f"{name}holdfast:writer", "somebody else")
            await ingest.until_stands_by()
            assert await client.get(f"{name}holdfast:writer") == b"somebody else"

    run(scenario)


def test_a_writer_that_is_fenced_stands_by_and_says_so(run: Callable[[Scenario], None]) -> None:
    async def scenario(client: Redis, name: str, log: Fenced) -> None:
        ingest = Ingest(client, name, log)
        async with at_work(ingest):
            await ingest.until_on()
            log.is_fenced = True
            with pytest.raises(StandByError, match="another ingest has taken over"):
                await ingest.let_in("a")
            await ingest.board.until(lambda: log.closed == 1)
            log.is_fenced = False
            await ingest.until_on()
            assert isinstance(await ingest.let_in("a"), Appended)

    run(scenario)
