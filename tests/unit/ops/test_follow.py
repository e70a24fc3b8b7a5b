"""Looking on while records are written: each one once, in order, none left out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from events.catalogue import CONTROL, DEAD_LETTERS, FACTS, PROFILES
from events.values import CustomerId
from infra.archive.port import FactArchive
from infra.folder import DataFolder
from infra.log.records import DeadLetter
from infra.log.sqlite import SqliteLog
from services.ops.reading import open_reading
from services.ops.tail import UnknownTopicError, follow
from tests.unit.ops.folders import WRITTEN, id_of, order, regular, write


class Enough(Exception):  # noqa: N818 - it ends a test's looking on, nothing is wrong
    """There is nothing more to wait for."""


Step = Callable[[], Awaitable[object]]


async def followed(
    folder: DataFolder, topic: str, last: int, steps: list[Step], customer: CustomerId | None = None
) -> list[str]:
    """The ids that are seen, when at each wait the next step happens; "|" where one waited."""
    seen: list[str] = []
    ahead = iter(steps)

    async def wait() -> None:
        seen.append("|")
        step = next(ahead, None)
        if step is None:
            raise Enough
        await step()

    @asynccontextmanager
    async def archive() -> AsyncIterator[FactArchive]:
        async with open_reading(folder) as reading:
            yield reading.archive

    async with aclosing(follow(archive, wait, topic, customer, last)) as records:
        try:
            async for record in records:
                seen += [record.id]
        except Enough:
            return seen
    raise AssertionError("the records came to an end by themselves")


def test_new_records_follow_the_last_ones(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        folder = await write(tmp_path, [order("A", 0), order("A", 0, 1)])
        return await followed(
            folder,
            FACTS,
            1,
            [
                lambda: write(tmp_path, [order("A", 0, 2), order("A", 0, 3)]),
                lambda: write(tmp_path, [order("A", 0, 4)]),
            ],
        )

    assert asyncio.run(scenario()) == [
        "order-A-0-1",
        "|",
        "order-A-0-2",
        "order-A-0-3",
        "|",
        "order-A-0-4",
        "|",
    ]


def test_where_nothing_is_written_nothing_is_seen(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        folder = await write(tmp_path, [order("A", 0)])
        return await followed(folder, FACTS, 0, [lambda: asyncio.sleep(0)] * 2)

    assert asyncio.run(scenario()) == ["|", "|", "|"]


def test_another_customers_records_are_passed_over(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        folder = await write(tmp_path, [order("A", 0)])
        return await followed(
            folder,
            FACTS,
            5,
            [lambda: write(tmp_path, [order("B", 0), order("A", 0, 7), order("B", 0, 8)])],
            id_of("A"),
        )

    assert asyncio.run(scenario()) == ["order-A-0-10000", "|", "order-A-0-7", "|"]


def test_more_than_a_window_at_once_is_seen_whole(tmp_path: Path) -> None:
    many = [order("A", 0, pence) for pence in range(1, 901)]

    async def scenario() -> list[str]:
        folder = await write(tmp_path, [order("A", 0)])
        return await followed(folder, FACTS, 0, [lambda: write(tmp_path, many)])

    assert asyncio.run(scenario()) == ["|", *[fact.id for fact in many], "|"]


def test_the_first_records_of_an_empty_topic_are_seen(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        folder = await write(tmp_path, [])
        return await followed(folder, PROFILES, 10, [lambda: write(tmp_path, regular("A"), 155)])

    seen = asyncio.run(scenario())

    assert seen[0] == seen[-1] == "|"
    assert len(seen) >= 3
    assert seen[1:-1] == sorted(set(seen[1:-1]))


def test_dead_letters_are_followed_too(tmp_path: Path) -> None:
    def letter(name: str, received: int) -> DeadLetter:
        return DeadLetter(name, "shop", "invalid", "what", "$", "mend", received, b"{}")

    async def bury(*letters: DeadLetter) -> None:
        async def work(log: SqliteLog) -> None:
            await log.bury(letters)

        await write(tmp_path, [], work=work)

    async def scenario() -> list[str]:
        await bury(letter("m", WRITTEN))
        return await followed(
            DataFolder(tmp_path),
            DEAD_LETTERS,
            10,
            # of the same moment, and before and after it in the order of ids
            [lambda: bury(letter("z", WRITTEN), letter("a", WRITTEN)), bury],
        )

    seen = asyncio.run(scenario())

    assert seen[:2] == ["m", "|"]
    assert set(seen[2:4]) == {"a", "z"}
    assert seen[4:] == ["|", "|"]


def test_days_that_open_are_seen_in_control(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        folder = await write(tmp_path, [order("A", 0)])
        return await followed(folder, CONTROL, 0, [lambda: write(tmp_path, [], 2)])

    assert len(asyncio.run(scenario())) == 4


def test_an_unknown_topic_is_refused_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        folder = await write(tmp_path, [])
        await followed(folder, "crm.nothing", 1, [])

    with pytest.raises(UnknownTopicError):
        asyncio.run(scenario())
