"""The inbox on each of its stores: what the events say, in order, counted, never an older version back."""

import asyncio
import datetime
import itertools
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.retention.task import RetentionTask, evolve
from events.signals import Placement, SignalReason
from events.task_values import (
    Actor,
    ActorRole,
    Outcome,
    Priority,
    PriorityPart,
    ProbabilitySource,
    TaskEvidence,
    TaskId,
    TaskStep,
)
from events.tasks import TaskAccepted, TaskClosed, TaskEvent, TaskNoted, TaskRaised, TaskSnoozed
from events.values import CustomerId, Money
from infra.inbox.port import (
    Bucket,
    InboxGapError,
    InboxMovedError,
    InboxPage,
    InboxQuery,
    Seen,
    Way,
    bucket_of,
)
from infra.inbox.postgres import postgres_inbox
from infra.inbox.sql import SqlInbox
from infra.inbox.sqlite import sqlite_inbox
from tests.support.desks import AT, DAY, SILENT, customer
from tests.support.postgres_server import PostgresServer

T = TypeVar("T")
REASONS = list(SignalReason)


def step(number: int, version: int) -> TaskStep:
    return TaskStep(
        TaskId(f"task-{number:03d}"), f"A-{number}", version, AT, Actor(ActorRole.DESK, "desk")
    )


def raised(number: int, value: int = 0, slot: int = 0) -> TaskRaised:
    money = Money(1_000, "GBP")
    evidence = TaskEvidence(
        customer(number), DAY, DAY, SILENT, money, 0.5, ProbabilitySource.POLICY
    )
    part = PriorityPart(customer(number), 0.5, ProbabilitySource.POLICY, 1_000)
    price = Priority(value, "GBP", (part,), 0.2, 0, "rule")
    reason = REASONS[number % len(REASONS)]
    place = Placement(f"A-{number}")
    return TaskRaised(step(number, 1), reason, 1, DAY, place, evidence, price, AT, slot, "hash")


def following(number: int, version: int, kind: str, manager: str) -> TaskEvent:
    at = step(number, version)
    match kind:
        case "accepted":
            return TaskAccepted(at, manager)
        case "snoozed":
            return TaskSnoozed(at, DAY + datetime.timedelta(days=version), ())
        case "closed":
            return TaskClosed(at, outcome=Outcome.FALSE_ALARM, note=None, customers=(), day=DAY)
        case _:
            return TaskNoted(at, "later")


kinds = st.sampled_from(["accepted", "snoozed", "closed", "noted"])
lives = st.lists(
    st.tuples(
        st.integers(-3, 3),
        st.integers(0, 2),
        st.lists(st.tuples(kinds, st.sampled_from("mn")), max_size=4),
    ),
    max_size=8,
)


def story(told: list[tuple[int, int, list[tuple[str, str]]]]) -> list[TaskEvent]:
    """All events, those of each task in order, tasks taking turns."""
    events: list[list[TaskEvent]] = []
    for number, (value, slot, steps) in enumerate(told):
        life: list[TaskEvent] = [raised(number, value, slot)]
        life += [following(number, 2 + at, *step) for at, step in enumerate(steps)]
        events.append(life)
    longest = max(map(len, events), default=0)
    return [life[at] for at in range(longest) for life in events if at < len(life)]


def way(since: int, to: int) -> Way:
    return Way({0: since} if since >= 0 else {}, {0: to})


def folded(events: list[TaskEvent]) -> dict[str, RetentionTask]:
    tasks: dict[str, RetentionTask] = {}
    for event in events:
        tasks[event.task.task_id] = evolve(tasks.get(event.task.task_id), event)
    return tasks


