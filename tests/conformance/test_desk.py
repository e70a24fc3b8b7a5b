"""The desk on each of its stores, as signals come: each one decision, nothing half done."""

import asyncio
import datetime

import pytest

from domain.retention.commands import (
    Accept,
    Snooze,
)
from domain.retention.refusals import (
    StaleVersion,
)
from domain.retention.task import TaskState
from events.marks import Emission
from events.signals import StandingEnded
from events.task_values import Outcome, WakeOn
from infra.desk.checking import DeskCheck
from infra.desk.desk import DeskHaltedError
from infra.desk.port import DeskConflictError, Done, Statement
from infra.desk.tables import PUT_JUDGEMENT
from tests.support.desks import (
    BEN,
    OpenStore,
    customer,
    desk_world,
    holds,
    placed,
    working,
)


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
