"""What is asked of a log gives the same answers from one file and from any number of partitions."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from domain.customer.fold import CustomerFold
from events.catalogue import FACTS
from events.control import ClockMode, ProjectionCreated
from events.values import CustomerId
from infra.folder import DataFolder
from infra.log.partitioning import partition_of
from infra.log.sqlite import SqliteLog
from infra.postgres.connection import open_postgres
from infra.state.port import StoreIdentity
from infra.state.sqlite import SqliteStateStore
from services.ops import archive_window
from services.ops import status as status_module
from services.ops.archive_window import ArchiveBehindError
from services.ops.cards import CardView, NotFoldedYet, card_at, card_now
from services.ops.customers import AmbiguousCustomer, ResolvedCustomer, resolve_customer
from services.ops.flagged import FlaggedList, flagged
from services.ops.freshness import NothingFolded
from services.ops.place import open_archive, open_states, open_window
from services.ops.quality import ClosedDay, closed_day
from services.ops.reading import Reading, open_reading
from services.ops.status import status
from services.ops.tail import tail
from services.ops.verify.recorded_days import recorded_days
from services.ops.verify.report import Kind, Report, Unchecked
from services.ops.verify.run import Verification
from tests.conformance.archives import schema_of
from tests.support.cluster_worlds import RELEASE, ClusterWorld
from tests.support.given import DAY, LOG, id_of, order, orders, usage
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.redis_states import connected
from tests.support.world import NOON, PROJECTION, StoppedClock, fold_partition

T = TypeVar("T")

NAMES = [f"c{number}" for number in range(12)]
FACTS_OF_ALL = [
    *(fact for name in NAMES[:6] for fact in orders(name, *range(DAY, DAY + 100, 10))),
    *(fact for name in NAMES[6:] for fact in orders(name, *range(DAY, DAY + 240, 12))),
    *(usage(NAMES[7], day, "mobile-data", 1.0) for day in range(DAY, DAY + 240, 3)),
]
LAST_DAY = DAY + 240


def nothing_told(_what: str, _done: int, _total: int) -> None:
    """Nobody is told how far it is."""


@pytest.fixture(params=[1, 3, 7])
def cluster(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
) -> ClusterWorld:
    return new_cluster(request.param, tmp_path, redis_server, postgres_server)


def new_cluster(
    partitions: int, folder: Path, redis: RedisServer, postgres: PostgresServer
) -> ClusterWorld:
    """Facts of twelve customers, six of whom fell silent; archived, folded and stored."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()
    made = ClusterWorld(name, partitions, redis.settings, postgres.settings(schema_of(folder)))

    async def fill() -> None:
        await made.create()
        await made.append(FACTS_OF_ALL, LAST_DAY)
        await made.feed()
        await made.store()

    asyncio.run(fill())
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """The same facts in a data folder."""
    place = DataFolder(tmp_path_factory.mktemp("one"))

    async def fill() -> None:
        log = await SqliteLog.open(place.log, StoppedClock())
        await log.create(LOG, ClockMode.LOG)
        await log.create_projection(ProjectionCreated(PROJECTION, RELEASE))
        await log.append(sorted(FACTS_OF_ALL, key=lambda fact: fact.day))
        await log.advance(LAST_DAY)
        identity = StoreIdentity(LOG.log_id, PROJECTION, RELEASE, 0)
        store = await SqliteStateStore.open(place.projection(PROJECTION), identity)
        await fold_partition(log, store)
        await store.close()
        await log.close()

    asyncio.run(fill())
    return place


def read(place: object, query: Callable[[Reading], Awaitable[T]]) -> T:
    async def asking() -> T:
        async with open_reading(place) as reading:
            return await query(reading)

    return asyncio.run(asking())


def verified(
    cluster: ClusterWorld, meanwhile: Callable[[], Awaitable[None]] | None = None
) -> Report:
    """Verify without asking the brokers; ``meanwhile`` happens once the positions are pinned."""

    async def run() -> Report:
        place = cluster.cluster
        async with open_archive(place) as archive:
            head = await archive.head()
            assert head is not None
        async with open_states(place, head, cluster.world.log.partitions) as reader:
            assert reader is not None
            async with open_window(place) as window:
                if meanwhile is not None:
                    await meanwhile()
                verification = Verification(window, reader, PROJECTION, CustomerFold("GBP"))
                return await verification.run(head, place, nothing_told, relearn=False)

    return asyncio.run(run())


def test_those_flagged_are_the_same(cluster: ClusterWorld, folder: DataFolder) -> None:
    found = read(cluster.cluster, lambda reading: flagged(reading, 20))
    wanted = read(folder, lambda reading: flagged(reading, 20))

    assert isinstance(found, FlaggedList)
    assert isinstance(wanted, FlaggedList)
    assert found == wanted
    assert found.flagged >= 6


