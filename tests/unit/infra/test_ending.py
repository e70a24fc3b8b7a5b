"""Tasks that miss a cancel end all the same, and whoever relies on that does not hang."""

import asyncio
from collections.abc import Callable

import pytest

from events.control import ClockMode
from infra import ending
from infra.ending import ended
from infra.log.head import LogHead
from infra.log.kafka_voice import FirstVoice
from infra.redis.connection import open_redis
from infra.stream.handover import HandedOverError, Handover
from tests.support.given import LOG
from tests.support.redis_server import RedisServer
from tests.support.world import awaited

Swallow = Callable[[], None]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "SECONDS_BETWEEN_CANCELS", 0.01)


class Deaf:
    """Goes on for ever, and misses the first cancels."""

    def __init__(self, cancels: int) -> None:
        self.missed = 0
        self._cancels = cancels

    async def run(self) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if self.missed == self._cancels:
                    raise
                self.missed += 1


@awaited
async def test_who_misses_a_cancel_is_cancelled_again() -> None:
    deaf = [Deaf(0), Deaf(1), Deaf(3)]
    tasks = [asyncio.create_task(one.run()) for one in deaf]
    await asyncio.sleep(0)

    await ended(*tasks)

    assert all(task.cancelled() for task in tasks)
    assert [one.missed for one in deaf] == [0, 1, 3]


@awaited
async def test_what_has_ended_keeps_what_came_of_it() -> None:
    async def fail() -> None:
        raise ValueError("on purpose")

    failed = asyncio.create_task(fail())
    done = asyncio.ensure_future(asyncio.sleep(0, "done"))
    await asyncio.wait({failed, done})

    await ended(failed, done)

    assert str(failed.exception()) == "on purpose"
    assert done.result() == "done"
    await ended()


@awaited
async def test_a_hand_over_comes_about_although_the_waiting_missed_it() -> None:
    handover = Handover()
    deaf = Deaf(2)
    waiting = asyncio.create_task(handover.unless_asked(deaf.run()))
    await asyncio.sleep(0)

    handover.ask()

    with pytest.raises(HandedOverError):
        await waiting
    assert deaf.missed == 2


class DeafTail:
    """A tail of control whose reader misses the first cancels."""

    next_offset = 1

    def __init__(self) -> None:
        self.head = LogHead(LOG, clock_mode=ClockMode.LOG)
        self.deaf = Deaf(2)

    async def passed(self, offset: int) -> None:
        await self.deaf.run()


@awaited
async def test_the_writer_closes_although_its_follower_missed_that() -> None:
    tail = DeafTail()
    voice = FirstVoice(None, tail)  # type: ignore[arg-type]  # it writes only once there is a projection
    await asyncio.sleep(0)

    await voice.close()

    assert tail.deaf.missed == 2


@awaited
async def test_loops_that_talk_to_redis_end_whenever_they_are_told(
    redis_server: RedisServer,
) -> None:
    client = await open_redis(redis_server.settings)

    async def ask_for_ever() -> None:
        while True:
            await client.ping()

    try:
        for moment in range(100):
            task = asyncio.create_task(ask_for_ever())
            for _ in range(moment):
                await asyncio.sleep(0)
            await ended(task)
            assert task.cancelled()
    finally:
        await client.aclose()
