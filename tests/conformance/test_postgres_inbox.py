"""The inbox in PostgreSQL: shared by several consoles, made anew when told, and found again."""

import asyncio
import os
from collections import Counter
from contextlib import AsyncExitStack

import psycopg
import pytest

from events.task_values import TaskId
from infra.inbox.port import InboxMovedError, Way
from infra.inbox.postgres import OtherInboxError, postgres_inbox
from infra.inbox.sql import SqlInbox
from infra.postgres.settings import PostgresSettings
from tests.conformance.test_inbox import following, raised, story
from tests.support.postgres_server import PostgresServer

EVENTS = story(
    [(n % 5, 0, [("accepted", "m"), ("noted", "n"), ("closed", "m")]) for n in range(40)]
)


def tables(server: PostgresServer, name: str) -> PostgresSettings:
    return server.settings(f"inbox_{name}_{os.getpid()}")


async def take_all(inbox: SqlInbox) -> int:
    """Follow as a console does; return how often another one was faster."""
    beaten = 0
    while True:
        since = await inbox.positions()
        at = since.get(0, -1) + 1
        if at >= len(EVENTS):
            return beaten
        piece = EVENTS[at : at + 3]
        try:
            await inbox.apply(piece, Way(since, {0: at + len(piece) - 1}), {})
        except InboxMovedError:
            beaten += 1


def test_three_consoles_that_follow_at_once_take_every_event_in_once(
    postgres_server: PostgresServer,
) -> None:
    async def check() -> None:
        settings = tables(postgres_server, "shared")
        async with AsyncExitStack() as opened:
            inboxes = [postgres_inbox(settings, "log-1") for _ in range(3)]
            for inbox in inboxes:
                opened.push_async_callback(inbox.close)

            beaten = await asyncio.gather(*map(take_all, inboxes))

            assert sum(beaten) > 0
            states = Counter(
                {(one.manager, one.state.value): one.number for one in await inboxes[0].counts()}
            )
            assert +states == {("m", "closed"): 40}

    asyncio.run(check())


def test_a_connection_that_was_broken_off_is_made_again(postgres_server: PostgresServer) -> None:
    async def check() -> None:
        settings = tables(postgres_server, "broken")
        inbox = postgres_inbox(settings, "log-1")
        await inbox.apply([raised(1)], Way(), {})
        with psycopg.connect(settings.conninfo, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND query LIKE '%console_%'"
            )

        await inbox.apply([following(1, 2, "noted", "m")], Way(), {})
        row = await inbox.row(TaskId("task-001"))
        assert row is not None
        assert row.task.version == 2
        await inbox.close()

    asyncio.run(check())


def test_tables_of_another_log_are_refused_until_they_are_made_anew(
    postgres_server: PostgresServer,
) -> None:
    async def check() -> None:
        settings = tables(postgres_server, "other")
        first = postgres_inbox(settings, "log-1")
        tick = await first.apply([raised(1)], Way({}, {0: 4}), {})
        with pytest.raises(OtherInboxError, match=r"log-1 .* this is log log-2 .* --anew"):
            postgres_inbox(settings, "log-2")

        second = postgres_inbox(settings, "log-2", anew=True)
        assert await second.positions() == {}
        assert await second.counts() == []
        assert await second.tick() == tick  # what open pages have seen is not given again
        with pytest.raises(InboxMovedError):
            await first.apply([raised(2)], Way({0: 4}, {0: 5}), {})
        await first.close()
        await second.close()

    asyncio.run(check())