def test_the_first_of_many_are_the_first_of_all(cluster: ClusterWorld, folder: DataFolder) -> None:
    for limit in (1, 2, 5):
        found = read(cluster.cluster, lambda reading, limit=limit: flagged(reading, limit))
        wanted = read(folder, lambda reading, limit=limit: flagged(reading, limit))
        assert found == wanted


def without_offsets(view: CardView) -> object:
    """A card as JSON, without where its facts stand: that is another place in each log."""

    def stripped(value: object) -> object:
        if isinstance(value, dict):
            return {name: stripped(inner) for name, inner in value.items() if name != "offset"}
        return list(map(stripped, value)) if isinstance(value, list) else value

    return stripped(msgspec.json.decode(msgspec.json.encode(view)))


@pytest.mark.parametrize("name", [NAMES[0], NAMES[7]])
def test_a_card_is_the_same_now_and_in_the_past(
    cluster: ClusterWorld, folder: DataFolder, name: str
) -> None:
    instant = orders(name, DAY + 60)[0].time

    async def cards(reading: Reading) -> list[object]:
        now = await card_now(reading, id_of(name))
        past = await card_at(reading, id_of(name), instant)
        assert isinstance(now, CardView)
        assert isinstance(past, CardView)
        return [without_offsets(now), without_offsets(past)]

    assert read(cluster.cluster, cards) == read(folder, cards)


