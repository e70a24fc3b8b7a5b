"""What a projection has stored in Redis, for cards, lists and proofs, while its workers go on."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from heapq import merge
from typing import Any, Self

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from events.values import CustomerId
from infra.log.partitioning import partition_of
from infra.state.port import (
    START,
    Position,
    Quarantined,
    ReadRow,
    StateRow,
    StoreIdentity,
)
from infra.state.redis_errors import explained
from infra.state.redis_keys import StateKeys

ROWS_A_READ = 500
"""Customers that are asked for at once, over all partitions."""


class RedisStateReader:
    """`StateReader` on the keys that the workers write; it holds no lease.

    Every customer is read in one transaction with the position of its partition, so both belong
    together however fast the worker of the partition goes on.
    """

    def __init__(
        self,
        client: Redis,
        keys: Sequence[StateKeys],
        identities: Sequence[StoreIdentity | None],
        positions: Sequence[Position],
    ) -> None:
        """Use `open`."""
        self.partitions = len(keys)
        self._client = client
        self._keys = keys
        self._identities = identities
        self._positions = positions

    @classmethod
    async def open(cls, client: Redis, log_id: str, projection: str, partitions: int) -> Self:
        """Read where the projection stands in every partition."""
        keys = [StateKeys(log_id, projection, partition) for partition in range(partitions)]
        pipeline = client.pipeline(transaction=False)
        for of in keys:
            pipeline.get(of.identity)
            pipeline.get(of.position)
        with explained(client, f"the states of {projection}"):
            found = await pipeline.execute()
        identities = [
            None if data is None else msgspec.msgpack.decode(data, type=StoreIdentity)
            for data in found[::2]
        ]
        return cls(client, keys, identities, [_position(data) for data in found[1::2]])

    def position(self, partition: int) -> Position:
        """Return the position that a partition had when this was opened."""
        return self._positions[partition]

    def identity(self, partition: int) -> StoreIdentity | None:
        """Return what the store of a partition belongs to."""
        return self._identities[partition]

    async def rows(self, *, standing_only: bool = False) -> AsyncIterator[ReadRow]:
        """Iterate over those who have a state, in id order over all partitions."""
        customer_ids = await self._customer_ids(standing_only=standing_only)
        for start in range(0, len(customer_ids), ROWS_A_READ):
            for found in await self.read(customer_ids[start : start + ROWS_A_READ]):
                if found.row is not None and (found.row.standing or not standing_only):
                    yield found

    async def read(self, customer_ids: Sequence[CustomerId]) -> Sequence[ReadRow]:
        """Return these customers, in this order, also those without a state."""
        by_partition: defaultdict[int, list[CustomerId]] = defaultdict(list)
        for customer_id in customer_ids:
            by_partition[partition_of(customer_id, self.partitions)].append(customer_id)
        found: dict[CustomerId, ReadRow] = {}
        for partition, some in by_partition.items():
            for row in await self._read_together(self._keys[partition], some):
                found[row.customer_id] = row
        return [found[customer_id] for customer_id in customer_ids]

    async def row(self, customer_id: CustomerId) -> ReadRow:
        """Return a customer, also one without a state."""
        (found,) = await self.read([customer_id])
        return found

    async def count(self) -> int:
        """Return how many customers have a state."""
        pipeline = self._client.pipeline(transaction=False)
        for of in self._keys:
            pipeline.hlen(of.states)
        return sum(await self._answers(pipeline))

    async def standing_count(self) -> int:
        """Return how many customers have a standing signal."""
        pipeline = self._client.pipeline(transaction=False)
        for of in self._keys:
            pipeline.zcard(of.standing)
        return sum(await self._answers(pipeline))

    async def quarantined(self) -> Sequence[Quarantined]:
        """Return the customers in quarantine, in id order over all partitions."""
        pipeline = self._client.pipeline(transaction=False)
        for of in self._keys:
            pipeline.hgetall(of.quarantine)
        return sorted(
            _quarantined(customer_id.decode(), data)
            for entries in await self._answers(pipeline)
            for customer_id, data in entries.items()
        )

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()

    async def _customer_ids(self, *, standing_only: bool) -> list[CustomerId]:
        pipeline = self._client.pipeline(transaction=False)
        for of in self._keys:
            if standing_only:
                pipeline.zrange(of.standing, 0, -1)
            else:
                pipeline.hkeys(of.states)
        each = [sorted(ids) for ids in await self._answers(pipeline)]
        return [CustomerId(customer_id.decode()) for customer_id in merge(*each)]

    async def _read_together(
        self, of: StateKeys, customer_ids: Sequence[CustomerId]
    ) -> list[ReadRow]:
        """Read customers of one partition, and its position, in one transaction."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.get(of.position)
        pipeline.hmget(of.states, customer_ids)
        pipeline.zmscore(of.due, list[str](customer_ids))
        pipeline.zmscore(of.standing, list[str](customer_ids))
        pipeline.hmget(of.quarantine, customer_ids)
        stands, *columns = await self._answers(pipeline)
        position = _position(stands)
        return [
            ReadRow(
                customer_id,
                None
                if data is None
                else StateRow(customer_id, data, _day(due), standing is not None),
                position,
                None if held is None else _quarantined(customer_id, held),
            )
            for customer_id, data, due, standing, held in zip(customer_ids, *columns, strict=True)
        ]

    async def _answers(self, pipeline: Pipeline) -> list[Any]:  # each command has its own kind
        with explained(self._client, self._keys[0].prefix):
            return await pipeline.execute()


def _position(data: bytes | None) -> Position:
    return START if data is None else msgspec.msgpack.decode(data, type=Position)


def _day(score: float | None) -> int | None:
    return None if score is None else int(score)


def _quarantined(customer_id: str, data: bytes) -> Quarantined:
    offset, error = msgspec.msgpack.decode(data, type=tuple[int, str])
    return Quarantined(CustomerId(customer_id), offset, error)
