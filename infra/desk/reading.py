"""What people ask of the desk: the inbox, a task with its history, why a customer has none."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from domain.retention.manager import Manager
from domain.retention.task import OPEN_STATES, RetentionTask, TaskState
from events.desk import STORED
from events.judgements import SignalJudged
from events.signals import SignalReason
from events.task_values import TaskId
from events.tasks import TaskEvent
from events.values import CustomerId
from infra.desk.book import decision_stream
from infra.desk.kept import decode_kept
from infra.desk.port import DeskQueries, Row, Value, blob

T = TypeVar("T")
Cursor = tuple[int, int, str]
"""Due slot, value and id of the last task of a page."""


class InboxQuery(msgspec.Struct, frozen=True):
    """Which tasks; ``search`` is how an account, a task's id or a customer's id begins."""

    manager: str | None = None
    states: tuple[TaskState, ...] = OPEN_STATES
    reason: SignalReason | None = None
    search: str = ""
    after: Cursor | None = None
    limit: int = 50


class InboxPage(msgspec.Struct, frozen=True):
    """Tasks by due date within four working hours, then by value; ``next`` where there are more."""

    tasks: tuple[RetentionTask, ...]
    next: Cursor | None


class TaskRecord(msgspec.Struct, frozen=True):
    """One step of a task's history."""

    version: int
    type: str
    event: TaskEvent


class DeskCounts(msgspec.Struct, frozen=True):
    """How many tasks are in each state, and how many signals came to each verdict."""

    tasks: dict[str, int]
    verdicts: dict[str, int]
    gates: dict[str, int]


class Waiting(msgspec.Struct, frozen=True):
    """What happens next by itself: the first task that wakes, the first offer that ends; as text."""

    wakes: str | None
    offer_ends: str | None


class InLine(msgspec.Struct, frozen=True):
    """A signal waits for its manager to have less than the opening limit, ``before`` others in front."""

    reason: SignalReason
    before: int


