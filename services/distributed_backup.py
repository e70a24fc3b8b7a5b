"""`holdfast backup` and `holdfast restore` of Kafka mode: what cannot be made again, out of Kafka and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from infra.backup.desk_dump import dump_desk
from infra.backup.desk_load import desk_files, holds_desk, load_desk, wanted_offsets
from infra.backup.folder import new_backup
from infra.backup.kafka_backup import KafkaBackup
from infra.backup.kafka_restore import RESTORED, Backup, KafkaRestore, nothing_more
from infra.backup.kafka_writing import RestoringWriter
from infra.backup.leftovers import refuse_archive, refuse_outputs, refuse_states
from infra.backup.manifest import Manifest, check_files, read_manifest
from infra.clock import Clock, fresh_id
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_times import keep_times
from infra.kafka.topics import TopicsAsCode
from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_transactions import TransactionalProducer
from infra.log.writer_lease import WriterLease
from infra.log.writer_turn import ask_for_turn, turn_taken
from infra.mendable import MendableError
from infra.postgres.settings import PostgresSettings
from infra.redis.connection import open_redis
from schemas.topic_files import read_topics
from services.ops.place import Cluster
from services.steps import Report, Step

COPYING, CHECKING, RESTORING = "copying", "checking", "restoring"
"""The stages that are told."""


class OtherPartitionsError(MendableError):
    """The topics have another number of partitions than the log had."""


class BackupSummary(msgspec.Struct, frozen=True):
    """A backup: where it is, what it is of, and how much: records by topic, bytes of all files."""

    folder: str
    log_id: str
    taken: str
    open_day: str | None
    records: dict[str, int]
    bytes: int

    @classmethod
    def of(cls, folder: Path, manifest: Manifest) -> "BackupSummary":
        """Return what a manifest comes to."""
        records = {topic: manifest.records(topic) for topic in RESTORED}
        about = (manifest.log_id, manifest.taken, manifest.open_day)
        return cls(str(folder), *about, records, manifest.bytes)


async def back_up(
    kafka: KafkaSettings, postgres: PostgresSettings, folder: Path, wall: Clock, report: Report
) -> BackupSummary:
    """Write a backup of the log on Kafka and of the desk into a new folder, whoever writes meanwhile.

    The desk is read before the log, so that the log has all that the desk decided on.
    Raises `PostgresUnavailableError`, and what `new_backup` and `KafkaBackup.run` raise.
    """
    async with _fetcher(kafka) as fetcher:
        with new_backup(folder) as unfinished:
            copy = KafkaBackup(
                fetcher, unfinished, lambda done, total: report(Step(COPYING, done, total))
            )
            desk = await asyncio.to_thread(dump_desk, postgres, unfinished)
            manifest = await copy.run(wall.now(), desk)
    return BackupSummary.of(folder, manifest)


def checked(folder: Path, report: Report) -> Backup:
    """Return a backup, every byte of which was held against its manifest.

    Raises `BackupUnusableError`.
    """
    manifest, done = read_manifest(folder), 0

    def read(more: int) -> None:
        nonlocal done
        done += more
        report(Step(CHECKING, done, manifest.bytes))

    check_files(folder, manifest, read)
    return Backup(folder, manifest)


async def restore(cluster: Cluster, backup: Backup, report: Report) -> BackupSummary:
    """Bring empty topics to what a backup has; where it stands already, only look.

    Raises:
        OtherPartitionsError, OtherRecordsError, LeftoverError: it does not fit what is there.
        WriterBusyError: another command writes.
        LogUnavailableError: broken off; repeat it, and it goes on.
    """
    done, total = 0, sum(backup.manifest.records(topic) for topic in RESTORED)

    def told(more: int) -> None:
        nonlocal done
        done += more
        report(Step(RESTORING, done, total))

    async with _fetcher(cluster.kafka) as fetcher:
        _refuse_other_partitions(fetcher, backup.manifest)
        work = KafkaRestore(backup, fetcher, told)
        if await work.stands():
            await work.run(nothing_more)
            await _finish(cluster, backup, work)
        else:
            await _write(cluster, backup, fetcher, work)
    return BackupSummary.of(backup.folder, backup.manifest)


async def _write(
    cluster: Cluster, backup: Backup, fetcher: KafkaFetcher, work: KafkaRestore
) -> None:
    async with AsyncExitStack() as opened:
        await refuse_outputs(fetcher)
        await refuse_archive(cluster.postgres)
        client = await open_redis(cluster.redis)
        opened.push_async_callback(client.aclose)
        await refuse_states(client, backup.manifest.log_id)
        lease = WriterLease(client, cluster.kafka.topic_prefix, fresh_id())
        await ask_for_turn(lease)
        turn = await opened.enter_async_context(turn_taken(lease, steps_back=False))
        names = TopicNames(cluster.kafka.topic_prefix)
        topics = [names.of(topic) for topic in RESTORED]
        await asyncio.to_thread(keep_times, cluster.kafka, topics)
        writer = RestoringWriter(TransactionalProducer(cluster.kafka), turn)
        opened.push_async_callback(writer.close)
        await writer.open()
        await work.run(writer.append)
        await _finish(cluster, backup, work)


async def _finish(cluster: Cluster, backup: Backup, work: KafkaRestore) -> None:
    """Bring the desk back where it does not stand yet; then services may start."""
    files = desk_files(backup.manifest)
    if files and not await asyncio.to_thread(holds_desk, cluster.postgres):
        wanted = await asyncio.to_thread(wanted_offsets, backup.folder, files)
        offsets = await work.offsets(wanted)
        await asyncio.to_thread(load_desk, cluster.postgres, backup.folder, files, offsets)
    await asyncio.to_thread(_stamp_times, cluster.kafka)


def _stamp_times(kafka: KafkaSettings) -> None:
    TopicsAsCode(read_topics(), kafka).apply()


def _refuse_other_partitions(fetcher: KafkaFetcher, manifest: Manifest) -> None:
    for topic in RESTORED:
        had, has = len(manifest.of_topic(topic)), fetcher.partitions(topic)
        if had != has:
            raise OtherPartitionsError(
                f"the backup has {had} partitions of {topic}, and the brokers have {has}: set"
                f" HOLDFAST_KAFKA_PARTITIONS={manifest.partitions} as it was, delete the topics, give"
                " `holdfast topics apply`, and restore again"
            )


@asynccontextmanager
async def _fetcher(kafka: KafkaSettings) -> AsyncIterator[KafkaFetcher]:
    fetcher = await KafkaFetcher.open(kafka)
    try:
        yield fetcher
    finally:
        await fetcher.close()
