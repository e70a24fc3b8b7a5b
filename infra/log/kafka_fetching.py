"""Reads partitions of Kafka at any offset, committed records only, by fetch requests of its own.

A consumer of the client library has one place a partition, waits in line behind its own long polls,
and does not tell where a partition ended when it answered. Here each request names its place, and
the answer says how far the committed records went.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Self, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import KafkaError, OffsetOutOfRangeError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import ConsumerRecord, TopicPartition

from events.catalogue import CONTROL, DEAD_LETTERS, FACTS, OUTPUT_TOPICS
from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_fetch_requests import FetchRequests, Place
from infra.log.kafka_records import Consumed
from infra.mendable import MendableError

TOPICS = (FACTS, CONTROL, DEAD_LETTERS, *OUTPUT_TOPICS)
BYTES_A_FETCH = 256 * 1024
SECONDS_TO_ANSWER = 30.0
SECONDS_BETWEEN_TRIES = 0.1
SECONDS_UNTIL_SEEN = 0.002
BEGINNING, END = -2, -1
"""What stands for these places where offsets are asked for by time."""

T = TypeVar("T")


class LogUnreadableError(MendableError):
    """The brokers do not answer, or not so that anything can be read."""


class TopicMissingError(MendableError):
    """A topic is not there."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"there is no topic {topic} on the brokers: run `holdfast topics apply`")


class Fetched(NamedTuple):
    """Records of one partition, where to read on, and where its committed records ended then."""

    records: Sequence[Consumed]
    next_offset: int
    end: int

    @property
    def is_all(self) -> bool:
        """Whether nothing more was there when this was answered."""
        return self.next_offset >= self.end


