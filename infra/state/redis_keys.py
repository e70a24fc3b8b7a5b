"""What the states of one partition are called in Redis, and how they are taken away."""

import msgspec
from redis.asyncio import Redis

from infra.state.port import StoreIdentity
from infra.state.redis_errors import explained


class StateKeys(msgspec.Struct, frozen=True):
    """The keys of one projection in one partition.

    The braces put all of them into one slot of a Redis cluster, so that one script reaches them.

    >>> StateKeys("log", "first", 3).states
    'holdfast:{log:first:3}:states'
    """

    log_id: str
    projection: str
    partition: int

    @classmethod
    def of(cls, identity: StoreIdentity) -> "StateKeys":
        """Return the keys of a store."""
        return cls(identity.log_id, identity.projection, identity.partition)

    @property
    def prefix(self) -> str:
        """What all of them begin with."""
        return f"holdfast:{{{self.log_id}:{self.projection}:{self.partition}}}"

    @property
    def states(self) -> str:
        """HASH: customer id to state."""
        return f"{self.prefix}:states"

    @property
    def due(self) -> str:
        """ZSET: customer ids by the day they are due; whoever is never due is not in it."""
        return f"{self.prefix}:due"

    @property
    def standing(self) -> str:
        """ZSET: ids of customers with a standing signal, all with score 0, so in id order."""
        return f"{self.prefix}:standing"

    @property
    def quarantine(self) -> str:
        """HASH: customer id to msgpack ``[offset, error]``."""
        return f"{self.prefix}:quarantine"

    @property
    def position(self) -> str:
        """`Position` in msgpack; missing before the first commit."""
        return f"{self.prefix}:position"

    @property
    def identity(self) -> str:
        """`StoreIdentity` in msgpack."""
        return f"{self.prefix}:identity"

    @property
    def lease(self) -> str:
        """The nonce of the worker that holds the partition."""
        return f"{self.prefix}:lease"

    @property
    def written(self) -> tuple[str, ...]:
        """The keys of a commit, in the order that the script takes them."""
        return (
            self.lease,
            self.position,
            self.states,
            self.due,
            self.standing,
            self.quarantine,
        )


async def remove_states(client: Redis, keys: StateKeys) -> None:
    """Take away all that is kept of a projection in a partition, at once: for one that was replaced.

    A worker that still holds it finds its lease gone, and commits nothing.

    Raises `StateUnavailableError`.
    """
    with explained(client, keys.prefix):
        await client.unlink(*keys.written, keys.identity)
