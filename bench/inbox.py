"""The inbox with as many open tasks as a large firm has: pages over HTTP, and a command up to its row."""

import asyncio
import datetime
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import httpx
import msgspec

from bench.figures import Figure, Section
from bench.sizes import Sizes
from domain.retention.commands import Moment
from domain.retention.policy import Policy, policy_hash
from domain.retention.working_time import WorkingClock
from events import codec
from events.catalogue import REGISTRY, SIGNALS
from events.control import ClockMode, LogCreated
from events.desk import PUBLISHED_NAMES, STORED, ManagerListed
from events.figures import Evidence, SilenceFigures
from events.signals import AnomalyRaised, Placement, SignalReason
from events.task_values import TaskId
from events.tasks import TaskEvent
from events.values import CustomerId, Money
from infra.clock import SystemClock
from infra.desk.desk import TaskDesk
from infra.desk.office import Rules
from infra.desk.reading import DeskReader
from infra.desk.sqlite import SqliteDesk
from infra.folder import DataFolder
from infra.inbox.port import Way
from infra.inbox.sql import SqlInbox
from infra.inbox.sqlite import sqlite_inbox
from infra.log.records import OutputRecord
from infra.log.sqlite import SqliteLog
from services.console.app import console_app
from services.console.looking import Looking
from services.console.tasks.parts import TaskParts

MANAGERS = 50
THROUGH_THE_DESK = 5_000
"""The other tasks are told to the inbox alone, each as one of these was."""
SIGNALS_AT_ONCE = 2_000
ROWS_AT_ONCE = 500
PAGES, COMMANDS = 100, 50
PAGE_GOAL, ROW_GOAL = 200.0, 150.0
NOW = Moment(datetime.datetime(2011, 9, 12, 9, tzinfo=datetime.UTC), datetime.date(2011, 9, 12))
SILENT = SilenceFigures(38, 7.6, 12, 3.0, 9.1, 8.0)
IDENTITY = LogCreated("7d3c2b1a-0000-4000-8000-000000000001", "UTC", "GBP", str(NAMESPACE_URL))


class Healthy(NamedTuple):
    """Nothing stands still."""

    failed: str | None = None


