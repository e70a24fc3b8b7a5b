"""A log of many partitions, folded, with its archive in PostgreSQL and its states in Redis."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from events.control import ClockMode, ProjectionCreated
from events.values import CustomerId
from infra.archive.postgres_feed import PostgresFeed
from infra.kafka.settings import KafkaSettings, SecurityProtocol
from infra.log.records import NewFact
from infra.postgres.settings import PostgresSettings
from infra.redis.settings import RedisSettings
from infra.state.memory import MemoryStateStore
from infra.state.port import Commit, StateRow, StoreIdentity
from infra.state.redis import RedisStateStore
from services.ops.place import Cluster
from tests.conformance.archives import all_of
from tests.support.given import LOG
from tests.support.redis_states import connected
from tests.support.world import PROJECTION, World

RELEASE = fingerprint(CustomerFold(LOG.currency))
NO_KAFKA = KafkaSettings(security_protocol=SecurityProtocol.PLAINTEXT)
"""For readings that ask the brokers nothing."""


class ClusterWorld:
    """`World`, and what a cluster's services would keep of it. Its log id is a name of the test's own."""

    def __init__(
        self, name: str, partitions: int, redis: RedisSettings, postgres: PostgresSettings
    ) -> None:
        self.world = World(partitions)
        self.identity = msgspec.structs.replace(LOG, log_id=str(UUID(bytes=name.encode()[-16:])))
        self.cluster = Cluster(NO_KAFKA, redis, postgres)

    async def create(self) -> "ClusterWorld":
        log = self.world.log
        await log.create(self.identity, ClockMode.LOG)
        await log.create_projection(ProjectionCreated(PROJECTION, RELEASE))
        return self

    async def append(self, facts: Sequence[NewFact], up_to: int) -> None:
        """Append facts, open days, and fold it all: neither archive nor Redis hears of it yet."""
        await self.world.append(sorted(facts, key=lambda fact: fact.day))
        await self.world.log.advance(up_to)
        await self.world.fold()

    async def feed(self) -> None:
        """Let the archive have all that was written."""
        feed = await PostgresFeed.open(self.cluster.postgres)
        try:
            positions = await feed.begin(self.identity.log_id, self.world.log.partitions)
            await feed.write(all_of(self.world.log, positions))
        finally:
            await feed.close()

    async def store(self) -> None:
        """Let Redis have all that was folded, as the workers would."""
        async with connected(self.cluster.redis) as client:
            for partition, memory in enumerate(self.world.stores):
                assert isinstance(memory, MemoryStateStore)
                identity = StoreIdentity(self.identity.log_id, PROJECTION, RELEASE, partition)
                store = await RedisStateStore.open(client, identity, f"nonce-{partition}")
                stands = await store.position()
                if stands != await memory.position():
                    rows, held = list(memory.rows.values()), await memory.quarantined()
                    await store.commit(stands, Commit(await memory.position(), rows, held))
                await store.close()

    async def damage(self, customer_id: CustomerId, partition: int) -> None:
        """Change a stored state behind everybody's back."""
        async with connected(self.cluster.redis) as client:
            identity = StoreIdentity(self.identity.log_id, PROJECTION, RELEASE, partition)
            store = await RedisStateStore.open(client, identity, "another")
            stands = await store.position()
            row = StateRow(customer_id, b"[]", None, standing=False)
            await store.commit(stands, Commit(msgspec.structs.replace(stands, outputs=9), [row]))
            await store.commit(msgspec.structs.replace(stands, outputs=9), Commit(stands, [row]))
            await store.close()