def test_the_status_adds_up_over_partitions(
    cluster: ClusterWorld, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def as_if_kafka_had_no_more(_place: object) -> archive_window.Missing:
        return archive_window.facts_up_to({})

    monkeypatch.setattr(status_module, "everything_written", as_if_kafka_had_no_more)

    async def of_cluster(reading: Reading) -> object:
        return await status(reading, cluster.cluster, NOON)

    async def of_folder(reading: Reading) -> object:
        return await status(reading, folder, NOON)

    found, wanted = read(cluster.cluster, of_cluster), read(folder, of_folder)
    assert (found.log.facts, found.log.customers) == (wanted.log.facts, 12)
    assert found.log.marks == wanted.log.marks * cluster.world.log.partitions
    assert found.log.days == wanted.log.days
    assert found.projection.customers == 12
    assert found.projection.standing_signals == wanted.projection.standing_signals
    assert (found.projection.records_behind, found.projection.days_behind) == (0, 0)
    assert found.projection.offset == found.log.facts + found.log.marks - 1
    assert (found.holder, found.archive_behind) == (None, 0)
    assert wanted.archive_behind is None


def test_a_bare_key_is_found_in_whichever_partition(cluster: ClusterWorld) -> None:
    async def find(reading: Reading) -> set[object]:
        return {await resolve_customer(reading.archive, reading.head, name) for name in NAMES}

    found = read(cluster.cluster, find)
    assert found == {ResolvedCustomer(id_of(name)) for name in NAMES}
    assert not any(isinstance(each, AmbiguousCustomer) for each in found)


def test_the_tail_has_the_newest_of_all_partitions_each_by_a_name_of_its_own(
    cluster: ClusterWorld,
) -> None:
    everything = len(FACTS_OF_ALL) + 10_000
    records = read(cluster.cluster, lambda reading: tail(reading.archive, FACTS, None, everything))
    assert len({(record.source, record.id) for record in records}) == len(records)
    assert sum(record.subject is not None for record in records) == len(FACTS_OF_ALL)

    own = read(cluster.cluster, lambda reading: tail(reading.archive, FACTS, id_of("c3"), 3))
    days = [str(record.day) for record in own]
    assert days == sorted(days)
    assert [record.id for record in own] == [fact.id for fact in orders("c3", 15070, 15080, 15090)]


def test_the_closed_day_is_that_of_all_partitions(cluster: ClusterWorld) -> None:
    assert read(cluster.cluster, closed_day) == ClosedDay(PROJECTION, LAST_DAY, DAY)


def test_the_recorded_days_are_those_that_the_learner_learns_again(
    cluster: ClusterWorld, folder: DataFolder
) -> None:
    async def days(reading: Reading) -> list[tuple[int, list[CustomerId]]]:
        return [
            (recorded.day, sorted(snapshot.customer_id for snapshot in recorded.snapshots))
            async for recorded in recorded_days(reading.archive, PROJECTION)
        ]

    found = read(cluster.cluster, days)

    assert found == read(folder, days)
    assert [day for day, _ in found] == list(range(DAY, LAST_DAY + 1))
    assert sum(len(customers) for _, customers in found) > 100


def test_a_verification_finds_nothing_and_says_what_it_cannot_check(
    cluster: ClusterWorld,
) -> None:
    report = verified(cluster)

    assert (report.found, report.differences) == (0, ())
    assert report.counts.customers == 12
    assert report.counts.facts == len(FACTS_OF_ALL)
    assert report.digest == asyncio.run(cluster.world.digest())
    assert report.partitions == cluster.world.log.partitions
    assert report.unchecked == (Unchecked.CLAIMS, Unchecked.GAPS)
    assert report.position == report.end


def test_the_digest_is_that_of_the_folder(cluster: ClusterWorld, folder: DataFolder) -> None:
    async def of_folder() -> Report:
        async with open_reading(folder) as reading:
            assert reading.projection is not None
            verification = Verification(
                reading.window, reading.projection, PROJECTION, reading.fold
            )
            return await verification.run(reading.head, folder, nothing_told, relearn=False)

    wanted = asyncio.run(of_folder())

    assert (wanted.found, wanted.unchecked, wanted.partitions) == (0, (), 1)
    assert verified(cluster).digest == wanted.digest


def test_a_changed_state_is_found_in_its_partition(cluster: ClusterWorld) -> None:
    customer_id = id_of(NAMES[2])
    partition = partition_of(customer_id, cluster.world.log.partitions)
    asyncio.run(cluster.damage(customer_id, partition))

    report = verified(cluster)

    assert {difference.row for difference in report.differences} == {f"customer {customer_id}"}


@pytest.mark.parametrize(
    ("statement", "kind", "said"),
    [
        ("DELETE FROM facts WHERE customer_id = %s", Kind.FACT, "records were fed"),
        (
            "UPDATE facts SET data = data || 'x' WHERE customer_id = %s",
            Kind.FACT,
            "changed since it was written",
        ),
        (
            "DELETE FROM control WHERE %s::text IS NOT NULL AND type LIKE '%%day%%'",
            Kind.CONTROL,
            "records were fed",
        ),
        ("DELETE FROM signals WHERE customer_id = %s", Kind.OUTPUT, "folded"),
    ],
)
def test_what_was_changed_in_the_archive_is_found(
    cluster: ClusterWorld, statement: str, kind: Kind, said: str
) -> None:
    async def change() -> None:
        async with await open_postgres(cluster.cluster.postgres) as connection:
            await connection.execute(statement, (id_of(NAMES[2]),))

    asyncio.run(change())

    found = {(entry.kind, said in entry.detail) for entry in verified(cluster).differences}

    assert (kind, True) in found


def test_workers_that_go_on_meanwhile_are_compared_as_of_where_they_are(
    cluster: ClusterWorld,
) -> None:
    before = asyncio.run(cluster.world.digest())

    async def go_on() -> None:
        more = [order(name, LAST_DAY + 20) for name in (*NAMES, "new")]
        await cluster.append(more, LAST_DAY + 40)
        await cluster.feed()
        await cluster.store()

    report = verified(cluster, go_on)

    assert (report.found, report.differences) == (0, ())
    assert report.digest == before, "the digest is as of the pinned positions"
    assert report.counts.customers == 13
    assert verified(cluster).digest == asyncio.run(cluster.world.digest())


def test_an_archive_that_lags_is_waited_for_and_then_named(
    cluster: ClusterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given states that are ahead of the archive
    async def fold_only() -> None:
        await cluster.append([order(name, LAST_DAY + 20) for name in NAMES], LAST_DAY + 40)
        await cluster.store()

    asyncio.run(fold_only())
    monkeypatch.setattr(archive_window, "SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(archive_window, "LOOKS", 3)

    # when something is asked that needs the facts behind them, then it is refused
    with pytest.raises(ArchiveBehindError, match=r"is \d+ records behind .* `holdfast archive`"):
        read(cluster.cluster, lambda reading: card_now(reading, id_of(NAMES[0])))
    with pytest.raises(ArchiveBehindError):
        verified(cluster)

    # and answered once the archive has them
    asyncio.run(cluster.feed())
    assert isinstance(
        read(cluster.cluster, lambda reading: card_now(reading, id_of(NAMES[0]))), CardView
    )


def test_a_partition_that_nobody_folded_is_not_passed_over(
    tmp_path: Path, redis_server: RedisServer, postgres_server: PostgresServer
) -> None:
    cluster = new_cluster(3, tmp_path, redis_server, postgres_server)

    async def forget() -> None:
        async with connected(cluster.cluster.redis) as client:
            for key in await client.keys(f"holdfast:{{{cluster.identity.log_id}:*:2}}:*"):
                await client.unlink(key)

    asyncio.run(forget())

    found = read(cluster.cluster, lambda reading: flagged(reading, 5))
    assert isinstance(found, NothingFolded)
    unfolded = next(name for name in NAMES if partition_of(id_of(name), 3) == 2)
    asked = read(cluster.cluster, lambda reading: card_now(reading, id_of(unfolded)))
    assert isinstance(asked, NotFoldedYet)
