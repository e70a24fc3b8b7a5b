"""States in Redis: how fast 2,000 of them are committed and loaded, and the memory a customer takes.

Measured on the server that ``HOLDFAST_REDIS_URL`` names, under keys of its own, taken away at the end.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from redis.asyncio import Redis

from bench.figures import Baseline, Figure, Section
from bench.sizes import Sizes
from events.identity import CustomerNamespace
from events.values import CustomerId, CustomerRef
from infra.redis.connection import open_redis
from infra.redis.settings import read_settings
from infra.state.port import Commit, Position, StateRow, StoreIdentity
from infra.state.redis import RedisStateStore
from infra.state.redis_keys import StateKeys, remove_states

ROWS = 2_000
STATE_BYTES = 470
DAYS_TO_BE_DUE_IN = 7
ONE_IN_SO_MANY_STANDS = 20
FIRST_DAY = 15_000
IDENTITY = StoreIdentity("bench", "states", "f" * 64, 0)
NAMESPACE = CustomerNamespace("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

NOTE = (
    f"Everybody is due within {DAYS_TO_BE_DUE_IN} days, one in {ONE_IN_SO_MANY_STANDS} has a signal"
    " standing. Server and client share the machine."
)

Rates = tuple[float, ...]


class Memory(msgspec.Struct, frozen=True):
    """Bytes a customer: what Redis took in all, and its own estimate of each key."""

    used: float
    keys: tuple[tuple[str, float], ...]
    file: float


def redis_states(sizes: Sizes) -> Section:
    """Measure on a server that is there."""
    return asyncio.run(_measured(sizes))


async def _measured(sizes: Sizes) -> Section:
    client, keys = await open_redis(read_settings()), StateKeys.of(IDENTITY)
    try:
        await remove_states(client, keys)
        return await Filled(client, sizes).measured()
    finally:
        await remove_states(client, keys)
        await client.aclose()


class Filled:
    """One partition with so many customers in it."""

    def __init__(self, client: Redis, sizes: Sizes) -> None:
        self._client = client
        self._sizes = sizes
        self._keys = StateKeys.of(IDENTITY)
        self._position = Position()
        self._ids = sorted(
            NAMESPACE.id_of(CustomerRef("bench", f"c{number}"))
            for number in range(sizes.stored_customers)
        )

    async def measured(self) -> Section:
        """Fill it, then change, load and step."""
        self._store = await RedisStateStore.open(self._client, IDENTITY, "bench")
        memory = await self._fill()
        commits, plain = await self._commits()
        loads = await self._rates(self._store.load)
        first, later, due = await self._steps()
        customers = f"{len(self._ids):,} customers in one partition"
        figures = [
            Figure("commit", "rows/s", commits, Baseline("one HSET, nothing compared", plain)),
            Figure("load", "rows/s", loads),
            Figure(f"first chunk of {due:,} due", "ms", first),
            Figure("each further chunk", "ms", later),
            Figure("memory, all of it", "bytes a customer", (memory.used,)),
            *(Figure(f"memory, {name}", "bytes a customer", (each,)) for name, each in memory.keys),
            Figure("append-only file, before Redis rewrites it", "bytes a row", (memory.file,)),
        ]
        return Section(
            f"States of {STATE_BYTES} bytes in Redis, {ROWS:,} a commit, {customers}",
            figures,
            (NOTE,),
        )

    async def _fill(self) -> Memory:
        before, file = await self._used(), await self._written()
        for start in range(0, len(self._ids), ROWS):
            await self._commit(self._ids[start : start + ROWS], start)
        used, written = await self._used() - before, await self._written() - file
        names = ("states", "due", "standing")
        keys = (self._keys.states, self._keys.due, self._keys.standing)
        sizes = [await self._client.memory_usage(key, samples=0) or 0 for key in keys]
        shares = tuple(
            (name, size / len(self._ids)) for name, size in zip(names, sizes, strict=True)
        )
        return Memory(used / len(self._ids), shares, written / len(self._ids))

    async def _commits(self) -> tuple[Rates, Rates]:
        """Return rows a second of commits, and of the states alone set by one command, in turn."""
        own: list[float] = []
        plain: list[float] = []
        for repeat in range(self._sizes.repeats):
            own += await self._rates(lambda some, made=repeat: self._commit(some, made), once=True)
            plain += await self._rates(self._set, once=True)
        await self._client.unlink(f"{self._keys.prefix}:plain")
        return tuple(own), tuple(plain)

    async def _rates(
        self, use: Callable[[Sequence[CustomerId]], Awaitable[object]], *, once: bool = False
    ) -> Rates:
        """Return rows a second, a value for each time that all customers were gone through."""
        rates = []
        for _ in range(1 if once else self._sizes.repeats):
            begun = time.perf_counter()
            for start in range(0, len(self._ids), ROWS):
                await use(self._ids[start : start + ROWS])
            rates.append(len(self._ids) / (time.perf_counter() - begun))
        return tuple(rates)

    async def _steps(self) -> tuple[Rates, Rates, int]:
        """Return milliseconds of the first and of further chunks of a day, and how many are due."""
        first, later = [], []
        for _ in range(self._sizes.repeats):
            after, due = None, 0
            while due < len(self._ids):
                begun = time.perf_counter()
                rows = await self._store.due(FIRST_DAY + DAYS_TO_BE_DUE_IN, after, ROWS)
                taken = (time.perf_counter() - begun) * 1e3
                (first if after is None else later).append(taken)
                due, after = due + len(rows), rows[-1][0]
        return tuple(first), tuple(later), due

    async def _commit(self, some: Sequence[CustomerId], made: int) -> None:
        rows = [
            StateRow(
                customer_id,
                _state(number + made),
                FIRST_DAY + number % DAYS_TO_BE_DUE_IN,
                number % ONE_IN_SO_MANY_STANDS == 0,
            )
            for number, customer_id in enumerate(some)
        ]
        following = Position(self._position.offset + ROWS, digest=bytes(32))
        await self._store.commit(self._position, Commit(following, rows))
        self._position = following

    async def _set(self, some: Sequence[CustomerId]) -> None:
        states = {customer_id: _state(number) for number, customer_id in enumerate(some)}
        await self._client.hset(f"{self._keys.prefix}:plain", mapping=states)

    async def _used(self) -> int:
        return int((await self._client.info("memory"))["used_memory"])

    async def _written(self) -> int:
        return int((await self._client.info("persistence"))["aof_current_size"])


def _state(number: int) -> bytes:
    return number.to_bytes(10) * (STATE_BYTES // 10)
