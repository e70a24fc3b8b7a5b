"""Takes signals in as the broker hands them out: in the order of each partition, none left out."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

import structlog

from infra.desk.desk import DeskHaltedError, TaskDesk
from infra.health.board import HealthBoard
from infra.health.desk_figures import DeskFigures
from infra.log.head import LogHead
from infra.log.kafka_records import Consumed, DamagedMessageError, output_of
from infra.log.records import OutputRecord
from infra.mendable import MendableError
from services.alerts.from_kafka.following import Following
from services.alerts.from_kafka.places import SignalPlace, keep_places, kept_places
from services.alerts.from_kafka.signal_log import SignalLog

SECONDS_BETWEEN_TRIES = 1.0
DESK = "desk"

logger = structlog.get_logger()


class ControlledLog(Protocol):
    """A log as far as its control records say where it stands."""

    @property
    def head(self) -> LogHead | None:
        """Where it stands."""
        ...

    async def catch_up(self) -> None:
        """Return once the head holds everything that stood at the call."""
        ...


class PartitionHaltedError(Exception):
    """A partition stands still, and that was said already."""


class TakingPlace(NamedTuple):
    """With what signals are taken in; ``passing`` are the errors that go away by themselves."""

    log: ControlledLog
    signals: SignalLog
    desk: TaskDesk
    board: HealthBoard
    figures: DeskFigures
    passing: tuple[type[MendableError], ...]
    accept_loss: bool


class Taking:
    """Decides on what comes. A partition at whose signal it cannot go on stands still, in sight.

    Where the store or the brokers are away it waits, and goes on by itself.
    """

    def __init__(self, place: TakingPlace) -> None:
        self._place = place
        self._following = Following(place.desk)
        self._next: dict[int, int] = {}
        self.halted: set[int] = set()

    async def starts(self, given: Sequence[int]) -> Mapping[int, int] | None:
        """Return from where partitions are read that this process was given; None if nobody knows now."""
        for partition in self.halted | self._next.keys():
            self._place.board.leave(_part(partition))
            self._place.figures.forget(partition)
        self.halted.clear()
        self._next.clear()
        for partition in given:
            self._place.figures.halted.labels(partition).set(0)
        try:
            kept = await self._place.desk.run(lambda store: kept_places(store, given))
            starts = await self._place.signals.starts(kept, given)
            begins = await self._place.signals.begins(given)
        except self._place.passing as error:
            logger.warning("where the desk is cannot be looked up now", reason=str(error))
            return None
        for partition, begin in begins.items():
            if starts[partition] < begin:
                self._miss(partition, begin - starts[partition])
        self._next = {
            partition: max(start, begins[partition]) for partition, start in starts.items()
        }
        return self._next

    async def take(self, batches: Mapping[int, Sequence[Consumed]]) -> set[int]:
        """Decide on batches of signals by partition; return the partitions that go on."""
        taken = {partition for partition in batches if partition not in self.halted}
        places: dict[int, SignalPlace] = {}
        for partition in sorted(taken):
            await self._until_decided(partition, batches[partition], places)
        while places:
            try:
                await self._place.desk.run(lambda store: keep_places(store, places))
                break
            except self._place.passing as error:
                await self._wait(error)
        self._place.board.leave(DESK)
        return taken - self.halted

    async def _until_decided(
        self, partition: int, messages: Sequence[Consumed], places: dict[int, SignalPlace]
    ) -> None:
        while True:
            try:
                place = await self._decide(partition, messages)
            except self._place.passing as error:
                await self._wait(error)
                continue
            except (DeskHaltedError, DamagedMessageError) as error:
                self._halt(partition, str(error))
                return
            except PartitionHaltedError:
                return
            if place is not None:
                places[partition] = place
            return

    async def _decide(self, partition: int, messages: Sequence[Consumed]) -> SignalPlace | None:
        start = await self._start(partition)
        wanted = [message for message in messages if message.offset >= start]
        if not wanted:
            return None
        if wanted[0].offset > start:
            wanted = [*await self._left_out(partition, start, wanted[0].offset), *wanted]
        records, damaged = _decoded(wanted)
        await self._place.log.catch_up()  # so that "now" is not before what is decided on
        for projection, group in groupby(records, lambda record: record.projection):
            if await self._following.takes(self._head(), projection):
                await self._place.desk.take(list(group))
        if damaged is not None:
            raise damaged
        last = records[-1]
        self._next[partition] = last.offset + 1
        return SignalPlace(last.offset, last.projection, last.sequence)

    async def _start(self, partition: int) -> int:
        if partition not in self._next:
            kept = await self._place.desk.run(lambda store: kept_places(store, [partition]))
            self._next |= await self._place.signals.starts(kept, [partition])
        return self._next[partition]

    async def _left_out(self, partition: int, start: int, end: int) -> Sequence[Consumed]:
        """Return what the broker did not hand out. Raises `PartitionHaltedError`."""
        begin = (await self._place.signals.begins([partition]))[partition]
        if start < begin:
            self._miss(partition, begin - start)
            if partition in self.halted:
                raise PartitionHaltedError
        return await self._place.signals.between(partition, max(start, begin), end)

    def _miss(self, partition: int, signals: int) -> None:
        """Stand still where signals expired undecided, unless it was said to go on behind them."""
        if self._place.accept_loss:
            logger.warning("signals are passed over", partition=partition, signals=signals)
            return
        self._halt(
            partition,
            f"{signals} signals of partition {partition} expired before they were decided on: start"
            " alerts once with HOLDFAST_ALERTS_ACCEPT_LOSS=true to go on behind them; who should have"
            " a task by them is seen by `holdfast flagged`",
        )

    def _head(self) -> LogHead:
        if self._place.log.head is None:
            raise LookupError("this log was never created")
        return self._place.log.head

    def _halt(self, partition: int, reason: str) -> None:
        logger.error("a partition of signals stands still", partition=partition, reason=reason)
        self.halted.add(partition)
        self._place.board.halted(_part(partition), reason)
        self._place.figures.halted.labels(partition).set(1)

    async def _wait(self, error: MendableError) -> None:
        logger.warning("alerts wait", reason=str(error))
        self._place.board.waits(DESK, str(error))
        await asyncio.sleep(SECONDS_BETWEEN_TRIES)


def _decoded(
    messages: Sequence[Consumed],
) -> tuple[list[OutputRecord], DamagedMessageError | None]:
    """Return records up to one that cannot be read."""
    records: list[OutputRecord] = []
    for message in messages:
        try:
            records.append(output_of(message))
        except DamagedMessageError as error:
            return records, error
    return records, None


def _part(partition: int) -> str:
    return f"crm.signals {partition}"
