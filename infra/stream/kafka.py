"""Feeds runners in Kafka mode: one member of a consumer group on ``crm.facts``."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
)

from infra.kafka.connection import AiokafkaArguments
from infra.log.port import LogUnavailableError
from infra.log.records import FactRecord
from infra.mendable import MendableError
from infra.stream.handover import HandedOverError, Handover
from infra.stream.kafka_group import Assignments, GroupOffsets, PartitionRevokedError, Rebalances
from infra.stream.partition_buffer import PartitionBuffer

RECORDS_HELD = 4000
"""A partition that holds so many is fetched no further until half of them are folded."""

BYTES_A_FETCH = 256 * 1024
"""Of one partition at once; so a buffer goes over its bound by no more."""

MILLISECONDS_A_FETCH = 100
"""A fetch that finds nothing waits so long, and a partition that wants to join in waits for it."""

MILLISECONDS_OF_METADATA = 10_000
"""A topic that was deleted and made anew is looked at again after so long."""

SECONDS_TO_WAIT_FOR_MORE = 3.0
SECONDS_TO_REJOIN = 30.0
"""A member that takes longer to hand its partitions over is thrown out of the group."""

SECONDS_OF_SILENCE = 10.0
"""A member that the coordinator has not heard of for so long is taken for dead."""

Message = ConsumerRecord[bytes, bytes]

Decode = Callable[[Message], FactRecord]
"""Makes a record of a message of ``crm.facts``."""

REFUSED = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)


class FeedRefusedError(MendableError):
    """The brokers do not let this process read, or join its group."""


class FactsGoneError(MendableError):
    """``crm.facts`` does not have any more what was to be read next."""


class FeedPlace(msgspec.Struct, frozen=True):
    """Which topic a feed reads, and in which group."""

    topic: str
    group: str


class _Fed:
    """One partition of this member."""

    def __init__(self, place: TopicPartition) -> None:
        self.place = place
        self.buffer = PartitionBuffer()
        self.end = 0
        self.paused = True
        self.changed = asyncio.Event()
        self._failed: Exception | None = None

    @property
    def is_full(self) -> bool:
        return len(self.buffer) >= RECORDS_HELD or self._failed is not None

    def fail(self, error: Exception) -> None:
        self._failed = error
        self.changed.set()

    def check(self) -> None:
        if self._failed is not None:
            raise self._failed

    async def change(self) -> None:
        await self.changed.wait()
        self.check()


class FactFeed:
    """Reads the partitions that the group gives this member, ahead of those who fold them.

    What was folded is known by the states' own positions: a feed begins where it is asked to. Make
    it where an event loop runs, and use it once.
    """

    def __init__(self, arguments: AiokafkaArguments, place: FeedPlace, decode: Decode) -> None:
        self._place = place
        self._decode = decode
        self._feds: dict[int, _Fed] = {}
        self._stopping = Handover()
        self._consumer = AIOKafkaConsumer(
            **arguments,
            group_id=place.group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=MILLISECONDS_A_FETCH,
            metadata_max_age_ms=MILLISECONDS_OF_METADATA,
            max_partition_fetch_bytes=BYTES_A_FETCH,
            session_timeout_ms=int(SECONDS_OF_SILENCE * 1000),
            rebalance_timeout_ms=int(SECONDS_TO_REJOIN * 1000),
        )
        self._offsets = GroupOffsets(self._consumer, place.topic)

    async def run(self, assignments: Assignments) -> None:
        """Join the group, and fetch until `stop`; then hand everything over and leave.

        Raises:
            FeedRefusedError: the brokers do not allow it.
            LogUnavailableError: the brokers do not answer; a new feed may be tried in a while.
        """
        listener = Rebalances(self._begin, self._end, assignments)
        try:
            await self._stopping.unless_asked(self._consumer.start())
            self._consumer.subscribe([self._place.topic], listener=listener)
            while True:
                await self._stopping.unless_asked(self._fetch())
                await self._offsets.write(self._feds, asyncio.get_running_loop().time())
        except HandedOverError:
            return
        except REFUSED as error:
            raise FeedRefusedError(
                f"may not read {self._place.topic} in group {self._place.group} ({error}):"
                " `holdfast topics check` says which right is missing"
            ) from error
        except KafkaError as error:
            raise self._unavailable(error) from error
        finally:
            await listener.on_partitions_revoked(set())
            await self._consumer.stop()

    def stop(self) -> None:
        """Let `run` return."""
        self._stopping.ask()

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        """Return up to ``limit`` records whose offset is above ``after``; none at the end.

        Raises:
            PartitionRevokedError: the partition is another member's.
            FactsGoneError: the topic was cut or made anew.
            LogUnavailableError: the brokers do not answer.
        """
        fed = self._fed(partition)
        try:
            if not fed.buffer.follows_on(after):
                await self._seek(fed, after + 1)
            while True:
                fed.changed.clear()
                records = fed.buffer.take(after, limit)
                self._make_room(fed)
                if records or await self._is_at_end(fed):
                    return records
                await fed.change()
        except IllegalStateError as error:
            raise PartitionRevokedError(f"partition {partition}: {error}") from error
        except KafkaError as error:
            raise self._unavailable(error) from error

    async def end_offset(self, partition: int) -> int:
        """Return the offset before the end of a partition, -1 for an empty one."""
        place = self._fed(partition).place
        return int((await self._consumer.end_offsets([place]))[place]) - 1

    async def wait_for_more(self, partition: int) -> None:
        """Return once there is more to read of a partition, at latest after a moment.

        Raises what stops `read_facts`.
        """
        fed = self._fed(partition)
        try:
            async with asyncio.timeout(SECONDS_TO_WAIT_FOR_MORE):
                while not fed.buffer:
                    fed.changed.clear()
                    await fed.change()
        except TimeoutError:
            return

    def note_folded(self, partition: int, offset: int) -> None:
        """Hear that everything up to an offset is folded and committed."""
        self._offsets.note(partition, offset)

    def ahead_of(self, partition: int, offset: int) -> int:
        """Return how many offsets of a partition lie ahead of one, as far as is known here."""
        fed = self._feds.get(partition)
        return 0 if fed is None else max(0, self._known_end(fed) - 1 - offset)

    def oldest_ahead(self, partition: int, offset: int) -> int | None:
        """Return when the next record ahead of an offset was appended, where it was fetched."""
        fed = self._feds.get(partition)
        return None if fed is None else fed.buffer.appended_after(offset)

    def _fed(self, partition: int) -> _Fed:
        fed = self._feds.get(partition)
        if fed is None:
            raise PartitionRevokedError(f"partition {partition} is not this member's")
        fed.check()
        return fed

    async def _seek(self, fed: _Fed, offset: int) -> None:
        ends = await self._consumer.end_offsets([fed.place])
        fed.check()
        fed.end = ends[fed.place]
        fed.buffer.restart(offset)
        self._consumer.seek(fed.place, offset)

    async def _is_at_end(self, fed: _Fed) -> bool:
        position = await self._consumer.position(fed.place)
        fed.check()
        return position >= self._known_end(fed) and not fed.buffer

    def _known_end(self, fed: _Fed) -> int:
        try:
            return max(fed.end, self._consumer.last_stable_offset(fed.place) or 0)
        except IllegalStateError:
            return fed.end

    def _make_room(self, fed: _Fed) -> None:
        """Fetch further where enough was folded."""
        if fed.paused and len(fed.buffer) <= RECORDS_HELD // 2:
            self._consumer.resume(fed.place)
            fed.paused = False

    async def _fetch(self) -> None:
        try:
            fetched = await self._consumer.getmany(timeout_ms=2 * MILLISECONDS_A_FETCH)
        except NoOffsetForPartitionError:
            return  # whoever folds it says where to begin
        except OffsetOutOfRangeError as error:
            self._lose(error.args[0])
            return
        for place, messages in fetched.items():
            fed = self._feds.get(place.partition)
            if fed is not None:
                self._take_in(fed, messages)
        if not fetched:
            for fed in self._feds.values():
                fed.changed.set()  # it may have come to its end by passing transaction markers

    def _take_in(self, fed: _Fed, messages: Sequence[Message]) -> None:
        try:
            fed.buffer.add([self._decode(message) for message in messages])
        except MendableError as error:
            fed.fail(error)
        if fed.is_full:
            self._pause(fed)
        fed.changed.set()

    def _pause(self, fed: _Fed) -> None:
        self._consumer.pause(fed.place)
        fed.paused = True

    def _lose(self, offsets: dict[TopicPartition, int]) -> None:
        for place, offset in offsets.items():
            fed = self._feds.get(place.partition)
            if fed is not None:
                self._pause(fed)
                fed.fail(
                    FactsGoneError(
                        f"{place.topic} partition {place.partition} does not have offset {offset}"
                        " any more: it was cut or made anew, and the states are of the one before;"
                        " restore the topic that belongs to them"
                    )
                )

    def _begin(self, places: Iterable[TopicPartition]) -> None:
        for place in places:
            self._feds[place.partition] = _Fed(place)
            self._pause(self._feds[place.partition])
            self._consumer.seek(place, 0)  # without a place of its own it keeps others waiting

    def _end(self) -> list[int]:
        ended, self._feds = self._feds, {}
        for partition, fed in ended.items():
            fed.fail(PartitionRevokedError(f"partition {partition} is handed over"))
        return sorted(ended)

    def _unavailable(self, error: KafkaError) -> LogUnavailableError:
        return LogUnavailableError(f"{self._place.topic} cannot be read: {error!r}")
