"""Fetches that are asked for at the same moment, sent to each broker as one request.

A log has many partitions, and whoever reads a day of all of them would else send a request for each.
"""

import asyncio
from typing import NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.errors import KafkaError
from aiokafka.protocol.fetch import FetchRequest


class Place(NamedTuple):
    """Where in a partition to read on, and how many bytes at most; ``topic`` is its whole name."""

    topic: str
    partition: int
    offset: int
    max_bytes: int


class Answer(NamedTuple):
    """What a broker answers of a partition: an error code, its committed end, records as they came.

    ``aborted`` are pairs of a producer's id and an offset.
    """

    code: int
    end: int
    aborted: list[tuple[int, int]]
    data: bytes


class FetchRequests:
    """The fetch requests of one client. What it raises is raised to all who asked together."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client
        self._gathering: dict[int, _Request] = {}

    async def answer(self, node: int, place: Place) -> Answer:
        """Return what a broker has at a place, together with whoever else asks it at this moment."""
        request = self._gathering.get(node)
        if request is None or request.has(place):
            request = self._gathering[node] = _Request()
            asyncio.get_running_loop().call_soon(self._send, node, request)
        answer = await request.answer_of(place)
        if answer.data or answer.code or place.offset >= answer.end:
            return answer
        return await self.answer_alone(
            node, place
        )  # what is larger than asked for comes alone only

    async def answer_alone(self, node: int, place: Place, wait_ms: int = 0) -> Answer:
        """Return what a broker has at a place; with ``wait_ms``, wait so long for a first record."""
        request = _Request()
        waiting = request.answer_of(place)
        await request.fill(self._client, node, wait_ms)
        return await waiting

    def _send(self, node: int, request: "_Request") -> None:
        if self._gathering.get(node) is request:
            del self._gathering[node]
        request.filling = asyncio.ensure_future(request.fill(self._client, node))


class _Request:
    """Places of one broker, each of another partition, and who waits for what is there."""

    def __init__(self) -> None:
        self.filling: asyncio.Future[None] | None = None  # held, so that it is not let go of
        self._asked: dict[tuple[str, int], Place] = {}
        self._waiting: dict[tuple[str, int], asyncio.Future[Answer]] = {}

    def has(self, place: Place) -> bool:
        """Whether its partition is asked for already."""
        return (place.topic, place.partition) in self._asked

    def answer_of(self, place: Place) -> asyncio.Future[Answer]:
        """Ask for a place, too; return its answer to come."""
        key = (place.topic, place.partition)
        self._asked[key] = place
        self._waiting[key] = asyncio.get_running_loop().create_future()
        return self._waiting[key]

    async def fill(self, client: AIOKafkaClient, node: int, wait_ms: int = 0) -> None:
        """Send it, and give everybody the answer, or what was raised."""
        topics: dict[str, list[tuple[int, int, int]]] = {}
        for topic, partition, offset, max_bytes in self._asked.values():
            topics.setdefault(topic, []).append((partition, offset, max_bytes))
        most = sum(place.max_bytes for place in self._asked.values())
        request = FetchRequest(wait_ms, 1, most, READ_COMMITTED, list(topics.items()))
        try:
            response = await client.send(node, request)
        except (KafkaError, OSError) as error:
            self._fail(error)
            return
        for topic, answers in response.topics:
            for partition, code, _, end, *rest in answers:
                aborted = rest[1] if response.API_VERSION >= 11 else rest[-2]
                waiting = self._waiting[topic, partition]
                if not waiting.done():
                    waiting.set_result(Answer(code, end, aborted, rest[-1] or b""))
        self._fail(KafkaError("the broker left out what it was asked for"))

    def _fail(self, error: Exception) -> None:
        """Raise it to all who have no answer yet."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(error)
