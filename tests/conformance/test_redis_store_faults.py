"""`RedisStateStore` when Redis is killed, emptied, full, or forgets its last second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from redis.asyncio import Redis

from events.values import CustomerId
from infra.state.port import (
    START,
    Commit,
    LeaseLostError,
    Position,
    PositionConflictError,
    Quarantined,
    StateRow,
    StateUnavailableError,
)
from infra.state.redis import RedisStateStore
from infra.state.redis_keys import StateKeys, remove_states
from tests.conformance.stores import STORE
from tests.support.redis_server import RedisServer, redis_in
from tests.support.redis_states import a_log_of_its_own, connected, losing_answers
from tests.support.world import awaited

EVERYBODY = [CustomerId(f"{number:08x}-0000-5000-8000-{number:012x}") for number in range(2_000)]
A = EVERYBODY[0]
T = TypeVar("T")

NOT_SERVED = r"Redis at 127\.0\.0\.1:\d+ does not serve the states holdfast:{.*}: "


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that a test may kill."""
    server = redis_in(tmp_path)
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def opened(server: RedisServer) -> AsyncIterator[RedisStateStore]:
    async with connected(server.settings) as client:
        yield await RedisStateStore.open(client, STORE, "mine")


def position_of(generation: int) -> Position:
    return Position(offset=generation, digest=generation.to_bytes(16)) if generation else START


async def commit_generation(store: RedisStateStore, generation: int) -> None:
    """Change everybody, in every way that a commit can, and say by each which commit it was."""
    data = f"{generation:08d}".encode() * 59
    standing = generation % 2 == 1
    rows = [StateRow(name, data, generation, standing) for name in EVERYBODY]
    if generation % 3 == 0:
        rows = [row._replace(due_day=None) for row in rows]
    quarantined = [Quarantined(CustomerId(f"q{generation:07d}"), generation, "why")]
    commit = Commit(position_of(generation), rows, quarantined)
    await store.commit(position_of(generation - 1), commit)


async def generation_of(store: RedisStateStore) -> int:
    """Which commit all of it is of; fails where half of one is to be seen."""
    generation = max((await store.position()).offset, 0)
    states = await store.load(EVERYBODY)
    assert {int(data[:8]) for data in states.values()} == ({generation} if generation else set())
    assert len(states) == (len(EVERYBODY) if generation else 0)
    due = await store.due(generation, None, 3_000)
    assert len(due) == (0 if generation % 3 == 0 else len(EVERYBODY))
    assert list(await store.due(generation - 1, None, 3_000)) == []
    standing = await store.standing(None, 3_000)
    assert len(standing) == (len(EVERYBODY) if generation % 2 == 1 else 0)
    assert [entry.offset for entry in await store.quarantined()] == list(range(1, generation + 1))
    return generation


@pytest.mark.parametrize("commits", [1, 4, 9])
@awaited
async def test_a_server_killed_amid_commits_has_each_of_them_whole_or_not_at_all(
    own: RedisServer, commits: int
) -> None:
    acknowledged, enough = 0, asyncio.Event()

    async def commit_until_it_is_gone(store: RedisStateStore) -> None:
        nonlocal acknowledged
        while True:
            await commit_generation(store, acknowledged + 1)
            acknowledged += 1
            if acknowledged == commits:
                enough.set()

    async with opened(own) as store:
        committing = asyncio.create_task(commit_until_it_is_gone(store))
        await enough.wait()
        await asyncio.to_thread(own.kill)
        with pytest.raises(StateUnavailableError, match=NOT_SERVED):
            await committing
    own.start()

    async with opened(own) as store:
        assert await generation_of(store) <= acknowledged + 1


@awaited
async def test_a_file_cut_anywhere_holds_whole_commits_and_a_worker_ahead_of_it_is_told(
    own: RedisServer, tmp_path: Path
) -> None:
    sizes = []
    async with opened(own) as store:
        for generation in (1, 2, 3):
            await commit_generation(store, generation)
            sizes.append(written(tmp_path).stat().st_size)
    own.stop()
    whole = written(tmp_path).read_bytes()

    for cut, left in cuts(sizes):
        written(tmp_path).write_bytes(whole[: sizes[2]])
        own.start()
        async with opened(own) as ahead:
            assert await generation_of(ahead) == 3
            own.kill()
            written(tmp_path).write_bytes(whole[:cut])
            own.start()

            with pytest.raises(PositionConflictError, match=r"expected .*offset=3"):
                await once_connected(lambda store=ahead: store.load([A]))
            with pytest.raises(PositionConflictError, match=r"expected .*offset=3"):
                await commit_generation(ahead, 4)
        async with opened(own) as store:
            assert await generation_of(store) == left
        own.stop()


