"""Models that another process decides: waited for as long as it takes, and loudly where it takes long."""

import asyncio

import pytest
import structlog

from domain.detection.day_model import START
from events.calendar import date_of
from events.control import ModelDecided
from infra.log.head import LogHead
from infra.stream.awaited import AwaitedModels, Overdue
from infra.stream.handover import HandedOverError, Handover, InterruptibleModels
from tests.support.given import DAY, order
from tests.support.world import PROJECTION, World, awaited

SECOND = 1_000_000


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0

    def now(self) -> int:
        return self.at


class Followed:
    """A log in memory, of which is said when there is more."""

    def __init__(self, world: World) -> None:
        self.log = world.log
        self.waiting = asyncio.Event()
        self._more = asyncio.Event()

    @property
    def head(self) -> LogHead | None:
        return self.log.head

    async def wait_for_more(self) -> None:
        self.waiting.set()
        await self._more.wait()
        self._more.clear()

    async def tell(self) -> None:
        """A moment passed, or more came; return once it is waited for again."""
        self.waiting.clear()
        self._more.set()
        await self.waiting.wait()

    async def decide(self, day: int) -> None:
        await self.log.decide_model(ModelDecided(PROJECTION, date_of(day)))
        self._more.set()


async def a_followed() -> Followed:
    world = await World().create((ModelDecided(PROJECTION, date_of(DAY)),))
    await world.append([order("anna", DAY)])
    return Followed(world)


def models_of(followed: Followed, clock: Hand, told: list[Overdue | None]) -> AwaitedModels:
    return AwaitedModels(PROJECTION, followed, clock, told.append, seconds=60)


@awaited
async def test_a_decided_day_is_not_waited_for() -> None:
    followed, told = await a_followed(), list[Overdue | None]()

    assert await models_of(followed, Hand(), told).of(DAY) is START
    assert not followed.waiting.is_set()


@awaited
async def test_a_day_is_waited_for_until_it_is_decided() -> None:
    followed, told = await a_followed(), list[Overdue | None]()
    waiting = asyncio.create_task(models_of(followed, Hand(), told).of(DAY + 1))
    await followed.waiting.wait()
    await followed.tell()
    assert not waiting.done()

    await followed.decide(DAY + 1)

    assert await waiting is START
    assert told == []


@awaited
async def test_past_the_deadline_it_says_so_again_and_again_and_goes_on_when_it_is_decided() -> (
    None
):
    followed, told, clock = await a_followed(), list[Overdue | None](), Hand()
    models = models_of(followed, clock, told)
    with structlog.testing.capture_logs() as logs:
        waiting = asyncio.create_task(models.of(DAY + 1))
        await followed.waiting.wait()
        for seconds in (59, 61, 119, 122):
            clock.at = seconds * SECOND
            await followed.tell()
        assert told == [Overdue(DAY + 1, 0)] * 2

        await followed.decide(DAY + 1)
        await waiting

    assert told[-1] is None
    errors = [line for line in logs if line["log_level"] == "error"]
    assert [line["seconds"] for line in errors] == [61, 122]
    assert errors[0]["day"] == "2011-01-27"


@awaited
async def test_a_hand_over_ends_the_waiting() -> None:
    followed, told = await a_followed(), list[Overdue | None]()
    handover = Handover()
    models = InterruptibleModels(models_of(followed, Hand(), told), handover)
    waiting = asyncio.create_task(models.of(DAY + 1))
    await followed.waiting.wait()

    handover.ask()

    with pytest.raises(HandedOverError):
        await waiting
