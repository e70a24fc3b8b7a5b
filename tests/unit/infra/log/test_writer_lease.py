"""Turns at writing: one at a time, given back or run out, and asked for by who is in a hurry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count, zip_longest

import pytest

from infra.log.port import LogUnavailableError
from infra.log.writer_lease import WriterLease
from infra.redis.connection import redis_client
from infra.redis.settings import RedisSettings
from tests.support.redis_server import RedisServer
from tests.support.world import awaited

_names = count()
SHORT = 0.03


@asynccontextmanager
async def leases(redis: RedisServer, *seconds: float) -> AsyncIterator[list[WriterLease]]:
    """Three processes that want to write one log, and how long each keeps a turn: a minute."""
    client = redis_client(redis.settings)
    name = f"leases-{next(_names)}."
    try:
        kept = zip_longest(("one", "two", "three"), seconds, fillvalue=60)
        yield [WriterLease(client, name, str(nonce), float(long)) for nonce, long in kept]
    finally:
        await client.aclose()


@awaited
async def test_one_has_the_turn_and_the_others_wait(redis_server: RedisServer) -> None:
    async with leases(redis_server) as (one, two, _):
        assert await one.take()
        assert not await two.take()

        assert await two.holder() == "one"
        assert await one.take(), "whose turn it is may take it again"


@awaited
async def test_a_turn_that_is_given_back_is_the_next_ones(redis_server: RedisServer) -> None:
    async with leases(redis_server) as (one, two, _):
        await one.take()
        await two.give_back()
        assert await one.renew(), "nobody gives back what is another's"

        await one.give_back()

        assert await two.take()
        assert not await one.renew()


@awaited
async def test_a_turn_runs_out_where_it_is_not_renewed(redis_server: RedisServer) -> None:
    async with leases(redis_server, SHORT) as (one, two, _):
        await one.take()
        while not await two.take():
            pass

        assert not await one.renew()
        assert await one.holder() == "two"


@awaited
async def test_who_asks_is_seen_by_whose_turn_it_is_and_comes_next(
    redis_server: RedisServer,
) -> None:
    async with leases(redis_server) as (one, two, three):
        await one.take()
        assert not await one.is_wanted()

        assert await three.ask()

        assert await one.is_wanted()
        assert not await three.is_wanted(), "its own wish is none of another's"
        assert not await two.ask()
        await one.give_back()
        assert not await two.take()
        assert not await one.take()
        assert await three.take()


@awaited
async def test_after_a_turn_that_was_asked_for_all_are_alike_again(
    redis_server: RedisServer,
) -> None:
    async with leases(redis_server) as (one, two, _):
        await two.ask()
        await two.take()
        await two.give_back()

        assert not await one.is_wanted()
        assert await one.take()


@awaited
async def test_a_wish_is_forgotten_with_who_had_it(redis_server: RedisServer) -> None:
    async with leases(redis_server, 60, SHORT) as (one, two, _):
        await two.ask()
        while not await one.take():
            pass

        assert await one.holder() == "one"


@awaited
async def test_without_redis_nobody_has_a_turn() -> None:
    client = redis_client(RedisSettings(url="redis://127.0.0.1:1/0"))
    try:
        with pytest.raises(LogUnavailableError, match="Redis does not answer"):
            await WriterLease(client, "", "one").take()
    finally:
        await client.aclose()
