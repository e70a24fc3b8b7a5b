"""The ledger in Redis: what it keeps, for how long, and that it never answers for another state."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import pytest

from infra.log.feeds import Arrival
from infra.log.port import LogUnavailableError
from infra.log.redis_ledger import (
    ImportProgress,
    LedgerChange,
    LedgerMovedError,
    LedgerState,
    RedisLedger,
)
from infra.redis.connection import redis_client
from infra.redis.settings import RedisSettings
from tests.support.redis_server import RedisServer
from tests.support.world import awaited

_logs = count()
A, B, C = (bytes([number]) * 16 for number in (0, 1, 255))
BODY = bytes(range(16))


@asynccontextmanager
async def ledgers(redis: RedisServer) -> AsyncIterator[tuple[RedisLedger, RedisLedger]]:
    """Two processes' ledgers of one log."""
    client, log_id = redis_client(redis.settings), f"ledger-{next(_logs)}"
    one, two = RedisLedger(client), RedisLedger(client, horizon_days=1)
    one.bind(log_id)
    two.bind(log_id)
    try:
        yield one, two
    finally:
        await client.aclose()


@awaited
async def test_a_new_ledger_is_empty_and_belongs_to_who_takes_it(redis_server: RedisServer) -> None:
    async with ledgers(redis_server) as (one, _):
        assert await one.owner() is None

        assert await one.take("one") == LedgerState()

        assert await one.owner() == "one"
        assert await one.claimed([A, B]) == {}


@awaited
async def test_all_of_a_change_is_there_for_the_next_who_takes_it(
    redis_server: RedisServer,
) -> None:
    async with ledgers(redis_server) as (one, two):
        await one.take("one")
        state = LedgerState(
            {0: 7, 63: 9}, 5, ImportProgress("i:1", 4, 100), frozenset({Arrival("data", 3)})
        )
        await one.commit(
            LedgerChange(
                [(A, BODY), (C, BODY[::-1])],
                {0: 7, 63: 9},
                5,
                state.progress,
                state.arrivals,
                {("s", "w"): 2},
            )
        )

        assert await two.take("two") == state
        assert await two.claimed([A, B, C]) == {A: BODY, C: BODY[::-1]}
        assert await two.tallies() == {("s", "w"): 2}


@awaited
async def test_what_a_change_does_not_speak_of_stays(redis_server: RedisServer) -> None:
    async with ledgers(redis_server) as (one, _):
        await one.take("one")
        await one.commit(LedgerChange([(A, BODY)], {0: 7}, 5))
        await one.commit(LedgerChange(arrivals=frozenset(), tallies={("s", "w"): 1}))
        await one.count({("s", "w"): 2, ("t", "w"): 1})

        assert await one.take("one") == LedgerState({0: 7}, 5)
        assert await one.tallies() == {("s", "w"): 3, ("t", "w"): 1}


@awaited
async def test_who_lost_it_neither_writes_nor_reads_it(redis_server: RedisServer) -> None:
    async with ledgers(redis_server) as (one, two):
        await one.take("one")
        await two.take("two")

        with pytest.raises(LedgerMovedError, match="another writer"):
            await one.commit(LedgerChange([(A, BODY)]))
        with pytest.raises(LedgerMovedError):
            await one.claimed([A])
        assert await two.claimed([A]) == {}


@awaited
async def test_more_claims_than_a_script_takes_are_all_found(redis_server: RedisServer) -> None:
    many = [number.to_bytes(16, "big") for number in range(9_000)]
    async with ledgers(redis_server) as (one, _):
        await one.take("one")
        await one.commit(LedgerChange([(claim, BODY) for claim in many[::2]]))

        assert await one.claimed(many) == dict.fromkeys(many[::2], BODY)


@awaited
async def test_claims_go_when_their_horizon_is_over(redis_server: RedisServer) -> None:
    async with ledgers(redis_server) as (_, two):
        await two.take("two")
        await two.commit(LedgerChange([(A, BODY)]))

        (key,) = [key async for key in two._client.scan_iter(f"{two._key('claim:')}*")]
        assert 86_390 < await two._client.ttl(key) <= 86_400
        assert two.horizon_ms == 86_400_000


@awaited
async def test_without_redis_it_says_so() -> None:
    client = redis_client(RedisSettings(url="redis://127.0.0.1:1/0"))
    try:
        with pytest.raises(LogUnavailableError, match="Redis does not answer"):
            await RedisLedger(client).take("one")
    finally:
        await client.aclose()


def test_a_change_is_empty_where_nothing_changes() -> None:
    assert LedgerChange().is_empty
    assert LedgerChange([], {}, tallies={}).is_empty
    assert not LedgerChange(arrivals=frozenset()).is_empty
    assert not LedgerChange(positions={0: 0}).is_empty
