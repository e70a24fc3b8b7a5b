"""Who is due comes from a list that is kept between two chunks; it is as if Redis were asked anew."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import settings as how_many
from hypothesis import strategies as some

from events.values import CustomerId
from infra.state.memory import MemoryStateStore
from infra.state.port import Commit, Position, StateRow, StateStore
from infra.state.redis import RedisStateStore
from infra.state.redis_due import DueList
from tests.support.given import DAY
from tests.support.redis_server import RedisServer
from tests.support.redis_states import a_log_of_its_own, connected
from tests.support.world import awaited

IDS = [CustomerId(name) for name in ("", "A", "B", "a", "b", "ba", "bb", "ß", "日", "😀")]

changed = some.lists(
    some.builds(
        StateRow,
        some.sampled_from(IDS[1:]),
        some.binary(max_size=2),
        some.none() | some.integers(DAY - 2, DAY + 2),
        some.booleans(),
    ),
    max_size=4,
)
asked = some.tuples(
    some.integers(DAY - 1, DAY + 1), some.none() | some.sampled_from(IDS), some.integers(1, 3)
)
going_on = some.integers(1, 3)


async def answers(store: StateStore, steps: Sequence[object]) -> list[object]:
    """What a store answers to questions, to their going on above the last one, and after commits."""
    said: list[object] = []
    position, day, after = await store.position(), DAY, None
    for step in steps:
        match step:
            case list(rows):
                following = Position(offset=position.offset + 1)
                await store.commit(position, Commit(following, rows))
                position = following
                continue
            case (day, after, limit):
                pass
            case int(limit):
                pass
        found = list(await store.due(day, after, limit))
        after = found[-1][0] if found else after
        said.append((found, list(await store.standing(after, limit))))
    return said


@how_many(max_examples=150)
@given(steps=some.lists(changed | asked | going_on, max_size=25))
def test_chunks_are_those_of_a_store_that_keeps_no_list(
    redis_server: RedisServer, steps: list[object]
) -> None:
    async def scenario() -> None:
        async with connected(redis_server.settings) as client:
            store = await RedisStateStore.open(client, a_log_of_its_own(), "mine")
            assert await answers(store, steps) == await answers(MemoryStateStore(), steps)

    asyncio.run(scenario())


@awaited
async def test_a_day_is_read_once_however_many_chunks_it_has(redis_server: RedisServer) -> None:
    ids = [CustomerId(f"{number:04}") for number in range(100)]
    async with connected(redis_server.settings) as client:
        store = await RedisStateStore.open(client, a_log_of_its_own(), "mine")
        position = Position(offset=1)
        rows = [StateRow(name, b"x", DAY, standing=False) for name in ids]
        await store.commit(await store.position(), Commit(position, rows))
        await client.config_resetstat()

        after, seen = None, []
        while chunk := await store.due(DAY, after, 7):
            after = chunk[-1][0]
            seen += [name for name, _ in chunk]
            stepped = [StateRow(name, b"y", DAY + 7, standing=True) for name, _ in chunk]
            following = Position(1, after)
            await store.commit(position, Commit(following, stepped))
            position = following

        counted = await client.info("commandstats")
        assert seen == ids
        assert counted["cmdstat_zrangebyscore"]["calls"] == 1


@pytest.mark.parametrize(
    ("changed", "stands"),
    [("a", True), ("b", True), ("c", False), ("z", False)],
    ids=["handed out", "the last handed out", "waiting", "not due until now"],
)
def test_a_commit_about_those_who_wait_makes_a_list_useless(changed: str, stands: bool) -> None:
    _, waiting = DueList.of(DAY, [b"c", b"b", b"a"], None).next(2)

    row = StateRow(CustomerId(changed), b"x", DAY, standing=False)

    assert waiting.stands([row]) is stands