class DeskReader:
    """Asks a desk's rows, on a thread of its own."""

    def __init__(self, queries: DeskQueries) -> None:
        self._queries = queries
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk-reader")

    async def inbox(self, query: InboxQuery) -> InboxPage:
        """Return a page of tasks."""
        return await self._run(lambda: self._inbox(query))

    async def task(self, task_id: TaskId) -> RetentionTask | None:
        """Return a task as it stands."""
        found = await self._tasks("t.task_id = ?", (task_id,))
        return found[0] if found else None

    async def beginning_with(self, start: str) -> Sequence[RetentionTask]:
        """Return up to two tasks whose id begins so."""
        return (await self._tasks("t.task_id >= ? AND t.task_id < ?", (start, start + "\x7f")))[:2]

    async def of_customer(self, customer_id: CustomerId) -> Sequence[RetentionTask]:
        """Return every task that a customer ever stood behind, the newest first."""
        where = "t.task_id IN (SELECT task_id FROM desk_task_customers WHERE customer_id = ?)"
        found = await self._tasks(where, (customer_id,))
        return sorted(found, key=lambda task: task.raised_at, reverse=True)

    async def of_account(self, account: str) -> Sequence[RetentionTask]:
        """Return every task of an account, the newest first."""
        found = await self._tasks("t.account = ?", (account,))
        return sorted(found, key=lambda task: task.raised_at, reverse=True)

    async def history(self, task_id: TaskId) -> Sequence[TaskRecord]:
        """Return what happened to a task, in order."""
        return await self._run(lambda: _records(self._queries, task_id))

    async def judgements(self, customer_id: CustomerId, limit: int = 20) -> Sequence[SignalJudged]:
        """Return what was decided on a customer's signals, the last first."""
        return await self._run(lambda: _judgements(self._queries, customer_id, limit))

    async def waiting_in_line(self, customer_id: CustomerId) -> Sequence[InLine]:
        """Return for which reasons a customer waits in line, and how many come before."""
        return [
            InLine(SignalReason(str(reason)), int(before or 0))
            for reason, before in await self.fetch(_IN_LINE, (customer_id,))
        ]

    async def customers_of(self, account: str, limit: int) -> Sequence[CustomerId]:
        """Return the customers that were last heard of in an account, up to so many, by id."""
        sql = (
            "SELECT customer_id FROM desk_customers WHERE account = ? ORDER BY customer_id LIMIT ?"
        )
        return [CustomerId(str(each)) for (each,) in await self.fetch(sql, (account, limit))]

    async def managers(self) -> Sequence[Manager]:
        """Return all managers that the file names, with their open tasks."""
        query = "SELECT state FROM desk_states WHERE kind = 'manager' ORDER BY name"
        found = [decode_kept("manager", blob(state)) for (state,) in await self.fetch(query)]
        return [each for each in found if isinstance(each, Manager) and each.listed is not None]

    async def counts(self) -> DeskCounts:
        """Return how much of everything there is."""
        tasks = await self.fetch("SELECT state, count(*) FROM desk_tasks GROUP BY state")
        verdicts = await self.fetch(
            "SELECT verdict, count(*) FROM desk_judgements GROUP BY verdict"
        )
        query = "SELECT gate, count(*) FROM desk_judgements WHERE gate <> '' GROUP BY gate"
        return DeskCounts(_counted(tasks), _counted(verdicts), _counted(await self.fetch(query)))

    async def waiting(self) -> Waiting:
        """Return what happens next by itself."""
        ((wakes,),) = await self.fetch("SELECT min(snoozed_until) FROM desk_tasks")
        ((ends,),) = await self.fetch("SELECT min(offered_until) FROM desk_tasks")
        return Waiting(_text_or_none(wakes), _text_or_none(ends))

    async def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        return await self._run(lambda: self._queries.fetch(sql, values))

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown()

    def _inbox(self, query: InboxQuery) -> InboxPage:
        sql, values = inbox_sql(query)
        rows = self._queries.fetch(sql, values)
        page = rows[: query.limit]
        tasks = tuple(_task(row) for row in page)
        more = len(rows) > query.limit
        last = tasks[-1] if more else None
        cursor = None if last is None else (last.due_slot, last.priority.value, str(last.task_id))
        return InboxPage(tasks, cursor)

    async def _tasks(self, where: str, values: Sequence[Value]) -> list[RetentionTask]:
        sql = f"""SELECT s.state FROM desk_tasks t JOIN desk_states s ON s.stream = t.task_id
        WHERE {where} ORDER BY t.task_id"""
        return [_task(row) for row in await self.fetch(sql, values)]

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


_judged = msgspec.json.Decoder(SignalJudged)
_DECISIONS = """SELECT account, projection, partition, sequence, turn FROM desk_judgements
WHERE customer_id = ? ORDER BY sequence DESC, turn DESC LIMIT ?"""
_DECISION = "SELECT state FROM stored_events WHERE originator_id = ? AND originator_version = ?"
_IN_LINE = """SELECT reason, (SELECT count(*) FROM desk_line b WHERE b.stake > w.stake
OR (b.stake = w.stake AND (b.customer_id < w.customer_id OR (b.customer_id = w.customer_id
AND (b.reason < w.reason OR (b.reason = w.reason AND b.service < w.service))))))
FROM desk_line w WHERE w.customer_id = ? ORDER BY reason, service"""


def _judgements(queries: DeskQueries, customer_id: CustomerId, limit: int) -> list[SignalJudged]:
    found = []
    for account, projection, partition, sequence, turn in queries.fetch(
        _DECISIONS, (customer_id, limit)
    ):
        place = (int(partition or 0), int(sequence or 0))
        stream = decision_stream(str(account), str(projection), *place)
        ((data,),) = queries.fetch(_DECISION, (stream.hex, turn))
        found.append(_judged.decode(blob(data)))
    return found