def inbox(sizes: Sizes) -> Section:
    """Let the inbox have a task for each stored customer, ask for pages, and accept what is offered."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        return asyncio.run(_measured(DataFolder(Path(folder)), sizes.stored_customers))


async def _measured(folder: DataFolder, tasks: int) -> Section:
    await _empty_log(folder)
    policy = Policy()
    rules = Rules(policy, policy_hash(policy), WorkingClock(policy.working_time, "UTC"))
    desk = TaskDesk(SqliteDesk(folder.desk), rules, lambda: NOW, 1)
    rows, reader = sqlite_inbox(folder.console), DeskReader(desk.store)
    try:
        through = min(tasks, THROUGH_THE_DESK)
        room = -(-through // MANAGERS)
        await desk.list_managers([ManagerListed(f"AM-{n}", room) for n in range(MANAGERS)])
        begun = time.perf_counter()
        for piece in _signals(through):
            await desk.take(piece)
        decided = through / (time.perf_counter() - begun)
        begun = time.perf_counter()
        told = await _relay(desk, rows)
        for piece in _others(told, through, tasks):
            await rows.apply(piece, Way(), {})
        taken = tasks / (time.perf_counter() - begun)
        parts = TaskParts(rows, desk, reader, Healthy())
        app = console_app(Looking(folder, SystemClock()), lambda: False, parts)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            figures = [figure async for figure in _figures(client)]
    finally:
        reader.close()
        await rows.close()
        await desk.close()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Section(
        f"The inbox with {tasks:,} open tasks of {MANAGERS} managers",
        (
            Figure("desk decisions", "signals/s", (decided,)),
            Figure("tasks taken into the inbox", "tasks/s", (taken,)),
            *figures,
            Figure("resident memory at most", "MB", (resident,)),
        ),
        (
            "Pages and commands over HTTP in process; each page opens a snapshot of a log as well.",
            f"{THROUGH_THE_DESK:,} tasks at most are the desk's own; the others stand in the inbox alone.",
        ),
    )


async def _figures(client: httpx.AsyncClient) -> AsyncIterator[Figure]:
    mine = {"cookie": "holdfast_manager=AM-7"}
    for name, path in (
        ("page of a manager", "/inbox?view=mine"),
        ("page of everybody", "/inbox?view=all"),
        ("page found by a search", "/inbox?view=all&search=00000000-0000-5000-8000-0000000012"),
    ):

        async def page(path: str = path) -> None:
            answer = await client.get(path, headers=mine)
            if 'data-task="' not in answer.text:
                raise AssertionError(f"{path} shows nothing: {answer.status_code}")

        yield Figure(f"{name}: p95", "ms", (await _p95(page, PAGES),), most=PAGE_GOAL)
    listed = await client.get(f"/v1/tasks?manager=AM-7&state=offered&limit={COMMANDS}")
    waiting = [(task["task_id"], task["version"]) for task in listed.json()["tasks"]]

    async def accepted() -> None:
        task_id, version = waiting.pop()
        named = {"holdfast-manager": "AM-7", "if-match": f'"{version}"'}
        answer = await client.post(f"/v1/tasks/{task_id}/accept", headers=named)
        row = await client.get(f"/inbox?search={task_id}", headers=mine)
        if answer.status_code != 200 or "state working" not in row.text:
            raise AssertionError(f"not accepted: {answer.text}")

    times = min(COMMANDS, len(waiting))
    yield Figure("command to row: p95", "ms", (await _p95(accepted, times),), most=ROW_GOAL)


async def _p95(work: Callable[[], Awaitable[None]], times: int) -> float:
    waits = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        waits.append((time.perf_counter() - begun) * 1e3)
    return quantiles(waits, n=20)[-1]


def _signals(tasks: int) -> Iterator[list[OutputRecord]]:
    """Return a raised silence of each customer, some at a time."""
    for first in range(0, tasks, SIGNALS_AT_ONCE):
        yield [_signal(number) for number in range(first, min(first + SIGNALS_AT_ONCE, tasks))]


def _signal(number: int) -> OutputRecord:
    customer = CustomerId(f"00000000-0000-5000-8000-{number:012d}")
    evidence = Evidence("crm.order.placed.v1", NOW.day, NOW.day)
    stake = Money(50_000 + uuid5(NAMESPACE_URL, customer).int % 1_000_000, "GBP")
    raised = AnomalyRaised(
        customer,
        NOW.day,
        SignalReason.UNUSUALLY_QUIET,
        "silence-1",
        SILENT,
        evidence,
        stake,
        Placement(customer, f"AM-{number % MANAGERS}"),
    )
    place = (number + 1, SIGNALS, "p-1", 0, number + 1, REGISTRY.name_of(raised), customer)
    return OutputRecord(*place, None, "live", 0, codec.encode(raised))


async def _relay(desk: TaskDesk, inbox: SqlInbox) -> list[TaskEvent]:
    """Take everything that the desk said into the inbox, and return it."""
    way, said = Way(), list[TaskEvent]()
    after = 0
    while notes := await desk.run(
        lambda store, after=after: store.notifications(after, 500, PUBLISHED_NAMES)
    ):
        told = (STORED.decode(note.topic, note.state) for note in notes)
        after = notes[-1].id
        events = [event for event in told if isinstance(event, TaskEvent)]
        said += events
        way = Way(way.to, {0: after})
        await inbox.apply(events, way, {})
    return said


def _others(told: list[TaskEvent], first: int, tasks: int) -> Iterator[list[TaskEvent]]:
    """Return what was told of each task once more, of tasks of other ids, until there are enough."""
    by_task: dict[str, list[TaskEvent]] = {}
    for event in told:
        by_task.setdefault(event.task.task_id, []).append(event)
    lives = list(by_task.values())
    for start in range(first, tasks, ROWS_AT_ONCE):
        yield [
            msgspec.structs.replace(
                event,
                task=msgspec.structs.replace(
                    event.task, task_id=TaskId(str(uuid5(NAMESPACE_URL, f"task {number}")))
                ),
            )
            for number in range(start, min(start + ROWS_AT_ONCE, tasks))
            for event in lives[number % len(lives)]
        ]


async def _empty_log(folder: DataFolder) -> None:
    log = await SqliteLog.open(folder.log, SystemClock())
    await log.create(IDENTITY, ClockMode.LOG)
    await log.close()
