"""A partition's keys in Redis, held by a lease: whatever is read or written is of one position."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Self

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from infra.state.port import (
    START,
    IdentityMismatchError,
    LeaseLostError,
    Position,
    PositionConflictError,
    StoreIdentity,
)
from infra.state.redis_errors import explained
from infra.state.redis_keys import StateKeys
from infra.state.redis_scripts import COMMIT, RELEASE, TAKE, Argument

Command = Callable[[Pipeline], object]
"""Puts a command into a transaction."""

Answers = list[Any]  # what Redis answers is as the command has it


class HeldPartition:
    """The keys of a partition and the nonce that they are held by. Nothing is tried again.

    ``position`` is the one that was read or committed last. Every read compares it, and the lease,
    in a transaction of its own, so states of a worker that took over, or that Redis fell back to
    when it was killed, are never mixed with those that stand in memory.
    """

    def __init__(self, client: Redis, keys: StateKeys, nonce: str) -> None:
        self.keys = keys
        self._client = client
        self._nonce = nonce
        self._position = b""

    @classmethod
    async def take(cls, client: Redis, identity: StoreIdentity, nonce: str) -> Self:
        """Take the lease, whoever has it.

        Raises:
            IdentityMismatchError: the keys belong to something else; they are left as they are.
            StateUnavailableError: Redis does not serve.
        """
        held, ours = cls(client, StateKeys.of(identity), nonce), msgspec.msgpack.encode(identity)
        keys = held.keys
        with held.explained():
            taking = (keys.identity, keys.lease, keys.position)
            found, position = await TAKE.run(client, taking, [ours, nonce])
            if found is not None and found != ours:
                theirs = msgspec.msgpack.decode(found, type=StoreIdentity)
                raise IdentityMismatchError(
                    f"{keys.prefix} in Redis belongs to {theirs}, not to {identity}; run the release"
                    " that made it, or rebuild into a new projection"
                )
        held._position = position or b""
        return held

    async def position(self) -> Position:
        """Return the committed position; from here on reads are of this one.

        Raises:
            LeaseLostError: another worker holds the partition.
            StateUnavailableError: Redis does not serve.
        """
        with self.explained():
            lease, found = await self._answers(())
            self._check(lease, found, found or b"")
            self._position = found or b""
            return _decoded(self._position)

    async def read(self, commands: Sequence[Command]) -> Answers:
        """Return what commands answer, all at the position of the last read or commit.

        Raises:
            LeaseLostError, PositionConflictError: they would not be.
            StateUnavailableError: Redis does not serve.
        """
        with self.explained():
            lease, position, *found = await self._answers(commands)
            self._check(lease, position, self._position)
            return found

    async def commit(
        self, expected: Position, position: Position, changes: Sequence[Argument]
    ) -> None:
        """Make changes, as `COMMIT` takes them, and move the position, all or nothing.

        Raises what `read` raises; after a `StateUnavailableError` it may stand all the same.
        """
        before, after = _encoded(expected), _encoded(position)
        with self.explained():
            arguments = [self._nonce, before, after, *changes]
            refused = await COMMIT.run(self._client, self.keys.written, arguments)
            if refused:
                self._check(refused[0], refused[1], before)
        self._position = after

    async def release(self) -> None:
        """Give the lease back where it still is ours. Raises `StateUnavailableError`."""
        with self.explained():
            await RELEASE.run(self._client, (self.keys.lease,), [self._nonce])

    def explained(self) -> AbstractContextManager[None]:
        """Turn errors of Redis, and of what it keeps, into `StateUnavailableError`."""
        return explained(self._client, self.keys.prefix)

    async def _answers(self, commands: Sequence[Command]) -> Answers:
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.get(self.keys.lease)
            pipe.get(self.keys.position)
            for command in commands:
                command(pipe)
            return await pipe.execute()

    def _check(self, lease: bytes | None, found: bytes | None, expected: bytes) -> None:
        where = self.keys.prefix
        if lease is None:
            raise LeaseLostError(
                f"{where}: nobody holds it any more: removed, or Redis was emptied"
            )
        if lease != self._nonce.encode():
            raise LeaseLostError(f"{where}: another worker holds it, by {lease.decode()}")
        if (found or b"") != expected:
            raise PositionConflictError(
                f"{where}: expected {_decoded(expected)}, found {_decoded(found or b'')}"
            )


def _encoded(position: Position) -> bytes:
    """Return a position as it is kept; nothing for the start, as where nothing is kept yet."""
    return b"" if position == START else msgspec.msgpack.encode(position)


def _decoded(kept: bytes) -> Position:
    return msgspec.msgpack.decode(kept, type=Position) if kept else START
