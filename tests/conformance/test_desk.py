"""The desk on each of its stores: every signal one decision, every task one holder, nothing half done."""

import asyncio
import datetime
from pathlib import Path

import msgspec
import pytest

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
from domain.retention.task import RetentionTask, TaskState
from events.interactions import Channel, Direction
from events.marks import Emission
from events.signals import StandingEnded
from events.task_values import Actor, ActorRole, DeclineReason, Outcome, TaskId, WakeOn
from infra.desk.checking import DeskCheck
from infra.desk.desk import DeskHaltedError
from infra.desk.port import DeskConflictError, Done, Statement
from infra.desk.reading import InboxQuery, inbox_sql
from infra.desk.tables import PUT_JUDGEMENT
from tests.support.desks import (
    ANN,
    AT,
    BEN,
    LEAD,
    TEAM,
    DeskWorld,
    OpenStore,
    customer,
    desk_world,
    holds,
    in_sqlite,
    placed,
)


async def working(world: DeskWorld, number: int = 1) -> RetentionTask:
    """A task that was raised, offered and accepted."""
    await world.hear(world.raised(number))
    task = await world.task_of(number)
    done = await world.desk.execute(Accept(world.about(task, str(task.manager))))
    assert isinstance(done, Done), done
    return done.task


def test_two_signals_of_one_reason_are_one_task_with_two_pieces_of_evidence(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(
                world.raised(1, placed(1, "ACC-1")), world.raised(2, placed(2, "ACC-1"))
            )

            task = await world.task_of(1)
            assert (task.evidence, len(task.standing)) == (2, 2)
            assert task.task_id == (await world.task_of(2)).task_id
            assert task.priority.value == round(0.2 * (50_000 + 50_000)) - 2_000
            assert await world.verdicts(1) + await world.verdicts(2) == ["opened", "joined"]
            await holds(world)

    asyncio.run(check())


def test_the_same_signals_again_change_nothing(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            records = await world.hear(world.raised(1), world.raised(2))
            before = await world.reader.fetch("SELECT count(*) FROM stored_events")
            await world.desk.take(records)

            assert await world.reader.fetch("SELECT count(*) FROM stored_events") == before

            new = [world.record(world.raised(number)) for number in (3, 4)]
            await world.desk.take([*records, new[0], *records, *new])

            assert await world.verdicts(1) == await world.verdicts(3) == ["opened"]
            assert await world.verdicts(4) == ["opened"]

    asyncio.run(check())


def test_the_first_output_of_a_log_is_taken_once_though_its_sequence_is_zero(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            (first,) = await world.hear(StandingEnded(0, 0))
            assert (first.sequence, await world.desk.position("p-1", 0)) == (0, 0)

    asyncio.run(check())


def test_a_row_that_stands_already_is_a_conflict_and_leaves_the_store_usable(
    open_store: OpenStore,
) -> None:
    store = open_store()
    row = ("p-1", 0, 7, 1, customer(1), customer(1), "opened", "")
    again = Statement(PUT_JUDGEMENT, [row, (*row[:2], 8, *row[3:])])
    try:
        with store.turn():
            store.append((), [again], None)
        with pytest.raises(DeskConflictError), store.turn():
            store.append((), [again], None)

        assert store.fetch("SELECT count(*) FROM desk_judgements") == [(2,)]
    finally:
        store.close()


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


def test_a_risk_that_clears_closes_what_nobody_touched_and_eases_what_is_worked_on(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            worked = await working(world, 1)
            await world.hear(world.raised(2), world.cleared(1), world.cleared(2), world.cleared(3))

            untouched, still = await world.task_of(2), await world.task_of(1)
            assert untouched.outcome is Outcome.RECOVERED_UNTOUCHED
            assert (still.state, still.standing) == (TaskState.WORKING, ())
            assert still.version == worked.version + 1
            assert [(await world.verdicts(n))[-1] for n in (1, 2, 3)] == [
                "eased",
                "recovered",
                "nothing-open",
            ]
            await holds(world)

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


def test_a_score_that_rises_wakes_who_waits_for_it(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(world.raised(1, placed(1, "ACC-1")))
            offered = await world.task_of(1)
            accepted = await world.desk.execute(Accept(world.about(offered, str(offered.manager))))
            assert isinstance(accepted, Done)
            until = world.moment.day + datetime.timedelta(days=7)
            about = world.about(accepted.task, str(offered.manager))
            await world.desk.execute(Snooze(about, until, (WakeOn.SCORE_UP,)))
            await world.hear(world.raised(2, placed(2, "ACC-1")))

            assert (await world.task_of(1)).state is TaskState.WORKING

    asyncio.run(check())


def test_who_moves_to_another_account_takes_what_stands_along(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(
                world.raised(1, placed(1, "ACC-1")), world.raised(2, placed(2, "ACC-2"))
            )
            await world.hear(world.moved(1, placed(1, "ACC-2", BEN)))
            joined = await world.task_of(2)
            left = (await world.reader.of_account("ACC-1"))[0]
            await world.hear(world.moved(2, placed(2, "ACC-2", BEN)))

            assert left.outcome is Outcome.MOVED
            assert set(joined.customers) == {customer(1), customer(2)}
            assert (await world.task_of(2)).placement.owner == BEN
            assert await world.verdicts(1) == ["opened", "moved"]
            await holds(world)

    asyncio.run(check())


def test_history_opens_nothing_but_clears_and_joins(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await world.hear(world.raised(1, placed(1, "ACC-1")))
            past = (
                world.raised(2, placed(2, "ACC-1")),
                world.raised(3),
                world.cleared(1, placed(1, "ACC-1")),
            )
            await world.hear(*past, emission=Emission.HISTORY)

            assert [await world.verdicts(n) for n in (1, 2, 3)] == [
                ["opened", "eased"],
                ["joined"],
                ["fresh"],
            ]

    asyncio.run(check())


def test_of_two_desks_on_one_store_each_sees_what_the_other_did(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as first, desk_world(open_store) as second:
            records = await first.hear(*[first.raised(number) for number in range(1, 7)])
            task = await second.task_of(1)
            accepting = [
                world.desk.execute(Accept(world.about(task, str(task.manager))))
                for world in (first, second)
                for _ in range(5)
            ]
            answers = await asyncio.gather(second.desk.take(records), *accepting)

            done = [answer for answer in answers if isinstance(answer, Done)]
            assert len(done) == 1
            assert [type(each) for each in answers[1:] if each not in done] == [StaleVersion] * 9
            counts = await first.reader.counts()
            assert counts.verdicts == {"opened": 6}
            await holds(second)

    asyncio.run(check())


def test_everything_kept_is_what_its_events_fold_to(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            await working(world, 1)
            await world.hear(world.raised(2), world.cleared(2), world.standing(3))
            await world.ended()
            found: list[tuple[str, str]] = []
            check = DeskCheck(world.desk.store, lambda *difference: found.append(difference))
            checked = check.run()

            assert found == []
            assert (checked.tasks, checked.decisions) == (3, 4)

    asyncio.run(check())


def test_a_signal_that_cannot_be_read_stops_the_desk_behind_all_before_it(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store) as world:
            records = [world.record(world.raised(number)) for number in (1, 2, 3)]
            records[1] = records[1]._replace(type="crm.mood.raised.v1")
            with pytest.raises(DeskHaltedError, match=r"sequence 1 of p-1:0: .*crm.mood.raised.v1"):
                await world.desk.take(records)

            assert await world.desk.position("p-1", 0) == 0
            assert await world.verdicts(1) == ["opened"]
            assert await world.verdicts(3) == []

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
