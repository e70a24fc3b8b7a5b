"""Clients of a real Redis, and stores of states that share no key with another test's."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from redis.asyncio import Redis

from infra.redis.connection import redis_client
from infra.redis.settings import RedisSettings
from infra.state.port import StoreIdentity
from tests.support.world import PROJECTION

_numbers = itertools.count()


def a_log_of_its_own() -> StoreIdentity:
    """A store that shares no key with another test's."""
    return StoreIdentity(f"log-{next(_numbers)}", PROJECTION, "f" * 64, 0)


@asynccontextmanager
async def connected(settings: RedisSettings) -> AsyncIterator[Redis]:
    """A client that tries nothing again; closed in the end."""
    client = redis_client(settings)
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def losing_answers(
    settings: RedisSettings,
) -> AsyncIterator[tuple[RedisSettings, asyncio.Event]]:
    """A way to the server that breaks off, once the event is set, where the next answer would come."""
    to, losing = urlsplit(settings.url), asyncio.Event()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(to.hostname, to.port)
        async with asyncio.TaskGroup() as both:
            both.create_task(_pass_on(reader, server_writer, asyncio.Event()))
            both.create_task(_pass_on(server_reader, writer, losing))

    way = await asyncio.start_server(carry, "127.0.0.1", 0)
    try:
        port = way.sockets[0].getsockname()[1]
        yield RedisSettings(url=f"redis://127.0.0.1:{port}/0"), losing
    finally:
        way.close()
        await way.wait_closed()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event
) -> None:
    while (data := await reader.read(1 << 16)) and not losing.is_set():
        writer.write(data)
        await writer.drain()
    losing.clear()
    writer.close()
