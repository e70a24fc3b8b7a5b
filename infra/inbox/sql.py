"""`Inbox` on a database that speaks SQL. Everything that a process asks runs on one thread, in order."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from domain.retention.task import RetentionTask, TaskState
from events.task_values import TaskId
from events.tasks import TaskEvent
from events.values import CustomerId
from infra.inbox import tables
from infra.inbox.changes import Changes, positions_in, read_row
from infra.inbox.port import (
    Cursor,
    Database,
    InboxCount,
    InboxPage,
    InboxQuery,
    InboxRow,
    Seen,
    Value,
    Way,
)

T = TypeVar("T")

END = "\U0010ffff"
"""Behind everything that begins alike."""


class SqlInbox:
    """The inbox. Whoever writes to its database does so one at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbox")

    async def apply(
        self, events: Sequence[TaskEvent], way: Way, labels: Mapping[CustomerId, str]
    ) -> int:
        """Take events in, in order, in one transaction with how far they were read."""

        def changed(changes: Changes) -> None:
            changes.go(way)
            for event in events:
                changes.take(event)

        return await self._run(lambda: self._change(changed, labels))

    async def put(self, task: RetentionTask) -> None:
        """Keep what a command made of a task, unless something newer stands."""
        await self._run(lambda: self._change(lambda changes: changes.keep(task), {}))

    async def nameless(self, limit: int) -> Sequence[InboxRow]:
        """Return tasks of which it was not known what their customer is called."""
        found = await self._fetch(f"{tables.ROW} WHERE label = '' LIMIT ?", (limit,))
        return [read_row(row) for row in found]

    async def name(self, labels: Mapping[TaskId, str]) -> None:
        """Keep what the customers of nameless tasks are called."""
        await self._run(lambda: self._name(labels))

    async def positions(self) -> Mapping[int, int]:
        """Return the last position that was taken of each partition."""
        return await self._run(lambda: positions_in(self._database))

    async def page(self, query: InboxQuery) -> InboxPage:
        """Return a page of rows."""
        return await self._run(lambda: self._page(query))

    async def news(self, query: InboxQuery, since: int) -> int:
        """Return how many rows of a query came there after a tick."""
        where, values = _conditions(query)
        sql = f"SELECT count(*) FROM console_tasks t WHERE {where} AND entered > ?"
        ((number,),) = await self._fetch(sql, (*values, since))
        return int(number or 0)

    async def changed(self, since: Seen, limit: int) -> Sequence[InboxRow]:
        """Return rows that changed after what was seen last, the first changed first."""
        sql = f"""{tables.ROW} WHERE (changed, task_id) > (?, ?)
        ORDER BY changed, task_id LIMIT ?"""
        return [read_row(row) for row in await self._fetch(sql, (*since, limit))]

    async def row(self, task_id: TaskId) -> InboxRow | None:
        """Return a task."""
        found = await self._fetch(f"{tables.ROW} WHERE task_id = ?", (task_id,))
        return read_row(found[0]) if found else None

    async def of_customer(self, customer_id: CustomerId) -> Sequence[InboxRow]:
        """Return every task that a customer ever stood behind, the newest first."""
        behind = "SELECT task_id FROM console_task_customers WHERE customer_id = ?"
        found = await self._fetch(f"{tables.ROW} WHERE task_id IN ({behind})", (customer_id,))
        rows = [read_row(row) for row in found]
        return sorted(rows, key=lambda row: (row.task.raised_at, row.task.task_id), reverse=True)

    async def counts(self) -> Sequence[InboxCount]:
        """Return how many tasks there are of each manager in each state."""
        rows = await self._fetch("SELECT manager, state, number FROM console_counts")
        return [
            InboxCount(str(manager), TaskState(str(state)), int(number or 0))
            for manager, state, number in rows
        ]

    async def next_wake(self) -> str | None:
        """Return the first day on which a task that rests wakes, as text."""
        sql = "SELECT min(snoozed_until) FROM console_tasks WHERE snoozed_until IS NOT NULL"
        ((day,),) = await self._fetch(sql)
        return None if day is None else str(day)

    async def tick(self) -> int:
        """Return the tick of the last change."""
        return await self._run(self._tick)

    async def close(self) -> None:
        """Finish what is under way and let go of thread and database."""
        await asyncio.to_thread(self._thread.shutdown)
        self._database.close()

    def _change(self, change: Callable[[Changes], None], labels: Mapping[CustomerId, str]) -> int:
        with self._database.writing():
            tick = self._tick()
            changes = Changes(self._database, tick + 1, labels)
            change(changes)
            self._database.run(changes.statements())
            return tick + changes.is_any

    def _name(self, labels: Mapping[TaskId, str]) -> None:
        with self._database.writing():
            tick = self._tick() + 1
            named = [(label, tick, task_id) for task_id, label in labels.items()]
            self._database.run([(tables.NAME_TASK, named), (tables.PUT_TICK, [(tick,)])])

    def _page(self, query: InboxQuery) -> InboxPage:
        tick = self._tick()  # first: a row that changes meanwhile is told once more, not never
        where, values = _conditions(query)
        if query.after is not None:
            where += " AND (due_slot, minus_value, task_id) > (?, ?, ?)"
            values += [query.after.due_slot, -query.after.value, query.after.task_id]
        sql = f"{tables.ROW} WHERE {where} ORDER BY due_slot, minus_value, task_id LIMIT ?"
        found = self._database.fetch(sql, (*values, query.limit + 1))
        rows = tuple(read_row(row) for row in found[: query.limit])
        last = rows[-1].task if len(found) > query.limit else None
        after = None
        if last is not None:
            after = Cursor(last.due_slot, last.priority.value, last.task_id)
        return InboxPage(rows, after, tick)

    def _tick(self) -> int:
        rows = self._database.fetch("SELECT tick FROM console_ticks")
        return int(rows[0][0] or 0) if rows else 0

    async def _fetch(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        return await self._run(lambda: self._database.fetch(sql, values))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _conditions(query: InboxQuery) -> tuple[str, list[Value]]:
    parts, values = ["bucket = ?"], list[Value]([query.bucket.value])
    if query.state is not None:
        parts, values = ["state = ?"], [query.state.value]
    if query.manager is not None:
        parts.append("manager = ?")
        values.append(query.manager)
    if query.reason is not None:
        parts.append("reason = ?")
        values.append(query.reason.value)
    if query.search:
        begins = "{0} >= ? AND {0} < ?"
        behind = f"SELECT task_id FROM console_task_customers WHERE {begins.format('customer_id')}"
        choices = [begins.format(name) for name in ("label", "account", "t.task_id")]
        parts.append(f"({' OR '.join(choices)} OR t.task_id IN ({behind}))")
        values += [query.search, query.search + END] * 4
    return " AND ".join(parts), values
