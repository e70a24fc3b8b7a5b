"""Signals as brokers hand them out: left out, handed out twice, of another topic. None is lost, none counts twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry

from events.control import ClockMode
from events.marks import Emission
from infra.desk.port import DeskUnavailableError
from infra.health.board import Condition, HealthBoard
from infra.health.desk_figures import DeskFigures
from infra.log.head import LogHead
from infra.log.kafka_fetching import BEGINNING, Fetched
from infra.log.kafka_records import Consumed, output_message
from infra.log.records import Output
from services.alerts.from_kafka.places import kept_places
from services.alerts.from_kafka.signal_log import SignalLog
from services.alerts.from_kafka.taking import Taking, TakingPlace
from tests.support.desks import DeskWorld, desk_world, in_sqlite
from tests.support.given import LOG

HEAD = LogHead(LOG, ClockMode.WALL, standing="p-1", emissions={"p-1": Emission.LIVE})


class Topic:
    """One partition of ``crm.signals``; what is below ``begin`` has expired."""

    def __init__(self) -> None:
        self.messages: list[Consumed] = []
        self.begin = 0

    def partitions(self, _: str) -> int:
        return 1

    async def offsets(self, _: str, times: Mapping[int, int]) -> Mapping[int, int]:
        begins = next(iter(times.values())) == BEGINNING
        return {0: self.begin if begins else len(self.messages)}

    async def fetch(
        self, _topic: str, _partition: int, offset: int, *, max_bytes: int = 0
    ) -> Fetched:
        start, end = max(offset, self.begin), len(self.messages)
        return Fetched(self.messages[start : start + 2], min(start + 2, end), end)

    def add(self, world: DeskWorld, number: int) -> None:
        record = world.record(world.raised(number))
        output = Output(
            record.topic,
            record.sequence,
            record.type,
            record.customer_id,
            record.day,
            Emission.LIVE,
            record.data,
        )
        message = output_message(record.projection, 0, output)
        offset = len(self.messages)
        self.messages.append(
            Consumed(record.topic, 0, offset, 0, message.key, message.value, message.headers)
        )


class Log:
    """A log that says where it stands."""

    head = HEAD

    async def catch_up(self) -> None:
        """There is never more."""


class Here:
    """A desk, a topic of six signals, and what takes them in."""

    def __init__(self, world: DeskWorld, *, accept_loss: bool = False) -> None:
        self.world = world
        self.topic = Topic()
        for number in range(6):
            self.topic.add(world, number)
        self.accept_loss = accept_loss
        self.begin_anew()

    def begin_anew(self) -> None:
        """Another process takes over."""
        self.board = HealthBoard()
        self.taking = Taking(
            TakingPlace(
                log=Log(),
                signals=SignalLog(self.topic),
                desk=self.world.desk,
                board=self.board,
                figures=DeskFigures(CollectorRegistry()),
                passing=(DeskUnavailableError,),
                accept_loss=self.accept_loss,
            )
        )

    async def hand_out(self, *offsets: int) -> set[int]:
        return await self.taking.take({0: [self.topic.messages[each] for each in offsets]})

    async def decided(self) -> Sequence[int]:
        rows = await self.world.reader.fetch("SELECT sequence FROM desk_judgements ORDER BY 1")
        return [int(str(sequence)) for (sequence,) in rows]

    def halted(self) -> list[str]:
        parts = self.board.report().parts
        return [part.reason for part in parts if part.condition is Condition.HALTED]


@asynccontextmanager
async def here(path: Path, *, accept_loss: bool = False) -> AsyncIterator[Here]:
    async with desk_world(in_sqlite(path)) as world:
        yield Here(world, accept_loss=accept_loss)


def test_what_the_broker_leaves_out_is_fetched_and_decided_on_in_order(tmp_path: Path) -> None:
    async def check() -> None:
        async with here(tmp_path) as desk:
            assert await desk.taking.starts([0]) == {0: 0}
            assert await desk.hand_out(0, 1) == {0}

            assert await desk.hand_out(4, 5) == {0}

            assert await desk.decided() == [0, 1, 2, 3, 4, 5]

    asyncio.run(check())


def test_what_is_handed_out_again_changes_nothing_and_who_takes_over_goes_on(
    tmp_path: Path,
) -> None:
    async def check() -> None:
        async with here(tmp_path) as desk:
            await desk.hand_out(0, 1, 2)
            desk.begin_anew()

            assert await desk.taking.starts([0]) == {0: 3}
            await desk.hand_out(1, 2, 3)
            await desk.hand_out(3)

            assert await desk.decided() == [0, 1, 2, 3]

    asyncio.run(check())


def test_a_place_of_another_topic_is_none(tmp_path: Path) -> None:
    async def check() -> None:
        async with here(tmp_path) as desk:
            await desk.hand_out(0, 1, 2, 3)
            desk.begin_anew()
            del desk.topic.messages[1]  # as a restored topic has other offsets
            desk.topic.messages = [
                each._replace(offset=number) for number, each in enumerate(desk.topic.messages)
            ]

            assert await desk.taking.starts([0]) == {0: 0}
            await desk.hand_out(0, 1, 2, 3, 4)

            assert await desk.decided() == [0, 1, 2, 3, 4, 5]

    asyncio.run(check())


def test_what_expired_undecided_stops_the_partition_until_it_is_accepted(tmp_path: Path) -> None:
    async def check(accept_loss: bool, folder: Path) -> Here:
        async with here(folder, accept_loss=accept_loss) as desk:
            await desk.hand_out(0)
            desk.begin_anew()
            desk.topic.begin = 3

            await desk.taking.starts([0])
            went_on = await desk.hand_out(3, 4, 5)

            assert went_on == ({0} if accept_loss else set())
            assert await desk.decided() == ([0, 3, 4, 5] if accept_loss else [0])
            return desk

    for accept_loss in (False, True):
        folder = tmp_path / str(accept_loss)
        folder.mkdir()
        desk = asyncio.run(check(accept_loss, folder))
        assert bool(desk.halted()) is not accept_loss
    assert desk.halted() == []


def test_a_signal_that_cannot_be_read_stops_the_partition_behind_those_before_it(
    tmp_path: Path,
) -> None:
    async def check() -> None:
        async with here(tmp_path) as desk:
            damaged = desk.topic.messages[2]._replace(value=b"[]")
            desk.topic.messages[2] = damaged

            assert await desk.hand_out(0, 1, 2, 3) == set()
            assert await desk.hand_out(4) == set()

            assert await desk.decided() == [0, 1]
            (reason,) = desk.halted()
            assert "start a release that knows it" in reason
            kept = await desk.world.desk.run(lambda store: kept_places(store, [0]))
            assert kept == {}, "it begins again before it"

    asyncio.run(check())


def test_a_projection_that_spoke_before_the_desk_began_is_left_alone(tmp_path: Path) -> None:
    async def check() -> None:
        async with here(tmp_path) as desk:
            both = {"p-1": Emission.SILENT, "p-2": Emission.LIVE}
            log = Log()
            log.head = msgspec.structs.replace(HEAD, standing="p-2", emissions=both)
            desk.taking = Taking(desk.taking._place._replace(log=log))
            await desk.hand_out(0, 1)
            desk.world.projection = "p-2"
            desk.topic.add(desk.world, 9)

            assert await desk.hand_out(6) == {0}

            rows = await desk.world.reader.fetch("SELECT projection FROM desk_judgements")
            assert rows == [("p-2",)]

    asyncio.run(check())
