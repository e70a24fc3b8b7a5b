"""The inbox of the desk on each of its stores, page by page."""

import asyncio
from pathlib import Path

import msgspec

from domain.retention.task import TaskState
from events.task_values import TaskId
from infra.desk.reading import InboxQuery, inbox_sql
from tests.support.desks import (
    ANN,
    OpenStore,
    customer,
    desk_world,
    in_sqlite,
)


def test_the_inbox_comes_in_pages_and_is_searched(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(*[world.raised(n, stake=n * 50_000) for n in range(1, 8)])
            seen: list[TaskId] = []
            query = InboxQuery(limit=3)
            while True:
                page = await world.reader.inbox(query)
                seen += [task.task_id for task in page.tasks]
                if page.next is None:
                    break
                query = msgspec.structs.replace(query, after=page.next)
            everything = (await world.reader.inbox(InboxQuery())).tasks
            found = await world.reader.inbox(InboxQuery(search=customer(5)))
            counts = await world.reader.counts()
            offered = InboxQuery(manager=ANN, states=(TaskState.OFFERED, TaskState.CLOSED), limit=2)
            page = await world.reader.inbox(offered)

            assert [task.manager for task in page.tasks] == [ANN, ANN]
            assert page.next is not None
            assert seen == [task.task_id for task in everything]
            assert [task.priority.value for task in everything] == sorted(
                (task.priority.value for task in everything), reverse=True
            )
            assert [task.customers for task in found.tasks] == [(customer(5),)]
            assert counts.tasks == {"offered": 6, "queued": 1}
            assert counts.verdicts == {"opened": 7}

    asyncio.run(check())


def test_a_page_of_the_inbox_sorts_no_more_than_pages(tmp_path: Path) -> None:
    store = in_sqlite(tmp_path)()
    try:
        for query in (InboxQuery(), InboxQuery(manager=ANN), InboxQuery(after=(1, 2, "3"))):
            sql, values = inbox_sql(query)
            plan = [str(row[3]) for row in store.fetch(f"EXPLAIN QUERY PLAN {sql}", values)]

            reads = [place for place, line in enumerate(plan) if "desk_tasks" in line]
            assert len(reads) == 4
            for place in reads:
                assert "SEARCH desk_tasks USING COVERING INDEX" in plan[place]
                assert plan[place + 1].startswith("SCAN"), "what is read is in order already"
    finally:
        store.close()
