"""The states of Kafka mode: one set of Redis keys a partition, held by a lease.

The log is the truth: a Redis that was killed may have lost its last second, states and position
together, and the partition is folded on from what it still has.
"""

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Self

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from events.values import CustomerId
from infra.state.port import (
    NOBODY,
    Commit,
    Position,
    Quarantined,
    StateUnavailableError,
    StoreIdentity,
)
from infra.state.redis_changes import changes_of
from infra.state.redis_due import DueList
from infra.state.redis_partition import HeldPartition

_IDS_A_COMMAND = 1000

_quarantine = msgspec.msgpack.Decoder(tuple[int, str])


class RedisStateStore:
    """`StateStore` in Redis 7. The client is shared, and closed by whoever made it."""

    def __init__(self, held: HeldPartition) -> None:
        """Use a partition that is held: see `open`."""
        self._held = held
        self._keys = held.keys
        self._waiting: DueList | None = None

    @classmethod
    async def open(cls, client: Redis, identity: StoreIdentity, nonce: str) -> Self:
        """Take the partition over from whoever holds it.

        Args:
            client: one that tries nothing again by itself, as `open_redis` returns it.
            identity: what the states belong to.
            nonce: what no other opening was ever given.

        Raises:
            IdentityMismatchError: the keys belong to something else; they are left as they are.
            StateUnavailableError: Redis does not serve.
        """
        return cls(await HeldPartition.take(client, identity, nonce))

    async def position(self) -> Position:
        """Return the committed position; from here on reads are of this one."""
        self._waiting = None
        return await self._held.position()

    async def load(self, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, bytes]:
        """Return the states of those who have one."""
        found = zip(customer_ids, await self._states(customer_ids), strict=True)
        return {customer_id: data for customer_id, data in found if data is not None}

    async def due(
        self,
        day: int,
        after: CustomerId | None,
        limit: int,
        known: Container[CustomerId] = NOBODY,
    ) -> Sequence[tuple[CustomerId, bytes | None]]:
        """Return states due on ``day`` or before, in id order, above ``after``.

        States of those in ``known`` are not read; nothing is asked for a chunk of them alone, which
        was handed out of a list whose reading compared lease and position.

        Redis keeps them in the order of their days, so the first call reads all of a day and sorts
        them, and calls that go on where the last one ended are served from that. It is what asking
        anew would give: only a commit changes who is due. One by another worker changes the lease,
        and the read of the states refuses that; one of ours drops the list, but where it changes
        only customers who were handed out already, who are not above ``after``.
        """
        waiting, self._waiting = self._waiting, None
        if waiting is None or not waiting.goes_on(day, after):
            (found,) = await self._held.read(
                [lambda pipe: pipe.zrangebyscore(self._keys.due, "-inf", day)]
            )
            waiting = DueList.of(day, found, after)
        chunk, waiting = waiting.next(limit)
        ids = [CustomerId(name.decode()) for name in chunk]
        wanted = [customer_id for customer_id in ids if customer_id not in known]
        states = dict(await self._rows(wanted)) if wanted else {}
        self._waiting = waiting
        return [(customer_id, states.get(customer_id)) for customer_id in ids]

    async def standing(
        self, after: CustomerId | None, limit: int
    ) -> Sequence[tuple[CustomerId, bytes]]:
        """Return states with a standing signal, in id order, above ``after``."""
        above = "-" if after is None else f"({after}"
        (ids,) = await self._held.read(
            [lambda pipe: pipe.zrangebylex(self._keys.standing, above, "+", 0, limit)]
        )
        return await self._rows([CustomerId(name.decode()) for name in ids])

    async def quarantined(self) -> Sequence[Quarantined]:
        """Return the customers in quarantine, in id order."""
        (found,) = await self._held.read([lambda pipe: pipe.hgetall(self._keys.quarantine)])
        with self._held.explained():
            return sorted(
                Quarantined(CustomerId(name.decode()), *_quarantine.decode(entry))
                for name, entry in found.items()
            )

    async def commit(self, expected: Position, commit: Commit) -> None:
        """Store rows and position together, if lease and position still are ours.

        Raises:
            LeaseLostError: another worker has taken the partition; nothing was stored.
            PositionConflictError: the position is another one; nothing was stored.
            StateUnavailableError: Redis does not serve. The commit may stand all the same, so read
                the position before anything else.
        """
        waiting, self._waiting = self._waiting, None
        await self._held.commit(expected, commit.position, changes_of(commit))
        if waiting is not None and waiting.stands(commit.rows):
            self._waiting = waiting

    async def close(self) -> None:
        """Give the lease back if it still is ours. Without Redis it stays, and whoever comes takes it."""
        self._waiting = None
        with suppress(StateUnavailableError):
            await self._held.release()

    async def _states(self, ids: Sequence[CustomerId]) -> list[bytes | None]:
        starts = range(0, len(ids), _IDS_A_COMMAND)
        parts = [ids[start : start + _IDS_A_COMMAND] for start in starts]
        commands = [partial(_get, self._keys.states, part) for part in parts]
        return [state for part in await self._held.read(commands) for state in part]

    async def _rows(self, ids: Sequence[CustomerId]) -> list[tuple[CustomerId, bytes]]:
        rows = []
        for customer_id, data in zip(ids, await self._states(ids), strict=True):
            if data is None:
                raise StateUnavailableError(
                    f"{self._keys.prefix} in Redis is damaged: {customer_id} is due or standing,"
                    " and has no state; restore Redis from a backup, or delete these keys and the"
                    " partition is folded anew from the log"
                )
            rows.append((customer_id, data))
        return rows


def _get(key: str, ids: Sequence[CustomerId], pipe: Pipeline) -> None:
    pipe.hmget(key, ids)
