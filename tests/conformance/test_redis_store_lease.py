"""`RedisStateStore` when somebody else has the partition, and what of its keys is whose."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest
from redis.asyncio import Redis

from events.values import CustomerId
from infra.state.port import (
    START,
    Commit,
    IdentityMismatchError,
    LeaseLostError,
    Position,
    PositionConflictError,
    Quarantined,
    StateRow,
    StateUnavailableError,
)
from infra.state.redis import RedisStateStore
from infra.state.redis_keys import StateKeys, remove_states
from tests.support.given import DAY
from tests.support.redis_server import RedisServer
from tests.support.redis_states import a_log_of_its_own, connected
from tests.support.world import awaited

A, B, C = (CustomerId(f"{letter}" * 8) for letter in "abc")
FIRST, SECOND = Position(offset=7, digest=b"\x01" * 16), Position(offset=8, digest=b"\x02" * 16)

Read = Callable[[RedisStateStore], Awaitable[object]]
READS: dict[str, Read] = {
    "position": lambda store: store.position(),
    "load": lambda store: store.load([A]),
    "due": lambda store: store.due(DAY, None, 10),
    "standing": lambda store: store.standing(None, 10),
    "quarantined": lambda store: store.quarantined(),
}


def everything_of(customer_id: CustomerId) -> Commit:
    return Commit(
        SECOND,
        [StateRow(customer_id, b"of a zombie", DAY, standing=True)],
        [Quarantined(customer_id, 3, "of a zombie")],
    )


async def kept(client: Redis, keys: StateKeys) -> dict[str, bytes | None]:
    """Every key as Redis would write it to its file."""
    return {key: await client.dump(key) for key in (*keys.written, keys.identity)}


@awaited
async def test_the_commit_of_one_who_was_taken_over_writes_nothing(
    redis_server: RedisServer,
) -> None:
    identity = a_log_of_its_own()
    async with connected(redis_server.settings) as client:
        first = await RedisStateStore.open(client, identity, "first")
        await first.commit(START, Commit(FIRST, [StateRow(A, b"a", DAY, standing=True)]))
        second = await RedisStateStore.open(client, identity, "second")
        before = await kept(client, StateKeys.of(identity))

        with pytest.raises(LeaseLostError, match="another worker holds it, by second"):
            await first.commit(FIRST, everything_of(B))

        assert await kept(client, StateKeys.of(identity)) == before
        assert await second.position() == FIRST
        await second.commit(FIRST, everything_of(C))


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@awaited
async def test_one_who_was_taken_over_reads_nothing_either(
    redis_server: RedisServer, read: Read
) -> None:
    identity = a_log_of_its_own()
    async with connected(redis_server.settings) as client:
        first = await RedisStateStore.open(client, identity, "first")
        await RedisStateStore.open(client, identity, "second")

        with pytest.raises(LeaseLostError, match="another worker holds it"):
            await read(first)


@pytest.mark.parametrize(
    "read", [read for name, read in READS.items() if name != "position"], ids=list(READS)[1:]
)
@awaited
async def test_what_is_read_is_of_the_position_known_or_refused(
    redis_server: RedisServer, read: Read
) -> None:
    identity = a_log_of_its_own()
    async with connected(redis_server.settings) as client:
        store = await RedisStateStore.open(client, identity, "mine")
        await store.commit(START, Commit(FIRST, []))
        await client.set(StateKeys.of(identity).position, msgspec.msgpack.encode(SECOND))

        with pytest.raises(PositionConflictError, match=r"expected .*offset=7.*found .*offset=8"):
            await read(store)

        assert await store.position() == SECOND
        await read(store)


@awaited
async def test_a_conflict_of_positions_is_told_from_a_lost_lease(redis_server: RedisServer) -> None:
    async with connected(redis_server.settings) as client:
        store = await RedisStateStore.open(client, a_log_of_its_own(), "mine")

        with pytest.raises(PositionConflictError) as raised:
            await store.commit(FIRST, Commit(SECOND, []))

        assert not isinstance(raised.value, LeaseLostError)


@awaited
async def test_a_lease_is_given_back_by_its_holder_alone(redis_server: RedisServer) -> None:
    identity = a_log_of_its_own()
    lease = StateKeys.of(identity).lease
    async with connected(redis_server.settings) as client:
        first = await RedisStateStore.open(client, identity, "first")
        second = await RedisStateStore.open(client, identity, "second")

        await first.close()
        assert await client.get(lease) == b"second"
        await second.close()
        assert await client.get(lease) is None


@pytest.mark.parametrize("field", ["log_id", "projection", "fingerprint", "partition"])
@awaited
async def test_keys_of_something_else_are_refused_and_left_to_their_holder(
    redis_server: RedisServer, field: str
) -> None:
    identity = a_log_of_its_own()
    value = 1 if field == "partition" else "of another"
    other = msgspec.structs.replace(identity, **{field: value})
    async with connected(redis_server.settings) as client:
        holder = await RedisStateStore.open(client, identity, "holder")
        keys, theirs = StateKeys.of(identity), StateKeys.of(other)
        await client.set(theirs.identity, msgspec.msgpack.encode(identity))

        with pytest.raises(
            IdentityMismatchError, match=r"belongs to .* not to .*; run the release"
        ):
            await RedisStateStore.open(client, other, "intruder")

        assert await client.get(keys.lease) == b"holder"
        await holder.commit(START, Commit(FIRST, []))


@awaited
async def test_partitions_projections_and_logs_share_no_key(redis_server: RedisServer) -> None:
    identity = a_log_of_its_own()
    others = [
        msgspec.structs.replace(identity, partition=1),
        msgspec.structs.replace(identity, projection="second"),
        a_log_of_its_own(),
    ]
    async with connected(redis_server.settings) as client:
        store = await RedisStateStore.open(client, identity, "mine")
        await store.commit(START, everything_of(A))

        for number, other in enumerate(others):
            beside = await RedisStateStore.open(client, other, f"other {number}")
            assert await beside.position() == START
            assert await beside.load([A]) == {}


@awaited
async def test_removed_states_leave_no_key_and_no_way_to_commit(redis_server: RedisServer) -> None:
    identity, neighbour = a_log_of_its_own(), a_log_of_its_own()
    async with connected(redis_server.settings) as client:
        for each in (identity, neighbour):
            store = await RedisStateStore.open(client, each, "mine")
            await store.commit(START, everything_of(A))
        worker = await RedisStateStore.open(client, identity, "still at work")

        await remove_states(client, StateKeys.of(identity))

        assert [key async for key in client.scan_iter(f"*{identity.log_id}:*")] == []
        assert [key async for key in client.scan_iter(f"*{neighbour.log_id}:*")] != []
        with pytest.raises(LeaseLostError, match="nobody holds it any more"):
            await worker.commit(SECOND, Commit(FIRST, []))
        again = await RedisStateStore.open(client, identity, "anew")
        assert await again.position() == START


@awaited
async def test_scripts_that_redis_forgot_are_sent_again(redis_server: RedisServer) -> None:
    async with connected(redis_server.settings) as client:
        store = await RedisStateStore.open(client, a_log_of_its_own(), "mine")
        await store.commit(START, Commit(FIRST, []))

        await client.script_flush()
        await store.commit(FIRST, Commit(SECOND, [StateRow(A, b"a", None, standing=False)]))

        assert await store.position() == SECOND
        assert await store.load([A]) == {A: b"a"}
        await client.script_flush()
        await store.close()


@awaited
async def test_someone_due_without_a_state_is_said_not_left_out(redis_server: RedisServer) -> None:
    identity = a_log_of_its_own()
    async with connected(redis_server.settings) as client:
        store = await RedisStateStore.open(client, identity, "mine")
        await store.commit(START, Commit(FIRST, [StateRow(A, b"a", DAY, standing=True)]))
        await client.hdel(StateKeys.of(identity).states, A)

        for read in (READS["due"], READS["standing"]):
            with pytest.raises(StateUnavailableError, match=f"{A} is due or standing, and has no"):
                await read(store)


@awaited
async def test_a_damaged_position_is_said(redis_server: RedisServer) -> None:
    identity = a_log_of_its_own()
    async with connected(redis_server.settings) as client:
        store = await RedisStateStore.open(client, identity, "mine")
        await client.set(StateKeys.of(identity).position, b"\xc1")

        with pytest.raises(StateUnavailableError, match=r"damaged .* or delete .*\* and the"):
            await store.position()
