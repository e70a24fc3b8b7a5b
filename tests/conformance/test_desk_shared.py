"""One desk in PostgreSQL, worked on by two processes' worth of desks at once: as if by one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from events.marks import Emission
from events.signals import StandingEnded
from infra.desk.checking import DeskCheck
from infra.desk.reading import InboxQuery
from infra.log.records import OutputRecord
from tests.support.desks import DeskWorld, OpenStore, desk_world, in_postgres, placed
from tests.support.postgres_server import PostgresServer

ROUNDS, CUSTOMERS = 6, 6


@asynccontextmanager
async def two(open_store: OpenStore) -> AsyncIterator[tuple[DeskWorld, DeskWorld]]:
    """Two desks on one store, each of which takes one of two partitions."""
    async with (
        desk_world(open_store, partitions=2) as one,
        desk_world(open_store, partitions=2, team=False) as other,
    ):
        yield one, other


async def sound(world: DeskWorld) -> None:
    found: list[str] = []
    await world.desk.run(
        lambda store: DeskCheck(store, lambda row, what: found.append(f"{row}: {what}")).run()
    )
    assert found == []


def test_accounts_with_customers_in_both_partitions_have_one_task_and_all_evidence(
    postgres_server: PostgresServer,
) -> None:
    async def check() -> None:
        async with two(in_postgres(postgres_server)) as (one, other):
            for number in range(CUSTOMERS):
                account = placed(0, f"ACC-{number}")
                await asyncio.gather(
                    one.hear(one.raised(2 * number, account), partition=0),
                    other.hear(other.raised(2 * number + 1, account), partition=1),
                )

            tasks = (await one.reader.inbox(InboxQuery())).tasks
            assert sorted(task.account for task in tasks) == [
                f"ACC-{number}" for number in range(CUSTOMERS)
            ]
            assert {len(task.standing) for task in tasks} == {2}
            await sound(one)

    asyncio.run(check())


def test_what_clears_while_a_pass_is_made_never_keeps_a_task(
    postgres_server: PostgresServer,
) -> None:
    async def one_round(number: int) -> None:
        async with two(in_postgres(postgres_server)) as (one, other):
            standing = [one.standing(each) for each in range(CUSTOMERS)]
            await one.hear(*standing, partition=0, emission=Emission.LIVE)
            ended = [one.record(StandingEnded(0, CUSTOMERS), 0)]
            cleared = [one.record(one.cleared(each), 0) for each in range(CUSTOMERS)]
            barrier = [other.record(StandingEnded(1, 0), 1)]
            await one.desk.take(ended)

            await asyncio.gather(_after(number, one.desk.take(cleared)), other.desk.take(barrier))

            open_tasks = (await one.reader.inbox(InboxQuery())).tasks
            assert open_tasks == (), "its last customer recovered"
            await sound(one)

    async def check() -> None:
        for number in range(ROUNDS):
            await one_round(number)

    asyncio.run(check())


async def _after(number: int, taking: object) -> None:
    await asyncio.sleep(number * 0.004)
    await taking


def test_a_partition_that_two_take_at_once_is_decided_on_once(
    postgres_server: PostgresServer,
) -> None:
    async def check() -> None:
        async with two(in_postgres(postgres_server)) as (one, other):
            records: list[OutputRecord] = [
                one.record(one.raised(number)) for number in range(CUSTOMERS * 4)
            ]

            await asyncio.gather(one.desk.take(records), other.desk.take(records[: CUSTOMERS * 2]))

            ((judged,),) = await one.reader.fetch("SELECT count(*) FROM desk_judgements")
            ((tasks,),) = await one.reader.fetch("SELECT count(*) FROM desk_tasks")
            assert (judged, tasks) == (CUSTOMERS * 4, CUSTOMERS * 4)
            await sound(one)

    asyncio.run(check())