_FOUND = """SELECT task_id FROM desk_tasks WHERE account >= ? AND account < ?
UNION SELECT task_id FROM desk_tasks WHERE task_id >= ? AND task_id < ?
UNION SELECT task_id FROM desk_task_customers WHERE customer_id >= ? AND customer_id < ?"""
_ORDER = "ORDER BY due_slot, value DESC, task_id LIMIT ?"


def inbox_sql(query: InboxQuery) -> tuple[str, list[Value]]:
    """Return the query of a page, and one task more.

    Each state is read in its order from an index, as far as the page needs; so a page costs the same
    however many tasks there are.
    """
    parts: list[str] = []
    values: list[Value] = []
    for state in query.states:
        conditions, found = _conditions(query, state)
        parts.append(
            "SELECT * FROM (SELECT task_id, due_slot, value FROM desk_tasks"
            f" WHERE {conditions} {_ORDER}) AS {state.value}_ones"
        )
        values += [*found, query.limit + 1]
    sql = f"""SELECT s.state FROM (SELECT * FROM ({" UNION ALL ".join(parts)}) AS every {_ORDER}) AS page
    JOIN desk_states s ON s.stream = page.task_id
    ORDER BY page.due_slot, page.value DESC, page.task_id"""
    return sql, [*values, query.limit + 1]


def _conditions(query: InboxQuery, state: TaskState) -> tuple[str, list[Value]]:
    parts: list[str] = ["state = ?"]
    found: list[Value] = [state.value]
    if query.manager is not None:
        parts.append("manager = ?")
        found.append(query.manager)
    if query.reason is not None:
        parts.append("reason = ?")
        found.append(query.reason.value)
    if query.search:
        parts.append(f"task_id IN ({_FOUND})")
        found += [query.search, query.search + "\x7f"] * 3
    if query.after is not None:
        slot, value, task_id = query.after
        parts.append("due_slot >= ? AND (due_slot > ? OR value < ? OR (value = ? AND task_id > ?))")
        found += [slot, slot, value, value, task_id]
    return " AND ".join(parts), found


def _task(row: Row) -> RetentionTask:
    kept = decode_kept("task", blob(row[0]))
    if not isinstance(kept, RetentionTask):
        raise TypeError("this is no task")
    return kept


def waiting_for_facts(queries: DeskQueries) -> dict[CustomerId, list[RetentionTask]]:
    """Return the resting tasks that something may wake before their day, by customer behind them."""
    sql = """SELECT s.state FROM desk_tasks t JOIN desk_states s ON s.stream = t.task_id
    WHERE t.snoozed_until IS NOT NULL AND t.waits = 1"""
    found: dict[CustomerId, list[RetentionTask]] = {}
    for row in queries.fetch(sql):
        task = _task(row)
        for customer_id in task.customers:
            found.setdefault(customer_id, []).append(task)
    return found


def events_of(queries: DeskQueries, task_id: TaskId, up_to: int) -> list[TaskEvent]:
    """Return the events of a task up to a version, in order."""
    return [each.event for each in _records(queries, task_id) if each.version <= up_to]


def _records(queries: DeskQueries, task_id: TaskId) -> list[TaskRecord]:
    query = """SELECT originator_version, topic, state FROM stored_events
    WHERE originator_id = ? ORDER BY originator_version"""
    return [_record(row) for row in queries.fetch(query, (task_id.replace("-", ""),))]


def _record(row: Row) -> TaskRecord:
    version, name, data = row
    event = STORED.decode(str(name), blob(data))
    if not isinstance(event, TaskEvent) or not isinstance(version, int):
        raise TypeError(f"{name!r} is no event of a task")
    return TaskRecord(version, str(name), event)


def _counted(rows: list[Row]) -> dict[str, int]:
    return {str(name): int(number or 0) for name, number in rows}


def _text_or_none(value: Value) -> str | None:
    return None if value is None else str(value)
