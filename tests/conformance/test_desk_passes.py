"""A pass opens so many tasks a manager, and who waits in line has its turn as they are done."""

import asyncio
import datetime

from domain.retention.commands import Accept, Close, LogContact
from domain.retention.policy import Policy
from domain.retention.task import TaskState
from events.desk import Leave, ManagerListed
from events.interactions import Channel, Direction
from events.judgements import Gate, Verdict
from events.task_values import Outcome
from infra.desk.port import Done
from infra.desk.reading import InboxQuery, InLine
from tests.support.desks import (
    ANN,
    BEN,
    QUIET,
    DeskWorld,
    OpenStore,
    customer,
    desk_world,
    holds,
    placed,
)

ONE_EACH = Policy(opening_limit=1)


def test_a_pass_waits_for_every_partition_and_opens_the_worthiest_first(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        policy = Policy(opening_limit=1)
        async with desk_world(open_store, policy, partitions=2) as world:
            await world.hear(world.standing(1, stake=50_000), world.standing(2, stake=90_000))
            await world.hear(world.standing(3, stake=70_000), partition=1)
            await world.ended(0)
            assert (await world.reader.inbox(InboxQuery())).tasks == ()
            await world.ended(1)

            verdicts = [await world.verdicts(number) for number in (1, 2, 3)]
            assert verdicts == [["opening-limit"], ["opened"], ["opened"]]
            (check,) = [each.gates[-1] for each in await world.reader.judgements(customer(1))]
            assert (check.actual, check.needed) == (2.0, 1.0)
            await holds(world)

    asyncio.run(check())


def test_a_pass_closes_what_nothing_stands_behind_any_more(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, partitions=2) as world:
            await world.hear(world.raised(1), world.raised(2), world.raised(3))
            await world.hear(world.standing(1))
            await world.ended(0)
            await world.hear(world.raised(4))
            await world.ended(1)
            world.projection = "p-2"
            await world.hear(world.standing(4))
            for partition in (0, 1):
                await world.ended(partition)

            outcomes = [(await world.task_of(number)).outcome for number in (1, 2, 3, 4)]
            assert outcomes == [
                Outcome.MODEL_CHANGED,
                Outcome.RECOVERED_UNTOUCHED,
                Outcome.RECOVERED_UNTOUCHED,
                None,
            ]
            await holds(world)

    asyncio.run(check())


async def passed(world: DeskWorld, *stakes: int) -> None:
    """A pass over customers 1, 2, ... with so much at stake."""
    await world.hear(*(world.standing(n, stake=stake) for n, stake in enumerate(stakes, 1)))
    await world.ended()


async def done_with(world: DeskWorld, number: int) -> None:
    """The task of a customer is taken, worked on and closed."""
    task = await world.task_of(number)
    code = str(task.manager)
    for command in (
        Accept(world.about(task, code)),
        LogContact(world.about(task, code), Channel.CALL, Direction.OUTBOUND, True),
        Close(world.about(task, code), Outcome.SAVED_CONFIRMED),
    ):
        about = world.about(await world.task_of(number), code)
        answer = await world.desk.execute(type(command)(about, *_rest(command)))
        assert isinstance(answer, Done), answer


def _rest(command: Accept | LogContact | Close) -> tuple[object, ...]:
    return tuple(getattr(command, name) for name in command.__struct_fields__[1:])


def test_the_worthiest_in_line_has_its_turn_as_soon_as_a_task_is_done(
    open_store: OpenStore,
) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as world:
            await passed(world, 50_000, 90_000, 70_000, 60_000, 40_000)
            assert [await world.verdicts(n) for n in (2, 3)] == [["opened"]] * 2
            assert await world.reader.waiting_in_line(customer(4)) == [InLine(QUIET, 0)]
            assert await world.reader.waiting_in_line(customer(5)) == [InLine(QUIET, 2)]

            freed = (await world.task_of(3)).manager
            await done_with(world, 3)

            assert await world.verdicts(4) == ["opening-limit", "opened"]
            task = await world.task_of(4)
            assert (task.state, task.manager) == (TaskState.OFFERED, freed)
            last = (await world.reader.judgements(customer(4)))[0].gates[-1]
            assert (last.gate, last.actual, last.needed) == (Gate.OPENING_LIMIT, 1.0, 1.0)
            assert await world.reader.waiting_in_line(customer(4)) == []
            assert await world.verdicts(1) == ["opening-limit"], "its turn has not come"
            await holds(world)

    asyncio.run(check())


def test_a_weekend_in_line_makes_nobody_too_old(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as world:
            await passed(world, 90_000, 80_000, 70_000)
            world.later(days=40)

            await done_with(world, 1)

            assert await world.verdicts(3) == ["opening-limit", "opened"]

    asyncio.run(check())


def test_what_clears_in_line_leaves_it_with_a_decision(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as world:
            await passed(world, 90_000, 80_000, 70_000, 60_000)

            await world.hear(world.cleared(3))
            await done_with(world, 1)

            assert await world.verdicts(3) == ["opening-limit", "nothing-open", "nothing-open"]
            assert await world.verdicts(4) == ["opening-limit", "opened"]
            await holds(world)

    asyncio.run(check())


def test_who_waits_joins_the_task_that_opens_for_its_account(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as world:
            await world.hear(world.standing(1, stake=90_000), world.standing(2, stake=80_000))
            await world.hear(world.standing(3, placed(3, "ACME"), 70_000))
            await world.ended()

            await world.hear(world.raised(4, placed(4, "ACME")))

            assert await world.verdicts(3) == ["opening-limit", "joined"]
            assert len((await world.task_of(4)).standing) == 2
            await holds(world)

    asyncio.run(check())


def test_who_moves_waits_on_and_gets_its_task_where_it_is_then(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as world:
            await passed(world, 90_000, 80_000, 70_000)

            await world.hear(world.moved(3, placed(3, "ACME", ANN)))
            await done_with(world, 1)
            await done_with(world, 2)

            task = await world.task_of(3)
            assert (task.account, task.placement.owner) == ("ACME", ANN)
            await holds(world)

    asyncio.run(check())


def test_another_pass_looks_at_everybody_again(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as world:
            await passed(world, 90_000, 80_000, 70_000, 60_000)
            world.projection = "p-2"

            await world.hear(world.standing(1), world.standing(2), world.standing(4, stake=60_000))
            await world.ended()

            assert await world.verdicts(3) == ["opening-limit", "nothing-open"]
            assert (await world.reader.waiting_in_line(customer(3))) == []
            gates = [each.verdict for each in await world.reader.judgements(customer(4))]
            assert gates[-2:] == [Verdict.NOTHING_OPEN, Verdict.WITHHELD]
            await holds(world)

    asyncio.run(check())


def test_nobody_is_drawn_for_who_is_away_until_they_are_back(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as world:
            await passed(world, 90_000, 80_000, 70_000)
            done, away = await world.task_of(1), world.moment.day
            leave = (Leave(away, away + datetime.timedelta(days=3)),)
            team = [ManagerListed(code, 3) for code in (ANN, BEN) if code != done.manager]
            await world.desk.list_managers(
                [*team, ManagerListed(str(done.manager), 3, leave=leave)]
            )

            await done_with(world, 1)
            assert await world.verdicts(3) == ["opening-limit"]

            world.later(days=4)
            await world.desk.tick()
            assert await world.verdicts(3) == ["opening-limit", "opened"]
            await holds(world)

    asyncio.run(check())


def test_two_desks_on_one_store_draw_nobody_twice(open_store: OpenStore) -> None:
    async def check() -> None:
        async with desk_world(open_store, ONE_EACH) as first, desk_world(open_store) as second:
            second.desk.decide_by(first.rules)
            await passed(first, 90_000, 80_000, *[70_000] * 6)
            await asyncio.gather(done_with(first, 1), done_with(second, 2))

            opened = [n for n in range(3, 9) if "opened" in await first.verdicts(n)]
            assert opened == [3, 4]
            await holds(second)

    asyncio.run(check())