OpenInbox = Callable[[], SqlInbox]
schemas = itertools.count()


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def empty(request: pytest.FixtureRequest) -> Iterator[OpenInbox]:
    """Opens an inbox that holds nothing."""
    if request.param == "sqlite":
        with TemporaryDirectory() as folder:
            numbers = itertools.count()
            yield lambda: sqlite_inbox(Path(folder) / f"console-{next(numbers)}.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        settings = server.settings(f"inbox_{next(schemas)}_{os.getpid()}")
        yield lambda: postgres_inbox(settings, "log-1", anew=True)


def with_inbox(empty: OpenInbox, work: Callable[[SqlInbox], Awaitable[T]]) -> T:
    async def run() -> T:
        inbox = empty()
        try:
            return await work(inbox)
        finally:
            await inbox.close()

    return asyncio.run(run())


async def all_pages(inbox: SqlInbox, query: InboxQuery) -> list[str]:
    """The ids of all rows of a query, read page by page."""
    found: list[str] = []
    page = InboxPage((), query.after, 0)
    first = True
    while first or page.next is not None:
        first = False
        wanted = InboxQuery(
            query.bucket, query.state, query.manager, query.reason, "", page.next, 2
        )
        page = await inbox.page(wanted)
        found += [row.task.task_id for row in page.rows]
    return found


@given(lives, st.integers(1, 5))
def test_pages_and_counters_say_what_the_events_do(
    empty: OpenInbox, told: list[tuple[int, int, list[tuple[str, str]]]], piece: int
) -> None:
    events = story(told)
    tasks = folded(events)

    async def work(inbox: SqlInbox) -> None:
        for at in range(0, len(events), piece):
            await inbox.apply(events[at : at + piece], way(at - piece, at), {})
        for bucket in Bucket:
            ordered = sorted(
                (task.due_slot, -task.priority.value, task.task_id)
                for task in tasks.values()
                if bucket_of(task) is bucket
            )
            assert await all_pages(inbox, InboxQuery(bucket)) == [each for *_, each in ordered]
        counted = Counter((task.manager or "", task.state) for task in tasks.values())
        found = {(one.manager, one.state): one.number for one in await inbox.counts()}
        assert {key: number for key, number in found.items() if number} == counted
        assert {row.task.task_id: row.task for row in await inbox.changed(Seen(0), 999)} == tasks

    with_inbox(empty, work)


@given(lives, st.data())
def test_events_that_come_late_or_again_take_nothing_back(
    empty: OpenInbox, told: list[tuple[int, int, list[tuple[str, str]]]], data: st.DataObject
) -> None:
    events = story(told)
    tasks = folded(events)

    async def work(inbox: SqlInbox) -> None:
        known = data.draw(st.integers(0, len(events)))
        await inbox.apply(events[:known], Way(), {})
        seen = {event.task.task_id for event in events[:known]}
        for task_id in seen:
            await inbox.put(tasks[task_id])
        for at in range(known, len(events)):
            await inbox.apply(events[at : at + 1], Way(), {})
            for task_id in seen:
                row = await inbox.row(TaskId(task_id))
                assert row is not None
                assert row.task == tasks[task_id]
        await inbox.apply(events, Way(), {})
        assert {row.task.task_id: row.task for row in await inbox.changed(Seen(0), 999)} == tasks

    with_inbox(empty, work)


def test_an_event_that_is_missing_is_noticed_and_nothing_of_the_piece_stands(
    empty: OpenInbox,
) -> None:
    late = [raised(1), following(1, 3, "noted", "m")]

    async def work(inbox: SqlInbox) -> None:
        with pytest.raises(InboxGapError, match="at version 1 here"):
            await inbox.apply(late, Way({}, {0: 9}), {})
        assert await inbox.row(TaskId("task-001")) is None
        assert await inbox.positions() == {}

    with_inbox(empty, work)


def test_what_another_took_in_meanwhile_is_not_taken_again(empty: OpenInbox) -> None:
    async def work(inbox: SqlInbox) -> None:
        tick = await inbox.apply([raised(1)], Way({}, {3: 7}), {})
        with pytest.raises(InboxMovedError):
            await inbox.apply([raised(1), raised(2)], Way({}, {3: 8}), {})
        assert await inbox.row(TaskId("task-002")) is None

        await inbox.apply([raised(2)], Way({3: 7}, {3: 8, 4: 0}), {})
        assert await inbox.positions() == {3: 8, 4: 0}
        assert (await inbox.page(InboxQuery())).tick == await inbox.tick() == tick + 1

    with_inbox(empty, work)


def test_a_customer_that_is_not_known_yet_is_named_later(empty: OpenInbox) -> None:
    async def work(inbox: SqlInbox) -> None:
        tick = await inbox.apply([raised(1), raised(2)], Way(), {customer(2): "商店:上海"})
        (row,) = await inbox.nameless(9)
        assert (row.task.task_id, row.label) == ("task-001", "A-1")

        await inbox.name({TaskId("task-001"): "shop:1", TaskId("task-002"): "another"})
        await inbox.apply([following(1, 2, "noted", "m")], Way(), {})
        assert await inbox.nameless(9) == []
        changed = await inbox.changed(Seen(tick), 9)
        assert [(row.task.task_id, row.label) for row in changed] == [("task-001", "shop:1")]
        found = await inbox.page(InboxQuery(search="商店:上"))
        assert [row.label for row in found.rows] == ["商店:上海"]

    with_inbox(empty, work)


def test_what_is_new_is_what_came_to_a_list_after_it_was_read(empty: OpenInbox) -> None:
    async def work(inbox: SqlInbox) -> None:
        tick = await inbox.apply([raised(1), raised(2)], Way(), {})
        mine = InboxQuery(manager="m")
        assert await inbox.news(InboxQuery(), tick) == 0
        await inbox.apply(
            [following(1, 2, "noted", "m"), following(2, 2, "accepted", "m")],
            Way({}, {0: 21}),
            {},
        )
        assert (await inbox.news(InboxQuery(), tick), await inbox.news(mine, tick)) == (1, 1)
        await inbox.apply([raised(3)], Way(), {})
        assert (await inbox.news(InboxQuery(), tick), await inbox.news(mine, tick)) == (2, 1)

    with_inbox(empty, work)


def test_a_row_is_found_by_how_its_names_begin(empty: OpenInbox) -> None:
    async def work(inbox: SqlInbox) -> None:
        labels = {customer(1): "shop:16029", customer(2): "shop:99"}
        await inbox.apply([raised(1), raised(2)], Way(), labels)

        async def found(search: str) -> list[str]:
            page = await inbox.page(InboxQuery(search=search))
            return [row.label for row in page.rows]

        assert await found("shop:160") == ["shop:16029"]
        assert await found(str(customer(2))[:36]) == ["shop:99"]
        assert await found("A-2") == ["shop:99"]
        assert await found("%") == []

    with_inbox(empty, work)


def test_a_customer_has_all_its_tasks(empty: OpenInbox) -> None:
    async def work(inbox: SqlInbox) -> None:
        await inbox.apply([raised(1), following(1, 2, "closed", "m")], Way(), {})

        rows = await inbox.of_customer(CustomerId(customer(1)))
        assert [row.task.outcome for row in rows] == [Outcome.FALSE_ALARM]
        assert await inbox.of_customer(CustomerId(customer(2))) == []
        assert await inbox.next_wake() is None

    with_inbox(empty, work)