class KafkaFetcher:
    """One connection to each broker, for requests that are answered at once."""

    def __init__(self, client: AIOKafkaClient, settings: KafkaSettings) -> None:
        """Use `open`."""
        self._client = client
        self._requests = FetchRequests(client)
        self._servers = settings.bootstrap_servers
        self._names = TopicNames(settings.topic_prefix)
        self._own: dict[tuple[str, int], int] = {}

    @classmethod
    async def open(cls, settings: KafkaSettings) -> Self:
        """Connect. Raises `LogUnreadableError`."""
        client = AIOKafkaClient(**connection(settings).aiokafka)
        try:
            await client.bootstrap()
            names = TopicNames(settings.topic_prefix)
            await client.set_topics([names.of(topic) for topic in TOPICS])
        except (KafkaError, OSError) as error:
            await client.close()
            raise _unreadable(settings.bootstrap_servers, error) from error
        return cls(client, settings)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has. Raises `TopicMissingError`."""
        name = self._names.of(topic)
        found = self._client.cluster.partitions_for_topic(name)
        if not found:
            raise TopicMissingError(name)
        return len(found)

    async def fetch(
        self,
        topic: str,
        partition: int,
        offset: int,
        *,
        wait_ms: int = 0,
        max_bytes: int = BYTES_A_FETCH,
    ) -> Fetched:
        """Return some records from an offset on; with ``wait_ms``, wait so long for a first one.

        Raises `LogUnreadableError` where the brokers do not answer for some time.
        """
        place = (partition, offset, max_bytes)
        fetched = await self._tried(lambda: self._fetch(topic, place, wait_ms))
        deadline = _deadline()
        while fetched.is_all and fetched.end <= self._own.get((topic, partition), -1):
            if _passed(deadline):
                return fetched  # it is not the topic that it was
            await asyncio.sleep(SECONDS_UNTIL_SEEN)
            fetched = await self._tried(lambda: self._fetch(topic, place, wait_ms))
        return fetched

    def expect(self, topic: str, partition: int, offset: int) -> None:
        """From here on read no less far than this record, which was committed in this process.

        Brokers answer a commit before they let readers see all of it.
        """
        known = self._own.get((topic, partition), -1)
        self._own[topic, partition] = max(known, offset)

    async def ends(self, topic: str, partitions: Sequence[int]) -> Mapping[int, int]:
        """Return the offset after the last committed record, or its marker, of each partition."""
        deadline = _deadline()
        while True:
            found = await self.offsets(topic, dict.fromkeys(partitions, END))
            seen = all(end > self._own.get((topic, one), -1) for one, end in found.items())
            if seen or _passed(deadline):
                return found
            await asyncio.sleep(SECONDS_UNTIL_SEEN)

    async def offsets(self, topic: str, times: Mapping[int, int]) -> Mapping[int, int]:
        """Return the first offset in each partition that was appended at a time or later.

        Times are milliseconds since the epoch, or `BEGINNING`, or `END`. Where nothing was appended
        since, that is the partition's end.
        """
        return await self._tried(lambda: self._offsets(topic, times))

    async def moved(self, topic: str, known: Mapping[int, int], wait_ms: int) -> bool:
        """Wait until a partition has something at its known end; tell whether one has."""
        by_node: dict[int, list[tuple[int, int, int]]] = {}
        for partition, end in known.items():
            by_node.setdefault(self._leader(topic, partition), []).append((partition, end, 1))
        name = self._names.of(topic)
        requests = [
            FetchRequest(wait_ms, 1, 1, READ_COMMITTED, [(name, asked)])
            for asked in by_node.values()
        ]
        sent = [
            asyncio.ensure_future(self._client.send(node, request))
            for node, request in zip(by_node, requests, strict=True)
        ]
        done, waiting = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        return any(
            lso > known[partition]
            for task in done
            for _, answers in task.result().topics
            for partition, _, _, lso, *_ in answers
        )

    async def _fetch(self, topic: str, place: tuple[int, int, int], wait_ms: int) -> Fetched:
        name, (partition, offset, _) = self._names.of(topic), place
        leader, asked = self._leader(topic, partition), Place(name, *place)
        if wait_ms:
            answer = await self._requests.answer_alone(leader, asked, wait_ms)
        else:
            answer = await self._requests.answer(leader, asked)
        error = for_code(answer.code)
        if error is OffsetOutOfRangeError:
            return await self._elsewhere(topic, partition, offset)
        if answer.code:
            raise error(f"{name} partition {partition}")
        records = PartitionRecords(
            TopicPartition(name, partition),
            MemoryRecords(answer.data),
            answer.aborted,
            offset,
            None,
            None,
            True,  # check checksums
            READ_COMMITTED,
        )
        found: list[ConsumerRecord[bytes, bytes]] = list(records)
        return Fetched(
            [Consumed.of(topic, record) for record in found],
            max(offset, records.next_fetch_offset),
            answer.end,
        )

    async def _elsewhere(self, topic: str, partition: int, offset: int) -> Fetched:
        """What was there is gone by its retention, or nothing is there yet."""
        begin = (await self._offsets(topic, {partition: BEGINNING}))[partition]
        end = (await self._offsets(topic, {partition: END}))[partition]
        return Fetched([], begin if offset < begin else max(offset, end), end)

    async def _offsets(self, topic: str, times: Mapping[int, int]) -> dict[int, int]:
        by_node: dict[int, list[tuple[int, int]]] = {}
        for partition, time_ms in times.items():
            by_node.setdefault(self._leader(topic, partition), []).append((partition, time_ms))
        name = self._names.of(topic)
        responses = await asyncio.gather(
            *(
                self._client.send(node, OffsetRequest(-1, READ_COMMITTED, [(name, asked)]))
                for node, asked in by_node.items()
            )
        )
        found: dict[int, int] = {}
        for response in responses:
            for _, answers in response.topics:
                for partition, code, _, offset in answers:
                    if code:
                        raise for_code(code)(f"{name} partition {partition}")
                    found[partition] = offset
        unknown = [partition for partition, offset in found.items() if offset < 0]
        return found | (await self._offsets(topic, dict.fromkeys(unknown, END)) if unknown else {})

    def _leader(self, topic: str, partition: int) -> int:
        place = TopicPartition(self._names.of(topic), partition)
        leader = self._client.cluster.leader_for_partition(place)
        if leader is None or leader < 0:
            raise KafkaError(f"{place.topic} partition {partition} has no leader")
        return int(leader)

    async def _tried(self, ask: Callable[[], Awaitable[T]]) -> T:
        deadline = _deadline()
        while True:
            try:
                return await ask()
            except (KafkaError, OSError) as error:
                if _passed(deadline):
                    raise _unreadable(self._servers, error) from error
            await self._look_again()

    async def _look_again(self) -> None:
        await asyncio.sleep(SECONDS_BETWEEN_TRIES)
        try:
            await self._client.force_metadata_update()  # a partition may have another leader by now
        except (KafkaError, OSError):
            return  # the next try says so


def _deadline() -> float:
    return asyncio.get_running_loop().time() + SECONDS_TO_ANSWER


def _passed(deadline: float) -> bool:
    return asyncio.get_running_loop().time() > deadline


def _unreadable(servers: str, error: Exception) -> LogUnreadableError:
    return LogUnreadableError(
        f"the brokers at {servers} do not answer ({error}): check that they are up, and by"
        " `holdfast topics check` that this service may read"
    )
