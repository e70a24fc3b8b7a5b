"""A log on Kafka saved into a folder, lost, and written back: how fast, and how large."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.figures import Figure, Section
from bench.kafka_mode import KafkaMode, kafka_mode
from bench.made_topics import make_topics
from bench.sizes import Sizes
from infra.backup.folder import new_backup
from infra.backup.kafka_backup import KafkaBackup
from infra.backup.kafka_restore import RESTORED, Backup, KafkaRestore
from infra.backup.kafka_writing import RestoringWriter
from infra.backup.manifest import Manifest, check_files, read_manifest
from infra.clock import SystemClock
from infra.kafka.admin_connection import AdminConnection
from infra.kafka.topic_times import keep_times
from infra.kafka.topics import TopicsAsCode
from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_transactions import TransactionalProducer
from infra.log.writer_turn import WriterTurn
from schemas.topic_files import read_topics

BYTES_A_MEGABYTE = 1_000_000

T = TypeVar("T")


class Taken(msgspec.Struct, frozen=True):
    """What a part took: seconds of the wall's clock, and of this process's processor time."""

    wall: float
    processor: float


class Timed(msgspec.Struct, frozen=True):
    """What each part took, and what was saved."""

    saving: Taken
    checking: Taken
    restoring: Taken
    manifest: Manifest


def backup(sizes: Sizes) -> Section:
    """Fill the topics once, save them, delete them, and write them back."""
    with kafka_mode() as mode:
        made = asyncio.run(make_topics(mode, sizes.streamed))
        timed = _through_the_loss(mode, mode.folder / "saved")
    records = sum(timed.manifest.records(topic) for topic in RESTORED)
    return Section(
        f"Backup and restore on Kafka, {records:,} records in {len(made.ends)} partitions,"
        f" {timed.manifest.bytes / BYTES_A_MEGABYTE:.1f} MB",
        (
            Figure("backup", "records/s", (records / timed.saving.wall,)),
            _processor("backup", timed.saving, records),
            Figure("backup: size", "bytes a record", (timed.manifest.bytes / records,)),
            Figure(
                "restore: every byte checked",
                "MB/s",
                (timed.manifest.bytes / BYTES_A_MEGABYTE / timed.checking.wall,),
            ),
            Figure("restore: written back", "records/s", (records / timed.restoring.wall,)),
            _processor("restore", timed.restoring, records),
        ),
        (f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",),
    )


def _processor(what: str, taken: Taken, records: int) -> Figure:
    return Figure(f"{what}: processor time", "µs a record", (taken.processor / records * 1e6,))


def _through_the_loss(mode: KafkaMode, folder: Path) -> Timed:
    saving, manifest = _taking(lambda: asyncio.run(_save(mode, folder)))
    client = AdminConnection(mode.settings()).client
    for gone in client.delete_topics([topic.name for topic in read_topics()]).values():
        gone.result()
    TopicsAsCode(read_topics(), mode.settings()).apply()
    keep_times(mode.settings(), RESTORED)
    checking, _ = _taking(lambda: check_files(folder, read_manifest(folder), lambda _: None))
    restoring, _ = _taking(lambda: asyncio.run(_restore(mode, Backup(folder, manifest))))
    return Timed(saving, checking, restoring, manifest)


async def _save(mode: KafkaMode, folder: Path) -> Manifest:
    fetcher = await KafkaFetcher.open(mode.settings())
    try:
        with new_backup(folder) as unfinished:
            return await KafkaBackup(fetcher, unfinished, _untold).run(SystemClock().now())
    finally:
        await fetcher.close()


async def _restore(mode: KafkaMode, saved: Backup) -> None:
    fetcher = await KafkaFetcher.open(mode.settings())
    writer = RestoringWriter(TransactionalProducer(mode.settings()), WriterTurn())
    try:
        await writer.open()
        await KafkaRestore(saved, fetcher, lambda _: None).run(writer.append)
    finally:
        await writer.close()
        await fetcher.close()


def _untold(_done: int, _total: int) -> None:
    """Nobody is told how far it is."""


def _taking(work: Callable[[], T]) -> tuple[Taken, T]:
    wall, processor = time.perf_counter(), time.process_time()
    answer = work()
    return Taken(time.perf_counter() - wall, time.process_time() - processor), answer
