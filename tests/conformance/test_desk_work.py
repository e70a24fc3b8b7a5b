"""The desk on each of its stores, as people work and time passes: every task one holder."""

import asyncio
import datetime

import msgspec

from domain.retention.commands import (
    Accept,
    Claim,
    Close,
    Decline,
    LogContact,
    Reassign,
    Reopen,
    Snooze,
)
from domain.retention.refusals import (
    AlreadyOpen,
    KeyUsedBefore,
    NoCapacity,
    NotAllowed,
    StaleVersion,
    UnknownManager,
    UnknownTask,
)
from domain.retention.task import TaskState
from events.interactions import Channel, Direction
from events.task_values import Actor, ActorRole, DeclineReason, Outcome, TaskId
from infra.desk.port import Done
from infra.desk.reading import InboxQuery
from tests.support.desks import (
    ANN,
    AT,
    BEN,
    LEAD,
    TEAM,
    OpenStore,
    customer,
    desk_world,
    holds,
    working,
)


def test_of_fifty_accepts_at_once_one_is_done_and_the_others_are_told_how_it_is(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(world.raised(1))
            task = await world.task_of(1)
            command = Accept(world.about(task, ANN))

            answers = await asyncio.gather(*[world.desk.execute(command) for _ in range(50)])

            done = [answer for answer in answers if isinstance(answer, Done)]
            assert len(done) == 1
            assert [a for a in answers if a not in done] == [StaleVersion(done[0].task)] * 49
            await holds(world)

    asyncio.run(check())


def test_tasks_are_queued_beyond_capacity_and_offered_in_order_as_it_frees(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(*[world.raised(n, stake=n * 50_000) for n in range(1, 9)])
            queued = await world.reader.inbox(InboxQuery(states=(TaskState.QUEUED,)))
            assert [task.customers for task in queued.tasks] == [(customer(2),), (customer(1),)]

            first = (await world.reader.inbox(InboxQuery(manager=ANN))).tasks[0]
            answer = Decline(world.about(first, ANN), DeclineReason.NO_TIME)
            assert isinstance(await world.desk.execute(answer), Done)

            declined = await world.reader.task(first.task_id)
            assert declined is not None
            assert (declined.declined_by, declined.manager) == ((ANN,), None)
            taken = await world.task_of(2)
            assert (taken.state, taken.manager) == (TaskState.OFFERED, ANN)
            await holds(world)

    asyncio.run(check())


def test_claiming_and_giving_away_keep_to_capacity(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(*[world.raised(n, stake=n * 50_000) for n in range(1, 9)])
            waiting, offered = await world.task_of(1), await world.task_of(8)

            claimed = await world.desk.execute(Claim(world.about(waiting, ANN)))
            given = await world.desk.execute(Reassign(world.about(offered, LEAD), BEN))

            assert claimed == NoCapacity(ANN, 3, 3)
            assert given == NoCapacity(BEN, 3, 3)
            await holds(world)

    asyncio.run(check())


def test_strangers_and_who_is_no_lead_are_refused(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            task = await working(world)
            as_lead = msgspec.structs.replace(
                world.about(task, ANN), actor=Actor(ActorRole.LEAD, ANN)
            )
            nowhere = msgspec.structs.replace(world.about(task, ANN), task_id=TaskId(customer(77)))

            assert await world.desk.execute(Claim(world.about(task, "AM-9"))) == UnknownManager(
                "AM-9"
            )
            assert isinstance(await world.desk.execute(Reassign(as_lead, BEN)), NotAllowed)
            assert await world.desk.execute(Accept(nowhere)) == UnknownTask(TaskId(customer(77)))

    asyncio.run(check())


def test_a_command_sent_again_is_answered_again_and_done_once(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            task = await working(world)
            contact = LogContact(
                world.about(task, str(task.manager), key="k-1"),
                Channel.CALL,
                Direction.OUTBOUND,
                reached=True,
            )

            first, again = [await world.desk.execute(contact) for _ in range(2)]
            other = msgspec.structs.replace(contact, reached=False)

            assert isinstance(first, Done)
            assert again == first
            assert first.task.contacts == 1
            assert await world.desk.execute(other) == KeyUsedBefore("k-1")

    asyncio.run(check())


def test_after_closing_the_reason_rests_and_then_has_its_next_episode(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            task = await working(world)
            closing = Close(world.about(task, str(task.manager)), Outcome.UNREACHABLE)
            assert isinstance(await world.desk.execute(closing), Done)
            await world.hear(world.cleared(1), world.raised(1))
            world.later(28)
            await world.hear(world.raised(1))

            assert await world.verdicts(1) == ["opened", "nothing-open", "cool-down", "opened"]
            first, second = sorted(
                await world.reader.of_customer(customer(1)), key=lambda each: each.episode
            )
            assert (first.episode, second.episode) == (1, 2)
            reopening = Reopen(world.about(first, str(first.manager)))
            world.later(-28)
            early = msgspec.structs.replace(
                reopening, about=msgspec.structs.replace(reopening.about, now=world.moment)
            )
            assert await world.desk.execute(early) == AlreadyOpen(first.reason, second.task_id)

    asyncio.run(check())


def test_a_reopened_task_is_worked_on_by_who_had_it(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            task = await working(world)
            manager = str(task.manager)
            closed = await world.desk.execute(
                Close(world.about(task, manager), Outcome.FALSE_ALARM)
            )
            assert isinstance(closed, Done)
            await world.hear(world.cleared(1))
            opened = await world.desk.execute(Reopen(world.about(closed.task, manager)))
            assert isinstance(opened, Done)

            again = await world.task_of(1)
            assert (again.state, again.manager, again.standing) == (TaskState.WORKING, manager, ())
            await holds(world)

    asyncio.run(check())


def test_offers_end_and_sleepers_wake_in_their_time(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            asleep = await working(world)
            until = world.moment.day + datetime.timedelta(days=7)
            snoozing = Snooze(world.about(asleep, str(asleep.manager)), until)
            assert isinstance(await world.desk.execute(snoozing), Done)
            await world.hear(world.raised(2))
            offered = await world.task_of(2)
            assert await world.desk.tick() == 0

            world.later(7)
            assert await world.desk.tick() == 3  # an offer ends, a task wakes, another is offered

            moved_on, awake = await world.task_of(2), await world.task_of(1)
            assert moved_on.declined_by == (offered.manager,)
            assert moved_on.manager not in {offered.manager, None}
            assert awake.state is TaskState.WORKING
            await holds(world)

    asyncio.run(check())


def test_without_managers_tasks_wait_and_go_out_once_there_are_some(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store, team=False) as world:
            await world.hear(world.raised(1))
            assert (await world.task_of(1)).state is TaskState.QUEUED
            assert await world.desk.list_managers(TEAM) == 3
            assert await world.desk.tick() == 1
            assert await world.desk.list_managers(TEAM[1:]) == 1

            assert {each.code for each in await world.reader.managers()} == {BEN, LEAD}
            assert world.moment.at == AT

    asyncio.run(check())
