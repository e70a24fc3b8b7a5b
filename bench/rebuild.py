"""Folding a whole log from zero by a taught model, day steps and commits included, on one core."""

import asyncio
import contextlib
import sqlite3
import time
from pathlib import Path

import msgspec

from bench.made_log import PROJECTION
from bench.synthetic import IDENTITY
from bench.taught import TaughtModels
from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from events.catalogue import REGISTRY
from infra.clock import SystemClock
from infra.log import sqlite_tables as tables
from infra.log.sqlite import SqliteLog
from infra.sqlite.connection import open_reader
from infra.state.port import StoreIdentity
from infra.state.sqlite import SqliteStateStore
from infra.stream.runner import DEFAULT_LIMITS, Partition, PartitionRunner


class Rebuilt(msgspec.Struct, frozen=True):
    """What a rebuild took: on the clock, and of the processor, which a shared machine slows less."""

    seconds: float
    cpu_seconds: float


def rebuild(log_path: Path, projection_path: Path) -> Rebuilt:
    """Fold the log into a new projection file; what an earlier rebuild published is taken away."""
    forget_outputs(log_path)
    projection_path.unlink(missing_ok=True)
    return asyncio.run(_rebuild(log_path, projection_path))


def read_and_decode(log_path: Path) -> float:
    """Return the seconds that a bare loop needs to read and decode the same records."""
    with contextlib.closing(open_reader(log_path, tables.VERSION)) as connection:
        begun, after = time.perf_counter(), -1
        while records := tables.read_facts(connection, after, DEFAULT_LIMITS.records_a_read):
            for record in records:
                REGISTRY.decode(record.type, record.data)
            after = records[-1].offset
        return time.perf_counter() - begun


def forget_outputs(log_path: Path) -> None:
    """Empty the derived topics: a second rebuild would publish under sequences that stand."""
    with contextlib.closing(sqlite3.connect(log_path, isolation_level=None)) as connection:
        for table in tables.TOPIC_TABLES.values():
            connection.execute(f"DELETE FROM {table}")


async def _rebuild(log_path: Path, projection_path: Path) -> Rebuilt:
    fold = CustomerFold(IDENTITY.currency)
    identity = StoreIdentity(IDENTITY.log_id, PROJECTION, fingerprint(fold), 0)
    log = await SqliteLog.open(log_path, SystemClock())
    store = await SqliteStateStore.open(projection_path, identity)
    partition = Partition(PROJECTION, 0)
    runner = PartitionRunner(partition, fold, log, store, models=TaughtModels())
    try:
        await runner.start()
        begun, cpu_begun = time.perf_counter(), time.process_time()
        await runner.catch_up()
        return Rebuilt(time.perf_counter() - begun, time.process_time() - cpu_begun)
    finally:
        runner.close()
        await store.close()
        await log.close()
