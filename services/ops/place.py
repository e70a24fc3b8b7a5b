"""Where a reading opens: the data folder of one process, or the servers of a cluster."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import assert_never

import msgspec

from infra.archive.port import FactArchive
from infra.archive.postgres import PostgresArchive
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder, LockHolder
from infra.kafka.settings import KafkaSettings
from infra.log.head import LogHead
from infra.log.kafka_fetching import TOPICS, KafkaFetcher
from infra.mendable import MendableError
from infra.postgres.settings import PostgresSettings
from infra.redis.connection import redis_client
from infra.redis.settings import RedisSettings
from infra.sqlite.connection import StoreError
from infra.state.port import StateReader
from infra.state.reader import ProjectionReader
from infra.state.redis_reader import RedisStateReader
from services.ops.archive_window import ArchiveWindow, Missing, facts_up_to, fed_up_to


class Cluster(msgspec.Struct, frozen=True):
    """The servers that Kafka mode runs on."""

    kafka: KafkaSettings
    redis: RedisSettings
    postgres: PostgresSettings


Place = DataFolder | Cluster


class EmptyLogError(MendableError):
    """The place holds a log that was never created, so there is nothing to look at."""


@asynccontextmanager
async def open_archive(place: Place) -> AsyncIterator[FactArchive]:
    """Open a snapshot of the log, whoever writes to it meanwhile.

    Raises `StoreError` where a folder's log cannot be used, and what `PostgresArchive.open` raises.
    """
    async with AsyncExitStack() as opened:
        match place:
            case DataFolder():
                folder_archive = SqliteArchive(place.log)
                opened.push_async_callback(folder_archive.close)
                yield folder_archive
            case Cluster():
                client = redis_client(place.redis)
                opened.push_async_callback(client.aclose)
                archive = await PostgresArchive.open(place.postgres, client)
                opened.push_async_callback(archive.close)
                yield archive
            case _ as never:
                assert_never(never)


@asynccontextmanager
async def open_states(
    place: Place, head: LogHead, partitions: int
) -> AsyncIterator[StateReader | None]:
    """Open the states of the projection that stands; None where it has none here.

    Raises `StoreError` or `StateUnavailableError` where they cannot be used.
    """
    reader = await _states(place, head, partitions)
    try:
        yield reader
    finally:
        if reader is not None:
            await reader.close()


async def _states(place: Place, head: LogHead, partitions: int) -> StateReader | None:
    name = head.projection()
    if name is None:
        return None
    if isinstance(place, DataFolder):
        path = place.projection(name)
        return ProjectionReader(path) if path.exists() else None
    client = redis_client(place.redis)
    try:
        reader = await RedisStateReader.open(client, head.identity.log_id, name, partitions)
    except BaseException:
        await client.aclose()
        raise
    if any(reader.identity(partition) is not None for partition in range(partitions)):
        return reader
    await reader.close()
    return None


def open_window(place: Place) -> ArchiveWindow:
    """Return a window on the archive, to be entered."""
    return ArchiveWindow(lambda: open_archive(place), is_the_log=isinstance(place, DataFolder))


async def everything_written(place: Place) -> Missing:
    """Return what an archive has to have that lacks nothing of what is written up to now.

    Raises `LogUnreadableError` where the brokers do not answer.
    """
    if isinstance(place, DataFolder):
        return facts_up_to({})  # the archive of a folder is its log itself
    fetcher = await KafkaFetcher.open(place.kafka)
    try:
        ends = {
            (topic, partition): end
            for topic in TOPICS
            for partition, end in (
                await fetcher.ends(topic, range(fetcher.partitions(topic)))
            ).items()
        }
    finally:
        await fetcher.close()
    return fed_up_to(ends)


def described(place: Place) -> str:
    """Return what a person calls the place."""
    if isinstance(place, DataFolder):
        return str(place.path)
    prefix = f", topics {place.kafka.topic_prefix}*" if place.kafka.topic_prefix else ""
    return f"Kafka at {place.kafka.bootstrap_servers}{prefix}"


def empty_log(place: Place) -> EmptyLogError:
    """Return what to say of a log that was never created."""
    if isinstance(place, DataFolder):
        return EmptyLogError(
            f"{place.log} holds nothing yet; `holdfast import` or `holdfast serve` fills it"
        )
    return EmptyLogError(
        f"the archive of {described(place)} holds nothing yet; `holdfast archive` fills it, once"
        " `holdfast ingest` has made the log"
    )


def no_states(place: Place, name: str) -> MendableError:
    """Return what to say where a projection has no states."""
    if isinstance(place, DataFolder):
        return StoreError(
            f"{place.projection(name)} does not exist; `holdfast serve` folds it anew"
        )
    return StoreError(
        f"Redis at {place.redis.url} has no states of {name}; `holdfast profiles` folds them"
    )


def holder_of(place: Place) -> LockHolder | None:
    """Return the process that works on a folder; a cluster is nobody's own.

    Raises ``PermissionError`` where another user's process made the lock.
    """
    return place.holder() if isinstance(place, DataFolder) else None
