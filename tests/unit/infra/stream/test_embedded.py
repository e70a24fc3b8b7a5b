"""The driver: folds what comes, and does what waits for the log's end in pieces in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.stream.embedded import EmbeddedDriver
from infra.stream.runner import PartitionRunner
from tests.support.given import DAY, order
from tests.support.world import World, awaited, new_runner

PIECES = 50


class Woken:
    """Tells of nothing that was written, only of being woken."""

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self._woken = asyncio.Event()

    async def wait_for_more(self) -> None:
        self.waiting.set()
        await self._woken.wait()
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()


class AtEnd:
    """Work of so many pieces; before one of them something is done."""

    def __init__(self, pieces: int = PIECES) -> None:
        self.done = 0
        self.folded_before: list[int] = []
        self._pieces = pieces
        self.runner: PartitionRunner | None = None

    async def __call__(self) -> bool:
        assert self.runner is not None
        if self.done == self._pieces:
            return False
        self.done += 1
        self.folded_before.append(self.runner.position.offset)
        await self.before_next()
        return True

    async def before_next(self) -> None:
        """Nothing, as a rule."""


@asynccontextmanager
async def driven(world: World, at_end: AtEnd) -> AsyncIterator[tuple[EmbeddedDriver, Woken]]:
    runner, log = new_runner(world.log, world.stores[0]), Woken()
    at_end.runner = runner
    try:
        await runner.start()
        yield EmbeddedDriver(log, runner, at_end), log
    finally:
        runner.close()


async def a_world() -> World:
    world = await World().create()
    await world.append([order("anna", DAY)])
    return world


@awaited
async def test_all_pieces_are_done_once_the_end_is_reached() -> None:
    at_end, told = AtEnd(), list[int]()
    async with driven(await a_world(), at_end) as (driver, _):
        await driver.catch_up(told.append)

    assert at_end.done == PIECES
    assert told == at_end.folded_before[:1], "folded first"


@awaited
async def test_what_is_written_meanwhile_is_folded_before_the_next_piece() -> None:
    world = await a_world()

    class Writing(AtEnd):
        async def before_next(self) -> None:
            await world.append([order("anna", DAY + self.done)])

    at_end = Writing(5)
    async with driven(world, at_end) as (driver, _):
        await driver.catch_up(lambda _: None)

    assert at_end.folded_before == sorted(set(at_end.folded_before))
    assert len(at_end.folded_before) == 5


@awaited
async def test_told_to_stop_it_ends_after_the_piece_under_way() -> None:
    world = await a_world()

    class Stopping(AtEnd):
        async def before_next(self) -> None:
            if self.done == 3:
                driver.stop()

    at_end = Stopping()
    async with driven(world, at_end) as (driver, log):
        await driver.run()

    assert at_end.done == 3
    assert not log.waiting.is_set()


@awaited
async def test_with_nothing_left_it_waits_for_the_log() -> None:
    at_end = AtEnd(2)
    async with driven(await a_world(), at_end) as (driver, log):
        running = asyncio.create_task(driver.run())
        await log.waiting.wait()
        assert at_end.done == 2
        driver.stop()
        await running
