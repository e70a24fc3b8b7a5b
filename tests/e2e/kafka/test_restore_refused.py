"""A backup that does not fit what is there is refused before anything is written, with the way on."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from infra.backup import kafka_writing
from infra.backup.kafka_standing import OtherRecordsError
from infra.backup.leftovers import LeftoverError
from infra.backup.manifest import BackupUnusableError
from infra.log.kafka_records import Message
from infra.log.kafka_transactions import TimesNotKeptError, TransactionalProducer
from infra.log.writer_lease import WriterLease
from infra.log.writer_turn import ask_for_turn
from infra.mendable import MendableError
from infra.redis.connection import redis_client
from services import distributed_backup
from services.distributed_backup import OtherPartitionsError
from tests.support.backups import everything, forget, identity_of, restored, saved, writer_of
from tests.support.cluster import Cluster
from tests.support.given import DAY, order
from tests.support.world import awaited

NAMES = [f"c{number}" for number in range(12)]


async def a_life(cluster: Cluster) -> None:
    async with writer_of(cluster) as log:
        await log.append([order(name, DAY) for name in NAMES])


def put(cluster: Cluster, message: Message) -> None:
    """Append one record, as the writer does."""
    producer = TransactionalProducer(cluster.settings())
    producer.open()
    producer.commit([message])
    producer.close()


async def another_log(cluster: Cluster, _: str) -> None:
    async with writer_of(cluster) as log:
        await log.append([order(name, DAY) for name in NAMES])


async def a_fact_of_somebody(cluster: Cluster, _: str) -> None:
    await asyncio.to_thread(put, cluster, Message("crm.facts", 2, b"anna", b"{}", []))


async def a_signal(cluster: Cluster, _: str) -> None:
    await asyncio.to_thread(put, cluster, Message("crm.signals", 0, b"anna", b"{}", []))


async def claims(cluster: Cluster, log_id: str) -> None:
    with Redis(port=cluster.redis.port) as client:
        client.set(f"holdfast:{{{log_id}}}:ledger", "")


async def states(cluster: Cluster, log_id: str) -> None:
    with Redis(port=cluster.redis.port) as client:
        client.set(f"holdfast:{{{log_id}:first:0}}:states", "")


async def an_archive(cluster: Cluster, log_id: str) -> None:
    rows = "CREATE TABLE archive (name, value) AS VALUES ('version', '1'), ('log_id', 'x')"
    in_schema(cluster, rows)


async def rows_of_a_console(cluster: Cluster, _: str) -> None:
    in_schema(cluster, "CREATE TABLE console_positions (sequence) AS VALUES (7)")


async def a_course(cluster: Cluster, _: str) -> None:
    in_schema(cluster, "CREATE TABLE course (projection) AS VALUES ('first')")


def in_schema(cluster: Cluster, statement: str) -> None:
    schema = cluster.postgres.db_schema
    with psycopg.connect(cluster.postgres.conninfo) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(f"SET search_path TO {schema}")
        connection.execute(statement)


@pytest.mark.parametrize(
    ("left", "refused", "said"),
    [
        (another_log, OtherRecordsError, "is not what the backup has there"),
        (a_fact_of_somebody, OtherRecordsError, "crm.facts partition 2 offset 0 is not what"),
        (a_signal, LeftoverError, "crm.signals is not empty"),
        (claims, LeftoverError, r"redis-cli --scan --pattern 'holdfast:\{log of lost"),
        (states, LeftoverError, "Redis holds keys of log log of lost"),
        (an_archive, LeftoverError, "DROP SCHEMA .* CASCADE"),
        (a_course, LeftoverError, "archived, learned or decided"),
        (rows_of_a_console, LeftoverError, "archived, learned or decided"),
    ],
)
@awaited
async def test_what_stands_in_the_way_is_named_and_left_as_it_is(
    lost_and_empty: tuple[Cluster, Cluster],
    tmp_path: Path,
    left: Callable[[Cluster, str], Awaitable[None]],
    refused: type[MendableError],
    said: str,
) -> None:
    lost, target = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    forget(lost)
    await left(target, identity_of(lost).log_id)
    before = await everything(target.settings())

    with pytest.raises(refused, match=said):
        await restored(target, tmp_path / "saved")

    assert await everything(target.settings()) == before
    forget(lost)


@awaited
async def test_a_log_that_went_on_since_is_left_as_it_is(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    lost, _ = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    await a_life_goes_on(lost)
    before = await everything(lost.settings())

    with pytest.raises(OtherRecordsError, match=r"goes on at offset .* where the backup has ended"):
        await restored(lost, tmp_path / "saved")

    assert await everything(lost.settings()) == before


async def a_life_goes_on(cluster: Cluster) -> None:
    async with writer_of(cluster) as log:
        await log.append([order(name, DAY + 1) for name in NAMES])


@awaited
async def test_a_damaged_backup_is_refused_before_a_broker_is_asked(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    lost, empty = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    forget(lost)
    file = tmp_path / "saved" / "crm.facts-01.jsonl.gz"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)

    with pytest.raises(BackupUnusableError, match=r"crm.facts-01.jsonl.gz was changed or damaged"):
        await restored(empty, tmp_path / "saved")

    assert not any((await everything(empty.settings())).values())


@awaited
async def test_another_number_of_partitions_is_refused(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    lost, empty = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    empty.delete_topics()
    empty.partitions = 2
    empty.apply_topics()

    with pytest.raises(OtherPartitionsError, match=r"has 3 partitions of crm.facts.*PARTITIONS=3"):
        await restored(empty, tmp_path / "saved")


@awaited
async def test_nothing_is_written_to_topics_that_stamp_times_anew(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, empty = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    forget(lost)
    monkeypatch.setattr(distributed_backup, "keep_times", lambda *_: None)
    monkeypatch.setattr(kafka_writing, "TRIES", 2)

    with pytest.raises(TimesNotKeptError):
        await restored(empty, tmp_path / "saved")

    assert not any((await everything(empty.settings())).values())


@awaited
async def test_while_another_command_writes_nothing_is_written(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, empty = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    forget(lost)
    monkeypatch.setattr(
        distributed_backup, "ask_for_turn", lambda lease: ask_for_turn(lease, seconds=0.5)
    )
    client = redis_client(empty.redis.settings)
    busy = WriterLease(client, empty.prefix, "another command")
    assert await busy.take()

    with pytest.raises(MendableError, match=r"another process writes the log .another command."):
        await restored(empty, tmp_path / "saved")
    assert not any((await everything(empty.settings())).values())
    await client.aclose()