def written(folder: Path) -> Path:
    """The file that every change is appended to."""
    (path,) = folder.glob("appendonlydir/*.incr.aof")
    return path


def cuts(sizes: list[int]) -> list[tuple[int, int]]:
    """Where to cut the file, and which commit is the last whole one before."""
    first, second, third = sizes
    within = [(second + (third - second) * part // 5, 2) for part in (1, 2, 3, 4)]
    return [(first - 1, 0), (first, 1), (second - 1, 1), (second, 2), *within, (third - 1, 2)]


@awaited
async def test_a_worker_outlives_a_restart_that_lost_nothing(own: RedisServer) -> None:
    async with opened(own) as store:
        await commit_generation(store, 1)
        own.kill()
        own.start()

        assert await once_connected(store.position) == position_of(1)
        await commit_generation(store, 2)
        assert await generation_of(store) == 2


async def once_connected(use: Callable[[], Awaitable[T]]) -> T:
    """The first command on a connection that is gone is told so; the next connects."""
    try:
        return await use()
    except StateUnavailableError:
        return await use()


@awaited
async def test_an_emptied_server_has_no_lease_and_begins_at_the_start(own: RedisServer) -> None:
    async with opened(own) as store:
        await commit_generation(store, 1)
        own.kill()
        own.wipe()
        own.start()

        with pytest.raises(LeaseLostError, match="Redis was emptied"):
            await once_connected(store.position)
        with pytest.raises(LeaseLostError, match="Redis was emptied"):
            await store.load([A])
        with pytest.raises(LeaseLostError, match="Redis was emptied"):
            await commit_generation(store, 2)

    async with opened(own) as store:
        assert await store.position() == START
        assert await generation_of(store) == 0


Use = Callable[[RedisStateStore], Awaitable[object]]
USES: dict[str, Use] = {
    "position": lambda store: store.position(),
    "load": lambda store: store.load([A]),
    "due": lambda store: store.due(1, None, 10),
    "standing": lambda store: store.standing(None, 10),
    "quarantined": lambda store: store.quarantined(),
    "commit": lambda store: commit_generation(store, 1),
}


@awaited
async def test_a_server_that_is_gone_is_said_by_every_use_but_closing(own: RedisServer) -> None:
    async with opened(own) as store:
        own.kill()

        for use in USES.values():
            with pytest.raises(StateUnavailableError, match=f"{NOT_SERVED}.*is it up"):
                await use(store)
        await store.close()
        with pytest.raises(StateUnavailableError, match=f"{NOT_SERVED}.*is it up"):
            async with opened(own):
                pass
        async with connected(own.settings) as client:
            with pytest.raises(StateUnavailableError, match=NOT_SERVED):
                await remove_states(client, StateKeys.of(STORE))


@awaited
async def test_a_full_server_is_said_and_has_nothing_of_the_commit(own: RedisServer) -> None:
    async with opened(own) as store, connected(own.settings) as admin:
        await commit_generation(store, 1)
        await admin.config_set("maxmemory", "1mb")

        with pytest.raises(StateUnavailableError, match="give it more memory"):
            await commit_generation(store, 2)
        await admin.config_set("maxmemory", "0")

        assert await generation_of(store) == 1
        await commit_generation(store, 2)


@awaited
async def test_a_replica_and_a_missing_right_are_said(own: RedisServer) -> None:
    async with opened(own) as store, connected(own.settings) as admin:
        await admin.replicaof("127.0.0.1", str(own.port))
        with pytest.raises(StateUnavailableError, match="set HOLDFAST_REDIS_URL to the primary"):
            await commit_generation(store, 1)
        await admin.replicaof("NO", "ONE")

        await forbid(admin, "evalsha", "eval")
        with pytest.raises(StateUnavailableError, match="set HOLDFAST_REDIS_USER"):
            await commit_generation(store, 1)


async def forbid(admin: Redis, *commands: str) -> None:
    await admin.acl_setuser("default", commands=[f"-{command}" for command in commands])


@awaited
async def test_a_commit_whose_answer_was_lost_stands_and_the_position_tells(
    redis_server: RedisServer,
) -> None:
    async with losing_answers(redis_server.settings) as (way, losing), connected(way) as client:
        store = await RedisStateStore.open(client, a_log_of_its_own(), "mine")
        await commit_generation(store, 1)
        losing.set()

        with pytest.raises(StateUnavailableError):
            await commit_generation(store, 2)
        with pytest.raises(PositionConflictError):
            await store.load([A])

        assert await store.position() == position_of(2)
        assert await generation_of(store) == 2
